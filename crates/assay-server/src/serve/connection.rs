//! One connection, from its handshake to its end.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::Watcher,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

use super::progress::Progress;

/// What a connection is served with.
pub(super) struct Connection {
    pub(super) router: Router,
    pub(super) peer: SocketAddr,
    /// Time for the handshake, and for the head of each request.
    pub(super) header_time: Duration,
    /// Time for a part of an answer to be taken.
    pub(super) write_time: Duration,
    pub(super) watcher: Watcher,
    /// Room for it, given back at its end.
    pub(super) _permit: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// Serves requests until either side ends it.
    pub(super) async fn serve(self, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        let stream = Progress::new(stream, self.write_time);
        let Some(acceptor) = acceptor else { return self.requests(stream).await };
        match timeout(self.header_time, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.requests(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, peer = %self.peer, "no TLS handshake"),
            Err(_) => tracing::debug!(peer = %self.peer, "a TLS handshake took too long"),
        }
    }

    async fn requests(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { router, peer, header_time, watcher, _permit, .. } = self;
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request)
        });
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header_time)
            .serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(serving).await {
            tracing::debug!(%error, %peer, "a connection ended early");
        }
    }
}
