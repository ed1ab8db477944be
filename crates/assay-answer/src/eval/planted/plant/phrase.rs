//! Quantifiers, comparatives and modality: one phrase for another.

use super::{Edit, Kind, Scene};

/// Phrase, what takes its place, and the rule. A phrase before a number needs one: `over #`.
type Swap = (&'static str, &'static str, &'static str);

#[rustfmt::skip]
const QUANTIFIERS: [Swap; 45] = [
    ("all", "some", "quantifier/word"), ("all", "few", "quantifier/word"),
    ("most", "few", "quantifier/word"), ("some", "all", "quantifier/word"),
    ("many", "few", "quantifier/word"), ("few", "many", "quantifier/word"),
    ("always", "sometimes", "quantifier/word"), ("often", "rarely", "quantifier/word"),
    ("usually", "rarely", "quantifier/word"), ("sometimes", "always", "quantifier/word"),
    ("both", "neither of", "quantifier/word"), ("only", "not only", "quantifier/only"),
    ("at least", "at most", "quantifier/bound"), ("at most", "at least", "quantifier/bound"),
    ("more than", "less than", "quantifier/bound"), ("less than", "more than", "quantifier/bound"),
    ("every", "almost no", "quantifier/rare_word"), ("several", "no", "quantifier/rare_word"),
    ("each", "only one", "quantifier/rare_word"), ("majority", "minority", "quantifier/rare_word"),
    ("minority", "majority", "quantifier/rare_word"), ("none", "all", "quantifier/rare_word"),
    ("a few", "all", "quantifier/rare_word"), ("entire", "partial", "quantifier/rare_word"),
    ("frequently", "seldom", "quantifier/rare_word"), ("generally", "never", "quantifier/rare_word"),
    ("mainly", "never", "quantifier/rare_word"), ("primarily", "occasionally", "quantifier/rare_word"),
    ("numerous", "no", "quantifier/rare_word"),
    ("up to", "at least", "quantifier/rare_bound"), ("over #", "under", "quantifier/rare_bound"),
    ("about #", "exactly", "quantifier/rare_bound"), ("nearly", "more than", "quantifier/rare_bound"),
    ("approximately", "exactly", "quantifier/rare_bound"), ("around #", "at most", "quantifier/rare_bound"),
    ("all", "half of the", "quantifier/other_phrase"),
    ("most", "a handful of", "quantifier/other_phrase"),
    ("many", "hardly any", "quantifier/other_phrase"),
    ("often", "once", "quantifier/other_phrase"),
    ("always", "at times", "quantifier/other_phrase"),
    ("only", "mainly", "quantifier/other_phrase"),
    ("several", "two", "quantifier/other_phrase"),
    ("usually", "on occasion", "quantifier/other_phrase"),
    ("some", "the whole of", "quantifier/other_phrase"),
    ("few", "countless", "quantifier/other_phrase"),
];

#[rustfmt::skip]
const COMPARATIVES: [Swap; 58] = [
    ("higher", "lower", "comparative/common"), ("lower", "higher", "comparative/common"),
    ("increased", "decreased", "comparative/common"), ("decreased", "increased", "comparative/common"),
    ("increase", "decrease", "comparative/common"), ("more", "less", "comparative/common"),
    ("less", "more", "comparative/common"), ("greater", "smaller", "comparative/common"),
    ("larger", "smaller", "comparative/common"), ("smaller", "larger", "comparative/common"),
    ("before", "after", "comparative/time"), ("after", "before", "comparative/time"),
    ("earlier", "later", "comparative/time"), ("later", "earlier", "comparative/time"),
    ("above", "below", "comparative/common"), ("below", "above", "comparative/common"),
    ("longer", "shorter", "comparative/common"), ("shorter", "longer", "comparative/common"),
    ("better", "worse", "comparative/common"), ("largest", "smallest", "comparative/common"),
    ("highest", "lowest", "comparative/common"), ("reduced", "increased", "comparative/common"),
    ("first", "last", "comparative/common"), ("older", "younger", "comparative/common"),
    ("rose", "fell", "comparative/rare"), ("fell", "rose", "comparative/rare"),
    ("improved", "deteriorated", "comparative/rare"), ("exceeded", "fell short of", "comparative/rare"),
    ("outperformed", "lagged behind", "comparative/rare"), ("faster", "slower", "comparative/rare"),
    ("slower", "faster", "comparative/rare"), ("maximum", "minimum", "comparative/rare"),
    ("wider", "narrower", "comparative/rare"), ("stronger", "weaker", "comparative/rare"),
    ("best", "worst", "comparative/rare"), ("oldest", "youngest", "comparative/rare"),
    ("latest", "earliest", "comparative/rare"), ("preceded", "followed", "comparative/rare"),
    ("followed by", "preceded by", "comparative/rare"), ("prior to", "following", "comparative/rare"),
    ("until", "since", "comparative/rare"), ("northern", "southern", "comparative/rare"),
    ("heavier", "lighter", "comparative/rare"), ("richest", "poorest", "comparative/rare"),
    ("accelerated", "slowed", "comparative/rare"), ("upstream", "downstream", "comparative/rare"),
    ("increased", "stagnated", "comparative/other_phrase"),
    ("higher", "comparable", "comparative/other_phrase"),
    ("larger", "tinier", "comparative/other_phrase"),
    ("before", "long after", "comparative/other_phrase"),
    ("after", "ahead of", "comparative/other_phrase"),
    ("decreased", "stayed level", "comparative/other_phrase"),
    ("lower", "unmatched", "comparative/other_phrase"),
    ("more than", "no more than", "comparative/other_phrase"),
    ("largest", "second largest", "comparative/other_phrase"),
    ("first", "penultimate", "comparative/other_phrase"),
    ("reduced", "left unaltered", "comparative/other_phrase"),
    ("better", "no better", "comparative/other_phrase"),
];

#[rustfmt::skip]
const MODALITY: [Swap; 34] = [
    ("may", "will", "modality/verb"), ("might", "will", "modality/verb"),
    ("could", "must", "modality/verb"), ("must", "may", "modality/verb"),
    ("may be", "is", "modality/verb"), ("should", "need not", "modality/verb"),
    ("likely", "certainly", "modality/adverb"), ("suggests", "proves", "modality/claim"),
    ("suggest", "prove", "modality/claim"), ("suggested", "proved", "modality/claim"),
    ("associated with", "caused by", "modality/cause"), ("can", "must", "modality/rare"),
    ("will", "might", "modality/rare"), ("probably", "definitely", "modality/rare"),
    ("perhaps", "certainly", "modality/rare"), ("potential", "proven", "modality/rare"),
    ("believed", "known", "modality/rare"), ("appears to", "is certain to", "modality/rare"),
    ("appear to", "are certain to", "modality/rare"), ("thought to", "proven to", "modality/rare"),
    ("correlated with", "caused by", "modality/rare"), ("possible", "certain", "modality/rare"),
    ("linked to", "caused by", "modality/rare"), ("claimed", "proved", "modality/rare"),
    ("required", "allowed", "modality/rare"), ("allegedly", "undoubtedly", "modality/rare"),
    ("may", "is bound to", "modality/other_phrase"),
    ("could", "is guaranteed to", "modality/other_phrase"),
    ("suggests", "leaves no doubt", "modality/other_phrase"),
    ("suggest", "leave no doubt", "modality/other_phrase"),
    ("likely", "beyond question", "modality/other_phrase"),
    ("might", "invariably", "modality/other_phrase"),
    ("should", "is free to", "modality/other_phrase"),
    ("must", "is free to", "modality/other_phrase"),
];

/// Changes of one kind that put a phrase in another's place.
pub(super) fn edits(scene: &Scene<'_>, kind: Kind) -> Vec<Edit> {
    let swaps: &[Swap] = match kind {
        Kind::Quantifier => &QUANTIFIERS,
        Kind::Comparative => &COMPARATIVES,
        _ => &MODALITY,
    };
    let mut edits = Vec::new();
    for (phrase, new, rule) in swaps {
        let parts: Vec<&str> = phrase.split(' ').collect();
        for window in scene.words.windows(parts.len()) {
            let same = window.iter().zip(&parts).all(|(word, part)| {
                let month = word.text == "May";
                if *part == "#" { word.is_number() } else { word.lower == *part && !month }
            });
            let kept = usize::from(phrase.ends_with('#'));
            let last = window.len().checked_sub(1 + kept).and_then(|at| window.get(at));
            if let (true, Some(first), Some(last)) = (same, window.first(), last) {
                let text = cased(first.text, new);
                edits.push(Edit { at: first.at.start..last.at.end, text, rule });
            }
        }
    }
    edits
}

/// `new` with a capital when what it replaces has one.
fn cased(old: &str, new: &str) -> String {
    let capital = old.starts_with(char::is_uppercase);
    let mut chars = new.chars();
    match chars.next().filter(|_| capital) {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => new.to_owned(),
    }
}
