//! `assay drill tenancy`: two tenants on a server of the drill's own, and every route of the API tried
//! from one to the other. Nothing of the first may come out, and nothing of it may change.
//!
//! A try crosses the border when it is let in though it names what is not the caller's, or when its
//! answer holds a mark or an id of the other tenant that was not in the question. What changed is looked
//! for afterwards, by the owner.

mod tries;

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use assay_ready::{Blast, drill::Plan};
use serde_json::{Value, json};

use super::{
    carry::{Found, Kept, carry},
    private::{GUARDED, Home, Private, bearer, unreachable},
    secrets::log_in,
};
use crate::{
    cli::DrillOwn,
    command::{Context, ready::Http},
};
use tries::{Try, body, filled, tries};

/// The name of the first tenant and what every thing of it bears, but no question of the second one.
const MARK: &str = "zinnober-4711";
/// A word of the first tenant's document that the second one asks for.
const WORD: &str = "quarterly";
/// Password of the owners.
const PASSWORD: &str = "correct horse battery staple";
/// Longest until a document can be found.
const FOUND: Duration = Duration::from_secs(60);
/// Tries that are told of, of those that crossed.
const SHOWN: usize = 20;

/// A tenant with the key of its owner.
struct Tenant {
    name: &'static str,
    id: String,
    owner: String,
    key: String,
}

pub(super) async fn run(context: Context, args: DrillOwn) -> anyhow::Result<ExitCode> {
    let plan = Plan {
        name: "tenancy",
        steps: vec![
            "a server that asks for keys; two tenants and their owners, by the public API"
                .to_owned(),
            "the first makes one of everything that can be made".to_owned(),
            "the second tries every route with what is the first one's, in its path, in headers, \
             in a cookie, in questions"
                .to_owned(),
            "the first looks whether anything changed; then it is erased, and every file of the \
             server is searched for what it had"
                .to_owned(),
        ],
        blast: Blast::None,
        seconds: 300.0,
        restore: "the server and its folder are taken away, also when the drill is killed",
    };
    carry(context, args, plan, |_, http, stop| carry_out(http, stop)).await
}

/// What came of the tries.
#[derive(Default)]
struct Seen {
    tries: u64,
    crossed: Vec<String>,
    /// Paths whose owner was let in with the same question: what shows that there was something to see.
    reached: u64,
    paths: u64,
}

fn carry_out(http: &Http, stop: &AtomicBool) -> anyhow::Result<Found> {
    let home = Home::make(GUARDED)?;
    let root = home.root()?;
    let server = Private::start(&home, http, None)?;
    let first = tenant(&server, &root, MARK, "ann@first.example")?;
    let second = tenant(&server, &root, "second", "bob@second.example")?;
    let things = make(&server, &first)?;
    let marks = marks(&first, &things);
    let before = state(&server, &first, &things);
    let mut routes = tries(&server, &second.key)?;
    // What names nothing comes first: later the second one's own audit log tells what it has asked for.
    routes.sort_by_key(|one| one.path.contains('{'));
    let mut seen = Seen::default();
    for one in &routes {
        if stop.load(Ordering::Relaxed) {
            return Ok(Found::default());
        }
        cross(&server, &first, &second, &things, &marks, one, &mut seen);
    }
    ask_for_words(&server, &second, &marks, &mut seen);
    let after = state(&server, &first, &things);
    let changed: Vec<&String> =
        before.iter().filter(|(path, was)| after.get(*path) != Some(was)).map(|it| it.0).collect();
    let crossed = (seen.crossed.len() + changed.len()) as u64;
    server.must(&root, "DELETE", &format!("/v1/tenants/{MARK}"), None)?;
    // The files are looked at as a running server has them, with their logs, and as a stopped one
    // leaves them.
    let mut left = home.holding(MARK)?;
    server.signal("TERM");
    server.is_gone_within(FOUND);
    drop(server);
    left.extend(home.holding(MARK)?);
    left.sort();
    left.dedup();
    let mut lines = vec![format!(
        "{crossed} of {} tries over {} routes crossed; {} of {} paths that name something were open to \
         its owner; {} of {} things of the first tenant changed",
        seen.tries,
        routes.len(),
        seen.reached,
        seen.paths,
        changed.len(),
        before.len()
    )];
    lines.extend(seen.crossed.iter().take(SHOWN).map(|text| format!("  crossed: {text}")));
    lines.extend(changed.iter().map(|path| format!("  changed: {path}")));
    lines.push(format!("after the end of the first tenant {} files held its mark", left.len()));
    lines.extend(left.iter().map(|path| format!("  left: {}", path.display())));
    let result = json!({
        "crossed": { "count": crossed, "of": seen.tries + before.len() as u64 },
        "routes": routes.len(), "reads_and_writes": seen.tries,
        "reached_by_owner": { "count": seen.reached, "of": seen.paths },
        "changed": changed, "what_crossed": seen.crossed,
    });
    // A drill that found nothing to see has shown nothing. What an end leaves behind is another question,
    // with a check of its own.
    let holds = crossed == 0 && seen.reached > 0 && !before.is_empty();
    let erased = json!({ "canaries_left": left.len(), "files": left });
    let kept = vec![
        Kept { name: "tenancy", result, of_settings: false },
        Kept { name: "erase", result: erased, of_settings: false },
    ];
    Ok(Found { kept, lines, holds })
}

