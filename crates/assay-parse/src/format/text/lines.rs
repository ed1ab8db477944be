//! What single lines of plain text look like: headings and list items.

/// The mark that opens a list item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marker {
    /// Columns of white space before it; a tab counts four.
    pub(crate) indent: usize,
    /// Whether it counts the items; it is then a part of their text.
    pub(crate) ordered: bool,
    /// Byte of the line where the text of the item starts.
    pub(crate) text_start: usize,
}

/// The list item that a line opens.
pub(crate) fn item(line: &str) -> Option<Marker> {
    let body = line.trim_start();
    let blank = line.len() - body.len();
    let indent = line.chars().take_while(|c| c.is_whitespace()).map(columns).sum();
    if let Some(rest) = body.strip_prefix(is_bullet).filter(|rest| rest.starts_with([' ', '\t'])) {
        let text_start = line.len() - rest.trim_start().len();
        return (!rest.trim().is_empty()).then_some(Marker { indent, ordered: false, text_start });
    }
    is_counted(body).then_some(Marker { indent, ordered: true, text_start: blank })
}

/// Whether a character is used as a bullet at the start of a line.
pub(crate) fn is_bullet(c: char) -> bool {
    matches!(
        c,
        '-' | '*'
            | '+'
            | '•'
            | '‣'
            | '⁃'
            | '◦'
            | '▪'
            | '▫'
            | '●'
            | '○'
            | '■'
            | '□'
            | '–'
            | '·'
            | '➢'
            | '❖'
            | '✓'
            | '\u{f0b7}'
            | '\u{f0a7}'
    )
}

/// Whether the text opens with a number or letter as lists count: `1.`, `12)`, `(a)`, `b)`.
pub(crate) fn is_counted(text: &str) -> bool {
    let Some((mark, rest)) = text.split_once([' ', '\t']) else { return false };
    let (open, core) = match mark.strip_prefix('(') {
        Some(core) => (true, core),
        None => (false, mark),
    };
    let Some(core) = core.strip_suffix(if open { &[')'][..] } else { &['.', ')'][..] }) else {
        return false;
    };
    let is_number = core.len() <= 3 && core.bytes().all(|byte| byte.is_ascii_digit());
    let is_letter = core.len() == 1 && core.bytes().all(|byte| byte.is_ascii_lowercase());
    !core.is_empty() && (is_number || is_letter) && !rest.trim().is_empty()
}

/// Whether the lines are a list: at least two items, or one that opens the lines. A single item
/// deeper down may be a line of prose that starts with a dash or a number.
pub(crate) fn is_list(lines: &[&str]) -> bool {
    let items = lines.iter().filter(|line| item(line).is_some()).count();
    items >= 2 || lines.first().is_some_and(|line| item(line).is_some_and(|found| !found.ordered))
}

/// The level of the heading that opens the lines, and how many lines it takes: an underlined line,
/// a line with `#`, or a short numbered or capital line alone between blank lines.
pub(crate) fn heading(lines: &[&str]) -> Option<(u8, usize)> {
    let (first, others) = lines.split_first()?;
    let is_rule = |line: &str, mark: char| line.len() >= 3 && line.chars().all(|c| c == mark);
    let is_short = (2..=80).contains(&first.trim().chars().count());
    if let Some(second) = others.first().filter(|_| is_short && item(first).is_none()) {
        for (mark, level) in [('=', 1), ('-', 2), ('~', 3)] {
            if is_rule(second.trim(), mark) {
                return Some((level, 2));
            }
        }
    }
    let is_alone =
        others.is_empty() && is_short && !first.trim().ends_with(['.', ',', ';', ':', '!']);
    if !is_alone {
        return None;
    }
    section_level(first.trim()).or_else(|| is_capital(first).then_some(2)).map(|level| (level, 1))
}

/// The level of a line such as `2.1 Methods` or `CHAPTER 4`.
pub(crate) fn section_level(line: &str) -> Option<u8> {
    let (number, title) = line.split_once(' ')?;
    let parts = number.trim_end_matches('.').split('.');
    let is_number =
        |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let opens_title = title.trim_start().chars().next().is_some_and(char::is_uppercase);
    let has_dot = number.contains('.');
    let levels = parts.clone().count();
    (has_dot && opens_title && parts.clone().all(is_number))
        .then(|| u8::try_from(levels).unwrap_or(6).min(6))
}

fn is_capital(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic());
    letters.clone().count() >= 4 && letters.clone().all(char::is_uppercase)
}

fn columns(c: char) -> usize {
    if c == '\t' { 4 } else { 1 }
}
