//! Random requests by members of five tenants, each answered as a model of a few lines says.
//!
//! `ASSAY_MODEL_OPS=20000 cargo test -p assay-server --test it model` asks so often.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    auth::{send, tenant},
};

const TENANTS: usize = 5;
const ROLES: [&str; 4] = ["owner", "admin", "member", "guest"];
const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
/// Requests of an ordinary run.
const OPS: u64 = 1_500;

/// What a tenant should hold.
#[derive(Default)]
struct Tenant {
    suspended: bool,
    /// Role and key of each of its four users, and whether the key is still good.
    users: Vec<(usize, String, bool)>,
    collections: BTreeSet<String>,
}

/// What the server should hold.
#[derive(Default)]
struct Model {
    tenants: Vec<Tenant>,
    /// Tenant and user of each session, by id.
    sessions: BTreeMap<String, (usize, usize)>,
    /// Tenant of each document, by id.
    documents: BTreeMap<String, usize>,
}

/// A request: who asks, for which tenant it says, and what.
struct Ask {
    tenant: usize,
    user: usize,
    named: usize,
    method: Method,
    path: String,
    body: Option<Value>,
    /// The lowest role that may.
    needs: usize,
}

/// A small generator of numbers; the same seed gives the same run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

const OWNER: usize = 0;
const ADMIN: usize = 1;
const MEMBER: usize = 2;
const GUEST: usize = 3;

fn draw(dice: &mut Dice, model: &Model) -> Ask {
    let (tenant, user) = (dice.below(TENANTS), dice.below(4));
    let named = if dice.below(12) == 0 { dice.below(TENANTS) } else { tenant };
    let name = NAMES[dice.below(4)];
    let any = |dice: &mut Dice, ids: Vec<&String>| match ids.len() {
        0 => "0199aaaa-0000-7000-8000-000000000000".to_owned(),
        n => ids[dice.below(n)].clone(),
    };
    let session = any(dice, model.sessions.keys().collect());
    let document = any(dice, model.documents.keys().collect());
    let (method, path, body, needs) = match dice.below(10) {
        0 => (Method::POST, "/v1/collections".to_owned(), Some(json!({ "name": name })), MEMBER),
        1 => (Method::GET, "/v1/collections".to_owned(), None, GUEST),
        2 => (Method::GET, format!("/v1/collections/{name}"), None, GUEST),
        3 => (Method::DELETE, format!("/v1/collections/{name}"), None, MEMBER),
        4 => (Method::POST, "/v1/sessions".to_owned(), Some(json!({})), GUEST),
        5 => (Method::GET, format!("/v1/sessions/{session}"), None, GUEST),
        6 => (Method::DELETE, format!("/v1/sessions/{session}"), None, GUEST),
        7 => (Method::GET, format!("/documents/{document}"), None, GUEST),
        8 => (Method::DELETE, format!("/documents/{document}"), None, MEMBER),
        _ => (Method::GET, "/v1/audit?limit=1".to_owned(), None, ADMIN),
    };
    Ask { tenant, user, named, method, path, body, needs }
}

/// The status that the model expects, with its own change.
fn expected(model: &mut Model, ask: &Ask) -> u16 {
    let tenant = &mut model.tenants[ask.tenant];
    let (role, _, is_good) = &tenant.users[ask.user];
    if !is_good {
        return 401;
    }
    let reads_audit = ask.path.starts_with("/v1/audit");
    if ask.named != ask.tenant || *role > ask.needs || (tenant.suspended && !reads_audit) {
        return 403;
    }
    let last = ask.path.rsplit('/').next().unwrap_or_default().to_owned();
    let name = || ask.body.as_ref().unwrap()["name"].as_str().unwrap().to_owned();
    let session_is_own = model.sessions.get(&last) == Some(&(ask.tenant, ask.user));
    let document_is_own = model.documents.get(&last) == Some(&ask.tenant);
    let found = |is_there: bool, status: u16| if is_there { status } else { 404 };
    match (ask.method.as_str(), ask.path.split('/').nth(2).unwrap_or_default()) {
        ("POST", "collections") if tenant.collections.insert(name()) => 201,
        ("POST", "collections") => 409,
        ("GET", "collections") if last == "collections" => 200,
        ("GET", "collections") => found(tenant.collections.contains(&last), 200),
        ("DELETE", "collections") => found(tenant.collections.remove(&last), 204),
        ("POST", "sessions") => 201,
        ("GET", "sessions") => found(session_is_own, 200),
        ("DELETE", "sessions") if session_is_own => {
            model.sessions.remove(&last);
            204
        }
        ("DELETE", _) if document_is_own => {
            model.documents.remove(&last);
            204
        }
        ("GET", _) if reads_audit => 200,
        ("GET", _) => found(document_is_own, 200),
        _ => 404,
    }
}

