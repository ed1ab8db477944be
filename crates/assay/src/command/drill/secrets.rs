//! `assay drill secrets`: planted secrets and personal data, and every place where they could come out.
//! Logins and rotations of a key, counted, while others use it.
//!
//! The server is of the drill's own, its provider is the drill: what that gets is seen, and what it
//! answers holds the key that it was shown. Personal data goes through the settings of the guard that the
//! deployment has; the rest is of the build.

pub(super) mod planted;

use std::{
    process::ExitCode,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use assay_ready::{Blast, drill::Plan};
use serde_json::{Value, json};

use super::{
    carry::{Found, Kept, carry},
    private::{GUARDED, Home, Private, bearer, unreachable},
    provider::Provider,
};
use crate::{
    cli::DrillOwn,
    command::{
        Context,
        ready::{Http, settings},
    },
};
use planted::{PERSONAL, personal};

/// Logins, of which 59 without a failure show that 95 % succeed.
const LOGINS: u64 = 60;
/// Requests while keys are rotated, of which 2,995 without a failure show that 99.9 % succeed.
const REQUESTS: u64 = 3_200;
/// Rotations among them.
const ROTATIONS: u64 = 8;
/// Clients that use the key meanwhile.
const CLIENTS: u64 = 4;
/// Who logs in.
const PERSON: &str = "ann@drill.example";
/// Leaks that are told of.
const SHOWN: usize = 20;

pub(super) async fn run(context: Context, args: DrillOwn) -> anyhow::Result<ExitCode> {
    let plan = Plan {
        name: "secrets",
        steps: vec![
            format!(
                "{LOGINS} logins; {REQUESTS} requests while a key is rotated {ROTATIONS} times"
            ),
            "keys, passwords and a provider's key are used well and badly; the log, metrics, \
             settings, the audit log, exports and every answer are searched for them"
                .to_owned(),
            format!(
                "{PERSONAL} calls to a model with personal data: what reaches the model, the log"
            ),
        ],
        blast: Blast::None,
        seconds: 300.0,
        restore: "the server and its folder are taken away, also when the drill is killed",
    };
    carry(context, args, plan, carry_out).await
}

/// How often something came out, of how many places that were searched for it.
#[derive(Default)]
struct Leaks {
    searched: u64,
    found: Vec<String>,
}

impl Leaks {
    /// Searches a place for what must not be there.
    fn search(&mut self, place: &str, text: &str, secrets: &[(String, String)]) {
        for (what, secret) in secrets {
            self.searched += 1;
            if text.contains(secret.as_str()) {
                self.found.push(format!("{place} holds {what}"));
            }
        }
    }
}

fn carry_out(context: &Context, http: &Http, stop: &AtomicBool) -> anyhow::Result<Found> {
    let provider = Provider::start()?;
    let home = Home::make(&configured(context, &provider)?)?;
    let root = home.root()?;
    let server = Private::start(&home, http, None)?;
    let word = format!("pass-{}", assay_core::DocumentId::new());
    server.must(&root, "POST", "/v1/users", Some(&json!({ "name": PERSON })))?;
    let path = format!("/v1/users/{PERSON}/password");
    server.must(&root, "PUT", &path, Some(&json!({ "password": word })))?;
    let made = json!({ "name": "drill", "owner": PERSON });
    server.must(&root, "POST", "/v1/tenants", Some(&made))?;
    let mut logins = 0;
    let mut login = log_in(&server, PERSON, &word)?;
    for _ in 0..LOGINS {
        if stop.load(Ordering::Relaxed) {
            return Ok(Found::default());
        }
        let begun = log_in(&server, PERSON, &word);
        let works = begun.is_ok_and(|next| {
            login = next;
            login.ask(&server, "GET", "/v1/me", None).is_ok_and(|it| it.status == 200)
        });
        logins += u64::from(works);
    }
    let (key, id) = login.key(&server, "drill", "drill")?;
    let (key, failed) = rotate(&server, key, id, stop)?;
    let mut secrets = vec![
        ("the key of the provider".to_owned(), provider.key.clone()),
        ("the first owner's key".to_owned(), root.clone()),
        ("a key of the tenant".to_owned(), key.clone()),
        ("a password".to_owned(), word),
    ];
    secrets.extend(login.secrets());
    let mut leaks = Leaks::default();
    use_badly(&server, &root, &key, &secrets, &mut leaks);
    let cases = personal();
    for (number, secret) in cases.iter().enumerate() {
        ask_model(&server, &key, number, secret);
    }
    let raw = cases.iter().filter(|it| provider.got(it)).count();
    ask_with(&server, &key, &cases);
    for path in PLACES {
        for (whose, key) in [("the platform", &root), ("the tenant", &key)] {
            let says = server.ask(key, "GET", path, None).map(|it| it.text()).unwrap_or_default();
            leaks.search(&format!("{path} for {whose}"), &says, &secrets);
        }
    }
    drop(server);
    let log = home.log()?;
    leaks.search("the log", &log, &secrets);
    let in_log = cases.iter().filter(|it| log.contains(it.as_str())).count()
        + secrets.iter().filter(|(_, secret)| log.contains(secret.as_str())).count();
    let metrics_and_log = log.lines().count();
    let parsed = log.lines().filter(|line| is_whole(line)).count();
    let rotation = json!({ "failed": { "count": failed, "of": REQUESTS }, "rotations": ROTATIONS });
    let result = json!({
        "rotation": rotation, "sign_in": { "count": logins, "of": LOGINS },
        "leaked": { "count": leaks.found.len(), "of": leaks.searched }, "leaks": leaks.found,
        "canaries_in_log": in_log, "log_lines": { "count": parsed, "of": metrics_and_log },
    });
    let guard = json!({ "raw_canaries": { "count": raw, "of": cases.len() } });
    let mut lines = vec![
        format!(
            "logins: {logins} of {LOGINS}; requests during rotations that failed: {failed} of {REQUESTS}"
        ),
        format!(
            "secrets found: {} of {} looks; in the log {in_log}",
            leaks.found.len(),
            leaks.searched
        ),
        format!("log: {parsed} of {metrics_and_log} lines are JSON with time, level and text"),
        format!("personal data that reached the model as it was: {raw} of {}", cases.len()),
    ];
    lines.extend(leaks.found.iter().take(SHOWN).map(|text| format!("  {text}")));
    let holds = leaks.found.is_empty() && in_log == 0 && failed == 0 && logins == LOGINS;
    let kept = vec![
        Kept { name: "secrets", result, of_settings: false },
        Kept { name: "guard", result: guard, of_settings: true },
    ];
    Ok(Found { kept, lines, holds })
}

/// What is asked for whatever it tells.
const PLACES: [&str; 14] = [
    "/metrics",
    "/metrics/performance",
    "/metrics/router",
    "/metrics/history",
    "/health/ready",
    "/v1/settings",
    "/v1/usage",
    "/v1/models",
    "/v1/audit?limit=1000",
    "/v1/audit/export",
    "/v1/tenant/export",
    "/v1/keys",
    "/v1/users",
    "/v1/guard/events",
];

/// The settings of the drill, with the guard as the deployment has it.
fn configured(context: &Context, provider: &Provider) -> anyhow::Result<String> {
    let mut text = format!(
        "{GUARDED}[log]\nformat = \"json\"\n[gateway]\nretries = 0\nattempts_max = 1\n\
         [gateway.providers.drill]\nbase_url = \"http://{}/v1\"\napi_key = \"{}\"\nmodels = [\"*\"]\n\
         [ledger.unknown_model]\naction = \"charge\"\ninput = \"1\"\noutput = \"1\"\n",
        provider.address, provider.key
    );
    if let Some(guard) = settings(context).get("guard").cloned().map(without_nothing) {
        text.push_str(&toml::to_string(&json!({ "guard": guard }))?);
    }
    Ok(text)
}

/// TOML knows no null.
fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let set = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(set.map(|(name, value)| (name, without_nothing(value))).collect())
        }
        other => other,
    }
}

