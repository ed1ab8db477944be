//! The text form of an API key.
//!
//! `assay_` + id (13) + `_` + secret (52) + checksum (7): 64 and 256 random bits and a CRC-32 of all
//! before it, in the lower-case alphabet of RFC 4648 base 32. A key that was mistyped, cut or made
//! up by hand fails its checksum before any store is asked, and scanners of secrets know it by its
//! prefix.

use std::fmt;

use crate::{IdentityError, secrets::random};

/// What every key begins with.
pub(crate) const PREFIX: &str = "assay_";
const ID: usize = 13;
const SECRET: usize = 52;
const CHECKSUM: usize = 7;
/// Bytes of a whole key.
const WHOLE: usize = PREFIX.len() + ID + 1 + SECRET + CHECKSUM;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The public part of a key, which names it in lists and logs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub(crate) String);

impl KeyId {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id that a caller names; `None` for what cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == ID && text.bytes().all(|byte| ALPHABET.contains(&byte));
        fits.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes a key; the text is shown once and never stored.
pub(crate) fn mint() -> Result<(KeyId, String), IdentityError> {
    let id = encode(&random::<8>()?);
    let body = format!("{PREFIX}{id}_{}", encode(&random::<32>()?));
    let key = format!("{body}{}", checksum(&body));
    Ok((KeyId(id), key))
}

/// The id of a key whose form and checksum are right.
pub(crate) fn id_of(key: &str) -> Result<KeyId, IdentityError> {
    let malformed = || IdentityError::credential("this is no key of Assay: mistyped or cut");
    let id = key
        .strip_prefix(PREFIX)
        .filter(|_| key.len() == WHOLE && key.is_ascii())
        .and_then(|rest| rest.split_once('_'))
        .and_then(|(id, _)| KeyId::parse(id))
        .ok_or_else(malformed)?;
    let (body, sum) = key.split_at_checked(WHOLE - CHECKSUM).ok_or_else(malformed)?;
    if checksum(body) == sum { Ok(id) } else { Err(malformed()) }
}

fn checksum(body: &str) -> String {
    encode(&crc32fast::hash(body.as_bytes()).to_be_bytes())
}

/// Base 32 without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(&mut text, held >> bits);
        }
    }
    if bits > 0 {
        push(&mut text, held << (5 - bits));
    }
    text
}

fn push(text: &mut String, value: u32) {
    let letter = ALPHABET.get(value as usize & 31).copied().unwrap_or(b'a');
    text.push(char::from(letter));
}

#[cfg(test)]
mod tests {
    //! A key reads back, and any change of it is seen without a store.

    use super::*;

    #[test]
    fn base_32_is_that_of_the_rfc() {
        assert_eq!(encode(b"foobar"), "mzxw6ytboi");
        assert_eq!(encode(&[0; 8]).len(), ID);
    }

    #[test]
    fn a_key_with_one_character_changed_is_refused() {
        let (id, key) = mint().unwrap();
        assert_eq!(key.len(), WHOLE);
        assert_eq!(id_of(&key).unwrap(), id);
        for at in 0..key.len() {
            for letter in ['a', 'b', '2', '_', 'A', '-', ' '] {
                let mut changed: Vec<char> = key.chars().collect();
                if changed[at] == letter {
                    continue;
                }
                changed[at] = letter;
                let changed: String = changed.into_iter().collect();
                assert!(id_of(&changed).is_err(), "{at} {letter}");
            }
        }
        for cut in 0..key.len() {
            assert!(id_of(&key[..cut]).is_err(), "{cut}");
        }
        assert!(id_of(&format!("{key}a")).is_err());
        assert!(id_of(&"é".repeat(WHOLE / 2)).is_err());
    }

    #[test]
    fn keys_differ() {
        let (first, second) = (mint().unwrap(), mint().unwrap());
        assert!(first.0 != second.0 && first.1 != second.1);
    }
}
