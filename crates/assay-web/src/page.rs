//! A page as a provider gives it, with what its licence asks to be told.

use jiff::Timestamp;
use reqwest::Url;

use crate::ProviderName;

/// Bytes kept of the content of one page: more than an article's introduction or a long answer, and
/// a bound on what one question reads.
const CONTENT_BYTES_MAX: usize = 48 << 10;
/// Characters kept of a title.
const TITLE_CHARS_MAX: usize = 300;
/// Characters kept of an author's name or a licence.
const CREDIT_CHARS_MAX: usize = 120;

/// How the content of a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFormat {
    /// HTML, often only a part of a document.
    Html,
    /// GitHub's Markdown.
    Markdown,
    /// Text without markup.
    Text,
}

/// A page of a public source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebPage {
    /// Who gave it.
    pub provider: ProviderName,
    /// Where a person finds it: `http` or `https`, whatever the provider sent.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its content, cut to what is kept of one page.
    pub content: String,
    /// How the content is written.
    pub format: PageFormat,
    /// Who wrote it, as far as the provider says.
    pub author: Option<String>,
    /// Under which licence, as far as the provider says.
    pub licence: Option<String>,
    /// When it was last changed.
    pub changed: Option<Timestamp>,
}

impl WebPage {
    /// A page without credits. None when the address is not one that a browser may be sent to, or
    /// there is no content.
    pub(crate) fn new(
        provider: ProviderName,
        url: &str,
        title: &str,
        mut content: String,
        format: PageFormat,
    ) -> Option<Self> {
        let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        content.truncate(content.floor_char_boundary(CONTENT_BYTES_MAX));
        if content.trim().is_empty() {
            return None;
        }
        Some(Self {
            provider,
            url: url.into(),
            title: title.trim().chars().take(TITLE_CHARS_MAX).collect(),
            content,
            format,
            author: None,
            licence: None,
            changed: None,
        })
    }

    pub(crate) fn author(mut self, author: Option<&str>) -> Self {
        self.author = credit(author);
        self
    }

    pub(crate) fn licence(mut self, licence: Option<&str>) -> Self {
        self.licence = credit(licence);
        self
    }

    pub(crate) const fn changed(mut self, changed: Option<Timestamp>) -> Self {
        self.changed = changed;
        self
    }
}

fn credit(text: Option<&str>) -> Option<String> {
    let text: String = text?.trim().chars().take(CREDIT_CHARS_MAX).collect();
    (!text.is_empty()).then_some(text)
}
