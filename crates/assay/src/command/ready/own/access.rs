//! Who has a key, and how old secrets are: by the lists of the deployment and its settings.

use std::collections::BTreeMap;

use assay_api::{KeyListResponse, KeyResponse, MemberListResponse, MemberResponse};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

/// Days without use after which a key is listed.
const IDLE_DAYS: f64 = 30.0;
/// Roles that may change who may do what.
const MIGHTY: [&str; 2] = ["owner", "admin"];

/// Keys that are good now, each with the member that acts by it.
struct Live<'a>(Vec<(&'a KeyResponse, Option<&'a MemberResponse>)>);

impl<'a> Live<'a> {
    fn of(keys: &'a KeyListResponse, members: &'a MemberListResponse, now: Timestamp) -> Self {
        let by_id: BTreeMap<&str, &MemberResponse> =
            members.members.iter().map(|member| (member.id.as_str(), member)).collect();
        let is_live = |key: &&KeyResponse| {
            let is_over = key.expires_at.as_deref().is_some_and(|at| days_since(at, now) >= 0.0);
            key.revoked_at.is_none() && !is_over
        };
        let live = keys.keys.iter().filter(is_live);
        Self(live.map(|key| (key, by_id.get(key.principal.as_str()).copied())).collect())
    }

    fn named(&self, is: impl Fn(&KeyResponse, Option<&MemberResponse>) -> bool) -> Vec<&str> {
        let found = self.0.iter().filter(|(key, member)| is(key, *member));
        found.map(|(key, _)| key.id.as_str()).collect()
    }

    fn some(self) -> Result<Self, String> {
        match self.0.is_empty() {
            true => Err("the tenant of this key has no key that is good: make one with \
                         `assay keys create --bootstrap NAME`, and show it as ASSAY_API_KEY"
                .to_owned()),
            false => Ok(self),
        }
    }
}

/// Who may do more than a program needs, which keys of people never end, which nobody uses.
pub(super) fn principals(
    keys: &KeyListResponse,
    members: &MemberListResponse,
    now: Timestamp,
) -> Result<Value, String> {
    let live = Live::of(keys, members, now).some()?;
    let is_service = |member: &MemberResponse| member.kind == "service";
    let wildcard: Vec<&str> = members
        .members
        .iter()
        .filter(|member| is_service(member) && MIGHTY.contains(&member.role.as_str()))
        .map(|member| member.name.as_str())
        .collect();
    // A person signs in again; only a program needs a key that never ends.
    let human = live.named(|key, member| {
        key.expires_at.is_none() && member.is_none_or(|member| !is_service(member))
    });
    let idle = live.named(|key, _| {
        days_since(key.used_at.as_deref().unwrap_or(&key.created_at), now) > IDLE_DAYS
    });
    Ok(json!({
        "keys": live.0.len(), "wildcard_roles": wildcard.len(), "services_with_all_rights": wildcard,
        "human_keys_in_automation": human.len(), "keys_of_people_without_end": human,
        "unused_30_days": idle.len(), "unused": idle,
    }))
}

/// How old keys are, and which secrets of the settings are too old or have nobody who sees to them.
pub(super) fn secrets(
    keys: &KeyListResponse,
    members: &MemberListResponse,
    settings: &Value,
    now: Timestamp,
) -> Result<Value, String> {
    let live = Live::of(keys, members, now).some()?;
    let oldest = live.0.iter().map(|(key, _)| days_since(&key.created_at, now)).fold(0.0, f64::max);
    let mut left = live.named(|_, member| member.is_none());
    let known = settings.pointer("/deployment/secrets");
    let mut paths = Vec::new();
    set("", settings, &mut paths);
    let mut overdue = live.named(|key, _| key.expires_at.is_none());
    for path in &paths {
        let entry = known.and_then(|it| it.get(path));
        let text = |name: &str| entry.and_then(|it| it.get(name)?.as_str()).unwrap_or_default();
        if text("owner").trim().is_empty() {
            left.push(path);
        }
        let most = entry.and_then(|it| it.get("days")?.as_f64()).filter(|days| *days > 0.0);
        let age = text("since").parse::<Date>().ok().and_then(|day| age(day, now));
        if age.zip(most).is_none_or(|(age, most)| age > most) {
            overdue.push(path);
        }
    }
    Ok(json!({
        "keys": live.0.len(), "settings": paths.len(), "oldest_key_days": (oldest * 10.0).round() / 10.0,
        "overdue": overdue.len(), "too_old": overdue, "without_owner": left.len(), "ownerless": left,
    }))
}

/// Days since a day began; nothing for one that has not come.
fn age(day: Date, now: Timestamp) -> Option<f64> {
    let start = day.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let days = (now.as_second() - start.as_second()) as f64 / 86_400.0;
    (days >= 0.0).then_some(days)
}

