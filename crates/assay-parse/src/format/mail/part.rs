//! The parts of a mail: their bytes, their text, and which of them are files of their own.

use std::borrow::Cow;

use mail_parser::{
    Message, MessageParser, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

use super::{
    body::{Kind, Piece},
    head::Head,
};
use crate::{
    Member, ProblemCode,
    builder::{Builder, Place},
    decode::decode,
    format::archive::{Names, file_name},
};

/// Pictures that only the text shows are files of their own from this size: smaller ones are logos
/// and counters, larger ones screenshots.
pub(crate) const PICTURE_MIN: usize = 16 << 10;

/// A mail and where its parts are.
pub(super) struct Parts<'a> {
    pub(super) message: Message<'a>,
    /// What the offsets of the parts count in.
    pub(super) raw: &'a [u8],
    /// How much longer the head became when it was brought to UTF-8.
    pub(super) grown: isize,
}

impl Parts<'_> {
    /// The plain and the rich version of the text; the rich one is empty when they are the same.
    pub(super) fn body(&self, out: &mut Builder) -> (Vec<Piece>, Vec<Piece>) {
        let Message { text_body, html_body, .. } = &self.message;
        let plain = self.pieces(text_body, out);
        if !plain.is_empty() || !html_body.is_empty() {
            let is_same = text_body == html_body;
            return (plain, if is_same { Vec::new() } else { self.pieces(html_body, out) });
        }
        // What is cut off or wrongly encoded counts as an attachment for the parser.
        let ids: Vec<u32> = (0..)
            .zip(&self.message.parts)
            .filter(|(_, part)| is_lost(part))
            .map(|(id, _)| id)
            .collect();
        (self.pieces(&ids, out), Vec::new())
    }

    fn pieces(&self, ids: &[u32], out: &mut Builder) -> Vec<Piece> {
        ids.iter().filter_map(|id| self.piece(self.message.part(*id)?, out)).collect()
    }

    fn piece(&self, part: &MessagePart<'_>, out: &mut Builder) -> Option<Piece> {
        let content_type = part.content_type();
        let attribute = |name| content_type.and_then(|content_type| content_type.attribute(name));
        let is =
            |name, value| attribute(name).is_some_and(|own: &str| own.eq_ignore_ascii_case(value));
        let (own, kind) = match &part.body {
            PartType::Html(text) => (text, Kind::Html),
            PartType::Text(text) if is("format", "flowed") => {
                (text, Kind::Flowed { delete_space: is("delsp", "yes") })
            }
            PartType::Text(text) => (text, Kind::Plain),
            _ => return None,
        };
        let bytes = self.content(part);
        let decoded = decode(&bytes, attribute("charset"));
        // The parser knows UTF-7, which is not to be seen in the bytes.
        let is_utf_7 = is("charset", "utf-7");
        if decoded.lossy && !is_utf_7 {
            let message =
                format!("some bytes are not valid {} and were replaced", decoded.encoding);
            out.problem(ProblemCode::Encoding, message, None);
        }
        let text = if is_utf_7 { own.to_string() } else { decoded.text.into_owned() };
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        Some(Piece { text, kind, place: self.place(part.offset_body, part.offset_end) })
    }

    /// Where in the original some bytes are.
    pub(super) fn place(&self, start: u32, end: u32) -> Place {
        let original = |offset: u32| (offset as usize).saturating_add_signed(-self.grown);
        let start = if start == 0 { 0 } else { original(start) };
        Place::bytes(start..original(end).max(start))
    }

    /// The bytes of a part without its transfer encoding.
    fn content(&self, part: &MessagePart<'_>) -> Cow<'_, [u8]> {
        let range = part.offset_body as usize..part.offset_end as usize;
        let raw = self.raw.get(range).unwrap_or_default();
        let encoding = part.content_transfer_encoding().unwrap_or_default().trim();
        let decoded = if encoding.eq_ignore_ascii_case("base64") {
            base64_decode(raw).unwrap_or_else(|| damaged_base64(raw))
        } else if encoding.eq_ignore_ascii_case("quoted-printable") {
            match quoted_printable_decode(raw) {
                Some(bytes) => bytes,
                None => return raw.into(),
            }
        } else {
            return raw.into();
        };
        decoded.into()
    }

    /// The files in the mail, one after the other, until `send` wants no more.
    pub(super) fn members(&self, send: &dyn Fn(Member) -> bool) {
        let mut names = Names::default();
        for (id, part) in (0..).zip(&self.message.parts) {
            let is_text =
                self.message.text_body.contains(&id) || self.message.html_body.contains(&id);
            let is_file = match &part.body {
                PartType::Multipart(_) => false,
                PartType::Text(_) | PartType::Html(_) => !is_text && !is_lost(part),
                PartType::Binary(bytes) | PartType::InlineBinary(bytes) => is_file(part, bytes),
                PartType::Message(_) => true,
            };
            if is_file && !send(self.member(id, part, &mut names)) {
                return;
            }
        }
    }

    fn member(&self, id: u32, part: &MessagePart<'_>, names: &mut Names) -> Member {
        let is_mail = matches!(part.body, PartType::Message(_));
        let bytes = self.content(part).into_owned();
        let mut name = part.attachment_name().map(file_name).unwrap_or_default();
        if is_mail {
            if name.is_empty() {
                name = subject(&bytes);
            }
            if !name.to_ascii_lowercase().ends_with(".eml") {
                name.push_str(".eml");
            }
        }
        if name.is_empty() {
            name = format!("attachment {id}");
        }
        let media_type = part.content_type().map(|content_type| {
            let subtype = content_type.subtype().unwrap_or("octet-stream");
            format!("{}/{subtype}", content_type.ctype())
        });
        Member { path: names.unique(name), media_type, bytes }
    }
}

