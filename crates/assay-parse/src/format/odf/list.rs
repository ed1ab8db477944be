//! The labels of list items and numbered headings.

use std::collections::HashMap;

use crate::format::{
    numeral::{Label, letters, roman},
    part::Element,
};

/// Levels of a list.
const LEVELS: usize = 10;

/// How the levels of a list are marked.
#[derive(Debug, Default)]
pub(super) struct Levels([Level; LEVELS]);

#[derive(Debug, Default)]
enum Level {
    #[default]
    None,
    Bullet,
    Number {
        format: String,
        prefix: String,
        suffix: String,
        /// How many levels the label shows, its own included.
        shown: usize,
        start: u32,
    },
}

/// Where all lists of a document stand, by the name of their style.
#[derive(Debug, Default)]
pub(super) struct Counters(HashMap<String, [Option<u32>; LEVELS]>);

impl Levels {
    /// The levels of a list style or of the numbering of headings.
    pub(super) fn of(style: &Element) -> Self {
        let mut levels = Self::default();
        for element in style.children() {
            let level = element.attribute("text:level").and_then(|level| level.parse().ok());
            let at = level.unwrap_or(0_usize).checked_sub(1);
            if let Some(slot) = at.and_then(|at| levels.0.get_mut(at)) {
                *slot = level_of(element);
            }
        }
        levels
    }

    fn number(&self, at: usize, count: Option<u32>) -> Option<String> {
        let Level::Number { format, start, .. } = self.0.get(at)? else { return None };
        let number = count.unwrap_or(*start);
        match format.as_str() {
            "a" => Some(letters(number).to_lowercase()),
            "A" => Some(letters(number)),
            "i" => Some(roman(number).to_lowercase()),
            "I" => Some(roman(number)),
            _ => Some(number.to_string()),
        }
    }
}

fn level_of(element: &Element) -> Level {
    let text = |name| element.attribute(name).unwrap_or("").to_owned();
    let number = |name| element.attribute(name).and_then(|number| number.parse().ok());
    let format = text("style:num-format");
    match element.name.as_str() {
        "text:list-level-style-bullet" | "text:list-level-style-image" => Level::Bullet,
        _ if format.is_empty() => Level::None,
        _ => Level::Number {
            format,
            prefix: text("style:num-prefix"),
            suffix: text("style:num-suffix"),
            shown: number("text:display-levels").unwrap_or(1) as usize,
            start: number("text:start-value").unwrap_or(1),
        },
    }
}

impl Counters {
    /// Makes the lists of a style start anew.
    pub(super) fn restart(&mut self, style: &str) {
        self.0.remove(style);
    }

    /// Counts one item and gives its label. `start` sets the count.
    pub(super) fn label(
        &mut self,
        levels: &Levels,
        style: &str,
        depth: usize,
        start: Option<u32>,
    ) -> Label {
        let depth = depth.min(LEVELS - 1);
        let first = |at: usize| match levels.0.get(at) {
            Some(Level::Number { start, .. }) => *start,
            _ => 1,
        };
        let counts = self.0.entry(style.to_owned()).or_default();
        for (at, count) in counts.iter_mut().enumerate() {
            *count = match *count {
                _ if at == depth && start.is_some() => start,
                Some(last) if at == depth => Some(last.saturating_add(1)),
                None if at <= depth => Some(first(at)),
                same if at < depth => same,
                _ => None,
            };
        }
        match levels.0.get(depth) {
            Some(Level::Number { prefix, suffix, shown, .. }) => {
                let from = (depth + 1).saturating_sub((*shown).max(1));
                let shown = counts.iter().enumerate().take(depth + 1).skip(from);
                let numbers: Vec<String> =
                    shown.filter_map(|(at, count)| levels.number(at, *count)).collect();
                let label = format!("{prefix}{}{suffix}", numbers.join("."));
                Label::Number(label.trim().to_owned())
            }
            Some(Level::Bullet) => Label::Bullet,
            _ => Label::None,
        }
    }
}
