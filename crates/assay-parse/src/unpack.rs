//! Zip archives, unpacked within the limits of a parse.

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use crate::{ParseError, ProblemCode, builder::Builder, format::part::Element, parse::Input};

/// Most entries of an archive: their directory is held in memory.
const ENTRIES_MAX: usize = 500_000;

/// Opens an archive whose directory is not too large to hold.
pub(crate) fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, ParseError> {
    // Each entry of the directory opens with this mark.
    let entries = bytes.windows(4).filter(|mark| mark == b"PK\x01\x02").count();
    if entries > ENTRIES_MAX {
        let reason = format!("it has {entries} entries, {ENTRIES_MAX} are read at most");
        return Err(ParseError::Malformed { reason });
    }
    ZipArchive::new(Cursor::new(bytes)).map_err(ParseError::malformed)
}

/// An opened archive. Everything that it unpacks counts against one limit.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    input: &'a Input,
    unpacked: u64,
}

impl<'a> Archive<'a> {
    /// Reads the directory of the file.
    pub(crate) fn open(input: &'a Input) -> Result<Self, ParseError> {
        let zip = open(&input.bytes)?;
        Ok(Self { zip, input, unpacked: 0 })
    }

    /// Whether there is an entry of this name.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.zip.index_for_name(name).is_some()
    }

    /// The XML tree of an entry; none when there is no such entry or, as a problem, when it is
    /// damaged.
    pub(crate) fn tree(
        &mut self,
        name: &str,
        out: &mut Builder,
    ) -> Result<Option<Element>, ParseError> {
        let Some(bytes) = self.bytes(name, out)? else { return Ok(None) };
        let tree = Element::parse(&bytes, self.input)?;
        tree.report_cut(name, out);
        Ok(Some(tree))
    }

    /// The content of an entry; none when there is no such entry or, as a problem, when it is
    /// damaged.
    pub(crate) fn bytes(
        &mut self,
        name: &str,
        out: &mut Builder,
    ) -> Result<Option<Vec<u8>>, ParseError> {
        match self.read(name) {
            Err(ParseError::Malformed { reason }) => {
                let message = format!("the part `{name}` could not be read: {reason}");
                out.problem(ProblemCode::Damaged, message, None);
                Ok(None)
            }
            bytes => bytes,
        }
    }

    /// The content of an entry, as far as it can be unpacked; none when there is no such entry.
    pub(crate) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, ParseError> {
        self.input.check_time()?;
        let limit = self.input.limits.unpacked_bytes;
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(ParseError::Encrypted);
            }
            Err(error) => return Err(ParseError::malformed(error)),
        };
        let mut bytes = Vec::new();
        let room = limit.saturating_sub(self.unpacked);
        let read = file.take(room + 1).read_to_end(&mut bytes);
        self.unpacked += bytes.len() as u64;
        if self.unpacked > limit {
            return Err(ParseError::TooLarge { bytes: self.unpacked, limit });
        }
        match read {
            Ok(_) => Ok(Some(bytes)),
            // What was unpacked before the fault may still hold most of the text.
            Err(_) if !bytes.is_empty() => Ok(Some(bytes)),
            Err(error) => Err(ParseError::malformed(error)),
        }
    }
}
