//! Whether a question says enough to be looked for, and whether what was found is about it at all.

use crate::{
    FoundPassage,
    verify::words::{WordSet, tokens},
};

/// Content words that ask for more of something without saying of what.
const GENERIC: &str = "tell more explain work works working mean means happen happens happened \
    thing things stuff detail details information info else continue example examples know think \
    describe elaborate summary summarise summarize please help question answer";
/// From this cosine between question and passage on they are about the same matter. Over the passages
/// of CLAPnq this and the next value call 95 % of its unanswerable questions related, and 11 % of 150
/// claims of SciFact, of which those passages say nothing.
const RELATED_COSINE: f32 = 0.35;
/// From this share of the question's content words in one passage on they are, too.
const RELATED_WORDS: f32 = 0.5;
/// The same where no vector was compared: then a name that both speak of has to do.
const RELATED_WORDS_ALONE: f32 = 0.33;

/// Whether the question names nothing to look for: `What about it?`, `Tell me more`.
pub(super) fn is_vague(question: &str) -> bool {
    let generic = |word: &str| GENERIC.split_ascii_whitespace().any(|known| known == word);
    tokens(question).iter().all(|token| !token.is_content() || generic(&token.lower))
}

/// The stems of the content words of a text.
pub(super) fn stems(text: &str) -> WordSet<String> {
    let content = tokens(text).into_iter().filter(crate::verify::words::Token::is_content);
    content.map(|token| token.stem).collect()
}

/// Whether a passage is about what is asked.
pub(super) fn is_related(question: &str, found: &[FoundPassage]) -> bool {
    // Scripts that put no space between words: the keyword lane knows better than these words do.
    if question.chars().any(|c| c >= '\u{2e80}') {
        return !found.is_empty();
    }
    let asked = stems(question);
    let by_words = found.iter().all(|found| found.vector_score.is_none());
    let least = if by_words { RELATED_WORDS_ALONE } else { RELATED_WORDS };
    found.iter().any(|found| {
        let passage = &found.passage;
        let near = found.vector_score.is_some_and(|cosine| cosine >= RELATED_COSINE);
        let title = passage.title.as_deref().unwrap_or(&passage.name);
        let said = stems(&format!("{title} {} {}", passage.heading_path.join(" "), passage.text));
        let shared = asked.intersection(&said).count() as f32;
        near || shared >= least * asked.len().max(1) as f32
    })
}
