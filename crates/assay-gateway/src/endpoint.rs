//! One provider: where it is, which model, with which key.

use std::time::Duration;

use assay_core::Secret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{GatewayError, ProviderSettings, Tier};

/// Bytes read of one plain answer at most.
const ANSWER_BYTES_MAX: usize = 32 << 20;

/// How to reach a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSettings {
    /// The URL up to and including `/v1`, such as `http://127.0.0.1:11434/v1`.
    pub base_url: String,
    /// The model's name as the provider knows it.
    pub model: String,
    /// Sent as `Authorization: Bearer …`; none for a server that wants none.
    #[serde(default)]
    pub api_key: Option<Secret>,
    /// Seconds without a byte from the provider after which a call fails.
    #[serde(default = "default_idle_seconds")]
    pub idle_seconds: u64,
    /// What calls cost, for models that write, judge or embed: `free`, or by the price table. A
    /// server on this machine is free unless this says otherwise.
    #[serde(default)]
    pub tier: Option<Tier>,
}

impl EndpointSettings {
    /// The host of the URL, for messages and metrics; never the whole URL, which may hold a
    /// credential.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        let url = reqwest::Url::parse(&self.base_url).ok()?;
        let is_http = matches!(url.scheme(), "http" | "https");
        url.host_str().filter(|_| is_http).map(str::to_owned)
    }

    /// It as a provider of the gateway.
    #[must_use]
    pub fn provider(&self) -> ProviderSettings {
        let is_local = self.host().is_some_and(|host| {
            let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        });
        let tier = if is_local { Tier::Free } else { Tier::Cheap };
        ProviderSettings {
            base_url: Some(self.base_url.clone()),
            api_key: self.api_key.clone(),
            tier: self.tier.unwrap_or(tier),
            first_seconds: self.idle_seconds,
            idle_seconds: self.idle_seconds,
            ..ProviderSettings::default()
        }
    }
}

const fn default_idle_seconds() -> u64 {
    30
}

/// A provider that is ready to be called. Cheap to share; connections are pooled.
#[derive(Debug, Clone)]
pub struct Endpoint {
    client: reqwest::Client,
    settings: EndpointSettings,
    host: String,
}

impl Endpoint {
    /// Sets up the client; no connection is made yet.
    ///
    /// # Errors
    /// [`GatewayError::BaseUrl`] when the URL is not one, [`GatewayError::Setup`] when TLS cannot
    /// be set up.
    pub fn new(settings: EndpointSettings) -> Result<Self, GatewayError> {
        let host = settings
            .host()
            .ok_or_else(|| GatewayError::BaseUrl { url: settings.base_url.clone() })?;
        // A second installation of the same provider is an error value that means "already done".
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(settings.idle_seconds))
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(GatewayError::Setup)?;
        Ok(Self { client, settings, host })
    }

    /// The model's name.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.settings.model
    }

    /// The host, for messages and metrics; never the whole URL, which may hold a credential.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Sends `body` to `path` below the base URL and checks the status.
    pub(crate) async fn post(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<reqwest::Response, GatewayError> {
        let url = format!("{}/{path}", self.settings.base_url.trim_end_matches('/'));
        let mut request = self.client.post(url).json(body);
        if let Some(key) = &self.settings.api_key {
            request = request.bearer_auth(key.expose());
        }
        if let Some(place) = crate::call::traceparent() {
            request = request.header("traceparent", place);
        }
        let response = request.send().await.map_err(|error| self.failure(error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let mut text = response.text().await.unwrap_or_default();
        if let Some(key) = &self.settings.api_key {
            // Some tell in an error what they were shown.
            text = text.replace(key.expose(), "[key]");
        }
        Err(GatewayError::Refused {
            host: self.host.clone(),
            status,
            message: provider_message(&text),
        })
    }

    /// Reads a whole answer, up to a limit.
    pub(crate) async fn read_json<T: DeserializeOwned>(
        &self,
        mut response: reqwest::Response,
    ) -> Result<T, GatewayError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failure(error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_BYTES_MAX {
                return Err(self.malformed("it is longer than 32 MiB"));
            }
        }
        serde_json::from_slice(&bytes).map_err(|error| self.malformed(error.to_string()))
    }

    pub(crate) fn failure(&self, error: reqwest::Error) -> GatewayError {
        if error.is_timeout() {
            let seconds = self.settings.idle_seconds;
            return GatewayError::Stalled { host: self.host.clone(), seconds };
        }
        // The URL stays out of the message: a key may stand in it.
        GatewayError::Unreachable { host: self.host.clone(), source: error.without_url() }
    }

    pub(crate) fn malformed(&self, reason: impl Into<String>) -> GatewayError {
        GatewayError::Malformed { host: self.host.clone(), reason: reason.into() }
    }
}

/// The `error.message` of an OpenAI-shaped body, or the body itself, cut short.
fn provider_message(body: &str) -> String {
    let parsed: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let message = parsed
        .as_ref()
        .and_then(|value| value.pointer("/error/message"))
        .and_then(|message| message.as_str())
        .unwrap_or(body);
    message.chars().take(300).collect()
}
