//! What is examined, and how it is reached.

use std::{path::PathBuf, time::Duration};

use serde_json::Value;

use crate::check::Blast;

/// One HTTP request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method, such as `GET`.
    pub method: String,
    /// Whole address.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Body; empty for none.
    pub body: Vec<u8>,
    /// Longest that it may take.
    pub timeout: Duration,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Body, at most the bytes that the transport allows.
    pub body: Vec<u8>,
    /// Milliseconds until the body was there.
    pub ms: f64,
    /// The certificate of the other side as DER, over TLS.
    pub certificate: Option<Vec<u8>>,
}

impl Response {
    /// The first header of a name, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(its, _)| its == name).map(|(_, value)| value.as_str())
    }

    /// The body as text, with what is no UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends requests. Redirects are not followed and nothing is tried again.
pub trait Transport: Sync {
    /// Sends one request and waits for its answer.
    ///
    /// # Errors
    /// In words, when no answer came.
    fn send(&self, request: &Request) -> Result<Response, String>;
}

/// What only the program itself can tell, such as whether an export of the audit log is sound.
pub trait Own: Sync {
    /// The answer to a question by its name.
    ///
    /// # Errors
    /// In words, when it cannot be told here.
    fn tell(&self, question: &str) -> Result<Value, String>;
}

/// A deployment.
pub struct Deployment<'a> {
    /// Where its HTTP is, without a slash at the end.
    pub url: String,
    /// How it is asked.
    pub transport: &'a dyn Transport,
    /// What the program can tell.
    pub own: &'a dyn Own,
    /// The settings in effect without secrets; absent when they are not known to be this one's.
    pub config: Option<Value>,
    /// Its data folder, when this is its machine.
    pub data: Option<PathBuf>,
    /// The folder with the documentation and the runbooks that belong to it.
    pub docs: Option<PathBuf>,
    /// A Prometheus that watches it.
    pub prometheus: Option<String>,
    /// Where the traces of its requests are kept: answers `/api/traces/ID`, as Jaeger and Tempo do.
    pub traces: Option<String>,
    /// Key that is shown; absent where none is asked for.
    pub key: Option<String>,
    /// Key of a second tenant, for what must be kept apart.
    pub other_key: Option<String>,
    /// What may be done to it.
    pub allow: Blast,
    /// Version of the program that examines.
    pub version: String,
}
