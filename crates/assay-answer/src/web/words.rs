//! The words of a question: those that leave the machine, and those that pages are compared by.

use crate::verify::words::{WordSet, tokens};

/// Words sent at most: the sources look for all of them, so that more find less.
const SENT_MAX: usize = 10;
/// Characters sent at most.
const SENT_CHARS_MAX: usize = 200;

/// The question without what the sources would only stumble over: punctuation, operators of their
/// own, and in English the words that carry grammar.
pub(super) fn to_send(question: &str, language: &str) -> String {
    let words =
        question.split(|c: char| c.is_whitespace() || "\"'`()[]{}<>?!,;:|&*~^=".contains(c));
    let words: Vec<&str> = words
        .map(|word| word.trim_matches(|c: char| c == '-' || c == '/' || c == '\\'))
        // The name of a language such as `C#` or `.NET` keeps its sign; a full stop goes.
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .collect();
    let content = |word: &&str| tokens(word).iter().any(|token| token.is_content());
    let kept: Vec<&str> =
        if language == "en" { words.iter().copied().filter(content).collect() } else { Vec::new() };
    let kept = if kept.is_empty() { words } else { kept };
    let sent = kept.into_iter().take(SENT_MAX).collect::<Vec<_>>().join(" ");
    sent.chars().take(SENT_CHARS_MAX).collect()
}

/// The content words of a question, as stems; of scripts without spaces, pairs of characters.
#[derive(Debug, Clone)]
pub(super) struct Asked(Vec<String>);

impl Asked {
    pub(super) fn of(question: &str) -> Self {
        let mut stems: Vec<String> = stems(question).into_iter().collect();
        stems.sort_unstable();
        Self(stems)
    }

    /// Which of them stand in a text.
    pub(super) fn found_in(&self, text: &str) -> Vec<bool> {
        let stems = stems(text);
        self.0.iter().map(|stem| stems.contains(stem)).collect()
    }
}

fn stems(text: &str) -> WordSet<String> {
    let mut stems = WordSet::default();
    for token in tokens(text).into_iter().filter(|token| token.is_content()) {
        if token.lower.chars().any(is_unspaced) {
            let chars: Vec<char> = token.lower.chars().collect();
            stems.extend(chars.windows(2).map(|pair| pair.iter().collect()));
        } else {
            stems.insert(token.stem);
        }
    }
    stems
}

/// Han, kana, Thai, Lao, Khmer.
const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    //! What is sent.

    use super::*;

    #[test]
    fn only_words_that_say_something_are_sent() {
        let sent = to_send("How do I sort an array of numbers in C# (descending)?", "en");
        assert_eq!(sent, "sort array numbers C# descending");
        assert_eq!(to_send("Is it user:admin OR \"x\"?", "en"), "user admin x");
        assert_eq!(to_send("Who are you?", "en"), "Who are you");
        assert_eq!(to_send("Wie hoch ist der Montblanc?", "de"), "Wie hoch ist der Montblanc");
        assert!(to_send(&"word ".repeat(900), "en").chars().count() <= SENT_CHARS_MAX);
    }

    #[test]
    fn scripts_without_spaces_are_compared_by_pairs() {
        let asked = Asked::of("長江有多長");
        let found = asked.found_in("長江長6300公里");
        assert!(found.iter().any(|&is| is) && !found.iter().all(|&is| is), "{found:?}");
    }
}
