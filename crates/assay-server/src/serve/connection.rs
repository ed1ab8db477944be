//! One connection, from its handshake to its end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

use super::{begun::Begun, grpc, progress::Progress};
use crate::App;

/// Streams at once of a connection by HTTP/2, and bytes of their heads and windows: a probe has one.
const STREAMS: u32 = 8;
const HEAD_BYTES: u32 = 8 << 10;
const WINDOW_BYTES: u32 = 64 << 10;
/// How often a connection by HTTP/2 is asked whether it still is one, and how long it may take to say so.
const PING: Duration = Duration::from_secs(30);
const PONG: Duration = Duration::from_secs(10);

/// What a connection is served with.
pub(super) struct Connection {
    pub(super) app: App,
    pub(super) router: Router,
    pub(super) peer: SocketAddr,
    /// Time for the handshake, for the first bytes, and for the head of each request.
    pub(super) header_time: Duration,
    /// Time for a part of an answer to be taken.
    pub(super) write_time: Duration,
    pub(super) watcher: Watcher,
    /// Room for those that ask for the health by gRPC.
    pub(super) probes: Arc<Semaphore>,
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
        let begun = tokio::select! {
            begun = timeout(self.header_time, Begun::listen(stream)) => begun,
            // A stop does not wait for who has said nothing.
            () = self.app.sockets.stopped() => return,
        };
        let stream = match begun {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%error, peer = %self.peer, "nothing was said"),
            Err(_) => return tracing::debug!(peer = %self.peer, "nothing was said in time"),
        };
        match stream.is_http2() {
            true => self.probe(stream).await,
            false => self.ask(stream).await,
        }
    }

    /// HTTP/1.1: everything.
    async fn ask(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { router, peer, header_time, watcher, _permit, .. } = self;
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request)
        });
        let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
        builder.http1().timer(TokioTimer::new()).header_read_timeout(header_time);
        let serving = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(serving.into_owned()).await {
            tracing::debug!(%error, %peer, "a connection ended early");
        }
    }

    /// HTTP/2: the health by gRPC, and nothing else.
    async fn probe(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { app, peer, watcher, probes, _permit, .. } = self;
        let Ok(_room) = probes.try_acquire_owned() else {
            return tracing::debug!(%peer, "too many ask for the health by gRPC");
        };
        let service = service_fn(move |request| grpc::answer(app.clone(), request));
        let serving = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEAD_BYTES)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PONG)
            .serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(serving).await {
            tracing::debug!(%error, %peer, "a connection ended early");
        }
    }
}
