//! What the configuration says about providers, routes and aliases.

use std::collections::BTreeMap;

use assay_core::{NanoUsd, Secret};
use serde::{Deserialize, Serialize};

use crate::{cache::CacheSettings, provider::Kind};

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
    /// Answers that are given again.
    pub cache: CacheSettings,
    /// Other names for routes, models (`provider/model`) and aliases.
    pub aliases: BTreeMap<String, String>,
    /// Models for Assay's own use, which no caller can name, by the part that uses them.
    #[serde(skip)]
    pub own: BTreeMap<&'static str, (ProviderSettings, String)>,
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
            cache: CacheSettings::default(),
            aliases: BTreeMap::new(),
            own: BTreeMap::new(),
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
#[serde(deny_unknown_fields, default)]
pub struct ProviderSettings {
    /// Which provider it is; `compatible` for any server that speaks the OpenAI protocol.
    pub kind: Kind,
    /// Its URL up to the version, such as `http://127.0.0.1:11434/v1`; needed where the kind has
    /// none of its own.
    pub base_url: Option<String>,
    /// The key; the usual variable of the kind otherwise.
    pub api_key: Option<Secret>,
    /// The variable that holds the key, where it is not the usual one of the kind.
    pub api_key_env: Option<String>,
    /// Further keys: each has a breaker of its own, and calls are spread over them.
    pub api_keys: Vec<Secret>,
    /// The version of the API, where the provider wants one in the URL (Azure).
    pub api_version: Option<String>,
    /// Headers sent with every call.
    pub headers: BTreeMap<String, String>,
    /// Models that callers may name as `provider/model` without a route; `*` for any.
    pub models: Vec<String>,
    /// What its models cost, where a target does not say otherwise.
    pub tier: Tier,
    /// Whether the provider may use what it is sent to train models.
    pub trains_on_data: bool,
    /// Calls under way at once at most.
    pub max_in_flight: usize,
    /// Seconds until the first frame of a stream that shows that the model answers.
    pub first_seconds: u64,
    /// Seconds without a byte after which a call fails.
    pub idle_seconds: u64,
    /// Seconds that a call may take in all.
    pub total_seconds: u64,
    /// Whether streams can be asked for their usage (`stream_options`).
    pub usage_in_streams: bool,
    /// Parameters that its models do not take.
    pub unsupported: Vec<String>,
}

impl Default for ProviderSettings {
    /// A server that speaks the OpenAI protocol, with nothing said about it.
    fn default() -> Self {
        Self {
            kind: Kind::default(),
            base_url: None,
            api_key: None,
            api_key_env: None,
            api_keys: Vec::new(),
            api_version: None,
            headers: BTreeMap::new(),
            models: Vec::new(),
            tier: Tier::default(),
            trains_on_data: false,
            max_in_flight: 256,
            first_seconds: 30,
            idle_seconds: 30,
            total_seconds: 600,
            usage_in_streams: true,
            unsupported: Vec::new(),
        }
    }
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
    /// Dollars that one call may cost, by its estimate; targets that would cost more are left out.
    #[serde(default)]
    pub max_cost_usd: Option<Dollars>,
    /// Milliseconds without an answer after which the next target is asked as well; the first to
    /// answer is taken, and both are paid. None for never.
    #[serde(default)]
    pub hedge_ms: Option<u64>,
    /// A target that gets a copy of some requests; what it answers is counted and thrown away.
    #[serde(default)]
    pub shadow: Option<ShadowSettings>,
}

/// A target that is tried out beside a route.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShadowSettings {
    /// The provider's name.
    pub provider: String,
    /// The model as the provider knows it.
    pub model: String,
    /// The share of the requests that it gets a copy of.
    pub percent: u32,
}

/// An amount in dollars, written as a text such as `"0.02"`: a float cannot hold most amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Dollars(pub NanoUsd);

impl TryFrom<String> for Dollars {
    type Error = assay_core::InvalidAmount;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
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
    /// The one that costs least by the estimate comes first.
    Cost,
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

impl GatewaySettings {
    /// Provider, its kind and model of everything that is named, for what must be known of each.
    pub fn named(&self) -> impl Iterator<Item = (&str, Kind, &str)> {
        let kind = |name: &str| self.providers.get(name).map(|provider| provider.kind);
        let targets = self.routes.values().flat_map(|route| &route.targets).filter_map(move |it| {
            Some((it.provider.as_str(), kind(&it.provider)?, it.model.as_str()))
        });
        let listed = self.providers.iter().flat_map(|(name, provider)| {
            let models = provider.models.iter().filter(|model| *model != "*");
            models.map(move |model| (name.as_str(), provider.kind, model.as_str()))
        });
        let own = self.own.iter().map(|(name, (provider, model))| {
            (name.rsplit(':').next().unwrap_or(name), provider.kind, model.as_str())
        });
        targets.chain(listed).chain(own)
    }

    /// Provider and model of everything that is said to cost nothing; `*` for all models.
    pub fn free(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.own.iter().map(|(name, (provider, _))| (*name, provider));
        let named = self.providers.iter().map(|(name, provider)| (name.as_str(), provider));
        let providers =
            named.chain(own.map(|(name, it)| (name.rsplit(':').next().unwrap_or(name), it)));
        let whole = providers.filter(|(_, it)| it.tier == Tier::Free).map(|(name, _)| (name, "*"));
        let targets = self.routes.values().flat_map(|route| &route.targets);
        let free = targets.filter(|target| target.tier == Some(Tier::Free));
        whole.chain(free.map(|target| (target.provider.as_str(), target.model.as_str())))
    }
}

#[cfg(test)]
mod tests;
