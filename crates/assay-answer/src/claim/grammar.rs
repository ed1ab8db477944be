//! The little grammar that splitting and resolving need: which words open what, and which are verbs
//! for certain. It is for English; in other languages nothing matches, and claims stay whole.

use assay_core::TextRange;

/// A word between spaces, with the punctuation that hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// Where it stands, in bytes of the text it was read from.
    pub(crate) range: TextRange,
    /// As written.
    pub(crate) text: &'a str,
}

impl Word<'_> {
    /// Without the punctuation around it.
    pub(crate) fn bare(&self) -> &str {
        self.text.trim_matches(|c: char| !c.is_alphanumeric())
    }

    /// In lower case, without the punctuation around it.
    pub(crate) fn lower(&self) -> String {
        self.bare().to_lowercase().replace('’', "'")
    }

    /// Whether a pause follows it.
    pub(crate) fn pauses(&self) -> bool {
        self.text.ends_with([',', ';', ':', '.', '?', '!', ')'])
    }

    /// Whether it opens with a capital or a digit in the middle of letters, as names do.
    pub(crate) fn is_name(&self) -> bool {
        self.bare().chars().next().is_some_and(char::is_uppercase)
    }
}

/// The words of a text.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    let mut at = 0;
    let mut found = Vec::new();
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        if !word.is_empty() {
            found.push(Word { range: TextRange::new(at, at + word.len()), text: word });
        }
        at += piece.len();
    }
    found
}

const AUXILIARIES: &str = "is are was were has have had will would can could may might must shall \
    should does do did isn't aren't wasn't weren't hasn't haven't hadn't can't cannot couldn't \
    won't doesn't don't didn't";
/// Past forms that no participle shares, and forms that are rarely anything but a verb.
const PAST: &str = "took began became grew wrote gave went came saw knew fell rose chose drove ate \
    broke flew drew wore won led held built made left lost met paid ran said sold sent spent \
    stood told thought kept found cost costs takes gives makes holds leads shows needs contains \
    includes lies";
const PREPOSITIONS: &str = "in on at by for from to into onto with within about around against \
    between among through during over under after before since until of as per via without";
const SUBORDINATORS: &str = "if when while although though because since after before unless both \
    either neither as once until whether whereas where who which that despite given in on at by \
    for from with during under among between to not";
const DETERMINERS: &str = "a an the this that these those his her its their our your my each every \
    all some no any both one two three";
/// What stands for something said before: in the singular and in the plural.
const SINGULAR: &str = "he she it this his her its him";
const PLURAL: &str = "they these those their them";

pub(crate) fn listed(list: &str, lower: &str) -> bool {
    list.split_ascii_whitespace().any(|word| word == lower)
}

pub(crate) fn is_auxiliary(lower: &str) -> bool {
    listed(AUXILIARIES, lower)
}

pub(crate) fn is_preposition(lower: &str) -> bool {
    listed(PREPOSITIONS, lower)
}

pub(crate) fn is_determiner(lower: &str) -> bool {
    listed(DETERMINERS, lower)
}

pub(crate) fn opens_a_part(lower: &str) -> bool {
    listed(SUBORDINATORS, lower)
}

pub(crate) fn is_pronoun(lower: &str) -> bool {
    listed(SINGULAR, lower) || listed(PLURAL, lower)
}

/// One or several, where grammar tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    One,
    Several,
}

impl Number {
    /// Of a pronoun.
    pub(crate) fn of_pronoun(lower: &str) -> Option<Self> {
        if listed(SINGULAR, lower) {
            Some(Self::One)
        } else if listed(PLURAL, lower) {
            Some(Self::Several)
        } else {
            None
        }
    }

    /// That a verb asks of its subject.
    fn of_verb(lower: &str) -> Option<Self> {
        match lower {
            "is" | "was" | "has" | "does" | "isn't" | "wasn't" | "hasn't" | "doesn't" => {
                Some(Self::One)
            }
            "are" | "were" | "have" | "do" | "aren't" | "weren't" | "haven't" | "don't" => {
                Some(Self::Several)
            }
            _ => None,
        }
    }
}

/// Whether the word at `at` is the verb of a statement for certain: `lowered mortality` is, `based
/// in Oslo` and `, founded 1990` may be participles.
fn is_verb(words: &[Word<'_>], at: usize) -> bool {
    let (Some(word), Some(before)) = (words.get(at), words.get(at.wrapping_sub(1))) else {
        return false;
    };
    let lower = word.lower();
    if is_auxiliary(&lower) || listed(PAST, &lower) {
        return !is_determiner(&before.lower());
    }
    let follows = words.get(at + 1).map(Word::lower).unwrap_or_default();
    lower.len() > 4
        && lower.ends_with("ed")
        && !word.is_name()
        && !before.pauses()
        && !is_determiner(&before.lower())
        && !is_auxiliary(&before.lower())
        && !follows.is_empty()
        && !is_preposition(&follows)
}

/// Words that a subject has at most.
const SUBJECT_WORDS_MAX: usize = 8;

/// The subject that a statement opens with, and its number where grammar tells; none for a statement
/// that opens in another way.
pub(crate) struct Subject {
    /// Words of it.
    pub(crate) len: usize,
    /// One or several.
    pub(crate) number: Option<Number>,
}

/// Reads the subject off the front of a statement.
pub(crate) fn subject(words: &[Word<'_>]) -> Option<Subject> {
    let first = words.first()?.lower();
    if opens_a_part(&first) && !is_determiner(&first) {
        return None;
    }
    let verb = (1..words.len().min(SUBJECT_WORDS_MAX + 1)).find(|&at| is_verb(words, at))?;
    let phrase = words.get(..verb)?;
    let names_something = phrase.iter().any(|word| !is_determiner(&word.lower()));
    if !names_something || phrase.iter().any(Word::pauses) {
        return None;
    }
    let joined = phrase.iter().any(|word| word.lower() == "and");
    let is_name = phrase.iter().all(|word| word.is_name() || word.lower() == "of");
    let number = if joined {
        Some(Number::Several)
    } else {
        let told = words.get(verb).and_then(|word| Number::of_verb(&word.lower()));
        told.or_else(|| (is_name || matches!(first.as_str(), "a" | "an")).then_some(Number::One))
    };
    Some(Subject { len: verb, number })
}
