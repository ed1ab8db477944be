//! Dates that may know only their year.

use std::str::FromStr;

/// A day, a month or a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year of the Gregorian calendar.
    pub year: u16,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31.
    pub day: Option<u8>,
}

/// The months by their English names, from January.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl FromStr for Date {
    type Err = ();

    /// Reads `2020`, `2020-05`, `2020-05-03`, and of a time stamp the day.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim();
        let day = text.split(['T', ' ']).next().unwrap_or("");
        let parts: Vec<&str> = day.split('-').collect();
        if day != text && parts.len() != 3 {
            return Err(());
        }
        let number = |at: usize, digits: usize| match parts.get(at) {
            None => Ok(None),
            Some(part) if part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()) => {
                part.parse::<u16>().map(Some).map_err(|_| ())
            }
            Some(_) => Err(()),
        };
        let (year, month, day) = (number(0, 4)?.ok_or(())?, number(1, 2)?, number(2, 2)?);
        let known = parts.len() <= 3
            && month.is_none_or(|month| (1..=12).contains(&month))
            && day.is_none_or(|day| day >= 1 && day <= days(year, month.unwrap_or(0)));
        let small = |number: Option<u16>| number.and_then(|number| u8::try_from(number).ok());
        if known { Ok(Self { year, month: small(month), day: small(day) }) } else { Err(()) }
    }
}

const fn days(year: u16, month: u16) -> u16 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Date {
    fn name(self) -> Option<&'static str> {
        MONTHS.get(usize::from(self.month?).checked_sub(1)?).copied()
    }

    /// `May`, `Sept.`: as MLA and IEEE shorten them.
    fn short_name(self) -> Option<String> {
        let name = self.name()?;
        Some(match name {
            "May" | "June" | "July" => name.to_owned(),
            "September" => "Sept.".to_owned(),
            _ => format!("{}.", name.get(..3).unwrap_or(name)),
        })
    }

    /// `May 3, 2020`
    pub(super) fn american(self) -> String {
        self.written(self.name().map(str::to_owned))
    }

    /// `Sept. 3, 2020`
    pub(super) fn american_short(self) -> String {
        self.written(self.short_name())
    }

    fn written(self, month: Option<String>) -> String {
        match (month, self.day) {
            (Some(month), Some(day)) => format!("{month} {day}, {}", self.year),
            (Some(month), None) => format!("{month} {}", self.year),
            (None, _) => self.year.to_string(),
        }
    }

    /// `3 Sept. 2020`
    pub(super) fn day_first(self) -> String {
        match (self.short_name(), self.day) {
            (Some(month), Some(day)) => format!("{day} {month} {}", self.year),
            (Some(month), None) => format!("{month} {}", self.year),
            (None, _) => self.year.to_string(),
        }
    }

    /// `2020, May 3`
    pub(super) fn year_first(self) -> String {
        match (self.name(), self.day) {
            (Some(month), Some(day)) => format!("{}, {month} {day}", self.year),
            (Some(month), None) => format!("{}, {month}", self.year),
            (None, _) => self.year.to_string(),
        }
    }

    /// `may`: the macro of BibTeX.
    pub(super) fn macro_name(self) -> Option<String> {
        Some(self.name()?.get(..3)?.to_lowercase())
    }

    /// The parts that are known, joined: `2020-05-03` with `-`.
    pub(super) fn joined(self, separator: &str) -> String {
        let parts = [self.month, self.day].into_iter().flatten();
        let parts = parts.map(|part| format!("{separator}{part:02}")).collect::<String>();
        format!("{:04}{parts}", self.year)
    }

    /// Days since year 0, roughly: enough to tell how far two dates lie apart.
    pub(crate) fn rough_days(self) -> u32 {
        let month = u32::from(self.month.unwrap_or(7));
        u32::from(self.year) * 365 + month * 30 + u32::from(self.day.unwrap_or(15))
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.joined("-"))
    }
}
