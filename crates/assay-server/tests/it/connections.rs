//! Connections: who gets one, in which words, and how long without a request.

use std::{path::Path, sync::Arc};

use assay_answer::{EngineSettings, ledger::UnknownAction};
use assay_core::{SystemClock, TenantScope};
use assay_server::{ServerSettings, TlsSettings};
use assay_testkit::upstream::{Script, Upstream};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::TlsConnector;

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

/// What a client with room for one connection meets when it reads nothing.
fn impatient() -> ServerSettings {
    ServerSettings { write_seconds: 1, connections_max: 1, ..ServerSettings::default() }
}

/// Asks for more answers than the buffers of the system hold, one after the other, and reads none; the
/// next connection is served when this one has ended. Returns the bytes that came all the same.
async fn stops_reading<S: AsyncRead + AsyncWrite + Unpin>(
    mut slow: S,
    next: impl Future<Output = S>,
) -> usize {
    let ask = "GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(400);
    slow.write_all(ask.as_bytes()).await.unwrap();
    slow.flush().await.unwrap();
    let mut next = next.await;
    next.write_all(HEALTH.as_bytes()).await.unwrap();
    next.flush().await.unwrap();
    let mut read = [0; 4096];
    let count = next.read(&mut read).await.unwrap();
    assert!(read[..count].starts_with(b"HTTP/1.1 200"));
    // What was on its way comes, and then the end, before the last answer.
    let (mut got, mut part) = (0, vec![0; 1 << 16]);
    while let Ok(count @ 1..) = slow.read(&mut part).await {
        got += count;
    }
    got
}

#[tokio::test]
async fn a_client_that_stops_reading_loses_its_connection() {
    let app = serving(impatient()).await;
    let got = stops_reading(connect(&app).await, connect(&app)).await;
    let whole = app.client.get(format!("{}/openapi.json", app.url));
    let whole = whole.send().await.unwrap().bytes().await.unwrap().len();
    assert!(got < 400 * whole, "{got}");
}

#[tokio::test]
async fn a_client_that_stops_reading_loses_its_connection_by_tls_too() {
    let tls = TlsSettings { certificate: file("one.pem"), key: file("one.key") };
    let app = serving(ServerSettings { tls, ..impatient() }).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file("one.pem")).unwrap()).unwrap();
    let trusting = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(trusting));
    let connect = async || {
        let host = ServerName::try_from("localhost").unwrap();
        connector.connect(host, connect(&app).await).await.unwrap()
    };
    let got = stops_reading(connect().await, connect()).await;
    // An answer has more than 100 kB.
    assert!(got < 400 * 100_000, "{got}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_reading_a_stream_ends_it_at_the_provider() {
    // More than the buffers of the system hold, and it never ends.
    let words = "word ".repeat(2_000);
    let frame = json!({ "choices": [{ "index": 0, "delta": { "content": words } }] });
    let script = Script::stream().frames(vec![frame; 1_000]).hold();
    let upstream = Upstream::always(script).await;
    let gateway = json!({
        "providers": { "up": { "base_url": format!("{}/v1", upstream.url) } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] } },
    });
    let change = |settings: &mut EngineSettings| {
        settings.gateway = serde_json::from_value(gateway).unwrap();
        settings.ledger.unknown_model.action = UnknownAction::Charge;
    };
    let surface = ServerSettings { port: 0, ..impatient() };
    let app = TestApp::serving(change, Arc::new(SystemClock), surface).await;
    let body = json!({ "model": "m", "stream": true,
                       "messages": [{ "role": "user", "content": "How?" }] });
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let address = app.url.split("//").nth(1).unwrap().parse().unwrap();
    let mut slow = socket.connect(address).await.unwrap();
    let body = body.to_string();
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n\
                content-type: application/json\r\ncontent-length:";
    let request = format!("{head} {}\r\n\r\n{body}", body.len());
    slow.write_all(request.as_bytes()).await.unwrap();
    upstream.left().await;
    // It was charged for, and its reservation has ended.
    let (engine, scope) = (app.engine(), TenantScope::built_in());
    while engine.ledger().under_way(&scope).0 > 0 {
        tokio::task::yield_now().await;
    }
    drop(slow);
}
