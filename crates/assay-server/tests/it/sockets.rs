//! Jobs and tasks followed over WebSocket, by a client that is not ours.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message, Utf8Bytes,
        client::IntoClientRequest as _,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::{
    app::{TRIAL, TestApp},
    auth::{send, tenant},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a WebSocket with these headers.
async fn open(
    app: &TestApp,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<Socket, Error> {
    let url = format!("{}{path}", app.url.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

/// The status of a handshake that is refused, and the code of its error.
async fn refusal(app: &TestApp, path: &str, headers: &[(&'static str, &str)]) -> (u16, String) {
    let Err(Error::Http(response)) = open(app, path, headers).await else {
        unreachable!("{path} is not refused")
    };
    let body: Value = serde_json::from_slice(response.body().as_ref().unwrap()).unwrap();
    (response.status().as_u16(), body["error"]["code"].as_str().unwrap().to_owned())
}

/// The states up to the close, and why it closed.
async fn states(mut socket: Socket) -> (Vec<Value>, Option<CloseFrame>) {
    let mut states = Vec::new();
    while let Some(message) = socket.next().await {
        match message.unwrap() {
            Message::Text(text) => states.push(serde_json::from_str(&text).unwrap()),
            Message::Close(frame) => return (states, frame),
            other => unreachable!("{other:?}"),
        }
    }
    (states, None)
}

fn closed(code: CloseCode, reason: &'static str) -> Option<CloseFrame> {
    Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
}

/// A job that does not begin before the tasks are resumed.
async fn waiting(app: &TestApp) -> String {
    assert_eq!(app.post("/v1/tasks/drain", json!({})).await.0, 200);
    let (status, accepted) = app.upload("trial.md", TRIAL).await;
    assert_eq!(status, 202, "{accepted}");
    accepted["job_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_and_its_task_are_followed_from_waiting_to_their_end() {
    let app = TestApp::start().await;
    let job = waiting(&app).await;
    let mut of_job = open(&app, &format!("/v1/jobs/{job}/ws"), &[]).await.unwrap();
    let mut of_task = open(&app, &format!("/v1/tasks/{job}/ws"), &[]).await.unwrap();
    for (socket, state) in [(&mut of_job, "queued"), (&mut of_task, "ready")] {
        let first = socket.next().await.unwrap().unwrap();
        let first: Value = serde_json::from_str(first.to_text().unwrap()).unwrap();
        assert_eq!((&first["id"], &first["state"]), (&json!(job), &json!(state)), "{first}");
    }
    assert_eq!(app.post("/v1/tasks/resume", json!({})).await.0, 200);
    let (seen, why) = states(of_job).await;
    assert_eq!(why, closed(CloseCode::Normal, "it has ended"));
    let (_, shown) = app.get(&format!("/v1/jobs/{job}")).await;
    assert_eq!(seen.last(), Some(&shown), "the last message is the job as it is shown");
    assert_eq!(shown["state"], "done");
    let (seen, why) = states(of_task).await;
    assert_eq!(why, closed(CloseCode::Normal, "it has ended"));
    assert_eq!(seen.last().unwrap()["state"], "done", "{seen:?}");
    // What has ended is told once.
    let (seen, _) = states(open(&app, &format!("/v1/jobs/{job}/ws"), &[]).await.unwrap()).await;
    assert_eq!(seen, [shown]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_follows_what_is_not_theirs_and_no_page_of_another_site_does() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let foreign = tenant(&app, &root, "globex", "owner").await;
    let run = Some(json!({ "kind": "tidy" }));
    let (status, made) = send(&app, &owner, reqwest::Method::POST, "/v1/tasks", run, &[]).await;
    assert_eq!(status, 202, "{made}");
    let task = made["id"].as_str().unwrap();
    let bearer = |key: &str| format!("Bearer {key}");
    let (owner, foreign) = (bearer(&owner), bearer(&foreign));
    for path in [format!("/v1/tasks/{task}/ws"), format!("/v1/jobs/{task}/ws")] {
        let mine = open(&app, &path, &[("authorization", &owner)]).await.unwrap();
        assert_eq!(states(mine).await.0.last().unwrap()["id"], task);
        let to = |code: &str, status| (status, code.to_owned());
        assert_eq!(refusal(&app, &path, &[]).await, to("unauthenticated", 401));
        let theirs = refusal(&app, &path, &[("authorization", &foreign)]).await;
        assert_eq!(theirs, to("not_found", 404));
        let page = [("authorization", owner.as_str()), ("origin", "https://evil.test")];
        assert_eq!(refusal(&app, &path, &page).await, to("forbidden", 403));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_are_answered_and_nothing_else_is_taken() {
    let app = TestApp::start().await;
    let path = format!("/v1/jobs/{}/ws", waiting(&app).await);
    let mut socket = open(&app, &path, &[]).await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().is_text());
    socket.send(Message::Ping(b"are you there".to_vec().into())).await.unwrap();
    let pong = socket.next().await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong(b"are you there".to_vec().into()));
    socket.send(Message::text("ping")).await.unwrap();
    let (_, why) = states(socket).await;
    assert_eq!(why, closed(CloseCode::Unsupported, "nothing is taken here"));
    // A message that is longer than any answer to a ping ends the connection.
    let mut socket = open(&app, &path, &[]).await.unwrap();
    socket.send(Message::text("x".repeat(2_000))).await.unwrap();
    let mut heard = Vec::new();
    while let Some(Ok(message)) = socket.next().await {
        heard.push(message);
    }
    assert!(heard.iter().all(|message| !message.is_pong()), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_says_so_and_does_not_wait_for_what_is_followed() {
    let mut app = TestApp::start().await;
    let job = waiting(&app).await;
    let mut socket = open(&app, &format!("/v1/jobs/{job}/ws"), &[]).await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().is_text());
    // A connection that has said nothing yet, as browsers open them in advance.
    let silent = TcpStream::connect(app.url.split("//").nth(1).unwrap()).await.unwrap();
    let asked = Instant::now();
    let stopped = app.stop_serving();
    let (_, why) = states(socket).await;
    assert_eq!(why, closed(CloseCode::Away, "the server stops"));
    stopped.await.unwrap().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(9), "nobody was waited for");
    drop(silent);
}
