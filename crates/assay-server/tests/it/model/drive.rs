//! Draws operations, asks the whole server without sockets, and holds each answer against the
//! reference.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::{
    ops::{Asking, Holder, List, Op, ROLES},
    reference::{Reference, User},
    stack::{Stack, name, plain},
};

pub(crate) const TENANTS: usize = 5;
const USERS: usize = 4;
const COLLECTIONS: [&str; 4] = ["default", "alpha", "beta", "gamma"];
const GROUPS: [&str; 3] = ["g0", "g1", "g2"];
/// Documents of a tenant at most: a search shows them all.
const DOCUMENTS_MAX: usize = 12;
/// Conversations of a tenant, and good keys of a user, at most.
const SESSIONS_MAX: usize = 40;
const KEYS_MAX: usize = 3;
/// An id that nothing has.
const ABSENT: &str = "0199aaaa-0000-7000-8000-000000000000";

/// A generator of numbers; the same seed gives the same run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn of<T: Clone>(&mut self, all: impl IntoIterator<Item = T>) -> Option<T> {
        let all: Vec<T> = all.into_iter().collect();
        if all.is_empty() { None } else { Some(all[self.below(all.len())].clone()) }
    }
}

/// One tenant on its way: the reference, and what only the server's side needs.
struct Drive {
    t: usize,
    stack: Arc<Stack>,
    dice: Dice,
    reference: Reference,
    /// Ids and texts of keys; the last ones of each user are used.
    keys: Vec<Vec<(String, String)>>,
    principals: Vec<String>,
    files: usize,
}

/// Runs a tenant for so many operations; how many of them were writes that were done.
pub(crate) async fn run(stack: Arc<Stack>, t: usize, ops: u64) -> u64 {
    let mut drive = Drive::begin(stack, t).await;
    let mut written = 0;
    for number in 0..ops {
        if drive.dice.below(300) == 0 {
            drive.disturb().await;
        }
        written += u64::from(drive.step(number).await);
    }
    written
}

