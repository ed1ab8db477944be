//! Mail (RFC 5322 and MIME): its head, its text, and the files attached to it.

use mail_parser::{Message, MessageParser, MimeHeaders};

use super::text;
use crate::{Member, ParseError, ProblemCode, builder::Builder, parse::Input};
use head::Head;
use part::Parts;

pub(crate) mod body;
pub(crate) mod head;
mod part;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use part::{PICTURE_MIN, subject};

/// Most mails inside mails: the tree of parts is as deep as they nest.
const MAILS_MAX: usize = 10_000;
/// Most steps of looking for boundaries: each may be looked for in the whole mail.
const STEPS_MAX: usize = 10_000_000_000;

/// Reads a mail.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let recoded = head::in_utf_8(&input.bytes);
    let parts = parts(&input.bytes, recoded.as_deref());
    let Some(parts) = parts.filter(|parts| !Head::of(&parts.message).is_empty()) else {
        return text::parse(input, out);
    };
    let head = Head::of(&parts.message);
    let head_end = parts.message.parts.first().map_or(0, |part| part.offset_body);
    head.write(&parts.place(0, head_end), out);
    if !is_bounded(&input.bytes) {
        let message = "the mail has too many parts; only its head was read".to_owned();
        out.problem(ProblemCode::Limit, message, None);
        return Ok(());
    }
    if is_encrypted(&parts.message) {
        out.problem(ProblemCode::Damaged, "the text of the mail is encrypted".to_owned(), None);
    }
    let (plain, rich) = parts.body(out);
    body::write(&plain, &rich, input, out)
}

/// Hands over the attachments.
pub(crate) fn members(
    input: &Input,
    send: &dyn Fn(Result<Member, ParseError>) -> bool,
) -> Result<(), ParseError> {
    if let Some(parts) = parts(&input.bytes, head::in_utf_8(&input.bytes).as_deref()) {
        parts.members(&|member| input.check_time().is_ok() && send(Ok(member)));
    }
    input.check_time()
}

/// The parts of a mail; `recoded` is the mail with a head in UTF-8 where it had to be changed.
fn parts<'a>(bytes: &'a [u8], recoded: Option<&'a [u8]>) -> Option<Parts<'a>> {
    let raw = recoded.unwrap_or(bytes);
    let parser = MessageParser::default();
    let message = if is_bounded(bytes) { parser.parse(raw) } else { parser.parse_headers(raw) }?;
    Some(Parts { message, raw, grown: raw.len().wrapping_sub(bytes.len()).cast_signed() })
}

/// Whether the parser will come back soon and with a tree that can be walked.
fn is_bounded(bytes: &[u8]) -> bool {
    let count = |word: &[u8]| {
        bytes.windows(word.len()).filter(|window| window.eq_ignore_ascii_case(word)).count()
    };
    count(b"message/") + count(b"/digest") <= MAILS_MAX
        && count(b"boundary").saturating_mul(bytes.len()) <= STEPS_MAX
}

fn is_encrypted(message: &Message<'_>) -> bool {
    message.parts.iter().any(|part| {
        let is_signed = || {
            let kind = part.content_type().and_then(|own| own.attribute("smime-type"));
            kind.is_some_and(|kind| kind.starts_with("signed"))
        };
        let is_sealed = part.is_content_type("application", "pkcs7-mime")
            || part.is_content_type("application", "x-pkcs7-mime");
        part.is_content_type("multipart", "encrypted") || is_sealed && !is_signed()
    })
}