/// Makes a tenant, its owner, and a key of the owner, as people do.
fn tenant(
    server: &Private<'_>,
    root: &str,
    name: &'static str,
    owner: &str,
) -> anyhow::Result<Tenant> {
    server.must(root, "POST", "/v1/users", Some(&json!({ "name": owner })))?;
    let path = format!("/v1/users/{owner}/password");
    server.must(root, "PUT", &path, Some(&json!({ "password": PASSWORD })))?;
    let made = json!({ "name": name, "owner": owner });
    let made = server.must(root, "POST", "/v1/tenants", Some(&made))?;
    let key = log_in(server, owner, PASSWORD)?.key(server, "drill", name)?.0;
    Ok(Tenant { name, id: text(&made, "id"), owner: owner.to_owned(), key })
}

/// Makes one of everything: ids by the place that they have in paths.
fn make(server: &Private<'_>, tenant: &Tenant) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let key = &tenant.key;
    let mut things = BTreeMap::new();
    let content = format!("# Minutes\n\nThe {WORD} figure is {MARK}.\n");
    let uploaded = server.hand_in(key, "minutes.md", &content).map_err(unreachable)?;
    let uploaded: Value = serde_json::from_slice(&uploaded.body).unwrap_or_default();
    things.insert("document", text(&uploaded, "document_id"));
    things.insert("job", text(&uploaded, "job_id"));
    let mut post = |what: &'static str, path: &str, body: Value, id: &str| -> anyhow::Result<()> {
        let made = server.must(key, "POST", path, Some(&body))?;
        things.insert(what, made.pointer(id).map(shown).unwrap_or_default());
        Ok(())
    };
    let named = |more: Value| {
        let mut body = json!({ "name": MARK });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        body
    };
    post("collection", "/v1/collections", named(json!({})), "/name")?;
    post("session", "/v1/sessions", json!({ "title": MARK }), "/id")?;
    post("group", "/v1/groups", named(json!({})), "/id")?;
    post("key", "/v1/keys", named(json!({})), "/about/id")?;
    post("service", "/v1/services", named(json!({})), "/id")?;
    post("budget", "/v1/budgets", named(json!({ "limit_calls": 4711 })), "/id")?;
    let schedule = named(json!({ "cron": "@yearly", "kind": "tidy" }));
    post("schedule", "/v1/schedules", schedule, "/id")?;
    let later = json!({ "kind": "tidy", "run_at": "2099-01-01T00:00:00Z" });
    post("task", "/v1/tasks", later, "/id")?;
    let invited = json!({ "name": format!("{MARK}@first.example"), "role": "guest" });
    post("invitation", "/v1/invitations", invited, "/about/id")?;
    let question = json!({ "query": WORD, "session_id": things.get("session") });
    server.must(key, "POST", "/query", Some(&question))?;
    let members = server.must(key, "GET", "/v1/members", None)?;
    let mut members = members.pointer("/members").and_then(Value::as_array).into_iter().flatten();
    let owner = members.find(|it| text(it, "name") == tenant.owner);
    things.insert("member", owner.map(|it| text(it, "id")).unwrap_or_default());
    let begun = Instant::now();
    let search = json!({ "query": WORD });
    // Without something that can be found, a search that finds nothing shows nothing.
    while !server
        .ask(key, "POST", "/search", Some(&search))
        .is_ok_and(|it| it.text().contains(MARK))
    {
        if begun.elapsed() > FOUND {
            return Err(unreachable("the first tenant does not find its document"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(things)
}

/// What may not be in an answer to the second tenant.
fn marks(tenant: &Tenant, things: &BTreeMap<&'static str, String>) -> Vec<String> {
    let own = [MARK.to_owned(), tenant.id.clone(), tenant.owner.clone()];
    let ids = things.values().cloned();
    own.into_iter().chain(ids).filter(|it| it.len() >= 8).collect()
}

/// What the first tenant has, by the path that shows it, without what changes by itself.
fn state(
    server: &Private<'_>,
    tenant: &Tenant,
    things: &BTreeMap<&'static str, String>,
) -> BTreeMap<String, Value> {
    let of = |what: &str| things.get(what).cloned().unwrap_or_default();
    let mut paths: Vec<String> = [
        "/v1/documents",
        "/v1/collections",
        "/v1/sessions",
        "/v1/groups",
        "/v1/keys",
        "/v1/members",
        "/v1/budgets",
        "/v1/schedules",
        "/v1/invitations",
        "/v1/tenant",
        "/v1/webhooks",
        "/v1/sources",
        "/v1/opinions",
    ]
    .map(str::to_owned)
    .into();
    paths.push(format!("/documents/{}", of("document")));
    paths.push(format!("/v1/documents/{}/access", of("document")));
    paths.push(format!("/v1/documents/{}/original", of("document")));
    paths.push(format!("/v1/collections/{}/access", of("collection")));
    paths.push(format!("/v1/sessions/{}", of("session")));
    paths.push(format!("/v1/tasks/{}", of("task")));
    paths.push(format!("/v1/jobs/{}", of("job")));
    let look = |path: String| {
        let answer = server.ask(&tenant.key, "GET", &path, None).ok()?;
        let mut says =
            serde_json::from_slice(&answer.body).unwrap_or_else(|_| Value::String(answer.text()));
        still(&mut says);
        Some((path, json!([answer.status, says])))
    };
    paths.into_iter().filter_map(look).collect()
}

/// Takes out what changes without anybody's doing.
fn still(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !matches!(name.as_str(), "used_at" | "took_ms" | "request_id"));
            fields.values_mut().for_each(still);
        }
        Value::Array(entries) => entries.iter_mut().for_each(still),
        _ => {}
    }
}

