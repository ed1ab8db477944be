//! Pages become passages whose offsets hold, each page once.

use assay_web::ProviderName;

use super::*;

fn page(provider: ProviderName, url: &str, title: &str, content: &str) -> WebPage {
    WebPage {
        provider,
        url: url.to_owned(),
        title: title.to_owned(),
        content: content.to_owned(),
        format: PageFormat::Html,
        author: None,
        licence: None,
        changed: None,
    }
}

fn urls(pages: Vec<WebPage>) -> Vec<String> {
    let found = passages(pages, &Asked::of("pump"), 200, 0);
    found.into_iter().map(|found| found.passage.source_key).collect()
}

#[test]
fn offsets_count_in_the_text_that_is_kept() {
    let html = "<p>Überall pumpt die <b>Pumpe</b>.</p><h2>Geschichte</h2><p>Kepler &amp; 1604.</p>";
    let pages = vec![page(ProviderName::Wikipedia, "https://w.org/1", "Pumpe", html)];
    let found = passages(pages, &Asked::of("Kepler"), 200, 0);
    assert_eq!(found.len(), 2);
    assert!(found[0].passage.text.contains("Kepler & 1604."), "the best comes first");
    for found in &found {
        let (passage, text) = (&found.passage, &found.web.as_ref().unwrap().text);
        assert_eq!(passage.range.of(text), passage.text);
        let (start, end) = (passage.chars.0 as usize, passage.chars.1 as usize);
        let cut: String = text.chars().skip(start).take(end - start).collect();
        assert_eq!(cut, passage.text);
    }
}

#[test]
fn the_same_text_of_the_same_page_has_the_same_ids() {
    let one = |url: &str, text: &str| {
        let pages = vec![page(ProviderName::Mdn, url, "t", text)];
        let found = passages(pages, &Asked::of("x"), 200, 0).remove(0).passage;
        (found.document, found.version, found.id)
    };
    let first = one("https://m.org/a", "<p>One.</p>");
    assert_eq!(first, one("https://m.org/a", "<p>One.</p>"));
    let changed = one("https://m.org/a", "<p>Two.</p>");
    assert!(first.0 == changed.0 && first.1 != changed.1 && first.2 != changed.2);
    assert_ne!(first.1, one("https://m.org/b", "<p>One.</p>").1);
}

#[test]
fn a_page_that_is_there_already_is_left_out() {
    use ProviderName::{Github, Mdn, Wikipedia};
    let text = "<p>A pump moves fluids by mechanical action, in stages, for many uses.</p>";
    let other =
        "<p>This repository holds tests of an array with a pump in it, and nothing else.</p>";
    let pages = vec![
        page(Wikipedia, "https://w.org/Pump", "Pump (machine)", text),
        page(Wikipedia, "https://w.org/Pump", "Another title", other),
        page(Wikipedia, "https://w.org/Pump_(machine)", "Pump, machine", other),
        page(Mdn, "https://mirror.org/Pump", "Pump (machine)", text),
        page(Github, "https://g.org/pump", "Pump (machine)", other),
    ];
    assert_eq!(urls(pages), ["https://w.org/Pump", "https://g.org/pump"]);
}

#[test]
fn markup_that_is_no_markup_costs_nothing() {
    let deep = "<div>".repeat(9_000);
    let pages = vec![
        page(ProviderName::Mdn, "https://m.org/1", "a", &deep),
        page(ProviderName::Mdn, "https://m.org/2", "b", "<p>fine</p>"),
    ];
    assert_eq!(urls(pages), ["https://m.org/2"]);
}
