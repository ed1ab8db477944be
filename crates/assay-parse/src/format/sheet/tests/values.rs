//! Values as a person reads them.

use crate::format::sheet::value::{Shown, iso_date, iso_duration, number};

#[test]
fn numbers_have_no_noise() {
    let cases = [
        (0.1 + 0.2, "0.3"),
        (1.1 * 4.0 + 8e-16, "4.4"),
        (3.0, "3"),
        (-0.0, "0"),
        (-12.5, "-12.5"),
        (1234567.891, "1234567.891"),
        (1.0 / 3.0, "0.333333333333333"),
        (1e300, "1e300"),
        (2.5e-12, "2.5e-12"),
        (9007199254740993.0, "9007199254740990"),
    ];
    for (value, expected) in cases {
        assert_eq!(number(value), expected);
    }
}

#[test]
fn formats_say_what_a_number_is() {
    let cases = [
        ("General", Shown::Number),
        ("#,##0.00 \"days\"", Shown::Number),
        ("[Red]0.00;-0.00", Shown::Number),
        ("_-* #,##0.00\\ \\m", Shown::Number),
        ("0%", Shown::Percent(0)),
        ("0.0#%;[Red]-0%", Shown::Percent(2)),
        ("dd.mm.yyyy", Shown::DateTime),
        ("[$-409]h:mm AM/PM;@", Shown::DateTime),
        ("[h]:mm:ss", Shown::Duration),
        ("[mm]:ss", Shown::Duration),
    ];
    for (code, expected) in cases {
        assert_eq!(Shown::of_code(code), expected, "{code}");
    }
}

#[test]
fn dates_read_as_iso() {
    let date = |days| Shown::DateTime.text(days, false);
    assert_eq!(date(45_292.0), "2024-01-01");
    assert_eq!(date(45_292.75), "2024-01-01 18:00:00");
    assert_eq!(date(45_292.999_999_9), "2024-01-02");
    assert_eq!(date(0.5), "12:00:00");
    assert_eq!(date(1e300), "9999-12-31");
    assert_eq!(Shown::DateTime.text(43_830.0, true), "2024-01-01");
    assert_eq!(Shown::Duration.text(1.5, false), "36:00:00");
    assert_eq!(Shown::Duration.text(-0.25, false), "-6:00:00");
    assert_eq!(Shown::Percent(1).text(0.1234, false), "12.3%");
    assert_eq!(iso_date("2024-01-01T00:00:00"), "2024-01-01");
    assert_eq!(iso_date("2024-01-01T10:30:00.5"), "2024-01-01 10:30:00");
    assert_eq!(iso_duration("PT12H30M05S").as_deref(), Some("12:30:05"));
    assert_eq!(iso_duration("soon"), None);
}
