//! Names of fields, forms of dates and the bounds.

use super::{FIELDS_MAX, Metadata, VALUE_BYTES, iso_date};

#[test]
fn fields_are_known_by_many_names() {
    let mut metadata = Metadata::default();
    for (name, value) in [
        ("dc:creator", "A"),
        ("Author", "B"),
        ("author", "A"),
        ("og:locale", "de_DE"),
        ("lang", "en"),
        ("tags", "x, y"),
        ("article:tag", "x"),
        ("date", "2024-05-06"),
        ("article:modified_time", "2024-05-07T08:09:10+02:00"),
        ("updated", "last week"),
        ("layout", " post "),
        ("blank", " "),
    ] {
        metadata.take(name, value);
    }
    let metadata = metadata.bounded();
    assert_eq!(metadata.authors, ["A", "B"]);
    assert_eq!(metadata.language.as_deref(), Some("de_DE"));
    assert_eq!(metadata.keywords, ["x", "y"]);
    assert_eq!(metadata.created.as_deref(), Some("2024-05-06"));
    assert_eq!(metadata.modified.as_deref(), Some("2024-05-07T08:09:10+02:00"));
    let custom: Vec<_> = metadata.custom.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(custom, [("layout", "post"), ("updated", "last week")]);
}

#[test]
fn dates_become_iso() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(iso_date(text).as_deref(), expected, "{text}");
    };
    check("2024", Some("2024"));
    check("2024-05", Some("2024-05"));
    check(" 2024-05-06 ", Some("2024-05-06"));
    check("2024-05-06 07:08:09", Some("2024-05-06T07:08:09"));
    check("2024-05-06T07:08:09Z", Some("2024-05-06T07:08:09Z"));
    check("Mon, 06 May 2024 07:08:09 +0200", Some("2024-05-06T07:08:09+02:00"));
    check("2024-13", None);
    check("20245", None);
    check("6. Mai", None);
    check("", None);
}

#[test]
fn values_are_bounded() {
    let mut metadata = Metadata::default();
    for number in 0..FIELDS_MAX * 2 {
        metadata.take(&format!("field {number}"), &"ä".repeat(VALUE_BYTES));
        metadata.take("author", &format!("author {number}"));
    }
    let metadata = metadata.bounded();
    assert_eq!((metadata.custom.len(), metadata.authors.len()), (FIELDS_MAX, FIELDS_MAX));
    assert!(metadata.custom.values().all(|value| value.len() == VALUE_BYTES));
}
