//! Values: texts that may also be numbers or times.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// A value of a document or of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    /// As it was written.
    pub(crate) shown: Box<str>,
    /// In lower case; none when it is written so.
    folded: Option<Box<str>>,
    /// As a number, when it is one.
    pub(crate) number: Option<f64>,
    /// As a stretch of time in milliseconds since 1970, end excluded: `2024-03` is a month.
    pub(crate) time: Option<(i64, i64)>,
}

impl Value {
    pub(crate) fn new(text: &str) -> Self {
        let folded = text.to_lowercase();
        Self {
            folded: (folded != text).then(|| folded.into()),
            number: number(text),
            time: time(text),
            shown: text.into(),
        }
    }

    /// The text in lower case.
    pub(crate) fn folded(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.shown)
    }
}

fn number(text: &str) -> Option<f64> {
    let digits = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    digits.then(|| text.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}

/// Years, months, days and instants of ISO 8601; without an offset in UTC.
fn time(text: &str) -> Option<(i64, i64)> {
    let head = text.as_bytes().get(..4)?;
    if !head.iter().all(u8::is_ascii_digit) || text.len() > 40 {
        return None;
    }
    let start_of = |date: Date| ms(date.to_datetime(jiff::civil::Time::midnight()));
    let mut parts = text.splitn(3, '-');
    let year: i16 = parts.next()?.parse().ok()?;
    let Some(month) = parts.next() else {
        let start = start_of(Date::new(year, 1, 1).ok()?)?;
        return Some((start, start_of(Date::new(year.checked_add(1)?, 1, 1).ok()?)?));
    };
    if parts.next().is_none() {
        let first = Date::new(year, month.parse().ok()?, 1).ok()?;
        let next = first.last_of_month().tomorrow().ok()?;
        return Some((start_of(first)?, start_of(next)?));
    }
    if text.len() == 10 {
        let date: Date = text.parse().ok()?;
        return Some((start_of(date)?, start_of(date.tomorrow().ok()?)?));
    }
    let instant = match text.parse::<Timestamp>() {
        Ok(instant) => instant.as_millisecond(),
        Err(_) => ms(text.parse::<DateTime>().ok()?)?,
    };
    Some((instant, instant + 1))
}

fn ms(time: DateTime) -> Option<i64> {
    Some(TimeZone::UTC.to_timestamp(time).ok()?.as_millisecond())
}
