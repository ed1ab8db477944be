//! A run over web sites: one request at a time.

use std::collections::{BTreeMap, BTreeSet};

use assay_net::Answer;
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use percent_encoding::percent_decode_str;
use reqwest::{
    Url,
    header::{
        CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    },
};

use super::{
    Web,
    hosts::{Hosts, Leave},
    links::links,
    plan::{Mark, Plan, State, Visit},
    sitemap,
};
use crate::{Sink, SourceError, SourceFile, SourceState, folder::hash, run::Run};

/// Sitemaps read in a run.
const SITEMAPS_MAX: usize = 500;
/// Bytes of all addresses in them.
const LISTED_BYTES_MAX: usize = 64 << 20;

pub(super) fn crawl(
    web: &Web,
    state: State,
    sink: &mut dyn Sink,
) -> Result<SourceState, SourceError> {
    let mut plan = Plan::default();
    for url in &web.urls {
        plan.add(url.clone(), Some(0));
    }
    for (url, depth) in parsed(state.waiting) {
        plan.add(url, depth);
    }
    let known = state.pages.iter().map(|(url, mark)| (url.clone(), mark.depth)).collect();
    let run = Run::new(state.pages, &web.settings.limits, sink);
    let mut crawl = Crawl { web, plan, run, hosts: Hosts::new(web), requests: 0 };
    crawl.add_known(known);
    while crawl.run.goes_on() && crawl.requests < web.settings.pages {
        let Some(visit) = crawl.plan.next() else { break };
        crawl.visit(&visit);
    }
    let waiting = crawl.plan.rest();
    SourceState::write(&State { pages: crawl.run.finish(false), waiting })
}

fn parsed(addresses: BTreeMap<String, Option<u32>>) -> impl Iterator<Item = (Url, Option<u32>)> {
    addresses.into_iter().filter_map(|(url, depth)| Some((Url::parse(&url).ok()?, depth)))
}

struct Crawl<'a> {
    web: &'a Web,
    plan: Plan,
    run: Run<'a, Mark>,
    hosts: Hosts<'a>,
    /// Requests for pages.
    requests: usize,
}

