//! Encrypted blobs.
//!
//! A file is a mark of 8 bytes, a head (hash and length of the bytes), and the bytes in chunks of
//! 64 KiB. Head and chunks are sealed each by itself. A chunk is bound to the hash of its blob, its
//! number, and whether it is the last, so that none can be moved, left out or taken from another
//! blob. The name of a file is a keyed hash: the plain hash would tell whoever has a copy of a file
//! that the tenant has it too.

use std::io::{self, Read, Write};

use assay_vault::{DataKey, OVERHEAD, Sealer};

use crate::BlobHash;

/// What an encrypted blob begins with.
const MARK: &[u8; 8] = b"ASSAYBL1";
/// Bytes of a chunk before it is sealed.
const CHUNK: usize = 64 << 10;
/// Bytes of the head before it is sealed: hash and length.
const HEAD: usize = 32 + 8;

/// What seals the blobs of one tenant.
#[derive(Debug)]
pub(super) struct BlobSeal(Sealer);

impl BlobSeal {
    pub(super) fn new(key: &DataKey) -> Self {
        Self(key.sealer("blob"))
    }

    /// The name of the file of a blob, in the same form as its hash.
    pub(super) fn name(&self, hash: BlobHash) -> BlobHash {
        BlobHash::from_bytes(self.0.name_of(&hash.to_bytes()))
    }

    /// Bytes of the file of a blob of this length.
    pub(super) fn sealed_len(bytes: usize) -> usize {
        MARK.len() + HEAD + OVERHEAD + bytes + chunks(bytes) * OVERHEAD
    }

    pub(super) fn write(&self, hash: BlobHash, bytes: &[u8], mut to: impl Write) -> io::Result<()> {
        let mut head = hash.to_bytes().to_vec();
        head.extend((bytes.len() as u64).to_be_bytes());
        to.write_all(MARK)?;
        to.write_all(&self.seal(&head_place(self.name(hash)), &head)?)?;
        let last = chunks(bytes.len()) - 1;
        for number in 0..=last {
            let start = number * CHUNK;
            let chunk = bytes.get(start..bytes.len().min(start + CHUNK)).unwrap_or_default();
            to.write_all(&self.seal(&chunk_place(hash, number, number == last), chunk)?)?;
        }
        Ok(())
    }

    fn seal(&self, place: &[u8], plain: &[u8]) -> io::Result<Vec<u8>> {
        self.0.seal(place, plain).map_err(io::Error::other)
    }

    /// Reads the head of the file with this name: the hash and the length of the blob in it. `None`
    /// when it is not one, or is damaged.
    pub(super) fn read_head(
        &self,
        name: BlobHash,
        mut from: impl Read,
    ) -> io::Result<Option<(BlobHash, usize)>> {
        let mut start = Vec::new();
        let length = MARK.len() + HEAD + OVERHEAD;
        from.by_ref().take(length as u64).read_to_end(&mut start)?;
        let head = start.strip_prefix(MARK).and_then(|it| self.0.open(&head_place(name), it).ok());
        Ok(head.and_then(|head| {
            let (hash, length) = head.split_first_chunk::<32>()?;
            let length = u64::from_be_bytes(length.try_into().ok()?);
            Some((BlobHash::from_bytes(*hash), usize::try_from(length).ok()?))
        }))
    }

    /// The bytes of a blob; `None` when anything of the file was changed, moved or cut.
    pub(super) fn read(&self, hash: BlobHash, mut from: impl Read) -> io::Result<Option<Vec<u8>>> {
        let Some((found, length)) = self.read_head(self.name(hash), &mut from)? else {
            return Ok(None);
        };
        if found != hash {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let mut chunk = Vec::with_capacity(CHUNK + OVERHEAD);
        let last = chunks(length) - 1;
        for number in 0..=last {
            let expected = CHUNK.min(length - number * CHUNK) + OVERHEAD;
            chunk.clear();
            from.by_ref().take(expected as u64).read_to_end(&mut chunk)?;
            let place = chunk_place(hash, number, number == last);
            if chunk.len() != expected || self.0.open_in_place(&place, &mut chunk).is_err() {
                return Ok(None);
            }
            chunk.truncate(expected - OVERHEAD);
            bytes.extend_from_slice(&chunk);
        }
        // What follows the last chunk is nobody's.
        let is_end = from.read(&mut [0])? == 0;
        Ok(is_end.then_some(bytes))
    }
}

/// Whether these bytes are the start of an encrypted blob.
pub(super) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK)
}

/// An empty blob has one chunk too: without it nothing would say that it is the last.
const fn chunks(bytes: usize) -> usize {
    if bytes == 0 { 1 } else { bytes.div_ceil(CHUNK) }
}

fn head_place(name: BlobHash) -> Vec<u8> {
    let mut place = b"head".to_vec();
    place.extend(name.to_bytes());
    place
}

fn chunk_place(hash: BlobHash, number: usize, is_last: bool) -> Vec<u8> {
    let mut place = b"chunk".to_vec();
    place.extend(hash.to_bytes());
    place.extend((number as u64).to_be_bytes());
    place.push(u8::from(is_last));
    place
}

#[cfg(test)]
mod tests;
