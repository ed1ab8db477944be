//! Words and signs of a condition written as text.

use super::Fault;

/// One word or sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Letters, digits and most signs without a space.
    Word(String),
    /// A text between quotes.
    Quoted(String),
    /// `(`, `)`, `[`, `]`, `,` or an operator such as `>=`.
    Sign(&'static str),
    /// Nothing follows.
    End,
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(text) => write!(f, "`{text}`"),
            Self::Quoted(text) => write!(f, "the text \"{text}\""),
            Self::Sign(sign) => write!(f, "`{sign}`"),
            Self::End => write!(f, "the end"),
        }
    }
}

/// Longer ones before their beginnings.
const SIGNS: [&str; 14] =
    ["==", "!=", "<>", ">=", "<=", "=", ">", "<", "~", "(", ")", "[", "]", ","];

/// The tokens with the number of characters before each; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut at = 0;
    loop {
        let trimmed = rest.trim_start();
        at += chars(rest, trimmed);
        rest = trimmed;
        let Some(first) = rest.chars().next() else {
            tokens.push((at, Token::End));
            return Ok(tokens);
        };
        let (token, after) = if matches!(first, '"' | '\'') {
            quoted(rest, first, at)?
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            (Token::Sign(sign), rest.get(sign.len()..).unwrap_or_default())
        } else {
            let end = rest.find(ends_word).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if word.is_empty() {
                let hint = "put values with special signs between quotes";
                return Err(Fault { at, what: format!("`{first}` is out of place"), hint });
            }
            (Token::Word(word.to_owned()), after)
        };
        tokens.push((at, token));
        at += chars(rest, after);
        rest = after;
    }
}

fn chars(before: &str, after: &str) -> usize {
    let taken = before.len() - after.len();
    before.get(..taken).unwrap_or_default().chars().count()
}

fn ends_word(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '(' | ')' | '[' | ']' | ',' | '"' | '\'' | '=' | '<' | '>')
        || matches!(c, '!' | '~')
}

/// A text between quotes; a backslash before a quote or a backslash takes its meaning away.
fn quoted(text: &str, quote: char, at: usize) -> Result<(Token, &str), Fault> {
    let mut value = String::new();
    let mut chars = text.chars();
    chars.next();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let next = chars.next();
                if next != Some('\\') && next != Some(quote) {
                    value.push('\\');
                }
                value.extend(next);
            }
            c if c == quote => return Ok((Token::Quoted(value), chars.as_str())),
            c => value.push(c),
        }
    }
    Err(Fault {
        at,
        what: "a quote is opened and not closed".to_owned(),
        hint: "close it, or write \\\" for a quote inside a text",
    })
}