impl Crawl<'_> {
    /// Plans the pages of the last run and those of the sitemaps. Where only sitemaps say what there
    /// is, a page that is in none of them any more is gone.
    fn add_known(&mut self, known: BTreeMap<String, Option<u32>>) {
        let mut listed = Vec::new();
        let complete = self.read_sitemaps(&mut listed);
        let decides = complete && self.web.urls.is_empty();
        let there: BTreeSet<&str> = listed.iter().map(Url::as_str).collect();
        for (key, depth) in known {
            if decides && !there.contains(key.as_str()) {
                self.run.gone(&key);
            } else if let Ok(url) = Url::parse(&key) {
                self.plan.add(url, depth);
            }
        }
        for url in listed {
            self.plan.add(url, None);
        }
    }

    /// Reads all sitemaps; false when one could not be read.
    fn read_sitemaps(&mut self, listed: &mut Vec<Url>) -> bool {
        let mut waiting: Vec<Url> = self.web.sitemaps.iter().rev().cloned().collect();
        let mut seen = BTreeSet::new();
        let (mut complete, mut bytes) = (true, 0);
        while let Some(url) = waiting.pop() {
            if !self.run.goes_on() {
                return false;
            }
            if !seen.insert(url.clone()) {
                continue;
            }
            let read = if seen.len() > SITEMAPS_MAX || bytes > LISTED_BYTES_MAX {
                Err("there are too many sitemaps, or too many pages in them".to_owned())
            } else {
                self.hosts.sitemap(&url, &mut self.run)
            };
            match read {
                Ok(sitemap::Sitemap { pages, sitemaps }) => {
                    bytes += pages.iter().map(|url| url.as_str().len()).sum::<usize>();
                    listed.extend(pages);
                    waiting.extend(sitemaps.into_iter().filter(|url| self.web.has_host(url)));
                }
                Err(reason) => {
                    self.run.problem(url.as_str(), reason);
                    complete = false;
                }
            }
        }
        complete
    }

    fn visit(&mut self, visit: &Visit) {
        let key = visit.url.as_str();
        let is_start = visit.depth == Some(0);
        if !self.web.has_host(&visit.url) || !(is_start || self.web.takes(&visit.url)) {
            return self.run.gone(key);
        }
        match self.hosts.leave(&visit.url, &mut self.run) {
            Leave::Yes => {}
            Leave::Never => {
                if is_start || visit.depth.is_none() {
                    self.run.problem(key, "`robots.txt` does not allow it");
                }
                return self.run.gone(key);
            }
            Leave::NotNow => return self.plan.put_off(visit),
        }
        self.requests += 1;
        let conditions = self.run.mark(key).map(conditions).unwrap_or_default();
        let bytes_max = self.web.settings.limits.file_bytes;
        match self.hosts.get(&visit.url, conditions, bytes_max, &mut self.run) {
            Ok(answer) => self.answered(visit, answer),
            Err(error) => self.failed(visit, error.to_string()),
        }
    }

    fn answered(&mut self, visit: &Visit, answer: Answer) {
        let key = visit.url.as_str();
        if let Some(to) = answer.redirect(&visit.url) {
            return self.redirected(visit, to, matches!(answer.status, 301 | 308));
        }
        match answer.status {
            200 | 203 => self.read(visit, answer),
            304 if self.run.mark(key).is_some() => self.run.keep(key),
            404 | 410 => {
                if visit.depth == Some(0) {
                    self.run
                        .problem(key, format!("there is no such page (status {})", answer.status));
                }
                self.run.gone(key);
            }
            429 | 503 => {
                self.hosts.rest(&visit.url);
                let reason = format!(
                    "the host asks to wait (status {}): its other pages are left for the next run",
                    answer.status
                );
                self.failed(visit, reason);
            }
            status => self.failed(visit, format!("the host answered with status {status}")),
        }
    }

    fn redirected(&mut self, visit: &Visit, to: Url, for_good: bool) {
        let key = visit.url.as_str();
        if !self.web.has_host(&to) {
            let host = to.host_str().unwrap_or_default();
            let reason = format!("it leads to `{host}`, which is not among `hosts`");
            return self.run.failed(key, reason);
        }
        if let Err(reason) = self.plan.redirect(visit, to) {
            return self.run.failed(key, reason);
        }
        if for_good { self.run.gone(key) } else { self.run.keep(key) }
    }

    fn read(&mut self, visit: &Visit, answer: Answer) {
        let key = visit.url.as_str();
        let media_type = answer.header(CONTENT_TYPE.as_str()).map(str::to_owned);
        let mut is_kept = self.web.takes(&visit.url);
        if media_type.as_deref().is_some_and(is_html) {
            let found = links(&answer.bytes, &visit.url);
            is_kept &= !found.no_index;
            if let Some(depth) = visit.depth.filter(|depth| *depth < self.web.settings.depth) {
                for url in found.urls.into_iter().filter(|url| self.web.has_host(url)) {
                    self.plan.add(url, Some(depth + 1));
                }
            }
        }
        if !is_kept {
            return self.run.gone(key);
        }
        if !self.run.has_room_for(key) {
            return;
        }
        let modified = answer.header(LAST_MODIFIED.as_str()).map(str::to_owned);
        let mark = Mark {
            etag: answer.header(ETAG.as_str()).map(str::to_owned),
            modified: modified.clone(),
            sha256: hash(&answer.bytes),
            depth: visit.depth,
        };
        if self.run.mark(key).is_some_and(|known| known.sha256 == mark.sha256) {
            return self.run.keep_as(key, mark);
        }
        let file = SourceFile {
            key: key.to_owned(),
            name: name(&visit.url),
            media_type,
            modified: modified.as_deref().and_then(http_date),
            url: Some(key.to_owned()),
            bytes: answer.bytes,
        };
        if !self.run.put(file, mark) {
            self.plan.put_off(visit);
        }
    }

    fn failed(&mut self, visit: &Visit, reason: String) {
        self.run.failed(visit.url.as_str(), reason);
        self.plan.put_off(visit);
    }
}

/// Asks for the page only if it changed.
fn conditions(mark: &Mark) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let etag = mark.etag.as_deref().map(|etag| (IF_NONE_MATCH, etag));
    let modified = mark.modified.as_deref().map(|date| (IF_MODIFIED_SINCE, date));
    for (name, value) in etag.into_iter().chain(modified) {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    headers
}

fn is_html(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(essence.as_str(), "text/html" | "application/xhtml+xml")
}

/// The last part of the path, or the host for the page at its root.
fn name(url: &Url) -> String {
    let parts = url.path_segments().into_iter().flatten();
    let last = parts.rev().find(|part| !part.is_empty());
    let name = last.or_else(|| url.host_str()).unwrap_or_default();
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}
