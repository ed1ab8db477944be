//! The address of a Postgres server, and what is opened there.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Config, NoTls, config::SslMode};

use super::{Failure, Pool, Session, wait::wait};
use crate::SqliteError;

/// Limits of the connections to a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// Connections at most. Three of four are for reading, so that reads cannot keep out the write
    /// that one of them waits for.
    pub connections_max: usize,
    /// How long a call waits for a free connection, a lock or a new connection, in milliseconds.
    pub wait_ms: u32,
    /// How long one statement may take, in milliseconds.
    pub statement_ms: u32,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self { connections_max: 16, wait_ms: 5_000, statement_ms: 60_000 }
    }
}

/// A Postgres server. Clones share its connections.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    config: Config,
    settings: ServerSettings,
    pool: Pool,
    /// Drives the sockets; `None` only while closing.
    runtime: Option<Runtime>,
}

impl Server {
    /// A server by its address, such as `postgres://assay@db.example.org/assay`. Nothing is asked of it
    /// yet.
    ///
    /// # Errors
    /// [`SqliteError::Address`] for an address that is none.
    pub fn at(url: &str, settings: &ServerSettings) -> Result<Self, SqliteError> {
        let mut config = Config::from_str(url).map_err(|_| SqliteError::Address)?;
        if !url.contains("://") || config.get_hosts().is_empty() || config.get_user().is_none() {
            return Err(SqliteError::Address);
        }
        let wait = Duration::from_millis(settings.wait_ms.into());
        config
            .application_name("assay")
            .connect_timeout(wait)
            .keepalives_idle(Duration::from_secs(30))
            // A peer that no longer answers is given up, not waited for.
            .tcp_user_timeout(Duration::from_secs(30))
            .options(format!(
                "-c statement_timeout={} -c lock_timeout={} \
                 -c idle_in_transaction_session_timeout=60000",
                settings.statement_ms, settings.wait_ms
            ));
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|error| unreachable(Failure::new(error.to_string())))?;
        let settings = settings.clone();
        let pool = Pool::new(&settings);
        Ok(Self(Arc::new(Inner { config, settings, pool, runtime: Some(runtime) })))
    }

    /// Whom the connections belong to.
    #[must_use]
    pub fn role(&self) -> &str {
        self.0.config.get_user().unwrap_or_default()
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.0.pool
    }

    pub(super) fn settings(&self) -> &ServerSettings {
        &self.0.settings
    }

    pub(super) fn connect(&self) -> Result<Session, Failure> {
        let Some(runtime) = &self.0.runtime else { return Err(Failure::new("closed")) };
        if self.0.config.get_ssl_mode() == SslMode::Require {
            return Err(Failure::new("TLS to Postgres is not built: use a socket or a tunnel"));
        }
        let config = self.0.config.clone();
        let connected = runtime.spawn(async move {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(async move {
                // What the caller needs to know, its next call says.
                if let Err(error) = connection.await {
                    tracing::debug!(error = %Failure::from(error), "a connection to Postgres ended");
                }
            });
            Ok::<_, tokio_postgres::Error>(client)
        });
        match wait(connected) {
            Ok(client) => Ok(Session::new(client?)),
            Err(error) => Err(Failure::new(error.to_string())),
        }
    }
}

fn unreachable(failure: Failure) -> SqliteError {
    SqliteError::Unreachable(failure.into())
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // The last handle may be dropped on a thread that must not wait.
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No password.
        let config = &self.0.config;
        f.debug_struct("Server")
            .field("hosts", &config.get_hosts())
            .field("database", &config.get_dbname())
            .field("role", &config.get_user())
            .finish_non_exhaustive()
    }
}
