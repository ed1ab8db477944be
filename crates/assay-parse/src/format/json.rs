//! JSON, one value a file or one a line. Numbers stay as they are written.

use json_event_parser::{JsonEvent, LowLevelJsonParser};

use crate::{
    ParseError, ProblemCode,
    builder::Builder,
    decode::{Decoded, decode},
    format::{
        code,
        data::{Tree, layout::Layout},
    },
    parse::Input,
};

#[cfg(test)]
mod tests;

/// Reads a JSON value. What follows a fault is lost and a problem; where nothing comes before it,
/// the file is read as text, such as JSON with comments.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let decoded = decoded(input, out);
    let mut tree = Tree::new(input);
    let fault = read(&decoded.text, 0, &mut tree, input)?;
    if let Some(fault) = &fault {
        let line = 1 + decoded.text.get(..fault.at).unwrap_or("").matches('\n').count();
        let message = format!("line {line} is not valid JSON: {}", fault.message);
        out.problem(ProblemCode::Damaged, message, None);
    }
    let has_values = tree.has_scalars();
    let roots = tree.finish(decoded.text.len(), out);
    if fault.is_some() && !has_values {
        return code::plain(&decoded, Some("json"), input, out);
    }
    Layout::new(input, out, &decoded.origins()).roots(&roots)
}

/// Reads a JSON value a line. A line that is none is a problem.
pub(crate) fn parse_lines(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let decoded = decoded(input, out);
    let origins = decoded.origins();
    let mut layout = Layout::new(input, out, &origins);
    let mut start = 0;
    for (number, line) in (1_usize..).zip(decoded.text.split_inclusive('\n')) {
        input.check_time()?;
        if layout.out().is_full() {
            break;
        }
        if !line.trim().is_empty() {
            self::line(line, number, start, input, &mut layout)?;
        }
        start += line.len();
    }
    Ok(())
}

/// Writes the record of one line, which starts at `start`.
fn line(
    line: &str,
    number: usize,
    start: usize,
    input: &Input,
    layout: &mut Layout<'_>,
) -> Result<(), ParseError> {
    let mut tree = Tree::new(input);
    if let Some(fault) = read(line, start, &mut tree, input)? {
        let message = format!("line {number} is not valid JSON: {}", fault.message);
        layout.out().problem(ProblemCode::Damaged, message, None);
    }
    if !tree.has_scalars() {
        return Ok(());
    }
    let records = tree.finish(start + line.trim_end().len(), layout.out());
    records.iter().try_for_each(|record| layout.record(record, &number.to_string()))
}

fn decoded<'a>(input: &'a Input, out: &mut Builder) -> Decoded<'a> {
    let decoded = decode(&input.bytes, input.charset.as_deref());
    decoded.report(out);
    decoded
}

/// Why reading stopped, and at which byte.
struct Fault {
    at: usize,
    message: String,
}

/// Adds the value that the text holds to the tree; its places count from `offset` on.
fn read(
    text: &str,
    offset: usize,
    tree: &mut Tree,
    input: &Input,
) -> Result<Option<Fault>, ParseError> {
    // The tree bounds the nesting; the parser only counts it.
    let mut parser = LowLevelJsonParser::new().with_max_stack_size(usize::MAX);
    let mut at = 0;
    let mut count = 0_usize;
    loop {
        count += 1;
        if count.is_multiple_of(1024) {
            input.check_time()?;
        }
        let rest = text.get(at..).unwrap_or_default();
        let gap = rest.find(|c: char| !c.is_ascii_whitespace() && c != ',' && c != ':');
        let start = offset + at + gap.unwrap_or(0);
        let result = parser.parse_next(rest.as_bytes(), true);
        at += result.consumed_bytes;
        let end = offset + at;
        match result.event {
            Some(Ok(JsonEvent::String(text) | JsonEvent::Number(text))) => {
                tree.scalar(start..end, text.into_owned());
            }
            Some(Ok(JsonEvent::Boolean(value))) => tree.scalar(start..end, value.to_string()),
            Some(Ok(JsonEvent::Null)) => tree.scalar(start..end, "null".to_owned()),
            Some(Ok(JsonEvent::StartArray)) => tree.open_list(start),
            Some(Ok(JsonEvent::StartObject)) => tree.open_map(start),
            Some(Ok(JsonEvent::ObjectKey(key))) => tree.key(start, key.into_owned()),
            Some(Ok(JsonEvent::EndArray | JsonEvent::EndObject)) => tree.close(end),
            Some(Ok(JsonEvent::Eof)) | None => return Ok(None),
            Some(Err(error)) => {
                return Ok(Some(Fault { at, message: error.message().to_owned() }));
            }
        }
        if tree.is_full() {
            return Ok(None);
        }
    }
}
