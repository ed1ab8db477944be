//! Words that turn a statement around: negations, quantifiers, modality, opposites.

use super::Mismatch;

/// Whether a word denies, in English or as the usual denial of German, French, Spanish, Italian,
/// Portuguese and Chinese. Of French `ne … pas` only the second word counts.
pub(crate) fn is_negation(word: &str) -> bool {
    word.ends_with("n't")
        || matches!(
            word,
            "not"
                | "no"
                | "never"
                | "without"
                | "neither"
                | "nor"
                | "none"
                | "nobody"
                | "nothing"
                | "nowhere"
                | "cannot"
                | "fail"
                | "fails"
                | "failed"
                | "lack"
                | "lacks"
                | "lacked"
                | "lacking"
                | "unable"
                | "hardly"
                | "barely"
                | "scarcely"
                | "refuse"
                | "refuses"
                | "refused"
                | "deny"
                | "denies"
                | "denied"
                | "neglected"
                | "ceased"
                | "non"
                | "nicht"
                | "kein"
                | "keine"
                | "keiner"
                | "keinen"
                | "keinem"
                | "keines"
                | "nie"
                | "niemals"
                | "ohne"
                | "weder"
                | "pas"
                | "jamais"
                | "aucun"
                | "aucune"
                | "rien"
                | "sans"
                | "nunca"
                | "jamás"
                | "ningún"
                | "ninguna"
                | "tampoco"
                | "sin"
                | "senza"
                | "mai"
                | "nessun"
                | "não"
                | "sem"
                | "不"
                | "没"
                | "沒"
                | "未"
                | "无"
                | "無"
        )
}

/// The class of a quantifier, frequency or bound; two words of one class say about the same.
pub(crate) fn quantifier(word: &str) -> Option<u8> {
    let class = match word {
        "all" | "every" | "each" | "always" | "entire" | "entirely" | "both" | "everyone"
        | "everything" | "whole" | "completely" | "fully" => 0,
        "most" | "majority" | "mostly" | "usually" | "generally" | "largely" | "mainly"
        | "typically" | "primarily" => 1,
        "many" | "several" | "often" | "frequently" | "numerous" | "multiple" | "various" => 2,
        "some" | "sometimes" | "certain" | "occasionally" | "partly" | "partially" => 3,
        "few" | "rarely" | "seldom" | "little" | "fewer" | "minority" => 4,
        "only" | "exclusively" | "solely" => 5,
        "least" | "minimum" | "over" | "exceeding" => 6,
        "up" | "maximum" | "under" | "below" => 7,
        "none" | "no" | "never" => 8,
        "any" | "either" => 9,
        "more" => 10,
        "less" => 11,
        "exactly" | "precisely" => 12,
        "about" | "nearly" | "almost" => 13,
        _ => return None,
    };
    Some(class)
}

/// How sure a statement is of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sureness {
    /// It can be: `may`, `perhaps`, `potential`.
    Possible,
    /// There are grounds: `suggests`, `probably`, `is believed`.
    Probable,
    /// It ought to be: `should`.
    Owed,
    /// It is so without doubt: `will`, `must`, `proves`.
    Certain,
}

/// The sureness that a word expresses.
pub(crate) fn sureness(word: &str) -> Option<Sureness> {
    let roots = |roots: &[&str]| roots.iter().any(|root| is_form(word, root));
    if roots(&["may", "might", "could", "possibl-", "perhaps", "maybe", "potential-", "can"]) {
        Some(Sureness::Possible)
    } else if roots(PROBABLE) {
        Some(Sureness::Probable)
    } else if matches!(word, "should" | "ought" | "need" | "allowed" | "permitted" | "optional") {
        Some(Sureness::Owed)
    } else if roots(CERTAIN) {
        Some(Sureness::Certain)
    } else {
        None
    }
}

const PROBABLE: &[&str] = &[
    "likely",
    "probabl-",
    "suggest-",
    "appear",
    "appears",
    "appeared",
    "seem",
    "seems",
    "seemed",
    "believed",
    "believe",
    "thought",
    "presum-",
    "alleg-",
    "reported",
    "reportedly",
    "suppos-",
    "claimed",
    "claims",
    "expected",
    "estimated",
    "hypothes-",
    "indicat-",
    "planned",
];
const CERTAIN: &[&str] = &[
    "will",
    "must",
    "certain",
    "certainly",
    "definite-",
    "undoubted-",
    "surely",
    "prove",
    "proves",
    "proved",
    "proven",
    "proof",
    "known",
    "confirm-",
    "indisputabl-",
    "undeniabl-",
    "inevitabl-",
    "guarantee-",
    "required",
    "mandatory",
];

