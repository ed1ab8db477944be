//! MDN, the documentation of the web platform.
//!
//! One call searches (`/api/v1/search`); the texts of the first two documents are read from the
//! `index.json` beside them, at the same time. The others are known by their summary.

use futures_util::future::{BoxFuture, join_all};
use jiff::Timestamp;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;

use crate::{
    MdnSettings, PageFormat, ProviderError, ProviderName, WebPage, WebQuery,
    calls::{self, Calls},
    markup::escaped,
    provider::Provider,
};

/// Documents whose text is read.
const WHOLE: usize = 2;
/// The only language in which all documents are there.
const LOCALE: &str = "en-US";

pub(crate) struct Mdn {
    base: Url,
    settings: MdnSettings,
}

#[derive(Deserialize)]
struct Reply {
    documents: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    mdn_url: String,
    title: String,
    #[serde(default)]
    summary: String,
}

#[derive(Deserialize)]
struct Whole {
    doc: Doc,
}

#[derive(Deserialize)]
struct Doc {
    #[serde(default)]
    body: Vec<Section>,
    modified: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Section {
    r#type: String,
    value: SectionValue,
}

#[derive(Deserialize)]
struct SectionValue {
    title: Option<String>,
    content: Option<String>,
}

impl Mdn {
    pub(crate) const fn new(base: Url, settings: MdnSettings) -> Self {
        Self { base, settings }
    }

    async fn find(
        &self,
        query: &WebQuery,
        calls: &Calls<'_>,
    ) -> Result<Vec<WebPage>, ProviderError> {
        let size = query.results.to_string();
        let words = [("q", query.words.as_str()), ("locale", LOCALE), ("size", &size)];
        let asked = calls::url(&self.base, "/api/v1/search", &words);
        let reply: Reply = calls.json(asked, HeaderMap::new()).await?;
        let documents: Vec<(Url, Found)> = reply
            .documents
            .into_iter()
            .take(query.results)
            .filter_map(|found| Some((self.address(&found.mdn_url)?, found)))
            .collect();
        let first = documents.iter().take(WHOLE);
        let wholes = join_all(first.map(|(url, _)| calls.more::<Whole>(whole_url(url)))).await;
        let wholes = wholes.into_iter().chain(std::iter::repeat_with(|| None));
        let pages = documents.into_iter().zip(wholes);
        Ok(pages.filter_map(|((url, found), whole)| page(&url, &found, whole)).collect())
    }

    /// The address of a document; none when it is not below ours.
    fn address(&self, path: &str) -> Option<Url> {
        let url = self.base.join(path).ok()?;
        (url.origin() == self.base.origin()).then_some(url)
    }
}

fn whole_url(document: &Url) -> Url {
    calls::url(document, "/index.json", &[])
}

fn page(url: &Url, found: &Found, whole: Option<Whole>) -> Option<WebPage> {
    let changed = whole.as_ref().and_then(|whole| whole.doc.modified);
    let text = whole.map(|whole| html(&whole.doc)).filter(|html| !html.is_empty());
    let (text, format) = match text {
        Some(html) => (html, PageFormat::Html),
        None => (found.summary.clone(), PageFormat::Text),
    };
    let page = WebPage::new(ProviderName::Mdn, url.as_str(), &found.title, text, format)?;
    let page = page.author(Some("MDN contributors")).licence(Some("CC BY-SA 2.5"));
    Some(page.changed(changed))
}

/// The prose of a document, section by section.
fn html(doc: &Doc) -> String {
    let mut html = String::new();
    for section in doc.body.iter().filter(|section| section.r#type == "prose") {
        if let Some(title) = &section.value.title {
            html.push_str(&format!("<h2>{}</h2>\n", escaped(title)));
        }
        html.push_str(section.value.content.as_deref().unwrap_or_default());
        html.push('\n');
    }
    html
}

impl Provider for Mdn {
    fn name(&self) -> ProviderName {
        ProviderName::Mdn
    }

    fn calls_per_minute(&self) -> usize {
        self.settings.calls_per_minute
    }

    fn search<'a>(
        &'a self,
        query: &'a WebQuery,
        calls: &'a Calls<'a>,
    ) -> BoxFuture<'a, Result<Vec<WebPage>, ProviderError>> {
        Box::pin(self.find(query, calls))
    }
}
