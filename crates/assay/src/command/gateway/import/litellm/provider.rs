//! Where the models of LiteLLM's prefixes are.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// A provider of ours.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Provider {
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api_key_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) api_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) models: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, String>,
}

/// A prefix of LiteLLM: the kind of ours, the usual URL, the usual variable of the key.
struct Prefix(&'static str, &'static str, Option<&'static str>, Option<&'static str>);

/// Sources: the pages of the providers at <https://docs.litellm.ai/docs/providers>. The URL is that
/// of the provider's endpoint for OpenAI clients, where our kind has none.
const PREFIXES: &[Prefix] = &[
    Prefix("openai", "openai", None, Some("OPENAI_API_KEY")),
    Prefix("anthropic", "anthropic", None, Some("ANTHROPIC_API_KEY")),
    Prefix("azure", "azure", None, Some("AZURE_API_KEY")),
    Prefix("azure_ai", "azure", None, Some("AZURE_AI_API_KEY")),
    Prefix("gemini", "gemini", None, Some("GEMINI_API_KEY")),
    Prefix("mistral", "mistral", None, Some("MISTRAL_API_KEY")),
    Prefix("groq", "groq", None, Some("GROQ_API_KEY")),
    Prefix("deepseek", "deepseek", None, Some("DEEPSEEK_API_KEY")),
    Prefix("cohere", "cohere", None, Some("COHERE_API_KEY")),
    Prefix("cohere_chat", "cohere", None, Some("COHERE_API_KEY")),
    Prefix("huggingface", "huggingface", None, Some("HF_TOKEN")),
    Prefix("openrouter", "openrouter", None, Some("OPENROUTER_API_KEY")),
    Prefix("bedrock", "bedrock", None, Some("AWS_BEARER_TOKEN_BEDROCK")),
    Prefix("ollama", "compatible", Some("http://localhost:11434/v1"), None),
    Prefix("ollama_chat", "compatible", Some("http://localhost:11434/v1"), None),
    Prefix("lm_studio", "compatible", Some("http://localhost:1234/v1"), None),
    Prefix("hosted_vllm", "compatible", None, None),
    Prefix("vllm", "compatible", None, None),
    Prefix("llamafile", "compatible", Some("http://127.0.0.1:8080/v1"), None),
    Prefix("openai_like", "compatible", None, None),
    Prefix("custom_openai", "compatible", None, None),
    Prefix("litellm_proxy", "compatible", None, Some("LITELLM_PROXY_API_KEY")),
    Prefix("xinference", "compatible", Some("http://127.0.0.1:9997/v1"), None),
    Prefix(
        "together_ai",
        "compatible",
        Some("https://api.together.xyz/v1"),
        Some("TOGETHERAI_API_KEY"),
    ),
    Prefix(
        "fireworks_ai",
        "compatible",
        Some("https://api.fireworks.ai/inference/v1"),
        Some("FIREWORKS_API_KEY"),
    ),
    Prefix(
        "perplexity",
        "compatible",
        Some("https://api.perplexity.ai"),
        Some("PERPLEXITYAI_API_KEY"),
    ),
    Prefix("xai", "compatible", Some("https://api.x.ai/v1"), Some("XAI_API_KEY")),
    Prefix("cerebras", "compatible", Some("https://api.cerebras.ai/v1"), Some("CEREBRAS_API_KEY")),
    Prefix(
        "nvidia_nim",
        "compatible",
        Some("https://integrate.api.nvidia.com/v1"),
        Some("NVIDIA_NIM_API_KEY"),
    ),
    Prefix(
        "deepinfra",
        "compatible",
        Some("https://api.deepinfra.com/v1/openai"),
        Some("DEEPINFRA_API_KEY"),
    ),
];

/// The variables that our kinds look at by themselves.
const OWN: &[&str] = &[
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "AZURE_OPENAI_API_KEY",
    "GEMINI_API_KEY",
    "MISTRAL_API_KEY",
    "GROQ_API_KEY",
    "DEEPSEEK_API_KEY",
    "COHERE_API_KEY",
    "HF_TOKEN",
    "OPENROUTER_API_KEY",
    "AWS_BEARER_TOKEN_BEDROCK",
];

