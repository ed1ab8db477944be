//! What the guard finds in a text, and by which rules.

use assay_answer::{Finding, GuardPlace, Pseudonyms, Scope};
use assay_api::{
    ErrorBody, GuardEvent, GuardEventFinding, GuardEventParams, GuardEventsResponse, GuardFinding,
    GuardRule, GuardRulesResponse, GuardScanRequest, GuardScanResponse,
};
use assay_core::ErrorCode;
use assay_identity::AuditEntry;
use axum::{Json, extract::Query};

use crate::{auth::Acting, failure::Failure};

/// Acts of the guard that are listed when the caller does not say how many, and at most.
const EVENTS_DEFAULT: u32 = 100;
const EVENTS_MAX: u32 = 1_000;
/// Bytes of a text at most.
const TEXT_BYTES_MAX: usize = 2_000_000;

/// Look for personal data, secrets, injections and active content in a text.
#[utoipa::path(
    post, path = "/v1/guard/scan", tag = "guard", request_body = GuardScanRequest,
    responses(
        (status = 200, body = GuardScanResponse),
        (status = 400, body = ErrorBody, description = "no such scope"),
        (status = 413, body = ErrorBody, description = "the text is over its limit"),
    )
)]
pub(super) async fn scan(
    app: Acting,
    Json(request): Json<GuardScanRequest>,
) -> Result<Json<GuardScanResponse>, Failure> {
    let scope = scope(request.scope.as_deref())?;
    if request.text.len() > TEXT_BYTES_MAX {
        let message =
            format!("`text` has {} bytes, and {TEXT_BYTES_MAX} are allowed", request.text.len());
        return Err(Failure::new(ErrorCode::TooLarge, message).hint("send it in parts"));
    }
    let guards = app.engine.guards(&app.scope());
    let scanned = tokio::task::spawn_blocking(move || {
        let redacted = guards.usual().redact(&request.text, scope, &mut Pseudonyms::new());
        let text = (request.redact && !redacted.blocked).then_some(redacted.text);
        // It was sent here to be looked at, as a question is.
        guards.note(GuardPlace::Question, &redacted.findings, redacted.failed);
        let findings = present(&request.text, &redacted.findings);
        (redacted.failed, GuardScanResponse { findings, blocked: redacted.blocked, text })
    });
    let (failed, response) = scanned.await.map_err(|error| {
        Failure::new(ErrorCode::Internal, format!("the scan did not end: {error}"))
    })?;
    if failed {
        // Nothing found is what it must not be taken for.
        return Err(Failure::new(ErrorCode::Internal, "the text could not be looked at"));
    }
    Ok(Json(response))
}

fn scope(name: Option<&str>) -> Result<Scope, Failure> {
    match name {
        None | Some("everything") => Ok(Scope::Everything),
        Some("outgoing") => Ok(Scope::Outgoing),
        Some("secrets") => Ok(Scope::Secrets),
        Some(other) => Err(Failure::bad_request(format!("`{other}` is not a scope"))
            .hint("use `everything`, `outgoing` or `secrets`")),
    }
}

/// Findings with their places in characters, counted in one walk over the text.
fn present(text: &str, findings: &[Finding]) -> Vec<GuardFinding> {
    let (mut at, mut chars) = (0, 0);
    let mut in_order: Vec<&Finding> = findings.iter().collect();
    in_order.sort_by_key(|finding| finding.span);
    in_order
        .into_iter()
        .map(|finding| {
            let start = finding.span.start as usize;
            chars += text.get(at..start).unwrap_or("").chars().count();
            at = start;
            GuardFinding {
                kind: finding.kind.as_str().to_owned(),
                start: chars,
                end: chars + finding.span.of(text).chars().count(),
                severity: finding.severity.as_str().to_owned(),
                rule: finding.rule.to_owned(),
                reason: finding.reason.to_owned(),
                action: finding.action.as_str().to_owned(),
            }
        })
        .collect()
}

/// List what the guard blocked, and what of high severity it changed: who came by it, where, and of
/// which kind it was.
#[utoipa::path(
    get, path = "/v1/guard/events", tag = "guard", params(GuardEventParams),
    responses((status = 200, body = GuardEventsResponse), (status = 400, body = ErrorBody))
)]
pub(super) async fn events(
    app: Acting,
    Query(params): Query<GuardEventParams>,
) -> Result<Json<GuardEventsResponse>, Failure> {
    let limit = params.limit.unwrap_or(EVENTS_DEFAULT);
    if !(1..=EVENTS_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {EVENTS_MAX}")));
    }
    let scope = app.scope();
    let entries = app.identities(move |identities| identities.guard_entries(&scope, limit)).await?;
    Ok(Json(GuardEventsResponse { events: entries.into_iter().map(event).collect() }))
}

fn event(entry: AuditEntry) -> GuardEvent {
    let mut findings = Vec::new();
    // `kind=count;action, …` is how they are written down.
    for part in entry.detail.split_whitespace() {
        let told = part
            .trim_end_matches(',')
            .split_once('=')
            .and_then(|(kind, rest)| Some((kind, rest.split_once(';')?)));
        let Some((kind, (count, action))) = told else { continue };
        let Ok(count) = count.parse() else { continue };
        findings.push(GuardEventFinding {
            kind: kind.to_owned(),
            count,
            action: action.to_owned(),
        });
    }
    let place = entry.object.strip_prefix("place:").unwrap_or(&entry.object).to_owned();
    GuardEvent {
        seq: entry.seq,
        at: entry.at,
        actor: entry.actor,
        action: entry.action,
        place,
        findings,
        detail: entry.detail,
    }
}

/// List the rules of the guard, with the reason and examples of each.
#[utoipa::path(
    get, path = "/v1/guard/rules", tag = "guard",
    responses((status = 200, body = GuardRulesResponse))
)]
pub(super) async fn rules(app: Acting) -> Json<GuardRulesResponse> {
    let guards = app.engine.guards(&app.scope());
    let guard = guards.usual();
    let rules = guard.rules().map(|rule| GuardRule {
        id: rule.id.clone().into_owned(),
        kind: rule.kind.as_str().to_owned(),
        severity: rule.severity.as_str().to_owned(),
        reason: rule.reason.clone().into_owned(),
        examples: rule.examples.iter().map(|&example| example.to_owned()).collect(),
        action: guard.action(rule.kind).as_str().to_owned(),
    });
    Json(GuardRulesResponse { rules: rules.collect() })
}