/// Tries one route in every way.
fn cross(
    server: &Private<'_>,
    first: &Tenant,
    second: &Tenant,
    things: &BTreeMap<&'static str, String>,
    marks: &[String],
    one: &Try,
    seen: &mut Seen,
) {
    let (path, is_named) = filled(&one.path, things, first);
    let sent = body(&one.method, &one.path);
    let send = |headers: Vec<(String, String)>| {
        let mut headers = headers;
        let bytes = sent.as_ref().map(Value::to_string).unwrap_or_default().into_bytes();
        if sent.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        server.send(&one.method, &path, headers, bytes)
    };
    let mut judge = |how: &str, headers: Vec<(String, String)>, must_refuse: bool| {
        seen.tries += 1;
        let named = headers.last().map(|(_, value)| value.clone()).unwrap_or_default();
        // One that is not answered at all tells nothing.
        let Ok(answer) = send(headers) else { return };
        let body = answer.text();
        // What stands in the question may stand in its refusal.
        let is_asked =
            |mark: &String| path.contains(mark.as_str()) || named.contains(mark.as_str());
        let shown = marks.iter().find(|mark| !is_asked(mark) && body.contains(mark.as_str()));
        if (must_refuse && answer.status < 400) || shown.is_some() {
            let what = shown.map_or_else(String::new, |mark| format!(", with `{mark}` in it"));
            seen.crossed
                .push(format!("{how}: {} {path} answers {}{what}", one.method, answer.status));
        }
    };
    judge("its own key", bearer(&second.key), is_named);
    let with = |name: &str, value: &str| {
        let mut headers = bearer(&second.key);
        headers.push((name.to_owned(), value.to_owned()));
        headers
    };
    // Whoever may use a route without any key may name any tenant with it.
    let is_closed = !one.is_public;
    judge("the other's name in a header", with("x-tenant-id", first.name), is_closed);
    judge("the other's id in a header", with("x-tenant-id", &first.id), is_closed);
    let cookie = format!("assay_tenant={}", first.name);
    judge("the other's name in a cookie", with("cookie", &cookie), is_closed);
    judge("nobody", vec![("x-tenant-id".to_owned(), first.id.clone())], is_closed);
    if is_named && one.method == "GET" && !path.ends_with("/events") {
        seen.paths += 1;
        let own = server.send("GET", &path, bearer(&first.key), Vec::new());
        seen.reached += u64::from(own.is_ok_and(|it| it.status < 300));
    }
}

/// Asks as the second tenant for what is in the first one's document.
fn ask_for_words(server: &Private<'_>, second: &Tenant, marks: &[String], seen: &mut Seen) {
    for (path, name) in [("/search", "query"), ("/query", "query")] {
        for text in [WORD, "Minutes", "What is the quarterly figure?", "minutes.md"] {
            seen.tries += 1;
            let answer = server.ask(&second.key, "POST", path, Some(&json!({ name: text })));
            let says = answer.map(|it| it.text()).unwrap_or_default();
            if let Some(mark) = marks.iter().find(|mark| says.contains(*mark)) {
                seen.crossed.push(format!("{path} for `{text}` tells `{mark}`"));
            }
        }
    }
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).map(shown).unwrap_or_default()
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
