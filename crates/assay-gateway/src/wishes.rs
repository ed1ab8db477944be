//! What a caller may say about the way of a request, in headers.

use assay_core::NanoUsd;
use serde::Serialize;

/// What the model is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A quick answer: the fastest target lately.
    Fast,
    /// A good answer: strong targets first.
    Quality,
    /// A long text: the largest context first.
    Long,
    /// Hard thinking: strong targets first.
    Reasoning,
    /// Calls of tools: only targets that make them.
    Tool,
}

/// How hard the request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Complexity {
    /// Any model will do.
    Simple,
    /// The usual.
    Standard,
    /// Strong targets first.
    Complex,
    /// Strong targets first.
    Expert,
}

/// What a caller says about the way of a request. Nothing of it can widen what the configuration
/// allows.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// `x-assay-role`.
    pub role: Option<Role>,
    /// `x-assay-complexity`.
    pub complexity: Option<Complexity>,
    /// `x-assay-prefer-free`.
    pub prefer_free: Option<bool>,
    /// `x-assay-no-training`: leave out providers that may train on what they are sent.
    pub no_training: bool,
    /// `x-assay-session`: stay with one target.
    pub session: Option<String>,
    /// `x-assay-max-cost-usd`: leave out targets that would cost more; only ever lowers the route's
    /// own limit.
    pub max_cost: Option<NanoUsd>,
    /// `x-assay-cache: off`, or `cache-control: no-cache`: no answer that was given before, and none
    /// that is kept.
    pub no_cache: bool,
    /// What draws differ by, when there is no session.
    pub(crate) seed: u128,
}

impl Wishes {
    /// Reads one header.
    ///
    /// # Errors
    /// With the words that it takes, when it takes others.
    pub fn read(&mut self, name: &str, value: &str) -> Result<(), String> {
        let yes = |value: &str| match value {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(format!("`{name}` is `true` or `false`")),
        };
        match name {
            "x-assay-role" => {
                self.role = Some(match value.to_ascii_lowercase().as_str() {
                    "fast" => Role::Fast,
                    "quality" => Role::Quality,
                    "long" => Role::Long,
                    "reasoning" => Role::Reasoning,
                    "tool" => Role::Tool,
                    _ => return Err(format!("`{name}` is fast, quality, long, reasoning or tool")),
                });
            }
            "x-assay-complexity" => {
                self.complexity = Some(match value.to_ascii_lowercase().as_str() {
                    "simple" => Complexity::Simple,
                    "standard" => Complexity::Standard,
                    "complex" => Complexity::Complex,
                    "expert" => Complexity::Expert,
                    _ => return Err(format!("`{name}` is simple, standard, complex or expert")),
                });
            }
            "x-assay-prefer-free" => self.prefer_free = Some(yes(value)?),
            "x-assay-no-training" => self.no_training = yes(value)?,
            "x-assay-max-cost-usd" => {
                let amount = value.parse::<NanoUsd>();
                self.max_cost = Some(amount.map_err(|error| format!("`{name}`: {error}"))?);
            }
            "x-assay-cache" => match value {
                "off" => self.no_cache = true,
                "on" => {}
                _ => return Err(format!("`{name}` is `on` or `off`")),
            },
            "x-assay-session" => self.session = Some(value.chars().take(128).collect()),
            _ => {}
        }
        Ok(())
    }
}
