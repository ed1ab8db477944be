//! Markdown by way of HTML: what a browser would show is what the document says, raw HTML in it
//! included.

use std::ops::Range;

use pulldown_cmark::{Event, MetadataBlockKind, Options, Parser, Tag, TagEnd, html::push_html};

use crate::{ParseError, builder::Builder, decode::decode, format::html, parse::Input};

mod front_matter;
#[cfg(test)]
mod tests;

/// Reads Markdown.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let decoded = decode(&input.bytes, input.charset.as_deref());
    decoded.report(out);
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
    let marks = Marks::new(&decoded.text);
    let events = Parser::new_ext(&decoded.text, options).into_offset_iter();
    let events = events.filter(|(event, _)| {
        match event {
            Event::Start(Tag::MetadataBlock(kind)) => (style, in_front_matter) = (*kind, true),
            Event::End(TagEnd::MetadataBlock(_)) => in_front_matter = false,
            Event::Text(text) if in_front_matter => front_matter.push_str(text),
            _ => {}
        }
        !in_front_matter
    });
    push_html(&mut markup, events.flat_map(|(event, range)| marks.marked(event, &range)));
    match style {
        MetadataBlockKind::YamlStyle => front_matter::yaml(&front_matter, input, out)?,
        MetadataBlockKind::PlusesStyle => front_matter::toml(&front_matter, out),
    }
    let origins = decoded.origins();
    html::parse_marked(&markup, &marks.name, &origins, input, out)
}

/// Marks in the HTML that say where in the Markdown what follows comes from.
struct Marks {
    /// The name of their elements; no text of the file looks like one.
    name: String,
}

impl Marks {
    fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let names = (0_usize..).map(|number| format!("x-from-{number}"));
        let mut free = names.filter(|name| !text.contains(name.as_str()));
        Self { name: free.next().unwrap_or_default() }
    }

    /// An event with a mark before blocks, or inside for items of lists.
    fn marked<'a>(
        &self,
        event: Event<'a>,
        range: &Range<usize>,
    ) -> impl Iterator<Item = Event<'a>> + use<'a> {
        let mark = || {
            let (name, Range { start, end }) = (&self.name, range);
            Event::Html(format!("<{name} start={start} end={end}></{name}>").into())
        };
        let (before, after) = match &event {
            Event::Start(
                Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::CodeBlock(_)
                | Tag::HtmlBlock
                | Tag::Table(_),
            ) => (Some(mark()), None),
            Event::Start(Tag::Item | Tag::DefinitionListTitle | Tag::DefinitionListDefinition) => {
                (None, Some(mark()))
            }
            _ => (None, None),
        };
        before.into_iter().chain([event]).chain(after)
    }
}
