//! The same number in another unit.

use super::{Edit, Scene, words::adjoin};

/// Units that can stand for each other without the sentence reading oddly.
const GROUPS: [&[&str]; 17] = [
    &["kilometres", "metres", "miles", "feet"],
    &["kilometers", "meters", "miles", "feet"],
    &["km", "m", "mi"],
    &["cm", "mm", "m"],
    &["kg", "g", "mg"],
    &["mg", "g", "µg"],
    &["pounds", "ounces", "tons"],
    &["years", "months", "weeks", "days"],
    &["year", "month", "week", "day"],
    &["hours", "minutes", "days", "seconds"],
    &["hour", "minute", "day"],
    &["acres", "hectares"],
    &["ml", "l"],
    &["inches", "feet", "yards"],
    &["gallons", "litres"],
    &["centuries", "decades", "years"],
    &["degrees", "percent"],
];
const SCALES: [&str; 4] = ["thousand", "million", "billion", "trillion"];
/// What a number can hardly be measured in when it was measured in a length or a mass.
const OTHERS: [(&str, &str); 8] = [
    ("km", "kg"),
    ("miles", "hours"),
    ("kg", "km"),
    ("years", "miles"),
    ("metres", "kilograms"),
    ("feet", "pounds"),
    ("minutes", "metres"),
    ("mg", "ml"),
];

/// Units that are rarely met.
const RARE: [(&str, &str); 10] = [
    ("years", "fortnights"),
    ("km", "leagues"),
    ("kg", "stone"),
    ("hours", "quarters"),
    ("days", "nights"),
    ("miles", "furlongs"),
    ("feet", "fathoms"),
    ("million", "dozen"),
    ("months", "semesters"),
    ("%", " per mille"),
];

/// Changes of the units of a sentence.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let words = scene.words.clone();
    let mut edits = Vec::new();
    for pair in words.windows(2) {
        let [before, word] = pair else { continue };
        if !adjoin(scene.sentence, before, word) {
            continue;
        }
        if word.is_number() {
            let currency = match before.text {
                "$" => "€",
                "£" | "€" => "$",
                _ => continue,
            };
            edits.push(Edit::swap(before, currency, "unit/currency"));
        }
        let counted = before.is_number() || is_count(&before.lower);
        if !counted {
            continue;
        }
        if SCALES.contains(&word.lower.as_str()) {
            edits.push(Edit::swap(word, scene.other(&SCALES, &word.lower), "unit/scale"));
        }
        for group in GROUPS.iter().filter(|group| group.contains(&word.lower.as_str())) {
            let other = scene.other(group, &word.lower);
            edits.push(Edit::swap(word, other, "unit/same_dimension"));
        }
        if let Some((_, other)) = OTHERS.iter().find(|(unit, _)| *unit == word.lower) {
            edits.push(Edit::swap(word, *other, "unit/other_dimension"));
        }
        if let Some((_, other)) = RARE.iter().find(|(unit, _)| *unit == word.lower) {
            edits.push(Edit::swap(word, *other, "unit/rare"));
        }
        if word.text == "%" || word.lower == "percent" {
            edits.push(Edit::swap(word, " percentage points", "unit/percentage_points"));
        }
    }
    edits
}

fn is_count(word: &str) -> bool {
    matches!(
        word,
        "two"
            | "three"
            | "four"
            | "five"
            | "six"
            | "seven"
            | "eight"
            | "nine"
            | "ten"
            | "twenty"
            | "hundred"
            | "several"
            | "few"
    )
}
