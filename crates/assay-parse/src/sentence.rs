//! Where sentences end, by rule: a mark that ends sentences, unless what stands around it says
//! that it belongs to an abbreviation, a number, a name or an address.

use assay_core::TextRange;

mod abbreviation;
#[cfg(test)]
mod tests;
mod words;

/// Splits text into sentences: in order, without overlap, trimmed, and together holding every
/// character that is not white space. Blank lines, list items and table rows end a sentence too.
#[must_use]
pub fn sentences(text: &str) -> Vec<TextRange> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = at + c.len_utf8();
        let end = match c {
            '\n' => ends_line(text, start, at).then_some(after),
            _ if is_final(c) => sentence_end(text, start, at, after),
            _ => None,
        };
        let Some(end) = end else { continue };
        push(text, start, end, &mut ranges);
        start = end;
        while chars.next_if(|(at, _)| *at < end).is_some() {}
    }
    push(text, start, text.len(), &mut ranges);
    ranges
}

fn push(text: &str, start: usize, end: usize, ranges: &mut Vec<TextRange>) {
    let piece = text.get(start..end).unwrap_or("");
    let body = piece.trim();
    if !body.is_empty() {
        let start = start + (piece.len() - piece.trim_start().len());
        ranges.push(TextRange::new(start, start + body.len()));
    }
}

/// Marks that end a sentence.
const fn is_final(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…') || is_final_without_space(c)
}

/// Marks of scripts that put no space between sentences, or never use the mark otherwise.
const fn is_final_without_space(c: char) -> bool {
    matches!(
        c,
        '。' | '！'
            | '？'
            | '｡'
            | '؟'
            | '۔'
            | '।'
            | '॥'
            | '։'
            | '።'
            | '፧'
            | '၊'
            | '။'
            | '‼'
            | '⁇'
    )
}

/// Quotes and brackets that close after the mark and belong to its sentence.
const fn is_closer(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '”'
            | '“'
            | '’'
            | '‘'
            | '»'
            | '«'
            | '›'
            | '‹'
            | ')'
            | ']'
            | '}'
            | '」'
            | '』'
            | '）'
            | '】'
            | '》'
            | '〉'
    )
}

/// Whether a line break ends a sentence: before a blank line or a list item, between table rows.
fn ends_line(text: &str, start: usize, at: usize) -> bool {
    let next = text.get(at + 1..).unwrap_or("");
    let line = next.split('\n').next().unwrap_or("");
    let trimmed = line.trim_start();
    let opens_item =
        trimmed.split_once(' ').is_some_and(|(mark, _)| is_bullet(mark) || is_counter(mark));
    let is_row = |line: &str| line.contains(" | ");
    let before = text.get(start..at).unwrap_or("").rsplit('\n').next().unwrap_or("");
    trimmed.trim().is_empty() || opens_item || (is_row(before) && is_row(line))
}

fn is_bullet(mark: &str) -> bool {
    matches!(mark, "-" | "*" | "•" | "–" | "◦" | "▪" | "●" | "‣" | "·" | "+")
}

/// A list counter such as `3.`, `2.1.`, `b)`, `(iv)`.
fn is_counter(mark: &str) -> bool {
    let core = mark.trim_start_matches('(').trim_end_matches([')', '.']);
    let closed = mark.len() > core.len() && mark.ends_with([')', '.']);
    let is_number = core.split('.').all(|part| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    let is_roman = core.len() <= 4 && core.bytes().all(|byte| b"ivxIVX".contains(&byte));
    let is_letter = core.len() == 1 && core.bytes().all(|byte| byte.is_ascii_alphabetic());
    closed && !core.is_empty() && (is_number || is_roman || is_letter)
}

/// The end of the sentence whose mark stands at `at`, closers included; none when it goes on.
fn sentence_end(text: &str, start: usize, at: usize, after: usize) -> Option<usize> {
    let rest = text.get(after..)?;
    let marks = rest.len() - rest.trim_start_matches(is_final).len();
    let tail = rest.get(marks..)?;
    let before = text.get(start..at)?;
    let closers = closers(before, tail);
    let end = after + marks + closers;
    let next = text.get(end..)?;
    let run = text.get(at..after + marks)?;
    if run.chars().any(is_final_without_space) {
        return (closers == 0 || !goes_on_after_quote(next)).then_some(end);
    }
    if !next.is_empty() && !next.starts_with(char::is_whitespace) {
        return None;
    }
    let following = next.trim_start();
    let head = following.trim_start_matches(|c: char| opens_quote(c) || c.is_whitespace());
    // A script without capitals says nothing of the words of another that follow.
    let has_case = |c: char| c.is_lowercase() || c.is_uppercase() || !c.is_alphabetic();
    if before.ends_with(has_case)
        && head.starts_with(char::is_lowercase)
        && !starts_camel_case(head)
    {
        return None;
    }
    let is_single_dot = run == ".";
    let goes_on = is_single_dot && closers == 0 && abbreviation::goes_on(before, following);
    (!goes_on).then_some(end)
}

/// Bytes of the quotes and brackets that close behind a mark. French sets a space before `»`, which
/// only closes where `«` is open: others open with it.
fn closers(before: &str, tail: &str) -> usize {
    let bare = tail.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let is_open = before.matches('«').count() > before.matches('»').count();
    let from = if bare.starts_with('»') && is_open { bare } else { tail };
    tail.len() - from.trim_start_matches(is_closer).len()
}

/// Marks that may stand before the first word of a sentence.
const fn opens_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '„'
            | '‘'
            | '‚'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '('
            | '['
            | '¿'
            | '¡'
            | '—'
            | '–'
    )
}

/// Whether Chinese or Japanese goes on behind a quote that ends like a sentence: with a particle, a
/// comma or the one who said it.
fn goes_on_after_quote(next: &str) -> bool {
    let particles = ['と', 'は', 'が', 'を', 'の', 'に', 'も', 'っ', 'な', '，', '、', ',', '；'];
    let said = |c: char| matches!(c, '说' | '説' | '說' | '道' | '问' | '問' | '喊' | '答' | '叫');
    next.starts_with(particles) || next.chars().take(4).any(said)
}

/// Names such as `iPhone` or `mRNA` may open a sentence in lower case.
fn starts_camel_case(head: &str) -> bool {
    let word = head.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    word.chars().skip(1).any(char::is_uppercase)
}
