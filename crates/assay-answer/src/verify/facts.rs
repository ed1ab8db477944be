//! What a checkable sentence pins down: numbers with their units, dates, and proper names.

use std::sync::LazyLock;

use super::words::{Shape, Token, WordMap};

/// A quantity, a date or a name, with the tokens that it stands on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fact {
    /// What it is.
    pub(crate) value: Value,
    /// Index of the first token.
    pub(crate) at: usize,
    /// Number of tokens.
    pub(crate) len: usize,
}

/// The value of a [`Fact`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A number as it counts (`2.5 million` is 2 500 000) and the unit that follows it.
    Number(f64, Option<Unit>),
    /// A date, as far as it is given.
    Date {
        /// Year.
        year: Option<u32>,
        /// Month from 1.
        month: Option<u32>,
        /// Day of the month.
        day: Option<u32>,
    },
    /// One word of a proper name, lower case.
    Name(String),
}

/// A unit of measure: what it measures and how many base units it holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unit {
    /// What is measured, such as `length`.
    pub(crate) dimension: &'static str,
    /// Size in the base unit of the dimension.
    pub(crate) factor: f64,
}

/// All facts of a sentence, in order.
pub(crate) fn facts(tokens: &[Token]) -> Vec<Fact> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let fact = date(tokens, at).or_else(|| number(tokens, at)).or_else(|| name(tokens, at));
        match fact {
            Some(fact) => {
                at += fact.len;
                found.push(fact);
            }
            None => at += 1,
        }
    }
    found
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The month that a token names; `may` and `march` only with a capital.
pub(crate) fn month(token: &Token) -> Option<u32> {
    if token.shape == Shape::Lower && matches!(token.lower.as_str(), "may" | "march") {
        return None;
    }
    let full = MONTHS.iter().position(|&month| month == token.lower);
    let short = || {
        let cut = token.lower.len() == 3 || token.lower == "sept";
        (cut && token.shape != Shape::Lower && token.lower != "may")
            .then(|| MONTHS.iter().position(|month| month.starts_with(&token.lower[..3])))
            .flatten()
    };
    let index = if token.lower.is_char_boundary(3) { full.or_else(short) } else { full };
    index.and_then(|index| u32::try_from(index + 1).ok())
}

/// A token that is a plain whole number from `least` to `most`.
fn whole(token: Option<&Token>, least: u32, most: u32) -> Option<u32> {
    let token = token.filter(|token| token.shape == Shape::Digits)?;
    let digits = token.lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let value: u32 = digits.parse().ok()?;
    (least..=most).contains(&value).then_some(value)
}

fn year(token: Option<&Token>) -> Option<u32> {
    whole(token, 1000, 2100).filter(|_| token.is_some_and(|token| !token.lower.ends_with("th")))
}

fn date(tokens: &[Token], at: usize) -> Option<Fact> {
    let token = tokens.get(at)?;
    let made =
        |year, month, day, len| Some(Fact { value: Value::Date { year, month, day }, at, len });
    if let Some(named) = month(token) {
        let day = whole(tokens.get(at + 1), 1, 31);
        let after = at + 1 + usize::from(day.is_some());
        let year = year(tokens.get(after));
        if day.is_none() && year.is_none() && token.first && token.lower == "may" {
            return None;
        }
        return made(year, Some(named), day, after + usize::from(year.is_some()) - at);
    }
    if let Some(day) = whole(Some(token), 1, 31) {
        let skip = usize::from(tokens.get(at + 1).is_some_and(|next| next.lower == "of"));
        if let Some(named) = tokens.get(at + 1 + skip).and_then(month) {
            let year = year(tokens.get(at + 2 + skip));
            return made(year, Some(named), Some(day), 2 + skip + usize::from(year.is_some()));
        }
    }
    let year = year(Some(token))?;
    let plain = !token.lower.contains('.') && unit(tokens, at + 1).is_none();
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let money = before.is_some_and(|before| before.shape == Shape::Symbol);
    // An ISO date comes as three number tokens.
    let iso = whole(tokens.get(at + 1), 1, 12).zip(whole(tokens.get(at + 2), 1, 31));
    match iso {
        Some((month, day))
            if token.lower.len() == 4
                && tokens.get(at + 1).is_some_and(|next| next.lower.len() == 2) =>
        {
            made(Some(year), Some(month), Some(day), 3)
        }
        _ if plain && !money && token.lower.len() <= 5 => made(Some(year), None, None, 1),
        _ => None,
    }
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const ORDINALS: [&str; 13] = [
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth",
];
const TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(&str, f64); 9] = [
    ("hundred", 1e2),
    ("thousand", 1e3),
    ("million", 1e6),
    ("billion", 1e9),
    ("trillion", 1e12),
    ("m", 1e6),
    ("bn", 1e9),
    ("k", 1e3),
    ("dozen", 12.0),
];

