//! The address of a Postgres server, and what is opened there.

use std::{
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use assay_core::Secret;
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, NoTls, Socket, config::SslMode, tls::MakeTlsConnect};

use super::{
    Failure, Pool, Session,
    tls::{Asked, Connector},
    wait::wait,
};
use crate::SqliteError;

/// Which server holds the rows, and limits of the connections to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// Its address, such as `postgres://assay@db.example.org/assay?sslmode=verify-full`; empty for
    /// files in the data folder. It may hold a password.
    pub url: Option<Secret>,
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
        Self { url: None, connections_max: 16, wait_ms: 5_000, statement_ms: 60_000 }
    }
}

/// A Postgres server. Clones share its connections.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    config: Config,
    settings: ServerSettings,
    /// `None` for connections in plain text.
    tls: Option<Connector>,
    pool: Pool,
    /// The connection whose lock keeps other processes out.
    held: Mutex<Option<Session>>,
    /// Drives the sockets; `None` only while closing.
    runtime: Option<Runtime>,
}

impl Server {
    /// The server that is set, if one is.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn of(settings: &ServerSettings) -> Result<Option<Self>, SqliteError> {
        let url = settings.url.as_ref().map(Secret::expose).filter(|url| !url.is_empty());
        url.map(|url| Self::at(url, settings)).transpose()
    }

    /// Takes the database for this process, for as long as this handle and its clones live.
    ///
    /// # Errors
    /// [`SqliteError::Held`] when another process has it.
    pub fn hold(&self) -> Result<(), SqliteError> {
        let session = self.connect()?;
        let sql = "SELECT pg_try_advisory_lock(7236288)";
        let prepared = session.prepare(sql)?;
        let rows = session.query(&prepared, &[])?;
        let is_free = rows.first().map(|row| row.try_get::<_, bool>(0));
        match is_free.transpose().map_err(Failure::from)? {
            Some(true) => {}
            _ => return Err(SqliteError::Held),
        }
        *self.0.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
        Ok(())
    }

    /// Shows that the process with this number lives, for as long as the result does. Statements ask
    /// `pg_try_advisory_xact_lock(7236289, number)`: they get the lock of a process that is gone.
    ///
    /// # Errors
    /// [`SqliteError::Unreachable`].
    pub fn presence(&self, number: i32) -> Result<Presence, SqliteError> {
        let session = self.connect()?;
        session.batch(&format!("SELECT pg_advisory_lock(7236289, {number})"))?;
        Ok(Presence(session))
    }

    /// A server by its address, such as `postgres://assay@db.example.org/assay`. Nothing is asked of it
    /// yet. An address that leaves the machine is spoken to by TLS, and its certificate checked, unless
    /// its `sslmode` says otherwise.
    ///
    /// # Errors
    /// [`SqliteError::Address`] for an address that is none; [`SqliteError::Tls`] and
    /// [`SqliteError::Certificates`] for what it says of TLS.
    pub fn at(url: &str, settings: &ServerSettings) -> Result<Self, SqliteError> {
        let (address, asked) = Asked::split(url);
        let mut config = Config::from_str(&address).map_err(|_| SqliteError::Address)?;
        if !url.contains("://") || config.get_hosts().is_empty() || config.get_user().is_none() {
            return Err(SqliteError::Address);
        }
        let wait = Duration::from_millis(settings.wait_ms.into());
        let tls = asked.connector(&config)?;
        config
            // Never the one that falls back.
            .ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable })
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
        let (held, runtime) = (Mutex::default(), Some(runtime));
        Ok(Self(Arc::new(Inner { config, settings, tls, pool, held, runtime })))
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
        let (config, tls) = (self.0.config.clone(), self.0.tls.clone());
        let limit = Duration::from_millis(self.0.settings.wait_ms.into());
        let connected = runtime.spawn(async move {
            let opened = async {
                match tls {
                    Some(tls) => opened(&config, tls).await,
                    None => opened(&config, NoTls).await,
                }
            };
            // The limit of the client itself is for the first packet alone.
            let in_time = tokio::time::timeout(limit, opened).await;
            in_time.map_err(|_| Failure::new("it does not answer"))?
        });
        match wait(connected) {
            Ok(client) => Ok(Session::new(client?)),
            Err(error) => Err(Failure::new(error.to_string())),
        }
    }
}

/// A connection, driven by a task of its own.
async fn opened<T>(config: &Config, tls: T) -> Result<Client, Failure>
where
    T: MakeTlsConnect<Socket, Stream: Send + 'static>,
{
    let (client, connection) = config.connect(tls).await?;
    tokio::spawn(async move {
        // What the caller needs to know, its next call says.
        if let Err(error) = connection.await {
            tracing::debug!(error = %Failure::from(error), "a connection to Postgres ended");
        }
    });
    Ok(client)
}

/// A connection whose lock shows that a process lives.
#[derive(Debug)]
pub struct Presence(Session);

impl Presence {
    /// Whether the connection ended, and the lock with it.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.is_closed()
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
