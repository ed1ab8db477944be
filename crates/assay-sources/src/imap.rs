//! Source: the messages of a mailbox, read by IMAP and left as they are.

mod connection;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use assay_core::Secret;
use assay_net::Guard;
use base64::{
    Engine,
    alphabet::IMAP_MUTF7,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use jiff::Timestamp;
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use self::connection::{Connection, Failure, Message};
use crate::{
    Limits, Sink, Source, SourceContext, SourceError, SourceFile, SourceState,
    net::http::guard,
    run::Run,
    settings::{SettingProblem, checked},
};

/// Ports of hosts that are not allowed by name.
const PORTS: [u16; 2] = [993, 143];
/// Folders in the settings at most.
const FOLDERS_MAX: usize = 200;

/// The messages of some folders of a mailbox, as `.eml` files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapSettings {
    /// The server.
    pub host: String,
    /// Its port.
    #[serde(default = "default_port")]
    pub port: u16,
    /// Whose mailbox.
    pub user: String,
    /// The password, or better one for this application alone.
    pub password: Secret,
    /// Folders, with the separator of the server between their parts.
    #[serde(default = "default_folders")]
    pub folders: Vec<String>,
    /// Speaks without TLS. Only to hosts that the policy of the server allows by name, since the
    /// password could be read on the way.
    #[serde(default)]
    pub without_tls: bool,
    /// What a run may consume.
    #[serde(default)]
    pub limits: Limits,
}

const fn default_port() -> u16 {
    993
}

fn default_folders() -> Vec<String> {
    vec!["INBOX".to_owned()]
}

#[derive(Debug)]
pub(crate) struct Imap {
    settings: ImapSettings,
    guard: Arc<Guard>,
    tls: Arc<ClientConfig>,
    runtime: Handle,
}

/// The messages that are known. A message never changes, and its key names it for good: folder,
/// validity of the numbers in it, number. Numbers that lost their validity are other messages.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    messages: BTreeSet<String>,
}

impl Imap {
    pub(crate) fn new(
        settings: ImapSettings,
        context: &SourceContext,
    ) -> Result<Self, SourceError> {
        // A second installation of the same provider is an error value that means "already done".
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = ClientConfig::with_platform_verifier();
        let tls = tls.map_err(|error| SourceError::Setup(error.to_string()))?;
        Self::with_tls(settings, context, tls)
    }

    fn with_tls(
        settings: ImapSettings,
        context: &SourceContext,
        tls: ClientConfig,
    ) -> Result<Self, SourceError> {
        let mut problems = Vec::new();
        let mut check = |setting: &str, is_wrong: bool, problem: &str| {
            if is_wrong {
                problems.push(SettingProblem::new(setting, problem));
            }
        };
        let host = settings.host.as_str();
        check(
            "host",
            host.is_empty() || host.contains(['/', '@', ' ']),
            "is not the name of a host",
        );
        check("user", settings.user.is_empty(), "is empty");
        check("folders", settings.folders.is_empty(), "is empty");
        check("folders", settings.folders.len() > FOLDERS_MAX, "has more than 200 entries");
        let has_control = |name: &String| name.is_empty() || name.chars().any(char::is_control);
        check("folders", settings.folders.iter().any(has_control), "holds an impossible name");
        settings.limits.check(&mut problems);
        checked(problems)?;
        let guard = guard(context)?;
        guard.check_host(&settings.host, settings.port, &PORTS)?;
        if settings.without_tls && !guard.is_named(&settings.host) {
            return Err(SourceError::Forbidden {
                what: format!("the host `{}` without TLS", settings.host),
                reason: "the password could be read on the way".to_owned(),
            });
        }
        Ok(Self { settings, guard, tls: Arc::new(tls), runtime: context.runtime.clone() })
    }

