//! What both streams of XML ask of an event.

use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event},
};

/// Events between two looks at the clock.
pub(super) const EVENTS_A_CHECK: usize = 4_096;

/// Adds the text of an event, if it is text.
pub(super) fn push_text(event: &Event<'_>, out: &mut String) {
    match event {
        Event::Text(text) => out.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
        Event::CData(text) => out.push_str(text),
        Event::GeneralRef(name) => {
            let c = name.resolve_char_ref().ok().flatten();
            out.extend(c);
            if c.is_none() {
                out.push_str(quick_xml::escape::resolve_xml_entity(name.as_ref()).unwrap_or(""));
            }
        }
        _ => {}
    }
}

/// The value of an attribute.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let attribute = attributes.find(|attribute| attribute.key.as_ref() == name)?;
    let value = quick_xml::escape::unescape(&attribute.value).ok()?;
    Some(value.into_owned())
}
