//! Another name: of the same page, of elsewhere, another first or last name.

use super::{Edit, Scene, date::MONTHS, words::Word};

/// Names of a text: runs of capitalised words that do not open it.
pub(super) fn names(sentence: &str) -> Vec<String> {
    let words = super::words(sentence);
    runs(sentence, &words)
        .iter()
        .filter_map(|run| {
            let (first, last) = (words.get(run.start)?, words.get(run.end - 1)?);
            Some(sentence.get(first.at.start..last.at.end)?.to_owned())
        })
        .collect()
}

/// Ranges of words that make up names.
fn runs(sentence: &str, words: &[Word<'_>]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let before = sentence.get(..word.at.start).unwrap_or_default();
        let opens = before.trim_end().is_empty()
            || before.trim_end().ends_with(['.', '!', '?', ':', '"', '“', '(', '#', '•', '`']);
        let named = word.is_capital()
            && !MONTHS.contains(&word.text)
            && !NOT_NAMES.contains(&word.text)
            && !opens;
        if !named {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == at && before.ends_with(' ') => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// Capitalised words that name nobody.
const NOT_NAMES: [&str; 22] = [
    "The", "This", "That", "These", "However", "But", "And", "For", "From", "With", "When",
    "While", "After", "Before", "During", "Although", "His", "Her", "Their", "There", "Some",
    "Results",
];

/// Changes of the names of a sentence.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let words = scene.words.clone();
    let mut edits = Vec::new();
    for run in runs(scene.sentence, &words) {
        let (Some(first), Some(last)) = (words.get(run.start), words.get(run.end - 1)) else {
            continue;
        };
        let whole = first.at.start..last.at.end;
        let text = "an unnamed rival".to_owned();
        edits.push(Edit { at: whole.clone(), text, rule: "name/nobody" });
        for (pool, rule) in [(scene.page_names, "name/of_the_page"), (scene.names, "name/foreign")]
        {
            let Some(other) = scene.random.pick(pool).filter(|name| fits(scene.sentence, name))
            else {
                continue;
            };
            edits.push(Edit { at: whole.clone(), text: other.clone(), rule });
            if run.len() < 2 || rule == "name/of_the_page" {
                continue;
            }
            let part = |word: &Word<'_>, new: Option<&str>, rule| {
                new.map(|new| Edit::swap(word, new, rule))
            };
            edits.extend(part(last, other.split(' ').next_back(), "name/last"));
            edits.extend(part(first, other.split(' ').next(), "name/first"));
        }
    }
    for word in &words {
        let acronym = word.text.len() > 2 && word.text.chars().all(|c| c.is_ascii_uppercase());
        let mut letters: Vec<char> = word.text.chars().collect();
        if acronym
            && let [.., a, b] = letters.as_mut_slice()
            && a != b
        {
            std::mem::swap(a, b);
            let new: String = letters.into_iter().collect();
            edits.push(Edit::swap(word, new, "name/acronym"));
        }
    }
    edits
}

/// Whether none of the name's words stands in the sentence already.
fn fits(sentence: &str, name: &str) -> bool {
    name.split(' ').all(|word| !sentence.contains(word))
}
