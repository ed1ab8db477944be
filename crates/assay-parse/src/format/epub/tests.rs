//! Books: reading order, chapters as origins, keys, and what is left out.

use assay_core::{Origin, ParseLimits};

use super::{path::resolved, xhtml::as_html};
use crate::{
    FileHint, MediaType, ParseError,
    format::{archive::tests::read, zip::tests::zip},
    parse, to_markdown,
};

const CONTAINER: &[u8] = br#"<?xml version="1.0"?><container
xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"#;
const PACKAGE: &[u8] =
    br#"<?xml version="1.0"?><opf:package xmlns:opf="http://www.idpf.org/2007/opf">
<metadata><dc:title>A Book</dc:title><dc:creator>A. Writer</dc:creator>
<dc:language>en-GB</dc:language><dc:date>2021-02-03</dc:date><dc:subject>Ducks; Ponds</dc:subject>
<opf:meta property="dcterms:modified">2022-03-04T05:06:07Z</opf:meta>
<dc:publisher>The Press</dc:publisher></metadata><opf:manifest>
<opf:item id="two" href="text/ch%202.xhtml" media-type="application/xhtml+xml"/>
<opf:item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<opf:item id="toc" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<opf:item id="pic" href="a.svg" media-type="image/svg+xml"/>
</opf:manifest><opf:spine><opf:itemref idref="toc"/><opf:itemref idref="one"/>
<opf:itemref idref="pic"/><opf:itemref idref="two"/><opf:itemref idref="gone"/></opf:spine>
</opf:package>"#;
const ONE: &[u8] = b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/>
</head><body><a id='p1'/><h1>One</h1><p>First text.</p></body></html>";

fn book(more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut files: Vec<(&str, &[u8])> = vec![
        ("mimetype", &b"application/epub+zip"[..]),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/book.opf", PACKAGE),
        ("OEBPS/nav.xhtml", b"<html><body><nav><a href='one'>One</a></nav></body></html>"),
        ("OEBPS/text/one.xhtml", ONE),
    ];
    files.extend(more);
    zip(&files)
}

pub(crate) fn sample() -> Vec<u8> {
    book(&[("OEBPS/text/ch 2.xhtml", b"<html><body><p>Second <b>text</b>.</p></body></html>")])
}

#[test]
fn chapters_come_in_reading_order() {
    let parsed = read(&sample(), "a.epub");
    assert_eq!(parsed.media_type, MediaType::Epub);
    assert_eq!(parsed.title.as_deref(), Some("A Book"));
    assert_eq!(to_markdown(&parsed), "# One\n\nFirst text.\n\nSecond text.");
    let origins: Vec<_> = parsed.blocks.iter().map(|block| block.origin.clone()).collect();
    let part = |path: &str| Some(Origin::Part { path: path.to_owned() });
    let one = "OEBPS/text/one.xhtml";
    assert_eq!(origins, [part(one), part(one), part("OEBPS/text/ch 2.xhtml")]);
    assert_eq!(parsed.problems, []);
}

#[test]
fn the_package_tells_of_the_book() {
    let metadata = read(&sample(), "a.epub").metadata;
    assert_eq!(metadata.authors, ["A. Writer"]);
    assert_eq!(metadata.language.as_deref(), Some("en"));
    assert_eq!(metadata.created.as_deref(), Some("2021-02-03"));
    assert_eq!(metadata.modified.as_deref(), Some("2022-03-04T05:06:07Z"));
    assert_eq!(metadata.keywords, ["Ducks", "Ponds"]);
    assert_eq!(metadata.custom.get("publisher").map(String::as_str), Some("The Press"));
}

#[test]
fn a_missing_chapter_is_a_problem() {
    let parsed = read(&book(&[]), "a.epub");
    assert_eq!(parsed.text, "One\n\nFirst text.");
    assert_eq!(parsed.problems[0].message, "the chapter `OEBPS/text/ch 2.xhtml` is missing");
}

#[test]
fn a_locked_book_is_refused_but_not_locked_fonts() {
    let locked = |method: &str, target: &str| {
        let list = format!(
            "<encryption><enc:EncryptedData><enc:EncryptionMethod Algorithm='{method}'/>\
             <enc:CipherData><enc:CipherReference URI='{target}'/></enc:CipherData>\
             </enc:EncryptedData></encryption>"
        );
        let bytes = book(&[("META-INF/encryption.xml", list.as_bytes())]);
        parse(&bytes, &FileHint::default(), &ParseLimits::default()).map(|_| ())
    };
    let aes = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
    assert_eq!(locked(aes, "OEBPS/text/one.xhtml"), Err(ParseError::Encrypted));
    assert_eq!(locked("http://www.idpf.org/2008/embedding", "OEBPS/font.otf"), Ok(()));
}

#[test]
fn empty_elements_get_end_tags() {
    assert_eq!(as_html("<title/><br/><a b='>' />x"), "<title></title><br/><a b='>' ></a>x");
    assert_eq!(as_html("<!-- <p/> --><p/"), "<!-- <p/> --><p/");
    assert_eq!(as_html("a < b <i/>"), "a < b <i></i>");
}

#[test]
fn links_are_resolved() {
    assert_eq!(resolved("a/b", "../c%20d.html#x"), "a/c d.html");
    assert_eq!(resolved("", "../../c"), "c");
    assert_eq!(resolved("a", "/b%2"), "b%2");
}
