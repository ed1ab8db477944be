//! The configuration of a LiteLLM proxy as one of ours.
//!
//! Source: <https://docs.litellm.ai/docs/proxy/config_settings>.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::Imported;

mod deployment;
mod provider;

/// The section `gateway` of ours.
#[derive(Debug, Default, Serialize)]
struct Gateway {
    #[serde(skip_serializing_if = "Option::is_none")]
    retries: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts_max: Option<u64>,
    unsupported: &'static str,
    providers: BTreeMap<String, provider::Provider>,
    routes: BTreeMap<String, Route>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    aliases: BTreeMap<String, String>,
}

#[derive(Debug, Default, Serialize)]
struct Route {
    order: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fallbacks: Vec<String>,
    targets: Vec<deployment::Target>,
}

/// A configuration on its way.
#[derive(Debug, Default)]
struct Import {
    gateway: Gateway,
    /// Seconds that all calls may take, where a deployment does not say it.
    timeout: Option<u64>,
    notes: Vec<(String, String)>,
}

impl Import {
    fn note(&mut self, place: impl Into<String>, why: impl Into<String>) {
        self.notes.push((place.into(), why.into()));
    }
}

/// Reads it.
///
/// # Errors
/// When it is no configuration of LiteLLM: the words after the file's name.
pub(super) fn import(value: &Value) -> Result<Imported, String> {
    let sections = value.as_object().ok_or("is no configuration of LiteLLM: it holds no keys")?;
    let models = sections.get("model_list").and_then(Value::as_array);
    let models = models.ok_or("is no configuration of LiteLLM: it has no list `model_list`")?;
    let empty = Map::new();
    let section = |name: &str| sections.get(name).and_then(Value::as_object).unwrap_or(&empty);
    let (router, litellm) = (section("router_settings"), section("litellm_settings"));

    let mut import = Import::default();
    let timeout = router.get("timeout").or_else(|| litellm.get("request_timeout"));
    import.timeout = timeout.and_then(seconds);
    let order = import.order(router);
    for (number, entry) in models.iter().enumerate() {
        deployment::read(&mut import, number, entry, order);
    }
    import.retries(router, litellm);
    let drops = litellm.get("drop_params").is_some_and(|value| value == &Value::Bool(true));
    import.gateway.unsupported = if drops { "drop" } else { "refuse" };
    import.aliases(router);
    import.fallbacks(router, litellm);
    import.rest(sections);
    if import.gateway.routes.is_empty() && import.gateway.providers.is_empty() {
        let whys: Vec<String> =
            import.notes.iter().map(|(place, why)| format!("\n  {place}: {why}")).collect();
        return Err(format!("names no model that can be carried over:{}", whys.concat()));
    }
    write(import)
}

fn write(import: Import) -> Result<Imported, String> {
    #[derive(Serialize)]
    struct Sections {
        gateway: Gateway,
    }
    let text = toml::to_string_pretty(&Sections { gateway: import.gateway })
        .map_err(|error| format!("cannot be written as TOML: {error}"))?;
    let head =
        "# Made by `assay gateway import`. Keys come from the variables that are named here.\n";
    Ok(Imported { text: format!("{head}{text}"), notes: import.notes })
}