/// Paths of the settings that hold a secret.
fn set(path: &str, value: &Value, found: &mut Vec<String>) {
    let inside = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(inner) => inner.iter().for_each(|(key, it)| set(&inside(key), it, found)),
        Value::Array(entries) => {
            entries
                .iter()
                .enumerate()
                .for_each(|(at, it)| set(&inside(&at.to_string()), it, found));
        }
        // The key of a certificate is the path of a file, and has the age of its certificate.
        Value::String(text) if text == "set" && !path.starts_with("server.tls") => {
            found.push(path.to_owned());
        }
        _ => {}
    }
}

/// Days since a moment; what is no moment was never.
fn days_since(at: &str, now: Timestamp) -> f64 {
    at.parse::<Timestamp>()
        .map_or(f64::MAX, |at| (now.as_second() - at.as_second()) as f64 / 86_400.0)
}

#[cfg(test)]
mod tests {
    //! Keys by their owners, ages and ends.

    use super::*;

    fn now() -> Timestamp {
        "2026-03-01T00:00:00Z".parse().unwrap()
    }

    fn keys(entries: Value) -> KeyListResponse {
        serde_json::from_value(json!({ "keys": entries })).unwrap()
    }

    fn members() -> MemberListResponse {
        serde_json::from_value(json!({ "members": [
            { "id": "u", "kind": "user", "name": "ada", "role": "owner", "since": "" },
            { "id": "s", "kind": "service", "name": "sync", "role": "service", "since": "" },
        ]}))
        .unwrap()
    }

    fn key(id: &str, principal: &str, created: &str, expires: Option<&str>) -> Value {
        json!({ "id": id, "name": "k", "principal": principal, "created_at": created,
            "expires_at": expires })
    }

    const SOON: Option<&str> = Some("2026-04-01T00:00:00Z");

    #[test]
    fn keys_are_told_by_whose_they_are_and_whether_they_are_used() {
        let found = |entries: Value| principals(&keys(entries), &members(), now());
        let sound = found(json!([key("a", "u", "2026-02-20T00:00:00Z", SOON)])).unwrap();
        assert_eq!(
            (&sound["human_keys_in_automation"], &sound["unused_30_days"]),
            (&json!(0), &json!(0))
        );
        let bad = found(json!([
            key("a", "u", "2026-02-20T00:00:00Z", None),
            key("b", "s", "2026-01-01T00:00:00Z", None),
            key("over", "u", "2025-01-01T00:00:00Z", Some("2026-02-01T00:00:00Z")),
        ]))
        .unwrap();
        assert_eq!(bad["keys_of_people_without_end"], json!(["a"]));
        assert_eq!(bad["unused"], json!(["b"]));
        assert_eq!(bad["keys"], 2);
        assert!(found(json!([])).is_err(), "no key is no order");
        let mut mighty = members();
        mighty.members[1].role = "admin".to_owned();
        let bad =
            principals(&keys(json!([key("a", "u", "2026-02-20T00:00:00Z", SOON)])), &mighty, now());
        assert_eq!(bad.unwrap()["services_with_all_rights"], json!(["sync"]));
    }

    #[test]
    fn secrets_have_an_age_and_an_owner() {
        let keys = keys(json!([key("a", "u", "2026-02-19T00:00:00Z", SOON)]));
        let found = |settings: Value| secrets(&keys, &members(), &settings, now()).unwrap();
        let settings = |since: &str| {
            json!({
                "gateway": { "providers": { "groq": { "api_key": "set" } } },
                "deployment": { "secrets": { "gateway.providers.groq.api_key":
                    { "owner": "ada", "since": since, "days": 31 } } },
            })
        };
        let sound = found(settings("2026-02-01"));
        assert_eq!((&sound["overdue"], &sound["without_owner"]), (&json!(0), &json!(0)));
        assert_eq!(sound["oldest_key_days"], 10.0);
        for since in ["2026-01-01", "2026-04-01", "lately"] {
            assert_eq!(
                found(settings(since))["too_old"],
                json!(["gateway.providers.groq.api_key"])
            );
        }
        let unknown =
            found(json!({ "backup": { "key": "set" }, "server": { "tls": { "key": "set" } } }));
        assert_eq!((&unknown["overdue"], &unknown["without_owner"]), (&json!(1), &json!(1)));
        let stranger = KeyListResponse {
            keys: vec![KeyResponse { principal: "x".to_owned(), ..keys.keys[0].clone() }],
        };
        let left = secrets(&stranger, &members(), &json!({}), now()).unwrap();
        assert_eq!(left["ownerless"], json!(["a"]));
    }
}
