//! GitHub, through its REST interface: repositories and issues, and with a token code.
//!
//! Protocol: <https://docs.github.com/en/rest/search/search>. The searches are made at once; one
//! that fails does not take the others with it.

use futures_util::future::{BoxFuture, join3};
use jiff::Timestamp;
use reqwest::{
    Url,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    GithubSettings, PageFormat, ProviderError, ProviderName, WebPage, WebQuery,
    calls::{self, Calls},
    provider::Provider,
};

/// The version of the interface that this is written for.
const VERSION: &str = "2022-11-28";

pub(crate) struct Github {
    base: Url,
    settings: GithubSettings,
}

#[derive(Deserialize)]
struct Reply<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Account {
    login: Option<String>,
}

#[derive(Deserialize)]
struct Licence {
    spdx_id: Option<String>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
    html_url: String,
    description: Option<String>,
    owner: Option<Account>,
    license: Option<Licence>,
    pushed_at: Option<Timestamp>,
    #[serde(default)]
    topics: Vec<String>,
}

#[derive(Deserialize)]
struct Issue {
    title: String,
    html_url: String,
    body: Option<String>,
    user: Option<Account>,
    updated_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Code {
    path: String,
    html_url: String,
    repository: CodeRepository,
    #[serde(default)]
    text_matches: Vec<Fragment>,
}

#[derive(Deserialize)]
struct CodeRepository {
    full_name: String,
}

#[derive(Deserialize)]
struct Fragment {
    fragment: String,
}

impl Github {
    pub(crate) const fn new(base: Url, settings: GithubSettings) -> Self {
        Self { base, settings }
    }

    async fn find(
        &self,
        query: &WebQuery,
        calls: &Calls<'_>,
    ) -> Result<Vec<WebPage>, ProviderError> {
        let words = &query.words;
        let issues = format!("{words} is:issue");
        let (repositories, issues, code) = join3(
            self.ask::<Repository>("/search/repositories", words, query.results, calls),
            self.ask::<Issue>("/search/issues", &issues, query.results, calls),
            self.code(query, calls),
        )
        .await;
        let kinds = [
            repositories.map(|found| found.iter().filter_map(of_repository).collect::<Vec<_>>()),
            issues.map(|found| found.iter().filter_map(of_issue).collect()),
            code.map(|found| found.iter().filter_map(of_code).collect()),
        ];
        if kinds.iter().take(2).all(Result::is_err) {
            return kinds.into_iter().next().unwrap_or_else(|| Ok(Vec::new()));
        }
        Ok(in_turn(kinds.into_iter().flatten().collect()))
    }

    async fn code(&self, query: &WebQuery, calls: &Calls<'_>) -> Result<Vec<Code>, ProviderError> {
        if self.settings.token.is_none() {
            return Ok(Vec::new());
        }
        self.ask("/search/code", &query.words, query.results, calls).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        words: &str,
        results: usize,
        calls: &Calls<'_>,
    ) -> Result<Vec<T>, ProviderError> {
        let query = [("q", words), ("per_page", &results.to_string())];
        let reply: Reply<T> =
            calls.json(calls::url(&self.base, path, &query), self.headers()).await?;
        Ok(reply.items)
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        // The form that names the places in a file where the words stand.
        let accept = "application/vnd.github.text-match+json";
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        let version = HeaderName::from_static("x-github-api-version");
        headers.insert(version, HeaderValue::from_static(VERSION));
        let token = self.settings.token.as_ref();
        let token = token
            .and_then(|token| format!("Bearer {}", token.expose()).parse::<HeaderValue>().ok());
        if let Some(mut token) = token {
            token.set_sensitive(true);
            headers.insert(AUTHORIZATION, token);
        }
        headers
    }
}

fn of_repository(found: &Repository) -> Option<WebPage> {
    let mut text = found.description.clone()?;
    if !found.topics.is_empty() {
        text.push_str(&format!("\n\nTopics: {}.", found.topics.join(", ")));
    }
    let name = ProviderName::Github;
    let page = WebPage::new(name, &found.html_url, &found.full_name, text, PageFormat::Text)?;
    let licence = found.license.as_ref().and_then(|licence| licence.spdx_id.as_deref());
    let author = found.owner.as_ref().and_then(|owner| owner.login.as_deref());
    // GitHub's word for a licence that it does not recognise.
    let licence = licence.filter(|&licence| licence != "NOASSERTION");
    Some(page.author(author).licence(licence).changed(found.pushed_at))
}

fn of_issue(found: &Issue) -> Option<WebPage> {
    let (name, text) = (ProviderName::Github, found.body.clone()?);
    let page = WebPage::new(name, &found.html_url, &found.title, text, PageFormat::Markdown)?;
    let author = found.user.as_ref().and_then(|user| user.login.as_deref());
    Some(page.author(author).changed(found.updated_at))
}

fn of_code(found: &Code) -> Option<WebPage> {
    let fragments = found.text_matches.iter().map(|found| found.fragment.as_str());
    let text = fragments.collect::<Vec<_>>().join("\n\n");
    let title = format!("{}: {}", found.repository.full_name, found.path);
    let page = WebPage::new(ProviderName::Github, &found.html_url, &title, text, PageFormat::Text)?;
    Some(page.author(found.repository.full_name.split('/').next()))
}

/// The first of each list, then the second of each, and so on.
fn in_turn(lists: Vec<Vec<WebPage>>) -> Vec<WebPage> {
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut pages = Vec::new();
    loop {
        let before = pages.len();
        pages.extend(lists.iter_mut().filter_map(Iterator::next));
        if pages.len() == before {
            return pages;
        }
    }
}

impl Provider for Github {
    fn name(&self) -> ProviderName {
        ProviderName::Github
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
