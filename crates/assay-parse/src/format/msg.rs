//! Mails as Outlook writes them: properties in the streams of a compound file (MS-OXMSG).

use cfb::CompoundFile;
use mail_parser::{DateTime, MessageParser};

use super::mail::{
    body::{self, Kind, Piece},
    head::{self, Head},
};
use crate::{
    Member, ParseError, ProblemCode,
    builder::{Builder, Place},
    decode::decode,
    parse::Input,
};
use attachment::attachments;
use store::{Object, Store};

mod attachment;
mod rtf;
mod store;
#[cfg(test)]
pub(crate) mod tests;

/// The numbers of the properties that are read (MS-OXPROPS).
mod id {
    pub(super) const SUBJECT: u16 = 0x0037;
    pub(super) const SUBMITTED: u16 = 0x0039;
    pub(super) const AUTHOR_NAME: u16 = 0x0042;
    pub(super) const AUTHOR_ADDRESS: u16 = 0x0065;
    pub(super) const TRANSPORT_HEADERS: u16 = 0x007d;
    pub(super) const RECIPIENT_KIND: u16 = 0x0c15;
    pub(super) const SENDER_NAME: u16 = 0x0c1a;
    pub(super) const SENDER_ADDRESS: u16 = 0x0c1f;
    pub(super) const DISPLAY_BCC: u16 = 0x0e02;
    pub(super) const DISPLAY_CC: u16 = 0x0e03;
    pub(super) const DISPLAY_TO: u16 = 0x0e04;
    pub(super) const DELIVERED: u16 = 0x0e06;
    pub(super) const BODY: u16 = 0x1000;
    pub(super) const RTF: u16 = 0x1009;
    pub(super) const HTML: u16 = 0x1013;
    pub(super) const MESSAGE_ID: u16 = 0x1035;
    pub(super) const REFERENCES: u16 = 0x1039;
    pub(super) const IN_REPLY_TO: u16 = 0x1042;
    pub(super) const DISPLAY_NAME: u16 = 0x3001;
    pub(super) const ADDRESS: u16 = 0x3003;
    pub(super) const CREATED: u16 = 0x3007;
    pub(super) const SMTP_ADDRESS: u16 = 0x39fe;
    pub(super) const HTML_CODE_PAGE: u16 = 0x3fde;
    pub(super) const CODE_PAGE: u16 = 0x3ffd;
    pub(super) const SENDER_SMTP_ADDRESS: u16 = 0x5d01;
}

/// Reads a mail.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut store = Store::open(input)?;
    let mail = store.object("/", store::MAIL_HEADER)?;
    let head = head(&mut store, &mail)?;
    head.write(&Place::default(), out);
    let piece = |text: String, kind| {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        Piece { text, kind, place: Place::default() }
    };
    let plain = store.text(&mail, id::BODY)?.map(|text| piece(text, Kind::Plain));
    let rich = html(&mut store, &mail)?.map(|text| piece(text, Kind::Html));
    let is_blank = |piece: &Option<Piece>| piece.as_ref().is_none_or(|p| p.text.trim().is_empty());
    if !is_blank(&plain) || !is_blank(&rich) {
        return body::write(plain.as_slice(), rich.as_slice(), input, out);
    }
    let Some(packed) = store.binary(&mail, id::RTF)? else { return Ok(()) };
    match rtf::unpacked(&packed) {
        Some(rtf) => {
            let (text, is_html) = rtf::text(&rtf);
            let kind = if is_html { Kind::Html } else { Kind::Plain };
            body::write(&[piece(text, kind)], &[], input, out)
        }
        None => {
            let message = "the text of the mail is damaged".to_owned();
            out.problem(ProblemCode::Damaged, message, None);
            Ok(())
        }
    }
}

/// Hands over the attachments.
pub(crate) fn members(
    input: &Input,
    send: &dyn Fn(Result<Member, ParseError>) -> bool,
) -> Result<(), ParseError> {
    attachments(&mut Store::open(input)?, send)
}

