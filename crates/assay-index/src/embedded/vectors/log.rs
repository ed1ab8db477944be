//! The file of vectors: an append-only log of frames, each guarded by a checksum.
//!
//! File: 8 bytes of magic, then frames. Frame: length of the body (u32), CRC-32 of the body (u32),
//! body. Body: outbox position (u64), then operations. All numbers are little-endian, ids are
//! their 16 bytes. The position lies under the same checksum as the data, so that it cannot be
//! ahead of it. Where the tenant has a key, the body is sealed, bound to where its frame begins.

use std::{
    fs::{self, File},
    io::{self, BufReader, ErrorKind, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use assay_core::{CollectionId, DocumentId, PassageId, VersionId};
use assay_vault::Sealer;

use crate::{IndexError, error::io};

/// Its last character is the version of the format. A file of another version is started anew:
/// position 0 makes the owner of the records fill it again.
const MAGIC: &[u8; 8] = b"ASSAYVE1";
/// The same of a file whose bodies are sealed.
const SEALED_MAGIC: &[u8; 8] = b"ASSAYVS1";

/// A frame is closed when its body passes this size.
const FRAME_BYTES: usize = 4 << 20;

/// One change to the vectors.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::embedded) enum Op {
    Put {
        passage: PassageId,
        document: DocumentId,
        version: VersionId,
        collection: CollectionId,
        codes: Vec<i8>,
    },
    RemovePassage(PassageId),
    RemoveVersion(DocumentId, VersionId),
    RemoveDocument(DocumentId),
}

impl Op {
    /// Bytes of a `Put` beside its codes: tag, four ids, length.
    pub(super) const PUT_BYTES: usize = 1 + 4 * 16 + 4;

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Put { passage, document, version, collection, codes } => {
                out.push(1);
                out.extend(passage.to_bytes());
                out.extend(document.to_bytes());
                out.extend(version.to_bytes());
                out.extend(collection.to_bytes());
                out.extend(u32::try_from(codes.len()).unwrap_or(0).to_le_bytes());
                out.extend(codes.iter().map(|code| code.cast_unsigned()));
            }
            Self::RemovePassage(passage) => {
                out.push(2);
                out.extend(passage.to_bytes());
            }
            Self::RemoveVersion(document, version) => {
                out.push(3);
                out.extend(document.to_bytes());
                out.extend(version.to_bytes());
            }
            Self::RemoveDocument(document) => {
                out.push(4);
                out.extend(document.to_bytes());
            }
        }
    }

    /// Takes one operation off the front; none when the bytes are not one.
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let [tag] = take(bytes)?;
        Some(match tag {
            1 => Self::Put {
                passage: PassageId::from_bytes(take(bytes)?),
                document: DocumentId::from_bytes(take(bytes)?),
                version: VersionId::from_bytes(take(bytes)?),
                collection: CollectionId::from_bytes(take(bytes)?),
                codes: {
                    let length = u32::from_le_bytes(take(bytes)?) as usize;
                    let (codes, rest) = bytes.split_at_checked(length)?;
                    *bytes = rest;
                    codes.iter().map(|code| code.cast_signed()).collect()
                },
            },
            2 => Self::RemovePassage(PassageId::from_bytes(take(bytes)?)),
            3 => Self::RemoveVersion(
                DocumentId::from_bytes(take(bytes)?),
                VersionId::from_bytes(take(bytes)?),
            ),
            4 => Self::RemoveDocument(DocumentId::from_bytes(take(bytes)?)),
            _ => return None,
        })
    }
}

/// The open file.
pub(super) struct Log {
    path: PathBuf,
    file: File,
    bytes: u64,
    position: u64,
    seal: Option<Arc<Sealer>>,
}