/// Number words by their value.
static NUMBER_WORDS: LazyLock<WordMap<&str, f64>> = LazyLock::new(|| {
    let counted = |words: &'static [&str], first: u32, step: u32| {
        words.iter().zip(0..).map(move |(&word, at): (_, u32)| (word, f64::from(first + step * at)))
    };
    let others = [("once", 1.0), ("twice", 2.0), ("double", 2.0), ("doubled", 2.0), ("half", 0.5)];
    counted(&SMALL, 0, 1)
        .chain(counted(&ORDINALS, 0, 1))
        .chain(counted(&TENS, 20, 10))
        .chain(others)
        .collect()
});

/// The value of one number word or digit token.
fn simple(token: &Token) -> Option<f64> {
    let word = token.lower.as_str();
    match token.shape {
        Shape::Digits => word.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().ok(),
        Shape::Symbol => None,
        _ => NUMBER_WORDS.get(word).copied(),
    }
}

fn number(tokens: &[Token], at: usize) -> Option<Fact> {
    let token = tokens.get(at)?;
    let mut value = simple(token)?;
    let mut len = 1;
    let is_tens = token.shape != Shape::Digits && TENS.contains(&token.lower.as_str());
    if is_tens && let Some(ones) = tokens.get(at + 1).and_then(simple).filter(|&ones| ones < 10.0) {
        value += ones;
        len += 1;
    }
    while let Some(next) = tokens.get(at + len)
        && let Some(&(scale, factor)) = SCALES.iter().find(|(scale, _)| *scale == next.lower)
        && (scale.len() > 1 || money_before(tokens, at))
    {
        value *= factor;
        len += 1;
    }
    let mut measured = unit(tokens, at + len);
    let next = tokens.get(at + len + 1).map_or("", |token| token.lower.as_str());
    if matches!(next, "point" | "points") && measured.is_some_and(|unit| unit.dimension == "share")
    {
        // Percentage points are differences of percentages.
        measured = known_unit(next);
        len += 1;
    }
    let unit = if money_before(tokens, at) {
        tokens.get(at - 1).and_then(|symbol| known_unit(&symbol.lower))
    } else {
        len += usize::from(measured.is_some());
        measured
    };
    Some(Fact { value: Value::Number(value, unit), at, len })
}

fn money_before(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| tokens.get(before))
        .is_some_and(|before| matches!(before.lower.as_str(), "$" | "€" | "£" | "¥"))
}

/// The unit at a token that stands after a number.
fn unit(tokens: &[Token], at: usize) -> Option<Unit> {
    known_unit(&tokens.get(at)?.lower)
}

/// The unit that a word names, in the plural too.
pub(crate) fn known_unit(word: &str) -> Option<Unit> {
    let singular = || word.strip_suffix('s').filter(|rest| rest.len() > 2);
    UNITS.get(word).or_else(|| UNITS.get(singular()?)).copied()
}

static UNITS: LazyLock<WordMap<&str, Unit>> = LazyLock::new(|| {
    let unit = |&(name, dimension, factor)| (name, Unit { dimension, factor });
    UNIT_LIST.iter().map(unit).collect()
});

