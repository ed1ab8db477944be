//! Configuration: a TOML file, then environment variables, then flags.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use assay_answer::{
    AnswerSettings, BackupSettings, DatabaseSettings, EmbeddingSettings, EngineSettings,
    RerankerSettings, SourcePolicy, VerifierSettings, WebSettings, WebhookSettings, WriterSettings,
};
use assay_core::{ErrorCode, Secret};
use assay_gateway::{GatewaySettings, Problem};
use assay_guard::{Guard, GuardSettings};
use assay_identity::AuthSettings;
use assay_ledger::LedgerSettings;
use assay_server::{ServerSettings, Watch};
use assay_telemetry::TelemetrySettings;
use assay_vault::EncryptionSettings;
use serde::Deserialize;
use toml::{Table, Value};

use crate::output::Told;

mod alias;
mod deployment;
mod effective;
mod lines;

use deployment::DeploymentSettings;
pub(crate) use effective::{Flag, effective, in_effect, secrets};
use lines::Lines;

/// File that is read when no other is named and it is there.
const FILE: &str = "assay.toml";
/// Variables of this form set a key: `ASSAY_SERVER__PORT=9000` is `port` of the section `server`.
const PREFIX: &str = "ASSAY_";

/// The root key. It has a name of its own and no key in the file.
const ROOT_KEY: &str = "ASSAY_ROOT_KEY";
/// The key of backups, in the same way.
const BACKUP_KEY: &str = "ASSAY_BACKUP_KEY";

/// The usual name of a token for GitHub; `web.github.token` outranks it.
const GITHUB_TOKEN: &str = "GITHUB_TOKEN";

/// The usual names of what opens a bucket; the keys of `backup.s3` outrank them.
const BUCKET_KEYS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// All settings.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Folder with everything that Assay keeps.
    pub(crate) data_dir: Option<PathBuf>,
    /// Folder with the models; `models` in the cache folder of the user when absent.
    pub(crate) models_dir: Option<PathBuf>,
    pub(crate) log: LogSettings,
    pub(crate) server: ServerSettings,
    pub(crate) answer: AnswerSettings,
    pub(crate) embedding: EmbeddingSettings,
    pub(crate) writer: Option<WriterSettings>,
    pub(crate) verifier: VerifierSettings,
    pub(crate) reranker: RerankerSettings,
    pub(crate) sources: SourcePolicy,
    pub(crate) web: WebSettings,
    pub(crate) gateway: GatewaySettings,
    pub(crate) guard: GuardSettings,
    pub(crate) ledger: LedgerSettings,
    pub(crate) auth: AuthSettings,
    pub(crate) database: DatabaseSettings,
    pub(crate) telemetry: TelemetrySettings,
    pub(crate) webhooks: WebhookSettings,
    pub(crate) encryption: EncryptionSettings,
    pub(crate) backup: BackupSettings,
    pub(crate) deployment: DeploymentSettings,
}

/// Settings of the log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogSettings {
    /// What is logged: `info`, `debug`, or a filter such as `warn,assay_answer=debug`.
    pub(crate) filter: String,
    /// `text` or `json`.
    pub(crate) format: LogFormat,
    /// The file that the server logs to in place of standard error. At 10 MB a new one is begun,
    /// and four older ones are kept beside it.
    pub(crate) file: Option<PathBuf>,
    /// Days for which that file and those before it are kept, one begun each day, a thousand of them
    /// at most; 0 for five files.
    pub(crate) keep_days: u32,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text, file: None, keep_days: 0 }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// A problem of the configuration and where it stands.
#[derive(Debug)]
struct Found {
    place: String,
    what: String,
}

impl Config {
    /// What is wrong with the models for Assay's own use.
    fn say_endpoints(&self, problems: &mut Vec<Found>) {
        let writer = self.writer.as_ref();
        let endpoints = [
            ("writer", writer.and_then(|writer| writer.endpoint.as_ref())),
            ("verifier", self.verifier.endpoint.as_ref()),
            ("embedding", self.embedding.endpoint.as_ref()),
        ];
        for (part, endpoint) in endpoints {
            if let Some(endpoint) = endpoint.filter(|endpoint| endpoint.host().is_none()) {
                let place = format!("{part}.endpoint.base_url");
                let what = format!("`{}` is not an HTTP URL", endpoint.base_url);
                problems.push(Found { place, what });
            }
        }
        let named = writer.filter(|writer| writer.endpoint.is_none() && !writer.model.is_empty());
        if let Some(writer) = named.filter(|writer| !self.gateway.knows(&writer.model)) {
            let what = format!("the gateway has no route and no model `{}`", writer.model);
            problems.push(Found { place: "writer.model".to_owned(), what });
        }
    }

