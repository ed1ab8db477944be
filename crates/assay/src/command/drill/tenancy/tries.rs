//! Which routes are tried, and with what.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    super::private::{Private, unreachable},
    Tenant,
};

/// A route.
pub(super) struct Try {
    pub(super) method: String,
    pub(super) path: String,
    /// Whether anybody may use it, without a key.
    pub(super) is_public: bool,
}

/// Every method of every path that the API describes.
pub(super) fn tries(server: &Private<'_>, key: &str) -> anyhow::Result<Vec<Try>> {
    let document = server.must(key, "GET", "/openapi.json", None)?;
    let paths = document.get("paths").and_then(Value::as_object);
    let paths = paths.ok_or_else(|| unreachable("/openapi.json names no paths"))?;
    let mut all = Vec::new();
    for (path, methods) in paths {
        for method in methods.as_object().into_iter().flatten().map(|(name, _)| name.to_uppercase())
        {
            // Nobody may ask it and is let in, or is told what is wrong with the question and not that a
            // key is missing.
            let asked = server.ask("", &method, &plain(path), body(&method, path).as_ref());
            let is_public = asked.is_ok_and(|it| it.status != 401 && it.status != 403)
                || path.starts_with("/v1/login");
            all.push(Try { method, path: path.clone(), is_public });
        }
    }
    Ok(all)
}

/// The path with something in the place of each name.
fn plain(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// The path with what is the first tenant's; whether it names something that is that tenant's alone.
pub(super) fn filled(
    path: &str,
    things: &BTreeMap<&'static str, String>,
    first: &Tenant,
) -> (String, bool) {
    if !path.contains('{') {
        return (path.to_owned(), false);
    }
    let what = PLACES.iter().find(|(begin, _)| path.starts_with(begin)).map(|(_, what)| *what);
    let id = match what {
        Some("tenant") => Some(first.id.clone()),
        Some("user") => Some(first.owner.clone()),
        Some(what) => things.get(what).cloned(),
        None => None,
    };
    let is_named = id.is_some();
    let id = id.unwrap_or_else(|| "x".to_owned());
    let parts = path.split('/').map(|part| if part.starts_with('{') { id.as_str() } else { part });
    (parts.collect::<Vec<_>>().join("/"), is_named)
}

/// What stands in the place of a name, by how its path begins.
const PLACES: [(&str, &str); 17] = [
    ("/documents/{", "document"),
    ("/v1/documents/{", "document"),
    ("/v1/collections/{", "collection"),
    ("/v1/sessions/{", "session"),
    ("/v1/shared/{", "session"),
    ("/v1/jobs/{", "job"),
    ("/v1/tasks/{", "task"),
    ("/v1/schedules/{", "schedule"),
    ("/v1/budgets/{", "budget"),
    ("/v1/keys/{", "key"),
    ("/v1/members/{", "member"),
    ("/v1/invitations/{", "invitation"),
    ("/v1/groups/{", "group"),
    ("/v1/tenants/{", "tenant"),
    ("/v1/users/{", "user"),
    ("/v1/sources/{", "document"),
    ("/v1/webhooks/{", "task"),
];

/// A body that a route takes: a question that is refused for its form is not refused for its sender.
pub(super) fn body(method: &str, path: &str) -> Option<Value> {
    if method == "GET" || method == "DELETE" {
        return None;
    }
    Some(match path {
        "/v1/documents/{id}" => json!({ "title": "taken" }),
        "/v1/collections/{name}" => json!({ "description": "taken" }),
        "/v1/documents/{id}/access" | "/v1/collections/{name}/access" => {
            json!({ "open_to": "everybody" })
        }
        "/v1/groups/{id}" => json!({ "name": "taken" }),
        "/v1/budgets/{id}" => json!({ "name": "taken", "limit_calls": 1 }),
        "/v1/budgets/{id}/override" => json!({ "minutes": 5, "reason": "taken" }),
        "/v1/sessions/{id}/opinion" => json!({ "answer": "x", "verdict": "wrong" }),
        "/v1/tenants/{id}" => json!({ "state": "suspended" }),
        "/v1/tenants/{id}/members" | "/v1/members" => {
            json!({ "user": "bob@second.example", "role": "owner" })
        }
        "/v1/users/{name}" => json!({ "disabled": true }),
        "/v1/users/{name}/password" => json!({ "password": "another password than before" }),
        "/v1/keys/{id}/rotate" => json!({ "overlap_seconds": 0 }),
        _ => json!({}),
    })
}
