//! Rows that go to a Postgres server and come back, and a server that goes away, as an operator meets
//! them.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use assay_sqlite::testing::{Postgres, USER, binaries};
use assay_testkit::{
    install_crypto,
    process::{Run, Server},
    upstream::{Script, Upstream},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Desk, binary};

const CONFIG: &str = r#"
[auth]
mode = "required"
[server.rates]
client_per_minute = 0
tenant_per_minute = 0
[gateway.providers.up]
base_url = "$URL/v1"
[[gateway.routes.m.targets]]
provider = "up"
model = "real"
[ledger.unknown_model]
action = "charge"
"#;

/// An installation that asks for keys, and a server for its rows.
struct Rig {
    desk: Desk,
    config: PathBuf,
    postgres: Postgres,
    database: String,
    /// Whether commands have the server in a variable, for those that need no server of Assay.
    is_served: bool,
    /// Where the provider of models runs.
    runtime: Runtime,
}

impl Rig {
    /// None where Postgres is not installed, which the other tests of it say.
    fn new(is_served: bool) -> Option<Self> {
        let postgres = Postgres::start(binaries()?).unwrap();
        let desk = Desk::new();
        let runtime = Runtime::new().unwrap();
        let said = json!({
            "object": "chat.completion",
            "choices": [{ "index": 0, "finish_reason": "stop",
                          "message": { "role": "assistant", "content": "Good." } }],
            "usage": { "prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7 },
        });
        let provider = runtime.block_on(Upstream::always(Script::json(200, &said)));
        let text = CONFIG.replace("$URL", &provider.url);
        let config = desk.file("assay.toml", text);
        let database = postgres.empty_database().unwrap();
        Some(Self { desk, config, postgres, database, is_served, runtime })
    }

    fn url(&self) -> String {
        self.postgres.url(&self.database, USER)
    }

    fn serve(&self, arguments: &[&str]) -> Server {
        let arguments = [&["--config", self.config.to_str().unwrap()], arguments].concat();
        Server::start_with(binary(), &self.desk.data(), &arguments).unwrap()
    }

    fn command(&self, key: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).arg("--config").arg(&self.config).arg("--data-dir");
        command.arg(self.desk.data()).env("ASSAY_API_KEY", key);
        if self.is_served {
            command.env("ASSAY_DATABASE__URL", self.url());
        }
        command
    }

