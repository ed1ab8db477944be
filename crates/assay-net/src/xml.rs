//! Lists in XML: the text of each element that holds only text.

use quick_xml::{Reader, XmlVersion, events::Event};

/// Elements inside elements.
const DEPTH_MAX: usize = 16;

/// Calls `take` with the name of the element around it, its own, and its text, for each element;
/// names without prefix. An error says that the list is not complete.
///
/// # Errors
/// What is wrong with the text, or what `take` returns.
pub fn each_text(
    xml: &str,
    take: &mut dyn FnMut(&str, &str, &str) -> Result<(), String>,
) -> Result<(), String> {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(|error| format!("it is damaged: {error}"))? {
            Event::Start(_) if open.len() >= DEPTH_MAX => {
                return Err("it is nested too deep".to_owned());
            }
            Event::Start(start) => {
                open.push(start.local_name().as_ref().to_owned());
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(part) => text.push_str(&part),
            Event::GeneralRef(reference) => {
                let c = reference.resolve_char_ref().ok().flatten().map(String::from);
                let known = quick_xml::escape::resolve_xml_entity(reference.as_ref());
                text.push_str(&c.or_else(|| known.map(str::to_owned)).unwrap_or_default());
            }
            Event::End(_) => {
                let name = open.pop().unwrap_or_default();
                let parent = open.last().map(String::as_str).unwrap_or_default();
                take(parent, &name, &text)?;
                text.clear();
            }
            Event::Eof if open.is_empty() => return Ok(()),
            Event::Eof => return Err("it ends too early".to_owned()),
            _ => {}
        }
    }
}
