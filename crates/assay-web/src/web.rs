//! All providers that are set up, asked at once.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use assay_core::{Breaker, BreakerSettings, BreakerState, Clock, Deadline, TenantScope};
use assay_net::{Guard, Http, HttpError};
use futures_util::future::join_all;
use reqwest::Url;

use crate::{
    ProviderError, ProviderName, WebPage, WebSettings, WebSetupError,
    cache::{Cache, Key},
    calls::Calls,
    github::Github,
    mdn::Mdn,
    minute::MinuteLimit,
    provider::Provider,
    stack_exchange::StackExchange,
    wikipedia::Wikipedia,
};

/// What leaves the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebQuery {
    /// The words to look for, without those that only carry grammar.
    pub words: String,
    /// The language of the question, such as `en`.
    pub language: String,
    /// Pages wanted of each provider.
    pub results: usize,
}

/// How asking a provider ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderState {
    /// It answered, or its answer was remembered.
    Completed,
    /// Its time ran out.
    TimedOut,
    /// It failed.
    Failed,
    /// It was not asked: it rests, or its calls are used up.
    Skipped,
}

impl ProviderState {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::TimedOut => "timeout",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// How one provider fared in one search.
#[derive(Debug, Clone)]
pub struct ProviderReport {
    /// Who.
    pub name: ProviderName,
    /// How it ended.
    pub state: ProviderState,
    /// Pages that it gave.
    pub found: usize,
    /// Whether the pages were remembered.
    pub cached: bool,
    /// Why there are none.
    pub error: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// What the providers gave.
#[derive(Debug, Clone, Default)]
pub struct WebFound {
    /// Each provider's pages, best first.
    pub pages: Vec<WebPage>,
    /// One for each provider that was wanted.
    pub reports: Vec<ProviderReport>,
}

/// How a provider has fared since start, and how it stands.
#[derive(Debug, Clone)]
pub struct ProviderStatus {
    /// Who.
    pub name: ProviderName,
    /// Its breaker.
    pub breaker: BreakerState,
    /// What it said when it last failed.
    pub last_error: Option<String>,
    /// Searches that it answered.
    pub completed: u64,
    /// Searches that failed.
    pub failed: u64,
    /// Searches for which its time ran out.
    pub timed_out: u64,
    /// Searches for which it was not asked.
    pub skipped: u64,
    /// Searches that were answered from memory.
    pub cached: u64,
    /// Time spent on it in all.
    pub took: Duration,
}

/// The public sources that are set up.
pub struct Web {
    slots: Vec<Slot>,
    http: Http,
    cache: Cache,
    clock: Arc<dyn Clock>,
    bytes_max: u64,
    provider_time: Duration,
}

struct Slot {
    provider: Box<dyn Provider>,
    breaker: Breaker,
    minute: MinuteLimit,
    status: Mutex<Option<ProviderStatus>>,
}

impl Web {
    /// Sets the providers up; none is called.
    ///
    /// # Errors
    /// [`WebSetupError`].
    pub fn new(settings: &WebSettings, clock: Arc<dyn Clock>) -> Result<Self, WebSetupError> {
        let guard = Guard::new(&settings.allow_private_hosts)?;
        let agent = format!("assay/{} ({})", env!("CARGO_PKG_VERSION"), settings.contact);
        let mut names = settings.providers.clone();
        names.sort_unstable();
        names.dedup();
        let slots: Result<Vec<Slot>, _> =
            names.into_iter().map(|name| provider(name, settings).map(Slot::new)).collect();
        Ok(Self {
            slots: slots?,
            http: Http::new(guard, &agent)?,
            cache: Cache::new(settings.cache_entries, Duration::from_secs(settings.cache_seconds)),
            clock,
            bytes_max: settings.answer_bytes_max,
            provider_time: Duration::from_millis(settings.provider_ms),
        })
    }

    /// Who is set up.
    #[must_use]
    pub fn names(&self) -> Vec<ProviderName> {
        self.slots.iter().map(|slot| slot.provider.name()).collect()
    }

    /// Asks the providers of `names` that are set up, all at once; comes back at `deadline` at the
    /// latest, with what there is.
    pub async fn search(
        &self,
        scope: &TenantScope,
        query: &WebQuery,
        names: &[ProviderName],
        deadline: Deadline,
    ) -> WebFound {
        let wanted = self.slots.iter().filter(|slot| names.contains(&slot.provider.name()));
        let deadline = deadline.part(self.provider_time);
        let answers = join_all(wanted.map(|slot| self.ask(slot, scope, query, deadline))).await;
        let mut found = WebFound::default();
        for (report, pages) in answers {
            found.pages.extend(pages.iter().cloned());
            found.reports.push(report);
        }
        found
    }

    /// How the providers stand.
    #[must_use]
    pub fn status(&self) -> Vec<ProviderStatus> {
        let now = Instant::now();
        let status = |slot: &Slot| ProviderStatus {
            breaker: slot.breaker.state(now),
            ..slot.status().clone().unwrap_or_else(|| fresh(slot.provider.name()))
        };
        self.slots.iter().map(status).collect()
    }

