//! What the probes of one run share: the deployment, what was fetched once, the artefacts.

use std::{
    collections::BTreeMap,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    catalogue::hex,
    deployment::{Deployment, Request, Response},
};

/// Bytes of an artefact that are kept; what is beyond is cut, and the text says so.
const ARTEFACT_MAX: usize = 256 * 1024;
/// Longest that a request of the engine itself may take.
const WAIT: Duration = Duration::from_secs(10);

/// The raw text that an observation was read from, by its SHA-256.
pub(crate) type Artefact = String;

/// One run under way.
pub(crate) struct Session<'a> {
    pub(crate) deployment: &'a Deployment<'a>,
    /// The folder with drills and evidence of people.
    pub(crate) folder: &'a std::path::Path,
    /// Name of the run: part of every name that is written.
    pub(crate) run: String,
    pub(crate) now: jiff::Timestamp,
    /// SHA-256 of the configuration; empty when it is not known.
    pub(crate) fingerprint: String,
    /// Seconds since the server started; absent when it does not say.
    pub(crate) uptime: Option<f64>,
    metrics: OnceLock<Result<String, String>>,
    routes: OnceLock<Vec<String>>,
    artefacts: Mutex<BTreeMap<Artefact, String>>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        deployment: &'a Deployment<'a>,
        folder: &'a std::path::Path,
        run: String,
        now: jiff::Timestamp,
    ) -> Self {
        let fingerprint = deployment.config.as_ref().map(fingerprint).unwrap_or_default();
        Self {
            deployment,
            folder,
            run,
            now,
            fingerprint,
            uptime: None,
            metrics: OnceLock::new(),
            routes: OnceLock::new(),
            artefacts: Mutex::default(),
        }
    }

    /// Keeps a text as evidence, without the keys that were shown.
    pub(crate) fn keep(&self, text: &str) -> Artefact {
        let mut text = text.to_owned();
        let deployment = self.deployment;
        for key in [&deployment.key, &deployment.other_key].into_iter().flatten() {
            text = text.replace(key.as_str(), "[key]");
        }
        if text.len() > ARTEFACT_MAX {
            let end = (0..=ARTEFACT_MAX).rev().find(|at| text.is_char_boundary(*at));
            text.truncate(end.unwrap_or_default());
            text.push_str("\n[cut here]");
        }
        let name = hex(&Sha256::digest(text.as_bytes()));
        let mut kept = self.artefacts.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(name.clone(), text);
        name
    }

    /// The id of a trace that no other run has: 32 digits.
    pub(crate) fn trace(&self) -> String {
        let mut id = hex(&Sha256::digest(self.run.as_bytes()));
        id.truncate(32);
        id
    }

    /// The artefacts so far.
    pub(crate) fn into_artefacts(self) -> BTreeMap<Artefact, String> {
        self.artefacts.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `/metrics` says, fetched once.
    pub(crate) fn metrics(&self) -> Result<&str, String> {
        let fetched = self.metrics.get_or_init(|| {
            let response = self.get("/metrics")?;
            match response.status {
                200 => Ok(response.text()),
                status => Err(format!("/metrics answers {status}")),
            }
        });
        fetched.as_deref().map_err(Clone::clone)
    }

    /// The paths that the API describes and that can be asked with `GET`; none when it describes none.
    pub(crate) fn routes(&self) -> &[String] {
        self.routes.get_or_init(|| {
            let Ok(response) = self.get("/openapi.json") else { return Vec::new() };
            let document: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            let paths = document.get("paths").and_then(Value::as_object);
            let is_get = |(_, methods): &(&String, &Value)| methods.get("get").is_some();
            paths.into_iter().flatten().filter(is_get).map(|(path, _)| path.clone()).collect()
        })
    }

    /// Asks a path of the deployment with its key.
    pub(crate) fn get(&self, path: &str) -> Result<Response, String> {
        let deployment = self.deployment;
        let key = deployment.key.iter();
        let headers =
            key.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))).collect();
        deployment.transport.send(&Request {
            method: "GET".to_owned(),
            url: format!("{}{path}", deployment.url),
            headers,
            body: Vec::new(),
            timeout: WAIT,
        })
    }
}

/// The SHA-256 of a configuration: the same settings have the same, in whatever order they stand.
#[must_use]
pub fn fingerprint(config: &Value) -> String {
    // The maps of `serde_json` are sorted by key.
    hex(&Sha256::digest(config.to_string().as_bytes()))
}
