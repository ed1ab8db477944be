//! What only the program itself can tell: its configuration, its files, its audit log, its ledger.

mod access;
mod files;
mod money;
mod pages;
mod ports;
mod settings;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use assay_core::{Clock as _, SystemClock};
use assay_ready::{Catalogue, Folder, Own, Probe, Request, Transport};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::transport::Http;
use crate::command::Context;

/// The page whose way no check of a drill names: failed work is retried as it says.
const FAULT: (&str, &str) = ("failed-document", "fault");
/// Longest that one question to the server may take.
const WAIT: std::time::Duration = std::time::Duration::from_secs(30);

/// The program and the deployment that it speaks of.
pub(super) struct Program {
    http: Http,
    url: String,
    key: Option<String>,
    /// Whether settings and files that are read here are those of the deployment.
    is_ours: bool,
    data: PathBuf,
    models: PathBuf,
    embedding: String,
    /// What the machine costs a month, in dollars; 0 where it is not declared.
    machine_usd: f64,
    file: Option<PathBuf>,
    folder: PathBuf,
    evidence: PathBuf,
    docs: Option<PathBuf>,
}

impl Program {
    pub(super) fn new(
        context: &Context,
        folder: &Folder,
        http: &Http,
        url: &str,
        key: Option<String>,
        docs: Option<PathBuf>,
        is_ours: bool,
    ) -> Self {
        let named = context.given.file().map(PathBuf::from);
        let usual = PathBuf::from("assay.toml");
        Self {
            http: http.clone(),
            url: url.to_owned(),
            key,
            is_ours,
            data: context.config.data(),
            models: context.config.models(),
            embedding: context.config.embedding.model.clone(),
            machine_usd: context.config.ledger.machine_usd_per_month.0.nanos() as f64 / 1e9,
            file: named.or_else(|| Some(usual).filter(|it| it.is_file())),
            evidence: folder.path().join("evidence"),
            folder: folder.path().to_owned(),
            docs,
        }
    }