/// What it is when one word stands for another that says the opposite.
pub(crate) fn opposition(a: &str, b: &str) -> Option<Mismatch> {
    let within = |group: &[&str], word: &str| group.iter().any(|root| is_form(word, root));
    let opposed =
        |(x, y): &(Group, Group)| (within(x, a) && within(y, b)) || (within(y, a) && within(x, b));
    if ORDERS.iter().any(opposed) {
        Some(Mismatch::Comparative)
    } else if OPPOSITES.iter().any(opposed) || is_denied(a, b) || is_denied(b, a) {
        Some(Mismatch::Negation)
    } else if opposed(&CAUSES) {
        Some(Mismatch::Modality)
    } else {
        None
    }
}

/// Whether `word` belongs to a group: the root itself, or for roots that end in `-` any word that
/// starts with it.
fn is_form(word: &str, root: &str) -> bool {
    root.strip_suffix('-').map_or(word == root, |stem| word.starts_with(stem))
}

/// `unsupported` against `supported`.
fn is_denied(word: &str, plain: &str) -> bool {
    plain.len() > 3
        && ["un", "in", "im", "ir", "il", "dis", "non", "anti"]
            .iter()
            .any(|prefix| word.strip_prefix(prefix) == Some(plain))
}

type Group = &'static [&'static str];

/// More against less, earlier against later, and the ends of other scales; a root that ends in `-`
/// stands for all its forms.
const ORDERS: [(Group, Group); 36] = [
    (
        &[
            "increas-",
            "rise",
            "rises",
            "rose",
            "risen",
            "rising",
            "grew",
            "grow-",
            "gain-",
            "elevat-",
            "upregulat-",
            "improv-",
            "enhanc-",
            "higher",
            "greater",
            "more",
            "larger",
            "boost-",
            "expand-",
            "accelerat-",
            "recover-",
            "exceed-",
            "outperform-",
            "rally",
            "rallied",
            "climb-",
            "soar-",
            "surg-",
            "double",
            "doubled",
            "multiply",
        ],
        &[
            "decreas-",
            "fall",
            "falls",
            "fell",
            "fallen",
            "falling",
            "declin-",
            "reduc-",
            "drop-",
            "lower",
            "lowers",
            "lowered",
            "downregulat-",
            "worsen-",
            "impair-",
            "less",
            "fewer",
            "smaller",
            "shrink-",
            "shrank",
            "diminish-",
            "attenuat-",
            "deteriorat-",
            "slow-",
            "lag-",
            "short",
            "underperform-",
            "plung-",
            "slump-",
            "plummet-",
            "shrunk",
            "halved",
            "weaken-",
        ],
    ),
    (&["high", "highest", "higher"], &["low", "lowest", "lowest", "lower"]),
    (
        &["before", "prior", "preced-", "earlier", "until", "precedes", "previous-"],
        &[
            "after",
            "following",
            "subsequent-",
            "later",
            "since",
            "followed",
            "follows",
            "thereafter",
        ],
    ),
    (
        &["first", "earliest", "initial-", "oldest"],
        &["last", "final-", "latest", "youngest", "newest"],
    ),
    (&["above", "over"], &["below", "under", "beneath"]),
    (&["upper"], &["lower"]),
    (&["largest", "biggest", "greatest"], &["smallest", "least"]),
    (&["large", "big"], &["small"]),
    (&["long", "longer", "longest", "longest"], &["short", "shorter", "shortest"]),
    (&["old", "older", "oldest", "elder"], &["young", "younger", "youngest"]),
    (&["best", "better", "superior"], &["worst", "worse", "inferior"]),
    (&["maximum", "maximal"], &["minimum", "minimal"]),
    (&["major", "majority"], &["minor", "minority"]),
    (&["early"], &["late"]),
    (
        &["strong", "stronger", "strongly", "strongest", "strength"],
        &["weak", "weaker", "weakly", "weakest", "weakness"],
    ),
    (&["fast", "faster", "quick-", "rapid-", "fastest"], &["slow", "slower", "slowly", "slowest"]),
    (&["hot", "warm", "warmer"], &["cold", "cool", "cooler"]),
    (&["wide", "wider", "widest", "broad", "broader"], &["narrow", "narrower", "narrowest"]),
    (&["heavy", "heavier", "heaviest"], &["light", "lighter", "lightest"]),
    (&["rich", "richer", "richest", "wealthy"], &["poor", "poorer", "poorest"]),
    (&["upstream"], &["downstream"]),
    (&["deep", "deeper", "deepest"], &["shallow", "shallower"]),
    (&["thick", "thicker"], &["thin", "thinner"]),
    (
        &["near", "nearer", "nearest", "close", "closer", "closest"],
        &["far", "farther", "farthest", "distant"],
    ),
    (&["expensive", "dearer"], &["cheap", "cheaper", "cheapest"]),
    (&["tall", "taller", "tallest"], &["short", "shorter", "shortest"]),
    (&["smallest"], &["biggest", "largest"]),
    (&["bigger"], &["smaller"]),
    (&["senior"], &["junior"]),
    (&["former"], &["latter"]),
    (&["primary"], &["secondary"]),
    (&["ancient"], &["modern"]),
    (&["earliest"], &["latest"]),
    (&["minimum", "minimal", "least"], &["maximum", "maximal", "most"]),
    (&["ascend-"], &["descend-"]),
    (&["excess", "surplus"], &["deficit", "shortage"]),
];

