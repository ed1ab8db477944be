//! The health by gRPC, asked as a probe of a platform asks: bytes over HTTP/2.

use std::{path::Path, sync::Arc, time::Duration};

use assay_core::SystemClock;
use assay_server::{ServerSettings, TlsSettings};
use axum::{
    body::Bytes,
    http::{HeaderMap, Request},
};
use h2::{RecvStream, client::SendRequest};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::app::TestApp;

const CHECK: &str = "/grpc.health.v1.Health/Check";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
const SERVING: &[u8] = &[0, 0, 0, 0, 2, 8, 1];
const NOT_SERVING: &[u8] = &[0, 0, 0, 0, 2, 8, 2];
const UNKNOWN: &[u8] = &[0, 0, 0, 0, 2, 8, 3];

/// A client of HTTP/2 over a connection.
async fn client(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> SendRequest<Bytes> {
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    client.ready().await.unwrap()
}

async fn plain(app: &TestApp) -> SendRequest<Bytes> {
    client(TcpStream::connect(app.url.split("//").nth(1).unwrap()).await.unwrap()).await
}

/// A `HealthCheckRequest` for a service.
fn question(service: &str) -> Vec<u8> {
    let mut message = vec![0x0a, u8::try_from(service.len()).unwrap()];
    message.extend(service.as_bytes());
    [&[0, 0, 0, 0, u8::try_from(message.len()).unwrap()][..], &message].concat()
}

/// Begins a call.
async fn call(
    client: &mut SendRequest<Bytes>,
    path: &str,
    body: Vec<u8>,
) -> (u16, HeaderMap, RecvStream) {
    let request = Request::post(format!("http://localhost{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .unwrap();
    let (response, mut sending) = client.send_request(request, false).unwrap();
    sending.send_data(body.into(), true).unwrap();
    let (head, body) = response.await.unwrap().into_parts();
    (head.status.as_u16(), head.headers, body)
}

/// What a call answers, and its status.
async fn asked(client: &mut SendRequest<Bytes>, path: &str, body: Vec<u8>) -> (Vec<u8>, String) {
    let (status, headers, mut body) = call(client, path, body).await;
    assert_eq!((status, &headers["content-type"]), (200, &"application/grpc".parse().unwrap()));
    let mut answer = Vec::new();
    while let Some(part) = body.data().await {
        answer.extend(part.unwrap());
    }
    let trailers = body.trailers().await.unwrap().unwrap_or(headers);
    (answer, trailers["grpc-status"].to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_learns_whether_the_server_can_serve_and_nothing_else() {
    let app = TestApp::start().await;
    let mut probe = plain(&app).await;
    for service in ["", "ready", "live"] {
        let answer = asked(&mut probe, CHECK, question(service)).await;
        assert_eq!(answer, (SERVING.to_vec(), "0".to_owned()), "{service}");
    }
    // A request without the field asks for the server as a whole.
    assert_eq!(asked(&mut probe, CHECK, vec![0; 5]).await.0, SERVING);
    assert_eq!(asked(&mut probe, CHECK, question("nobody")).await, (vec![], "5".to_owned()));
    assert_eq!(asked(&mut probe, CHECK, vec![7]).await, (vec![], "3".to_owned()));
    assert_eq!(asked(&mut probe, CHECK, vec![0; 5_000]).await, (vec![], "3".to_owned()));
    let other = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    assert_eq!(asked(&mut probe, other, question("")).await, (vec![], "12".to_owned()));
    // The API is not to be had this way.
    for path in ["/health/ready", "/v1/documents"] {
        let request = Request::get(format!("http://localhost{path}")).body(()).unwrap();
        let (response, _) = probe.send_request(request, true).unwrap();
        let mut response = response.await.unwrap();
        assert_eq!(response.status(), 415, "{path}");
        assert!(response.body_mut().data().await.is_none(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_is_told_of_a_part_that_fails_and_heals_and_of_the_end() {
    let mut app = TestApp::start().await;
    let mut probe = plain(&app).await;
    let (_, _, mut unknown) = call(&mut probe, WATCH, question("nobody")).await;
    assert_eq!(unknown.data().await.unwrap().unwrap(), UNKNOWN);
    let (_, _, mut states) = call(&mut probe, WATCH, question("")).await;
    let mut next = async || {
        let state = tokio::time::timeout(Duration::from_secs(30), states.data()).await;
        state.expect("a change within 30 s").unwrap().unwrap()
    };
    assert_eq!(next().await, SERVING);
    let (folder, away) = (app.data().to_owned(), app.data().with_extension("away"));
    std::fs::rename(&folder, &away).unwrap();
    assert_eq!(next().await, NOT_SERVING);
    assert_eq!(asked(&mut probe, CHECK, question("live")).await.0, SERVING);
    // Another folder in its place is not the data either.
    std::fs::create_dir_all(folder.join("tenants")).unwrap();
    let (_, ready) = app.get("/health/ready").await;
    assert_eq!(ready["status"], "not_ready", "{ready}");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();
    assert_eq!(next().await, SERVING);
    let stopped = app.stop_serving();
    assert_eq!(next().await, NOT_SERVING);
    assert!(states.data().await.is_none());
    let trailers = states.trailers().await.unwrap().unwrap();
    assert_eq!(trailers["grpc-status"], "14");
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn who_begins_and_says_no_more_loses_the_connection() {
    let surface = ServerSettings { port: 0, header_seconds: 1, ..ServerSettings::default() };
    let app = TestApp::serving(|_| {}, Arc::new(SystemClock), surface).await;
    for said in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM"] {
        let address = app.url.split("//").nth(1).unwrap();
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(said).await.unwrap();
        let mut heard = Vec::new();
        slow.read_to_end(&mut heard).await.unwrap();
        assert!(heard.is_empty(), "{heard:?}");
    }
}

#[tokio::test]
async fn by_tls_a_client_of_grpc_gets_http_2_and_one_of_both_gets_http_1() {
    let file =
        |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name);
    let tls = TlsSettings { certificate: file("one.pem"), key: file("one.key") };
    let surface = ServerSettings { port: 0, tls, ..ServerSettings::default() };
    let app = TestApp::serving(|_| {}, Arc::new(SystemClock), surface).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file("one.pem")).unwrap()).unwrap();
    let connect = async |offered: &[&[u8]]| {
        let mut trusting =
            ClientConfig::builder().with_root_certificates(roots.clone()).with_no_client_auth();
        trusting.alpn_protocols = offered.iter().map(|it| it.to_vec()).collect();
        let stream = TcpStream::connect(app.url.split("//").nth(1).unwrap()).await.unwrap();
        let host = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(trusting)).connect(host, stream).await.unwrap()
    };
    let stream = connect(&[b"h2"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    assert_eq!(asked(&mut client(stream).await, CHECK, question("")).await.0, SERVING);
    let stream = connect(&[b"h2", b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}