    async fn ask(
        &self,
        slot: &Slot,
        scope: &TenantScope,
        query: &WebQuery,
        deadline: Deadline,
    ) -> (ProviderReport, Arc<[WebPage]>) {
        let (start, name) = (Instant::now(), slot.provider.name());
        let key = Key::of(scope.tenant(), name, query);
        let known = self.cache.get(&key, start);
        let cached = known.is_some();
        let (state, error, pages) = match known {
            Some(pages) => (ProviderState::Completed, None, pages),
            None => match self.call(slot, query, deadline).await {
                Ok(pages) => {
                    let pages: Arc<[WebPage]> = pages.into();
                    self.cache.put(key, Arc::clone(&pages), Instant::now());
                    (ProviderState::Completed, None, pages)
                }
                Err((state, error)) => (state, Some(error), Arc::default()),
            },
        };
        let took = start.elapsed();
        let report = ProviderReport { name, state, found: pages.len(), cached, error, took };
        slot.count(&report);
        (report, pages)
    }

    async fn call(
        &self,
        slot: &Slot,
        query: &WebQuery,
        deadline: Deadline,
    ) -> Result<Vec<WebPage>, (ProviderState, String)> {
        let pass = slot.breaker.pass(Instant::now()).map_err(|left| {
            (ProviderState::Skipped, format!("it is left alone for {} s", left.as_secs() + 1))
        })?;
        let calls = Calls {
            http: &self.http,
            minute: &slot.minute,
            breaker: &slot.breaker,
            clock: &*self.clock,
            bytes_max: self.bytes_max,
            deadline,
        };
        let error = match slot.provider.search(query, &calls).await {
            Ok(mut pages) => {
                pass.succeeded(Instant::now());
                pages.truncate(query.results);
                return Ok(pages);
            }
            Err(error) => error,
        };
        let now = Instant::now();
        let state = match &error {
            // Nothing was asked, so nothing is known: the pass is given back unused.
            ProviderError::OutOfCalls(_) => {
                return Err((ProviderState::Skipped, error.to_string()));
            }
            ProviderError::Http(HttpError::TooSlow) => ProviderState::TimedOut,
            _ => ProviderState::Failed,
        };
        pass.failed(now);
        Err((state, error.to_string()))
    }
}

impl Slot {
    fn new(provider: Box<dyn Provider>) -> Self {
        let minute = MinuteLimit::new(provider.calls_per_minute());
        let breaker = Breaker::new(BreakerSettings::default());
        Self { provider, breaker, minute, status: Mutex::default() }
    }

    fn status(&self) -> std::sync::MutexGuard<'_, Option<ProviderStatus>> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, report: &ProviderReport) {
        let mut status = self.status();
        let status = status.get_or_insert_with(|| fresh(report.name));
        status.took += report.took;
        match report.state {
            ProviderState::Completed if report.cached => status.cached += 1,
            ProviderState::Completed => status.completed += 1,
            ProviderState::TimedOut => status.timed_out += 1,
            ProviderState::Failed => status.failed += 1,
            ProviderState::Skipped => status.skipped += 1,
        }
        if matches!(report.state, ProviderState::TimedOut | ProviderState::Failed) {
            status.last_error.clone_from(&report.error);
        }
    }
}

fn fresh(name: ProviderName) -> ProviderStatus {
    ProviderStatus {
        name,
        breaker: BreakerState::Closed,
        last_error: None,
        completed: 0,
        failed: 0,
        timed_out: 0,
        skipped: 0,
        cached: 0,
        took: Duration::ZERO,
    }
}

fn provider(
    name: ProviderName,
    settings: &WebSettings,
) -> Result<Box<dyn Provider>, WebSetupError> {
    let base = |url: &str| {
        Url::parse(url)
            .ok()
            .filter(|parsed| matches!(parsed.scheme(), "http" | "https") && parsed.has_host())
            .ok_or_else(|| WebSetupError::BaseUrl { provider: name, url: url.to_owned() })
    };
    Ok(match name {
        ProviderName::Wikipedia => {
            // The base of one language stands for those of all.
            base(&settings.wikipedia.base_url.replace("{language}", "en"))?;
            Box::new(Wikipedia::new(settings.wikipedia.clone()))
        }
        ProviderName::StackOverflow => {
            let settings = settings.stackoverflow.clone();
            Box::new(StackExchange::new(base(&settings.base_url)?, settings))
        }
        ProviderName::Mdn => {
            let settings = settings.mdn.clone();
            Box::new(Mdn::new(base(&settings.base_url)?, settings))
        }
        ProviderName::Github => {
            let settings = settings.github.clone();
            Box::new(Github::new(base(&settings.base_url)?, settings))
        }
    })
}

#[cfg(test)]
mod tests;
