//! Words that turn a statement around: negations, quantifiers, opposites.

/// Whether a word denies.
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
                | "non"
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

/// Whether two words say opposite things.
pub(crate) fn are_opposite(a: &str, b: &str) -> bool {
    let within = |group: &[&str], word: &str| group.iter().any(|root| is_form(word, root));
    OPPOSITES.iter().any(|(x, y)| (within(x, a) && within(y, b)) || (within(y, a) && within(x, b)))
        || is_denied(a, b)
        || is_denied(b, a)
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

/// Opposites met in reports and abstracts; a root that ends in `-` stands for all its forms.
const OPPOSITES: [(Group, Group); 37] = [
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
        ],
    ),
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
    (&["high", "highest"], &["low", "lowest"]),
    (&["before", "prior", "preced-", "earlier"], &["after", "following", "subsequent-", "later"]),
    (&["first", "earliest", "initial-"], &["last", "final-", "latest"]),
    (
        &["begin-", "began", "begun", "start-", "open-", "launch-"],
        &["end", "ends", "ended", "ending", "finish-", "clos-", "stop-", "ceas-"],
    ),
    (&["positive", "positively"], &["negative", "negatively"]),
    (&["above", "over"], &["below", "under", "beneath"]),
    (&["upper"], &["lower"]),
    (&["north", "northern"], &["south", "southern"]),
    (&["east", "eastern"], &["west", "western"]),
    (&["win", "wins", "won", "winning", "victory"], &["los-", "lost", "defeat"]),
    (
        &["male", "man", "men", "boy", "boys", "father", "son", "brother", "husband"],
        &["female", "woman", "women", "girl", "girls", "mother", "daughter", "sister", "wife"],
    ),
    (&["largest", "biggest", "greatest"], &["smallest", "least"]),
    (&["large", "big"], &["small"]),
    (&["long", "longer", "longest"], &["short", "shorter", "shortest"]),
    (&["old", "older", "oldest", "elder"], &["young", "younger", "youngest"]),
    (&["best", "better"], &["worst", "worse"]),
    (&["maximum", "maximal"], &["minimum", "minimal"]),
    (
        &["success", "successful", "successfully", "succeed-"],
        &["failure", "fail", "failed", "fails"],
    ),
    (&["accept-", "approv-"], &["reject-", "refus-", "denied", "declin-"]),
    (&["support-"], &["oppos-"]),
    (&["present", "presence"], &["absent", "absence"]),
    (&["major", "majority"], &["minor", "minority"]),
    (&["left"], &["right"]),
    (&["early"], &["late"]),
    (&["true"], &["false"]),
    (&["buy", "bought", "acquir-", "purchas-"], &["sell", "sold", "sale"]),
    (&["inside", "internal", "indoor"], &["outside", "external", "outdoor"]),
    (&["public"], &["private"]),
    (&["alive", "survive", "survived", "living"], &["dead", "died", "deceased"]),
    (&["strong", "stronger", "strongly"], &["weak", "weaker", "weakly"]),
    (&["beneficial", "benefit-", "protect-"], &["harm-", "detriment-", "damag-"]),
    (&["fast", "faster", "quick-", "rapid-"], &["slow", "slower", "slowly"]),
    (&["includ-", "includes"], &["exclud-", "except"]),
    (&["same", "identical", "similar"], &["different", "distinct"]),
    (&["hot", "warm", "warmer"], &["cold", "cool", "cooler"]),
];
