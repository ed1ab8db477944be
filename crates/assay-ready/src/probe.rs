//! Probes: how observations are gathered. Few kinds, each bounded.

mod certificate;
mod config;
mod file;
mod host;
mod http;
mod metrics;
mod prometheus;
mod session;
mod take;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use file::Root;
pub use http::{As, Step, Until, Upload};
pub(crate) use metrics::{histogram, samples, selector};
pub use session::fingerprint;
pub(crate) use session::{Artefact, Session};

use crate::observation::Observation;

/// Names of observations and where each is read.
pub type Takes = BTreeMap<String, String>;

/// How observations are gathered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Probe {
    /// Requests in order; what one captures, later ones can use.
    Http {
        /// The requests.
        step: Vec<Step>,
        /// Requests that are made at the end, whatever happened: they remove what was written.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        after: Vec<Step>,
    },
    /// Series of `/metrics`.
    Metrics {
        /// `sum SELECTOR`, `max SELECTOR`, `series SELECTOR` (how many), `share SELECTOR of SELECTOR`,
        /// `histogram SELECTOR`, `lines` (samples in all).
        take: Takes,
    },
    /// Queries to the Prometheus that watches the deployment.
    Prometheus {
        /// `number QUERY` (of its first series), `series QUERY` (how many), `share QUERY of QUERY`.
        take: Takes,
    },
    /// Settings in effect, by their keys.
    Config {
        /// `KEY` (its value), `set KEY` (`set` or `unset`), `entries KEY` (how many).
        take: Takes,
    },
    /// Facts of the machine that holds the data folder.
    Host {
        /// Names of facts: see `host`.
        take: Takes,
    },
    /// The certificate that the server shows, and the one in its configuration.
    Certificate {
        /// `days_left`, `days_valid`.
        take: Takes,
    },
    /// Files of the documentation, or of the folder of evidence.
    File {
        /// Which folder.
        root: Root,
        /// Path below it; one `*` in the name of the file stands for any part of it.
        path: String,
        /// `files`, `share PATTERN` (of files that hold it), `lacking PATTERN` (files that do not),
        /// `matches PATTERN` (hits), `json POINTER`, `count POINTER`, `age_days`.
        take: Takes,
    },
    /// The newest result of a drill.
    Drill {
        /// Its name, such as `load`.
        name: String,
        /// Pointers into the result.
        take: Takes,
    },
    /// What only the program can tell.
    Own {
        /// The question.
        question: String,
        /// Pointers into the answer.
        take: Takes,
    },
}

/// What a probe brought back.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) observations: Vec<Observation>,
    /// Why the probe broke.
    pub(crate) broken: Option<String>,
    /// Why there is nothing to observe.
    pub(crate) missing: Option<String>,
    /// Why what was observed does not count any more.
    pub(crate) stale: Option<String>,
}

impl Gathered {
    fn missing(why: impl Into<String>) -> Self {
        Self { missing: Some(why.into()), ..Self::default() }
    }

    fn broken(why: impl Into<String>) -> Self {
        Self { broken: Some(why.into()), ..Self::default() }
    }

    /// Adds what another probe of the same check brought.
    pub(crate) fn join(&mut self, other: Self) {
        self.observations.extend(other.observations);
        self.broken = self.broken.take().or(other.broken);
        self.missing = self.missing.take().or(other.missing);
        self.stale = self.stale.take().or(other.stale);
    }
}

impl Probe {
    /// The names of what it observes.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Http { step, .. } => {
                step.iter().flat_map(|step| step.take.keys().map(String::as_str)).collect()
            }
            Self::Metrics { take }
            | Self::Prometheus { take }
            | Self::Config { take }
            | Self::Host { take }
            | Self::Certificate { take }
            | Self::File { take, .. }
            | Self::Drill { take, .. }
            | Self::Own { take, .. } => take.keys().map(String::as_str).collect(),
        }
    }

    /// The word by which it reads an observation.
    pub(crate) fn word(&self, name: &str) -> Option<&str> {
        let takes: Vec<&Takes> = match self {
            Self::Http { step, .. } => step.iter().map(|step| &step.take).collect(),
            Self::Metrics { take }
            | Self::Prometheus { take }
            | Self::Config { take }
            | Self::Host { take }
            | Self::Certificate { take }
            | Self::File { take, .. }
            | Self::Drill { take, .. }
            | Self::Own { take, .. } => vec![take],
        };
        takes.into_iter().find_map(|take| take.get(name)).map(String::as_str)
    }

    /// Takes out what waits: for the self-test, where nothing comes.
    pub(crate) fn hurry(&mut self) {
        if let Self::Http { step, after } = self {
            step.iter_mut().chain(after).for_each(|step| step.until = None);
        }
    }

    /// What is wrong with how it is written.
    pub(crate) fn problems(&self) -> Vec<String> {
        match self {
            Self::Http { step, after } => {
                step.iter().chain(after).flat_map(Step::problems).collect()
            }
            Self::Metrics { take } => {
                take.values().filter_map(|text| metrics::Take::parse(text).err()).collect()
            }
            Self::Prometheus { take } => {
                take.values().filter_map(|text| prometheus::problem(text)).collect()
            }
            Self::Host { take } => take.values().filter_map(|fact| host::problem(fact)).collect(),
            Self::File { take, .. } => {
                take.values().filter_map(|text| file::problem(text)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Gathers. `limit` is the end of the time that the check has.
    pub(crate) fn gather(&self, session: &Session<'_>, limit: std::time::Instant) -> Gathered {
        match self {
            Self::Http { step, after } => http::gather(session, step, after, limit),
            Self::Metrics { take } => metrics::gather(session, take),
            Self::Prometheus { take } => prometheus::gather(session, take),
            Self::Config { take } => config::gather(session, take),
            Self::Host { take } => host::gather(session, take),
            Self::Certificate { take } => certificate::gather(session, take),
            Self::File { root, path, take } => file::gather(session, *root, path, take),
            Self::Drill { name, take } => file::drill(session, name, take),
            Self::Own { question, take } => own(session, question, take),
        }
    }
}

fn own(session: &Session<'_>, question: &str, takes: &Takes) -> Gathered {
    match session.deployment.own.tell(question) {
        Ok(answer) => {
            let artefact = session.keep(&answer.to_string());
            take::pointers(&answer, takes, &artefact)
        }
        Err(why) => Gathered::missing(why),
    }
}
