//! Source code with comments and texts blanked out, so that braces and words in them do not count.

use super::language::{Comments, Family, Language};

/// Bytes of the longest mark of a raw text.
const TAG_MAX: usize = 16;

/// What may be hidden at some place of the code.
enum Hidden {
    Comment(usize),
    Text(usize),
}

/// `code` with the same length, where comments and texts are spaces, their line breaks included: a
/// line break that stays ends a line of code.
///
/// Texts in simple quotes end with their line, whatever they hold, so that one odd quote mark does
/// not swallow the file.
pub(super) fn masked(code: &str, language: &Language) -> String {
    let mut masked = String::with_capacity(code.len());
    if language.comments == Comments::None {
        masked.push_str(code);
        return masked;
    }
    let mut rest = code;
    // The character directly before, and the last one that is no space.
    let (mut before, mut mark) = ('\n', '\n');
    while let Some(first) = rest.chars().next() {
        let hidden = hidden(rest, first, before, mark, language);
        let length = match hidden {
            Some(Hidden::Comment(length) | Hidden::Text(length)) => length,
            None => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(length.min(rest.len())));
        if hidden.is_some() {
            masked.extend(std::iter::repeat_n(' ', piece.len()));
        } else {
            masked.push_str(piece);
        }
        match hidden {
            Some(Hidden::Text(_)) => (before, mark) = ('"', '"'),
            Some(Hidden::Comment(_)) => before = ' ',
            None => {
                before = first;
                mark = if first.is_whitespace() { mark } else { first };
            }
        }
        rest = after;
    }
    masked
}

fn hidden(
    rest: &str,
    first: char,
    before: char,
    mark: char,
    language: &Language,
) -> Option<Hidden> {
    if let Some(length) = comment(rest, before, language.comments) {
        return Some(Hidden::Comment(length));
    }
    let is_word = before.is_alphanumeric() || before == '_';
    let length = match first {
        '"' | '\'' => quoted(rest, first, language),
        '`' => Some(until(rest, 1, "`", true)),
        '$' if language.family == Family::Statement => dollar_quoted(rest),
        'r' | 'R' if !is_word => raw(rest),
        '/' if language.has_regexes() && "\n(=,:!&|?{};[".contains(mark) => {
            Some(until(rest, 1, "/", false))
        }
        _ => None,
    };
    length.map(Hidden::Text)
}

fn comment(rest: &str, before: char, comments: Comments) -> Option<usize> {
    let (lines, block): (&[&str], Option<(&str, &str)>) = match comments {
        Comments::C => (&["//"], Some(("/*", "*/"))),
        Comments::Php => (&["//", "#"], Some(("/*", "*/"))),
        Comments::Hash => (&["#"], None),
        Comments::Sql => (&["--"], Some(("/*", "*/"))),
        Comments::Lua => (&["--"], Some(("--[[", "]]"))),
        Comments::Haskell => (&["--"], Some(("{-", "-}"))),
        Comments::Ml => (&[], Some(("(*", "*)"))),
        Comments::Percent => (&["%"], None),
        Comments::Semicolon => (&[";"], None),
        Comments::Ini => (&[";", "#"], None),
        Comments::None => (&[], None),
    };
    if let Some((open, close)) = block.filter(|(open, _)| rest.starts_with(open)) {
        return Some(raw_until(rest, open.len(), close));
    }
    let mark = lines.iter().find(|mark| rest.starts_with(**mark))?;
    // `$#` of the shell is none, nor is `#[…]` of PHP.
    let stands_apart = before.is_whitespace() || ";({)}".contains(before);
    let opens = *mark != "#" || (stands_apart && !rest.starts_with("#["));
    opens.then(|| rest.find('\n').unwrap_or(rest.len()))
}

fn quoted(rest: &str, quote: char, language: &Language) -> Option<usize> {
    let triple = if quote == '"' { "\"\"\"" } else { "'''" };
    if rest.starts_with(triple) {
        return Some(until(rest, 3, triple, true));
    }
    if quote == '"' || language.has_single_quotes() {
        let close = if quote == '"' { "\"" } else { "'" };
        return Some(until(rest, 1, close, language.family == Family::Statement));
    }
    // A character, not a lifetime or a prime.
    let mut inside = rest.chars().skip(1);
    match (inside.next()?, inside.next()?) {
        ('\\', _) => Some(until(rest, 1, "'", false)),
        (c, '\'') => Some(2 + c.len_utf8()),
        _ => None,
    }
}

/// The text between `$tag$` marks of PostgreSQL.
fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag = rest.get(1..)?.split_once('$')?.0;
    let is_tag = tag.len() <= TAG_MAX && tag.chars().all(|c| c == '_' || c.is_alphanumeric());
    is_tag.then(|| raw_until(rest, tag.len() + 2, &format!("${tag}$")))
}

/// Raw texts: `r#"…"#` of Rust, `R"x(…)x"` of C++, `r"…"` of Python and others.
fn raw(rest: &str) -> Option<usize> {
    let after = rest.get(1..)?;
    let body = after.trim_start_matches('#');
    let hashes = after.len() - body.len();
    let inside = body.strip_prefix('"')?;
    let open = rest.len() - inside.len();
    if rest.starts_with('R') {
        let tag: String = inside.chars().take(TAG_MAX).take_while(|c| *c != '(').collect();
        let is_open = inside.get(tag.len()..).is_some_and(|rest| rest.starts_with('('));
        return is_open.then(|| raw_until(rest, open, &format!("){tag}\"")));
    }
    // Without marks it may also be a text with three quotes.
    (hashes > 0).then(|| raw_until(rest, open, &format!("\"{}", "#".repeat(hashes))))
}

fn raw_until(rest: &str, from: usize, close: &str) -> usize {
    let inside = rest.get(from..).unwrap_or_default();
    inside.find(close).map_or(rest.len(), |at| from + at + close.len())
}

/// Bytes up to the end of `close`, looked for from `from` on; a backslash hides what follows it.
/// Where it does not come, the text goes to the end of the line, or of the file if it `has_lines`.
fn until(rest: &str, from: usize, close: &str, has_lines: bool) -> usize {
    let inside = rest.get(from..).unwrap_or_default();
    let mut is_escaped = false;
    for (at, c) in inside.char_indices() {
        if !is_escaped {
            if !has_lines && c == '\n' {
                return from + at;
            }
            if inside.get(at..).is_some_and(|here| here.starts_with(close)) {
                return from + at + close.len();
            }
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    rest.len()
}