/// LiteLLM's prefix and the model's name after it. Names without a prefix are known by their start.
pub(super) fn split<'a>(model: &'a str, params: &Map<String, Value>) -> Option<(&'a str, &'a str)> {
    if let Some((prefix, name)) = model.split_once('/')
        && (known(prefix).is_some() || !params.contains_key("custom_llm_provider"))
    {
        return Some((prefix, name));
    }
    let starts = |starts: &[&str]| starts.iter().any(|start| model.starts_with(start));
    match model {
        _ if params.contains_key("api_base") => Some(("openai", model)),
        _ if starts(&["gpt-", "chatgpt", "o1", "o3", "o4", "text-embedding-"]) => {
            Some(("openai", model))
        }
        _ if starts(&["claude-"]) => Some(("anthropic", model)),
        _ => None,
    }
}

fn known(prefix: &str) -> Option<&'static Prefix> {
    PREFIXES.iter().find(|known| known.0 == prefix)
}

/// The provider of a deployment.
///
/// # Errors
/// Why there is none here.
pub(super) fn of(prefix: &str, params: &Map<String, Value>) -> Result<Provider, String> {
    let Some(&Prefix(_, kind, url, variable)) = known(prefix) else {
        return Err(match prefix {
            "vertex_ai" | "vertex_ai_beta" | "sagemaker" | "sagemaker_chat" => {
                format!("`{prefix}` is reached by signed requests, which Assay does not make")
            }
            _ => format!(
                "the provider `{prefix}` is not known here; if it speaks the OpenAI \
                          protocol, add it as `kind = \"compatible\"` with its base_url"
            ),
        });
    };
    let text = |name: &str| params.get(name).and_then(Value::as_str);
    let base = match text("api_base").or_else(|| text("base_url")) {
        Some(name) if name.starts_with("os.environ/") => {
            return Err(format!("its api_base comes from {name}: write the URL"));
        }
        base => base.map(|base| base.trim_end_matches('/').to_owned()),
    };
    let mut provider =
        Provider { kind, api_key_env: variable.map(str::to_owned), ..Provider::default() };
    provider.base_url = match (kind, base) {
        ("openai", Some(base)) if !base.contains("://api.openai.com") => {
            provider.kind = "compatible";
            Some(base)
        }
        ("openai", _) => None,
        ("azure", Some(base)) => {
            provider.api_version = text("api_version").map(str::to_owned);
            match provider.api_version {
                None if !base.ends_with("/v1") => Some(format!("{base}/openai/v1")),
                _ => Some(base),
            }
        }
        ("anthropic", Some(base)) => {
            let host = base.trim_end_matches("/messages").trim_end_matches("/v1").to_owned();
            (!host.contains("://api.anthropic.com")).then(|| format!("{host}/v1"))
        }
        ("bedrock", None) => {
            let region = text("aws_region_name").filter(|name| !name.contains('/'));
            let region = region.ok_or("its aws_region_name is not said")?;
            Some(format!("https://bedrock-runtime.{region}.amazonaws.com/openai/v1"))
        }
        (_, Some(base)) if prefix.starts_with("ollama") && !base.ends_with("/v1") => {
            Some(format!("{base}/v1"))
        }
        (_, base) => base.or_else(|| url.map(str::to_owned)),
    };
    if provider.base_url.is_none() && matches!(kind, "compatible" | "azure") {
        return Err("its api_base is not said".to_owned());
    }
    Ok(provider)
}

/// Leaves the variable out where it is the one that the kind looks at by itself.
pub(super) fn tidy(mut provider: Provider) -> Provider {
    let own = provider.kind != "compatible" && provider.kind != "azure";
    provider.api_key_env =
        provider.api_key_env.filter(|name| !(own && OWN.contains(&name.as_str())));
    provider
}
