//! Files made of parts, changed inside and put together again.

use std::io::{Cursor, Read, Write};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{change::Dice, compound, pdf};

/// Most bytes of one part that are unpacked.
const PART_MAX: u64 = 1 << 20;

/// The parts of a seed.
pub(crate) enum Parts {
    /// Names and contents of a zip archive.
    Zip(Vec<(String, Vec<u8>)>),
    /// Paths and contents of a compound file.
    Compound(Vec<(String, Vec<u8>)>),
    /// The objects of a PDF.
    Pdf(pdf::Objects),
}

impl Parts {
    /// The parts, if the file has such.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"PK") {
            unzipped(bytes).map(Self::Zip)
        } else if bytes.starts_with(b"%PDF") {
            pdf::Objects::of(bytes).map(Self::Pdf)
        } else if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            compound::streams(bytes).map(Self::Compound)
        } else {
            None
        }
    }

    /// A file with one or two parts changed.
    pub(crate) fn changed(&self, dice: &mut Dice) -> Option<Vec<u8>> {
        match self {
            Self::Zip(parts) => zipped(&with_changes(parts, dice)),
            Self::Compound(parts) => compound::file(&with_changes(parts, dice)),
            Self::Pdf(objects) => Some(objects.changed(dice)),
        }
    }
}

fn with_changes(parts: &[(String, Vec<u8>)], dice: &mut Dice) -> Vec<(String, Vec<u8>)> {
    let mut parts = parts.to_vec();
    for _ in 0..=dice.below(2) {
        let (at, other) = (dice.below(parts.len()), dice.below(parts.len()));
        let piece = parts.get(other).map(|(_, content)| content.clone()).unwrap_or_default();
        match dice.below(20) {
            0 if parts.len() > 1 => {
                parts.remove(at);
            }
            // One part in the place of another.
            1 => {
                if let Some((_, content)) = parts.get_mut(at) {
                    *content = piece;
                }
            }
            _ => {
                if let Some((_, content)) = parts.get_mut(at) {
                    *content = dice.change(content, &piece);
                }
            }
        }
    }
    parts
}

fn unzipped(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).ok()?;
        let name = file.name().ok()?.into_owned();
        let mut content = Vec::new();
        file.take(PART_MAX).read_to_end(&mut content).ok()?;
        parts.push((name, content));
    }
    Some(parts)
}

/// An archive of these files, without compression: changes of its bytes then reach them too.
pub(crate) fn zipped(parts: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in parts {
        archive.start_file(name.as_str(), stored).ok()?;
        archive.write_all(content).ok()?;
    }
    Some(archive.finish().ok()?.into_inner())
}
