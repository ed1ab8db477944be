//! Wikipedia, through the action interface of MediaWiki.
//!
//! One call searches (`list=search`) and reads the introductions (`prop=extracts`); a second one
//! reads the whole of the first article, which an introduction often only promises.
//! Protocol: <https://www.mediawiki.org/wiki/API:Search>,
//! <https://www.mediawiki.org/wiki/Extension:TextExtracts>.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;

use crate::{
    PageFormat, ProviderError, ProviderName, WebPage, WebQuery, WikipediaSettings,
    calls::{self, Calls},
    provider::Provider,
};

/// Languages whose Wikipedia is asked; a question in another goes to the English one.
const LANGUAGES: [&str; 33] = [
    "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hu",
    "id", "it", "ja", "ko", "lt", "nl", "no", "pl", "pt", "ro", "ru", "sl", "sv", "tr", "uk", "vi",
    "zh",
];

pub(crate) struct Wikipedia {
    settings: WikipediaSettings,
}

#[derive(Deserialize)]
struct Reply {
    query: Option<Found>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    info: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    search: Vec<Hit>,
    pages: Vec<Article>,
}

#[derive(Deserialize)]
struct Hit {
    pageid: u64,
    timestamp: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Article {
    #[serde(default)]
    pageid: u64,
    title: String,
    extract: Option<String>,
    #[serde(alias = "canonicalurl")]
    fullurl: Option<String>,
}

impl Wikipedia {
    pub(crate) const fn new(settings: WikipediaSettings) -> Self {
        Self { settings }
    }

    /// The Wikipedia of a language; none for a base that is no URL.
    fn base(&self, language: &str) -> Option<Url> {
        // Norwegian is told as its written form.
        let language = if language == "nb" { "no" } else { language };
        let language = if LANGUAGES.contains(&language) { language } else { "en" };
        Url::parse(&self.settings.base_url.replace("{language}", language)).ok()
    }

    async fn find(
        &self,
        query: &WebQuery,
        calls: &Calls<'_>,
    ) -> Result<Vec<WebPage>, ProviderError> {
        let base = self.base(&query.language);
        let base = base.ok_or_else(|| ProviderError::Malformed("no base URL".to_owned()))?;
        let limit = query.results.to_string();
        let asked = ask(
            &base,
            &[
                ("list", "search"),
                ("srsearch", &query.words),
                ("srlimit", &limit),
                ("srprop", "timestamp"),
                ("srinfo", ""),
                ("generator", "search"),
                ("gsrsearch", &query.words),
                ("gsrlimit", &limit),
                ("prop", "extracts|info"),
                ("inprop", "url"),
                ("exintro", "1"),
                ("exlimit", "max"),
            ],
        );
        let reply: Reply = calls.json(asked, HeaderMap::new()).await?;
        if let Some(error) = reply.error {
            let info = error.info.map(|info| format!(": {info}")).unwrap_or_default();
            return Err(ProviderError::Malformed(format!("error `{}`{info}", error.code)));
        }
        let mut found = reply.query.unwrap_or_default();
        if let Some(first) = found.search.first() {
            self.read_whole(&base, first.pageid, &mut found.pages, calls).await;
        }
        Ok(pages(&found))
    }

    /// Puts the whole text of an article in the place of its introduction, when there is time.
    async fn read_whole(&self, base: &Url, id: u64, articles: &mut [Article], calls: &Calls<'_>) {
        let page = id.to_string();
        let asked = ask(base, &[("pageids", &page), ("prop", "extracts")]);
        let whole: Option<Reply> = calls.more(asked).await;
        let text = whole.and_then(|reply| reply.query?.pages.pop()?.extract);
        let article = articles.iter_mut().find(|article| article.pageid == id);
        if let (Some(text), Some(article)) = (text, article)
            && text.len() > article.extract.as_ref().map_or(0, String::len)
        {
            article.extract = Some(text);
        }
    }
}

fn ask(base: &Url, query: &[(&str, &str)]) -> Url {
    let common = [("action", "query"), ("format", "json"), ("formatversion", "2")];
    calls::url(base, "/w/api.php", &[&common, query].concat())
}

/// The articles in the order of the search.
fn pages(found: &Found) -> Vec<WebPage> {
    let page = |hit: &Hit| {
        let article = found.pages.iter().find(|article| article.pageid == hit.pageid)?;
        let (url, text) = (article.fullurl.as_deref()?, article.extract.clone()?);
        let name = ProviderName::Wikipedia;
        let page = WebPage::new(name, url, &article.title, text, PageFormat::Html)?;
        let page = page.author(Some("Wikipedia contributors")).licence(Some("CC BY-SA 4.0"));
        Some(page.changed(hit.timestamp))
    };
    found.search.iter().filter_map(page).collect()
}

impl Provider for Wikipedia {
    fn name(&self) -> ProviderName {
        ProviderName::Wikipedia
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
