//! The words of an expression.

use crate::exposition::quoted_text;

/// A word and the byte where it starts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Word {
    pub(crate) at: usize,
    pub(crate) token: Token,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Number(f64),
    /// A duration in milliseconds.
    Duration(i64),
    Name(String),
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
}

const SIGNS: [&str; 22] = [
    "=~", "!~", "!=", "==", ">=", "<=", ">", "<", "=", "+", "-", "*", "/", "(", ")", "{", "}", "[",
    "]", ",", "%", "^",
];

/// Cuts a text into words.
pub(crate) fn words(text: &str) -> Result<Vec<Word>, (usize, String)> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = word(rest).map_err(|what| (at, what))?;
        all.push(Word { at, token });
        at += length;
    }
    Ok(all)
}

fn word(rest: &str) -> Result<(Token, usize), String> {
    let first = rest.chars().next().unwrap_or(' ');
    if let Some(inside) = rest.strip_prefix('"') {
        let (value, behind) = quoted_text(inside).ok_or("the text has no closing quote")?;
        return Ok((Token::Text(value), rest.len() - behind.len()));
    }
    if first.is_ascii_digit() {
        return number(rest);
    }
    if first.is_ascii_alphabetic() || first == '_' || first == ':' {
        let length = length_of(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
        return Ok((Token::Name(rest.get(..length).unwrap_or("").to_owned()), length));
    }
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(sign) => Ok((Token::Sign(sign), sign.len())),
        None => Err(format!("`{first}` means nothing here")),
    }
}

fn number(rest: &str) -> Result<(Token, usize), String> {
    let length = length_of(rest, |c| c.is_ascii_alphanumeric() || c == '.');
    let text = rest.get(..length).unwrap_or("");
    if let Ok(value) = text.parse::<f64>() {
        return Ok((Token::Number(value), length));
    }
    let duration =
        duration(text).ok_or_else(|| format!("`{text}` is no number and no duration"))?;
    Ok((Token::Duration(duration), length))
}

/// A duration such as `5m` or `1h30m`, in milliseconds.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = length_of(rest, |c| c.is_ascii_digit());
        let (count, behind) = rest.split_at_checked(digits)?;
        let letters = length_of(behind, |c| c.is_ascii_alphabetic());
        let (unit, behind) = behind.split_at_checked(letters)?;
        let unit: i64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 7 * 86_400_000,
            _ => return None,
        };
        total = total.checked_add(count.parse::<i64>().ok()?.checked_mul(unit)?)?;
        rest = behind;
    }
    (total > 0).then_some(total)
}

fn length_of(text: &str, goes_on: impl Fn(char) -> bool) -> usize {
    text.find(|c| !goes_on(c)).unwrap_or(text.len())
}
