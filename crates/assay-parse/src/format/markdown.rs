//! Markdown by way of HTML: what a browser would show is what the document says, raw HTML in it
//! included.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};

use crate::{ParseError, builder::Builder, decode::decode, format::html, parse::Input};

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
    let mut in_front_matter = false;
    let events = Parser::new_ext(&decoded.text, options).filter(|event| {
        match event {
            Event::Start(Tag::MetadataBlock(_)) => in_front_matter = true,
            Event::End(TagEnd::MetadataBlock(_)) => in_front_matter = false,
            Event::Text(text) if in_front_matter => push(&mut front_matter, text),
            _ => {}
        }
        !in_front_matter
    });
    push_html(&mut markup, events);
    out.title = title(&front_matter);
    html::parse_markup(&markup, input, out)
}

fn push(front_matter: &mut String, text: &CowStr<'_>) {
    front_matter.push_str(text);
}

/// The `title` of the front matter, YAML or TOML.
fn title(front_matter: &str) -> Option<String> {
    let line = front_matter.lines().find_map(|line| line.strip_prefix("title"))?;
    let value = line.trim_start().strip_prefix([':', '='])?.trim();
    let value = value.trim_matches(['"', '\'']).trim();
    (!value.is_empty()).then(|| value.to_owned())
}