    /// Connects to an address that was checked, and signs in.
    fn connect(&self) -> Result<Connection, SourceError> {
        let ImapSettings { host, port, limits, .. } = &self.settings;
        let bare = host.trim_matches(['[', ']']);
        let what = format!("the mail server `{host}`");
        let failed = |reason: String| SourceError::Failed { what: what.clone(), reason };
        let addresses = self.runtime.block_on(self.guard.resolve(bare, *port));
        let addresses = addresses.map_err(|error| failed(error.to_string()))?;
        let tls = (!self.settings.without_tls).then(|| Arc::clone(&self.tls));
        let connection = Connection::open(&addresses, bare, tls, limits.request_time());
        let mut connection = connection.map_err(|error| failed(error.to_string()))?;
        match connection.sign_in(&self.settings.user, &self.settings.password) {
            Ok(()) => Ok(connection),
            Err(Failure::Refused(reason)) => Err(SourceError::Refused { what, reason }),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// Reads a folder. An error that the connection survives is a problem of this folder.
    fn folder(
        &self,
        folder: &str,
        connection: &mut Connection,
        run: &mut Run<'_, ()>,
    ) -> Result<(), Failure> {
        let validity = connection.examine(&encoded(folder))?;
        // The newest first: they are what a full state should hold.
        for (number, size) in connection.messages()?.into_iter().rev() {
            if !run.goes_on() {
                return Ok(());
            }
            let key = format!("{}{validity}/;UID={number}", start_of_keys(folder));
            if run.mark(&key).is_some() {
                run.keep(&key);
            } else if run.has_room_for(&key) {
                self.message(key, number, size, connection, run)?;
            }
        }
        Ok(())
    }

    fn message(
        &self,
        key: String,
        number: u32,
        size: u32,
        connection: &mut Connection,
        run: &mut Run<'_, ()>,
    ) -> Result<(), Failure> {
        let limit = self.settings.limits.file_bytes;
        if u64::from(size) > limit {
            run.failed(&key, format!("it has more than `limits.file_bytes` = {limit} bytes"));
            return Ok(());
        }
        match connection.message(number, limit) {
            Ok(Some(Message { bytes, date })) => {
                let file = SourceFile {
                    key,
                    name: format!("{number}.eml"),
                    media_type: Some("message/rfc822".to_owned()),
                    modified: date.as_deref().and_then(internal_date),
                    url: None,
                    bytes,
                };
                let _ = run.put(file, ());
            }
            // It was deleted since the folder was listed.
            Ok(None) => {}
            Err(Failure::Refused(reason)) => run.failed(&key, reason),
            Err(error) => {
                run.failed(&key, error.to_string());
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Source for Imap {
    fn sync(&self, state: &SourceState, sink: &mut dyn Sink) -> Result<SourceState, SourceError> {
        let state: State = state.read()?;
        let mut connection = self.connect()?;
        let known: BTreeMap<_, _> = state.messages.into_iter().map(|key| (key, ())).collect();
        let mut run = Run::new(known, &self.settings.limits, sink);
        let mut listed = true;
        for folder in &self.settings.folders {
            match self.folder(folder, &mut connection, &mut run) {
                Ok(()) => {}
                Err(Failure::Refused(reason)) => {
                    run.problem(folder, reason);
                    run.keep_below(&start_of_keys(folder));
                }
                Err(error) => {
                    run.problem(folder, format!("{error}: the rest is left for the next run"));
                    listed = false;
                    break;
                }
            }
        }
        connection.sign_out();
        SourceState::write(&State { messages: run.finish(listed).into_keys().collect() })
    }
}

/// How the keys of a folder begin; the rest is as in RFC 5092.
fn start_of_keys(folder: &str) -> String {
    format!("{folder};UIDVALIDITY=")
}

/// The name of a folder as RFC 3501 writes it: what is not ASCII in a variant of UTF-7.
fn encoded(name: &str) -> String {
    const UTF7: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);
    let mut encoded = String::new();
    let mut foreign: Vec<u8> = Vec::new();
    let flush = |foreign: &mut Vec<u8>, encoded: &mut String| {
        if !foreign.is_empty() {
            encoded.push_str(&format!("&{}-", UTF7.encode(&foreign)));
            foreign.clear();
        }
    };
    for c in name.chars() {
        if c.is_ascii() {
            flush(&mut foreign, &mut encoded);
            encoded.push(c);
            if c == '&' {
                encoded.push('-');
            }
        } else {
            let units = c.encode_utf16(&mut [0; 2]).to_vec();
            foreign.extend(units.into_iter().flat_map(u16::to_be_bytes));
        }
    }
    flush(&mut foreign, &mut encoded);
    encoded
}

/// `17-Jul-2026 02:44:25 -0700`
fn internal_date(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()
}

#[cfg(test)]
mod tests;