/// Other opposites met in reports and abstracts.
const OPPOSITES: [(Group, Group); 53] = [
    (
        &[
            "promot-",
            "activat-",
            "induc-",
            "stimulat-",
            "enabl-",
            "facilitat-",
            "trigger-",
            "caus-",
            "allow-",
            "permit-",
        ],
        &[
            "inhibit-",
            "suppress-",
            "prevent-",
            "block-",
            "repress-",
            "inactivat-",
            "disabl-",
            "prohibit-",
            "forbid-",
            "forbad-",
            "forbidden",
            "halt-",
            "abolish-",
        ],
    ),
    (
        &["begin-", "began", "begun", "start-", "open-", "launch-"],
        &["end", "ends", "ended", "ending", "finish-", "clos-", "stop-", "ceas-"],
    ),
    (&["positive", "positively"], &["negative", "negatively"]),
    (&["north", "northern"], &["south", "southern"]),
    (&["east", "eastern"], &["west", "western"]),
    (&["win", "wins", "won", "winning", "victory"], &["los-", "lost", "defeat"]),
    (
        &["male", "man", "men", "boy", "boys", "father", "son", "brother", "husband"],
        &["female", "woman", "women", "girl", "girls", "mother", "daughter", "sister", "wife"],
    ),
    (
        &["success", "successful", "successfully", "succeed-"],
        &["failure", "fail", "failed", "fails"],
    ),
    (&["accept-", "approv-"], &["reject-", "refus-", "denied", "declin-"]),
    (&["support-"], &["oppos-"]),
    (&["present", "presence"], &["absent", "absence"]),
    (&["left"], &["right"]),
    (&["true"], &["false"]),
    (&["buy", "bought", "acquir-", "purchas-"], &["sell", "sold", "sale"]),
    (&["inside", "internal", "indoor"], &["outside", "external", "outdoor"]),
    (&["public"], &["private"]),
    (&["alive", "survive", "survived", "living"], &["dead", "died", "deceased"]),
    (&["beneficial", "benefit-", "protect-"], &["harm-", "detriment-", "damag-"]),
    (&["includ-", "includes"], &["exclud-", "except"]),
    (&["same", "identical", "similar"], &["different", "distinct"]),
    (&["arriv-"], &["depart-", "left"]),
    (&["enter-", "join-"], &["exit-", "quit", "leave", "leaves", "left"]),
    (&["add-", "insert-"], &["remov-", "delet-"]),
    (&["creat-", "construct-", "built"], &["destroy-", "demolish-"]),
    (&["appoint-", "hire", "hired"], &["dismiss-", "fired", "resign-"]),
    (&["married", "marry"], &["divorc-"]),
    (&["born", "birth"], &["died", "death"]),
    (&["profit-"], &["loss", "losses"]),
    (&["permanent-"], &["temporar-"]),
    (&["natural-"], &["artificial-", "synthetic"]),
    (&["simple", "simply"], &["complex", "complicated"]),
    (&["guilty", "convict-"], &["innocent", "acquit-"]),
    (&["allow-", "permit-"], &["bann-", "ban", "forbidden", "prohibit-"]),
    (&["voluntar-", "optional-"], &["mandatory", "compulsory", "obligatory"]),
    (&["import-"], &["export-"]),
    (&["rural"], &["urban"]),
    (&["domestic"], &["foreign"]),
    (&["hard", "harder"], &["soft", "softer"]),
    (&["full", "fully"], &["empty", "partial", "partially"]),
    (&["wet"], &["dry"]),
    (&["bright", "brighter"], &["dark", "darker"]),
    (&["day", "daytime"], &["night", "nighttime"]),
    (&["agree-"], &["disagree-"]),
    (&["confirm-", "verif-", "demonstrat-"], &["refut-", "disprov-", "contradict-"]),
    (&["gain-"], &["los-", "lost"]),
    (
        &["king", "prince", "duke", "actor", "uncle", "nephew"],
        &["queen", "princess", "duchess", "actress", "aunt", "niece"],
    ),
    (&["teacher", "professor"], &["student", "pupil"]),
    (&["ally", "allies", "allied"], &["enemy", "enemies"]),
    (&["attack-"], &["defend-"]),
    (&["active", "actively"], &["passive", "dormant"]),
    (&["with"], &["without"]),
    (&["sensitive", "susceptib-"], &["resistant", "resistance", "immune"]),
    (&["sufficient", "necessary"], &["insufficient", "unnecessary"]),
];

/// What goes together against what brings about.
const CAUSES: (Group, Group) =
    (&["associat-", "correlat-", "linked", "related", "accompan-"], &["caus-", "due", "because"]);
