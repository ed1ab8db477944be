//! The text of a mail: which of its versions is read, and plain text with quotes in it.

use std::borrow::Cow;

use crate::{
    BlockKind, MediaType, ParseError,
    builder::{Builder, Place},
    format::{html, text},
    parse::Input,
};

/// A piece of the text of a mail.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    pub(crate) place: Place,
}

/// How the text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Html,
    /// Text whose line breaks count.
    Plain,
    /// Text whose lines go on where they end in a space (RFC 3676), which `delete_space` removes.
    Flowed {
        delete_space: bool,
    },
}

/// Writes one of two versions of the same text.
///
/// The plain one, because it is what its writer typed and free of layout; HTML only where it says
/// more: tables, or at least twice as many words, as where the plain version just says to look at
/// the other one.
pub(crate) fn write(
    plain: &[Piece],
    rich: &[Piece],
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let mut draft = Builder::new(&input.limits);
    pieces(rich, input, &mut draft)?;
    let draft = draft.finish(MediaType::Html);
    let has_table = draft.blocks.iter().any(|block| match &block.kind {
        BlockKind::Table(table) => table.rows.len() > 1 && table.rows.iter().any(|r| r.len() > 1),
        _ => false,
    });
    let words = |text: &str| text.split_whitespace().count();
    let plain_words: usize = plain.iter().map(|piece| words(&piece.text)).sum();
    let is_richer = has_table || words(&draft.text) > plain_words * 2;
    pieces(if is_richer { rich } else { plain }, input, out)
}

fn pieces(pieces: &[Piece], input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    for Piece { text, kind, place } in pieces {
        match kind {
            Kind::Html => html::parse_markup_at(text, place, input, out)?,
            Kind::Plain => plain(&lines(text, None), place, input, out)?,
            Kind::Flowed { delete_space } => {
                plain(&lines(text, Some(*delete_space)), place, input, out)?;
            }
        }
    }
    Ok(())
}

/// Lines with how deep they are quoted; with `flowed` those are joined that go on.
fn lines(text: &str, flowed: Option<bool>) -> Vec<(usize, Cow<'_, str>)> {
    let mut lines: Vec<(usize, Cow<'_, str>)> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let (depth, rest) = unquoted(line, flowed.is_some());
        match lines.last_mut().filter(|(last, _)| goes_on && *last == depth) {
            Some((_, last)) if !is_signature_mark(rest) => {
                if flowed == Some(true) {
                    last.to_mut().pop();
                }
                last.to_mut().push_str(rest);
            }
            _ => lines.push((depth, rest.into())),
        }
        goes_on = flowed.is_some() && rest.ends_with(' ') && !is_signature_mark(rest);
    }
    lines
}

/// How deep a line is quoted, and the line without the marks.
fn unquoted(line: &str, is_stuffed: bool) -> (usize, &str) {
    let mut depth = 0;
    let mut rest = line;
    while let Some(inner) = rest.strip_prefix('>') {
        depth += 1;
        rest = inner.strip_prefix(' ').filter(|next| next.starts_with('>')).unwrap_or(inner);
    }
    if depth > 0 || is_stuffed {
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    (depth, rest)
}

fn plain(
    lines: &[(usize, Cow<'_, str>)],
    place: &Place,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    for run in lines.chunk_by(|(depth, _), (next, _)| depth == next) {
        let is_quoted = run.first().is_some_and(|(depth, _)| *depth > 0);
        let signature = run.iter().position(|(_, line)| is_signature_mark(line));
        let (body, signature) = run.split_at(signature.unwrap_or(run.len()));
        let body = joined(body);
        let signature = joined(signature.get(1..).unwrap_or_default());
        for paragraph in text::paragraphs(&body) {
            input.check_time()?;
            if out.is_full() {
                return Ok(());
            }
            if is_quoted {
                out.block(BlockKind::Quote, &text::inline(&paragraph), place.clone());
            } else {
                text::add(&paragraph, &|_| place.clone(), out);
            }
        }
        // Short lines of a signature are neither headings nor lists.
        for paragraph in text::paragraphs(&signature) {
            let kind = if is_quoted { BlockKind::Quote } else { BlockKind::Paragraph };
            out.block(kind, &text::inline(&paragraph), place.clone());
        }
    }
    Ok(())
}

fn joined(lines: &[(usize, Cow<'_, str>)]) -> String {
    let mut text = String::new();
    for (_, line) in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn is_signature_mark(line: &str) -> bool {
    line.trim_end() == "--"
}
