//! The line of a paragraph: runs, links, fields, formulas.

use crate::{
    format::{
        ooxml::{branch, math, package::Relationships},
        part::Element,
    },
    inline::Inline,
};

/// The text of a paragraph.
pub(super) fn line(paragraph: &Element, relationships: &Relationships) -> Inline {
    let mut inline = Inline::default();
    parts(paragraph, relationships, &mut inline);
    inline.close_link();
    inline
}

fn parts(element: &Element, relationships: &Relationships, inline: &mut Inline) {
    for child in element.children() {
        match child.name.as_str() {
            "a:r" | "a:fld" => run(child, relationships, inline),
            "a:br" => inline.push_raw("\n"),
            "m:oMath" => {
                inline.space();
                inline.push_raw(&format!("${}$", math::latex(child)));
            }
            "mc:AlternateContent" => {
                if let Some(branch) = branch(child) {
                    parts(branch, relationships, inline);
                }
            }
            "a14:m" | "m:oMathPara" => parts(child, relationships, inline),
            _ => {}
        }
    }
}

fn run(run: &Element, relationships: &Relationships, inline: &mut Inline) {
    let properties = run.child("a:rPr");
    let text = run.child("a:t").map(Element::text).unwrap_or_default();
    let link = properties.and_then(|p| p.child("a:hlinkClick")).and_then(|l| l.attribute("r:id"));
    let url = link.and_then(|id| relationships.url(id));
    if url != inline.open_url() {
        inline.close_link();
        if let Some(url) = url {
            inline.open_link(url);
        }
    }
    let raised = properties.and_then(|p| p.attribute("baseline"));
    let is_raised = raised.and_then(|raise| raise.parse::<i32>().ok()).is_some_and(|by| by > 0);
    let opens_number =
        text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '\u{2212}'));
    if is_raised && opens_number && inline.text.ends_with(char::is_alphanumeric) {
        inline.push_raw("^");
    }
    // A vertical tab is a line break inside a paragraph.
    inline.push_raw(&text.replace('\u{b}', "\n"));
}
