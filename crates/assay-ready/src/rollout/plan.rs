//! What a rollout is to do: deployments, proxy, steps, limits. A TOML file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::quality::Asked;
use crate::{ReadyError, verdict::Verdict};

/// A rollout.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Address of the deployment that serves now.
    pub stable: String,
    /// Address of the one that is to serve.
    pub canary: String,
    /// Address of a third one, of the old version and as young as the canary; it gets as much traffic
    /// as the canary and is what the canary is compared with. Empty: the stable one is.
    #[serde(default)]
    pub baseline: String,
    /// Address of the proxy, as users reach it.
    pub front: String,
    /// Version that the canary must say it is; empty when any will do.
    #[serde(default)]
    pub version: String,
    /// Seconds between two looks.
    #[serde(default = "five")]
    pub every_seconds: f64,
    /// Seconds for which the canary may be silent.
    #[serde(default = "fifteen")]
    pub grace_seconds: f64,
    /// Seconds that the canary must be up before a step begins, so that it is warm.
    #[serde(default)]
    pub warm_up_seconds: f64,
    /// Seconds that all holds together may take; 0 is no limit.
    #[serde(default)]
    pub window_seconds: f64,
    /// Longest that one step may take until it is decided; then traffic goes back.
    #[serde(default = "day")]
    pub step_seconds_max: f64,
    /// The proxy.
    pub router: Proxy,
    /// The steps; absent: 5, 20, 50 and 100 %.
    #[serde(default = "usual")]
    pub step: Vec<Step>,
    /// What is worse.
    #[serde(default)]
    pub limits: Limits,
    /// Questions that both are asked in each step; absent: answers are not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions: Option<Questions>,
}

/// The proxy and how it is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proxy {
    /// HAProxy, over its runtime API.
    Haproxy {
        /// Path of its socket with `level admin`, or `host:port`.
        socket: String,
        /// Name of the backend.
        backend: String,
        /// Names of its servers.
        #[serde(flatten)]
        names: Place<String>,
    },
    /// nginx, over a file with an upstream that it includes.
    Nginx {
        /// The file, written by the rollout alone.
        file: PathBuf,
        /// Name of the upstream.
        upstream: String,
        /// `host:port` of each deployment.
        #[serde(flatten)]
        names: Place<String>,
        /// Command and arguments that test the configuration, such as `["nginx", "-t"]`.
        test: Vec<String>,
        /// Command and arguments that load it, such as `["nginx", "-s", "reload"]`.
        reload: Vec<String>,
    },
}

/// One for each deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place<T> {
    /// Of the one that serves now.
    pub stable: T,
    /// Of the one that is to serve.
    pub canary: T,
    /// Of the third one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<T>,
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Share of the traffic that the canary gets.
    pub percent: u8,
    /// Seconds for which it is held at least.
    pub hold_seconds: f64,
    /// Requests that the canary must have answered at least.
    #[serde(default = "thousand")]
    pub sample: u64,
    /// Whether a person has to say `assay rollout go` before the next step.
    #[serde(default)]
    pub confirm: bool,
}

/// What counts as worse.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Share of errors beyond that of the baseline which is still accepted.
    pub extra_errors: f64,
    /// How many times the P95 of the baseline is still accepted.
    pub slower: f64,
    /// How many times the cost of a request is still accepted; 0 leaves it out.
    pub dearer: f64,
    /// Whether a critical alert that the baseline does not have counts.
    pub alerts: bool,
    /// Chance of being wrong at which a difference counts as shown. A rollout is looked at some two
    /// hundred times, so this is far below the usual 5 %.
    pub chance: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { extra_errors: 0.005, slower: 1.5, dearer: 0.0, alerts: true, chance: 1e-5 }
    }
}

