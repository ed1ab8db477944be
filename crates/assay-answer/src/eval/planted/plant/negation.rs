//! A denial put in or taken out.

use super::{Edit, Scene};

const AUXILIARIES: [&str; 16] = [
    "is", "are", "was", "were", "has", "have", "had", "can", "could", "will", "would", "may",
    "might", "must", "should", "does",
];
/// Past forms with what stands behind `did not`.
#[rustfmt::skip]
const PAST: [(&str, &str); 40] = [
    ("increased", "increase"), ("reduced", "reduce"), ("improved", "improve"), ("showed", "show"),
    ("produced", "produce"), ("induced", "induce"), ("caused", "cause"), ("played", "play"),
    ("received", "receive"), ("released", "release"), ("moved", "move"), ("joined", "join"),
    ("remained", "remain"), ("reached", "reach"), ("included", "include"), ("became", "become"),
    ("wrote", "write"), ("won", "win"), ("led", "lead"), ("began", "begin"), ("made", "make"),
    ("took", "take"), ("went", "go"), ("found", "find"), ("gave", "give"), ("died", "die"),
    ("lived", "live"), ("worked", "work"), ("appeared", "appear"), ("returned", "return"),
    ("started", "start"), ("announced", "announce"), ("identified", "identify"),
    ("demonstrated", "demonstrate"), ("inhibited", "inhibit"), ("opened", "open"),
    ("founded", "found"), ("served", "serve"), ("enhanced", "enhance"), ("used", "use"),
];
#[rustfmt::skip]
const DENIED: [(&str, &str); 22] = [
    ("likely", "unlikely"), ("known", "unknown"), ("successful", "unsuccessful"),
    ("important", "unimportant"), ("common", "uncommon"), ("possible", "impossible"),
    ("direct", "indirect"), ("dependent", "independent"), ("significant", "insignificant"),
    ("effective", "ineffective"), ("complete", "incomplete"), ("active", "inactive"),
    ("available", "unavailable"), ("official", "unofficial"), ("usual", "unusual"),
    ("able", "unable"), ("legal", "illegal"), ("regular", "irregular"), ("similar", "dissimilar"),
    ("affected", "unaffected"), ("related", "unrelated"), ("changed", "unchanged"),
];

/// Changes that deny what a sentence says, or say what it denies.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let words = &scene.words;
    let mut edits = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let lower = word.lower.as_str();
        let next = words.get(at + 1).map_or("", |next| next.lower.as_str());
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        let before = before.map_or("", |before| before.lower.as_str());
        if matches!(lower, "not" | "never") && next != "only" {
            let start = scene.sentence.get(..word.at.start).map_or(0, |text| text.trim_end().len());
            let at = start..word.at.end;
            edits.push(Edit { at, text: String::new(), rule: "negation/removed" });
        }
        if AUXILIARIES.contains(&lower) && !matches!(next, "not" | "never" | "n" | "no") {
            for (adverb, rule) in [
                (" not", "negation/not"),
                (" never", "negation/never"),
                (" no longer", "negation/no_longer"),
                (" hardly", "negation/hardly"),
                (" by no means", "negation/other_phrase"),
                (" anything but", "negation/other_phrase"),
                (" far from", "negation/other_phrase"),
                (" in no way", "negation/other_phrase"),
            ] {
                let at = word.at.end..word.at.end;
                edits.push(Edit { at, text: adverb.to_owned(), rule });
            }
        }
        let verb = !AUXILIARIES.contains(&before) && !matches!(before, "be" | "been" | "not" | "");
        if verb && let Some((_, base)) = PAST.iter().find(|(past, _)| *past == lower) {
            for (denial, rule) in [
                ("did not", "negation/did_not"),
                ("failed to", "negation/failed_to"),
                ("refused to", "negation/refused_to"),
                ("stopped short of wanting to", "negation/other_verb"),
                ("was unwilling to", "negation/other_verb"),
            ] {
                edits.push(Edit::swap(word, format!("{denial} {base}"), rule));
            }
        }
        if let Some((_, denied)) = DENIED.iter().find(|(plain, _)| *plain == lower) {
            edits.push(Edit::swap(word, *denied, "negation/prefix"));
        }
        if lower == "with" {
            edits.push(Edit::swap(word, "without", "negation/without"));
        }
    }
    edits
}
