//! What every accepted connection is given.

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};

use super::without_delay;

#[tokio::test]
async fn accepted_connections_have_no_delay() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut listener = without_delay(listener);
    let (accepted, connected) = tokio::join!(listener.accept(), TcpStream::connect(address));
    assert!(accepted.0.nodelay().unwrap());
    drop(connected);
}
