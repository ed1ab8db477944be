//! Markdown by way of HTML: what a browser would show is what the document says, raw HTML in it
//! included.

use pulldown_cmark::{Event, MetadataBlockKind, Options, Parser, Tag, TagEnd, html::push_html};

use crate::{ParseError, builder::Builder, decode::decode, format::html, parse::Input};

mod front_matter;
#[cfg(test)]
mod tests;

/// Reads Markdown.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let decoded = decode(&input.bytes, input.charset.as_deref());
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut front_matter = String::new();
    let mut markup = String::new();
    let mut style = MetadataBlockKind::YamlStyle;
    let mut in_front_matter = false;
    let events = Parser::new_ext(&decoded.text, options).filter(|event| {
        match event {
            Event::Start(Tag::MetadataBlock(kind)) => (style, in_front_matter) = (*kind, true),
            Event::End(TagEnd::MetadataBlock(_)) => in_front_matter = false,
            Event::Text(text) if in_front_matter => front_matter.push_str(text),
            _ => {}
        }
        !in_front_matter
    });
    push_html(&mut markup, events);
    match style {
        MetadataBlockKind::YamlStyle => front_matter::yaml(&front_matter, input, out)?,
        MetadataBlockKind::PlusesStyle => front_matter::toml(&front_matter, out),
    }
    html::parse_markup(&markup, input, out)
}
