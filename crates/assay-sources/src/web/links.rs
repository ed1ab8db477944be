//! The links of an HTML page.

use std::cell::RefCell;

use html5ever::{
    Attribute,
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer},
};
use reqwest::Url;

/// Links taken of one page.
const LINKS_MAX: usize = 5_000;

/// What a page says about links and about being kept.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Where it leads, without fragments, in order; the same may occur twice.
    pub(super) urls: Vec<Url>,
    /// It asks not to be kept.
    pub(super) no_index: bool,
}

/// Reads the links of a page that was found at `url`.
pub(super) fn links(html: &[u8], url: &Url) -> Links {
    let page = Page { base: url.clone(), based: false, no_follow: false, links: Links::default() };
    let tokenizer = Tokenizer::new(Sink(RefCell::new(page)), Default::default());
    // Markup is ASCII in every encoding that pages have; names in links are escaped.
    let text: StrTendril = String::from_utf8_lossy(html).as_ref().into();
    let input = BufferQueue::default();
    input.push_back(text);
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let page = tokenizer.sink.0.into_inner();
    let mut links = page.links;
    if page.no_follow {
        links.urls.clear();
    }
    links
}

struct Page {
    base: Url,
    based: bool,
    no_follow: bool,
    links: Links,
}

struct Sink(RefCell<Page>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token
            && tag.kind == TagKind::StartTag
        {
            self.0.borrow_mut().tag(&tag);
        }
        TokenSinkResult::Continue
    }
}

impl Page {
    fn tag(&mut self, tag: &Tag) {
        match &*tag.name {
            "a" | "area" => self.link(&tag.attrs),
            "base" if !self.based => {
                let href = attribute(&tag.attrs, "href");
                if let Some(base) = href.and_then(|href| self.base.join(href).ok()) {
                    self.base = base;
                    self.based = true;
                }
            }
            "meta" => {
                let name = attribute(&tag.attrs, "name").unwrap_or_default();
                if ["robots", "assay"].iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
                    self.rules(attribute(&tag.attrs, "content").unwrap_or_default());
                }
            }
            _ => {}
        }
    }

    fn link(&mut self, attributes: &[Attribute]) {
        let rel = attribute(attributes, "rel").unwrap_or_default();
        let no_follow =
            rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("nofollow"));
        let Some(href) = attribute(attributes, "href") else { return };
        if no_follow || self.links.urls.len() >= LINKS_MAX {
            return;
        }
        if let Ok(mut url) = self.base.join(href.trim())
            && matches!(url.scheme(), "http" | "https")
        {
            url.set_fragment(None);
            self.links.urls.push(url);
        }
    }

    fn rules(&mut self, content: &str) {
        for rule in content.split(',').map(|rule| rule.trim().to_ascii_lowercase()) {
            self.links.no_index |= matches!(rule.as_str(), "noindex" | "none");
            self.no_follow |= matches!(rule.as_str(), "nofollow" | "none");
        }
    }
}

fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| &*attribute.name.local == name).map(|found| &*found.value)
}

#[cfg(test)]
mod tests {
    //! Links of small pages.
    use super::*;

    fn of(html: &str) -> (Vec<String>, bool) {
        let found = links(html.as_bytes(), &Url::parse("https://example.com/a/b").unwrap());
        (found.urls.iter().map(ToString::to_string).collect(), found.no_index)
    }

    #[test]
    fn links_are_made_whole() {
        let html = "<a href='c'>1</a><A HREF=/d#part>2</a><area href='?q=1&amp;r=2'>\
                    <a href='mailto:x@y'>no</a><a>no</a><!-- <a href=e> --><a href='//host/f'>";
        let expected = [
            "https://example.com/a/c",
            "https://example.com/d",
            "https://example.com/a/b?q=1&r=2",
            "https://host/f",
        ];
        assert_eq!(of(html).0, expected);
    }

    #[test]
    fn base_and_rules_count() {
        assert_eq!(
            of("<base href='/x/'><base href='/y/'><a href=c>").0,
            ["https://example.com/x/c"]
        );
        assert!(of("<a rel='external NOFOLLOW' href=c>").0.is_empty());
        assert_eq!(of("<meta name=ROBOTS content='noindex, follow'><a href=/c>").0.len(), 1);
        assert!(of("<meta name=robots content=NoIndex>").1);
        assert!(of("<a href=c><meta name=robots content=none>").0.is_empty());
    }

    #[test]
    fn hostile_pages_are_bounded() {
        assert_eq!(of(&"<a href=/x>".repeat(20_000)).0.len(), LINKS_MAX);
        of(&"<a ".repeat(50_000));
        of("<a href=\"http://[::bad\"><a href='\u{0}'><a href='");
    }
}
