//! Folders of mails: where one ends, what the list says, and marked lines.

use assay_core::Origin;

use crate::{
    MediaType,
    format::archive::tests::{read, texts},
};

pub(crate) fn sample() -> Vec<u8> {
    b"From a@example.com Fri Mar  1 10:05:00 2024\nFrom: Ann <a@example.com>\nSubject: First/one\n\
      Date: Fri, 1 Mar 2024 10:05:00 +0000\n\nHello.\n\nFrom here on, no new mail.\n\
      >From the desk\n>>From deeper\n\nFrom b@example.com Sat Mar  2 11:00:00 2024\r\n\
      From: b@example.com\r\n\r\nNo subject.\r\n"
        .to_vec()
}

#[test]
fn mails_are_listed_and_unpacked() {
    let bytes = sample();
    let parsed = read(&bytes, "inbox.mbox");
    assert_eq!(parsed.media_type, MediaType::Mbox);
    let first = "First/one, Ann <a@example.com>, 2024-03-01 10:05 +00:00";
    assert_eq!(parsed.text, format!("{first}\nb@example.com"));
    let Some(Origin::Bytes { start, end }) = parsed.blocks[1].origin else { panic!("no origin") };
    assert_eq!(&bytes[start as usize..end as usize], b"From: b@example.com\r\n\r\nNo subject.\r\n");
    let mails = texts(&bytes, "inbox.mbox");
    assert_eq!(mails[0].0, "0001 First_one.eml");
    assert!(mails[0].1.starts_with("From: Ann"));
    assert!(mails[0].1.ends_with("no new mail.\nFrom the desk\n>From deeper\n\n"));
    assert_eq!(mails[1].0, "0002 mail.eml");
    assert_eq!(mails.len(), 2);
}

#[test]
fn a_mail_of_a_folder_is_read_like_any_other() {
    let mails = texts(&sample(), "inbox.mbox");
    let parsed = read(mails[0].1.as_bytes(), &mails[0].0);
    assert_eq!(parsed.media_type, MediaType::Eml);
    assert!(
        parsed.text.ends_with("From here on, no new mail.\nFrom the desk\n\nFrom deeper"),
        "{}",
        parsed.text
    );
}

#[test]
fn mails_are_known_by_their_head() {
    let head = "From: a@example.com\nTo: b@example.com\nX-Y: z\nSubject: s\n  folded\n\ntext";
    assert_eq!(read(head.as_bytes(), "17").media_type, MediaType::Eml);
    let folder = format!("From a@example.com Fri Mar  1 10:05:00 2024\n{head}");
    assert_eq!(read(folder.as_bytes(), "Inbox").media_type, MediaType::Mbox);
    let note = "From: me\nTo: you\n\nSubject: that";
    assert_eq!(read(note.as_bytes(), "note").media_type, MediaType::Text);
    let binary = format!("{head}\0\u{1}");
    assert_eq!(read(binary.as_bytes(), "a.eml").media_type, MediaType::Eml);
}