/// Questions whose right answers are known, and when a canary answers them worse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Questions {
    /// The file, as `assay eval questions` reads it; from the folder of the plan on.
    pub file: PathBuf,
    /// Collections to ask in where a question names none.
    pub collections: Vec<String>,
    /// Questions that the baseline must answer right at least: fewer show nothing.
    pub sample: u64,
    /// Share of the baseline's right answers which the canary may lose.
    pub worse: f64,
    /// Chance of being wrong at which a loss counts as shown. Answers are looked at once in each step.
    pub chance: f64,
    /// Seconds after which an answer comes too late.
    pub seconds: f64,
}

impl Default for Questions {
    fn default() -> Self {
        Self {
            file: PathBuf::new(),
            collections: Vec::new(),
            sample: 50,
            worse: 0.05,
            chance: 1e-4,
            seconds: 30.0,
        }
    }
}

impl Questions {
    /// Whether so many questions can show anything, when all of them are answered right.
    ///
    /// # Errors
    /// In words, when they cannot.
    pub fn suffice(&self, count: u64) -> Result<(), String> {
        let best = Asked { of: count, asked: count, right: count, ..Asked::default() };
        match best.finding(self) {
            finding if finding.verdict == Verdict::Pass => Ok(()),
            finding => Err(finding.says),
        }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let problems = [
            (self.file.as_os_str().is_empty(), "`questions` needs a `file`"),
            (self.sample < 20, "`questions.sample` is 20 or more: fewer show nothing"),
            (
                !(self.worse > 0.0 && self.worse < 1.0),
                "`questions.worse` is a share above 0 and below 1",
            ),
            (
                !(self.chance > 0.0 && self.chance <= 0.01),
                "`questions.chance` is above 0, at most 0.01",
            ),
            (
                !(0.1..=60.0).contains(&self.seconds),
                "`questions.seconds` is at most 60: nothing else is looked at while an answer is waited for",
            ),
        ];
        problems.into_iter().filter(|it| it.0).map(|it| it.1.to_owned()).collect()
    }
}

const fn five() -> f64 {
    5.0
}

const fn fifteen() -> f64 {
    15.0
}

const fn day() -> f64 {
    86_400.0
}

const fn thousand() -> u64 {
    1_000
}

/// The holds of the source system: 30 minutes, 1 hour, 2 hours, 4 hours.
fn usual() -> Vec<Step> {
    let step = |percent, hours: f64| Step {
        percent,
        hold_seconds: hours * 3_600.0,
        sample: thousand(),
        confirm: false,
    };
    vec![step(5, 0.5), step(20, 1.0), step(50, 2.0), step(100, 4.0)]
}

impl Plan {
    /// Reads a plan.
    ///
    /// # Errors
    /// When the file is none, with everything that is wrong with it.
    pub fn load(file: &Path) -> Result<Self, ReadyError> {
        let io = |error| ReadyError::io(file, error);
        let text = std::fs::read_to_string(file).map_err(io)?;
        let mut plan = Self::read(&file.display().to_string(), &text)?;
        if let Some(questions) = &mut plan.questions {
            // The plan is kept and taken up by processes that may stand elsewhere.
            let folder = file.parent().unwrap_or_else(|| Path::new(""));
            questions.file = std::path::absolute(folder.join(&questions.file)).map_err(io)?;
        }
        Ok(plan)
    }

