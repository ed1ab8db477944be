//! XML: records, articles, feeds, encodings, entities and damage.

use assay_core::{Origin, ParseLimits};

use crate::{FileHint, MediaType, Parsed, ProblemCode, parse, to_markdown};

fn read(bytes: &[u8]) -> Parsed {
    let hint = FileHint { name: Some("a.xml"), media_type: None };
    parse(bytes, &hint, &ParseLimits::default()).unwrap()
}

#[track_caller]
fn check(xml: &str, expected: &str) {
    assert_eq!(to_markdown(&read(xml.as_bytes())), expected);
}

#[test]
fn records_become_lines_and_tables() {
    check(
        "<note id='7'><to>Tove</to><price unit='EUR'>44.90</price><x/></note>",
        "note.id: 7\nnote.to: Tove\nnote.price.unit: EUR\nnote.price: 44.90\nnote.x:",
    );
    check(
        "<catalog><book id='1'><title>A</title></book><book id='2'><title>B</title></book></catalog>",
        "# catalog\n\n| id | title |\n| - | - |\n| 1 | A |\n| 2 | B |",
    );
}

#[test]
fn articles_become_text() {
    let parsed = read(
        b"<article><front><article-title>On owls</article-title><year>2020</year></front><body>\
          <sec><title>Methods</title><p>We <i>looked</i> at\n owls &amp; tits.</p>\
          <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>\
          <list><item>one</item></list><sec><title>Details</title><p>More.</p></sec></sec></body></article>",
    );
    assert_eq!(
        to_markdown(&parsed),
        "# On owls\n\nyear: 2020\n\n# Methods\n\nWe looked at owls &amp; tits.\n\n\
         | a | b |\n| - | - |\n| 1 | 2 |\n\n- one\n\n## Details\n\nMore."
    );
    assert_eq!(parsed.title.as_deref(), Some("On owls"));
    assert_eq!(parsed.blocks[0].origin, Some(Origin::Bytes { start: 16, end: 54 }));
}

#[test]
fn feeds_become_items() {
    let parsed = read(
        b"<rss><channel><title>News</title><language>en</language><item><title>One</title>\
          <pubDate>Mon, 06 May 2024 07:08:09 +0200</pubDate>\
          <description>&lt;p&gt;Hello &lt;b&gt;you&lt;/b&gt;</description></item></channel></rss>",
    );
    let expected = "# News\n\n## One\n\npubDate: 2024-05-06T07:08:09+02:00\n\nHello you";
    assert_eq!(to_markdown(&parsed), expected);
    assert_eq!(parsed.metadata.language.as_deref(), Some("en"));
    assert!(parsed.blocks.iter().all(|block| block.origin.is_some()));
    check(
        "<feed><title>F</title><entry><title>E</title><link href='http://x'/>\
         <content type='xhtml'><div><p>a<br/>b</p></div></content></entry></feed>",
        "# F\n\n## E\n\nlink: http://x\n\na\nb",
    );
}

#[test]
fn encodings_are_declared() {
    let parsed = read(b"<?xml version='1.0' encoding='ISO-8859-1'?><a><b>gr\xf6\xdfer</b></a>");
    assert_eq!(parsed.text, "a.b: größer");
    assert_eq!(read(b"<html xmlns='http://www.w3.org/1999/xhtml'><p>x</p></html>").text, "x");
    let unnamed =
        parse(b"<?xml version='1.0'?><a>x</a>", &FileHint::default(), &ParseLimits::default());
    assert_eq!(unnamed.unwrap().media_type, MediaType::Xml);
}

#[test]
fn entities_are_not_expanded() {
    let bomb = "<!DOCTYPE a [<!ENTITY b 'bbbbbbbb'><!ENTITY c '&b;&b;&b;&b;'>\
                <!ENTITY f SYSTEM 'file:///etc/passwd'>]><a>&c;&f;&#65;</a>";
    check(bomb, "a: &amp;c;&amp;f;A");
}

#[test]
fn damage_and_nesting_are_problems() {
    let file = "<a><b>one</b><c>two</c></a>";
    for cut in 1..file.len() {
        let parsed = read(&file.as_bytes()[..cut]);
        assert!(parsed.problems.iter().any(|p| p.code == ProblemCode::Damaged), "{cut}");
    }
    assert_eq!(read(b"<a><b>one</b><c>tw").text, "a.b: one\na.c: tw");
    for depth in [50, 5_000, 200_000] {
        let file = format!("<r>{}x{}<y>2</y></r>", "<a>".repeat(depth), "</a>".repeat(depth));
        let parsed = read(file.as_bytes());
        assert!(parsed.text.contains("y: 2"), "{depth}");
        assert_eq!(parsed.problems.len(), usize::from(depth > 256));
    }
}
