//! Ranges and character counts agree with those of the whole text.

use assay_core::{Coded, ErrorCode, TextRange};
use proptest::prelude::*;

use super::{CharCounts, PART_BYTES};
use crate::fixture::{Fixture, parsed};

fn boundary(text: &str, at: prop::sample::Index) -> usize {
    text.floor_char_boundary(at.index(text.len() + 1))
}

proptest! {
    #[test]
    fn characters_are_counted_as_by_the_text(
        text in "([a-z ]{0,40}|[äßλ中🦀]{0,20}){0,120}",
        at in any::<prop::sample::Index>(),
    ) {
        let byte = boundary(&text, at);
        let expected = text[..byte].chars().count();
        let before = CharCounts::of(&text).before(u32::try_from(byte).unwrap());
        prop_assert_eq!(before as usize, expected);
    }
}

#[test]
fn every_range_of_a_text_of_many_parts_reads_as_from_the_text() {
    let text: String = "Größe 中文 🦀 plain words. ".repeat(3 * PART_BYTES / 30);
    assert!(text.len() > 2 * PART_BYTES);
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", &text);
    fixture.tenant.save_parsed(received.version, parsed(&text)).unwrap();
    assert_eq!(fixture.tenant.text(received.version).unwrap(), text);

    let around = [0, 7, PART_BYTES - 3, PART_BYTES, PART_BYTES + 5, 2 * PART_BYTES, text.len()];
    for start in around {
        for end in around {
            let start = text.floor_char_boundary(start);
            let end = text.floor_char_boundary(end).max(start);
            let read = fixture.tenant.text_range(received.version, TextRange::new(start, end));
            assert_eq!(read.unwrap(), text[start..end]);
        }
    }
    let beyond = TextRange::new(text.len() + 5, text.len() + 9);
    assert_eq!(fixture.tenant.text_range(received.version, beyond).unwrap(), "");
}

#[test]
fn a_range_that_cuts_a_character_is_refused() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "ä");
    fixture.tenant.save_parsed(received.version, parsed("ä")).unwrap();
    let error = fixture.tenant.text_range(received.version, TextRange::new(0, 1)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadRequest);
}
