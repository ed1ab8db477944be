//! Mails: heads, encodings, quotes, versions of the text, attachments.

use assay_core::{Origin, ParseLimits};

use crate::{
    BlockKind, ParseError, Parsed,
    format::archive::tests::{read, texts, unpacked},
    to_markdown,
};

/// A mail with two versions of its text, a file and a mail in it.
pub(crate) fn sample() -> Vec<u8> {
    let mail = "From: =?utf-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg@example.com>\n\
        To: Ann <ann@example.com>, bob@example.com\n\
        Cc: =?iso-8859-1?B?Q2Fy6Q==?= <c@example.com>\n\
        Date: Fri, 1 Mar 2024 10:05:00 +0100\n\
        Subject: =?utf-8?B?UMO8bmt0bGljaA==?= on\n =?utf-8?Q?_time?=\n\
        Message-ID: <1@example.com>\nIn-Reply-To: <0@example.com>\n\
        References: <a@example.com> <0@example.com>\n\
        MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b1\n\n\
        --b1\nContent-Type: multipart/alternative; boundary=b2\n\n\
        --b2\nContent-Type: text/plain; charset=iso-8859-1\n\
        Content-Transfer-Encoding: quoted-printable\n\n\
        Gr=FC=DFe,=20\nthis is a long text=\n with a soft break.\n\n\
        > Earlier text\n> of two lines\n>> deeper\n\nBye\n\n-- \nJOHN DOE\nTel. 1\n\
        --b2\nContent-Type: text/html; charset=utf-8\n\n<p>Other text here\n--b2--\n\
        --b1\nContent-Type: text/plain; charset=utf-8\n\
        Content-Disposition: attachment;\n filename*0*=utf-8''%E2%82%AC%20;\n filename*1=rates.txt\n\
        Content-Transfer-Encoding: base64\n\nMSBFVVI=\n\
        --b1\nContent-Type: message/rfc822\n\n\
        Subject: Inner: one/two\nFrom: x@example.com\n\nInner text.\n\
        --b1--\n";
    mail.as_bytes().to_vec()
}

fn markdown(mail: &str) -> String {
    to_markdown(&read(mail.as_bytes(), "a.eml"))
}

fn content(parsed: &Parsed) -> Vec<(&BlockKind, &str)> {
    parsed.blocks.iter().map(|block| (&block.kind, block.range.of(&parsed.text))).collect()
}

#[test]
fn a_mail_is_its_head_and_its_text() {
    let parsed = read(&sample(), "a.eml");
    assert_eq!(parsed.title.as_deref(), Some("Pünktlich on time"));
    let head = "From: Jörg Müller <joerg@example.com>\n\
        To: Ann <ann@example.com>, bob@example.com\nCc: Caré <c@example.com>\n\
        Date: 2024-03-01 10:05 +01:00\nMessage-ID: <1@example.com>";
    let thread = "In-Reply-To: <0@example.com>\nReferences: <a@example.com> <0@example.com>";
    let expected = [
        (&BlockKind::Heading { level: 1 }, "Pünktlich on time"),
        (&BlockKind::Paragraph, head),
        (&BlockKind::PageFurniture, thread),
        (&BlockKind::Paragraph, "Grüße,\nthis is a long text with a soft break."),
        (&BlockKind::Quote, "Earlier text\nof two lines"),
        (&BlockKind::Quote, "deeper"),
        (&BlockKind::Paragraph, "Bye"),
        (&BlockKind::Paragraph, "JOHN DOE\nTel. 1"),
    ];
    assert_eq!(content(&parsed), expected);
    assert_eq!(parsed.problems, []);
    let Some(Origin::Bytes { start, end }) = parsed.blocks[6].origin else { panic!("no origin") };
    let part = &sample()[start as usize..end as usize];
    assert!(part.starts_with(b"Gr=FC") && part.ends_with(b"Tel. 1"), "{}", part.escape_ascii());
}

#[test]
fn attachments_are_members() {
    let expected = [
        ("€ rates.txt".to_owned(), "1 EUR".to_owned()),
        (
            "Inner: one_two.eml".to_owned(),
            "Subject: Inner: one/two\nFrom: x@example.com\n\nInner text.".to_owned(),
        ),
    ];
    assert_eq!(texts(&sample(), "a.eml"), expected);
    let members = unpacked(&sample(), "a.eml", &ParseLimits::default());
    let types = members.iter().flatten().map(|member| member.media_type.as_deref());
    assert_eq!(types.collect::<Vec<_>>(), [Some("text/plain"), Some("message/rfc822")]);
}

#[test]
fn html_is_read_where_it_says_more() {
    let both = |plain: &str, html: &str| {
        markdown(&format!(
            "Subject: s\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\
             Content-Type: text/plain\n\n{plain}\n--b\nContent-Type: text/html\n\n{html}\n--b--\n"
        ))
    };
    assert_eq!(both("plain words", "<b>rich words"), "# s\n\nplain words");
    assert_eq!(
        both("see HTML", "<p>a text of many more words"),
        "# s\n\na text of many more words"
    );
    let table = "<table><tr><th>k<th>v<tr><td>a<td>1</table>";
    assert_eq!(both("k v a 1 and so on", table), "# s\n\n| k | v |\n| - | - |\n| a | 1 |");
    let only = "Subject: s\nContent-Type: text/html\n\n<p>x<blockquote>y</blockquote>";
    assert_eq!(markdown(only), "# s\n\nx\n\n> y");
}

