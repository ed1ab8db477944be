//! The labels of list items and numbered headings.

use std::collections::HashMap;

use crate::format::{
    numeral::{letters, roman},
    part::Element,
};

/// Levels of a list.
const LEVELS: usize = 9;

/// How lists count.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    lists: HashMap<String, [Level; LEVELS]>,
    /// For each list used in the text: its definition, and the starts it sets anew.
    instances: HashMap<String, Instance>,
}

#[derive(Debug)]
struct Instance {
    list: String,
    starts: HashMap<usize, u32>,
}

#[derive(Debug, Clone)]
struct Level {
    format: String,
    text: String,
    start: u32,
}

impl Default for Level {
    fn default() -> Self {
        Self { format: "bullet".to_owned(), text: String::new(), start: 1 }
    }
}

/// Where all lists of a document stand.
#[derive(Debug, Default)]
pub(super) struct Counters(HashMap<String, [Option<u32>; LEVELS]>);

/// The label of one item.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Label {
    Bullet,
    /// Such as `2.1.`.
    Number(String),
}

impl Numbering {
    pub(super) fn of(part: Option<&Element>) -> Self {
        let mut numbering = Self::default();
        for element in part.into_iter().flat_map(Element::children) {
            match element.name.as_str() {
                "w:abstractNum" => {
                    if let Some(id) = element.attribute("w:abstractNumId") {
                        numbering.lists.insert(id.to_owned(), levels(element));
                    }
                }
                "w:num" => {
                    let list = element.value("w:abstractNumId");
                    if let (Some(id), Some(list)) = (element.attribute("w:numId"), list) {
                        let instance = Instance { list: list.to_owned(), starts: starts(element) };
                        numbering.instances.insert(id.to_owned(), instance);
                    }
                }
                _ => {}
            }
        }
        numbering
    }

    /// Counts one item and gives its label.
    pub(super) fn label(&self, number: &str, level: u8, counters: &mut Counters) -> Label {
        let level = usize::from(level).min(LEVELS - 1);
        let Some(instance) = self.instances.get(number) else { return Label::Bullet };
        let Some(levels) = self.lists.get(&instance.list) else { return Label::Bullet };
        // Instances share the count of their list unless they set it anew.
        let key = if instance.starts.is_empty() { instance.list.as_str() } else { number };
        let counts = counters.0.entry(key.to_owned()).or_default();
        let start = |at: usize| {
            let own = instance.starts.get(&at).copied();
            own.or_else(|| levels.get(at).map(|level| level.start)).unwrap_or(1)
        };
        for (at, count) in counts.iter_mut().enumerate() {
            *count = match *count {
                Some(value) if at == level => Some(value.saturating_add(1)),
                None if at <= level => Some(start(at)),
                same if at < level => same,
                _ => None,
            };
        }
        let Some(own) = levels.get(level) else { return Label::Bullet };
        if own.format == "bullet" || own.format == "none" && own.text.is_empty() {
            return Label::Bullet;
        }
        let mut text = own.text.clone();
        for (at, (level, count)) in levels.iter().zip(counts.iter()).enumerate() {
            let value = spelled(&level.format, count.unwrap_or(level.start));
            text = text.replace(&format!("%{}", at + 1), &value);
        }
        Label::Number(text.trim().to_owned())
    }
}

fn levels(list: &Element) -> [Level; LEVELS] {
    let mut levels: [Level; LEVELS] = Default::default();
    for element in list.children().filter(|element| element.name == "w:lvl") {
        let at = element.attribute("w:ilvl").and_then(|level| level.parse::<usize>().ok());
        let Some(level) = at.and_then(|at| levels.get_mut(at)) else { continue };
        *level = Level {
            format: element.value("w:numFmt").unwrap_or("decimal").to_owned(),
            text: element.value("w:lvlText").unwrap_or("").to_owned(),
            start: element.value("w:start").and_then(|start| start.parse().ok()).unwrap_or(1),
        };
    }
    levels
}

fn starts(instance: &Element) -> HashMap<usize, u32> {
    let overrides = instance.children().filter(|element| element.name == "w:lvlOverride");
    let pair = |element: &Element| {
        let level = element.attribute("w:ilvl")?.parse().ok()?;
        Some((level, element.value("w:startOverride")?.parse().ok()?))
    };
    overrides.filter_map(pair).collect()
}

/// A number in the format of a level.
fn spelled(format: &str, number: u32) -> String {
    match format {
        "lowerLetter" => letters(number).to_lowercase(),
        "upperLetter" => letters(number),
        "lowerRoman" => roman(number).to_lowercase(),
        "upperRoman" => roman(number),
        "decimalZero" => format!("{number:02}"),
        "none" | "bullet" => String::new(),
        _ => number.to_string(),
    }
}
