//! One spelling for what is written in several ways: width, case, accents, vowel marks.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The text in the normal form NFKC: full-width letters, ligatures and the like become the plain
/// ones.
pub(crate) fn compatible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect())
    }
}

/// Lower case, without the signs that writers leave out at will: joiners, Arabic vowel marks and
/// lengthening; Arabic and Cyrillic letters that are used for each other become one.
pub(crate) fn lower(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let lower = word.to_lowercase();
    lower.chars().filter_map(one_letter).collect()
}

fn one_letter(c: char) -> Option<char> {
    Some(match c {
        // Dot of a lowered Turkish capital, joiners, Arabic marks and lengthening.
        '\u{307}' | '\u{200c}' | '\u{200d}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' => {
            return None;
        }
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ة' => 'ه',
        'ё' => 'е',
        // Nasal signs of Devanagari, and digits that Persian and Hindi write.
        'ँ' => 'ं',
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        '०'..='९' => digit(c, '०'),
        _ => c,
    })
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

/// A lower-case word without accents where Latin or Greek letters carry them; other scripts stay.
pub(crate) fn fold(word: &str) -> Cow<'_, str> {
    if word.is_ascii() || !word.contains(is_accented) {
        return Cow::Borrowed(word);
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            _ => folded.push(c),
        }
    }
    Cow::Owned(folded)
}

/// Letters of Latin and Greek beyond the plain ones, and combining accents.
fn is_accented(c: char) -> bool {
    matches!(c, '\u{df}'..='\u{24f}' | '\u{300}'..='\u{36f}' | '\u{370}'..='\u{3ff}'
        | '\u{1e00}'..='\u{1fff}')
}
