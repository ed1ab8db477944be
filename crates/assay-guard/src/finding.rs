//! What a guard saw, and what is done about it.

use assay_core::TextRange;
use serde::{Deserialize, Serialize};

use crate::Kind;

/// How much harm it does when it passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a note.
    Low,
    /// Worth a look.
    Medium,
    /// Should not pass.
    High,
    /// Must not pass.
    Critical,
}

impl Severity {
    /// The name on the wire, such as `high`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Nothing, and it is not reported.
    Allow,
    /// It is reported.
    Flag,
    /// A name of its kind stands in its place.
    Redact,
    /// A stand-in takes its place, the same one for the same text, so that it can be put back.
    Pseudonymise,
    /// The text does not pass.
    Block,
}

impl Action {
    /// The name in a policy and on the wire, such as `redact`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Redact => "redact",
            Self::Pseudonymise => "pseudonymise",
            Self::Block => "block",
        }
    }
}

/// Something that a rule found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, in bytes of the text as it was given.
    pub span: TextRange,
    /// How bad it would be to let it pass.
    pub severity: Severity,
    /// The rule that found it.
    pub rule: &'static str,
    /// Why the rule exists, for a person.
    pub reason: &'static str,
    /// What the policy says.
    pub action: Action,
}
