//! What the configuration says about providers, routes and aliases.

use std::collections::BTreeMap;

use assay_core::Secret;
use serde::{Deserialize, Serialize};

use crate::provider::Kind;

mod check;

pub use check::Problem;

/// Settings of the gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewaySettings {
    /// Bytes of a request at most, images in base64 included.
    pub body_bytes_max: usize,
    /// Attempts that one request may cause in all, retries and fallbacks together.
    pub attempts_max: u32,
    /// Times that one target is tried again after a failure that may pass.
    pub retries: u32,
    /// Retries in flight and recent may be this share of the requests, in percent; 10 are always
    /// free. It keeps a provider that is down from being hit several times as hard.
    pub retry_percent: u32,
    /// Longest `Retry-After` of a provider, in seconds, that is waited for rather than passed on.
    pub wait_max_seconds: u64,
    /// What becomes of parameters that a target does not take.
    pub unsupported: Unsupported,
    /// Where models are.
    pub providers: BTreeMap<String, ProviderSettings>,
    /// Names that callers use as models, each with the targets that may serve it.
    pub routes: BTreeMap<String, RouteSettings>,
    /// Other names for routes, models (`provider/model`) and aliases.
    pub aliases: BTreeMap<String, String>,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            body_bytes_max: 20 << 20,
            attempts_max: 4,
            retries: 1,
            retry_percent: 20,
            wait_max_seconds: 2,
            unsupported: Unsupported::Drop,
            providers: BTreeMap::new(),
            routes: BTreeMap::new(),
            aliases: BTreeMap::new(),
        }
    }
}

/// What becomes of a parameter that a target does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unsupported {
    /// It is left out, and the header `x-assay-dropped` names it.
    Drop,
    /// The request is refused with its name.
    Refuse,
}

/// What a model costs, roughly: the order in which tiers are tried.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize, Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Costs nothing for each call.
    Free,
    /// Costs little.
    #[default]
    Cheap,
    /// Costs more and is better at hard questions.
    Strong,
}

impl Tier {
    /// The word of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Cheap => "cheap",
            Self::Strong => "strong",
        }
    }
}

/// One provider: where it is and with which keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// Which provider it is; `compatible` for any server that speaks the OpenAI protocol.
    #[serde(default)]
    pub kind: Kind,
    /// Its URL up to the version, such as `http://127.0.0.1:11434/v1`; needed where the kind has
    /// none of its own.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The key; the usual variable of the kind otherwise.
    #[serde(default)]
    pub api_key: Option<Secret>,
    /// The variable that holds the key, where it is not the usual one of the kind.
    #[serde(default)]
    pub api_key_env: Option<String>,
    /// Further keys: each has a breaker of its own, and calls are spread over them.
    #[serde(default)]
    pub api_keys: Vec<Secret>,
    /// The version of the API, where the provider wants one in the URL (Azure).
    #[serde(default)]
    pub api_version: Option<String>,
    /// Headers sent with every call.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Models that callers may name as `provider/model` without a route; `*` for any.
    #[serde(default)]
    pub models: Vec<String>,
    /// What its models cost, where a target does not say otherwise.
    #[serde(default)]
    pub tier: Tier,
    /// Whether the provider may use what it is sent to train models.
    #[serde(default)]
    pub trains_on_data: bool,
    /// Calls under way at once at most.
    #[serde(default = "in_flight")]
    pub max_in_flight: usize,
    /// Seconds until the first frame of a stream that shows that the model answers.
    #[serde(default = "thirty")]
    pub first_seconds: u64,
    /// Seconds without a byte after which a call fails.
    #[serde(default = "thirty")]
    pub idle_seconds: u64,
    /// Seconds that a call may take in all.
    #[serde(default = "six_hundred")]
    pub total_seconds: u64,
    /// Whether streams can be asked for their usage (`stream_options`).
    #[serde(default = "yes")]
    pub usage_in_streams: bool,
    /// Parameters that its models do not take.
    #[serde(default)]
    pub unsupported: Vec<String>,
}

const fn in_flight() -> usize {
    256
}

const fn thirty() -> u64 {
    30
}

const fn six_hundred() -> u64 {
    600
}

const fn yes() -> bool {
    true
}

const fn one() -> u32 {
    1
}

/// A name that callers use as a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteSettings {
    /// The models that may serve it.
    pub targets: Vec<TargetSettings>,
    /// The order inside a tier.
    #[serde(default)]
    pub order: Order,
    /// Whether free targets come first; otherwise the order of `targets` and `order` alone decide.
    #[serde(default = "yes")]
    pub prefer_free: bool,
    /// Whether providers that may train on what they are sent are used.
    #[serde(default = "yes")]
    pub allow_training: bool,
    /// Routes whose targets come after its own.
    #[serde(default)]
    pub fallbacks: Vec<String>,
}

/// The order of targets of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// As they are listed.
    #[default]
    Listed,
    /// At random, by their weights; a session stays with its target.
    Weighted,
    /// The one that answered fastest lately comes first.
    Latency,
}

/// One model of one provider, as a target of a route.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSettings {
    /// The provider's name.
    pub provider: String,
    /// The model as the provider knows it.
    pub model: String,
    /// What it costs; as the provider says when absent.
    #[serde(default)]
    pub tier: Option<Tier>,
    /// Its share among the targets of its tier, for the order `weighted`.
    #[serde(default = "one")]
    pub weight: u32,
    /// Tokens that request and answer may have together.
    #[serde(default)]
    pub context_tokens: Option<u64>,
    /// Whether it reads images.
    #[serde(default = "yes")]
    pub vision: bool,
    /// Whether it calls tools.
    #[serde(default = "yes")]
    pub tools: bool,
    /// Whether it keeps to a JSON schema.
    #[serde(default = "yes")]
    pub json: bool,
    /// Whether it calls tools while it keeps to a JSON schema; some servers let the schema win and
    /// never call one.
    #[serde(default = "yes")]
    pub tools_with_json: bool,
    /// Keywords of JSON schemas that it refuses, such as `pattern`: they are taken out, and plain
    /// answers are checked against them here.
    #[serde(default)]
    pub schema_without: Vec<String>,
    /// Parameters that it does not take, beside those of the provider.
    #[serde(default)]
    pub unsupported: Vec<String>,
}

impl TargetSettings {
    /// A model of a provider that can do everything and whose tier is the provider's.
    pub(crate) fn new(provider: &str, model: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            tier: None,
            weight: 1,
            context_tokens: None,
            vision: true,
            tools: true,
            json: true,
            tools_with_json: true,
            schema_without: Vec::new(),
            unsupported: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
