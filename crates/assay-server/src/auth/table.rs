//! What each route needs of its caller, and what of it the audit log tells: the one table. A test
//! compares it with the OpenAPI document; a route that is not here is refused.

use assay_identity::Permission::{self, *};
use axum::http::Method;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody: it shows nobody's data.
    Public,
    /// Callers with this permission.
    Needs(Permission),
}

/// What holds for a route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) access: Access,
    /// Under which name the audit log tells of it, for what changes something and does not write
    /// its entry together with the change.
    pub(crate) action: Option<&'static str>,
}

type Line = (&'static str, &'static str, Access, Option<&'static str>);

const fn needs(permission: Permission) -> Access {
    Access::Needs(permission)
}

/// Method, path, access, action.
pub(crate) const TABLE: &[Line] = &[
    ("GET", "/", Access::Public, None),
    ("GET", "/app/{*path}", Access::Public, None),
    ("GET", "/docs", Access::Public, None),
    ("GET", "/docs/page.js", Access::Public, None),
    ("GET", "/docs/page.css", Access::Public, None),
    ("GET", "/openapi.json", Access::Public, None),
    ("GET", "/health", Access::Public, None),
    ("GET", "/health/live", Access::Public, None),
    ("GET", "/health/ready", Access::Public, None),
    ("GET", "/health/warmup", Access::Public, None),
    ("GET", "/metrics", needs(PlatformRead), None),
    ("GET", "/metrics/lanes", needs(PlatformRead), None),
    ("GET", "/metrics/performance", needs(PlatformRead), None),
    ("GET", "/metrics/history", needs(PlatformRead), None),
    ("GET", "/metrics/router", needs(PlatformRead), None),
    ("GET", "/metrics/vector", needs(PlatformRead), None),
    ("POST", "/query", needs(ContentRead), None),
    ("GET", "/search", needs(ContentRead), None),
    ("POST", "/search", needs(ContentRead), None),
    ("POST", "/citations/process", needs(ContentRead), None),
    ("GET", "/v1/web/texts/{version_id}", needs(ContentRead), None),
    ("POST", "/documents/upload", needs(ContentWrite), Some("document.add")),
    ("GET", "/v1/documents", needs(ContentRead), None),
    ("GET", "/documents/{id}", needs(ContentRead), None),
    ("DELETE", "/documents/{id}", needs(ContentDelete), Some("document.delete")),
    ("PATCH", "/v1/documents/{id}", needs(ContentWrite), Some("document.change")),
    ("GET", "/v1/documents/{id}/access", needs(AccessManage), None),
    ("PUT", "/v1/documents/{id}/access", needs(AccessManage), Some("document.access")),
    ("GET", "/v1/documents/{id}/near", needs(ContentRead), None),
    ("GET", "/v1/documents/{id}/text", needs(ContentRead), None),
    ("GET", "/v1/documents/{id}/original", needs(ContentRead), None),
    ("GET", "/v1/duplicates", needs(ContentRead), None),
    ("GET", "/v1/collections", needs(ContentRead), None),
    ("POST", "/v1/collections", needs(ContentWrite), Some("collection.create")),
    ("GET", "/v1/collections/{name}", needs(ContentRead), None),
    ("PATCH", "/v1/collections/{name}", needs(ContentWrite), Some("collection.change")),
    ("DELETE", "/v1/collections/{name}", needs(ContentDelete), Some("collection.delete")),
    ("GET", "/v1/collections/{name}/access", needs(AccessManage), None),
    ("PUT", "/v1/collections/{name}/access", needs(AccessManage), Some("collection.access")),
    ("POST", "/v1/collections/{name}/reingest", needs(ContentWrite), Some("collection.reingest")),
    ("POST", "/v1/collections/{name}/tune", needs(ContentWrite), Some("collection.tune")),
    ("POST", "/v1/feedback", needs(ContentRead), None),
    ("POST", "/v1/guard/scan", needs(ContentRead), None),
    ("GET", "/v1/guard/events", needs(AuditRead), None),
    ("GET", "/v1/guard/rules", needs(ContentRead), None),
    ("GET", "/v1/slo", needs(PlatformRead), None),
    ("GET", "/v1/sources", needs(ContentRead), None),
    ("POST", "/v1/sources", needs(SourceManage), Some("source.create")),
    ("GET", "/v1/sources/{id}", needs(ContentRead), None),
    ("DELETE", "/v1/sources/{id}", needs(SourceManage), Some("source.delete")),
    ("POST", "/v1/sources/{id}/run", needs(SourceManage), Some("source.run")),
    ("GET", "/v1/sessions", needs(ContentRead), None),
    ("POST", "/v1/sessions", needs(ContentRead), None),
    ("GET", "/v1/sessions/{id}", needs(ContentRead), None),
    ("DELETE", "/v1/sessions/{id}", needs(ContentRead), None),
    ("POST", "/v1/sessions/{id}/activate", needs(ContentRead), None),
    ("POST", "/v1/sessions/{id}/deactivate", needs(ContentRead), None),
    ("PUT", "/v1/sessions/{id}/opinion", needs(ContentRead), None),
    ("GET", "/v1/opinions", needs(OpinionRead), None),
    ("PUT", "/v1/sessions/{id}/share", needs(ContentShare), Some("session.share")),
    ("DELETE", "/v1/sessions/{id}/share", needs(ContentShare), Some("session.unshare")),
    ("GET", "/v1/shared/{id}", needs(ContentRead), None),
    ("GET", "/v1/jobs", needs(ContentRead), None),
    ("GET", "/v1/jobs/{id}", needs(ContentRead), None),
    ("POST", "/v1/jobs/{id}/cancel", needs(ContentWrite), Some("job.cancel")),
    ("POST", "/v1/jobs/{id}/retry", needs(ContentWrite), Some("job.retry")),
    ("GET", "/v1/tasks", needs(ContentRead), None),
    ("POST", "/v1/tasks", needs(SourceManage), Some("task.create")),
    ("POST", "/v1/tasks/replay", needs(ContentWrite), Some("task.replay")),
    ("POST", "/v1/tasks/drain", needs(PlatformManage), Some("task.drain")),
    ("POST", "/v1/tasks/resume", needs(PlatformManage), Some("task.resume")),
    ("GET", "/v1/tasks/{id}", needs(ContentRead), None),
    ("GET", "/v1/tasks/{id}/events", needs(ContentRead), None),
    ("POST", "/v1/tasks/{id}/cancel", needs(ContentWrite), Some("task.cancel")),
    ("POST", "/v1/tasks/{id}/retry", needs(ContentWrite), Some("task.retry")),
    ("GET", "/v1/schedules", needs(ContentRead), None),
    ("POST", "/v1/schedules", needs(SourceManage), Some("schedule.create")),
    ("GET", "/v1/schedules/{id}", needs(ContentRead), None),
    ("DELETE", "/v1/schedules/{id}", needs(SourceManage), Some("schedule.delete")),
    ("POST", "/v1/schedules/{id}/pause", needs(SourceManage), Some("schedule.pause")),
    ("POST", "/v1/schedules/{id}/resume", needs(SourceManage), Some("schedule.resume")),
    ("GET", "/v1/webhooks", needs(SourceManage), None),
    ("POST", "/v1/webhooks", needs(SourceManage), Some("webhook.create")),
    ("DELETE", "/v1/webhooks/{id}", needs(SourceManage), Some("webhook.delete")),
    ("GET", "/v1/models", needs(ModelCall), None),
    ("POST", "/v1/chat/completions", needs(ModelCall), None),
    ("POST", "/v1/responses", needs(ModelCall), None),
    ("POST", "/v1/messages", needs(ModelCall), None),
    ("POST", "/v1/messages/count_tokens", needs(ModelCall), None),
    ("POST", "/v1/embeddings", needs(ModelCall), None),
    ("POST", "/v1/gateway/explain", needs(ModelCall), None),
    ("GET", "/v1/usage", needs(UsageRead), None),
    ("GET", "/v1/usage/recount", needs(PlatformRead), None),
    ("GET", "/v1/budgets", needs(UsageRead), None),
    ("POST", "/v1/budgets", needs(BudgetManage), Some("budget.create")),
    ("GET", "/v1/budgets/alerts", needs(UsageRead), None),
    ("GET", "/v1/budgets/{id}", needs(UsageRead), None),
    ("PUT", "/v1/budgets/{id}", needs(BudgetManage), Some("budget.change")),
    ("DELETE", "/v1/budgets/{id}", needs(BudgetManage), Some("budget.delete")),
    ("POST", "/v1/budgets/{id}/override", needs(BudgetManage), Some("budget.override")),
    // These check who asks by themselves: there is no caller before a login.
    ("GET", "/v1/login", Access::Public, None),
    ("POST", "/v1/login", Access::Public, None),
    ("GET", "/v1/login/oidc/{provider}", Access::Public, None),
    ("GET", "/v1/login/oidc/{provider}/callback", Access::Public, None),
    ("GET", "/v1/login/oidc/{provider}/logout", Access::Public, None),
    ("POST", "/v1/login/refresh", Access::Public, None),
    ("POST", "/v1/login/invitation", Access::Public, None),
    ("DELETE", "/v1/login", needs(TenantRead), None),
    ("GET", "/v1/me", needs(TenantRead), None),
    ("GET", "/v1/keys", needs(KeyOwn), None),
    ("POST", "/v1/keys", needs(KeyOwn), None),
    ("DELETE", "/v1/keys/{id}", needs(KeyOwn), None),
    ("POST", "/v1/keys/{id}/rotate", needs(KeyOwn), None),
    ("POST", "/v1/services", needs(KeyManage), None),
    ("GET", "/v1/members", needs(MemberRead), None),
    ("PUT", "/v1/members", needs(MemberManage), None),
    ("DELETE", "/v1/members/{id}", needs(MemberManage), None),
    ("GET", "/v1/invitations", needs(MemberManage), None),
    ("POST", "/v1/invitations", needs(MemberManage), None),
    ("DELETE", "/v1/invitations/{id}", needs(MemberManage), None),
    ("GET", "/v1/groups", needs(MemberRead), None),
    ("POST", "/v1/groups", needs(AccessManage), None),
    ("GET", "/v1/groups/{id}", needs(MemberRead), None),
    ("PATCH", "/v1/groups/{id}", needs(AccessManage), None),
    ("DELETE", "/v1/groups/{id}", needs(AccessManage), None),
    ("GET", "/v1/users", needs(PlatformManage), None),
    ("POST", "/v1/users", needs(PlatformManage), None),
    ("PATCH", "/v1/users/{name}", needs(PlatformManage), None),
    ("PUT", "/v1/users/{name}/password", needs(PlatformManage), None),
    ("GET", "/v1/tenant", needs(TenantRead), None),
    ("GET", "/v1/tenant/export", needs(TenantExport), None),
    ("GET", "/v1/tenants", needs(PlatformRead), None),
    ("POST", "/v1/tenants", needs(PlatformManage), None),
    ("GET", "/v1/tenants/{id}", needs(PlatformRead), None),
    ("PATCH", "/v1/tenants/{id}", needs(PlatformManage), None),
    ("DELETE", "/v1/tenants/{id}", needs(PlatformManage), None),
    ("GET", "/v1/tenants/{id}/members", needs(PlatformManage), None),
    ("PUT", "/v1/tenants/{id}/members", needs(PlatformManage), None),
    ("GET", "/v1/settings", needs(SettingsRead), None),
    ("GET", "/v1/alerts", needs(PlatformRead), None),
    ("GET", "/v1/alerts/rules", needs(PlatformRead), None),
    ("GET", "/v1/backups", needs(PlatformRead), None),
    ("POST", "/v1/backups", needs(PlatformManage), Some("backup.take")),
    ("GET", "/v1/readiness/runs", needs(SettingsRead), None),
    ("GET", "/v1/readiness/runs/{id}", needs(SettingsRead), None),
    ("GET", "/v1/readiness/runs/{id}/diff", needs(SettingsRead), None),
    ("GET", "/v1/audit", needs(AuditRead), None),
    ("GET", "/v1/audit/export", needs(AuditRead), None),
];

/// What holds for a method on a path as the router has it. `HEAD` is served by the handler of `GET`.
pub(crate) fn rule(method: &Method, path: &str) -> Option<Rule> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let found = TABLE.iter().find(|(its, route, ..)| *route == path && *its == method.as_str());
    found.map(|(.., access, action)| Rule { access: *access, action: *action })
}
