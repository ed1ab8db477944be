//! What is not changed stays as it was written.

use proptest::prelude::*;

use super::{Change, Fields, quoted, text_of};

#[test]
fn digits_and_unknown_fields_survive() {
    let json = r#"{"model":"a","seed":12345678901234567890123,"x":{"y":[1.10,2e-9]},"n":1}"#;
    let fields = Fields::of(json).unwrap();
    let changed = fields.with(&[
        ("model", Change::text("b\"c")),
        ("n", Change::Drop),
        ("stream", Change::json("true")),
    ]);
    assert_eq!(
        changed,
        r#"{"model":"b\"c","seed":12345678901234567890123,"x":{"y":[1.10,2e-9]},"stream":true}"#
    );
}

#[test]
fn a_field_that_stands_twice_is_refused() {
    let error = Fields::read(br#"{"model":"cheap","model":"dear"}"#).unwrap_err().to_string();
    assert!(error.contains("`model` stands twice"), "{error}");
    assert!(Fields::read(br#"{"model":"cheap","mod\u0065l":"dear"}"#).is_err());
}

proptest! {
    #[test]
    fn a_quoted_text_reads_back(text in ".*") {
        let json = quoted(&text);
        prop_assert_eq!(text_of(&json).unwrap(), text);
    }

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Fields::read(&bytes);
    }
}
