//! Mails of Outlook: properties, code pages, versions of the text, attachments.

use std::io::{Cursor, Write};

use cfb::CompoundFile;

use super::rtf;
use crate::{
    MediaType, ParseError,
    format::archive::tests::{read, texts},
    to_markdown,
};

type File = CompoundFile<Cursor<Vec<u8>>>;

fn put(file: &mut File, path: &str, bytes: &[u8]) {
    file.create_stream(path).unwrap().write_all(bytes).unwrap();
}

/// Puts a text in Unicode.
fn text(file: &mut File, path: &str, id: u16, text: &str) {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    put(file, &format!("{path}/__substg1.0_{id:04X}001F"), &bytes);
}

/// Puts the list of properties that hold numbers.
fn numbers(file: &mut File, path: &str, header: usize, values: &[(u16, u16, u64)]) {
    let mut bytes = vec![0; header];
    for (id, kind, value) in values {
        bytes.extend_from_slice(&(u32::from(*id) << 16 | u32::from(*kind)).to_le_bytes());
        bytes.extend_from_slice(&6_u32.to_le_bytes());
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    put(file, &format!("{path}/__properties_version1.0"), &bytes);
}

fn mail(fill: impl FnOnce(&mut File)) -> Vec<u8> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    fill(&mut file);
    file.flush().unwrap();
    file.into_inner().into_inner()
}

pub(crate) fn sample() -> Vec<u8> {
    mail(|file| {
        // 2024-03-01 10:05 UTC; code page 1251.
        let ticks = (1_709_287_500 + 11_644_473_600) * 10_000_000;
        numbers(file, "", 32, &[(0x0039, 0x40, ticks), (0x3ffd, 3, 1251)]);
        put(file, "/__substg1.0_0037001E", b"\xcf\xf0\xe8\xe2\xe5\xf2");
        text(file, "", 0x0c1a, "Ann");
        text(file, "", 0x0c1f, "/O=EXCHANGE/CN=ANN");
        text(file, "", 0x5d01, "ann@example.com");
        text(file, "", 0x1000, "Line one\r\nline two\r\n\r\n> quoted\r\n");
        text(
            file,
            "",
            0x007d,
            "Message-ID: <7@example.com>\r\nDate: Mon, 1 Jan 2001 00:00:00 +0000\r\n",
        );
        for (number, kind, name) in [(0, 1, "Bob"), (1, 2, "Carl"), (2, 1, "Dora")] {
            let path = format!("/__recip_version1.0_#{number:08X}");
            file.create_storage(&path).unwrap();
            numbers(file, &path, 8, &[(0x0c15, 3, kind)]);
            text(file, &path, 0x3001, name);
            text(file, &path, 0x39fe, &format!("{name}@example.com"));
        }
        let path = "/__attach_version1.0_#00000000";
        file.create_storage(path).unwrap();
        text(file, path, 0x3707, "notes.txt");
        put(file, &format!("{path}/__substg1.0_37010102"), b"attached");
        let path = "/__attach_version1.0_#00000001";
        file.create_storage(path).unwrap();
        let inner = format!("{path}/__substg1.0_3701000D");
        file.create_storage(&inner).unwrap();
        numbers(file, &inner, 24, &[(0x0039, 0x40, ticks)]);
        text(file, &inner, 0x0037, "Inner");
        text(file, &inner, 0x1000, "Inner text");
        text(file, path, 0x3001, "Inner");
    })
}

#[test]
fn a_mail_is_its_head_and_its_text() {
    let parsed = read(&sample(), "a.msg");
    assert_eq!(parsed.media_type, MediaType::Msg);
    assert_eq!(
        parsed.text,
        "Привет\n\nFrom: Ann <ann@example.com>\n\
         To: Bob <Bob@example.com>, Dora <Dora@example.com>\nCc: Carl <Carl@example.com>\n\
         Date: 2024-03-01 10:05 +00:00\nMessage-ID: <7@example.com>\n\n\
         Line one\nline two\n\nquoted"
    );
}

