//! Bullets and numbers in front of paragraphs.

use crate::format::{
    numeral::{Label, letters, roman},
    part::Element,
};

/// Levels of a list.
const LEVELS: usize = 9;

/// Where the numbered lists of a shape stand: for each level the numbering and the last number.
#[derive(Debug, Default)]
pub(super) struct Counters([Option<(String, u32)>; LEVELS]);

/// The level of a paragraph, from 0.
pub(super) fn level(properties: Option<&Element>) -> u8 {
    let level = properties.and_then(|p| p.attribute("lvl")).and_then(|level| level.parse().ok());
    level.unwrap_or(0).min(LEVELS as u8 - 1)
}

impl Counters {
    /// Counts a paragraph and gives what stands in front of it.
    pub(super) fn label(&mut self, properties: Option<&Element>, styles: &[&Element]) -> Label {
        let level = level(properties);
        let of_level = format!("a:lvl{}pPr", level + 1);
        let inherited = styles.iter().filter_map(|style| style.child(&of_level));
        let mark = properties.into_iter().chain(inherited).find_map(mark);
        let numbering = mark.filter(|mark| mark.name == "a:buAutoNum");
        let number = self.count(usize::from(level), numbering);
        match (mark.map(|mark| mark.name.as_str()), numbering) {
            (None | Some("a:buNone"), _) => Label::None,
            (_, Some(numbering)) => {
                Label::Number(spelled(numbering.attribute("type").unwrap_or(""), number))
            }
            _ => Label::Bullet,
        }
    }

    /// The number of a paragraph; deeper lists start anew behind it.
    fn count(&mut self, level: usize, numbering: Option<&Element>) -> u32 {
        for (_, deeper) in self.0.iter_mut().enumerate().filter(|(at, _)| *at > level) {
            *deeper = None;
        }
        let Some(slot) = self.0.get_mut(level) else { return 1 };
        let Some(numbering) = numbering else {
            *slot = None;
            return 1;
        };
        let start = numbering.attribute("startAt").and_then(|start| start.parse().ok());
        let start: u32 = start.unwrap_or(1);
        let key = format!("{} {start}", numbering.attribute("type").unwrap_or(""));
        let number = match slot {
            Some((own, last)) if *own == key => last.saturating_add(1),
            _ => start,
        };
        *slot = Some((key, number));
        number
    }
}

/// What properties of a paragraph say about its bullet.
fn mark(properties: &Element) -> Option<&Element> {
    properties.children().find(|child| {
        matches!(child.name.as_str(), "a:buNone" | "a:buChar" | "a:buAutoNum" | "a:buBlip")
    })
}

/// A number in a format such as `alphaLcParenR`.
fn spelled(format: &str, number: u32) -> String {
    let digits = match format {
        _ if format.starts_with("alphaLc") => letters(number).to_lowercase(),
        _ if format.starts_with("alphaUc") => letters(number),
        _ if format.starts_with("romanLc") => roman(number).to_lowercase(),
        _ if format.starts_with("romanUc") => roman(number),
        _ => number.to_string(),
    };
    match format {
        _ if format.ends_with("ParenBoth") => format!("({digits})"),
        _ if format.ends_with("ParenR") => format!("{digits})"),
        _ if format.ends_with("Plain") => digits,
        _ => format!("{digits}."),
    }
}
