//! Sign-offs: a signature over evidence, configuration and build, dead when any of them changes.

use std::{io::Write as _, path::Path};

use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};

use super::text;
use crate::{
    catalogue::hex,
    error::ReadyError,
    run::{Run, SIGNING_ROLES},
};

/// The file beside a run, one signature a line.
const FILE: &str = "signatures.jsonl";

/// One signature.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// What is signed.
    pub statement: Statement,
    /// The public key, as hexadecimal digits.
    pub key: String,
    /// The signature over the statement as JSON.
    pub signature: String,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The run.
    pub run: String,
    /// Its head: the SHA-256 of what was seen and judged, which names every artefact by its own.
    pub evidence: String,
    /// The SHA-256 of the configuration.
    pub config: String,
    /// The SHA-256 of the build.
    pub build: String,
    /// As what it is signed.
    pub role: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Signs a run. A key file that is not there is made, for its owner's eyes only.
///
/// # Errors
/// When the role is none that signs, the same person has signed in another role, or a file cannot be
/// read or written.
pub fn sign(
    folder: &Path,
    run: &Run,
    head: &str,
    role: &str,
    by: &str,
    key: &Path,
    now: Timestamp,
) -> Result<Signature, ReadyError> {
    let bad = |problem: String| Err(ReadyError::bad("the sign-off", problem));
    if !SIGNING_ROLES.contains(&role) {
        return bad(format!("`{role}` does not sign; {} do", SIGNING_ROLES.join(", ")));
    }
    let earlier = load(folder)?;
    if earlier.iter().any(|it| it.statement.by == by && it.statement.role != role) {
        return bad(format!("{by} has signed in another role: the roles are different people"));
    }
    let pair = key_pair(key)?;
    let statement = Statement {
        run: run.id.clone(),
        evidence: head.to_owned(),
        config: run.config.clone(),
        build: run.build.clone(),
        role: role.to_owned(),
        by: by.to_owned(),
        at: now,
    };
    let signature = pair.sign(&bytes(&statement));
    let signature = Signature {
        statement,
        key: hex(pair.public_key().as_ref()),
        signature: hex(signature.as_ref()),
    };
    let path = folder.join(FILE);
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        writeln!(file, "{}", serde_json::to_string(&signature)?)?;
        file.sync_all()
    };
    write().map_err(|error| ReadyError::io(&path, error))?;
    Ok(signature)
}

/// The signatures beside a run.
///
/// # Errors
/// When the file cannot be read, or a line of it is none.
pub fn load(folder: &Path) -> Result<Vec<Signature>, ReadyError> {
    let text = text(&folder.join(FILE))?;
    let parse = |line: &str| {
        serde_json::from_str(line)
            .map_err(|error| ReadyError::bad("the signatures", error.to_string()))
    };
    text.lines().map(parse).collect()
}

/// Why a signature does not hold for a run; none when it does.
#[must_use]
pub fn fault(signature: &Signature, run: &Run, head: &str) -> Option<String> {
    let statement = &signature.statement;
    let (Some(key), Some(seal)) = (unhex(&signature.key), unhex(&signature.signature)) else {
        return Some("it is no signature".to_owned());
    };
    let is_signed = UnparsedPublicKey::new(&ED25519, key).verify(&bytes(statement), &seal).is_ok();
    if !is_signed {
        return Some("the signature is not of this statement".to_owned());
    }
    let same = [
        ("the run", &statement.run, &run.id),
        ("the configuration", &statement.config, &run.config),
        ("the build", &statement.build, &run.build),
    ];
    let other = same.into_iter().find(|(_, signed, now)| signed != now);
    if let Some((what, ..)) = other {
        return Some(format!("{what} is another than was signed"));
    }
    (statement.evidence != head).then(|| "the evidence is another than was signed".to_owned())
}

/// What is signed, byte for byte: the fields in the order of the type.
fn bytes(statement: &Statement) -> Vec<u8> {
    serde_json::to_vec(statement).unwrap_or_default()
}

fn key_pair(path: &Path) -> Result<Ed25519KeyPair, ReadyError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let broken = || ReadyError::bad("the key", format!("`{}` is no key", path.display()));
    let document = match std::fs::read(path) {
        Ok(document) => document,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let made =
                Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| broken())?;
            let write = || -> std::io::Result<()> {
                let mut options = std::fs::OpenOptions::new();
                let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
                file.write_all(made.as_ref())?;
                file.sync_all()
            };
            write().map_err(|error| ReadyError::io(path, error))?;
            made.as_ref().to_vec()
        }
        Err(error) => return Err(ReadyError::io(path, error)),
    };
    Ed25519KeyPair::from_pkcs8(&document).map_err(|_| broken())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}
