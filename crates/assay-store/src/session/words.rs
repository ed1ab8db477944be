//! Words by which conversations are found: letters and digits without their accents, in lower case;
//! in scripts without spaces each sign with the one behind it.

use std::{collections::BTreeSet, ops::Range};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Bytes of a word that count.
const WORD_BYTES_MAX: usize = 48;
/// Words that a search asks for at most; those behind are left out.
const WANTED_MAX: usize = 8;

/// The words of a search, each of which may be the beginning of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedWords(Vec<String>);

impl WantedWords {
    /// The words of what somebody typed.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let mut wanted: Vec<String> = Vec::new();
        for (word, _) in words(typed) {
            if !wanted.contains(&word) {
                wanted.push(word);
            }
        }
        wanted.truncate(WANTED_MAX);
        Self(wanted)
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Of each word the first byte of where it stands in `text`.
    #[must_use]
    pub fn places(&self, text: &str) -> Vec<Option<usize>> {
        let mut places = vec![None; self.0.len()];
        for (word, range) in words(text) {
            for (wanted, place) in self.0.iter().zip(&mut places) {
                if place.is_none() && word.starts_with(wanted.as_str()) {
                    *place = Some(range.start);
                }
            }
        }
        places
    }

    /// Of each word the first bytes that begin with it, and the first behind them.
    pub(super) fn ranges(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let end = |word: &String| {
            // No byte of UTF-8 is 255.
            let mut end = word.as_bytes().to_vec();
            end.push(u8::MAX);
            end
        };
        self.0.iter().map(|word| (word.as_bytes().to_vec(), end(word))).collect()
    }
}

/// The words of a text, each once; `max` at most.
pub(super) fn distinct(text: &str, max: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (word, _) in words(text) {
        if found.len() == max {
            break;
        }
        found.insert(word);
    }
    found
}

/// The words of a text, with where each stands.
fn words(text: &str) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let is_alone = is_without_spaces(character);
        if (is_alone || !character.is_alphanumeric()) && !is_combining_mark(character) {
            end(&mut word, start..at, &mut found);
        }
        if is_alone {
            let next = characters.peek().filter(|(_, next)| is_without_spaces(*next));
            let pair = std::iter::once(character).chain(next.map(|(_, next)| *next)).collect();
            found.push((pair, at..at + character.len_utf8()));
        } else if character.is_alphanumeric() {
            if word.is_empty() {
                start = at;
            }
            let bare = character.nfkd().filter(|it| !is_combining_mark(*it));
            word.extend(bare.flat_map(char::to_lowercase));
        }
    }
    end(&mut word, start..text.len(), &mut found);
    found
}

fn end(word: &mut String, range: Range<usize>, found: &mut Vec<(String, Range<usize>)>) {
    if !word.is_empty() {
        let mut cut = word.len().min(WORD_BYTES_MAX);
        while !word.is_char_boundary(cut) {
            cut -= 1;
        }
        word.truncate(cut);
        found.push((std::mem::take(word), range));
    }
}

/// Whether a character is of a script that is written without spaces.
const fn is_without_spaces(character: char) -> bool {
    matches!(character,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        words(text).into_iter().map(|(word, _)| word).collect()
    }

    #[test]
    fn words_are_found_however_they_are_written() {
        assert_eq!(
            all("Übermäßig, the FERRY-boat of 1883!"),
            ["ubermaßig", "the", "ferry", "boat", "of", "1883"]
        );
        assert_eq!(all("U\u{308}bermut"), all("Übermut"), "composed or not");
        assert_eq!(all("договор №5"), ["договор", "5"]);
        assert_eq!(all("供应合同A"), ["供应", "应合", "合同", "同", "a"]);
        assert_eq!(all(" … "), Vec::<String>::new());
        assert_eq!(all(&"x".repeat(4000))[0].len(), WORD_BYTES_MAX);
    }

    #[test]
    fn a_beginning_is_enough() {
        let wanted = WantedWords::of("ferr GULL");
        assert_eq!(wanted.places("The ferry to Gull Island"), [Some(4), Some(13)]);
        assert_eq!(wanted.places("A seagull"), [None, None]);
        assert_eq!(WantedWords::of("合").places("供应合同"), [Some(6)]);
        assert_eq!(WantedWords::of("a b c d e f g h i j a").len(), WANTED_MAX);
    }
}
