//! Settings of alerts and objectives.

use std::{collections::BTreeMap, path::PathBuf};

use assay_core::Secret;
use serde::{Deserialize, Serialize};

use crate::{RuleSeverity, Sampling, notice::ReceiverKind};

/// Settings of what is watched and who is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetrySettings {
    /// Seconds between two looks at the numbers.
    pub interval_seconds: u64,
    /// Seconds after which an alert that still fires is told again.
    pub repeat_seconds: u64,
    /// Whether rules are evaluated here; `false` where a Prometheus does.
    pub evaluate: bool,
    /// Who is told.
    pub receivers: Vec<ReceiverSettings>,
    /// What is different about a rule that ships, by its name.
    pub alerts: BTreeMap<String, AlertOverride>,
    /// Further rules.
    pub rules: Vec<OwnRule>,
    /// What is promised, by name. Those that ship are in force unless one of the same name is here.
    pub objectives: BTreeMap<String, ObjectiveSettings>,
    /// Where traces go, and which.
    pub traces: TraceSettings,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            interval_seconds: 15,
            repeat_seconds: 4 * 3600,
            evaluate: true,
            receivers: Vec::new(),
            alerts: BTreeMap::new(),
            rules: Vec::new(),
            objectives: BTreeMap::new(),
            traces: TraceSettings::default(),
        }
    }
}

/// Settings of traces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TraceSettings {
    /// The collector's address for OTLP over HTTP, such as `http://127.0.0.1:4318`; empty for none.
    pub endpoint: String,
    /// Headers that it wants.
    pub headers: BTreeMap<String, Secret>,
    /// Share of requests that are kept, 0 to 1; those that failed or were slow are always.
    pub ratio: f64,
    /// Milliseconds from which on a request is slow.
    pub slow_ms: u64,
}

impl TraceSettings {
    /// Which traces are kept; none where they go nowhere.
    #[must_use]
    pub fn sampling(&self) -> Option<Sampling> {
        let Self { ratio, slow_ms, .. } = *self;
        (!self.endpoint.is_empty()).then_some(Sampling { ratio, slow_ms })
    }

    /// What is wrong with them: the key and the reason.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !self.endpoint.is_empty() && !self.endpoint.starts_with("http") {
            problems.push(("endpoint", format!("`{}` is not an HTTP URL", self.endpoint)));
        }
        if !(0.0..=1.0).contains(&self.ratio) {
            problems.push(("ratio", format!("{} is not 0 to 1", self.ratio)));
        }
        problems
    }
}

impl Default for TraceSettings {
    fn default() -> Self {
        Self { endpoint: String::new(), headers: BTreeMap::new(), ratio: 0.01, slow_ms: 1_000 }
    }
}

/// Somebody who is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverSettings {
    /// Its name, for the log.
    pub name: String,
    /// The form of a notice.
    #[serde(default)]
    pub kind: ReceiverKind,
    /// Where notices are posted to; for mail its server: `smtps://HOST`, `smtp://HOST`, which is asked
    /// for TLS before anything else, or `smtp+clear://HOST`.
    pub url: Secret,
    /// The routing key, for PagerDuty.
    #[serde(default)]
    pub key: Option<Secret>,
    /// The address that mail comes from.
    #[serde(default)]
    pub from: String,
    /// The addresses that mail goes to.
    #[serde(default)]
    pub to: Vec<String>,
    /// Who signs in to the server of mail.
    #[serde(default)]
    pub user: String,
    /// With which password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// A file of certificates in PEM that the server of mail is checked against; those of the system
    /// when absent.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The least severity that is told.
    #[serde(default = "warning")]
    pub severity: RuleSeverity,
}

/// A server of mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept secret.
    pub security: MailSecurity,
}

/// How the way to a server of mail is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// By TLS from the first byte.
    Tls,
    /// By TLS that is asked for; without it nothing is sent.
    StartTls,
    /// Not at all.
    Clear,
}

impl ReceiverSettings {
    /// The server of mail that the address names.
    #[must_use]
    pub fn mail_server(&self) -> Option<MailServer> {
        let (scheme, rest) = self.url.expose().split_once("://")?;
        let (security, usual) = match scheme {
            "smtps" => (MailSecurity::Tls, 465),
            "smtp" => (MailSecurity::StartTls, 587),
            "smtp+clear" => (MailSecurity::Clear, 25),
            _ => return None,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (rest, usual),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        let is_named = !host.is_empty() && host.chars().all(is_host);
        is_named.then(|| MailServer { host: host.to_owned(), port, security })
    }

    /// What is wrong with them: the key and the reason.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.kind != ReceiverKind::Email {
            return problems;
        }
        let server = self.mail_server();
        if server.is_none() {
            let what =
                "is no smtps://HOST, smtp://HOST or smtp+clear://HOST, with or without a port";
            problems.push(("url", what.to_owned()));
        }
        if self.to.is_empty() {
            problems.push(("to", "is needed for mail".to_owned()));
        }
        for (key, address) in
            [("from", &self.from)].into_iter().chain(self.to.iter().map(|to| ("to", to)))
        {
            if !is_address(address) {
                problems.push((key, format!("`{}` is no address", address.escape_debug())));
            }
        }
        if self.user.is_empty() != self.password.is_none() {
            problems.push(("user", "and `password` go together".to_owned()));
        }
        if self.password.is_some() && server.is_some_and(|it| it.security == MailSecurity::Clear) {
            problems
                .push(("password", "would be sent in clear: write smtps:// or smtp://".to_owned()));
        }
        problems
    }
}

/// Whether a text is an address of mail that needs no quotes: nothing in it can end a command or a
/// header.
fn is_address(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c);
    let parts = text.rsplit_once('@').filter(|(name, host)| {
        !name.is_empty() && !name.contains('@') && host.len() > 1 && text.len() <= 254
    });
    parts.is_some() && text.chars().all(is_plain)
}

const fn warning() -> RuleSeverity {
    RuleSeverity::Warning
}

/// What is different about a rule that ships.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertOverride {
    /// `false` leaves it out.
    pub enabled: Option<bool>,
    /// Another expression, for another threshold.
    pub expression: Option<String>,
    /// Seconds for which it must hold.
    pub for_seconds: Option<u64>,
    /// How soon somebody has to look.
    pub severity: Option<RuleSeverity>,
    /// Who has to.
    pub owner: Option<String>,
}

/// A rule of the settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRule {
    /// Its name, in letters and digits.
    pub name: String,
    /// It holds for each series that this finds.
    pub expression: String,
    /// Seconds for which it must hold.
    #[serde(default)]
    pub for_seconds: u64,
    /// How soon somebody has to look.
    #[serde(default = "warning")]
    pub severity: RuleSeverity,
    /// Who has to.
    #[serde(default)]
    pub owner: String,
    /// What is the matter, in one sentence.
    #[serde(default)]
    pub summary: String,
    /// Where it says what to do: an address, or a page of `docs/runbooks/`.
    #[serde(default)]
    pub runbook: String,
}

/// What is promised.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveSettings {
    /// Share of good events, above 0 and below 1.
    pub target: f64,
    /// Days over which it is promised, at most 30.
    #[serde(default = "thirty")]
    pub days: u32,
    /// Counter of bad events: an expression that comes to one number, which only grows.
    pub bad: String,
    /// Counter of all events, likewise.
    pub all: String,
    /// What is promised, in one sentence.
    #[serde(default)]
    pub summary: String,
}

const fn thirty() -> u32 {
    30
}
