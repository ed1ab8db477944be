//! What every accepted connection is given, and where a server does not start.

use assay_identity::{AuthMode, AuthSettings};
use tokio::net::{TcpListener, TcpStream};

use super::{ServeError, accept, check_exposure};
use crate::{ServerSettings, TlsSettings};

#[tokio::test]
async fn accepted_connections_have_no_delay() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ((stream, peer), connected) = tokio::join!(accept(&listener), TcpStream::connect(address));
    assert!(stream.nodelay().unwrap());
    assert_eq!(peer, connected.unwrap().local_addr().unwrap());
}

#[test]
fn other_machines_need_keys_and_a_certificate() {
    let open = AuthSettings::default();
    let required = AuthSettings { mode: AuthMode::Required, ..AuthSettings::default() };
    let mut settings = ServerSettings::default();
    assert!(check_exposure(&settings, &open).is_ok());
    settings.host = std::net::Ipv4Addr::UNSPECIFIED.into();
    assert!(matches!(check_exposure(&settings, &open), Err(ServeError::Exposed { .. })));
    assert!(matches!(check_exposure(&settings, &required), Err(ServeError::Plain { .. })));
    settings.plain_http = true;
    assert!(check_exposure(&settings, &required).is_ok());
    settings.plain_http = false;
    settings.tls = TlsSettings { certificate: "a.pem".into(), key: "a.key".into() };
    assert!(check_exposure(&settings, &required).is_ok());
    assert!(matches!(check_exposure(&settings, &open), Err(ServeError::Exposed { .. })));
}