    fn try_run(&self, key: &str, arguments: &[&str]) -> Run {
        let output = self.command(key, arguments).output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn run(&self, key: &str, arguments: &[&str]) -> Run {
        let run = self.try_run(key, arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        run
    }

    fn made(&self, key: &str, arguments: &[&str], field: &str) -> String {
        let made = self.run(key, &[arguments, &["--json"]].concat()).json();
        assert!(made[field].is_string(), "{arguments:?}: {made}");
        made[field].as_str().unwrap().to_owned()
    }

    fn migrate(&self) -> String {
        let owner = self.postgres.url(&self.database, "migrator");
        self.run("", &["migrate", "--database", &owner, "--grant-to", USER]).stdout
    }

    /// What a tenant holds, without what asking itself changes.
    fn holds(&self, key: &str, conversation: &str) -> Vec<Value> {
        let asked: [&[&str]; 7] = [
            &["documents", "list"],
            &["collections", "list"],
            &["sessions", "show", conversation],
            &["tenant", "members", "list"],
            &["keys", "list"],
            &["usage"],
            &["budgets", "list"],
        ];
        asked
            .into_iter()
            .map(|arguments| {
                let mut said = self.run(key, &[arguments, &["--json"]].concat()).json();
                assert!(said.is_object(), "{arguments:?}: {said}");
                if arguments == ["usage"] {
                    said = said["total"].take();
                    assert!(said["calls"].as_u64() > Some(0), "{said}");
                }
                strip(&mut said);
                said
            })
            .collect()
    }

    /// Calls a model through the gateway.
    fn call(&self, server: &Server, key: &str) {
        install_crypto();
        let body = json!({ "model": "m", "max_tokens": 10, "messages": [{ "role": "user", "content": "How?" }] });
        let url = format!("{}/v1/chat/completions", server.url);
        let request = reqwest::Client::new().post(url).bearer_auth(key).json(&body);
        let status = self.runtime.block_on(request.send()).unwrap().status();
        assert_eq!(status, 200);
    }

    /// The key that bob makes for `acme`, after a login with a password.
    fn key_by_login(&self, server: &Server, root: &str) -> String {
        install_crypto();
        let client = reqwest::Client::new();
        let at = |path: &str| format!("{}{path}", server.url);
        let password = json!({ "password": "correct horse battery" });
        let set = client.put(at("/v1/users/bob@example.org/password")).bearer_auth(root);
        let login = json!({ "user": "bob@example.org", "password": "correct horse battery" });
        let made = self.runtime.block_on(async {
            assert!(set.json(&password).send().await?.status().is_success());
            let login = client.post(at("/v1/login")).json(&login).send().await?;
            let cookies = login.headers().get_all("set-cookie").iter();
            let cookies: Vec<_> = cookies
                .filter_map(|cookie| Some(cookie.to_str().ok()?.split(';').next()?.to_owned()))
                .collect();
            let said: Value = login.json().await?;
            let csrf = said["csrf_token"].as_str().unwrap();
            let make = client.post(at("/v1/keys")).json(&json!({ "name": "laptop" }));
            let make = make.header("cookie", cookies.join("; ")).header("x-csrf-token", csrf);
            make.send().await?.json::<Value>().await
        });
        let made = made.unwrap();
        made["key"].as_str().unwrap().to_owned()
    }

    /// Two tenants, each with a document, a conversation, a budget, and a call that cost something.
    fn stand(&self, server: &Server) -> (String, String, [String; 2]) {
        let root = self.run("", &["keys", "create", "--bootstrap", "ada@example.org"]);
        let root = root.stdout.trim().to_owned();
        self.run(&root, &["users", "create", "bob@example.org"]);
        self.run(&root, &["tenant", "create", "acme", "--owner", "bob@example.org"]);
        let bob = self.key_by_login(server, &root);
        let conversations = [&root, &bob].map(|key| {
            let note = "# Note\n\nThe budget of 2026 is 40 euros. The board met on Monday.\n";
            let note = self.desk.file("note.md", note);
            self.run(key, &["ingest", note.to_str().unwrap()]);
            self.call(server, key);
            self.run(key, &["budgets", "set", "own", "--usd", "10", "--per", "day"]);
            let made = self.made(key, &["sessions", "create"], "id");
            let question = "what is the budget of 2026?";
            self.run(key, &["ask", question, "--session", &made]);
            made
        });
        (root, bob, conversations)
    }
}

/// When a key was used last, and what depends on the time of day.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !["used_at", "projected"].contains(&name.as_str()));
            fields.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_tenant_goes_to_a_server_and_comes_back_with_all_it_has() {
    let Some(rig) = Rig::new(false) else { return };
    let server = rig.serve(&[]);
    let (root, bob, [first, second]) = rig.stand(&server);
    let held = || [rig.holds(&root, &first), rig.holds(&bob, &second)];
    let before = held();
    assert!(before[0][2]["messages"][0]["answer"].as_str().unwrap().contains("40"), "{before:?}");
    drop(server);

    let refused = rig.try_run("", &["tenant", "move", "default", "--to", &rig.url()]);
    assert!(refused.stderr.contains("assay migrate"), "{refused:?}");
    let applied = rig.migrate();
    for part in ["control", "records", "identity", "tasks", "ledger"] {
        assert!(applied.contains(&format!("applied assay_{part} ")), "{applied}");
    }
    assert!(!rig.migrate().contains("applied"), "once");
    for tenant in ["default", "acme"] {
        let moved = rig.run("", &["tenant", "move", tenant, "--to", &rig.url()]);
        assert!(moved.stdout.contains("entry") && moved.stdout.contains("passage"), "{moved:?}");
    }
    let server = rig.serve(&["--database", &rig.url()]);
    let astray = rig.try_run("", &["keys", "create", "--bootstrap", "eve@example.org"]);
    assert_eq!(astray.code, 2, "{astray:?}");
    assert!(astray.stderr.contains("on a Postgres server"), "{astray:?}");
    assert_eq!(held(), before);
    assert!(rig.run(&root, &["search", "board"]).stdout.contains("note.md"));
    // The conversation and the ledger go on there.
    rig.call(&server, &root);
    rig.run(&root, &["ask", "when did the board meet?", "--session", &first]);
    let on_server = held();
    assert_eq!(on_server[0][2]["messages"].as_array().unwrap().len(), 2);
    assert_eq!((&before[0][5]["calls"], &on_server[0][5]["calls"]), (&json!(1), &json!(2)));
    drop(server);

    let data = rig.desk.data();
    for tenant in ["default", "acme"] {
        let arguments = ["tenant", "move", tenant, "--to", data.to_str().unwrap()];
        let mut back = rig.command("", &arguments);
        let output = back.env("ASSAY_DATABASE__URL", rig.url()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let _server = rig.serve(&[]);
    assert_eq!(held(), on_server);
    assert!(rig.run(&bob, &["search", "board"]).stdout.contains("note.md"));
}

#[test]
fn a_server_that_goes_away_in_a_transaction_is_told_and_nothing_is_lost() {
    let Some(rig) = Rig::new(true) else { return };
    rig.migrate();
    let server = rig.serve(&["--database", &rig.url()]);
    let (root, _, [conversation, _]) = rig.stand(&server);
    rig.run(&root, &["collections", "create", "kept"]);
    let before = rig.holds(&root, &conversation);

    // A write that has begun waits for a lock when the server goes.
    let mut other = rig.postgres.session(&rig.database).unwrap();
    let lock = b"BEGIN; LOCK TABLE assay_records.collection IN SHARE MODE;\n";
    other.stdin.as_mut().unwrap().write_all(lock).unwrap();
    let held = "SELECT 1 FROM pg_locks WHERE mode = 'ShareLock' AND granted \
        AND relation = 'assay_records.collection'::regclass";
    rig.postgres.until(&rig.database, held).unwrap();
    let mut command = rig.command(&root, &["collections", "create", "lost", "--json"]);
    let writing = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
        AND query LIKE 'INSERT INTO collection%'";
    rig.postgres.until(&rig.database, waits).unwrap();
    rig.postgres.stop().unwrap();
    let lost = writing.wait_with_output().unwrap();
    // The session ends with the server.
    let _gone = (other.kill(), other.wait());

    let away = rig.try_run(&root, &["documents", "list", "--json"]);
    for (code, said) in [(lost.status.code(), lost.stdout), (Some(away.code), away.stdout.into())] {
        let said: Value = serde_json::from_slice(&said).unwrap();
        assert_eq!((code, said["error"]["code"].as_str()), (Some(3), Some("unavailable")));
        assert!(said["error"]["hint"].is_string(), "{said}");
        assert!(!said.to_string().contains("postgres://"), "{said}");
    }

    rig.postgres.start_again().unwrap();
    assert_eq!(rig.holds(&root, &conversation), before);
    rig.run(&root, &["collections", "create", "lost"]);
    let note = rig.desk.file("after.md", "# After\n\nThe harvest was good.\n");
    rig.run(&root, &["ingest", note.to_str().unwrap()]);
    assert!(rig.run(&root, &["search", "harvest"]).stdout.contains("after.md"));
}
