//! What Postgres said when something failed, without what it must not tell.

use std::error::Error as _;

/// A failure of Postgres or of the connection to it. Its text holds no value of a row, no statement
/// and nothing of the address but the host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Postgres: {message}{}", if state.is_empty() { String::new() } else { format!(" ({state})") })]
pub struct Failure {
    /// The SQLSTATE, such as `23505`; empty when the server did not say anything.
    pub(crate) state: String,
    message: String,
    /// Whether the other side speaks no TLS, or shows a certificate that is not taken.
    pub(crate) is_tls: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { state: String::new(), message: message.into(), is_tls: false }
    }

    /// Whether the server is not there, or is leaving.
    pub(crate) fn is_unreachable(&self) -> bool {
        // 08: connection; 28: refused role or password; 3D: no such database; 57P: shut down by an
        // operator; 53300: no place for a connection.
        let classes = ["08", "28", "3D", "57P", "53300"];
        self.state.is_empty() || classes.iter().any(|class| self.state.starts_with(class))
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(said) = error.as_db_error() {
            // The detail names the values of the row and is left out.
            return Self {
                state: said.code().code().to_owned(),
                message: said.message().to_owned(),
                is_tls: false,
            };
        }
        if error.is_closed() {
            return Self::new("the connection was closed");
        }
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        // The client keeps the kind of an error to itself, and says it in words alone.
        let is_tls = error.to_string().starts_with("error performing TLS handshake");
        Self { is_tls, ..Self::new(reason) }
    }
}