    /// Reads the file and the environment.
    ///
    /// # Errors
    /// With every problem at once, each with its file and line or its variable.
    pub(crate) fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Told> {
        let mut problems = Vec::new();
        let mut table = read_file(file, &mut problems)?;
        let lines = Lines::of(file);
        let (own, others): (Vec<_>, Vec<_>) =
            variables.partition(|(name, _)| name.starts_with(PREFIX));
        alias::take(&mut table, &others, &mut problems);
        let key = |of: &str| {
            let found = own.iter().find(|(name, value)| name == of && !value.is_empty());
            found.map(|(_, value)| Secret::new(value.clone()))
        };
        let (root_key, backup_key) = (key(ROOT_KEY), key(BACKUP_KEY));
        let variables = own.into_iter().chain(others);
        let mut usual = BTreeMap::new();
        for (name, value) in variables {
            if !name.starts_with(PREFIX) && !value.is_empty() {
                usual.insert(name.clone(), value.clone());
            }
            overlay(&mut table, &name, &value, &mut problems);
        }
        let mut config = Self::deserialize(table).unwrap_or_else(|error| {
            problems.push(Found {
                place: "configuration".to_owned(),
                what: one_line(&error.to_string()),
            });
            Self::default()
        });
        config.encryption.root_key = root_key;
        config.backup.key = backup_key;
        if let (None, Some(token)) = (&config.web.github.token, usual.get(GITHUB_TOKEN)) {
            config.web.github.token = Some(Secret::new(token.clone()));
        }
        let s3 = &mut config.backup.s3;
        if s3.access_key.is_none() && s3.secret_key.is_none() {
            let [access_key, secret_key, session_token] = BUCKET_KEYS.map(|name| usual.get(name));
            s3.access_key = access_key.cloned();
            s3.secret_key = secret_key.cloned().map(Secret::new);
            s3.session_token = session_token.cloned().map(Secret::new);
        }
        for provider in config.gateway.providers.values_mut() {
            let has_key = provider.api_key.is_some() || !provider.api_keys.is_empty();
            let named = provider.api_key_env.as_deref().or_else(|| provider.kind.key_variable());
            let key = named.filter(|_| !has_key).and_then(|variable| usual.get(variable));
            provider.api_key =
                key.map(|key| Secret::new(key.clone())).or_else(|| provider.api_key.take());
        }
        for provider in &mut config.auth.oidc {
            let named =
                usual.get(&provider.client_secret_env).filter(|_| provider.client_secret.is_none());
            if let Some(secret) = named {
                provider.client_secret = Some(Secret::new(secret.clone()));
            }
        }
        for (key, what) in config.auth.problems() {
            problems.push(Found { place: format!("auth.{key}"), what });
        }
        for Problem { path, what } in config.gateway.problems() {
            problems.push(Found { place: lines.place("gateway", &path), what });
        }
        config.say_endpoints(&mut problems);
        for (key, what) in config.web.problems() {
            problems.push(Found { place: format!("web.{key}"), what });
        }
        for (key, what) in config.webhooks.problems() {
            problems.push(Found { place: format!("webhooks.{key}"), what });
        }
        for (key, what) in config.ledger.problems() {
            problems.push(Found { place: format!("ledger.{key}"), what });
        }
        for (key, what) in config.backup.problems() {
            problems.push(Found { place: format!("backup.{key}"), what });
        }
        for (key, what) in config.answer.problems() {
            problems.push(Found { place: format!("answer.{key}"), what });
        }
        let guards = Guard::new(config.guard.clone()).and_then(|guard| guard.of_tenants());
        if let Err(problem) = guards {
            problems.push(Found { place: format!("guard.{}", problem.place), what: problem.what });
        }
        for (key, what) in config.deployment.problems() {
            problems.push(Found { place: format!("deployment.{key}"), what });
        }
        for (key, what) in config.telemetry.traces.problems() {
            problems.push(Found { place: format!("telemetry.traces.{key}"), what });
        }
        for receiver in &config.telemetry.receivers {
            for (key, what) in receiver.problems() {
                let place = format!("telemetry.receivers.{}.{key}", receiver.name);
                problems.push(Found { place, what });
            }
        }
        if let Err(problem) = Watch::new(config.telemetry.clone()) {
            problems.push(Found { place: "telemetry".to_owned(), what: problem.to_string() });
        }
        if problems.is_empty() {
            return Ok(config);
        }
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| format!("\n  {}: {}", problem.place, problem.what))
            .collect();
        let message =
            format!("the configuration has {} problem(s):{}", lines.len(), lines.concat());
        Err(Told::new(ErrorCode::BadRequest, message)
            .hint("docs/reference/configuration.md lists every key"))
    }

    /// Where everything is kept.
    pub(crate) fn data(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(|| home(".local/share/assay"))
    }

    /// Where models are kept: outside the data, because several data folders share them.
    pub(crate) fn models(&self) -> PathBuf {
        self.models_dir.clone().unwrap_or_else(|| home(".cache/assay/models"))
    }

    pub(crate) fn engine(&self) -> EngineSettings {
        EngineSettings {
            data: self.data(),
            database: self.database.clone(),
            models: self.models(),
            answer: self.answer.clone(),
            embedding: self.embedding.clone(),
            writer: self.writer.clone(),
            verifier: self.verifier.clone(),
            reranker: self.reranker.clone(),
            sources: self.sources.clone(),
            web: self.web.clone(),
            gateway: self.gateway.clone(),
            guard: self.guard.clone(),
            ledger: self.ledger.clone(),
            auth: self.auth.clone(),
            webhooks: self.webhooks.clone(),
            encryption: self.encryption.clone(),
            backup: self.backup.clone(),
        }
    }
}

