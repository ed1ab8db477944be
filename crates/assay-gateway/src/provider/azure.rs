//! Azure OpenAI: the version 1 API, which takes a model as a deployment's name, or deployments in
//! the path when `api_version` is set.
//!
//! Source: <https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle>.

use super::{Auth, Limit, Preset};

pub(super) const PRESET: Preset = Preset {
    otel: "azure.ai.openai",
    key_variable: Some("AZURE_OPENAI_API_KEY"),
    auth: Auth::Header("api-key"),
    limit: Limit::New,
    developer: true,
    ..Preset::COMPATIBLE
};
