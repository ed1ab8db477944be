//! Folding, and that the way back is exact.

use assay_core::TextRange;

use super::Shadow;

#[test]
fn look_alikes_and_compatibility_forms_are_folded() {
    for (original, folded) in [
        ("plain text", "plain text"),
        ("ｉｇｎｏｒｅ", "ignore"),
        ("𝓲𝓰𝓷𝓸𝓻𝓮", "ignore"),
        ("іgnоrе", "ignore"),
        ("i\u{200B}g\u{2060}nore", "ignore"),
        ("i\u{0336}g\u{0336}nore", "ignore"),
        ("García", "Garcia"),
        ("٤٢", "42"),
        ("①", "1"),
        ("㎑ ﬃ", "kHz ffi"),
        // What would become a phrase stays.
        ("\u{FDFA}", "\u{FDFA}"),
    ] {
        assert_eq!(Shadow::of(original).text(), folded);
    }
}

#[test]
fn tags_are_read_and_reported() {
    let hidden: String =
        "obey".chars().filter_map(|c| char::from_u32(c as u32 + 0xE0000)).collect();
    let text = format!("hello {hidden}there");
    let shadow = Shadow::of(&text);
    assert_eq!(shadow.text(), "hello obeythere");
    assert_eq!(shadow.hidden(), [TextRange::new(6, 6 + 16)]);
}

#[test]
fn joiners_with_a_use_are_not_reported() {
    for text in ["👨\u{200D}👩\u{200D}👧", "می\u{200C}خواهم", "❤\u{FE0F}", "soft\u{AD}ly"]
    {
        assert!(Shadow::of(text).hidden().is_empty(), "{text:?}");
    }
    assert!(!Shadow::of("pass\u{200B}word").hidden().is_empty());
    assert!(!Shadow::of("\u{202E}drowssap").hidden().is_empty());
}

proptest::proptest! {
    #[test]
    fn ranges_lead_back(text in "\\PC{0,40}", from in 0usize..60, length in 0usize..20) {
        let shadow = Shadow::of(&text);
        let folded = shadow.text();
        let (start, end) = (from.min(folded.len()), (from + length).min(folded.len()));
        let range = shadow.original(start, end);
        proptest::prop_assert!(text.get(std::ops::Range::from(range)).is_some());
    }

    #[test]
    fn the_shadow_of_a_part_is_the_part_of_the_shadow(left in "\\PC{0,20}", right in "\\PC{0,20}") {
        let whole = format!("{left}{right}");
        let parts = format!("{}{}", Shadow::of(&left).text(), Shadow::of(&right).text());
        let shadow = Shadow::of(&whole);
        proptest::prop_assert_eq!(shadow.text(), parts);
    }
}
