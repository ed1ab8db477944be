//! Access lists through every route that reads: for whoever is not on the list of a document the
//! server answers as one that never took it in.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{TRIAL, TestApp, answer},
    auth::{send, tenant},
};

/// What stands in the closed document and nowhere else.
const SALARY: &str = "# Salary of the director\n\nThe director Zacharias Quonset earns 412000 euros. \
    The merger with Vandelay was approved on 9 June 2024. Dexamethasone is not mentioned otherwise.\n";
const CANTEEN: &str =
    "# Canteen\n\nThe canteen opens at noon. The director eats there on Fridays.\n";

/// A tenant with an owner, two members and an open document.
struct Acme {
    app: TestApp,
    root: String,
    owner: String,
    ada: String,
    bob: String,
}

impl Acme {
    async fn new() -> Self {
        let (app, root) = TestApp::guarded().await;
        let owner = tenant(&app, &root, "acme", "owner").await;
        let ada = tenant(&app, &root, "acme", "member").await;
        let bob = tenant(&app, &root, "acme", "guest").await;
        let acme = Self { app, root, owner, ada, bob };
        acme.take_in("trial.md", TRIAL, None).await;
        acme.take_in("canteen.md", CANTEEN, None).await;
        acme
    }

    /// Uploads as the owner and waits until searches find it.
    async fn take_in(&self, name: &str, text: &str, access: Option<Value>) -> Value {
        let (status, accepted) = self.upload(&self.owner, name, text, access).await;
        assert_eq!(status, 202, "{accepted}");
        let job = format!("/v1/jobs/{}?wait_ms=30000", accepted["job_id"].as_str().unwrap());
        assert_eq!(self.get(&self.owner, &job).await.1["state"], "done");
        let caller = self.app.engine().identities().authenticate(&self.owner, None).unwrap();
        self.app.engine().settle(caller.scope()).await.unwrap();
        accepted
    }

    async fn upload(
        &self,
        key: &str,
        name: &str,
        text: &str,
        access: Option<Value>,
    ) -> (u16, Value) {
        let part = reqwest::multipart::Part::bytes(text.as_bytes().to_vec());
        let mut form =
            reqwest::multipart::Form::new().part("file", part.file_name(name.to_owned()));
        if let Some(access) = access {
            form = form.text("access", access.to_string());
        }
        let request = self.app.client.post(format!("{}/documents/upload", self.app.url));
        answer(request.bearer_auth(key).multipart(form)).await
    }

    async fn get(&self, key: &str, path: &str) -> (u16, Value) {
        send(&self.app, key, Method::GET, path, None, &[]).await
    }

    async fn post(&self, key: &str, path: &str, body: Value) -> (u16, Value) {
        send(&self.app, key, Method::POST, path, Some(body), &[]).await
    }

    async fn set(&self, path: &str, body: Value) -> Value {
        let (status, set) = send(&self.app, &self.owner, Method::PUT, path, Some(body), &[]).await;
        assert_eq!(status, 200, "{set}");
        set
    }
}

/// Everything that can be asked about documents, without naming one.
fn questions() -> Vec<(Method, &'static str, Value)> {
    let mut asked = vec![
        (Method::GET, "/v1/documents", Value::Null),
        (Method::GET, "/v1/documents?collection=default", Value::Null),
        (Method::GET, "/v1/collections", Value::Null),
        (Method::GET, "/v1/collections/default", Value::Null),
        (Method::GET, "/v1/duplicates?similarity=0.5", Value::Null),
        (Method::GET, "/v1/jobs?limit=1", Value::Null),
        (Method::GET, "/v1/jobs", Value::Null),
        (Method::GET, "/v1/sources", Value::Null),
        (Method::GET, "/search?q=salary+director", Value::Null),
    ];
    for query in
        ["director", "salary", "Quonset", "Quonsett", "canteem", "merger", "dexamethasone", "euros"]
    {
        for mode in ["hybrid", "keyword", "reranked"] {
            let body = json!({ "query": query, "mode": mode, "explain": true, "limit": 5,
                "facet_fields": ["collection", "name", "media_type"] });
            asked.push((Method::POST, "/search", body));
        }
    }
    let filters = ["metadata.salary_band = 7", "name = 'salary.md'", "date >= 2000"];
    for filter in filters {
        let body = json!({ "query": "director", "filter": filter, "group_by": "document",
            "facet_fields": ["name"] });
        asked.push((Method::POST, "/search", body));
    }
    for question in
        ["What does the director earn?", "When does the canteen open?", "Who is Quonset?"]
    {
        asked.push((Method::POST, "/query", json!({ "query": question })));
        asked.push((Method::POST, "/query", json!({ "query": question, "stream": true })));
    }
    asked
}

