//! HTML to blocks: what is shown, what is not, and encodings.

use assay_core::ParseLimits;

use crate::{BlockKind, FileHint, Parsed, parse, to_markdown};

fn read(html: &[u8]) -> Parsed {
    let hint = FileHint { name: Some("a.html"), media_type: None };
    parse(html, &hint, &ParseLimits::default()).unwrap()
}

#[track_caller]
fn check(html: &str, expected: &str) {
    assert_eq!(to_markdown(&read(html.as_bytes())), expected);
}

#[test]
fn hidden_content_is_dropped() {
    check(
        "<p>a<script>b</script><style>c</style><p hidden>d<p style='display: none'>e<p>f",
        "a\n\nf",
    );
    check("<template><p>x</template><p>y", "y");
}

#[test]
fn lists_nest_and_count() {
    check("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n    - b\n- c");
    check("<ol start=4><li>a<li value=9>b<li>c</ol>", "4. a\n9. b\n10. c");
    check("<ul><li>a<p>b</p></ul><p>c", "- a\n  b\n\nc");
}

#[test]
fn spanning_cells_are_repeated() {
    check(
        "<table><tr><th>a<th colspan=2>b<tr><td rowspan=2>c<td>d<td>e<tr><td>f<td>g</table>",
        "| a | b | b |\n| - | - | - |\n| c | d | e |\n| c | f | g |",
    );
    let parsed = read(b"<table><thead><tr><td>h</thead><tr><td>x</table>");
    let BlockKind::Table(table) = &parsed.blocks[0].kind else { panic!("no table") };
    assert_eq!(table.header_rows, 1);
    assert_eq!(table.rows[1][0].of(&parsed.text), "x");
}

#[test]
fn layout_tables_are_unwrapped() {
    check("<table role=presentation><tr><td><h2>A</h2><p>b</table>", "## A\n\nb");
}

#[test]
fn links_keep_their_targets() {
    check("see <a href='/x'>the\n page</a>.", "see [the page](/x).");
    check("<a href='/x'><div>a</div><div>b</div></a>", "[a](/x)\n\n[b](/x)");
}

#[test]
fn code_keeps_its_lines_and_names_its_language() {
    check(
        "<pre><code class='language-rust'>fn a()\n  {}\n</code></pre>",
        "```rust\nfn a()\n  {}\n```",
    );
}

#[test]
fn powers_do_not_join_numbers() {
    check("10<sup>6</sup> m<sup>-2</sup>, H<sub>2</sub>O, 1<sup>st</sup>", "10^6 m^-2, H2O, 1st");
}

#[test]
fn navigation_is_no_content() {
    let parsed = read(b"<nav><ul><li><a href=a>A</a></ul></nav><p>b<footer>c</footer>");
    let content = parsed.blocks.iter().filter(|block| block.kind.is_content());
    let content: Vec<&str> = content.map(|block| block.range.of(&parsed.text)).collect();
    assert_eq!(content, ["b"]);
}

#[test]
fn encodings_are_found() {
    assert_eq!(read(b"<meta charset=windows-1251><p>\xcf\xf0\xe8\xe2\xe5\xf2").text, "Привет");
    assert_eq!(read(b"\xff\xfe<\0p\0>\0h\0i\0").text, "hi");
    assert_eq!(read("<p>straße".as_bytes()).text, "straße");
    assert_eq!(read(b"<title>T &amp; U</title><p>x").title.as_deref(), Some("T & U"));
}

#[test]
fn the_head_gives_metadata() {
    let parsed = read(
        b"<html lang=de><meta name=author content=Ann><meta name=viewport content=x>\
          <meta property=og:title content=T><meta property=article:author content=Bob>\
          <meta name=description content='About &amp; so on'><meta name=keywords content='a,b'>\
          <meta name=DC.date content=2024-05-06><meta property=og:description content=second><p>x",
    );
    assert_eq!(parsed.title.as_deref(), Some("T"));
    let metadata = parsed.metadata;
    assert_eq!(metadata.authors, ["Ann", "Bob"]);
    assert_eq!(metadata.language.as_deref(), Some("de"));
    assert_eq!(metadata.created.as_deref(), Some("2024-05-06"));
    assert_eq!(metadata.keywords, ["a", "b"]);
    assert_eq!(
        metadata.custom.into_iter().collect::<Vec<_>>(),
        [("description".to_owned(), "About & so on".to_owned())]
    );
}

#[test]
fn the_stated_language_of_a_short_page_is_taken() {
    let language = |html: &[u8]| read(html).metadata.language;
    assert_eq!(language(b"<html lang=pt-BR><p>Hamburg").as_deref(), Some("pt"));
    assert_eq!(language(b"<html><p lang=pt>Hamburg"), None);
}