    /// Reads the text of a plan; `what` names it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(what: &str, text: &str) -> Result<Self, ReadyError> {
        let plan: Self =
            toml::from_str(text).map_err(|error| ReadyError::bad(what, error.to_string()))?;
        let problems = plan.problems();
        if problems.is_empty() {
            Ok(plan)
        } else {
            Err(ReadyError::BadInput { what: what.to_owned(), problems })
        }
    }

    /// What is wrong with it.
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut bad = |is_bad: bool, text: &str| {
            if is_bad {
                problems.push(text.to_owned());
            }
        };
        for url in [&self.stable, &self.canary, &self.front, &self.baseline] {
            let is_url = url.starts_with("http://") || url.starts_with("https://");
            bad(!url.is_empty() && !is_url, &format!("`{url}` is no HTTP URL"));
        }
        bad(self.stable == self.canary, "`stable` and `canary` are the same deployment");
        bad(
            self.baseline.is_empty() == self.names().baseline.is_some(),
            "`baseline` needs an address and a name in `router`, or neither",
        );
        bad(self.step.last().map(|step| step.percent) != Some(100), "the last step must be 100 %");
        let mut rising = self.step.windows(2);
        let rises = rising.all(|pair| matches!(pair, [a, b] if a.percent < b.percent));
        let starts = self.step.first().is_some_and(|step| step.percent > 0);
        let first = self.step.first().is_some_and(|step| step.percent < 100);
        bad(!first, "a step below 100 % comes first: without one there is nothing to compare with");
        bad(!rises || !starts, "the steps must rise from above 0 %");
        bad(
            self.step.iter().any(|step| step.percent < 100 && step.sample < 100),
            "a step below 100 % needs a sample of 100 requests or more: fewer show nothing",
        );
        bad(
            self.step.iter().any(|step| !(0.0..1e9).contains(&step.hold_seconds)),
            "a hold is no time",
        );
        let limits = &self.limits;
        bad(
            !(limits.extra_errors > 0.0 && limits.extra_errors < 1.0),
            "`extra_errors` is a share above 0 and below 1",
        );
        let is_factor = |it: f64| (1.001..1e6).contains(&it);
        bad(!is_factor(limits.slower), "`slower` is a factor above 1");
        bad(
            !(limits.dearer == 0.0 || is_factor(limits.dearer)),
            "`dearer` is 0 or a factor above 1",
        );
        bad(!(limits.chance > 0.0 && limits.chance <= 0.01), "`chance` is above 0, at most 0.01");
        bad(!(0.1..1e6).contains(&self.every_seconds), "`every_seconds` is at least 0.1");
        bad(
            !(0.0..=300.0).contains(&self.grace_seconds),
            "`grace_seconds` is at most 300: after five minutes a failure has been critical too long",
        );
        let holds: f64 = self.step.iter().map(|step| step.hold_seconds).sum();
        bad(
            self.window_seconds > 0.0 && holds > self.window_seconds,
            &format!(
                "the holds take {holds:.0} s, the window has {:.0} s: shorten them or find a longer one",
                self.window_seconds
            ),
        );
        problems.extend(self.questions.iter().flat_map(Questions::problems));
        problems
    }

    pub(super) const fn names(&self) -> &Place<String> {
        match &self.router {
            Proxy::Haproxy { names, .. } | Proxy::Nginx { names, .. } => names,
        }
    }

    /// For a person, before anything is done.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut text =
            format!("Rollout from {} to {}, behind {}\n", self.stable, self.canary, self.front);
        for step in &self.step {
            text.push_str(&format!(
                "  {:>3} % for {:.0} s and {} requests of the canary{}\n",
                step.percent,
                step.hold_seconds,
                step.sample,
                if step.confirm { ", then it waits for `assay rollout go`" } else { "" }
            ));
        }
        let limits = &self.limits;
        text.push_str(&format!(
            "  back to 0 %: {:.2} points more errors or a P95 {} times as long, each shown at {:e}; a \
             canary that is silent for {:.0} s or starts again{}{}; no decision within {:.0} s\n",
            limits.extra_errors * 100.0, limits.slower, limits.chance, self.grace_seconds,
            if limits.alerts { "; a critical alert of its own" } else { "" },
            if limits.dearer > 0.0 { "; cost" } else { "" },
            self.step_seconds_max,
        ));
        if let Some(questions) = &self.questions {
            text.push_str(&format!(
                "  in each step the questions of {} are asked of both: back when {:.1} % of the right answers are \
                 lost, shown at {:e}; {} right ones are needed\n",
                questions.file.display(), questions.worse * 100.0, questions.chance, questions.sample,
            ));
        }
        text
    }
}
