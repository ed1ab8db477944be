//! Tar archives, gzip, long names, and what is no file.

use std::io::Write;

use ::tar::{Builder, EntryType, Header};
use assay_core::ParseLimits;
use flate2::{Compression, write::GzEncoder};

use crate::{
    MediaType, ParseError,
    format::archive::tests::{read, text, texts, unpacked},
};

/// An archive of files and other entries.
fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        if kind.is_symlink() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn sample() -> Vec<u8> {
    let long = format!("{}/file.txt", "folder".repeat(30));
    tar(&[
        ("a", EntryType::Directory, b""),
        ("a/one.txt", EntryType::Regular, b"one"),
        ("link", EntryType::Symlink, b""),
        ("device", EntryType::Block, b""),
        (&long, EntryType::Regular, b"two"),
    ])
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_are_listed_and_unpacked() {
    let long = format!("{}/file.txt", "folder".repeat(30));
    for bytes in [sample(), gzip(&sample())] {
        let parsed = read(&bytes, "a.tar.gz");
        assert_eq!(parsed.media_type, MediaType::Tar);
        assert_eq!(parsed.text, format!("a/one.txt\n{long}"));
        let files = texts(&bytes, "a.tar.gz");
        assert_eq!(files, [("a/one.txt".into(), "one".into()), (long.clone(), "two".into())]);
    }
}

#[test]
fn names_of_pax_are_read() {
    let record = " path=ö/café.txt\n";
    // The length counts its own two digits.
    let record = format!("{}{record}", record.len() + 2);
    let bytes = tar(&[
        ("PaxHeaders/x", EntryType::XHeader, record.as_bytes()),
        ("short", EntryType::Regular, b"x"),
    ]);
    assert_eq!(read(&bytes, "a.tar").text, "ö/café.txt");
}

#[test]
fn a_single_file_in_gzip_is_its_only_member() {
    let bytes = gzip(b"some text");
    assert_eq!(read(&bytes, "notes.txt.gz").text, "notes.txt");
    assert_eq!(texts(&bytes, "notes.txt.gz"), [("notes.txt".into(), "some text".into())]);
    assert_eq!(texts(&bytes, "x")[0].0, "content");
    let two = [gzip(b"one "), gzip(b"two")].concat();
    assert_eq!(texts(&two, "a.gz")[0].1, "one two");
}

#[test]
fn bombs_are_stopped() {
    let limits = ParseLimits { unpacked_bytes: 1 << 20, ..ParseLimits::default() };
    let zeros = vec![0; 2 << 20];
    let single = unpacked(&gzip(&zeros), "a.gz", &limits);
    assert!(matches!(single[..], [Err(ParseError::TooLarge { .. })]));
    let archive = tar(&[("a", EntryType::Regular, b"x"), ("b", EntryType::Regular, &zeros)]);
    let members = unpacked(&gzip(&archive), "a.tgz", &limits);
    assert!(matches!(members[..], [Ok(_), Err(ParseError::TooLarge { .. })]));
}

#[test]
fn what_comes_before_damage_is_kept() {
    let mut bytes = sample();
    let second = bytes.windows(4).rposition(|window| window == b"fold").unwrap();
    bytes[second] = b'X';
    let (list, problems) = text(&bytes, "a.tar");
    assert_eq!(list, "a/one.txt");
    assert_eq!(problems.len(), 1, "{problems:?}");
}
