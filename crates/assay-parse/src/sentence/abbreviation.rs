//! Dots that do not end a sentence.

use super::{
    is_counter,
    words::{BEFORE_LABEL, BEFORE_MORE, BEFORE_NUMBER, BEFORE_ORDINAL, ENDERS, MONTHS, OPENERS},
};

/// Whether the sentence goes on after the dot behind `before`; `following` is the text after the
/// white space.
pub(super) fn goes_on(before: &str, following: &str) -> bool {
    let word = before.rsplit(parts_words).next().unwrap_or("");
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
    let opens = OPENERS.contains(&next_word);
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return is_ordinal(word, earlier, next) && !opens;
    }
    let last = earlier.split_whitespace().next_back().unwrap_or("");
    is_abbreviation(word, last, next, opens)
        || is_first_part(word, next)
        || (is_roman(word) && BEFORE_ORDINAL.contains(&last))
        || (is_initial(word) && !opens && is_in_name(last))
}

/// Marks that a word starts behind.
fn parts_words(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '(' | '[' | '"' | '“' | '„' | '‘' | '‚' | '«' | '»' | '‹' | '›')
        || matches!(c, '—' | '–' | '/' | '\'' | '’' | '¿' | '¡' | ',' | '「' | '（')
}

/// Whether a word and what stands before it are an abbreviation that goes on with `next`.
fn is_abbreviation(word: &str, last: &str, next: &str, opens: bool) -> bool {
    let lower = word.to_lowercase();
    // `z. B.` is one abbreviation; `Dipl.-Ing.` is two.
    let has = |word: &str| BEFORE_MORE.iter().any(|list| list.contains(&word));
    let part = last.strip_suffix('.').unwrap_or("").rsplit(parts_words).next().unwrap_or("");
    let both = format!("{}.{lower}", part.to_lowercase());
    let is_joined = (1..=4).contains(&part.chars().count())
        && word.chars().count() <= 3
        && (has(&both) || !has(&part.to_lowercase()));
    let joined = if is_joined { both } else { lower.clone() };
    if ENDERS.contains(&joined.as_str()) {
        return false;
    }
    let tail = lower.rsplit('-').next().unwrap_or("");
    if has(&joined) || has(&lower) || has(tail) || matches!(word, "M" | "MM") {
        // `et al. The` ends; `et al. (2019)` and `Fig. 3` do not.
        return lower != "al" || !opens;
    }
    // `г. Москва` is a town, `в 1990 г. Он` ends.
    let follows_number = last.ends_with(|c: char| c.is_ascii_digit());
    if lower == "г" && !follows_number {
        return true;
    }
    if BEFORE_NUMBER.contains(&lower.as_str()) && is_number(next) {
        return true;
    }
    // Without spaces a part of three letters is a name of a file or a site.
    let longest = if is_joined { 3 } else { 2 };
    joined.contains('.')
        && joined.split('.').all(|part| part.chars().count() <= longest)
        && !joined.chars().any(char::is_numeric)
        && !opens
}

/// Whether a word is a number in digits or in Roman letters.
fn is_number(next: &str) -> bool {
    let core = next.trim_matches(|c: char| !c.is_alphanumeric());
    next.starts_with('§')
        || core.starts_with(char::is_numeric)
        || (core.len() > 1 && is_roman(core))
}

fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.len() <= 7 && word.bytes().all(|byte| b"IVXLCM".contains(&byte))
}

/// Whether a number with a dot counts what follows: `am 3. Mai`; or is a part of a date such as
/// `2024. 3. 15.`.
fn is_ordinal(word: &str, earlier: &str, next: &str) -> bool {
    let last = earlier.split_whitespace().next_back().unwrap_or("");
    let is_part = |text: &str| {
        text.strip_suffix('.').is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let is_month = MONTHS.contains(&next.trim_matches(['.', ',']).to_lowercase().as_str());
    let counts = BEFORE_ORDINAL.contains(&last.to_lowercase().as_str());
    let is_date = is_part(last) || (word.len() == 4 && is_part(next) && next.len() <= 3);
    is_date || (word.len() <= 3 && counts) || (word.len() <= 2 && is_month)
}

/// Whether a word is the first part of an abbreviation in several, such as `z.` of `z. B.` or `EE.`
/// of `EE. UU.`.
fn is_first_part(word: &str, next: &str) -> bool {
    let letters = word.chars().count();
    let is_short = letters == 1 || (letters == 2 && word.chars().all(char::is_uppercase));
    let next_is_part = next.split_once('.').is_some_and(|(part, _)| {
        (1..=3).contains(&part.chars().count()) && part.chars().all(char::is_alphabetic)
    });
    is_short && next_is_part && word.chars().all(char::is_alphabetic)
}

/// One capital, as in `J. Smith`.
fn is_initial(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
}

/// Whether the word before an initial lets it be a part of a name. `vitamin C.` is none.
fn is_in_name(last: &str) -> bool {
    !BEFORE_LABEL.contains(&last.to_lowercase().as_str())
        && !last.ends_with(|c: char| c.is_numeric() || matches!(c, '=' | '+' | '°'))
}
