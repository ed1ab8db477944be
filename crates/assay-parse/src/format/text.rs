//! Plain text: form feeds part pages, blank lines part paragraphs; headings and lists only where
//! the layout leaves no doubt.

use crate::{
    BlockKind, ParseError, ProblemCode,
    builder::{Builder, Place},
    decode::decode,
    inline::Inline,
    parse::Input,
};

mod lines;
#[cfg(test)]
mod tests;

pub(crate) use lines::{is_bullet, is_counted, section_level};

/// Reads plain text.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let decoded = decode(&input.bytes, input.charset.as_deref());
    decoded.report(out);
    let origins = decoded.origins();
    let pages = decoded.text.trim_end_matches('\u{c}').split('\u{c}');
    let has_pages = pages.clone().nth(1).is_some();
    let mut number = 0;
    for page in pages {
        if number == input.limits.pages {
            out.problem(ProblemCode::Limit, format!("only {number} pages were read"), None);
            break;
        }
        number += 1;
        let page_number = has_pages.then_some(number);
        let place = |lines: &[&str]| Place { page: page_number, ..origins.of_pieces(lines) };
        for paragraph in paragraphs(page) {
            input.check_time()?;
            if out.is_full() {
                return Ok(());
            }
            add(&paragraph, &place, out);
        }
    }
    out.pages = has_pages.then_some(number);
    Ok(())
}

/// Runs of lines that are not blank.
pub(crate) fn paragraphs(page: &str) -> impl Iterator<Item = Vec<&str>> {
    // Line feeds, carriage returns and both together end lines.
    let lines = page.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let mut lines = lines.flat_map(|line| line.split('\r')).peekable();
    std::iter::from_fn(move || {
        while lines.next_if(|line| line.trim().is_empty()).is_some() {}
        let mut paragraph = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.trim().is_empty()) {
            paragraph.push(line.trim_end());
        }
        (!paragraph.is_empty()).then_some(paragraph)
    })
}

/// Adds a run of lines, which stand at a place each: a heading, a list or a paragraph.
pub(crate) fn add(paragraph: &[&str], place: &dyn Fn(&[&str]) -> Place, out: &mut Builder) {
    let mut rest = paragraph;
    if let Some((level, used)) = lines::heading(paragraph) {
        let title = paragraph.first().copied().unwrap_or_default();
        let heading = paragraph.get(..used).unwrap_or_default();
        out.block(BlockKind::Heading { level }, &inline(&[title]), place(heading));
        rest = paragraph.get(used..).unwrap_or_default();
    }
    let first_item = rest.iter().position(|line| lines::item(line).is_some());
    let Some(first_item) = first_item.filter(|_| lines::is_list(rest)) else {
        out.block(BlockKind::Paragraph, &inline(rest), place(rest));
        return;
    };
    let (before, items) = rest.split_at(first_item);
    out.block(BlockKind::Paragraph, &inline(before), place(before));
    for item in items.chunk_by(|_, next| lines::item(next).is_none()) {
        add_item(item, place, out);
    }
}

fn add_item(item: &[&str], place: &dyn Fn(&[&str]) -> Place, out: &mut Builder) {
    let Some((first, others)) = item.split_first() else { return };
    let Some(marker) = lines::item(first) else { return };
    let mut text = inline(&[first.get(marker.text_start..).unwrap_or_default()]);
    for line in others {
        text.line();
        text.push_raw(line.trim());
    }
    let place = place(item);
    let depth = u8::try_from(marker.indent / 2).unwrap_or(u8::MAX).min(8);
    out.block(BlockKind::ListItem { depth, ordered: marker.ordered }, &text, place);
}

/// The lines as they are.
pub(crate) fn inline(lines: &[&str]) -> Inline {
    let mut inline = Inline::default();
    for (number, line) in lines.iter().enumerate() {
        if number > 0 {
            inline.push_raw("\n");
        }
        inline.push_raw(line);
    }
    inline
}