#[test]
fn attachments_are_members() {
    let members = crate::format::archive::tests::unpacked(
        &sample(),
        "a.msg",
        &assay_core::ParseLimits::default(),
    );
    let members: Vec<_> = members.into_iter().map(Result::unwrap).collect();
    let paths: Vec<&str> = members.iter().map(|member| member.path.as_str()).collect();
    assert_eq!(paths, ["notes.txt", "Inner.msg"]);
    assert_eq!(members[0].bytes, b"attached");
    let inner = read(&members[1].bytes, "Inner.msg");
    assert_eq!(inner.text, "Inner\n\nDate: 2024-03-01 10:05 +00:00\n\nInner text");
}

#[test]
fn html_is_read_in_its_code_page() {
    let bytes = mail(|file| {
        numbers(file, "", 32, &[(0x3fde, 3, 1252)]);
        put(file, "/__substg1.0_10130102", b"<p>caf\xe9 <b>cr\xe8me</b>");
    });
    assert_eq!(read(&bytes, "a.msg").text, "café crème");
}

/// The example of MS-OXRTFCP, section 4.1.
#[test]
fn packed_rich_text_is_read() {
    let packed = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\t\0 bw\x05\xb0ld}\n\x80\x0f\xa0";
    let rtf = rtf::unpacked(packed).unwrap();
    assert_eq!(rtf, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    assert_eq!(rtf::text(&rtf), ("hello world".to_owned(), false));
    let bytes = mail(|file| {
        numbers(file, "", 32, &[]);
        put(file, "/__substg1.0_10090102", packed);
    });
    assert_eq!(read(&bytes, "a.msg").text, "hello world");
}

#[test]
fn rich_text_is_stripped() {
    let check = |rtf: &[u8], expected: &str| assert_eq!(rtf::text(rtf).0, expected);
    check(
        b"{\\rtf1{\\fonttbl{\\f0 Arial;}}\\f0 a\\par\nb\\tab c\\'e9 {\\*\\generator X;}d}",
        "a\nb\tcé d",
    );
    check(b"{\\rtf1 \\u8364?\\u-10179?\\u-8704? \\{x\\}}", "€😀 {x}");
    check(b"{\\rtf1\\bin5 \0\0{{{x}", "x");
    check(&b"{".repeat(100_000), "");
    let html =
        b"{\\rtf1\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf \\par \\htmlrtf0 a{\\*\\htmltag84 &lt;}\
        \\htmlrtf <\\htmlrtf0 b}";
    assert_eq!(rtf::text(html), ("<p>a&lt;b".to_owned(), true));
    let bytes = mail(|file| {
        numbers(file, "", 32, &[]);
        let header =
            [&[0, 0, 0, 0][..], &(html.len() as u32).to_le_bytes(), b"MELA\0\0\0\0"].concat();
        put(file, "/__substg1.0_10090102", &[&header[..], html].concat());
    });
    assert_eq!(to_markdown(&read(&bytes, "a.msg")), "a&lt;b");
}

/// Chains of sectors that loop are refused, not followed.
#[test]
fn looping_chains_are_no_trap() {
    let bytes = sample();
    let sectors = bytes.len() / 512 - 1;
    let fat = 512 * (1 + u32::from_le_bytes(bytes[76..80].try_into().unwrap()) as usize);
    for target in 0..sectors.min(128) {
        let mut bytes = bytes.clone();
        for sector in 0..sectors.min(128) {
            let at = fat + sector * 4;
            let next = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            if next < 0xffff_fff0 {
                bytes[at..at + 4].copy_from_slice(&(target as u32).to_le_bytes());
            }
        }
        let hint = crate::FileHint::default();
        let result = crate::parse(&bytes, &hint, &assay_core::ParseLimits::default());
        assert!(!matches!(result, Err(ParseError::TimedOut { .. })));
    }
    assert!(!texts(&mail(|file| numbers(file, "", 32, &[])), "a.msg").iter().any(|_| true));
}
