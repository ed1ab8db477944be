//! The Info dictionary.

use hayro_interpret::hayro_syntax::{metadata::Metadata, object::DateTime};

use crate::{builder::Builder, decode::decode};

/// Reads all its fields.
pub(super) fn read(info: &Metadata, out: &mut Builder) {
    let text = |field: &Option<Box<[u8]>>| field.as_deref().map(text_string);
    out.title = text(&info.title);
    out.metadata.authors.extend(text(&info.author));
    out.metadata.created = info.creation_date.as_ref().and_then(iso);
    out.metadata.modified = info.modification_date.as_ref().and_then(iso);
    if let Some(keywords) = text(&info.keywords) {
        out.metadata.take("keywords", &keywords);
    }
    for (name, field) in
        [("subject", &info.subject), ("creator", &info.creator), ("producer", &info.producer)]
    {
        out.metadata.take_custom(name, &text(field).unwrap_or_default());
    }
}

fn iso(date: &DateTime) -> Option<String> {
    let DateTime { year, month, day, hour, minute, second, .. } = date;
    let (hours, minutes) = (date.utc_offset_hour, date.utc_offset_minute);
    let text = format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{hours:+03}:{minutes:02}"
    );
    // A thirtieth of February and the like are left out.
    crate::metadata::iso_date(&text)
}

/// A text string of the format: UTF-16 or UTF-8 with a byte order mark, else near Latin-1.
pub(super) fn text_string(bytes: &[u8]) -> String {
    decode(bytes, Some("windows-1252")).text.chars().filter(|c| !c.is_control()).collect()
}
