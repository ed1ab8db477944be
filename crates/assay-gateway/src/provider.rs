//! The providers: what each differs in, and the three wire formats that they share.

use serde::Deserialize;

mod anthropic;
mod azure;
mod bedrock;
mod cohere;
mod compatible;
mod deepseek;
mod gemini;
mod groq;
mod huggingface;
mod mistral;
mod openai;
mod openrouter;

pub(crate) use anthropic::wire as messages_wire;
pub(crate) use gemini::wire as gemini_wire;
pub(crate) use openai::wire as chat_wire;

/// Which provider it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Any server that speaks the OpenAI protocol: Ollama, vLLM, llama.cpp, LM Studio.
    #[default]
    Compatible,
    /// OpenAI.
    OpenAi,
    /// Azure OpenAI.
    Azure,
    /// Anthropic.
    Anthropic,
    /// Google Gemini.
    Gemini,
    /// Mistral.
    Mistral,
    /// Groq.
    Groq,
    /// DeepSeek.
    DeepSeek,
    /// Cohere, by its endpoint for OpenAI clients.
    Cohere,
    /// The router of Hugging Face.
    HuggingFace,
    /// OpenRouter.
    OpenRouter,
    /// Amazon Bedrock, by its endpoint for OpenAI clients and a Bedrock key.
    Bedrock,
}

/// The format that requests and answers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// `chat/completions` of OpenAI.
    Chat,
    /// `messages` of Anthropic.
    Messages,
    /// `generateContent` of Google.
    Gemini,
}

/// Where the key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    /// `Authorization: Bearer …`.
    Bearer,
    /// A header of its own.
    Header(&'static str),
}

/// The field that limits the length of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// As the caller wrote it.
    AsWritten,
    /// `max_tokens`.
    Old,
    /// `max_completion_tokens`, without which OpenAI's reasoning models refuse.
    New,
}

/// What a provider differs in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Preset {
    /// The name in the conventions of OpenTelemetry.
    pub(crate) otel: &'static str,
    pub(crate) wire: Wire,
    pub(crate) base_url: Option<&'static str>,
    /// The variable that usually holds the key.
    pub(crate) key_variable: Option<&'static str>,
    pub(crate) auth: Auth,
    pub(crate) limit: Limit,
    /// Whether the role `developer` is known; it becomes `system` otherwise.
    pub(crate) developer: bool,
    /// Fields under another name: ours, theirs.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    /// Parameters that no model of it takes.
    pub(crate) unsupported: &'static [&'static str],
    /// Whether `stream_options` may be sent.
    pub(crate) stream_options: bool,
}

impl Preset {
    /// A server that speaks the OpenAI protocol and nothing unusual.
    const COMPATIBLE: Self = Self {
        otel: "openai",
        wire: Wire::Chat,
        base_url: None,
        key_variable: None,
        auth: Auth::Bearer,
        limit: Limit::AsWritten,
        developer: false,
        renamed: &[],
        unsupported: &[],
        stream_options: true,
    };
}

impl Kind {
    pub(crate) const fn preset(self) -> &'static Preset {
        match self {
            Self::Compatible => &compatible::PRESET,
            Self::OpenAi => &openai::PRESET,
            Self::Azure => &azure::PRESET,
            Self::Anthropic => &anthropic::PRESET,
            Self::Gemini => &gemini::PRESET,
            Self::Mistral => &mistral::PRESET,
            Self::Groq => &groq::PRESET,
            Self::DeepSeek => &deepseek::PRESET,
            Self::Cohere => &cohere::PRESET,
            Self::HuggingFace => &huggingface::PRESET,
            Self::OpenRouter => &openrouter::PRESET,
            Self::Bedrock => &bedrock::PRESET,
        }
    }

    /// Its URL, where it has one of its own.
    pub(crate) const fn base_url(self) -> Option<&'static str> {
        self.preset().base_url
    }

    /// Its name in the price lists that there are; none where they do not know it.
    #[must_use]
    pub const fn listed_as(self) -> Option<&'static str> {
        match self {
            Self::Compatible | Self::HuggingFace => None,
            Self::OpenAi => Some("openai"),
            Self::Azure => Some("azure"),
            Self::Anthropic => Some("anthropic"),
            Self::Gemini => Some("gemini"),
            Self::Mistral => Some("mistral"),
            Self::Groq => Some("groq"),
            Self::DeepSeek => Some("deepseek"),
            Self::Cohere => Some("cohere"),
            Self::OpenRouter => Some("openrouter"),
            Self::Bedrock => Some("bedrock"),
        }
    }

    /// The environment variable that usually holds its key.
    #[must_use]
    pub const fn key_variable(self) -> Option<&'static str> {
        self.preset().key_variable
    }
}
