//! Sealing: AES-256-GCM with a nonce long enough to be drawn at random for ever.
//!
//! The 12 bytes of a GCM nonce are too few to draw for each page of a busy database. Here a message
//! draws 24: the first 12 derive a key of its own, the other 12 are the nonce under that key. The
//! construction is that of XAES-256-GCM with HMAC-SHA-256 as its derivation.

use std::fmt;

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, Tag, UnboundKey},
    hmac,
    rand::{SecureRandom, SystemRandom},
};

use crate::key::{KEY_BYTES, KeyBytes};

/// Random bytes of a message: those that derive its key, and its nonce.
const SALT_BYTES: usize = 2 * NONCE_LEN;
/// Bytes that a sealed message is longer than what is in it: salt, nonce and tag.
pub const OVERHEAD: usize = SALT_BYTES + MAX_TAG_LEN;

/// Bytes that were changed, moved, cut, or sealed by somebody else; nothing of them is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes do not open with this key at this place")]
pub struct Damaged;

/// Seals for one owner and one purpose.
pub struct Sealer {
    key: hmac::Key,
    /// Owner and purpose: a part of what every message is bound to.
    label: String,
    random: SystemRandom,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({})", self.label)
    }
}

impl Sealer {
    pub(crate) fn new(key: &[u8; KEY_BYTES], label: String) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), label, random: SystemRandom::new() }
    }

    /// Seals all of `message` but its last [`OVERHEAD`] bytes, which take salt, nonce and tag.
    ///
    /// # Errors
    /// [`Damaged`] when the message is shorter than that or the system has no random numbers; the
    /// message is then not to be written anywhere.
    pub fn seal_in_place(&self, place: &[u8], message: &mut [u8]) -> Result<(), Damaged> {
        let (body, end) = split(message)?;
        let (salt, tag) = end.split_at_mut_checked(SALT_BYTES).ok_or(Damaged)?;
        self.random.fill(salt).map_err(|_| Damaged)?;
        let (key, nonce) = self.message_key(salt)?;
        let aad = self.bound_to(place);
        let made = key.seal_in_place_separate_tag(nonce, Aad::from(&aad), body);
        tag.copy_from_slice(made.map_err(|_| Damaged)?.as_ref());
        Ok(())
    }

    /// Opens what [`Sealer::seal_in_place`] sealed; the last [`OVERHEAD`] bytes become zeros.
    ///
    /// # Errors
    /// [`Damaged`]; `message` then holds nothing of use.
    pub fn open_in_place(&self, place: &[u8], message: &mut [u8]) -> Result<(), Damaged> {
        let (body, end) = split(message)?;
        let (salt, tag) = end.split_at_checked(SALT_BYTES).ok_or(Damaged)?;
        let tag = Tag::try_from(tag).map_err(|_| Damaged)?;
        let (key, nonce) = self.message_key(salt)?;
        let aad = self.bound_to(place);
        key.open_in_place_separate_tag(nonce, Aad::from(&aad), tag, body, 0..)
            .map_err(|_| Damaged)?;
        end.fill(0);
        Ok(())
    }

    /// A sealed copy, [`OVERHEAD`] bytes longer.
    ///
    /// # Errors
    /// [`Damaged`] when the system has no random numbers.
    pub fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, Damaged> {
        let mut message = Vec::with_capacity(plain.len() + OVERHEAD);
        message.extend_from_slice(plain);
        message.resize(plain.len() + OVERHEAD, 0);
        self.seal_in_place(place, &mut message)?;
        Ok(message)
    }

    /// What a sealed copy holds.
    ///
    /// # Errors
    /// [`Damaged`].
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Damaged> {
        let mut message = sealed.to_vec();
        self.open_in_place(place, &mut message)?;
        message.truncate(message.len() - OVERHEAD);
        Ok(message)
    }

    /// A name that tells nothing of `bytes` to whoever has no key, and is always the same.
    #[must_use]
    pub fn name_of(&self, bytes: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(b"name");
        context.update(bytes);
        let tag = context.sign();
        let mut name = [0; 32];
        name.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        name
    }

    /// The key of one message, and the nonce under it.
    fn message_key(&self, salt: &[u8]) -> Result<(LessSafeKey, Nonce), Damaged> {
        let (salt, nonce) = salt.split_at_checked(NONCE_LEN).ok_or(Damaged)?;
        let mut context = hmac::Context::with_key(&self.key);
        context.update(b"message");
        context.update(salt);
        let key: KeyBytes = crate::key::to_key(context.sign().as_ref());
        let key = UnboundKey::new(&AES_256_GCM, key.as_ref()).map_err(|_| Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Damaged)?;
        Ok((LessSafeKey::new(key), nonce))
    }

    /// The associated data: owner, purpose and place, none of which runs into the next.
    fn bound_to(&self, place: &[u8]) -> Vec<u8> {
        let mut bound = Vec::with_capacity(8 + self.label.len() + place.len());
        bound.extend_from_slice(&(self.label.len() as u64).to_be_bytes());
        bound.extend_from_slice(self.label.as_bytes());
        bound.extend_from_slice(place);
        bound
    }
}

fn split(message: &mut [u8]) -> Result<(&mut [u8], &mut [u8]), Damaged> {
    let body = message.len().checked_sub(OVERHEAD).ok_or(Damaged)?;
    message.split_at_mut_checked(body).ok_or(Damaged)
}

#[cfg(test)]
mod tests;
