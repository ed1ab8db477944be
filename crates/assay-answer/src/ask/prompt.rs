//! What a model that writes is asked: the instructions are a file, the passages are data.
//!
//! A passage stands between tags that no passage can forge: whatever looks like one of the tags
//! inside a text loses its bracket.

use assay_gateway::{ChatRequest, Message, Role};

use crate::FoundPassage;

const WRITE: &str = include_str!("prompt.md");
const REWRITE: &str = include_str!("rewrite.md");
/// Names of the tags that hold data.
const TAGS: [&str; 4] = ["passage", "question", "asked", "answered"];

/// The request for an answer.
pub(super) fn write<'a>(
    question: &str,
    passages: impl Iterator<Item = &'a FoundPassage>,
    max_tokens: u32,
) -> ChatRequest {
    let mut content = String::new();
    for (number, found) in (1..).zip(passages) {
        let passage = &found.passage;
        let title = line(passage.title.as_deref().unwrap_or(&passage.name));
        let text = untagged(&passage.text);
        content.push_str(&format!("<passage {number}: {title}>\n{text}\n</passage>\n\n"));
    }
    content.push_str(&format!("<question>\n{}\n</question>", untagged(question.trim())));
    request(WRITE, content, max_tokens)
}

/// The request for a question that stands alone.
pub(super) fn rewrite(question: &str, history: &[super::Exchange], max_tokens: u32) -> ChatRequest {
    let mut content = String::new();
    for exchange in history {
        let (asked, answered) = (untagged(&exchange.question), untagged(&exchange.answer));
        content.push_str(&format!(
            "<asked>\n{asked}\n</asked>\n<answered>\n{answered}\n</answered>\n\n"
        ));
    }
    content.push_str(&format!("<question>\n{}\n</question>", untagged(question.trim())));
    request(REWRITE, content, max_tokens)
}

fn request(instructions: &str, content: String, max_tokens: u32) -> ChatRequest {
    ChatRequest {
        messages: vec![
            Message { role: Role::System, content: instructions.to_owned() },
            Message { role: Role::User, content },
        ],
        max_tokens,
        temperature: 0.0,
    }
}

/// A title on one line, without what would end its tag.
fn line(title: &str) -> String {
    let words = title.replace(['<', '>'], " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text with `(` in the place of the bracket of everything that looks like one of the tags.
fn untagged(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        safe.push_str(before);
        let name = after.trim_start_matches(|c: char| c == '/' || c.is_whitespace());
        let is_tag = TAGS
            .iter()
            .any(|tag| name.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)));
        safe.push(if is_tag { '(' } else { '<' });
        rest = after;
    }
    safe.push_str(rest);
    safe
}

#[cfg(test)]
mod tests;
