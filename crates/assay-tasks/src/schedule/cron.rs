//! Cron expressions: five fields (minute, hour, day of month, month, day of week) in the manner of
//! Vixie cron, evaluated in a time zone.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::Date,
    tz::{AmbiguousOffset, TimeZone},
};

/// Days searched for the next time: the 29th of February is at most eight years away.
const DAYS_MAX: usize = 8 * 366 + 1;
/// Longest expression, in bytes.
const BYTES_MAX: usize = 256;
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const SHORT: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// Times of a calendar.
///
/// Where clocks change: an expression whose hour begins with `*` follows elapsed time, so it fires in
/// both passes of a repeated hour and not in one that is left out. Any other means a time of day:
/// it fires once in a repeated hour, the first time, and a time that is left out comes as much later
/// as the clocks move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether both the day of the month and of the week are restricted: then either will do.
    either_day: bool,
    /// Whether the hour field begins with `*`.
    every_hour: bool,
}

/// A text that is no cron expression, with the reason for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidCron(String);

impl fmt::Display for InvalidCron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidCron {}

impl FromStr for Cron {
    type Err = InvalidCron;

    fn from_str(text: &str) -> Result<Self, InvalidCron> {
        if text.len() > BYTES_MAX {
            return Err(InvalidCron(format!("it is longer than {BYTES_MAX} bytes")));
        }
        let text = text.trim().to_ascii_lowercase();
        let short = SHORT.iter().find(|(name, _)| *name == text);
        let fields: Vec<&str> =
            short.map_or(text.as_str(), |(_, long)| long).split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(InvalidCron(format!(
                "it has {} fields and not five: minute, hour, day of month, month, day of week",
                fields.len()
            )));
        };
        let mut weekdays =
            Field { name: "day of week", min: 0, max: 7, words: &DAYS }.parse(weekday)?;
        // Both 0 and 7 are Sunday.
        weekdays = (weekdays | weekdays >> 7) & 0x7f;
        Ok(Self {
            minutes: Field { name: "minute", min: 0, max: 59, words: &[] }.parse(minute)?,
            hours: Field { name: "hour", min: 0, max: 23, words: &[] }.parse(hour)?,
            days: Field { name: "day of month", min: 1, max: 31, words: &[] }.parse(day)?,
            months: Field { name: "month", min: 1, max: 12, words: &MONTHS }.parse(month)?,
            weekdays,
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
            every_hour: hour.starts_with('*'),
        })
    }
}

impl Cron {
    /// The first time after another; `None` when there is none within eight years, as with the
    /// 30th of February.
    #[must_use]
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // A time that a change of clocks moved may belong to the day before.
        let start = zone.to_datetime(after).date().yesterday().ok()?;
        let days = std::iter::successors(Some(start), |day| day.tomorrow().ok());
        let days = days.take(DAYS_MAX).filter(|day| self.has_day(*day));
        days.map(|day| self.first_on(day, after, zone)).find(Option::is_some).flatten()
    }

    fn has_day(&self, day: Date) -> bool {
        let weekday = has(self.weekdays, day.weekday().to_sunday_zero_offset().unsigned_abs());
        let in_month = has(self.days, day.day().unsigned_abs());
        let is_day = if self.either_day { weekday || in_month } else { weekday && in_month };
        is_day && has(self.months, day.month().unsigned_abs())
    }

    /// The first time of a day after another.
    fn first_on(&self, day: Date, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let hours = (0..24).filter(|hour| has(self.hours, *hour));
        let times = hours.flat_map(|hour| {
            let minutes = (0..60).filter(|minute| has(self.minutes, *minute));
            minutes.map(move |minute| (hour, minute))
        });
        times.flat_map(|time| self.at(day, time, zone)).flatten().filter(|at| *at > after).min()
    }

    /// The times that a time of day of a day means: none, one or two.
    fn at(&self, day: Date, (hour, minute): (u8, u8), zone: &TimeZone) -> [Option<Timestamp>; 2] {
        let time = day.at(hour.cast_signed(), minute.cast_signed(), 0, 0);
        let time = zone.to_ambiguous_timestamp(time);
        match time.offset() {
            AmbiguousOffset::Gap { .. } if self.every_hour => [None; 2],
            AmbiguousOffset::Fold { .. } if self.every_hour => {
                [time.earlier().ok(), time.later().ok()]
            }
            _ => [time.compatible().ok(), None],
        }
    }
}

fn has(set: u64, number: u8) -> bool {
    set >> number & 1 == 1
}

/// One of the five fields.
struct Field {
    name: &'static str,
    min: u8,
    max: u8,
    /// Names of the numbers from `min` on.
    words: &'static [&'static str],
}

impl Field {
    /// The numbers of a list such as `1-5,10` or `*/15`, as bits.
    fn parse(&self, text: &str) -> Result<u64, InvalidCron> {
        text.split(',').try_fold(0, |set, part| Ok(set | self.parse_part(part)?))
    }

    fn parse_part(&self, part: &str) -> Result<u64, InvalidCron> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let step = match step.map(str::parse) {
            None => None,
            Some(Ok(step @ 1..=59_usize)) => Some(step),
            Some(_) => return Err(self.wrong(part)),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            None if range == "*" => (self.min, self.max),
            None => {
                let first = self.number(range)?;
                // `5/10` means from 5 on.
                (first, if step.is_some() { self.max } else { first })
            }
        };
        if first > last {
            return Err(self.wrong(part));
        }
        Ok((first..=last).step_by(step.unwrap_or(1)).fold(0, |set, number| set | 1 << number))
    }

    fn number(&self, text: &str) -> Result<u8, InvalidCron> {
        let word = (self.min..).zip(self.words).find(|(_, word)| **word == text);
        let number = word.map(|(number, _)| number).or_else(|| text.parse().ok());
        number.filter(|it| (self.min..=self.max).contains(it)).ok_or_else(|| self.wrong(text))
    }

    fn wrong(&self, part: &str) -> InvalidCron {
        let Self { name, min, max, .. } = self;
        InvalidCron(format!(
            "`{part}` is no {name}: {min} to {max}, as in `{min}`, `{min}-{max}`, `*/2`"
        ))
    }
}

#[cfg(test)]
mod tests;
