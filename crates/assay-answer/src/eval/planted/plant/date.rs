//! Another moment: year, month, day, decade, century, weekday, season.

use super::{Edit, Scene, number};
pub(super) use crate::bibliography::MONTHS;

const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SEASONS: [&str; 4] = ["spring", "summer", "autumn", "winter"];

/// Changes of the dates of a sentence.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let words = scene.words.clone();
    let mut edits = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map_or("", |next| next.lower.as_str());
        if word.is_number() && scene.is_date(at) {
            year_or_day(scene, at, next, &mut edits);
        } else if next == "century" {
            let ordinals = ["15", "16", "17", "18", "19", "20"];
            let spelt = ["seventeenth", "eighteenth", "nineteenth", "twentieth"];
            if spelt.contains(&word.lower.as_str()) {
                let other = scene.other(&spelt, &word.lower);
                edits.push(Edit::swap(word, other, "date/century"));
            }
            // The digits and their ending are two words: `19` `th` `century`.
            if let Some(digits) = at.checked_sub(1).and_then(|at| words.get(at))
                && digits.is_number()
                && word.lower == "th"
            {
                edits.push(Edit::swap(digits, scene.other(&ordinals, digits.text), "date/century"));
            }
        }
        for (list, rule) in [(&MONTHS[..], "date/month"), (&WEEKDAYS[..], "date/weekday")] {
            if list.contains(&word.text) {
                edits.push(Edit::swap(word, scene.other(list, word.text), rule));
            }
        }
        if SEASONS.contains(&word.text) {
            edits.push(Edit::swap(word, "Easter", "date/feast"));
            edits.push(Edit::swap(word, scene.other(&SEASONS, word.text), "date/season"));
        }
    }
    edits
}

fn year_or_day(scene: &mut Scene<'_>, at: usize, next: &str, edits: &mut Vec<Edit>) {
    let Some(word) = scene.words.get(at).cloned() else { return };
    let Ok(value) = word.text.parse::<u32>() else { return };
    if value < 32 {
        let other = 1 + (value + u32::try_from(scene.random.below(26)).unwrap_or(1)) % 28;
        if other != value {
            edits.push(Edit::swap(&word, other.to_string(), "date/day"));
        }
    } else if next == "s" {
        let other = value + 10 * (1 + u32::try_from(scene.random.below(3)).unwrap_or(1));
        edits.push(Edit::swap(&word, other.to_string(), "date/decade"));
    } else {
        let back = u32::try_from(1 + scene.random.below(30)).unwrap_or(1);
        edits.push(Edit::swap(&word, (value - back).to_string(), "date/year"));
        edits.push(Edit::swap(&word, (value - 100).to_string(), "date/century_before"));
        let decade = value / 10 * 10 - 20;
        edits.push(Edit::swap(&word, format!("the {decade}s"), "date/other_decade"));
        let swapped = number::swapped_digits(word.text.get(2..).unwrap_or_default());
        let century = word.text.get(..2).unwrap_or_default();
        edits.extend(
            swapped
                .map(|rest| Edit::swap(&word, format!("{century}{rest}"), "date/swapped_digits")),
        );
    }
}
