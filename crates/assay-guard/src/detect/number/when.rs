//! Dates in digits.

use super::Run;
use crate::{
    Kind, Rule, Severity,
    detect::bytes::{self, Words},
    view::View,
};

static BIRTH: Rule = Rule::built_in(
    "birth_date",
    Kind::BirthDate,
    Severity::Medium,
    "A date of birth tells people apart. A full date behind a word that speaks of birth.",
    &["She was born on 2/7/1961.", "DOB: 1961-07-02", "geboren am 02.07.1961"],
);
static DATE: Rule = Rule::built_in(
    "date",
    Kind::Date,
    Severity::Low,
    "A full date in digits may tie a text to a person.",
    &["It's like that since 11/15/1979", "2007-03-23 18:43:36"],
);

pub(super) const RULES: &[&Rule] = &[&BIRTH, &DATE];

const BIRTH_WORDS: Words = Words::new(&[
    "born",
    "birth",
    "dob ",
    "d.o.b",
    "bday",
    "geboren",
    "geburt",
    "geb ",
    "nacimiento",
    "nacido",
    "nacida",
    "naissance",
    "nato ",
    "nata ",
    "nascita",
    "nascimento",
    "geboorte",
]);

pub(super) fn date(view: &mut View<'_>, run: &Run) -> bool {
    let length = run.end - run.start;
    let separator = view.at(run.end);
    if !matches!(length, 1 | 2 | 4) || !matches!(separator, b'/' | b'-' | b'.') {
        return false;
    }
    if !run.stands_apart(view) || view.before(run.start) == b'+' {
        return false;
    }
    let groups = run.groups.within(12);
    let end = groups.end(3);
    let digits = groups.digits(3);
    let part = |from: usize, length: usize| {
        digits.iter().skip(from).take(length).fold(0u32, |n, &digit| n * 10 + u32::from(digit))
    };
    let [a, b, c] = match groups.lengths().get(..3) {
        Some(&[a, b, c]) => {
            let [a, b, c] = [a, b, c].map(usize::from);
            [(0, a), (a, b), (a + b, c)].map(|(from, length)| part(from, length))
        }
        _ => return false,
    };
    let same = groups.separators().iter().take(2).all(|&one| one == separator);
    let year = |year: u32| (1900..2100).contains(&year);
    let month_and_day = |x: u32, y: u32| {
        (1..=12).contains(&x) && (1..=31).contains(&y)
            || (1..=12).contains(&y) && (1..=31).contains(&x)
    };
    let four_first = length == 4 && year(a) && month_and_day(b, c);
    let four_last =
        length <= 2 && groups.lengths().get(2) == Some(&4) && year(c) && month_and_day(a, b);
    let birth = run.after(view, &BIRTH_WORDS);
    let short = length <= 2 && groups.lengths().get(2) == Some(&2) && birth && month_and_day(a, b);
    if !same
        || !(four_first || four_last || short)
        || bytes::is_word(view.at(end)) && view.at(end) != b'T'
    {
        return false;
    }
    let end = end + time(view.slice(end, run.window.right));
    view.found(run.start, end, if birth { &BIRTH } else { &DATE });
    true
}

/// Length of a time of day behind a date, its separator included.
fn time(text: &[u8]) -> usize {
    let digits = |at: usize| (0..2).all(|i| text.get(at + i).is_some_and(u8::is_ascii_digit));
    if !matches!(text.first(), Some(b' ' | b'T'))
        || !digits(1)
        || text.get(3) != Some(&b':')
        || !digits(4)
    {
        return 0;
    }
    if text.get(6) == Some(&b':') && digits(7) { 9 } else { 6 }
}