impl Drive {
    async fn begin(stack: Arc<Stack>, t: usize) -> Self {
        let tenant = json!({ "name": format!("t{t}") });
        stack.platform(Method::POST, "/v1/tenants", tenant).await;
        let mut reference = Reference::default();
        reference.collections.insert("default".to_owned(), None);
        let (mut keys, mut principals) = (Vec::new(), Vec::new());
        // The owner comes first: a tenant keeps one.
        for user in 0..USERS {
            let role = USERS - 1 - user;
            stack.platform(Method::POST, "/v1/users", json!({ "name": name(t, user) })).await;
            let member = json!({ "user": name(t, user), "role": ROLES[role] });
            stack.platform(Method::PUT, &format!("/v1/tenants/t{t}/members"), member).await;
            let (id, key) = stack.mint(t, user);
            reference.users.push(User { role: Some(role), disabled: false });
            reference.keys.insert(id.clone(), (user, true));
            keys.push(vec![(id, key)]);
            principals.push(stack.principal(t, user).to_string());
        }
        let dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (t as u64 + 1));
        Self { t, stack, dice, reference, keys, principals, files: 0 }
    }

    /// What the platform does, and what a member without a key needs.
    async fn disturb(&mut self) {
        let (t, user) = (self.t, self.dice.below(USERS));
        match self.dice.below(3) {
            0 => {
                let suspended = self.dice.below(4) == 0;
                let state = json!({ "state": if suspended { "suspended" } else { "active" } });
                self.stack.platform(Method::PATCH, &format!("/v1/tenants/t{t}"), state).await;
                self.reference.suspended = suspended;
            }
            1 => {
                let disabled = self.dice.below(3) == 0;
                let path = format!("/v1/users/{}", name(t, user));
                self.stack.platform(Method::PATCH, &path, json!({ "disabled": disabled })).await;
                self.reference.users[user].disabled = disabled;
            }
            _ if self.reference.users[user].role.is_none() => {
                let role = self.dice.below(3);
                let member = json!({ "user": name(t, user), "role": ROLES[role] });
                self.stack
                    .platform(Method::PUT, &format!("/v1/tenants/t{t}/members"), member)
                    .await;
                self.reference.users[user].role = Some(role);
            }
            _ => {}
        }
        for user in 0..USERS {
            let is_member = self.reference.users[user].role.is_some();
            let mut own = self.reference.keys.values().filter(|it| it.0 == user && it.1);
            if is_member && own.next().is_none() {
                let (id, key) = self.stack.mint(t, user);
                self.reference.keys.insert(id.clone(), (user, true));
                self.keys[user].push((id, key));
            }
        }
    }

    /// One operation; whether it was a write that was done.
    async fn step(&mut self, number: u64) -> bool {
        let user = self.dice.below(USERS);
        let own = self.dice.below(40) != 0;
        let tenant = match (own, self.dice.below(3)) {
            (false, other) => format!("t{}", (self.t + 1 + other) % TENANTS),
            (true, 0) => format!("t{}", self.t),
            (true, _) => String::new(),
        };
        let newest = if self.dice.below(8) == 0 { self.dice.below(KEYS_MAX) } else { 0 };
        let at = self.keys[user].len().saturating_sub(1 + newest);
        let (key_id, key) = self.keys[user][at].clone();
        let op = self.draw(user);
        let request = self.request(&op);
        let changes = request.method() != Method::GET && !matches!(op, Op::Search);
        let (status, said) = self.stack.send(&key, &tenant, request).await;
        let made = match &op {
            Op::Upload { .. } => &said["document_id"],
            Op::MakeKey => &said["about"]["id"],
            _ => &said["id"],
        };
        let made = made.as_str().unwrap_or_default().to_owned();
        let by = Asking { user, key: &key_id, own };
        let (expected, names) = self.reference.apply(&by, &op, &made);
        let told = format!("t{} {number}: user {user}, {op:?}", self.t);
        assert_eq!(status, expected, "{told}: {said}");
        if let Some(names) = names {
            assert_eq!(shown(&op, &said), names, "{told}: {said}");
        }
        self.follow(user, &op, status, &said, &key).await;
        changes && status < 300
    }

    fn document(&mut self) -> String {
        let own = self.reference.documents.keys().cloned().collect::<Vec<_>>();
        self.thing(own)
    }

    /// One of these, or of all tenants, or nothing.
    fn thing(&mut self, own: Vec<String>) -> String {
        let found = if self.dice.below(10) == 0 {
            self.dice.of(self.stack.ids())
        } else {
            self.dice.of(own)
        };
        found.unwrap_or_else(|| ABSENT.to_owned())
    }

    fn list(&mut self) -> List {
        let mut holders = BTreeSet::new();
        for _ in 0..self.dice.below(3) {
            let numbers = self.reference.groups.values().map(|(number, _)| Holder::Group(*number));
            let members = (0..USERS).filter(|it| self.reference.users[*it].role.is_some());
            let all: Vec<Holder> = numbers.chain(members.map(Holder::User)).collect();
            holders.extend(self.dice.of(all));
        }
        (self.dice.below(3) != 0).then_some(holders)
    }

    fn draw(&mut self, user: usize) -> Op {
        let text = |found: Option<&str>| found.unwrap_or_default().to_owned();
        let collection = text(self.dice.of(COLLECTIONS));
        let group = text(self.dice.of(GROUPS));
        let other = self.dice.below(USERS);
        let sessions = self.reference.sessions.keys().cloned().collect::<Vec<_>>();
        let good = self.reference.keys.iter().filter(|(_, it)| it.0 == user && it.1).count();
        match self.dice.below(1_000) {
            0..160 => Op::Document(self.document()),
            160..240 => Op::Documents,
            240..300 => Op::Search,
            300..370 => Op::Collections,
            370..460 => Op::Collection(collection),
            460..550 => Op::Session(self.thing(sessions)),
            550..600 => Op::Sessions,
            600..640 => Op::Members,
            640..720 => Op::Me,
            720..750 => Op::Groups,
            750..760 => Op::Keys,
            760..770 => Op::Audit,
            770..778 if self.reference.documents.len() < DOCUMENTS_MAX => self.upload(user),
            778..784 => Op::Forget(self.document()),
            784..820 => {
                let list = if self.dice.below(4) == 0 { None } else { Some(self.list()) };
                Op::Close { document: self.document(), list }
            }
            820..835 => Op::MakeCollection(collection),
            835..845 if collection != COLLECTIONS[0] => Op::DropCollection(collection),
            845..865 => Op::CloseCollection(collection, self.list()),
            865..895 if sessions.len() < SESSIONS_MAX => Op::MakeSession,
            895..925 => Op::DropSession(self.thing(sessions)),
            925..935 => Op::MakeGroup(group),
            935..941 => Op::DropGroup(group),
            941..961 => Op::Join(group, other),
            961..971 => Op::Leave(group, other),
            971..983 => Op::SetRole(other, self.dice.below(ROLES.len())),
            983..987 => Op::Remove(other),
            987..992 if good < KEYS_MAX => Op::MakeKey,
            992..996 => {
                let known = self.reference.keys.iter().filter(|(_, it)| it.1);
                let known: Vec<String> = known.map(|(id, _)| id.clone()).collect();
                Op::Revoke(self.dice.of(known).unwrap_or_else(|| "aaaaaaaaaaaaa".to_owned()))
            }
            _ => Op::Me,
        }
    }

    /// Into a collection that the user sees: what else comes of an upload is not of this model.
    fn upload(&mut self, user: usize) -> Op {
        let seen =
            COLLECTIONS.into_iter().filter(|name| self.reference.reads_collection(user, name));
        let collection = self.dice.of(seen.collect::<Vec<_>>());
        collection.map_or(Op::Me, |name| Op::Upload { collection: name.to_owned() })
    }

    fn request(&mut self, op: &Op) -> Request<Body> {
        let (get, post) = (Method::GET, Method::POST);
        let (put, patch, delete) = (Method::PUT, Method::PATCH, Method::DELETE);
        let named = |name: &str| Some(json!({ "name": name }));
        let who = |user: &usize| name(self.t, *user);
        match op {
            Op::Documents => plain(get, "/v1/documents?limit=1000", None),
            Op::Search => {
                let asked = json!({ "query": "quartz", "mode": "keyword", "limit": 50 });
                plain(post, "/search", Some(asked))
            }
            Op::Document(id) => plain(get, &format!("/documents/{id}"), None),
            Op::Upload { collection } => self.file(collection),
            Op::Forget(id) => plain(delete, &format!("/documents/{id}"), None),
            Op::Close { document, list } => {
                let path = format!("/v1/documents/{document}/access");
                let inherited = || json!({ "open_to": "inherited" });
                plain(put, &path, Some(list.as_ref().map_or_else(inherited, |it| self.access(it))))
            }
            Op::Collections => plain(get, "/v1/collections", None),
            Op::Collection(name) => plain(get, &format!("/v1/collections/{name}"), None),
            Op::MakeCollection(name) => plain(post, "/v1/collections", named(name)),
            Op::DropCollection(name) => plain(delete, &format!("/v1/collections/{name}"), None),
            Op::CloseCollection(name, list) => {
                plain(put, &format!("/v1/collections/{name}/access"), Some(self.access(list)))
            }
            Op::Sessions => plain(get, "/v1/sessions?limit=200", None),
            Op::Session(id) => plain(get, &format!("/v1/sessions/{id}"), None),
            Op::MakeSession => plain(post, "/v1/sessions", Some(json!({ "ttl_minutes": 10_080 }))),
            Op::DropSession(id) => plain(delete, &format!("/v1/sessions/{id}"), None),
            Op::Groups => plain(get, "/v1/groups", None),
            Op::MakeGroup(name) => plain(post, "/v1/groups", named(name)),
            Op::DropGroup(name) => plain(delete, &format!("/v1/groups/{name}"), None),
            Op::Join(name, user) => {
                plain(patch, &format!("/v1/groups/{name}"), Some(json!({ "add": [who(user)] })))
            }
            Op::Leave(name, user) => {
                plain(patch, &format!("/v1/groups/{name}"), Some(json!({ "remove": [who(user)] })))
            }
            Op::Members => plain(get, "/v1/members", None),
            Op::SetRole(user, role) => {
                let body = json!({ "user": who(user), "role": ROLES[*role] });
                plain(put, "/v1/members", Some(body))
            }
            Op::Remove(user) => {
                plain(delete, &format!("/v1/members/{}", self.principals[*user]), None)
            }
            Op::Me => plain(get, "/v1/me", None),
            Op::Keys => plain(get, "/v1/keys", None),
            Op::MakeKey => plain(post, "/v1/keys", named("further")),
            Op::Revoke(id) => plain(delete, &format!("/v1/keys/{id}"), None),
            Op::Audit => plain(get, "/v1/audit?limit=1", None),
        }
    }

    fn access(&self, list: &List) -> Value {
        let Some(list) = list else { return json!({ "open_to": "everybody" }) };
        let (mut members, mut groups) = (Vec::new(), Vec::new());
        for holder in list {
            match holder {
                Holder::User(user) => members.push(name(self.t, *user)),
                Holder::Group(number) => {
                    let mut all = self.reference.groups.iter();
                    groups
                        .extend(all.find(|(_, it)| it.0 == *number).map(|(name, _)| name.clone()));
                }
            }
        }
        json!({ "open_to": "listed", "members": members, "groups": groups })
    }

    fn file(&mut self, collection: &str) -> Request<Body> {
        self.files += 1;
        let (t, number) = (self.t, self.files);
        let body = format!(
            "--x\r\ncontent-disposition: form-data; name=\"collection\"\r\n\r\n{collection}\r\n\
             --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"n{number}.md\"\r\n\r\n\
             # Note {number} of {t}\n\nThe quartz of sample {number} weighs {number} grams.\n\
             \r\n--x--\r\n"
        );
        let request = Request::builder().method(Method::POST).uri("/documents/upload");
        let request = request.header("content-type", "multipart/form-data; boundary=x");
        request.header("content-length", body.len()).body(body.into()).unwrap()
    }

    /// Keeps what the server made, and waits until a new document is found.
    async fn follow(&mut self, user: usize, op: &Op, status: u16, said: &Value, key: &str) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let id = match op {
            Op::Upload { .. } if status == 202 => {
                let job = format!("/v1/jobs/{}?wait_ms=30000", text(&said["job_id"]));
                let (_, job) = self.stack.send(key, "", plain(Method::GET, &job, None)).await;
                assert_eq!(job["state"], "done", "{job}");
                self.stack.settle(self.t).await;
                text(&said["document_id"])
            }
            Op::MakeSession if status == 201 => text(&said["id"]),
            Op::MakeKey if status == 201 => {
                self.keys[user].push((text(&said["about"]["id"]), text(&said["key"])));
                return;
            }
            _ => return,
        };
        self.stack.remember(id);
    }
}