impl Import {
    /// The order inside a route.
    fn order(&mut self, router: &Map<String, Value>) -> &'static str {
        let strategy = router.get("routing_strategy").and_then(Value::as_str);
        match strategy.unwrap_or("simple-shuffle") {
            "simple-shuffle" => "weighted",
            "latency-based-routing" => "latency",
            other => {
                let why = format!("there is no `{other}`; `weighted` is used");
                self.note("router_settings.routing_strategy", why);
                "weighted"
            }
        }
    }

    fn retries(&mut self, router: &Map<String, Value>, litellm: &Map<String, Value>) {
        let retries = router.get("num_retries").or_else(|| litellm.get("num_retries"));
        self.gateway.retries = retries.and_then(whole);
        // Every retry is to have an attempt.
        self.gateway.attempts_max = self.gateway.retries.map(|retries| (retries + 1).max(4));
    }

    fn aliases(&mut self, router: &Map<String, Value>) {
        let aliases = router.get("model_group_alias").and_then(Value::as_object);
        for (alias, meant) in aliases.into_iter().flatten() {
            let place = format!("router_settings.model_group_alias.{alias}");
            let meant = meant.get("model").unwrap_or(meant).as_str().unwrap_or_default();
            if self.gateway.routes.contains_key(alias) {
                self.note(place, "a model has this name as well, and it wins");
            } else if !self.gateway.routes.contains_key(meant) {
                self.note(place, format!("there is no model `{meant}` here"));
            } else {
                self.gateway.aliases.insert(alias.clone(), meant.to_owned());
            }
        }
    }

    /// Fallbacks, without those that lead nowhere or close a circle.
    fn fallbacks(&mut self, router: &Map<String, Value>, litellm: &Map<String, Value>) {
        for (section, settings) in [("router_settings", router), ("litellm_settings", litellm)] {
            let lists = settings.get("fallbacks").and_then(Value::as_array);
            let pairs = lists.into_iter().flatten().filter_map(Value::as_object).flatten();
            for (from, to) in pairs {
                for to in texts(to) {
                    self.fallback(&format!("{section}.fallbacks"), from, &to);
                }
            }
            let usual = settings.get("default_fallbacks").map(texts).unwrap_or_default();
            let without: Vec<String> = self
                .gateway
                .routes
                .iter()
                .filter(|(name, route)| route.fallbacks.is_empty() && !usual.contains(name))
                .map(|(name, _)| name.clone())
                .collect();
            for from in without {
                for to in &usual {
                    self.fallback(&format!("{section}.default_fallbacks"), &from, to);
                }
            }
        }
    }

    fn fallback(&mut self, place: &str, from: &str, to: &str) {
        let place = format!("{place} ({from} → {to})");
        let to = self.gateway.aliases.get(to).map_or(to, String::as_str).to_owned();
        if !self.gateway.routes.contains_key(from) || !self.gateway.routes.contains_key(&to) {
            self.note(place, "one of the two is no model here");
        } else if self.leads(&to, from) {
            self.note(place, "it would close a circle");
        } else if let Some(route) = self.gateway.routes.get_mut(from)
            && !route.fallbacks.contains(&to)
        {
            route.fallbacks.push(to);
        }
    }

    /// Whether fallbacks lead from one route to another, or they are the same.
    fn leads(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(name) = waiting.pop() {
            if name == to {
                return true;
            }
            if seen.insert(name) {
                let route = self.gateway.routes.get(name);
                waiting.extend(
                    route.into_iter().flat_map(|route| &route.fallbacks).map(String::as_str),
                );
            }
        }
        false
    }

    /// Says of every other setting why it is not there.
    fn rest(&mut self, sections: &Map<String, Value>) {
        for (section, settings) in sections {
            if section == "model_list" {
                continue;
            }
            let Some(settings) = settings.as_object() else {
                self.note(section, "Assay has nothing like it");
                continue;
            };
            for name in settings.keys() {
                if let Some(why) = why_not(section, name) {
                    self.note(format!("{section}.{name}"), why);
                }
            }
        }
    }
}

/// Why a setting is not carried over; nothing when it was.
fn why_not(section: &str, name: &str) -> Option<&'static str> {
    Some(match (section, name) {
        ("router_settings", "routing_strategy" | "model_group_alias" | "timeout")
        | (
            "router_settings" | "litellm_settings",
            "fallbacks" | "default_fallbacks" | "num_retries",
        )
        | ("litellm_settings", "drop_params" | "request_timeout") => return None,
        ("router_settings" | "litellm_settings", "context_window_fallbacks") => {
            "a target whose `context_tokens` are too few is passed over by itself"
        }
        ("router_settings" | "litellm_settings", "content_policy_fallbacks") => {
            "an answer that a provider filters is given as it is"
        }
        ("router_settings", "allowed_fails" | "cooldown_time" | "disable_cooldowns") => {
            "the breaker has fixed limits: 5 failures in 60 s rest a target for 60 s"
        }
        ("router_settings", "redis_host" | "redis_password" | "redis_port" | "redis_url") => {
            "Assay is one process and keeps no state elsewhere"
        }
        ("router_settings", "enable_pre_call_checks") => "it is always done",
        ("litellm_settings", "cache" | "cache_params") => "caches are set in Assay's own sections",
        ("litellm_settings", "callbacks" | "success_callback" | "failure_callback") => {
            "Assay shows calls at /metrics and in its log"
        }
        ("litellm_settings", "set_verbose" | "json_logs") => "see [log] of Assay",
        ("general_settings", "master_key") => {
            "secrets are never written, and Assay has no keys for callers yet"
        }
        ("general_settings", "database_url" | "database_connection_pool_limit") => {
            "Assay keeps everything in its data folder"
        }
        ("environment_variables", _) => {
            "secrets are never written: set the variable where Assay runs"
        }
        _ => "Assay has nothing like it",
    })
}

/// A text that is a name, or each of a list.
fn texts(value: &Value) -> Vec<String> {
    let one = value.as_str().map(str::to_owned);
    let many = value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    one.into_iter().chain(many).collect()
}

/// A whole number; YAML gives numbers as texts here.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.replace('_', "").parse().ok())
}

/// Seconds, rounded up to a whole one.
fn seconds(value: &Value) -> Option<u64> {
    let number = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    let within = number.is_finite() && number > 0.0 && number < 1e6;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 < n < 1e6")]
    within.then_some(number.ceil() as u64)
}
