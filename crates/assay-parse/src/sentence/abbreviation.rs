//! Dots that do not end a sentence.

use super::is_counter;

/// Abbreviations that something follows always: titles, references, explanations.
const BEFORE_MORE: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "rev", "hon", "gen", "col", "lt", "sgt", "capt",
    "cmdr", "maj", "gov", "sen", "rep", "pres", "mme", "mlle", "hr", "fr", "frl", "ing", "dipl",
    "fig", "figs", "eq", "eqs", "eqn", "ref", "refs", "cf", "vs", "viz", "approx", "resp", "ca",
    "e.g", "i.e", "eg", "ie", "z.b", "d.h", "u.a", "bzw", "vgl", "ggf", "inkl", "zzgl", "p.ex",
    "incl", "excl", "esp", "tel", "vol", "vols", "al", "bd", "abb", "tab", "abs", "spp", "var",
    "dept", "univ", "ft", "nr", "rs", "dist", "ave", "blvd",
];

/// Abbreviations that end a sentence unless a number follows.
const BEFORE_NUMBER: &[&str] = &[
    "no", "nos", "p", "pp", "sec", "secs", "ch", "chap", "art", "para", "par", "pt", "op", "cl",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "ed",
    "app", "c", "v", "s", "n", "núm", "pág", "str", "ver", "ex", "eds", "col", "l",
];

/// Words that open sentences far more often than they stand inside a name.
const OPENERS: &[&str] = &[
    "The", "This", "These", "Those", "That", "It", "Its", "In", "On", "At", "He", "She", "They",
    "We", "You", "I", "A", "An", "As", "But", "And", "However", "For", "If", "When", "There",
    "Our", "Their", "His", "Her", "To", "From", "By", "With", "After", "Before", "While", "Since",
    "Although", "Moreover", "Further", "Finally", "No", "All", "Some", "Most", "Each", "Der",
    "Die", "Das", "Es", "Er", "Sie", "Wir", "El", "La", "Le", "Les", "Il", "Los", "Las", "Une",
];

/// Whether the sentence goes on after the dot behind `before`; `following` is the text after the
/// white space.
pub(super) fn goes_on(before: &str, following: &str) -> bool {
    let opens = |c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '‘' | '—' | '/');
    let word = before.rsplit(opens).next().unwrap_or("");
    let earlier = before.get(..before.len() - word.len()).unwrap_or("").trim_end();
    let next = following.split_whitespace().next().unwrap_or("");
    let next_word = next.trim_matches(|c: char| !c.is_alphanumeric());
    if following.is_empty() || word.is_empty() {
        return false;
    }
    // `1. First step`: the counter of an item, not a sentence of its own.
    if earlier.rsplit('\n').next().unwrap_or("").is_empty() && is_counter(&format!("{word}.")) {
        return true;
    }
    let lower = word.to_lowercase();
    if BEFORE_MORE.contains(&lower.as_str()) {
        // `et al. The` ends; `et al. (2019)` and `Fig. 3` do not.
        return lower != "al" || !OPENERS.contains(&next_word);
    }
    if BEFORE_NUMBER.contains(&lower.as_str()) && next.starts_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    let is_dotted = word.contains('.') && word.split('.').all(|part| part.chars().count() <= 2);
    let has_letters = word.chars().any(char::is_alphabetic);
    if is_dotted && has_letters {
        return !OPENERS.contains(&next_word);
    }
    is_initial(word) && is_in_name(earlier) && !OPENERS.contains(&next_word)
}

/// One capital, as in `J. Smith`.
fn is_initial(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
}

/// Whether what stands before an initial lets it be a part of a name: nothing, a capital word,
/// another initial, a comma or a joining word. `vitamin C.` is none.
fn is_in_name(earlier: &str) -> bool {
    let last = earlier.split_whitespace().next_back().unwrap_or("");
    last.is_empty()
        || last.starts_with(char::is_uppercase)
        || last.ends_with([',', '.', ';', ':', '&'])
        || matches!(last, "and" | "by" | "von" | "van" | "de" | "und" | "et" | "y" | "with" | "of")
}