    fn get(&self, path: &str) -> Result<String, String> {
        let key = self.key.iter();
        let headers =
            key.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))).collect();
        let response = self.http.send(&Request {
            method: "GET".to_owned(),
            url: format!("{}{path}", self.url),
            headers,
            body: Vec::new(),
            timeout: WAIT,
        })?;
        match response.status {
            200 => Ok(response.text()),
            status => Err(format!("{path} answers {status}")),
        }
    }

    fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, String> {
        serde_json::from_str(&self.get(path)?).map_err(|error| format!("{path}: {error}"))
    }

    /// The pages that belong to the deployment.
    fn docs(&self) -> Result<&Path, String> {
        self.docs
            .as_deref()
            .ok_or_else(|| "the documentation is not at hand (--docs DIR)".to_owned())
    }

    /// Settings and files count only when they are those of the deployment.
    fn here(&self) -> Result<(), String> {
        let why = "run on the machine of the deployment, or name its --config or --data-dir";
        if self.is_ours { Ok(()) } else { Err(why.to_owned()) }
    }

    fn versions(&self) -> Result<Value, String> {
        let health: Value = self.json("/health")?;
        let version = health.get("version").and_then(Value::as_str).unwrap_or_default();
        Ok(json!({ "same": version == env!("CARGO_PKG_VERSION"), "server": version }))
    }

    fn audit(&self) -> Result<Value, String> {
        let export = self.get("/v1/audit/export")?;
        if export.trim().is_empty() {
            return Err("the audit log has no signed entry yet".to_owned());
        }
        Ok(match assay_identity::audit::verify(&export, None, None) {
            Ok(sound) => json!({ "sound": true, "entries": sound.entries }),
            Err(fault) => json!({ "sound": false, "entries": 0, "fault": fault.to_string() }),
        })
    }

    fn principals(&self) -> Result<Value, String> {
        access::principals(&self.json("/v1/keys")?, &self.json("/v1/members")?, super::now())
    }

    fn rotation(&self) -> Result<Value, String> {
        self.here()?;
        let (keys, members) = (self.json("/v1/keys")?, self.json("/v1/members")?);
        access::secrets(&keys, &members, &settings::settings(self.file.as_deref()), super::now())
    }

    fn links(&self) -> Result<Value, String> {
        self.here()?;
        pages::links(&self.http, self.docs()?, &settings::settings(self.file.as_deref()))
    }

    /// Runbooks and the drills that went their way: rules name their page, checks name theirs.
    fn runbooks(&self) -> Result<Value, String> {
        let rules = assay_telemetry::shipped_rules().map_err(|error| error.to_string())?;
        let catalogue = Catalogue::load(Some(&self.folder)).map_err(|error| error.to_string())?;
        let mut ways =
            pages::Ways { rules: BTreeMap::new(), drills: [(FAULT.0, [FAULT.1].into())].into() };
        for rule in &rules {
            ways.rules.entry(rule.runbook.as_str()).or_default().insert(rule.name.as_str());
        }
        for check in &catalogue.checks {
            let page =
                check.runbook.strip_prefix("runbooks/").and_then(|it| it.strip_suffix(".md"));
            let drills = check.probe.iter().filter_map(|probe| match probe {
                Probe::Drill { name, .. } => Some(name.as_str()),
                _ => None,
            });
            if let Some(page) = page {
                ways.drills.entry(page).or_default().extend(drills);
            }
        }
        let (results, walked) = (self.folder.join("drills"), self.evidence.join("runbooks.json"));
        pages::runbooks(self.docs()?, &results, &walked, &ways, super::now())
    }

    fn integrity(&self) -> Result<Value, String> {
        self.here()?;
        let audit = self.audit()?;
        let sound = audit.get("sound").cloned().unwrap_or_default();
        let (compared, damaged) = files::blobs(&self.data)?;
        if compared == 0 {
            return Err("there is no original to compare with its name".to_owned());
        }
        Ok(json!({ "damaged": damaged, "compared": compared, "audit_sound": sound }))
    }

    fn asked_for_cost(&self) -> Result<money::Asked, String> {
        let tenant: Value = self.json("/v1/tenant")?;
        let made = tenant.get("created_at").and_then(Value::as_str).unwrap_or_default();
        let now = SystemClock.now();
        let health: Value = self.json("/health")?;
        let uptime = health.get("uptime_s").and_then(Value::as_f64).unwrap_or(0.0);
        let start = assay_core::timestamp(SystemClock.now_ms() - (uptime * 1e3) as i64);
        let since = |from: &str, what: &str| {
            self.json(&format!("/v1/usage?from={from}&group_by={what}&limit=1000"))
        };
        // Settings count only when they are those of the deployment.
        let machine = self.is_ours.then_some(self.machine_usd).filter(|usd| *usd > 0.0);
        Ok(money::Asked {
            month: self.json("/v1/usage")?,
            since_start: since(&start.to_string(), "query")?,
            since_made: since(made, "document")?,
            budgets: self.json("/v1/budgets")?,
            metrics: self.get("/metrics")?,
            tenant,
            now,
            machine,
        })
    }

    fn models(&self) -> Result<Value, String> {
        self.here()?;
        if self.embedding.is_empty() {
            return Err("no model is configured".to_owned());
        }
        let broken = assay_models::verify(&self.models.join(&self.embedding)).err();
        let why = broken.as_ref().map(|error| assay_core::ErrorChain(error).to_string());
        Ok(json!({ "checked": 1, "broken": u8::from(broken.is_some()), "why": why }))
    }
}

impl Own for Program {
    fn tell(&self, question: &str) -> Result<Value, String> {
        match question {
            "program" => Ok(json!({
                "debug_assertions": cfg!(debug_assertions), "version": env!("CARGO_PKG_VERSION"),
            })),
            "versions" => self.versions(),
            "audit" => self.audit(),
            "integrity" => self.integrity(),
            "models" => self.models(),
            "cost" => money::cost(&self.asked_for_cost()?),
            "config" => self.here().map(|()| settings::config(self.file.as_deref())),
            "reviewed" => {
                self.here()?;
                settings::reviewed(self.file.as_deref(), &self.evidence)
            }
            "secrets" => self.here().map(|()| settings::secrets(self.file.as_deref())),
            "principals" => self.principals(),
            "rotation" => self.rotation(),
            "links" => self.links(),
            "runbooks" => self.runbooks(),
            "hops" => self.here().map(|()| settings::hops(self.file.as_deref())),
            "tenants" => {
                self.here()?;
                files::tenants(&self.data, &self.json("/v1/tenants")?)
            }
            "ports" => {
                self.here()?;
                let port = self.url.rsplit(':').next().and_then(|it| it.parse().ok());
                ports::unexpected(&self.evidence, port)
            }
            "logs" => {
                self.here()?;
                settings::logs(self.file.as_deref(), &self.evidence)
            }
            "retention" => {
                self.here()?;
                settings::retention(self.file.as_deref(), &self.evidence, super::now())
            }
            "encryption" => {
                self.here()?;
                files::sealed(&self.data)
            }
            other => Err(format!("`{other}` is nothing that this program tells")),
        }
    }
}
