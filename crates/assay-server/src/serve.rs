//! Listening, serving, stopping.

use std::{net::SocketAddr, time::Duration};

use assay_core::{Coded, ErrorCode};
use assay_identity::{AuthMode, AuthSettings};
use axum::serve::{ListenerExt, TapIo};
use tokio::net::{TcpListener, TcpStream};

use crate::{App, ServerSettings, router};

/// Time that running requests get to end after a stop was asked for.
const GRACE: Duration = Duration::from_secs(10);

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
    /// Accepting connections failed.
    #[error("the server stopped")]
    Accept(#[source] std::io::Error),
}

impl Coded for ServeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Bind { .. } => ErrorCode::Conflict,
            Self::Exposed { .. } => ErrorCode::BadRequest,
            Self::Accept(_) => ErrorCode::Internal,
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
            Self::Accept(_) => None,
        }
    }
}

/// Refuses to serve other machines without asking for credentials.
///
/// # Errors
/// [`ServeError::Exposed`].
pub fn check_exposure(settings: &ServerSettings, auth: &AuthSettings) -> Result<(), ServeError> {
    if settings.host.is_loopback() || auth.mode == AuthMode::Required {
        return Ok(());
    }
    Err(ServeError::Exposed { address: settings.host })
}

/// Takes the address.
///
/// # Errors
/// [`ServeError::Bind`] when it is in use or not an address of this machine.
pub async fn bind(settings: &ServerSettings) -> Result<TcpListener, ServeError> {
    let address = SocketAddr::new(settings.host, settings.port);
    TcpListener::bind(address).await.map_err(|source| ServeError::Bind { address, source })
}

/// Sets TCP_NODELAY on every connection: without it the second frame of every stream waits 40 ms
/// for an acknowledgement.
fn without_delay(
    listener: TcpListener,
) -> TapIo<TcpListener, impl FnMut(&mut TcpStream) + Send + 'static> {
    listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY not set");
        }
    })
}

/// Serves until `stop` ends, then lets running requests end.
///
/// # Errors
/// [`ServeError::Accept`] when the listener fails, [`ServeError::Exposed`] when it should not serve
/// here.
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    check_exposure(&app.settings, app.engine.identities().settings())?;
    let listener = without_delay(listener);
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    // A router that is no service yet is put together anew for every connection, all of its routes:
    // megabytes each.
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        let _ = stopping.send(true);
    });
    let overdue = async move {
        let asked = stopped.wait_for(|asked| *asked).await.is_ok();
        if asked {
            tokio::time::sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = serving => served.map_err(ServeError::Accept),
        () = overdue => Ok(()),
    }
}

#[cfg(test)]
mod tests;
