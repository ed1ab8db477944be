//! The secrets of an installation: what keys are hashed with, and what signs the audit log.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair},
};

use crate::IdentityError;

/// Bytes of each secret.
const BYTES: usize = 32;

/// The secrets, in memory. `Debug` shows nothing of them.
pub(crate) struct Secrets {
    pepper: hmac::Key,
    signing: Ed25519KeyPair,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Reads the files in `folder`; those that are absent are made.
    pub(crate) fn open(folder: &Path) -> Result<Self, IdentityError> {
        let failure = |error: io::Error| failed(folder, &error);
        fs::create_dir_all(folder).map_err(failure)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(failure)?;
        }
        let pepper = load(&folder.join("key-pepper"))?;
        let seed = load(&folder.join("audit-signing-seed"))?;
        let signing = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| {
            let reason = "it is no seed of a signing key".to_owned();
            IdentityError::File { path: folder.display().to_string(), reason }
        })?;
        Ok(Self { pepper: hmac::Key::new(hmac::HMAC_SHA256, &pepper), signing })
    }

    /// The keyed hash of a credential, as it is stored.
    pub(crate) fn hash(&self, text: &str) -> [u8; BYTES] {
        let mut hash = [0; BYTES];
        let tag = hmac::sign(&self.pepper, text.as_bytes());
        hash.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        hash
    }

    /// Whether `text` has this keyed hash; takes as long whichever byte differs.
    pub(crate) fn matches(&self, text: &str, hash: &[u8]) -> bool {
        hmac::verify(&self.pepper, text.as_bytes(), hash).is_ok()
    }

    /// Whether two texts are the same; takes as long whichever byte differs.
    pub(crate) fn is_same(&self, expected: &str, given: &str) -> bool {
        self.matches(given, &self.hash(expected))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.signing.sign(message).as_ref().to_vec()
    }

    /// The key that checks signatures.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        self.signing.public_key().as_ref().to_vec()
    }
}

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], IdentityError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| IdentityError::File {
        path: "the random numbers of the system".to_owned(),
        reason: "they cannot be read".to_owned(),
    })?;
    Ok(bytes)
}

fn load(path: &Path) -> Result<[u8; BYTES], IdentityError> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => {
            file.take(BYTES as u64 + 1)
                .read_to_end(&mut bytes)
                .map_err(|error| failed(path, &error))?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return create(path),
        Err(error) => return Err(failed(path, &error)),
    }
    bytes.try_into().map_err(|bytes: Vec<u8>| IdentityError::File {
        path: path.display().to_string(),
        reason: format!("it has {} bytes, not {BYTES}", bytes.len()),
    })
}

/// Makes a secret. The file appears whole or not at all, and only its owner may read it.
fn create(path: &Path) -> Result<[u8; BYTES], IdentityError> {
    let bytes = random::<BYTES>()?;
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let written = (|| {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&part)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        // A link fails where the name is taken: of two processes at once the first one wins.
        let linked = fs::hard_link(&part, path);
        fs::remove_file(&part)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            linked => linked.map(|()| true),
        }
    })();
    match written {
        Ok(true) => Ok(bytes),
        Ok(false) => load(path),
        Err(error) => Err(failed(path, &error)),
    }
}

fn failed(path: &Path, error: &io::Error) -> IdentityError {
    IdentityError::File { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    //! Secrets outlive a start and are nobody else's to read.

    use super::*;

    #[test]
    fn secrets_are_made_once_and_read_by_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("secrets");
        let first = Secrets::open(&folder).unwrap();
        let again = Secrets::open(&folder).unwrap();
        assert_eq!(first.hash("x"), again.hash("x"));
        assert_eq!(first.public_key(), again.public_key());
        assert!(again.matches("x", &first.hash("x")) && !again.matches("y", &first.hash("x")));
        #[cfg(unix)]
        for file in fs::read_dir(&folder).unwrap() {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(folder.join("key-pepper"), b"short").unwrap();
        assert!(Secrets::open(&folder).unwrap_err().to_string().contains("5 bytes"));
    }
}