fn head(store: &mut Store<'_>, mail: &Object) -> Result<Head, ParseError> {
    let sender = first(store, mail, &[id::AUTHOR_NAME, id::SENDER_NAME])?;
    let addresses = [id::SENDER_SMTP_ADDRESS, id::AUTHOR_ADDRESS, id::SENDER_ADDRESS];
    let from = head::person(&sender, &address(store, mail, &addresses)?);
    let [mut to, mut cc, mut bcc] = recipients(store)?;
    for (names, display) in
        [(&mut to, id::DISPLAY_TO), (&mut cc, id::DISPLAY_CC), (&mut bcc, id::DISPLAY_BCC)]
    {
        if names.is_empty() {
            *names = store.text(mail, display)?.unwrap_or_default();
        }
    }
    let times = [id::SUBMITTED, id::DELIVERED, id::CREATED];
    let date = times.iter().find_map(|id| time(mail.time(*id)?)).unwrap_or_default();
    let mut head = Head {
        subject: first(store, mail, &[id::SUBJECT])?,
        lines: vec![
            ("From", from),
            ("To", to),
            ("Cc", cc),
            ("Bcc", bcc),
            ("Date", date),
            ("Message-ID", first(store, mail, &[id::MESSAGE_ID])?),
        ],
        thread: vec![
            ("In-Reply-To", first(store, mail, &[id::IN_REPLY_TO])?),
            ("References", first(store, mail, &[id::REFERENCES])?),
        ],
    };
    let headers = first(store, mail, &[id::TRANSPORT_HEADERS])?;
    if let Some(message) = MessageParser::default().parse_headers(headers.as_bytes()) {
        head.complete(Head::of(&message));
    }
    Ok(head)
}

/// Who the mail goes to: directly, as a copy, as a hidden copy.
fn recipients(store: &mut Store<'_>) -> Result<[String; 3], ParseError> {
    let mut lines = [const { String::new() }; 3];
    for path in store.storages("/", "__recip_version1.0_")? {
        let recipient = store.object(&path, store::PART_HEADER)?;
        let name = first(store, &recipient, &[id::DISPLAY_NAME])?;
        let address = address(store, &recipient, &[id::SMTP_ADDRESS, id::ADDRESS])?;
        let kind = recipient.number(id::RECIPIENT_KIND).unwrap_or(1) & 0xf;
        let Some(line) = lines.get_mut((kind as usize).saturating_sub(1)) else { continue };
        let person = head::person(&name, &address);
        if !line.is_empty() && !person.is_empty() {
            line.push_str(", ");
        }
        line.push_str(&person);
    }
    Ok(lines)
}

/// The first of some texts that is there.
fn first(store: &mut Store<'_>, object: &Object, ids: &[u16]) -> Result<String, ParseError> {
    for id in ids {
        if let Some(text) = store.text(object, *id)?.filter(|text| !text.trim().is_empty()) {
            return Ok(text.trim().to_owned());
        }
    }
    Ok(String::new())
}

/// The first address of the internet; Exchange also writes names of its own directory.
fn address(store: &mut Store<'_>, object: &Object, ids: &[u16]) -> Result<String, ParseError> {
    for id in ids {
        if let Some(text) = store.text(object, *id)?.filter(|text| text.contains('@')) {
            return Ok(text.trim().to_owned());
        }
    }
    Ok(String::new())
}

/// HTML as bytes of a stated code page, or as text.
fn html(store: &mut Store<'_>, mail: &Object) -> Result<Option<String>, ParseError> {
    let Some(bytes) = store.binary(mail, id::HTML)? else { return store.text(mail, id::HTML) };
    let encoding = mail.code_page(id::HTML_CODE_PAGE);
    Ok(Some(decode(&bytes, encoding.map(|encoding| encoding.name())).text.into_owned()))
}

/// A count of 100 ns since 1601, in UTC.
fn time(ticks: u64) -> Option<String> {
    const SECONDS_TO_1970: i64 = 11_644_473_600;
    const YEAR_10000: i64 = 253_402_300_800;
    let seconds = i64::try_from(ticks / 10_000_000).ok()? - SECONDS_TO_1970;
    let at = (0..YEAR_10000).contains(&seconds).then(|| DateTime::from_timestamp(seconds))?;
    Some(head::date(&at))
}

/// The compound file of an input.
type File<'a> = CompoundFile<std::io::Cursor<&'a [u8]>>;
