//! The calls that one search makes of one provider: counted, fenced, bounded, honest about waits.

use std::time::{Duration, Instant};

use assay_core::{Breaker, Clock, Deadline};
use assay_net::{Answer, Get, Http};
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap, RETRY_AFTER},
};
use serde::de::DeserializeOwned;

use crate::{ProviderError, minute::MinuteLimit};

/// Redirects followed one after the other.
const HOPS_MAX: usize = 3;
/// Characters shown of what a provider says when it refuses.
const MESSAGE_CHARS: usize = 200;
/// How long a provider is left alone that asks for it without a time.
const WAIT: Duration = Duration::from_secs(60);
/// What a second call, which only adds to the first, leaves of the time.
const RESERVE: Duration = Duration::from_millis(40);

/// What a provider makes its calls with.
pub(crate) struct Calls<'a> {
    pub(crate) http: &'a Http,
    pub(crate) minute: &'a MinuteLimit,
    pub(crate) breaker: &'a Breaker,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) bytes_max: u64,
    pub(crate) deadline: Deadline,
}

impl Calls<'_> {
    /// Gets a URL and reads the JSON there.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        url: Url,
        headers: HeaderMap,
    ) -> Result<T, ProviderError> {
        self.json_before(url, headers, self.deadline).await
    }

    /// The same for a call that only adds to what is there: it ends before the time is up, so that
    /// what is there is not lost with it, and its failure is none.
    pub(crate) async fn more<T: DeserializeOwned>(&self, url: Url) -> Option<T> {
        let left = self.deadline.left().checked_sub(RESERVE)?;
        self.json_before(url, HeaderMap::new(), self.deadline.part(left)).await.ok()
    }

    /// The provider is to be left alone for so long, although it answered.
    pub(crate) fn rest(&self, time: Duration) {
        self.breaker.rest(Instant::now(), time);
    }

    async fn json_before<T: DeserializeOwned>(
        &self,
        url: Url,
        headers: HeaderMap,
        deadline: Deadline,
    ) -> Result<T, ProviderError> {
        let answer = self.follow(url, headers, deadline).await?;
        if let Some(time) = wait(&answer, self.clock) {
            self.rest(time);
            if !answer.is_success() {
                return Err(ProviderError::Wait(time));
            }
        }
        if !answer.is_success() {
            let status = answer.status;
            return Err(ProviderError::Status { status, message: message(&answer.bytes) });
        }
        serde_json::from_slice(&answer.bytes)
            .map_err(|error| ProviderError::Malformed(error.to_string()))
    }

    /// Follows redirects; each is a request of its own to the fence and to the limit.
    async fn follow(
        &self,
        mut url: Url,
        mut headers: HeaderMap,
        deadline: Deadline,
    ) -> Result<Answer, ProviderError> {
        for _ in 0..=HOPS_MAX {
            if !self.minute.take(Instant::now()) {
                return Err(ProviderError::OutOfCalls(self.minute.most()));
            }
            let get =
                Get { url: &url, headers: headers.clone(), bytes_max: self.bytes_max, deadline };
            let answer = self.http.get(get).await?;
            if !(300..400).contains(&answer.status) {
                return Ok(answer);
            }
            let to = answer.redirect(&url).ok_or(ProviderError::Redirect("to nowhere"))?;
            if url.scheme() == "https" && to.scheme() != "https" {
                return Err(ProviderError::Redirect("out of TLS"));
            }
            if to.origin() != url.origin() {
                headers.remove(AUTHORIZATION);
            }
            url = to;
        }
        Err(ProviderError::Redirect("more than three times"))
    }
}

/// For how long the answer asks to be left alone: `Retry-After`, or GitHub's count of calls left and
/// the second at which it starts again.
fn wait(answer: &Answer, clock: &dyn Clock) -> Option<Duration> {
    let now = clock.now().as_second();
    // A second more: the clocks need not agree on where a second begins.
    let until = |second: i64| {
        Duration::from_secs(
            u64::try_from(second.saturating_sub(now)).unwrap_or(0).saturating_add(1),
        )
    };
    let number = |name: &str| answer.header(name)?.trim().parse::<i64>().ok();
    if let Some(after) = answer.header(RETRY_AFTER.as_str()) {
        let seconds = after.trim().parse().map(Duration::from_secs).ok();
        let date = || Some(until(DateTimeParser::new().parse_timestamp(after).ok()?.as_second()));
        return Some(seconds.or_else(date).unwrap_or(WAIT));
    }
    if number("x-ratelimit-remaining") == Some(0) {
        return Some(number("x-ratelimit-reset").map_or(WAIT, until));
    }
    (answer.status == 429).then_some(WAIT)
}

/// What the provider says, after a colon.
fn message(body: &[u8]) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let said = parsed.as_ref().and_then(|body| {
        ["/message", "/error_message", "/error/info"]
            .iter()
            .find_map(|path| body.pointer(path)?.as_str())
    });
    said.map_or_else(String::new, |said| {
        let said: String = said.chars().filter(|c| !c.is_control()).take(MESSAGE_CHARS).collect();
        format!(": {said}")
    })
}

/// A URL below a base whose path is kept, with a query.
pub(crate) fn url(base: &Url, path: &str, query: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}