fn home(below: &str) -> PathBuf {
    std::env::home_dir().unwrap_or_else(|| PathBuf::from(".")).join(below)
}

/// The file's table without what is wrong in it, which is reported: a line that does not fit is
/// cut out and the rest is read again, until all is read or nothing more can be told apart.
fn read_file(file: Option<&Path>, problems: &mut Vec<Found>) -> Result<Table, Told> {
    let path = file.unwrap_or_else(|| Path::new(FILE));
    let mut text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Table::new());
        }
        Err(error) => {
            let message =
                format!("the configuration file `{}` cannot be read: {error}", path.display());
            return Err(Told::new(ErrorCode::BadRequest, message)
                .hint("check the path given with --config"));
        }
    };
    for _ in 0..text.lines().count() {
        let Err(error) = toml::from_str::<Config>(&text) else { break };
        let start = error.span().map_or(0, |span| span.start).min(text.len());
        let number = text.get(..start).unwrap_or("").matches('\n').count();
        problems.push(Found {
            place: format!("{}:{}", path.display(), number + 1),
            what: one_line(error.message()),
        });
        let kept: Vec<&str> = text
            .lines()
            .enumerate()
            .map(|(index, line)| if index == number { "" } else { line })
            .collect();
        text = kept.join("\n");
    }
    Ok(text.parse().unwrap_or_default())
}

/// Sets the key that a variable names. A value that is no TOML is a string.
fn overlay(table: &mut Table, name: &str, value: &str, problems: &mut Vec<Found>) {
    let Some(rest) = name.strip_prefix(PREFIX) else { return };
    let path: Vec<String> = rest.split("__").map(str::to_lowercase).collect();
    let known_top = ["data_dir", "models_dir"];
    if path.len() == 1 && !path.iter().all(|key| known_top.contains(&key.as_str())) {
        // ASSAY_SOMETHING without a section is not one of ours to judge.
        return;
    }
    let parsed = format!("x = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("x"))
        .filter(|parsed| !matches!(parsed, Value::Datetime(_)))
        .unwrap_or_else(|| Value::String(value.to_owned()));
    let mut alone = Table::new();
    set(&mut alone, &path, parsed.clone());
    if let Err(error) = Config::deserialize(alone.clone()) {
        // A section whose other keys are in the file is not complete by itself.
        if !error.message().contains("missing field") {
            problems.push(Found { place: name.to_owned(), what: one_line(error.message()) });
            return;
        }
    }
    set(table, &path, parsed);
}

fn set(table: &mut Table, path: &[String], value: Value) {
    match path {
        [] => {}
        [key] => {
            table.insert(key.clone(), value);
        }
        [section, rest @ ..] => {
            let entry = table.entry(section.clone()).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = entry {
                set(inner, rest, value);
            }
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