/// Something that changes who may do what, by the platform or by adding a document.
async fn disturb(app: &TestApp, root: &str, dice: &mut Dice, model: &mut Model) {
    let (t, u) = (dice.below(TENANTS), dice.below(4));
    let place = format!("/v1/tenants/t{t}");
    match dice.below(4) {
        0 => {
            let suspended = dice.below(4) == 0;
            let state = json!({ "state": if suspended { "suspended" } else { "active" } });
            assert_eq!(send(app, root, Method::PATCH, &place, Some(state), &[]).await.0, 200);
            model.tenants[t].suspended = suspended;
        }
        // The owner stays one: a tenant keeps at least one.
        1 if u != OWNER => {
            let role = 1 + dice.below(3);
            let member = json!({ "user": format!("{}@t{t}", ROLES[u]), "role": ROLES[role] });
            let members = format!("{place}/members");
            assert_eq!(send(app, root, Method::PUT, &members, Some(member), &[]).await.0, 204);
            model.tenants[t].users[u].0 = role;
        }
        2 if u != OWNER => {
            let disabled = dice.below(3) == 0;
            let user = format!("/v1/users/{}@t{t}", ROLES[u]);
            let change = Some(json!({ "disabled": disabled }));
            assert_eq!(send(app, root, Method::PATCH, &user, change, &[]).await.0, 200);
            model.tenants[t].users[u].2 = !disabled;
        }
        _ => {
            let (role, key, is_good) = &model.tenants[t].users[u];
            let may = *is_good && *role <= MEMBER && !model.tenants[t].suspended;
            let text = format!("note {}", dice.0).into_bytes();
            let part = reqwest::multipart::Part::bytes(text).file_name(format!("{}.txt", dice.0));
            let form = reqwest::multipart::Form::new().part("file", part);
            let request = app.client.post(format!("{}/documents/upload", app.url)).bearer_auth(key);
            let (status, made) = crate::app::answer(request.multipart(form)).await;
            assert_eq!(status == 202, may, "upload by {}: {status} {made}", ROLES[*role]);
            if may {
                model.documents.insert(made["document_id"].as_str().unwrap().to_owned(), t);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by a variable")]
async fn every_answer_is_the_models() {
    let (app, root) = TestApp::guarded().await;
    let mut model = Model::default();
    for t in 0..TENANTS {
        let mut made = Tenant { collections: ["default".to_owned()].into(), ..Tenant::default() };
        for (role, name) in ROLES.iter().enumerate() {
            let key = tenant(&app, &root, &format!("t{t}"), name).await;
            made.users.push((role, key, true));
        }
        model.tenants.push(made);
    }
    let ops = std::env::var("ASSAY_MODEL_OPS").ok().and_then(|n| n.parse().ok()).unwrap_or(OPS);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for number in 0..ops {
        if dice.below(12) == 0 {
            disturb(&app, &root, &mut dice, &mut model).await;
        }
        let ask = draw(&mut dice, &model);
        let key = model.tenants[ask.tenant].users[ask.user].1.clone();
        let expected = expected(&mut model, &ask);
        let named = format!("t{}", ask.named);
        let header = [("x-tenant-id", named.as_str())];
        let (method, path, body) = (ask.method.clone(), ask.path.as_str(), ask.body.clone());
        let (status, said) = send(&app, &key, method, path, body, &header).await;
        assert_eq!(status, expected, "{number}: {} {}: {said}", ask.method, ask.path);
        if status == 201 && ask.path == "/v1/sessions" {
            let id = said["id"].as_str().unwrap().to_owned();
            model.sessions.insert(id, (ask.tenant, ask.user));
        }
        if status == 200 && ask.path == "/v1/collections" {
            let names = said["collections"].as_array().unwrap().iter();
            let names: BTreeSet<String> =
                names.map(|it| it["name"].as_str().unwrap().to_owned()).collect();
            assert_eq!(names, model.tenants[ask.tenant].collections, "{number}");
        }
    }
    eprintln!("{ops} requests, no difference");
}