impl Log {
    /// Opens or makes the file, gives its operations in order to `apply`, and cuts off what does
    /// not pass the checksum or is refused.
    pub(super) fn open(
        path: &Path,
        seal: Option<&Arc<Sealer>>,
        apply: impl FnMut(Op) -> bool,
    ) -> Result<Self, IndexError> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(io("open", path))?;
        let seal = seal.map(Arc::clone);
        let (bytes, position) =
            read_frames(&file, seal.as_deref(), apply).map_err(io("read", path))?;
        let found = file.metadata().map_err(io("read", path))?.len();
        if found > bytes {
            tracing::warn!(bytes = found - bytes, position, "vector log had a damaged end, cut");
            file.set_len(bytes).map_err(io("cut", path))?;
        }
        file.seek(io::SeekFrom::Start(bytes)).map_err(io("seek in", path))?;
        let mut log = Self { path: path.to_owned(), file, bytes, position, seal };
        if bytes == 0 {
            log.write(magic(log.seal.as_deref()))?;
            log.file.sync_data().map_err(io("sync", path))?;
            sync_folder(path)?;
        }
        Ok(log)
    }

    /// Size of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The outbox position of the last frame.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Adds operations and the new position, and returns when they are safe on disk.
    pub(super) fn append(&mut self, ops: &[Op], position: u64) -> Result<(), IndexError> {
        self.write_frames(ops.iter(), position)?;
        self.file.sync_data().map_err(io("sync", &self.path))
    }

    /// Replaces the content in one step: a crash leaves either the old or the new file.
    pub(super) fn rewrite(
        &mut self,
        ops: impl Iterator<Item = Op>,
        position: u64,
    ) -> Result<(), IndexError> {
        let path = self.path.with_extension("new");
        let file = File::create(&path).map_err(io("create", &path))?;
        let mut new = Self { path, file, bytes: 0, position: 0, seal: self.seal.clone() };
        new.write(magic(new.seal.as_deref()))?;
        new.write_frames(ops, position)?;
        new.file.sync_data().map_err(io("sync", &new.path))?;
        fs::rename(&new.path, &self.path).map_err(io("replace", &self.path))?;
        sync_folder(&self.path)?;
        self.file = new.file;
        self.bytes = new.bytes;
        self.position = position;
        Ok(())
    }

    /// Writes frames of bounded size. Only the last carries `position`; the earlier ones repeat
    /// the old one, since the change is not complete with them.
    fn write_frames<O: std::borrow::Borrow<Op>>(
        &mut self,
        ops: impl Iterator<Item = O>,
        position: u64,
    ) -> Result<(), IndexError> {
        let mut body = self.position.to_le_bytes().to_vec();
        for op in ops {
            op.borrow().write(&mut body);
            if body.len() >= FRAME_BYTES {
                self.write_frame(&body)?;
                body.truncate(8);
            }
        }
        body.splice(..8, position.to_le_bytes());
        self.write_frame(&body)?;
        self.position = position;
        Ok(())
    }

    fn write_frame(&mut self, body: &[u8]) -> Result<(), IndexError> {
        let sealed = self.seal.as_ref().map(|seal| seal.seal(&self.bytes.to_be_bytes(), body));
        let sealed = sealed.transpose().map_err(io::Error::other);
        let sealed = sealed.map_err(io("seal", &self.path))?;
        let body = sealed.as_deref().unwrap_or(body);
        let length = u32::try_from(body.len()).map_err(|_| IndexError::Io {
            action: "write",
            path: self.path.clone(),
            source: ErrorKind::FileTooLarge.into(),
        })?;
        let mut frame = Vec::with_capacity(body.len() + 8);
        frame.extend(length.to_le_bytes());
        frame.extend(crc32fast::hash(body).to_le_bytes());
        frame.extend(body);
        self.write(&frame)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), IndexError> {
        self.file.write_all(bytes).map_err(io("write", &self.path))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

/// Reads whole frames; returns where they end and the position of the last one.
fn read_frames(
    file: &File,
    seal: Option<&Sealer>,
    mut apply: impl FnMut(Op) -> bool,
) -> io::Result<(u64, u64)> {
    let mut left = file.metadata()?.len();
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut found = [0; MAGIC.len()];
    if left < 8 || reader.read_exact(&mut found).is_err() || &found != magic(seal) {
        return Ok((0, 0));
    }
    let (mut end, mut position) = (8_u64, 0);
    left -= 8;
    while left >= 8 {
        let mut header = [0; 8];
        reader.read_exact(&mut header)?;
        let (length, checksum) = split_header(header);
        left -= 8;
        if u64::from(length) > left {
            break;
        }
        let mut body = vec![0; length as usize];
        reader.read_exact(&mut body)?;
        left -= u64::from(length);
        let is_whole = crc32fast::hash(&body) == checksum;
        let opened = seal.map(|seal| seal.open(&end.to_be_bytes(), &body));
        let Ok(opened) = opened.transpose() else { break };
        let mut rest = opened.as_deref().unwrap_or(&body);
        let Some(found) = take(&mut rest).filter(|_| is_whole) else {
            break;
        };
        while !rest.is_empty() {
            if !Op::read(&mut rest).is_some_and(&mut apply) {
                return Ok((end, position));
            }
        }
        end += 8 + u64::from(length);
        position = u64::from_le_bytes(found);
    }
    Ok((end, position))
}

/// What a file begins with.
const fn magic(seal: Option<&Sealer>) -> &'static [u8; 8] {
    if seal.is_some() { SEALED_MAGIC } else { MAGIC }
}

fn split_header(header: [u8; 8]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = header;
    (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

/// Makes the file's name as durable as its content.
fn sync_folder(path: &Path) -> Result<(), IndexError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io("sync", folder))
}
