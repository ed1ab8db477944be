//! Stack Overflow and the other sites of Stack Exchange, through their interface of version 2.3.
//!
//! One call searches the questions, a second one reads their answers. A page is the accepted answer
//! of a question, else its best one, else the question.
//! Protocol: <https://api.stackexchange.com/docs/advanced-search>,
//! <https://api.stackexchange.com/docs/answers-on-questions>,
//! <https://api.stackexchange.com/docs/throttle>.

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use reqwest::{Url, header::HeaderMap};
use serde::Deserialize;

use crate::{
    PageFormat, ProviderError, ProviderName, StackExchangeSettings, WebPage, WebQuery,
    calls::{self, Calls},
    markup::unescaped,
    provider::Provider,
};

/// How long it is left alone when the quota of the day is used up; then one call tries again.
const OUT_OF_QUOTA: Duration = Duration::from_secs(3_600);
/// Answers read for each question on average.
const ANSWERS_PER_QUESTION: usize = 5;

pub(crate) struct StackExchange {
    base: Url,
    settings: StackExchangeSettings,
}

/// The wrapper around every reply.
#[derive(Deserialize)]
struct Reply<T> {
    #[serde(default = "Vec::new")]
    items: Vec<T>,
    /// Seconds for which the same may not be asked again.
    backoff: Option<u64>,
    /// Calls left today.
    quota_remaining: Option<i64>,
    error_message: Option<String>,
}

#[derive(Deserialize)]
struct Owner {
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct Question {
    question_id: u64,
    title: String,
    link: String,
    body: Option<String>,
    owner: Option<Owner>,
    content_license: Option<String>,
    last_activity_date: Option<i64>,
    #[serde(default)]
    answer_count: u64,
}

#[derive(Deserialize)]
struct Answer {
    answer_id: u64,
    question_id: u64,
    #[serde(default)]
    is_accepted: bool,
    #[serde(default)]
    score: i64,
    body: Option<String>,
    owner: Option<Owner>,
    content_license: Option<String>,
    last_activity_date: Option<i64>,
}

impl StackExchange {
    pub(crate) const fn new(base: Url, settings: StackExchangeSettings) -> Self {
        Self { base, settings }
    }

    async fn find(
        &self,
        query: &WebQuery,
        calls: &Calls<'_>,
    ) -> Result<Vec<WebPage>, ProviderError> {
        let size = query.results.to_string();
        let asked = self.ask(
            "/2.3/search/advanced",
            &[("q", &query.words), ("sort", "relevance"), ("pagesize", &size)],
        );
        let reply: Reply<Question> = calls.json(asked, HeaderMap::new()).await?;
        if let Some(message) = reply.error_message {
            return Err(ProviderError::Malformed(message));
        }
        let may_ask_again = self.heed(&reply, calls);
        let answers =
            if may_ask_again { self.answers(&reply.items, calls).await } else { Vec::new() };
        Ok(reply.items.iter().filter_map(|question| page(question, &answers)).collect())
    }

    /// Waits as the reply asks for; whether another call may follow at once.
    fn heed<T>(&self, reply: &Reply<T>, calls: &Calls<'_>) -> bool {
        let backoff = reply.backoff.map(Duration::from_secs);
        let out = reply.quota_remaining.is_some_and(|left| left <= 0);
        let rest = if out { Some(OUT_OF_QUOTA) } else { backoff };
        if let Some(time) = rest {
            calls.rest(time);
        }
        rest.is_none()
    }

    async fn answers(&self, questions: &[Question], calls: &Calls<'_>) -> Vec<Answer> {
        let ids: Vec<String> = questions
            .iter()
            .filter(|question| question.answer_count > 0)
            .map(|question| question.question_id.to_string())
            .collect();
        if ids.is_empty() {
            return Vec::new();
        }
        let size = (ids.len() * ANSWERS_PER_QUESTION).min(100).to_string();
        let path = format!("/2.3/questions/{}/answers", ids.join(";"));
        let asked = self.ask(&path, &[("sort", "votes"), ("pagesize", &size)]);
        let Some(reply) = calls.more::<Reply<Answer>>(asked).await else { return Vec::new() };
        self.heed(&reply, calls);
        reply.items
    }

    fn ask(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let common =
            [("site", self.settings.site.as_str()), ("order", "desc"), ("filter", "withbody")];
        let mut url = calls::url(&self.base, path, &[&common, query].concat());
        if let Some(key) = &self.settings.key {
            url.query_pairs_mut().append_pair("key", key.expose());
        }
        url
    }
}

fn page(question: &Question, answers: &[Answer]) -> Option<WebPage> {
    let title = unescaped(&question.title);
    let best = answers
        .iter()
        .filter(|answer| answer.question_id == question.question_id && answer.body.is_some())
        .max_by_key(|answer| (answer.is_accepted, answer.score));
    let link = Url::parse(&question.link).ok()?;
    let (url, body, owner, licence, changed) = match best {
        Some(answer) => (
            link.join(&format!("/a/{}", answer.answer_id)).ok()?,
            &answer.body,
            &answer.owner,
            &answer.content_license,
            answer.last_activity_date,
        ),
        None => (
            link,
            &question.body,
            &question.owner,
            &question.content_license,
            question.last_activity_date,
        ),
    };
    let author = owner.as_ref().and_then(|owner| owner.display_name.as_deref()).map(unescaped);
    let changed = changed.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let name = ProviderName::StackOverflow;
    let page = WebPage::new(name, url.as_str(), &title, body.clone()?, PageFormat::Html)?;
    Some(page.author(author.as_deref()).licence(licence.as_deref()).changed(changed))
}

impl Provider for StackExchange {
    fn name(&self) -> ProviderName {
        ProviderName::StackOverflow
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
