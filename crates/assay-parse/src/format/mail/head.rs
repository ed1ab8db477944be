//! What stands above the text of a mail.

use mail_parser::{Address, DateTime, HeaderName, HeaderValue, Message};

use crate::{
    BlockKind,
    builder::{Builder, Place},
    decode::decode,
    inline::Inline,
    metadata::iso_date,
};

/// The head of a mail, ready to be shown.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) subject: String,
    /// Names and values of the lines that people read.
    pub(crate) lines: Vec<(&'static str, String)>,
    /// Names and values of the lines that tie the mail to others.
    pub(crate) thread: Vec<(&'static str, String)>,
}

impl Head {
    /// The head of a parsed mail.
    pub(crate) fn of(message: &Message<'_>) -> Self {
        let people = |address: Option<&Address<'_>>| address.map(people).unwrap_or_default();
        let ids = |name, value: &HeaderValue<'_>| (name, ids(value));
        let words: Vec<&str> = message.subject().unwrap_or_default().split_whitespace().collect();
        let message_id = message.header(HeaderName::MessageId);
        Self {
            subject: words.join(" "),
            lines: vec![
                ("From", people(message.from().or_else(|| message.sender()))),
                ("To", people(message.to())),
                ("Cc", people(message.cc())),
                ("Bcc", people(message.bcc())),
                ("Date", date_of(message)),
                ids("Message-ID", message_id.unwrap_or(&HeaderValue::Empty)),
            ],
            thread: vec![
                ids("In-Reply-To", message.in_reply_to()),
                ids("References", message.references()),
            ],
        }
    }

    /// Fills what is empty from another head of the same mail.
    pub(crate) fn complete(&mut self, other: Self) {
        let own = self.lines.iter_mut().chain(&mut self.thread);
        for ((_, value), (_, other)) in own.zip(other.lines.into_iter().chain(other.thread)) {
            if value.is_empty() {
                *value = other;
            }
        }
    }

    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        let mut values = self.lines.iter().chain(&self.thread).map(|(_, value)| value);
        self.subject.is_empty() && values.all(|value| value.is_empty())
    }

    /// Adds the subject as title and heading, and a block for people.
    pub(crate) fn write(&self, place: &Place, out: &mut Builder) {
        out.title = Some(self.subject.clone());
        out.metadata.take("author", self.line("From"));
        // For programs: `2024-05-06 07:08 +02:00` without the blanks.
        let date = self.line("Date");
        let joined = date.replacen(' ', "T", 1).replacen(' ', "", 1);
        out.metadata.take("date", if iso_date(&joined).is_some() { &joined } else { date });
        let mut heading = Inline::default();
        heading.push(&self.subject);
        out.block(BlockKind::Heading { level: 1 }, &heading, place.clone());
        out.block(BlockKind::Paragraph, &block(&self.lines), place.clone());
        out.block(BlockKind::PageFurniture, &block(&self.thread), place.clone());
    }

    /// A value of the block for people.
    pub(crate) fn line(&self, name: &str) -> &str {
        self.lines.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value)
    }
}

fn block(lines: &[(&str, String)]) -> Inline {
    let mut inline = Inline::default();
    for (name, value) in lines.iter().filter(|(_, value)| !value.trim().is_empty()) {
        inline.line();
        inline.push(name);
        inline.push(": ");
        inline.push(value);
    }
    inline
}

/// A person as mail programs write it.
pub(crate) fn person(name: &str, address: &str) -> String {
    match (name.trim(), address.trim()) {
        ("", only) | (only, "") => only.to_owned(),
        (name, address) if name.eq_ignore_ascii_case(address) => address.to_owned(),
        (name, address) => format!("{name} <{address}>"),
    }
}

/// A point in time for people, in the zone of the writer.
pub(crate) fn date(at: &DateTime) -> String {
    let sign = if at.tz_before_gmt { '-' } else { '+' };
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02} {sign}{:02}:{:02}",
        at.year, at.month, at.day, at.hour, at.minute, at.tz_hour, at.tz_minute
    )
}

/// The date, as written where it makes no sense.
fn date_of(message: &Message<'_>) -> String {
    match message.date().filter(|at| at.is_valid()) {
        Some(at) => date(at),
        None => message.header_raw(HeaderName::Date).unwrap_or_default().trim().to_owned(),
    }
}

fn people(address: &Address<'_>) -> String {
    let addresses = address
        .iter()
        .map(|one| person(one.name().unwrap_or_default(), one.address().unwrap_or_default()));
    addresses.filter(|one| !one.is_empty()).collect::<Vec<_>>().join(", ")
}

fn ids(value: &HeaderValue<'_>) -> String {
    let ids: Vec<&str> = match value {
        HeaderValue::Text(id) => vec![id],
        HeaderValue::TextList(ids) => ids.iter().map(|id| &**id).collect(),
        _ => Vec::new(),
    };
    ids.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ")
}

/// The mail with a head in UTF-8, where the head has bytes of another encoding in it; mail
/// programs of old wrote names and subjects so.
pub(crate) fn in_utf_8(bytes: &[u8]) -> Option<Vec<u8>> {
    let blank = |newline: &[u8]| bytes.windows(newline.len()).position(|at| at == newline);
    let end = blank(b"\r\n\r\n").into_iter().chain(blank(b"\n\n")).min().unwrap_or(bytes.len());
    let (head, body) = bytes.split_at_checked(end)?;
    if std::str::from_utf8(head).is_ok() {
        return None;
    }
    let mut mail = decode(head, None).text.into_owned().into_bytes();
    mail.extend_from_slice(body);
    Some(mail)
}
