//! Root keys: where they come from, and what they wrap.

use std::{
    fmt,
    io::Read,
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use assay_core::Secret;
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::hmac;
use zeroize::Zeroizing;

use crate::{
    DataKey, EncryptionSettings, Owner, Sealer, VaultError,
    file::replace,
    key::{KeyBytes, derive, random, to_key},
};

/// Root keys that a source may give: the one in use, and those that are being left.
const ROOTS_MAX: usize = 4;
/// Bytes that a source may give.
const SOURCE_BYTES_MAX: u64 = 4096;
/// Time that a command has.
const COMMAND_TIME: Duration = Duration::from_secs(30);

/// A root key. It wraps data keys and does nothing else.
pub(crate) struct Root {
    key: KeyBytes,
    /// Says which root key it is and nothing about it.
    pub(crate) id: String,
}

impl Root {
    pub(crate) fn generate() -> Result<Self, VaultError> {
        Ok(Self::new(random()?))
    }

    fn new(key: KeyBytes) -> Self {
        let tag =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()), b"assay root key id");
        let id = tag.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { key, id }
    }

    fn sealer(&self) -> Sealer {
        Sealer::new(&derive(&self.key, &["wrap"]), "wrapped".to_owned())
    }

    pub(crate) fn wrap(&self, key: &DataKey) -> Result<String, VaultError> {
        let place = key.owner().file_name();
        let sealed = self.sealer().seal(place.as_bytes(), key.bytes());
        Ok(BASE64_STANDARD.encode(sealed.map_err(|_| VaultError::Random)?))
    }

    /// `None` when it was not wrapped by this root key for this owner.
    pub(crate) fn unwrap(&self, owner: Owner, wrapped: &str) -> Option<DataKey> {
        let sealed = BASE64_STANDARD.decode(wrapped).ok()?;
        let opened = self.sealer().open(owner.file_name().as_bytes(), &sealed).ok()?;
        let opened = Zeroizing::new(opened);
        (opened.len() == crate::key::KEY_BYTES).then(|| DataKey::new(owner, to_key(&opened)))
    }
}

/// Where root keys come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    File(PathBuf),
    Command(Vec<String>),
    /// The name of a variable and what it holds.
    Variable(&'static str, Secret),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the file `{}`", path.display()),
            // Arguments may hold what is nobody's business.
            Self::Command(words) => {
                write!(f, "the command `{}`", words.first().map_or("", String::as_str))
            }
            Self::Variable(name, _) => write!(f, "the variable {name}"),
        }
    }
}

impl Source {
    /// The one source that is configured, if any.
    pub(crate) fn of(settings: &EncryptionSettings) -> Result<Option<Self>, VaultError> {
        let variable = settings.root_key.clone();
        let variable = variable.map(|key| Self::Variable("ASSAY_ROOT_KEY", key));
        Self::one(&settings.root_key_file, &settings.root_key_command, variable)
    }

    fn one(
        file: &Option<PathBuf>,
        command: &[String],
        variable: Option<Self>,
    ) -> Result<Option<Self>, VaultError> {
        let file = file.clone().map(Self::File);
        let command = Some(command.to_vec()).filter(|it| !it.is_empty());
        let all = [file, command.map(Self::Command), variable];
        let mut all = all.into_iter().flatten();
        let first = all.next();
        if let (Some(first), Some(second)) = (&first, all.next()) {
            let what = format!("{second} gives one as well; leave one of the two");
            return Err(VaultError::Root { from: first.to_string(), what });
        }
        Ok(first)
    }

    /// The root keys as they are now; the first is the one that wraps.
    pub(crate) fn read(&self) -> Result<Vec<Root>, VaultError> {
        let failed = |what: String| VaultError::Root { from: self.to_string(), what };
        let text = match self {
            Self::File(path) => {
                let file = std::fs::File::open(path);
                file.and_then(bounded).map_err(|error| failed(error.to_string()))?
            }
            Self::Command(words) => run(words).map_err(failed)?,
            Self::Variable(_, secret) => Zeroizing::new(secret.expose().to_owned()),
        };
        let mut roots = Vec::new();
        for word in text.split([',', '\n', '\r', ' ']).filter(|word| !word.is_empty()) {
            let bytes = BASE64_STANDARD.decode(word).map(Zeroizing::new);
            let bytes = bytes.map_err(|_| failed("it is not base64".to_owned()))?;
            if bytes.len() != crate::key::KEY_BYTES {
                return Err(failed(format!("it has {} bytes, not 32", bytes.len())));
            }
            roots.push(Root::new(to_key(&bytes)));
        }
        match roots.len() {
            0 => Err(failed("it is empty".to_owned())),
            count if count > ROOTS_MAX => Err(failed(format!("it gives {count} keys"))),
            _ => Ok(roots),
        }
    }

    /// Replaces the keys of a file. Other sources are not Assay's to change.
    pub(crate) fn write(&self, roots: &[&Root]) -> Result<(), VaultError> {
        let Self::File(path) = self else {
            return Err(VaultError::NoNextRoot { from: self.to_string() });
        };
        let mut text = Zeroizing::new(String::new());
        for root in roots {
            BASE64_STANDARD.encode_string(root.key.as_ref(), &mut text);
            text.push('\n');
        }
        replace(path, text.as_bytes()).map_err(|source| VaultError::File {
            action: "write",
            path: path.clone(),
            source,
        })
    }
}

/// The keys that seal backups, with the id of each; the first is the one that seals. None when no
/// source is named. `variable` holds what the variable of this name holds.
///
/// # Errors
/// [`VaultError::Root`], for more than one source too.
pub fn backup_keys(
    file: &Option<PathBuf>,
    command: &[String],
    variable: Option<(&'static str, Secret)>,
) -> Result<Vec<(String, DataKey)>, VaultError> {
    let variable = variable.map(|(name, key)| Source::Variable(name, key));
    let Some(source) = Source::one(file, command, variable)? else { return Ok(Vec::new()) };
    let roots = source.read()?;
    let keys = roots.iter().map(|root| {
        let key = derive(&root.key, &["backup"]);
        (root.id.clone(), DataKey::new(Owner::Installation, key))
    });
    Ok(keys.collect())
}

fn bounded(from: impl Read) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    from.take(SOURCE_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// What a command prints. One that does not end in time is ended.
fn run(words: &[String]) -> Result<Zeroizing<String>, String> {
    let [program, arguments @ ..] = words else { return Err("it is empty".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let Some(output) = child.stdout.take() else { return Err("it has no output".to_owned()) };
    let (said, heard) = mpsc::channel();
    thread::spawn(move || said.send(bounded(output)));
    let text = heard.recv_timeout(COMMAND_TIME);
    if text.is_err() {
        // It may have ended by itself just now.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let text = text.map_err(|_| format!("it took longer than {} s", COMMAND_TIME.as_secs()))?;
    if !status.success() {
        return Err(format!("it ended with {status}"));
    }
    text.map_err(|error| error.to_string())
}
