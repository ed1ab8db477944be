//! Source: the pages of web sites, by their links and their sitemaps.

mod crawl;
mod hosts;
mod links;
mod plan;
mod robots;
mod sitemap;

use std::collections::BTreeSet;

use reqwest::Url;
use serde::Deserialize;

use crate::{
    Limits, Sink, Source, SourceContext, SourceError, SourceState,
    net::http::Http,
    pattern::Patterns,
    settings::{SettingProblem, checked},
};

/// Start pages, sitemaps or hosts in the settings at most.
const ENTRIES_MAX: usize = 1_000;
/// Waits between requests that a setting can ask for.
const DELAY_MS_MAX: u64 = 60_000;

/// Pages of web sites. `robots.txt` is respected, and nothing outside the named hosts is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSettings {
    /// Pages to start from.
    #[serde(default)]
    pub urls: Vec<String>,
    /// Sitemaps, or indexes of sitemaps, whose pages are taken too.
    #[serde(default)]
    pub sitemaps: Vec<String>,
    /// Further hosts whose pages may be taken, beside those of `urls` and `sitemaps`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// How many links away from a start page a page may be. Links on pages that only a sitemap
    /// lists are not followed.
    #[serde(default = "default_depth")]
    pub depth: u32,
    /// Patterns of paths without the first `/`, such as `docs/**`; all when empty. They decide
    /// which pages are kept and followed; start pages are always read for their links.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of paths that are left out; they win over `include`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Requests for pages in one run.
    #[serde(default = "default_pages")]
    pub pages: usize,
    /// Milliseconds between two requests to a host; a longer `Crawl-delay` of the host counts.
    #[serde(default = "default_delay_ms")]
    pub delay_ms: u64,
    /// What a run may consume.
    #[serde(default)]
    pub limits: Limits,
}

const fn default_depth() -> u32 {
    3
}

const fn default_pages() -> usize {
    5_000
}

const fn default_delay_ms() -> u64 {
    250
}

/// Settings that were checked.
#[derive(Debug)]
pub(crate) struct Web {
    urls: Vec<Url>,
    sitemaps: Vec<Url>,
    hosts: BTreeSet<String>,
    patterns: Patterns,
    settings: WebSettings,
    http: Http,
}

impl Web {
    pub(crate) fn new(settings: WebSettings, context: &SourceContext) -> Result<Self, SourceError> {
        let mut problems = Vec::new();
        let urls = addresses("urls", &settings.urls, &mut problems);
        let sitemaps = addresses("sitemaps", &settings.sitemaps, &mut problems);
        if settings.urls.is_empty() && settings.sitemaps.is_empty() {
            let problem = "is empty, and so is `sitemaps`: name a page or a sitemap";
            problems.push(SettingProblem::new("urls", problem));
        }
        if settings.hosts.len() > ENTRIES_MAX {
            let problem = format!("has more than {ENTRIES_MAX} entries");
            problems.push(SettingProblem::new("hosts", problem));
        }
        if settings.pages == 0 {
            problems.push(SettingProblem::new("pages", "must be at least 1"));
        }
        if settings.delay_ms > DELAY_MS_MAX {
            let problem = format!("must be at most {DELAY_MS_MAX}");
            problems.push(SettingProblem::new("delay_ms", problem));
        }
        let patterns = Patterns::new(&settings.include, &settings.exclude, &mut problems);
        settings.limits.check(&mut problems);
        checked(problems)?;
        let http = Http::new(context)?;
        for url in urls.iter().chain(&sitemaps) {
            http.guard().check_url(url)?;
        }
        let named = settings.hosts.iter().map(|host| host.to_ascii_lowercase());
        let started = urls.iter().chain(&sitemaps).filter_map(Url::host_str).map(str::to_owned);
        let hosts = named.chain(started).collect();
        Ok(Self { urls, sitemaps, hosts, patterns, settings, http })
    }

    /// Whether pages of this host may be taken.
    fn has_host(&self, url: &Url) -> bool {
        url.host_str().is_some_and(|host| self.hosts.contains(host))
    }

    /// Whether the patterns take a page.
    fn takes(&self, url: &Url) -> bool {
        self.patterns.takes(url.path().trim_start_matches('/'))
    }
}

fn addresses(setting: &str, entries: &[String], problems: &mut Vec<SettingProblem>) -> Vec<Url> {
    if entries.len() > ENTRIES_MAX {
        problems.push(SettingProblem::new(setting, format!("has more than {ENTRIES_MAX} entries")));
    }
    let mut urls = Vec::new();
    for entry in entries.iter().take(ENTRIES_MAX) {
        match Url::parse(entry) {
            Ok(mut url) if matches!(url.scheme(), "http" | "https") => {
                url.set_fragment(None);
                urls.push(url);
            }
            _ => {
                let problem = format!("holds `{entry}`, which is no `http` or `https` address");
                problems.push(SettingProblem::new(setting, problem));
            }
        }
    }
    urls
}

impl Source for Web {
    fn sync(&self, state: &SourceState, sink: &mut dyn Sink) -> Result<SourceState, SourceError> {
        crawl::crawl(self, state.read()?, sink)
    }
}

#[cfg(test)]
mod tests;
