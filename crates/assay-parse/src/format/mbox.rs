//! Folders of mails (mbox): the list of the mails, and each mail as a file.

use std::ops::Range;

use mail_parser::MessageParser;

use super::{
    archive::ENTRIES_MAX,
    mail::{head::Head, subject},
};
use crate::{
    BlockKind, Member, ParseError, ProblemCode,
    builder::{Builder, Place},
    inline::Inline,
    parse::Input,
};

#[cfg(test)]
pub(crate) mod tests;

/// The list of the mails.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mails: Vec<Range<usize>> = mails(&input.bytes).take(ENTRIES_MAX + 1).collect();
    let count = u32::try_from(mails.len()).unwrap_or(u32::MAX);
    for (number, range) in (0..).zip(mails) {
        input.check_time()?;
        input.meter.set_pages(number, count);
        if number as usize == ENTRIES_MAX {
            let message = format!("only the first {ENTRIES_MAX} mails were read");
            out.problem(ProblemCode::Limit, message, None);
            break;
        }
        let mail = input.bytes.get(range.clone()).unwrap_or_default();
        let head = MessageParser::default().parse_headers(mail);
        let head = head.map(|message| Head::of(&message)).unwrap_or_default();
        let mut line = Inline::default();
        let about = [head.subject.as_str(), head.line("From"), head.line("Date")];
        for value in about.into_iter().filter(|value| !value.is_empty()) {
            if !line.is_blank() {
                line.push(", ");
            }
            line.push(value);
        }
        out.block(BlockKind::ListItem { depth: 0, ordered: false }, &line, Place::bytes(range));
        if out.is_full() {
            break;
        }
    }
    Ok(())
}

/// Hands over the mails.
pub(crate) fn members(
    input: &Input,
    send: &dyn Fn(Result<Member, ParseError>) -> bool,
) -> Result<(), ParseError> {
    for (number, range) in mails(&input.bytes).take(ENTRIES_MAX).enumerate() {
        input.check_time()?;
        let bytes = unescaped(input.bytes.get(range).unwrap_or_default());
        let path = format!("{:04} {}.eml", number + 1, subject(&bytes));
        let media_type = Some("message/rfc822".to_owned());
        if !send(Ok(Member { path, media_type, bytes })) {
            break;
        }
    }
    Ok(())
}

/// Where the mails are, without the lines that part them.
fn mails(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at + parting_line(bytes.get(at..)?).unwrap_or(0);
            let end = next_parting(bytes, start);
            at = end.max(at + 1);
            let mail = bytes.get(start..end)?;
            if !mail.trim_ascii().is_empty() {
                return Some(start..end);
            }
        }
        None
    })
}

/// The start of the next line that parts mails: it follows an empty line.
fn next_parting(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    let mut after_blank = true;
    for line in bytes.get(from..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
        if after_blank && line.starts_with(b"From ") && parting_line(line).is_some() {
            return at;
        }
        after_blank = line.trim_ascii().is_empty();
        at += line.len();
    }
    bytes.len()
}

/// The length of the line that opens a mail, such as `From a@b.c Mon Jan  1 10:00:00 2024`. A
/// sentence may open so too, but without a time of day.
fn parting_line(bytes: &[u8]) -> Option<usize> {
    let line = bytes.split_inclusive(|byte| *byte == b'\n').next()?;
    let is_time = |part: &[u8]| match part {
        [a, b, b':', c, d, ..] => [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()),
        _ => false,
    };
    let has_time = line.windows(5).any(is_time);
    (line.starts_with(b"From ") && has_time).then_some(line.len())
}

/// The mail with lines that had to be marked because they look like parting lines as they were.
fn unescaped(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len());
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        let marks = line.iter().take_while(|byte| **byte == b'>').count();
        let is_marked =
            marks > 0 && line.get(marks..).is_some_and(|rest| rest.starts_with(b"From "));
        out.extend_from_slice(line.get(usize::from(is_marked)..).unwrap_or_default());
    }
    out
}
