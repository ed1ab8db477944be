//! Amazon Bedrock by its endpoint for OpenAI clients: the URL is
//! `https://bedrock-runtime.REGION.amazonaws.com/openai/v1`, the key a Bedrock API key. Requests
//! signed with an account's own credentials are not supported.
//!
//! Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html>.

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    otel: "aws.bedrock",
    key_variable: Some("AWS_BEARER_TOKEN_BEDROCK"),
    ..Preset::COMPATIBLE
};