/// What an answer lists.
fn shown(op: &Op, said: &Value) -> BTreeSet<String> {
    let all = |list: &str, field: &str| -> BTreeSet<String> {
        let rows = said[list].as_array().into_iter().flatten();
        rows.map(|row| row[field].as_str().unwrap_or("?").to_owned()).collect()
    };
    match op {
        Op::Documents => all("documents", "id"),
        Op::Search => all("results", "document_id"),
        Op::Collections => all("collections", "name"),
        Op::Sessions => all("sessions", "id"),
        Op::Groups => all("groups", "name"),
        Op::Me => [said["role"].as_str().unwrap_or("?").to_owned()].into(),
        Op::Keys => {
            let rows = said["keys"].as_array().into_iter().flatten();
            let good = rows.filter(|row| row["revoked_at"].is_null());
            good.map(|row| row["id"].as_str().unwrap_or("?").to_owned()).collect()
        }
        Op::Members => {
            let rows = said["members"].as_array().into_iter().flatten();
            let part = |row: &Value, field: &str| row[field].as_str().unwrap_or("?").to_owned();
            let user = |row: &Value| part(row, "name").split('@').next().unwrap_or("?").to_owned();
            rows.map(|row| format!("{}:{}", user(row), part(row, "role"))).collect()
        }
        _ => BTreeSet::new(),
    }
}
