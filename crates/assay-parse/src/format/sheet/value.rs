//! Values as a person reads them.

use calamine::{ExcelDateTime, ExcelDateTimeType};

const SECONDS_A_DAY: f64 = 86_400.0;

/// What a number format makes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Number,
    /// Per cent with so many decimals.
    Percent(usize),
    /// A date, a time or both.
    DateTime,
    /// Hours, also more than 24.
    Duration,
}

impl Shown {
    /// By the number of a format that every program knows.
    pub(super) fn of_known(id: u32) -> Self {
        match id {
            9 => Self::Percent(0),
            10 => Self::Percent(2),
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Self::DateTime,
            46 => Self::Duration,
            _ => Self::Number,
        }
    }

    /// By the code of a format such as `0.0%` or `d.m.yyyy`.
    pub(super) fn of_code(code: &str) -> Self {
        let mut decimals = None;
        let mut shown = Self::Number;
        let mut chars = code.chars();
        while let Some(c) = chars.next() {
            match c.to_ascii_lowercase() {
                // Then come the formats of negative numbers, zero and text.
                ';' => break,
                '"' => while chars.next().is_some_and(|c| c != '"') {},
                '\\' | '_' | '*' => {
                    chars.next();
                }
                '[' => {
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    let first = inside.chars().next().map(|c| c.to_ascii_lowercase());
                    let is_one = inside.chars().all(|c| Some(c.to_ascii_lowercase()) == first);
                    if is_one && matches!(first, Some('h' | 'm' | 's')) {
                        return Self::Duration;
                    }
                }
                'd' | 'm' | 'y' | 'h' | 's' => shown = Self::DateTime,
                '%' if shown == Self::Number => shown = Self::Percent(0),
                '.' => decimals = Some(0),
                '0' | '#' | '?' => decimals = decimals.map(|count| count + 1),
                _ => {}
            }
        }
        match shown {
            Self::Percent(_) => Self::Percent(decimals.unwrap_or(0).min(15)),
            shown => shown,
        }
    }

    /// The text of a number.
    pub(super) fn text(self, number: f64, is_1904: bool) -> String {
        match self {
            Self::Number => self::number(number),
            Self::Percent(decimals) => format!("{:.decimals$}%", number * 100.0),
            Self::DateTime => date_time(number, is_1904),
            Self::Duration => duration(number),
        }
    }
}

/// A number without the noise of binary fractions: 15 digits are what spreadsheets show at most.
pub(super) fn number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return (number as i64).to_string();
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    let is_readable = (1e-9..1e21).contains(&rounded.abs());
    if is_readable { rounded.to_string() } else { format!("{rounded:e}") }
}

pub(super) fn boolean(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

/// A date, a time or both from the days since the epoch.
fn date_time(days: f64, is_1904: bool) -> String {
    // Half a second more makes the whole seconds right.
    let days_up = days + 0.5 / SECONDS_A_DAY;
    let time = ExcelDateTime::new(days_up, ExcelDateTimeType::DateTime, is_1904);
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    if (0.0..1.0).contains(&days) && days_up < 1.0 {
        return clock;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if clock == "00:00:00" { date } else { format!("{date} {clock}") }
}

fn duration(days: f64) -> String {
    let seconds = (days.abs() * SECONDS_A_DAY).round();
    let sign = if days < 0.0 && seconds > 0.0 { "-" } else { "" };
    // Saturates, which no duration comes near.
    clock(sign, seconds as u64)
}

fn clock(sign: &str, seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{sign}{hours}:{minutes:02}:{:02}", seconds % 60)
}

/// A date of ISO 8601, without a time that is midnight.
pub(super) fn iso_date(text: &str) -> String {
    let Some((date, time)) = text.split_once('T') else { return text.to_owned() };
    let whole = time.split(['.', ',']).next().unwrap_or(time).trim_end_matches('Z');
    if whole == "00:00:00" { date.to_owned() } else { format!("{date} {whole}") }
}

/// A duration of ISO 8601 such as `PT12H30M00S` as a clock shows it.
pub(super) fn iso_duration(text: &str) -> Option<String> {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let mut seconds = 0_u64;
    let mut digits = String::new();
    for c in rest.strip_prefix("P")?.chars() {
        let unit = match c {
            'T' => continue,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => {
                digits.push(c);
                continue;
            }
        };
        let count: f64 = digits.replace(',', ".").parse().ok()?;
        seconds = seconds.checked_add((count * f64::from(unit)).round() as u64)?;
        digits.clear();
    }
    Some(clock(sign, seconds))
}