/// An answer without what differs between two equal ones.
fn without_times(mut answer: Value) -> Value {
    fn scrub(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let name = name.as_str();
                    let is_time = name.ends_with("_ms") || name.starts_with("time");
                    match name {
                        "request_id" | "query_id" | "id" | "session_id" => *value = Value::Null,
                        _ if is_time => *value = Value::Null,
                        _ => scrub(value),
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(scrub),
            Value::String(text) if text.contains("event:") => {
                let lines = text.lines().map(|line| match line.strip_prefix("data: ") {
                    Some(data) => {
                        without_times(serde_json::from_str(data).unwrap_or_default()).to_string()
                    }
                    None => line.to_owned(),
                });
                *text = lines.collect::<Vec<_>>().join("\n");
            }
            _ => {}
        }
    }
    scrub(&mut answer);
    answer
}

async fn answers(acme: &Acme, key: &str) -> Vec<(String, Value)> {
    let mut answers = Vec::new();
    for (method, path, body) in questions() {
        let told = format!("{method} {path} {body}");
        let body = (!body.is_null()).then_some(body);
        let (status, said) = send(&acme.app, key, method, path, body, &[]).await;
        assert_eq!(status, 200, "{told}: {said}");
        answers.push((told, without_times(said)));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_document_changes_no_answer_for_others() {
    let acme = Acme::new().await;
    // From the first list on words are counted for each reader.
    acme.take_in("first.md", "Nothing.", Some(json!({ "open_to": "listed" }))).await;
    let before = answers(&acme, &acme.bob).await;
    let access = json!({ "members": ["member@acme"] });
    let closed = acme.take_in("salary.md", SALARY, Some(access)).await;
    for ((told, before), (_, after)) in before.iter().zip(answers(&acme, &acme.bob).await) {
        assert_eq!(*before, after, "{told}");
    }
    // Those on the list, and those who read everything, find it; then for bob again, warm.
    for key in [&acme.ada, &acme.owner] {
        let seen = answers(&acme, key).await;
        let finding = seen.iter().filter(|(_, said)| said.to_string().contains("Quonset earns"));
        assert!(finding.count() > 10);
    }
    for ((told, before), (_, after)) in before.iter().zip(answers(&acme, &acme.bob).await) {
        assert_eq!(*before, after, "warm: {told}");
    }
    let id = closed["document_id"].as_str().unwrap();
    let job = closed["job_id"].as_str().unwrap();
    acme.post(&acme.ada, "/query", json!({ "query": "What does the director earn?" })).await;
    let (_, shown) = acme.get(&acme.owner, &format!("/documents/{id}")).await;
    assert_eq!(shown["state"], "current", "{shown}");
    let absent = "0199aaaa-0000-7000-8000-000000000000";
    for route in [
        "/documents/ID",
        "/v1/documents/ID/near",
        "/v1/documents/ID/original",
        "/v1/documents/ID/text",
    ] {
        let (status, said) = acme.get(&acme.bob, &route.replace("ID", id)).await;
        let (nothing, not_there) = acme.get(&acme.bob, &route.replace("ID", absent)).await;
        assert_eq!((status, nothing), (404, 404), "{route}: {said}");
        let same = said["error"]["message"].as_str().unwrap().replace(id, absent);
        assert_eq!(same, not_there["error"]["message"].as_str().unwrap());
        assert_eq!(acme.get(&acme.ada, &route.replace("ID", id)).await.0, 200, "{route}");
    }
    for route in ["/v1/jobs/ID", "/v1/jobs/ID?stream=true"] {
        let (status, said) = acme.get(&acme.bob, &route.replace("ID", job)).await;
        assert_eq!(status, 404, "{route}: {said}");
    }
    let (status, _) = acme.get(&acme.ada, &format!("/v1/jobs/{job}")).await;
    assert_eq!(status, 200);
    let said = json!({ "query": "salary", "document_id": id, "useful": true });
    assert_eq!(acme.post(&acme.bob, "/v1/feedback", said).await.0, 404);
    for body in [json!({ "query": "director", "documents": [id] })] {
        let (_, found) = acme.post(&acme.bob, "/search", body).await;
        assert_eq!(found["results"], json!([]), "{found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_changes_holds_for_the_next_request() {
    let acme = Acme::new().await;
    let closed = acme.take_in("salary.md", SALARY, None).await;
    let path = format!("/v1/documents/{}/access", closed["document_id"].as_str().unwrap());
    let finds = async |key: &str| {
        let (_, found) = acme.post(key, "/search", json!({ "query": "quonset" })).await;
        let (_, asked) =
            acme.post(key, "/query", json!({ "query": "What does the director earn?" })).await;
        let chat = json!({ "model": "assay/extractive",
            "messages": [{ "role": "user", "content": "What does the director earn?" }] });
        let (_, chat) = acme.post(&acme.ada, "/v1/chat/completions", chat).await;
        let tells = |said: &Value| said.to_string().contains("412000");
        if key == acme.ada {
            assert_eq!(tells(&chat), tells(&asked), "{chat}");
        }
        assert_eq!(tells(&found), tells(&asked), "{asked}");
        tells(&found)
    };
    assert!(finds(&acme.ada).await && finds(&acme.bob).await);
    let (_, group) = acme.post(&acme.owner, "/v1/groups", json!({ "name": "board" })).await;
    let group = format!("/v1/groups/{}", group["id"].as_str().unwrap());
    let set = acme.set(&path, json!({ "groups": ["board"] })).await;
    assert_eq!(set["in_force"]["groups"][0]["name"], "board", "{set}");
    assert!(!finds(&acme.ada).await && !finds(&acme.bob).await);
    assert!(finds(&acme.owner).await);
    let change = async |body: Value| {
        let (status, said) =
            send(&acme.app, &acme.owner, Method::PATCH, &group, Some(body), &[]).await;
        assert_eq!(status, 200, "{said}");
    };
    change(json!({ "add": ["member@acme"] })).await;
    assert!(finds(&acme.ada).await && !finds(&acme.bob).await);
    change(json!({ "add": ["guest@acme"], "remove": ["member@acme"] })).await;
    assert!(!finds(&acme.ada).await && finds(&acme.bob).await);
    acme.set(&path, json!({ "open_to": "inherited" })).await;
    assert!(finds(&acme.ada).await && finds(&acme.bob).await);
    acme.set("/v1/collections/default/access", json!({ "members": ["guest@acme"] })).await;
    assert!(!finds(&acme.ada).await && finds(&acme.bob).await);
    assert_eq!(acme.get(&acme.ada, "/v1/collections/default").await.0, 404);
    acme.set(&path, json!({ "open_to": "everybody" })).await;
    assert!(finds(&acme.ada).await);
    let (_, listed) = acme.get(&acme.ada, "/v1/documents").await;
    assert_eq!(listed["documents"].as_array().unwrap().len(), 1, "the others stay closed");
    let (status, _) = send(&acme.app, &acme.owner, Method::DELETE, &group, None, &[]).await;
    assert_eq!(status, 204);
    acme.set("/v1/collections/default/access", json!({ "open_to": "everybody" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_forgets_what_its_owner_may_not_read_any_more() {
    let acme = Acme::new().await;
    let closed = acme.take_in("salary.md", SALARY, None).await;
    let path = format!("/v1/documents/{}/access", closed["document_id"].as_str().unwrap());
    let (_, session) = acme.post(&acme.bob, "/v1/sessions", json!({ "title": "talk" })).await;
    let id = session["id"].as_str().unwrap().to_owned();
    let asked = json!({ "query": "What does the director Quonset earn?", "session_id": id });
    let (_, told) = acme.post(&acme.bob, "/query", asked).await;
    assert!(told.to_string().contains("412000"), "{told}");
    let shown = format!("/v1/sessions/{id}");
    assert!(acme.get(&acme.bob, &shown).await.1.to_string().contains("412000"));
    acme.set(&path, json!({ "members": ["member@acme"] })).await;
    let (_, kept) = acme.get(&acme.bob, &shown).await;
    let kept = kept.to_string();
    assert!(!kept.contains("412000") && !kept.contains("salary.md"), "{kept}");
    assert!(kept.contains("may not read any more"), "{kept}");
    let asked = json!({ "query": "And what else does he do?", "session_id": id });
    let (_, told) = acme.post(&acme.bob, "/query", asked).await;
    assert!(!told.to_string().contains("412000"), "{told}");
    acme.set(&path, json!({ "open_to": "inherited" })).await;
    assert!(acme.get(&acme.bob, &shown).await.1.to_string().contains("412000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_closed_from_their_first_moment_and_meet_no_stranger() {
    let acme = Acme::new().await;
    let only_ada = json!({ "members": ["member@acme"] });
    let (status, closed) = acme.upload(&acme.ada, "plan.md", SALARY, Some(only_ada.clone())).await;
    assert_eq!(status, 202, "{closed}");
    let id = closed["document_id"].as_str().unwrap();
    assert_eq!(acme.get(&acme.bob, &format!("/documents/{id}")).await.0, 404);
    // A member may not open it to others, nor see the list; the owner of the tenant may.
    let path = format!("/v1/documents/{id}/access");
    assert_eq!(acme.get(&acme.ada, &path).await.0, 403);
    let (_, shown) = acme.get(&acme.owner, &path).await;
    assert_eq!(shown["own"]["members"][0]["name"], "member@acme", "{shown}");
    // Ada's next version keeps the list; with another list it is refused.
    let (_, again) = acme.upload(&acme.ada, "plan.md", CANTEEN, None).await;
    assert_eq!(again["document_id"].as_str(), Some(id), "{again}");
    assert_eq!(acme.get(&acme.bob, &format!("/documents/{id}")).await.0, 404);
    let everybody = json!({ "open_to": "everybody" });
    let (status, refused) = acme.upload(&acme.ada, "plan.md", TRIAL, Some(everybody)).await;
    assert_eq!(status, 409, "{refused}");
    // Lists that name nobody of the tenant, or are none, take nothing in.
    for (access, expected) in [
        (json!({ "members": ["owner@globex"] }), 404),
        (json!({ "groups": ["board"] }), 404),
        (json!({ "open_to": "everybody", "members": ["member@acme"] }), 400),
        (json!({ "users": [] }), 400),
    ] {
        let (status, said) = acme.upload(&acme.ada, "x.md", "x", Some(access.clone())).await;
        assert_eq!(status, expected, "{access}: {said}");
    }
    // A collection that is closed from its beginning.
    let made = json!({ "name": "board", "access": only_ada });
    assert_eq!(acme.post(&acme.owner, "/v1/collections", made).await.0, 201);
    assert_eq!(acme.get(&acme.ada, "/v1/collections/board").await.0, 200);
    assert_eq!(acme.get(&acme.bob, "/v1/collections/board").await.0, 404);
    let search = json!({ "query": "x", "collections": ["board"] });
    assert_eq!(acme.post(&acme.bob, "/search", search.clone()).await.0, 404);
    assert_eq!(acme.post(&acme.ada, "/search", search).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_narrowed_reads_by_the_lists() {
    let acme = Acme::new().await;
    acme.take_in("salary.md", SALARY, Some(json!({ "members": ["member@acme"] }))).await;
    let key = json!({ "name": "narrow", "scopes": ["content.read"] });
    let (_, made) = acme.post(&acme.owner, "/v1/keys", key).await;
    let narrow = made["key"].as_str().unwrap();
    let (_, found) = acme.post(narrow, "/search", json!({ "query": "quonset" })).await;
    assert_eq!(found["results"], json!([]), "{found}");
    let (_, found) = acme.post(&acme.owner, "/search", json!({ "query": "quonset" })).await;
    assert_eq!(found["results"].as_array().unwrap().len(), 1, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_conversation_shows_each_reader_what_is_open_to_them() {
    let acme = Acme::new().await;
    let me = acme.get(&acme.ada, "/v1/me").await.1;
    let ada = me["principal"].as_str().unwrap();
    let closed = json!({ "open_to": "listed", "members": [ada] });
    acme.take_in("salary.md", SALARY, Some(closed)).await;
    let session = acme.post(&acme.owner, "/v1/sessions", json!({ "title": "Lunch" })).await.1;
    let id = session["id"].as_str().unwrap();
    for question in
        ["What does the director Zacharias Quonset earn?", "When does the canteen open?"]
    {
        let body = json!({ "query": question, "session_id": id });
        let (status, said) = acme.post(&acme.owner, "/query", body).await;
        assert_eq!((status, &said["state"]), (200, &json!("supported")), "{said}");
    }
    let (share, shown) = (format!("/v1/sessions/{id}/share"), format!("/v1/shared/{id}"));
    assert_eq!(acme.get(&acme.bob, &shown).await.0, 404, "it is not open yet");
    assert_eq!(send(&acme.app, &acme.ada, Method::PUT, &share, None, &[]).await.0, 404);
    let (status, refused) = send(&acme.app, &acme.bob, Method::PUT, &share, None, &[]).await;
    assert_eq!(status, 403, "a guest opens nothing: {refused}");
    let (status, opened) = send(&acme.app, &acme.owner, Method::PUT, &share, None, &[]).await;
    assert_eq!(status, 200, "{opened}");
    assert!(opened["shared_at"].is_string(), "{opened}");

    let (status, read) = acme.get(&acme.bob, &shown).await;
    assert_eq!((status, &read["is_own"]), (200, &json!(false)), "{read}");
    assert!(read["owner"].as_str().unwrap().contains("owner"), "{read}");
    let messages = read["messages"].as_array().unwrap();
    let told: Vec<_> = messages.iter().map(|it| it["is_closed"].as_bool().unwrap()).collect();
    assert_eq!(told, [true, false], "{read}");
    assert!(messages[1]["answer"].as_str().unwrap().contains("noon"), "{read}");
    assert_eq!(messages[0]["citations"], json!([]));
    assert!(!read.to_string().contains("412000"), "{read}");
    assert_eq!(acme.get(&acme.bob, &format!("/v1/sessions/{id}")).await.0, 404);

    let read = acme.get(&acme.ada, &shown).await.1;
    assert!(read["messages"][0]["answer"].as_str().unwrap().contains("412000"), "{read}");
    let other = tenant(&acme.app, &acme.root, "globex", "owner").await;
    assert_eq!(acme.get(&other, &shown).await.0, 404, "another tenant");
    send(&acme.app, &acme.owner, Method::DELETE, &share, None, &[]).await;
    assert_eq!(acme.get(&acme.bob, &shown).await.0, 404, "it is closed again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_of_an_answer_is_read_by_admins_alone() {
    let acme = Acme::new().await;
    let session = acme.post(&acme.bob, "/v1/sessions", json!({})).await.1;
    let id = session["id"].as_str().unwrap();
    let body = json!({ "query": "When does the canteen open?", "session_id": id });
    acme.post(&acme.bob, "/query", body).await;
    let path = format!("/v1/sessions/{id}/opinion");
    let say = async |key: &str, number: u64, mut body: Value| {
        body["message"] = json!(number);
        send(&acme.app, key, Method::PUT, &path, Some(body), &[]).await
    };
    assert_eq!(say(&acme.bob, 1, json!({ "useful": true })).await.0, 200);
    let body = json!({ "useful": false, "comment": "On Sundays, too?" });
    let (status, said) = say(&acme.bob, 1, body).await;
    assert_eq!((status, &said["message"]), (200, &json!(1)), "{said}");
    assert_eq!(say(&acme.bob, 2, json!({ "useful": true })).await.0, 404, "no such message");
    assert_eq!(say(&acme.ada, 1, json!({ "useful": true })).await.0, 404, "not hers");
    let long = json!({ "useful": true, "comment": "x".repeat(4_001) });
    assert_eq!(say(&acme.bob, 1, long).await.0, 400);

    assert_eq!(acme.get(&acme.ada, "/v1/opinions").await.0, 403);
    let (status, listed) = acme.get(&acme.owner, "/v1/opinions").await;
    assert_eq!(status, 200, "{listed}");
    let opinions = listed["opinions"].as_array().unwrap();
    assert_eq!(opinions.len(), 1, "the last word counts: {listed}");
    assert_eq!(opinions[0]["query"], "When does the canteen open?");
    assert_eq!(opinions[0]["comment"], "On Sundays, too?");
    assert_eq!((&opinions[0]["useful"], &listed["next"]), (&json!(false), &Value::Null));
    assert!(opinions[0]["by"].as_str().unwrap().contains("guest"), "{listed}");
    let own = format!("/v1/sessions/{id}");
    assert_eq!(send(&acme.app, &acme.bob, Method::DELETE, &own, None, &[]).await.0, 204);
    assert_eq!(acme.get(&acme.owner, "/v1/opinions").await.1["opinions"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_of_conversations_finds_ones_own_and_nothing_that_was_closed_since() {
    let acme = Acme::new().await;
    let taken = acme.take_in("salary.md", SALARY, None).await;
    let session = acme.post(&acme.bob, "/v1/sessions", json!({ "title": "Lunch" })).await.1;
    let id = session["id"].as_str().unwrap();
    let body =
        json!({ "query": "What does the director Zacharias Quonset earn?", "session_id": id });
    let said = acme.post(&acme.bob, "/query", body).await.1;
    assert_eq!(said["state"], "supported", "{said}");
    let find = async |key: &str, word: &str| {
        let listed = acme.get(key, &format!("/v1/sessions?q={word}")).await.1;
        listed["sessions"].as_array().unwrap().len()
    };
    assert_eq!(find(&acme.bob, "412000").await, 1);
    for other in [&acme.ada, &acme.owner] {
        assert_eq!(find(other, "412000").await, 0, "it is somebody else's");
        assert_eq!(find(other, "quonset").await, 0);
    }
    let me = acme.get(&acme.ada, "/v1/me").await.1;
    let only_ada = json!({ "open_to": "listed", "members": [me["principal"]] });
    let path = format!("/v1/documents/{}/access", taken["document_id"].as_str().unwrap());
    acme.set(&path, only_ada).await;
    assert_eq!(find(&acme.bob, "412000").await, 0, "the answer is closed to him now");
    assert_eq!(find(&acme.bob, "quonset").await, 1, "the question is still his");
}