#[test]
fn flowed_lines_are_joined() {
    let mail = "Subject: s\nContent-Type: text/plain; format=flowed\n\n\
        One line \ngoes on.\n > no quote\n> a quote \n> goes on\n-- \nMe";
    assert_eq!(
        markdown(mail),
        "# s\n\nOne line goes on.\n&gt; no quote\n\n> a quote goes on\n\nMe"
    );
}

#[test]
fn encodings_that_are_not_stated_are_guessed() {
    let latin =
        b"Subject: caf\xe9\nFrom: R\xe9mi <r@example.com>\n\nvoil\xe0 un caf\xe9 cr\xe8me\n";
    let parsed = read(latin, "a.eml");
    let expected = "café\n\nFrom: Rémi <r@example.com>\n\nvoilà un café crème";
    assert_eq!(parsed.text, expected);
    let origin = Origin::Bytes { start: 42, end: latin.len() as u64 };
    assert_eq!(parsed.blocks[2].origin, Some(origin));
    let wrong = "Subject: s\nContent-Type: text/plain; charset=us-ascii\n\nGrüße";
    assert_eq!(markdown(wrong), "# s\n\nGrüße");
    let japanese =
        b"Subject: s\nContent-Type: text/plain; charset=iso-2022-jp\n\n\x1b$BF|K\\\x1b(B";
    assert_eq!(read(japanese, "a.eml").text, "s\n\n日本");
    assert_eq!(
        markdown("Subject: s\nContent-Type: text/plain; charset=utf-7\n\n1 +AGEAYgBj- 2"),
        "# s\n\n1 abc 2"
    );
}

#[test]
fn malformed_mails_keep_their_text() {
    assert_eq!(markdown("no head at all, just text"), "no head at all, just text");
    assert_eq!(markdown("Subject: only a head\n"), "# only a head");
    assert_eq!(markdown("Subject: s\nDate: someday\n\nx"), "# s\n\nDate: someday\n\nx");
    let cut = "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
        Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVsbG8sIHdvcmxkLiBBbm";
    assert_eq!(markdown(cut), "# s\n\nHello, world. An");
    let no_boundary = "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\nplain after all";
    assert_eq!(markdown(no_boundary), "# s\n\nplain after all");
}

#[test]
fn pictures_of_the_layout_are_no_members() {
    let picture = |size: usize| {
        format!(
            "--b\nContent-Type: image/png; name=p{size}.png\nContent-ID: <{size}>\n\
         Content-Transfer-Encoding: base64\n\n{}\n",
            "AAAA".repeat(size / 3)
        )
    };
    let mail = format!(
        "Subject: s\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n\
         <img src='cid:9'>x\n{}{}--b\nContent-Type: application/pgp-signature\n\nsig\n--b--\n",
        picture(900),
        picture(30_000)
    );
    let names: Vec<String> =
        texts(mail.as_bytes(), "a.eml").into_iter().map(|(path, _)| path).collect();
    assert_eq!(names, ["p30000.png"]);
}

#[test]
fn sealed_mails_are_told() {
    let mail = "Subject: s\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data;\n \
        name=smime.p7m\nContent-Transfer-Encoding: base64\n\nAAAA\n";
    let parsed = read(mail.as_bytes(), "a.eml");
    assert_eq!(parsed.text, "s");
    assert_eq!(parsed.problems[0].message, "the text of the mail is encrypted");
}

/// Each part could make the parser look for its boundary to the end; each mail in a mail makes its
/// tree deeper.
#[test]
fn nesting_is_bounded() {
    let parts = "--a\nContent-Type: multipart/mixed; boundary=zz\n\n".repeat(40_000);
    let mail = format!("Subject: s\nContent-Type: multipart/mixed; boundary=a\n\n{parts}");
    let parsed = read(mail.as_bytes(), "a.eml");
    assert_eq!(parsed.problems[0].message, "the mail has too many parts; only its head was read");

    for count in [9_000, 100_000] {
        let mail = "Content-Type: message/rfc822\n\n".repeat(count);
        let mail = format!("Subject: s\n{mail}");
        assert!(read(mail.as_bytes(), "a.eml").text.starts_with('s'));
        let members = unpacked(mail.as_bytes(), "a.eml", &ParseLimits::default());
        assert!(members.iter().all(|member| !matches!(member, Err(ParseError::TimedOut { .. }))));
    }
}

#[test]
fn the_head_is_metadata() {
    let metadata = read(&sample(), "a.eml").metadata;
    assert_eq!(metadata.authors, ["Jörg Müller <joerg@example.com>"]);
    assert_eq!(metadata.created.as_deref(), Some("2024-03-01T10:05:00+01:00"));
    // A date that is none stays as it was written.
    let metadata = read(b"From: a@b.c\nDate: some day\nSubject: x\n\nText", "a.eml").metadata;
    assert_eq!(metadata.custom.get("date").map(String::as_str), Some("some day"));
}
