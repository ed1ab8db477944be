//! Listening, serving, stopping.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use assay_core::{Coded, ErrorCode};
use assay_identity::{AuthMode, AuthSettings};
use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use crate::{App, Certificates, ServerSettings, router};
use connection::Connection;

mod begun;
mod connection;
mod grpc;
mod progress;

/// Time that running requests get to end after a stop was asked for.
const GRACE: Duration = Duration::from_secs(10);
/// Pause when the system gives no more connections, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_secs(1);
/// How often the files of the certificate are looked at.
const LOOK: Duration = Duration::from_secs(10);
/// Connections at once that ask for the health by gRPC.
const PROBES_MAX: usize = 64;

/// The server could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Other machines could reach a server that asks nobody for a credential.
    #[error("{address} is open to other machines, and no credential would be asked for")]
    Exposed {
        /// The address.
        address: std::net::IpAddr,
    },
    /// What is said would go over the net for everybody to read.
    #[error("{address} is open to other machines, and there is no certificate")]
    Plain {
        /// The address.
        address: std::net::IpAddr,
    },
    /// A certificate or its key is not there, cannot be read, or does not fit the other.
    #[error("the certificate {path} with its key cannot be used: {reason}")]
    Certificate {
        /// The file of the certificate.
        path: String,
        /// Why.
        reason: String,
    },
}

impl Coded for ServeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Bind { .. } => ErrorCode::Conflict,
            Self::Exposed { .. } | Self::Plain { .. } | Self::Certificate { .. } => {
                ErrorCode::BadRequest
            }
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Bind { source, address } => Some(match source.kind() {
                std::io::ErrorKind::AddrInUse => {
                    format!(
                        "port {} is in use: stop that program or give another `--port`",
                        address.port()
                    )
                }
                std::io::ErrorKind::PermissionDenied => "take a port above 1023".to_owned(),
                _ => "check `server.host` and `server.port`".to_owned(),
            }),
            Self::Exposed { .. } => Some(
                "set `auth.mode = \"required\"` (or ASSAY_AUTH__MODE=required) and make the first \
                 key with `assay keys create --bootstrap NAME`, or listen on 127.0.0.1"
                    .to_owned(),
            ),
            Self::Plain { .. } => Some(
                "set `server.tls.certificate` and `server.tls.key`, or `server.plain_http = true` \
                 where a proxy in front speaks TLS, or listen on 127.0.0.1"
                    .to_owned(),
            ),
            Self::Certificate { .. } => Some(
                "`server.tls.certificate` and `server.tls.key` name files in PEM: the certificate \
                 first, then those that lead to its issuer; and its private key"
                    .to_owned(),
            ),
        }
    }
}

/// Refuses to serve other machines without asking for credentials, or in plain text unless told to.
///
/// # Errors
/// [`ServeError::Exposed`], [`ServeError::Plain`].
pub fn check_exposure(settings: &ServerSettings, auth: &AuthSettings) -> Result<(), ServeError> {
    let address = settings.host;
    if address.is_loopback() {
        return Ok(());
    }
    if auth.mode != AuthMode::Required {
        return Err(ServeError::Exposed { address });
    }
    if !settings.tls.is_set() && !settings.plain_http {
        return Err(ServeError::Plain { address });
    }
    Ok(())
}

/// Takes the address.
///
/// # Errors
/// [`ServeError::Bind`] when it is in use or not an address of this machine.
pub async fn bind(settings: &ServerSettings) -> Result<TcpListener, ServeError> {
    let address = SocketAddr::new(settings.host, settings.port);
    TcpListener::bind(address).await.map_err(|source| ServeError::Bind { address, source })
}

/// Serves until `stop` ends, then lets running requests end. With certificates it speaks TLS 1.3.
///
/// # Errors
/// [`ServeError::Exposed`] and [`ServeError::Plain`] when it should not serve here.
pub async fn serve(
    listener: TcpListener,
    certificates: Option<Arc<Certificates>>,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    check_exposure(&app.settings, app.engine.identities().settings())?;
    let following = certificates.clone().map(|it| tokio::spawn(follow(it)));
    let open = GracefulShutdown::new();
    let settings = app.settings.clone();
    let room = Arc::new(Semaphore::new(settings.connections_max.min(Semaphore::MAX_PERMITS)));
    let probes = Arc::new(Semaphore::new(PROBES_MAX));
    let router: Router = router(app.clone());
    let mut stop = std::pin::pin!(stop);
    loop {
        // Waits for room before it accepts: what is not accepted waits in the system's queue.
        let accepting =
            async { (Arc::clone(&room).acquire_owned().await, accept(&listener).await) };
        let (permit, (stream, peer)) = tokio::select! {
            accepted = accepting => accepted,
            () = &mut stop => break,
        };
        let connection = Connection {
            app: app.clone(),
            router: router.clone(),
            peer,
            header_time: Duration::from_secs(settings.header_seconds),
            write_time: Duration::from_secs(settings.write_seconds.max(1)),
            watcher: open.watcher(),
            probes: Arc::clone(&probes),
            _permit: permit.ok(),
        };
        tokio::spawn(connection.serve(stream, certificates.as_ref().map(|it| it.acceptor())));
    }
    drop(listener);
    app.sockets.stop();
    let ended = async {
        open.shutdown().await;
        app.sockets.closed().await;
    };
    let _ = tokio::time::timeout(GRACE, ended).await;
    if let Some(following) = following {
        following.abort();
    }
    Ok(())
}

/// The next connection, without Nagle's delay: with it the second frame of every stream waits 40 ms
/// for an acknowledgement.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY not set");
                }
                return (stream, peer);
            }
            Err(error) if is_of_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Whether a connection ended before it was accepted.
fn is_of_client(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

/// Takes a new certificate when its files have changed, for the connections from then on.
async fn follow(certificates: Arc<Certificates>) {
    let mut ticks = tokio::time::interval(LOOK);
    loop {
        ticks.tick().await;
        let certificates = Arc::clone(&certificates);
        let _ = tokio::task::spawn_blocking(move || match certificates.reload() {
            Ok(true) => tracing::info!("a new certificate is served"),
            Ok(false) => {}
            Err(error) => tracing::error!(
                error = %assay_core::ErrorChain(&error),
                "the certificate has changed and cannot be used: the old one is served on"
            ),
        })
        .await;
    }
}

#[cfg(test)]
mod tests;
