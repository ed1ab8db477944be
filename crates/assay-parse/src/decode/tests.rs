//! Places in the file.

use assay_core::Origin;

use super::decode;

/// Checks that the place of a word in the text is where the bytes of it stand in the file.
#[track_caller]
fn check(bytes: &[u8], word: &str, encoded: &[u8]) {
    let decoded = decode(bytes, None);
    let start = decoded.text.find(word).unwrap();
    let place = decoded.origins().place(start..start + word.len());
    let Some(Origin::Bytes { start, end }) = place.origin else { panic!("no place") };
    let range = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
    assert_eq!(&bytes[range], encoded);
}

#[test]
fn places_count_in_the_bytes_of_the_file() {
    let text = format!("{} größer 😀 word", "naïve ".repeat(1_000));
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let word_16: Vec<u8> = "word".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf_32: Vec<u8> = text.chars().flat_map(|c| (c as u32).to_be_bytes()).collect();
    let word_32: Vec<u8> = "größer".chars().flat_map(|c| (c as u32).to_be_bytes()).collect();
    check(text.as_bytes(), "größer", "größer".as_bytes());
    check(format!("\u{feff}{text}").as_bytes(), "😀", "😀".as_bytes());
    check(&[b"\xff\xfe", &utf_16[..]].concat(), "word", &word_16);
    check(&[b"\0\0\xfe\xff", &utf_32[..]].concat(), "größer", &word_32);
    let latin: Vec<u8> = text.chars().filter(|c| *c != '😀').map(|c| c as u8).collect();
    check(&latin, "größer", b"gr\xf6\xdfer");
}

#[test]
fn nothing_is_said_where_places_are_not_known() {
    let japanese = b"\x93\xfa\x96{\x8c\xea\x82\xcc\x83e\x83L\x83X\x83g\x82\xc5\x82\xb7\x81B";
    assert!(decode(japanese, None).origins().place(0..3).origin.is_none());
    assert!(decode("ä".repeat(20).as_bytes(), None).origins().place(0..2).origin.is_some());
    let broken = ["ä".repeat(20).as_bytes(), b"\xff"].concat();
    assert!(decode(&broken, None).origins().place(0..2).origin.is_none());
}
