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

use assay_vault::{DataKey, OVERHEAD, Sealer, replace};

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
    /// Reads the files in `folder`; those that are absent are made. With a key they are encrypted,
    /// also those that were not before.
    pub(crate) fn open(folder: &Path, key: Option<&DataKey>) -> Result<Self, IdentityError> {
        let failure = |error: io::Error| failed(folder, &error);
        fs::create_dir_all(folder).map_err(failure)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(failure)?;
        }
        let sealer = key.map(|key| key.sealer("secret"));
        let pepper = load(folder, "key-pepper", sealer.as_ref())?;
        let seed = load(folder, "audit-signing-seed", sealer.as_ref())?;
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

fn load(folder: &Path, name: &str, sealer: Option<&Sealer>) -> Result<[u8; BYTES], IdentityError> {
    let path = folder.join(name);
    let mut bytes = Vec::new();
    match File::open(&path) {
        Ok(file) => {
            file.take((BYTES + OVERHEAD) as u64 + 1)
                .read_to_end(&mut bytes)
                .map_err(|error| failed(&path, &error))?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = random::<BYTES>()?;
            return match create(&path, &sealed(name, sealer, &secret)?)? {
                true => Ok(secret),
                false => load(folder, name, sealer),
            };
        }
        Err(error) => return Err(failed(&path, &error)),
    }
    let wrong = |reason: String| IdentityError::File { path: path.display().to_string(), reason };
    match (sealer, <[u8; BYTES]>::try_from(bytes.as_slice())) {
        (None, Ok(secret)) => Ok(secret),
        (Some(_), Ok(secret)) => {
            // From before there was a key.
            let sealed = sealed(name, sealer, &secret)?;
            replace(&path, &sealed).map_err(|error| failed(&path, &error))?;
            Ok(secret)
        }
        (Some(sealer), Err(_)) if bytes.len() == BYTES + OVERHEAD => {
            let opened = sealer.open(name.as_bytes(), &bytes).ok();
            let opened = opened.and_then(|opened| opened.try_into().ok());
            opened.ok_or_else(|| wrong("it does not open with the key of the installation".into()))
        }
        (_, Err(_)) => Err(wrong(format!("it has {} bytes, not {BYTES}", bytes.len()))),
    }
}

/// A secret as its file holds it.
fn sealed(name: &str, sealer: Option<&Sealer>, secret: &[u8]) -> Result<Vec<u8>, IdentityError> {
    let Some(sealer) = sealer else { return Ok(secret.to_vec()) };
    sealer
        .seal(name.as_bytes(), secret)
        .map_err(|error| IdentityError::File { path: name.to_owned(), reason: error.to_string() })
}

/// Makes the file of a secret; `false` when there is one. It appears whole or not at all, and only its
/// owner may read it.
fn create(path: &Path, bytes: &[u8]) -> Result<bool, IdentityError> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let written = (|| {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        // A link fails where the name is taken: of two processes at once the first one wins.
        let linked = fs::hard_link(&part, path);
        fs::remove_file(&part)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            linked => linked.map(|()| true),
        }
    })();
    written.map_err(|error| failed(path, &error))
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
        let first = Secrets::open(&folder, None).unwrap();
        let again = Secrets::open(&folder, None).unwrap();
        assert_eq!(first.hash("x"), again.hash("x"));
        assert_eq!(first.public_key(), again.public_key());
        assert!(again.matches("x", &first.hash("x")) && !again.matches("y", &first.hash("x")));
        #[cfg(unix)]
        for file in fs::read_dir(&folder).unwrap() {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(folder.join("key-pepper"), b"short").unwrap();
        assert!(Secrets::open(&folder, None).unwrap_err().to_string().contains("5 bytes"));
    }

    #[test]
    fn secrets_of_before_are_sealed_and_open_with_their_key_alone() {
        use assay_vault::Owner;

        let folder = tempfile::tempdir().unwrap();
        let key = DataKey::generate(Owner::Installation).unwrap();
        let plain = Secrets::open(folder.path(), None).unwrap();
        let before = fs::read(folder.path().join("key-pepper")).unwrap();
        let sealed = Secrets::open(folder.path(), Some(&key)).unwrap();
        let after = fs::read(folder.path().join("key-pepper")).unwrap();
        assert!(!after.windows(8).any(|window| window == &before[..8]));
        let again = Secrets::open(folder.path(), Some(&key)).unwrap();
        assert_eq!(plain.hash("x"), sealed.hash("x"));
        assert_eq!(plain.public_key(), again.public_key());
        let other = DataKey::generate(Owner::Installation).unwrap();
        for wrong in [None, Some(&other)] {
            assert!(Secrets::open(folder.path(), wrong).is_err());
        }
        // One in the place of the other.
        let seed = folder.path().join("audit-signing-seed");
        fs::write(seed, after).unwrap();
        assert!(Secrets::open(folder.path(), Some(&key)).is_err());
    }
}