/// Units by name: the dimension and the size in its base unit (SI, seconds, each currency its own).
#[rustfmt::skip]
const UNIT_LIST: [(&str, &str, f64); 92] = [
    ("metre", "length", 1.0), ("meter", "length", 1.0), ("m", "length", 1.0),
    ("kilometre", "length", 1e3), ("kilometer", "length", 1e3), ("km", "length", 1e3),
    ("centimetre", "length", 1e-2), ("centimeter", "length", 1e-2), ("cm", "length", 1e-2),
    ("millimetre", "length", 1e-3), ("millimeter", "length", 1e-3), ("mm", "length", 1e-3),
    ("micrometer", "length", 1e-6), ("micron", "length", 1e-6), ("nm", "length", 1e-9),
    ("nanometer", "length", 1e-9), ("mile", "length", 1609.344), ("mi", "length", 1609.344),
    ("foot", "length", 0.3048), ("feet", "length", 0.3048), ("ft", "length", 0.3048),
    ("inch", "length", 0.0254), ("inches", "length", 0.0254), ("yard", "length", 0.9144),
    ("kilogram", "mass", 1.0), ("kg", "mass", 1.0), ("gram", "mass", 1e-3), ("g", "mass", 1e-3),
    ("milligram", "mass", 1e-6), ("mg", "mass", 1e-6), ("microgram", "mass", 1e-9),
    ("µg", "mass", 1e-9), ("μg", "mass", 1e-9), ("ug", "mass", 1e-9), ("ng", "mass", 1e-12),
    ("pound", "mass", 0.453_592), ("lb", "mass", 0.453_592), ("ounce", "mass", 0.028_35),
    ("oz", "mass", 0.028_35), ("tonne", "mass", 1e3), ("ton", "mass", 1e3),
    ("litre", "volume", 1.0), ("liter", "volume", 1.0), ("l", "volume", 1.0),
    ("millilitre", "volume", 1e-3), ("milliliter", "volume", 1e-3), ("ml", "volume", 1e-3),
    ("gallon", "volume", 3.785), ("second", "time", 1.0), ("sec", "time", 1.0),
    ("minute", "time", 60.0), ("min", "time", 60.0), ("hour", "time", 3600.0),
    ("hr", "time", 3600.0), ("day", "time", 86_400.0), ("week", "time", 604_800.0),
    ("month", "time", 2_629_800.0), ("year", "time", 31_557_600.0),
    ("decade", "time", 315_576_000.0), ("century", "time", 3_155_760_000.0),
    ("centuries", "time", 3_155_760_000.0), ("ms", "time", 1e-3), ("millisecond", "time", 1e-3),
    ("%", "share", 0.01), ("percent", "share", 0.01),
    ("percentage", "share", 0.01), ("point", "points", 1.0), ("$", "dollar", 1.0), ("dollar", "dollar", 1.0),
    ("usd", "dollar", 1.0), ("€", "euro", 1.0), ("euro", "euro", 1.0), ("£", "sterling", 1.0),
    ("yen", "yen", 1.0), ("¥", "yen", 1.0), ("cent", "cent", 1.0), ("acre", "area", 4046.86),
    ("hectare", "area", 1e4), ("degree", "angle", 1.0), ("°", "angle", 1.0),
    ("mph", "speed", 0.447), ("kph", "speed", 0.278), ("hz", "rate", 1.0), ("khz", "rate", 1e3),
    ("mhz", "rate", 1e6), ("ghz", "rate", 1e9), ("watt", "power", 1.0), ("kw", "power", 1e3),
    ("mw", "power", 1e6), ("gw", "power", 1e9), ("megawatt", "power", 1e6),
    ("kilowatt", "power", 1e3),
];

/// Words of titles and ranks that are capitalised without naming anybody.
const NOT_NAMES: [&str; 14] = [
    "i",
    "mr",
    "mrs",
    "ms",
    "dr",
    "sir",
    "lady",
    "lord",
    "st",
    "jr",
    "sr",
    "results",
    "conclusions",
    "methods",
];

fn name(tokens: &[Token], at: usize) -> Option<Fact> {
    let token = tokens.get(at)?;
    let capital = matches!(token.shape, Shape::Capital | Shape::Acronym);
    if !capital || token.stop || NOT_NAMES.contains(&token.lower.as_str()) {
        return None;
    }
    // A capital at the start of a sentence is a name only when the next word has one too.
    let next_capital = tokens.get(at + 1).is_some_and(|next| {
        matches!(next.shape, Shape::Capital | Shape::Acronym) && !next.first && !next.stop
    });
    let sure = !token.first || token.shape == Shape::Acronym || next_capital;
    sure.then(|| Fact { value: Value::Name(token.lower.clone()), at, len: 1 })
}
