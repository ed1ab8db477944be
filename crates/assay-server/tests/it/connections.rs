//! Connections: who gets one, in which words, and how long without a request.

use std::{path::Path, sync::Arc};

use assay_core::SystemClock;
use assay_server::{ServerSettings, TlsSettings};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::app::TestApp;

const HEALTH: &str = "GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n";

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name)
}

async fn serving(surface: ServerSettings) -> TestApp {
    let surface = ServerSettings { port: 0, ..surface };
    TestApp::serving(|_| {}, Arc::new(SystemClock), surface).await
}

async fn connect(app: &TestApp) -> TcpStream {
    let address = app.url.split("//").nth(1).unwrap();
    TcpStream::connect(address).await.unwrap()
}

#[tokio::test]
async fn with_a_certificate_only_tls_1_3_is_spoken() {
    let tls = TlsSettings { certificate: file("one.pem"), key: file("one.key") };
    let app = serving(ServerSettings { tls, ..ServerSettings::default() }).await;
    let trusted = std::fs::read(file("one.pem")).unwrap();
    let trusting = || {
        let root = reqwest::Certificate::from_pem(&trusted).unwrap();
        reqwest::Client::builder().no_proxy().tls_certs_only([root])
    };
    let client = trusting().build().unwrap();
    let response = client.get(format!("{}/health/live", app.url)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["strict-transport-security"], "max-age=31536000");
    let older = trusting().tls_version_max(reqwest::tls::Version::TLS_1_2).build().unwrap();
    assert!(older.get(format!("{}/health/live", app.url)).send().await.is_err());
    let other = reqwest::Certificate::from_pem(&std::fs::read(file("two.pem")).unwrap()).unwrap();
    let other = reqwest::Client::builder().no_proxy().tls_certs_only([other]).build().unwrap();
    assert!(other.get(format!("{}/health/live", app.url)).send().await.is_err());
    // Who speaks plainly gets no word of HTTP back.
    let mut plain = connect(&app).await;
    plain.write_all(HEALTH.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    plain.read_to_end(&mut said).await.unwrap();
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
}

#[tokio::test]
async fn a_head_that_never_ends_ends_the_connection() {
    let app = serving(ServerSettings { header_seconds: 1, ..ServerSettings::default() }).await;
    let mut slow = connect(&app).await;
    slow.write_all(b"GET /health/live HTTP/1.1\r\nhost: loc").await.unwrap();
    let mut said = Vec::new();
    slow.read_to_end(&mut said).await.unwrap();
    assert!(!said.starts_with(b"HTTP/1.1 200"), "{said:?}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_room() {
    let app = serving(ServerSettings { connections_max: 1, ..ServerSettings::default() }).await;
    let mut first = connect(&app).await;
    let mut read = [0; 4096];
    first.write_all(HEALTH.as_bytes()).await.unwrap();
    let count = first.read(&mut read).await.unwrap();
    assert!(read[..count].starts_with(b"HTTP/1.1 200"));
    let mut second = connect(&app).await;
    second.write_all(HEALTH.as_bytes()).await.unwrap();
    // The first is served on while the second waits.
    first.write_all(HEALTH.as_bytes()).await.unwrap();
    let count = first.read(&mut read).await.unwrap();
    assert!(read[..count].starts_with(b"HTTP/1.1 200"));
    let waiting = std::io::ErrorKind::WouldBlock;
    assert_eq!(second.try_read(&mut read).unwrap_err().kind(), waiting);
    drop(first);
    let count = second.read(&mut read).await.unwrap();
    assert!(read[..count].starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_client_that_stops_reading_loses_its_connection() {
    let surface =
        ServerSettings { write_seconds: 1, connections_max: 1, ..ServerSettings::default() };
    let app = serving(surface).await;
    let mut slow = connect(&app).await;
    // More answers than the buffers of the system hold, one after the other, and none is read.
    let ask = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(400);
    slow.write_all(ask.as_bytes()).await.unwrap();
    // There is room for one connection: this one is served when the other has ended.
    let mut next = connect(&app).await;
    next.write_all(HEALTH.as_bytes()).await.unwrap();
    let mut read = [0; 4096];
    let count = next.read(&mut read).await.unwrap();
    assert!(read[..count].starts_with(b"HTTP/1.1 200"));
    // What was on its way comes, and then the end, before the last answer.
    let (mut got, mut part) = (0, vec![0; 1 << 16]);
    while let Ok(count @ 1..) = slow.read(&mut part).await {
        got += count;
    }
    let whole = app.client.get(format!("{}/openapi.json", app.url));
    drop(next);
    let whole = whole.send().await.unwrap().bytes().await.unwrap().len();
    assert!(got < 400 * whole, "{got}");
}
