//! The guard: what is found in a text, and by which rules.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A text to look at.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardScanRequest {
    /// The text; at most 2,000,000 bytes.
    pub text: String,
    /// `everything` (text that comes in), `outgoing` (the same without injections) or `secrets`;
    /// `everything` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whether to give the text back as the policy lets it pass.
    #[serde(default)]
    pub redact: bool,
}

/// What was found in a text.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GuardScanResponse {
    /// Findings in the order of the text.
    pub findings: Vec<GuardFinding>,
    /// Whether the policy forbids the text as a whole.
    pub blocked: bool,
    /// The text as the policy lets it pass; only when `redact` was asked for, and not of a text
    /// that is blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Something that a rule found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GuardFinding {
    /// What it is, such as `pii.email`.
    pub kind: String,
    /// First character of the text as it was sent.
    pub start: usize,
    /// First character behind it.
    pub end: usize,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// The rule.
    pub rule: String,
    /// Why the rule exists.
    pub reason: String,
    /// What the policy says: `flag`, `redact`, `pseudonymise` or `block`.
    pub action: String,
}

/// What the guard found on the way of a request: kinds and numbers, never the text.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GuardNote {
    /// `question`, `document`, `web` or `answer`.
    pub place: String,
    /// What it is, such as `pii.email`.
    pub kind: String,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// What was done: `flag`, `redact`, `pseudonymise` or `block`.
    pub action: String,
    /// How often.
    pub count: usize,
}

/// Something that the guard found in a passage when it was taken in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PassageFinding {
    /// What it is, such as `injection.override`.
    pub kind: String,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// The rule; `GET /v1/guard/rules` says what it looks for.
    pub rule: String,
    /// First character in the text of the passage.
    pub start: usize,
    /// First character behind it.
    pub end: usize,
}

/// How often the guard found something in a document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FindingCount {
    /// What it is.
    pub kind: String,
    /// How bad it is.
    pub severity: String,
    /// How often.
    pub count: u64,
}

/// How many acts of the guard to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GuardEventParams {
    /// 1 to 1,000; 100 when absent.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// What the guard blocked, and what of high severity it changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GuardEventsResponse {
    /// The newest first.
    pub events: Vec<GuardEvent>,
}

/// An act of the guard, without the text that it was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardEvent {
    /// The entry of the audit log.
    pub seq: u64,
    /// When, in UTC.
    pub at: String,
    /// Who came by it: `principal:` and an id, `local` or `unknown`.
    pub actor: String,
    /// `guard.blocked` or `guard.changed`.
    pub action: String,
    /// Where, such as `question`.
    pub place: String,
    /// What it was, kind by kind.
    pub findings: Vec<GuardEventFinding>,
    /// The rest of what the log says, where it counts what it left out.
    pub detail: String,
}

/// What was found of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GuardEventFinding {
    /// Such as `pii.email`.
    pub kind: String,
    /// How many.
    pub count: u64,
    /// What was done, such as `redact`.
    pub action: String,
}

/// The rules of the guard.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GuardRulesResponse {
    /// The rules, those of the configuration last.
    pub rules: Vec<GuardRule>,
}

/// A rule of the guard.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GuardRule {
    /// Its name.
    pub id: String,
    /// What it finds.
    pub kind: String,
    /// How bad it would be to let it pass.
    pub severity: String,
    /// Why it exists and what it checks.
    pub reason: String,
    /// Texts in which it finds something.
    pub examples: Vec<String>,
    /// What the policy says of its kind.
    pub action: String,
}
