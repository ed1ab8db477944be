//! Configurations of LiteLLM become ours; what does not fit is told, and no secret is written.

use super::{Imported, litellm};

fn import(yaml: &str) -> Imported {
    litellm::import(&assay_answer::read_yaml(yaml).unwrap()).unwrap()
}

/// The settings that the text stands for, which have to be accepted.
fn accepted(imported: &Imported) -> assay_gateway::GatewaySettings {
    let config: crate::config::Config =
        toml::from_str(&imported.text).unwrap_or_else(|error| panic!("{error}\n{}", imported.text));
    assert_eq!(config.gateway.problems(), [], "{}", imported.text);
    config.gateway
}

fn note<'a>(imported: &'a Imported, place: &str) -> &'a str {
    let found = imported.notes.iter().find(|(at, _)| at.contains(place));
    found
        .map_or_else(|| panic!("nothing is told of {place}: {:#?}", imported.notes), |(_, why)| why)
}

const WHOLE: &str = r#"
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://eu.example.com/
      api_key: os.environ/AZURE_KEY_EU
      api_version: "2024-10-21"
      rpm: 6
      tpm: 1000
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-us
      api_base: https://us.example.com
      api_key: os.environ/AZURE_KEY_US
      rpm: 600
      timeout: 12.5
    model_info: { max_input_tokens: 128000, supports_vision: false, input_cost_per_token: 0.0000025 }
  - model_name: claude
    litellm_params:
      model: anthropic/claude-sonnet-4
      api_key: sk-ant-literal-secret
      additional_drop_params: [top_k]
      temperature: 0.2
  - model_name: local
    litellm_params: { model: ollama/llama3.2, api_base: "http://10.0.0.5:11434" }
  - model_name: plain
    litellm_params: { model: gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY }
  - model_name: mine
    litellm_params:
      model: openai/my-model
      api_base: http://127.0.0.1:8000/v1
      api_key: none
      extra_headers: { x-team: search, Authorization: Bearer literal-secret }
  - model_name: groq/*
    litellm_params: { model: groq/*, api_key: os.environ/GROQ_API_KEY }
  - model_name: vertex
    litellm_params: { model: vertex_ai/gemini-pro, vertex_project: p }
  - model_name: pictures
    litellm_params: { model: openai/dall-e-3 }
    model_info: { mode: image_generation }
router_settings:
  routing_strategy: latency-based-routing
  num_retries: 5
  timeout: 30
  model_group_alias: { gpt-4: gpt-4o, lost: nowhere }
  fallbacks: [{ gpt-4o: [claude, local] }, { claude: [gpt-4o] }, { local: [nowhere] }]
  allowed_fails: 3
litellm_settings:
  drop_params: true
  cache: true
  default_fallbacks: [plain]
general_settings:
  master_key: sk-master-secret
environment_variables:
  REDIS_PASSWORD: redis-secret
"#;

#[test]
fn a_whole_configuration_is_carried_over() {
    let imported = import(WHOLE);
    let ours = accepted(&imported);
    let azure = &ours.routes["gpt-4o"].targets;
    assert_eq!((azure.len(), azure[0].weight, azure[1].weight), (2, 6, 600));
    assert_eq!((azure[1].context_tokens, azure[1].vision), (Some(128_000), false));
    let (eu, us) = (&ours.providers["azure"], &ours.providers["azure-2"]);
    assert_eq!(eu.api_key_env.as_deref(), Some("AZURE_KEY_EU"));
    assert_eq!(eu.base_url.as_deref(), Some("https://eu.example.com"));
    assert_eq!(us.base_url.as_deref(), Some("https://us.example.com/openai/v1"));
    assert_eq!((eu.total_seconds, us.total_seconds), (30, 13));
    assert_eq!(ours.routes["claude"].targets[0].unsupported, ["top_k"]);
    assert_eq!(ours.providers["ollama"].base_url.as_deref(), Some("http://10.0.0.5:11434/v1"));
    assert_eq!(ours.providers["openai"].api_key_env, None, "the usual variable of the kind");
    assert_eq!(ours.providers["openai-2"].base_url.as_deref(), Some("http://127.0.0.1:8000/v1"));
    assert_eq!(ours.providers["openai-2"].headers["x-team"], "search");
    assert_eq!(ours.providers["groq"].models, ["*"]);
    assert_eq!((ours.retries, ours.attempts_max), (5, 6));
    assert_eq!(ours.unsupported, assay_gateway::Unsupported::Drop);
    assert_eq!(ours.aliases["gpt-4"], "gpt-4o");
    assert_eq!(ours.routes["gpt-4o"].fallbacks, ["claude", "local"]);
    assert_eq!(ours.routes["claude"].fallbacks, ["plain"], "the circle is left out");
    assert!(ours.routes.values().all(|route| route.order == assay_gateway::Order::Latency));
}

#[test]
fn what_does_not_fit_is_told_and_no_secret_is_written() {
    let imported = import(WHOLE);
    let told = format!("{}{:?}", imported.text, imported.notes);
    for secret in ["literal-secret", "sk-master-secret", "redis-secret"] {
        assert!(!told.contains(secret), "{told}");
    }
    assert!(note(&imported, "`claude` api_key").contains("ANTHROPIC_API_KEY"));
    assert!(note(&imported, "`mine` header `Authorization`").contains("by hand"));
    for (place, why) in [
        ("`gpt-4o` rpm", "weight"),
        ("`claude` temperature", "callers"),
        ("`vertex`", "signed requests"),
        ("`pictures`", "image_generation"),
        ("(claude → gpt-4o)", "circle"),
        ("(local → nowhere)", "no model"),
        ("model_group_alias.lost", "no model"),
        ("router_settings.allowed_fails", "breaker"),
        ("litellm_settings.cache", "caches"),
        ("general_settings.master_key", "never written"),
        ("environment_variables.REDIS_PASSWORD", "never written"),
    ] {
        assert!(note(&imported, place).contains(why), "{place}: {}", note(&imported, place));
    }
}

#[test]
fn parameters_are_refused_where_litellm_would() {
    let imported = import("model_list: [{ model_name: a, litellm_params: { model: gpt-4o } }]");
    let ours = accepted(&imported);
    assert_eq!(ours.unsupported, assay_gateway::Unsupported::Refuse);
    assert_eq!(ours.routes["a"].order, assay_gateway::Order::Weighted);
    assert!(imported.notes.is_empty(), "{:?}", imported.notes);
}

#[test]
fn a_file_of_something_else_is_refused() {
    for yaml in
        ["a: 1", "[1, 2]", "model_list: {}", "text", "model_list: [1, null, { model_name: x }]"]
    {
        let value = assay_answer::read_yaml(yaml).unwrap();
        assert!(litellm::import(&value).is_err(), "{yaml}");
    }
}
