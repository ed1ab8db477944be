//! Another number: a changed digit, a moved point, another number word.

use super::{Edit, Scene, words::Word};

const WORDS: [&str; 12] = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "twenty",
];
const ORDINALS: [&str; 9] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];

/// Changes of the numbers of a sentence.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let words = scene.words.clone();
    let mut edits = Vec::new();
    for (at, word) in words.iter().enumerate() {
        // In `G1` or `1st` the digits belong to a name or a day.
        let before = scene.sentence.get(..word.at.start).unwrap_or_default();
        let after = scene.sentence.get(word.at.end..).unwrap_or_default();
        let alone = !before.ends_with(|c: char| c.is_alphanumeric() || c == '.')
            && !after.starts_with(char::is_alphabetic);
        if word.is_number() && alone && !scene.is_date(at) {
            digits(scene, word, &mut edits);
        }
        for (list, rule) in [(&WORDS[..], "number/word"), (&ORDINALS[..], "number/ordinal")] {
            if list.contains(&word.lower.as_str()) {
                let other = scene.other(list, &word.lower);
                edits.push(Edit::swap(word, other, rule));
            }
        }
        let multiple = match word.lower.as_str() {
            "twice" => "three times",
            "doubled" => "tripled",
            "half" => "a third",
            "double" => "triple",
            _ => continue,
        };
        edits.push(Edit::swap(word, multiple, "number/multiple"));
    }
    edits
}

fn digits(scene: &mut Scene<'_>, word: &Word<'_>, edits: &mut Vec<Edit>) {
    let text = word.text;
    let mut add = |new: Option<String>, rule| {
        edits.extend(new.filter(|new| new != text).map(|new| Edit::swap(word, new, rule)));
    };
    add(changed_digit(scene, text), "number/digit");
    add(swapped_digits(text), "number/swapped_digits");
    if let Some((whole, part)) = text.split_once('.') {
        add(Some(format!("{whole}{part}")), "number/decimal_point");
        return;
    }
    let Ok(value) = text.replace(',', "").parse::<u64>() else { return };
    add(Some(format!("{}", value.saturating_mul(10))), "number/tenfold");
    if !text.contains(',') {
        add(Some(format!("{}", value + 1)), "number/next");
    }
    if value > 20 {
        add(Some(format!("{}", value + value / 10)), "number/tenth_more");
        add(Some("a dozen".to_owned()), "number/dozen");
    }
    if value > 0 && value < 20 {
        let same = (value as usize).checked_sub(2).and_then(|at| WORDS.get(at)).copied();
        add(Some(scene.other(&WORDS, same.unwrap_or_default()).to_owned()), "number/in_words");
    }
}

/// The number with one digit changed.
pub(super) fn changed_digit(scene: &mut Scene<'_>, text: &str) -> Option<String> {
    let digits: Vec<usize> =
        text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
    let at = *scene.random.pick(&digits)?;
    let old = text.get(at..=at)?.parse::<usize>().ok()?;
    let new = (old + 1 + scene.random.below(8)) % 10;
    let new = if new == 0 && at == 0 { (old % 9) + 1 } else { new };
    Some(format!("{}{new}{}", text.get(..at)?, text.get(at + 1..)?))
}

/// The number with the first two neighbouring digits swapped that differ.
pub(super) fn swapped_digits(text: &str) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let place = chars.windows(2).position(|pair| {
        matches!(pair, [a, b] if a.is_ascii_digit() && b.is_ascii_digit() && a != b && *b != '0')
    })?;
    chars.swap(place, place + 1);
    Some(chars.into_iter().collect())
}
