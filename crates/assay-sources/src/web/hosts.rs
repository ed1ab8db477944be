//! The manners of a crawler: what a host allows, how often it is asked, when it is left alone.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use assay_net::{Answer, Get};
use reqwest::{Url, header::HeaderMap};

use super::{
    Web,
    plan::Mark,
    robots::{self, Robots},
    sitemap::{self, Sitemap},
};
use crate::{net::http::HttpError, run::Run};

/// Redirects followed for `robots.txt` and sitemaps; RFC 9309 asks for five.
const HOPS_MAX: usize = 5;
/// A host that does not answer this often in a row is left alone until the next run.
const FAILURES_MAX: u32 = 5;
/// How long a wait may be before the sink is asked whether to stop.
const NAP: Duration = Duration::from_millis(200);

/// Whether a page may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    Yes,
    /// The host does not want it.
    Never,
    /// The host does not answer, or wants to be left alone.
    NotNow,
}

/// What is known of a host (with scheme and port) in this run.
#[derive(Debug, Default)]
struct Host {
    robots: Option<Robots>,
    asked: Option<Instant>,
    failures: u32,
    rests: bool,
}

/// The hosts of a run.
#[derive(Debug)]
pub(super) struct Hosts<'a> {
    web: &'a Web,
    hosts: BTreeMap<String, Host>,
}

impl<'a> Hosts<'a> {
    pub(super) const fn new(web: &'a Web) -> Self {
        Self { web, hosts: BTreeMap::new() }
    }

    /// Whether a page may be read now; reads the `robots.txt` of its host the first time.
    pub(super) fn leave(&mut self, url: &Url, run: &mut Run<'_, Mark>) -> Leave {
        if self.host(url).robots.is_none() && !self.host(url).rests {
            match self.read_robots(url, run) {
                Ok(robots) => self.host(url).robots = Some(robots),
                Err(reason) => {
                    // A host whose rules cannot be known allows nothing.
                    let key = url.join("/robots.txt").map(String::from).unwrap_or_default();
                    run.problem(&key, format!("{reason}: the host is left for the next run"));
                    self.rest(url);
                }
            }
        }
        let host = self.host(url);
        match &host.robots {
            Some(_) if host.rests => Leave::NotNow,
            Some(robots) if robots.allows(url) => Leave::Yes,
            Some(_) => Leave::Never,
            None => Leave::NotNow,
        }
    }

    /// Leaves a host alone for the rest of the run.
    pub(super) fn rest(&mut self, url: &Url) {
        self.host(url).rests = true;
    }

    /// Makes one request when the host has had its pause.
    pub(super) fn get(
        &mut self,
        url: &Url,
        headers: HeaderMap,
        bytes_max: u64,
        run: &mut Run<'_, Mark>,
    ) -> Result<Answer, HttpError> {
        if !self.pause(url, run) {
            return Err(HttpError::Ended);
        }
        let deadline = run.deadline().part(self.web.settings.limits.request_time());
        let answer = self.web.http.get(Get { url, headers, bytes_max, deadline });
        let host = self.host(url);
        host.asked = Some(Instant::now());
        host.failures = match answer {
            Err(HttpError::Net(
                assay_net::HttpError::Failed(_) | assay_net::HttpError::TooSlow,
            )) => host.failures + 1,
            _ => 0,
        };
        host.rests |= host.failures >= FAILURES_MAX;
        answer
    }

    /// Reads a sitemap.
    pub(super) fn sitemap(
        &mut self,
        url: &Url,
        run: &mut Run<'_, Mark>,
    ) -> Result<Sitemap, String> {
        let bytes_max = sitemap::BYTES_MAX.min(self.web.settings.limits.file_bytes);
        let answer = self.follow(url, bytes_max, run)?;
        if !answer.is_success() {
            return Err(format!("the host answered with status {}", answer.status));
        }
        sitemap::read(&answer.bytes, bytes_max)
    }

    fn read_robots(&mut self, url: &Url, run: &mut Run<'_, Mark>) -> Result<Robots, String> {
        let url = url.join("/robots.txt").map_err(|error| error.to_string())?;
        let answer = self.follow(&url, robots::BYTES_MAX, run)?;
        match answer.status {
            200..=299 => Ok(Robots::parse(&answer.bytes)),
            429 => Err("the host asks to wait (status 429)".to_owned()),
            400..=499 => Ok(Robots::default()),
            status => Err(format!("the host answered with status {status}")),
        }
    }

    /// Makes a request and follows redirects, each of which is checked like the first address.
    fn follow(
        &mut self,
        url: &Url,
        bytes_max: u64,
        run: &mut Run<'_, Mark>,
    ) -> Result<Answer, String> {
        let mut url = url.clone();
        for _ in 0..=HOPS_MAX {
            let answer = self.get(&url, HeaderMap::new(), bytes_max, run);
            let answer = answer.map_err(|error| error.to_string())?;
            match answer.redirect(&url) {
                Some(to) => url = to,
                None => return Ok(answer),
            }
        }
        Err(format!("more than {HOPS_MAX} redirects one after the other"))
    }

    /// Waits until the host may be asked again; false when the run ends before.
    fn pause(&mut self, url: &Url, run: &mut Run<'_, Mark>) -> bool {
        let setting = Duration::from_millis(self.web.settings.delay_ms);
        let host = self.host(url);
        let wanted = host.robots.as_ref().and_then(|robots| robots.delay).unwrap_or_default();
        let Some(next) = host.asked.map(|asked| asked + setting.max(wanted)) else { return true };
        while run.goes_on() {
            let left = next.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(NAP));
        }
        false
    }

    fn host(&mut self, url: &Url) -> &mut Host {
        self.hosts.entry(url.origin().ascii_serialization()).or_default()
    }
}