/// The subject of a mail as the name of a file.
pub(crate) fn subject(mail: &[u8]) -> String {
    let head = MessageParser::default().parse_headers(mail);
    let subject = head.map(|message| Head::of(&message).subject).unwrap_or_default();
    let name = file_name(&subject);
    let name = name.get(..name.floor_char_boundary(80)).unwrap_or_default().trim();
    if name.is_empty() { "mail".to_owned() } else { name.to_owned() }
}

/// Whether a part that is no text is a file, not a picture of the layout or a signature.
fn is_file(part: &MessagePart<'_>, bytes: &[u8]) -> bool {
    let is_signature = ["pgp-signature", "pkcs7-signature", "x-pkcs7-signature", "pgp-encrypted"]
        .iter()
        .any(|subtype| part.is_content_type("application", subtype));
    let is_picture =
        part.content_type().is_some_and(|own| own.ctype().eq_ignore_ascii_case("image"));
    let is_attached = part.content_disposition().is_some_and(|own| own.is_attachment());
    let is_shown = is_picture && !is_attached && part.content_id().is_some();
    !is_signature && !bytes.is_empty() && (!is_shown || bytes.len() >= PICTURE_MIN)
}

/// Whether a part is text of the mail that the parser could not decode, or parts without any
/// boundary between them.
fn is_lost(part: &MessagePart<'_>) -> bool {
    let is_attached = part.content_disposition().is_some_and(|own| own.is_attachment());
    let is = |kind| part.content_type().is_some_and(|own| own.ctype().eq_ignore_ascii_case(kind));
    let is_undecoded = part.is_encoding_problem && (part.content_type().is_none() || is("text"));
    let is_text = matches!(part.body, PartType::Text(_) | PartType::Html(_));
    let is_nameless = !is_attached && part.attachment_name().is_none();
    is_text && is_nameless && (is_undecoded || is("multipart"))
}

/// As much as can be had of base64 that is cut off or has other characters in it.
fn damaged_base64(raw: &[u8]) -> Vec<u8> {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut letters: Vec<u8> = raw.iter().copied().filter(is_letter).collect();
    letters.truncate(letters.len() / 4 * 4);
    base64_decode(&letters).unwrap_or_default()
}
