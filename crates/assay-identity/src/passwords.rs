//! Passwords: Argon2id, a few at a time, and not endlessly many tries.

use std::{
    num::NonZeroUsize,
    sync::{Condvar, Mutex, PoisonError},
};

use argon2::{Algorithm, Argon2, Params, Version};
use assay_sqlite::sql::params;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use lru::LruCache;

use crate::{
    Actor, Event, Identities, IdentityError, Principal, audit::base64, principals, secrets::random,
};

/// Memory of one hash in KiB, passes and lanes: the first choice of OWASP's cheat sheet for
/// Argon2id.
const MEMORY_KIB: u32 = 19 << 10;
const PASSES: u32 = 2;
/// Hashes at the same time: each takes a core and [`MEMORY_KIB`].
const AT_ONCE: u32 = 2;
/// Callers that wait for their turn; more are refused.
const WAITING_MAX: u32 = 16;
/// Wrong passwords for one name in [`WINDOW_MS`] after which further ones are refused unseen.
const WRONG_MAX: u32 = 10;
const WINDOW_MS: i64 = 15 * 60_000;
/// Names whose wrong passwords are counted.
const NAMES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);
const LENGTH: std::ops::RangeInclusive<usize> = 12..=1_024;

/// The gate before the hash function, and how often names were tried.
#[derive(Debug)]
pub(crate) struct Passwords {
    gate: Mutex<Gate>,
    turn: Condvar,
    wrong: Mutex<LruCache<String, (i64, u32)>>,
}

#[derive(Debug, Default)]
struct Gate {
    running: u32,
    waiting: u32,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            gate: Mutex::default(),
            turn: Condvar::new(),
            wrong: Mutex::new(LruCache::new(NAMES)),
        }
    }
}

impl Passwords {
    /// Hashes when it is the caller's turn.
    fn hash(&self, password: &str, salt: &[u8; 16]) -> Result<[u8; 32], IdentityError> {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if gate.running >= AT_ONCE {
            if gate.waiting >= WAITING_MAX {
                return Err(IdentityError::TooMany);
            }
            gate.waiting += 1;
            while gate.running >= AT_ONCE {
                gate = self.turn.wait(gate).unwrap_or_else(PoisonError::into_inner);
            }
            gate.waiting -= 1;
        }
        gate.running += 1;
        drop(gate);
        let hashed = argon2id(password, salt);
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).running -= 1;
        self.turn.notify_one();
        hashed
    }

    /// Refuses a name that was tried too often lately.
    fn admit(&self, name: &str, now_ms: i64) -> Result<(), IdentityError> {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        match wrong.get(name) {
            Some((since, count)) if now_ms - since < WINDOW_MS && *count >= WRONG_MAX => {
                Err(IdentityError::TooMany)
            }
            _ => Ok(()),
        }
    }

    fn note_wrong(&self, name: &str, now_ms: i64) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = wrong.get_or_insert_mut(name.to_owned(), || (now_ms, 0));
        if now_ms - entry.0 >= WINDOW_MS {
            *entry = (now_ms, 0);
        }
        entry.1 += 1;
    }
}

fn argon2id(password: &str, salt: &[u8; 16]) -> Result<[u8; 32], IdentityError> {
    let failed = |error: argon2::Error| IdentityError::invalid("password", error.to_string());
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(failed)?;
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .map_err(failed)?;
    Ok(hash)
}

/// The stored form: parameters, salt and hash, so that a later version may choose others.
fn written(salt: &[u8; 16], hash: &[u8; 32]) -> String {
    format!("argon2id${MEMORY_KIB}${PASSES}${}${}", base64(salt), base64(hash))
}

/// Salt and hash of a stored form with the parameters of this version.
fn read(stored: &str) -> Option<([u8; 16], [u8; 32])> {
    let mut parts = stored.strip_prefix(&format!("argon2id${MEMORY_KIB}${PASSES}$"))?.split('$');
    let mut bytes = || STANDARD.decode(parts.next()?).ok();
    Some((bytes()?.try_into().ok()?, bytes()?.try_into().ok()?))
}

impl Identities {
    /// Gives a user a password, and ends the user's logins.
    ///
    /// # Errors
    /// When there is no such user, or the password is shorter than 12 or longer than 1,024 bytes.
    pub fn set_password(
        &self,
        actor: &Actor,
        name: &str,
        password: &str,
    ) -> Result<(), IdentityError> {
        let stored = self.stored_password(password)?;
        let name = name.to_owned();
        self.change(actor, move |tx| {
            let user = principals::user_named(tx, &name)?;
            let id = user.id.to_bytes();
            let sql = "UPDATE principal SET password = ? WHERE id = ?";
            tx.prepare_cached(sql)?.execute(params![stored, id])?;
            tx.prepare_cached("DELETE FROM login WHERE principal = ?")?.execute([id])?;
            Ok(((), Event::done("user.password", format!("principal:{}", user.id))))
        })
    }

    /// A new password as it is stored.
    ///
    /// # Errors
    /// When it is shorter than 12 or longer than 1,024 bytes, or too many wait to be hashed.
    pub(crate) fn stored_password(&self, password: &str) -> Result<String, IdentityError> {
        if !LENGTH.contains(&password.len()) {
            let reason = "it has 12 to 1,024 bytes";
            return Err(IdentityError::invalid("password", reason));
        }
        let salt = random()?;
        Ok(written(&salt, &self.passwords.hash(password, &salt)?))
    }

    /// The user of this name and password. An unknown name takes as long as a wrong password.
    ///
    /// # Errors
    /// When they do not fit, or too many were tried.
    pub(crate) fn check_password(
        &self,
        name: &str,
        password: &str,
    ) -> Result<Principal, IdentityError> {
        let wrong = IdentityError::credential("name or password is wrong");
        let now_ms = self.clock().now_ms();
        if name.len() > 128 || password.len() > *LENGTH.end() {
            return Err(wrong);
        }
        self.passwords.admit(name, now_ms)?;
        let found = match self.user_named(name) {
            Err(IdentityError::NotFound { .. }) => None,
            found => Some(found?),
        };
        let stored = match &found {
            Some(user) => self.read(|db| {
                let sql = "SELECT password FROM principal WHERE id = ?";
                let mut rows = db.prepare_cached(sql)?;
                Ok(rows.query_row([user.id.to_bytes()], |row| row.get::<_, Option<String>>(0))?)
            })?,
            None => None,
        };
        let stored = stored.as_deref().and_then(read);
        let (salt, expected) = stored.unwrap_or(([0; 16], [0; 32]));
        let given = self.passwords.hash(password, &salt)?;
        let fits = self.secrets().is_same(&base64(&expected), &base64(&given));
        match found.filter(|user| fits && stored.is_some() && user.disabled_ms.is_none()) {
            Some(user) => Ok(user),
            None => {
                self.passwords.note_wrong(name, now_ms);
                Err(wrong)
            }
        }
    }
}