/// Whether a line of the log is JSON with what every line must have.
fn is_whole(line: &str) -> bool {
    let parsed: Value = serde_json::from_str(line).unwrap_or_default();
    let has = |names: &[&str]| names.iter().any(|name| parsed.get(*name).is_some());
    has(&["timestamp", "time", "ts"]) && has(&["level"]) && has(&["message", "fields"])
}

/// Requests with the newest key while it is made anew again and again; the last key, and how many
/// requests were refused. A client goes over to a new key one rotation late, as clients do.
fn rotate(
    server: &Private<'_>,
    first: String,
    id: String,
    stop: &AtomicBool,
) -> anyhow::Result<(String, u64)> {
    let keys = RwLock::new((first.clone(), first));
    let (made, failed) = (AtomicU64::new(0), AtomicU64::new(0));
    let turned = std::thread::scope(|scope| -> anyhow::Result<()> {
        for client in 0..CLIENTS {
            let (keys, made, failed) = (&keys, &made, &failed);
            scope.spawn(move || {
                while made.fetch_add(1, Ordering::Relaxed) < REQUESTS
                    && !stop.load(Ordering::Relaxed)
                {
                    let both = keys.read().unwrap_or_else(PoisonError::into_inner).clone();
                    let key = if client % 2 == 0 { both.0 } else { both.1 };
                    let answer = server.send("GET", "/v1/me", bearer(&key), Vec::new());
                    failed.fetch_add(
                        u64::from(!answer.is_ok_and(|it| it.status == 200)),
                        Ordering::Relaxed,
                    );
                }
            });
        }
        let mut id = id;
        for number in 1..=ROTATIONS {
            while made.load(Ordering::Relaxed) < number * REQUESTS / (ROTATIONS + 1) {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            let newest = keys.read().unwrap_or_else(PoisonError::into_inner).0.clone();
            let overlap = json!({ "overlap_seconds": 600 });
            let made =
                server.must(&newest, "POST", &format!("/v1/keys/{id}/rotate"), Some(&overlap))?;
            let next = text(&made, "/key");
            id = text(&made, "/about/id");
            let mut keys = keys.write().unwrap_or_else(PoisonError::into_inner);
            *keys = (next, keys.0.clone());
        }
        Ok(())
    });
    turned?;
    let newest = keys.into_inner().unwrap_or_else(PoisonError::into_inner).0;
    Ok((newest, failed.into_inner()))
}

/// Shows secrets where they do not belong, and searches what comes back.
fn use_badly(
    server: &Private<'_>,
    root: &str,
    key: &str,
    secrets: &[(String, String)],
    leaks: &mut Leaks,
) {
    for model in ["drill/refuses", "drill/errs", "drill/cuts"] {
        let question =
            json!({ "model": model, "messages": [{ "role": "user", "content": "hello" }] });
        for path in ["/v1/chat/completions", "/v1/messages"] {
            let mut question = question.clone();
            if let Some(fields) = question.as_object_mut() {
                fields.insert("max_tokens".to_owned(), json!(16));
            }
            let says = server.ask(key, "POST", path, Some(&question));
            // What the provider says of a key is in its answer; the key is in none of the server's.
            leaks.search(&format!("{path} with {model}"), &said(says), secrets);
        }
    }
    for (what, secret) in secrets {
        // A question may come back in its answer, so these are searched for in what is kept of them.
        let wrong = [("authorization".to_owned(), format!("Basic {secret}"))];
        let others: Vec<(String, String)> =
            secrets.iter().filter(|(_, other)| other != secret).cloned().collect();
        let mut look = |how: &str, says: Result<assay_ready::Response, String>| {
            leaks.search(&format!("the answer to {what} {how}"), &said(says), &others);
        };
        look("as a credential", server.send("GET", "/v1/me", wrong.into(), Vec::new()));
        look("in a path", server.ask(root, "GET", &format!("/documents/{secret}"), None));
        let broken = format!("{{\"query\": \"{secret}\"");
        let json = vec![("content-type".to_owned(), "application/json".to_owned())];
        let json = json.into_iter().chain(bearer(key)).collect();
        look("in a body that is none", server.send("POST", "/query", json, broken.into_bytes()));
        let wrong = json!({ "user": PERSON, "password": secret.chars().rev().collect::<String>() });
        look("in a login that is none", server.ask("", "POST", "/v1/login", Some(&wrong)));
    }
}

fn said(answer: Result<assay_ready::Response, String>) -> String {
    answer.map_or_else(
        |why| why,
        |it| {
            let headers = it.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
            headers.chain([it.text()]).collect()
        },
    )
}

/// A call to a model with something personal in it.
fn ask_model(server: &Private<'_>, key: &str, number: usize, secret: &str) {
    let content = format!("Question {number}: please write to the customer about {secret} today.");
    let question =
        json!({ "model": "drill/plain", "messages": [{ "role": "user", "content": content }] });
    let _ = server.ask(key, "POST", "/v1/chat/completions", Some(&question));
}

/// Everything else that takes a text.
fn ask_with(server: &Private<'_>, key: &str, cases: &[String]) {
    for secret in cases.iter().step_by(5) {
        let _ = server.ask(key, "POST", "/query", Some(&json!({ "query": secret })));
        let _ = server.ask(key, "POST", "/search", Some(&json!({ "query": secret })));
        let _ = server.ask(key, "POST", "/search", Some(&json!({ "wrong": secret })));
        let _ = server.hand_in(key, "letter.md", &format!("# Letter\n\nTo {secret}.\n"));
        let _ = server.hand_in(key, "letter.pdf", &format!("%PDF-1.7 {secret}"));
    }
}

/// A login as a browser has one.
pub(super) struct Login {
    cookie: String,
    proof: String,
    /// Seconds for which it holds.
    pub(super) expires_in: f64,
}

/// Logs a person in.
pub(super) fn log_in(server: &Private<'_>, user: &str, word: &str) -> anyhow::Result<Login> {
    let body = json!({ "user": user, "password": word });
    let answer = server.ask("", "POST", "/v1/login", Some(&body)).map_err(unreachable)?;
    if answer.status != 200 {
        return Err(unreachable(format!("a login answers {}: {}", answer.status, answer.text())));
    }
    let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    let cookies = cookies.filter_map(|(_, value)| value.split(';').next());
    let says: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    Ok(Login {
        cookie: cookies.collect::<Vec<_>>().join("; "),
        proof: text(&says, "/csrf_token"),
        expires_in: says.get("expires_in").and_then(Value::as_f64).unwrap_or_default(),
    })
}

impl Login {
    pub(super) fn ask(
        &self,
        server: &Private<'_>,
        method: &str,
        path: &str,
        body: Option<(&Value, &str)>,
    ) -> Result<assay_ready::Response, String> {
        let mut headers = vec![
            ("cookie".to_owned(), self.cookie.clone()),
            ("x-csrf-token".to_owned(), self.proof.clone()),
        ];
        let mut bytes = Vec::new();
        if let Some((body, tenant)) = body {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
            headers.push(("x-tenant-id".to_owned(), tenant.to_owned()));
            bytes = body.to_string().into_bytes();
        }
        server.send(method, path, headers, bytes)
    }

    /// A key for a tenant: its text and its id.
    pub(super) fn key(
        &self,
        server: &Private<'_>,
        name: &str,
        tenant: &str,
    ) -> anyhow::Result<(String, String)> {
        let wanted = json!({ "name": name });
        let answer = self.ask(server, "POST", "/v1/keys", Some((&wanted, tenant)));
        let answer = answer.map_err(unreachable)?;
        let says: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status >= 300 {
            return Err(unreachable(format!("a key is not made: {says}")));
        }
        Ok((text(&says, "/key"), text(&says, "/about/id")))
    }

    /// The cookies' values.
    fn secrets(&self) -> Vec<(String, String)> {
        let values = self.cookie.split("; ").filter_map(|it| it.split_once('='));
        values.map(|(name, value)| (format!("the cookie {name}"), value.to_owned())).collect()
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
