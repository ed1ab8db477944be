//! One entry of `model_list`: a provider and a target of a route.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Import, Route,
    provider::{self, Provider},
    seconds, texts, whole,
};

/// A target of ours.
#[derive(Debug, Serialize)]
pub(super) struct Target {
    provider: String,
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vision: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unsupported: Vec<String>,
}

/// Parameters that say where a model is or how it is chosen, and were looked at.
const READ: &[&str] = &[
    "model",
    "custom_llm_provider",
    "api_base",
    "base_url",
    "api_key",
    "api_version",
    "aws_region_name",
    "organization",
    "extra_headers",
    "timeout",
    "stream_timeout",
    "weight",
    "additional_drop_params",
];

/// Reads one entry into the routes; what does not fit is noted.
pub(super) fn read(import: &mut Import, number: usize, entry: &Value, order: &'static str) {
    let empty = Map::new();
    let part = |name: &str| entry.get(name).and_then(Value::as_object).unwrap_or(&empty);
    let (params, info) = (part("litellm_params"), part("model_info"));
    let name = entry.get("model_name").and_then(Value::as_str).unwrap_or_default();
    let place = format!("model_list[{number}] `{name}`");
    let model = params.get("model").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() || model.is_empty() {
        return import.note(place, "it has no `model_name` or no `litellm_params.model`");
    }
    let mode = info.get("mode").and_then(Value::as_str).unwrap_or("chat");
    if !matches!(mode, "chat" | "completion" | "embedding" | "responses") {
        return import.note(place, format!("Assay has no route for the mode `{mode}`"));
    }
    let own = params.get("custom_llm_provider").and_then(Value::as_str);
    let split = provider::split(model, params).or_else(|| own.map(|prefix| (prefix, model)));
    let Some((prefix, model)) = split else {
        return import.note(place, format!("whose model `{model}` is, is not said"));
    };
    let mut provider = match provider::of(prefix, params) {
        Ok(provider) => provider,
        Err(why) => return import.note(place, why),
    };
    further(import, &place, prefix, params, &mut provider);
    let provider = named(import, prefix, provider::tidy(provider));
    if name.contains('*') {
        return wildcard(import, &place, name, &provider);
    }
    dropped(import, &place, params, info);
    let target = target(provider, model, params, info);
    let route = import.gateway.routes.entry(name.to_owned()).or_default();
    *route = Route { order, ..std::mem::take(route) };
    route.targets.push(target);
}

/// Key, headers and times of a provider.
fn further(
    import: &mut Import,
    place: &str,
    prefix: &str,
    params: &Map<String, Value>,
    provider: &mut Provider,
) {
    match params.get("api_key").and_then(Value::as_str) {
        Some(key) if key.starts_with("os.environ/") => {
            provider.api_key_env = Some(key.trim_start_matches("os.environ/").to_owned());
        }
        Some(_) => {
            let usual = format!("{}_API_KEY", prefix.to_uppercase().replace('-', "_"));
            let variable = provider.api_key_env.get_or_insert(usual).clone();
            let why = format!("secrets are never written: put it into the variable {variable}");
            import.note(format!("{place} api_key"), why);
        }
        None => {}
    }
    let mut headers =
        params.get("extra_headers").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(organization) = params.get("organization") {
        headers.insert("OpenAI-Organization".to_owned(), organization.clone());
    }
    for (name, value) in headers {
        let is_secret = ["auth", "key", "token", "cookie", "secret"]
            .iter()
            .any(|word| name.to_lowercase().contains(word));
        match value.as_str() {
            Some(value) if !is_secret && !value.starts_with("os.environ/") => {
                provider.headers.insert(name, value.to_owned());
            }
            _ => import.note(
                format!("{place} header `{name}`"),
                "it may hold a secret or is no plain text; add it to `headers` by hand",
            ),
        }
    }
    provider.total_seconds = params.get("timeout").and_then(seconds).or(import.timeout);
    provider.first_seconds = params.get("stream_timeout").and_then(seconds);
}

/// The name of the provider: the prefix, with a number when others have it.
fn named(import: &mut Import, prefix: &str, provider: Provider) -> String {
    let providers = &mut import.gateway.providers;
    for number in 1.. {
        let name = if number == 1 { prefix.to_owned() } else { format!("{prefix}-{number}") };
        match providers.get(&name) {
            Some(known) if Provider { models: Vec::new(), ..known.clone() } != provider => {}
            Some(_) => return name,
            None => {
                providers.insert(name.clone(), provider);
                return name;
            }
        }
    }
    prefix.to_owned()
}

/// `openai/*`: any model of a provider, asked for as `openai/MODEL`.
fn wildcard(import: &mut Import, place: &str, name: &str, provider: &str) {
    if name != format!("{provider}/*") {
        let why = format!("a name with `*` can only be `{provider}/*` here");
        return import.note(place, why);
    }
    if let Some(provider) = import.gateway.providers.get_mut(provider) {
        provider.models = vec!["*".to_owned()];
    }
}

fn target(
    provider: String,
    model: &str,
    params: &Map<String, Value>,
    info: &Map<String, Value>,
) -> Target {
    let lacks = |name: &str| (info.get(name) == Some(&Value::Bool(false))).then_some(false);
    // LiteLLM shuffles by the first of these that is there.
    let weight = ["weight", "rpm", "tpm"].iter().find_map(|name| params.get(*name).and_then(whole));
    Target {
        provider,
        model: model.to_owned(),
        weight: weight.and_then(|weight| u32::try_from(weight).ok()).filter(|&weight| weight > 0),
        context_tokens: info.get("max_input_tokens").and_then(whole),
        vision: lacks("supports_vision"),
        tools: lacks("supports_function_calling"),
        json: lacks("supports_response_schema"),
        unsupported: params.get("additional_drop_params").map(texts).unwrap_or_default(),
    }
}

/// Says what a deployment has that ours have not.
fn dropped(
    import: &mut Import,
    place: &str,
    params: &Map<String, Value>,
    info: &Map<String, Value>,
) {
    let priced = |name: &str| name.contains("cost_per");
    for name in params.keys().filter(|name| !READ.contains(&name.as_str())) {
        let why = match name.as_str() {
            "rpm" | "tpm" => "it is the target's weight; the limit itself is not kept",
            "max_retries" | "num_retries" => "retries are set for all: `retries`",
            "order" => "targets are taken in the order of the file",
            "max_parallel_requests" => "set `max_in_flight` of the provider",
            "max_budget" | "budget_duration" => "budgets are not set for one deployment",
            "drop_params" => "it is set for all: `unsupported`",
            "temperature" | "max_tokens" | "top_p" | "seed" | "stop" | "stream" => {
                "parameters of calls come from callers alone"
            }
            name if name.starts_with("aws_") || name.starts_with("vertex_") => {
                "signed requests are not made; Bedrock is reached with a key of its own"
            }
            name if priced(name) => "prices are not set for one deployment",
            _ => "Assay has nothing like it",
        };
        import.note(format!("{place} {name}"), why);
    }
    if info.keys().any(|name| priced(name)) {
        import.note(format!("{place} model_info"), "prices are not set for one deployment");
    }
}
