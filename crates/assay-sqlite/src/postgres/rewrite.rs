//! Parameters as Postgres writes them.

use std::fmt::Write;

#[cfg(test)]
mod tests;

/// The statement with `$n` for `?` and `?n`, outside of texts and quoted names. A `?` without a number
/// is the one after the highest so far, as in SQLite.
pub(crate) fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 16);
    let mut highest = 0_usize;
    let mut quote = None;
    let mut characters = sql.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, '?') => {
                let mut digits = String::new();
                while let Some(digit) = characters.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                let number = digits.parse().unwrap_or(highest + 1);
                highest = highest.max(number);
                // Writing to a string does not fail.
                let _infallible = write!(out, "${number}");
                continue;
            }
            _ => {}
        }
        out.push(character);
    }
    out
}
