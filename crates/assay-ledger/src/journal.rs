//! The write-ahead journal: a record of each call is handed to the system before the call goes out,
//! so that the death of the process loses none.
//!
//! A journal is a folder of segments. A record is a line: its checksum, a space, JSON. A line that
//! does not agree with its checksum was not finished, and whoever wrote it was not told that it
//! was; it is left out. Where the installation has a key, the JSON is sealed and in base64.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use assay_core::CallId;
use assay_vault::Sealer;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use crate::{
    LedgerError,
    call::{Call, CallRecord, End, Entry},
};

#[cfg(test)]
mod tests;

/// Bytes after which a new segment is begun.
const SEGMENT_BYTES: u64 = 8 << 20;
/// Name of a segment before its number.
const NAME: &str = "journal-";

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record<'a> {
    #[serde(borrow)]
    Call(Box<CallRecord<'a>>),
    End(u128, End),
}

/// The segment that is written.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    number: u64,
    file: File,
    bytes: u64,
    /// Whether something was written since the last sync was begun.
    is_dirty: bool,
    /// Whether the last write may have left a part of a line.
    is_torn: bool,
    line: Vec<u8>,
    seal: Option<Arc<Sealer>>,
}

/// What an earlier process left.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    /// Calls that have ended.
    pub(crate) entries: Vec<Entry>,
    /// Calls of which no end is known.
    pub(crate) open: Vec<Call>,
    segments: Vec<PathBuf>,
    last_number: u64,
}

impl Journal {
    /// Reads what an earlier process left in `folder`, which is made; also what was not sealed yet.
    pub(crate) fn replay(folder: &Path, seal: Option<&Sealer>) -> Result<Replayed, LedgerError> {
        fs::create_dir_all(folder)?;
        let mut segments = Vec::new();
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            segments.extend(number_of(&path).map(|number| (number, path)));
        }
        segments.sort();
        let mut replayed = Replayed::default();
        let mut open = HashMap::new();
        for (number, path) in segments {
            replay_segment(&path, seal, &mut open, &mut replayed.entries)?;
            replayed.segments.push(path);
            replayed.last_number = number;
        }
        replayed.open = open.into_values().collect();
        Ok(replayed)
    }

    /// Begins a new segment after those that were replayed, and deletes these: what they held is
    /// in the database.
    pub(crate) fn begin(
        folder: &Path,
        replayed: &Replayed,
        seal: Option<Arc<Sealer>>,
    ) -> Result<Self, LedgerError> {
        let journal = Self::segment(folder, replayed.last_number + 1, seal)?;
        for path in &replayed.segments {
            fs::remove_file(path)?;
        }
        Ok(journal)
    }

    fn segment(folder: &Path, number: u64, seal: Option<Arc<Sealer>>) -> io::Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            number,
            file: new_segment(folder, number)?,
            bytes: 0,
            is_dirty: false,
            is_torn: false,
            line: Vec::with_capacity(1024),
            seal,
        })
    }

    /// Records that a call goes out.
    pub(crate) fn call(&mut self, call: &Call) -> Result<(), LedgerError> {
        self.line.clear();
        self.add(&Record::Call(Box::new(call.into())))?;
        self.write()
    }

    /// Records how a call ended.
    pub(crate) fn end(&mut self, id: CallId, end: &End) -> Result<(), LedgerError> {
        self.line.clear();
        self.add(&Record::End(id.as_u128(), *end))?;
        self.write()
    }

    /// Records a call that has ended already.
    pub(crate) fn entry(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        self.line.clear();
        self.add(&Record::Call(Box::new((&entry.call).into())))?;
        self.add(&Record::End(entry.call.id.as_u128(), entry.end))?;
        self.write()
    }

    /// The file to be synced, when something was written since the last time.
    pub(crate) fn take_dirty(&mut self) -> io::Result<Option<File>> {
        if !self.is_dirty {
            return Ok(None);
        }
        let file = self.file.try_clone()?;
        self.is_dirty = false;
        Ok(Some(file))
    }

    /// Whether something was written since the last sync was begun.
    pub(crate) const fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Whether the segment is long enough for a new one.
    pub(crate) const fn is_full(&self) -> bool {
        self.bytes >= SEGMENT_BYTES
    }

    /// Goes over to a new segment that holds the calls under way and the entries that are not in
    /// the database yet, and deletes the old one.
    pub(crate) fn rotate<'a>(
        &mut self,
        open: impl Iterator<Item = &'a Call>,
        waiting: &[Entry],
    ) -> Result<(), LedgerError> {
        let old = segment(&self.folder, self.number);
        let mut next = Self::segment(&self.folder, self.number + 1, self.seal.clone())?;
        for call in open {
            next.call(call)?;
        }
        for entry in waiting {
            next.entry(entry)?;
        }
        next.file.sync_data()?;
        next.is_dirty = false;
        *self = next;
        fs::remove_file(old)?;
        Ok(())
    }

    fn add(&mut self, record: &Record<'_>) -> Result<(), LedgerError> {
        let mut json = serde_json::to_vec(record).map_err(io::Error::from)?;
        if let Some(seal) = &self.seal {
            let sealed = seal.seal(b"", &json).map_err(io::Error::other)?;
            json = BASE64_STANDARD.encode(sealed).into_bytes();
        }
        write!(self.line, "{:08x} ", crc32fast::hash(&json))?;
        self.line.extend_from_slice(&json);
        self.line.push(b'\n');
        Ok(())
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        if self.is_torn {
            self.file.write_all(b"\n")?;
        }
        self.is_torn = true;
        self.file.write_all(&self.line)?;
        self.is_torn = false;
        self.is_dirty = true;
        self.bytes += self.line.len() as u64;
        Ok(())
    }
}

fn replay_segment(
    path: &Path,
    seal: Option<&Sealer>,
    open: &mut HashMap<u128, Call>,
    entries: &mut Vec<Entry>,
) -> Result<(), LedgerError> {
    let mut reader = BufReader::new(File::open(path)?);
    let (mut line, mut bad) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut line)? > 0 {
        let mut opened = Vec::new();
        match read(&line, seal, &mut opened) {
            Some(Record::Call(record)) => {
                let call = record.into_call()?;
                open.insert(call.id.as_u128(), call);
            }
            Some(Record::End(id, end)) => {
                // A segment may repeat what the one before held.
                entries.extend(open.remove(&id).map(|call| Entry { call, end }));
            }
            None if line == b"\n" => {}
            None => bad += 1,
        }
        line.clear();
    }
    if bad > 0 {
        tracing::warn!(path = %path.display(), bad, "lines of the journal were not finished");
    }
    Ok(())
}

/// The record of a line. `opened` keeps what was sealed.
fn read<'a>(line: &'a [u8], seal: Option<&Sealer>, opened: &'a mut Vec<u8>) -> Option<Record<'a>> {
    let line = line.strip_suffix(b"\n")?;
    let (sum, json) = line.split_at_checked(8)?;
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    let json = json.strip_prefix(b" ")?;
    if crc32fast::hash(json) != sum {
        return None;
    }
    // JSON begins with a brace, which is no digit of base64.
    if let (Some(seal), false) = (seal, json.starts_with(b"{")) {
        *opened = seal.open(b"", &BASE64_STANDARD.decode(json).ok()?).ok()?;
        return serde_json::from_slice(opened).ok();
    }
    serde_json::from_slice(json).ok()
}

fn new_segment(folder: &Path, number: u64) -> io::Result<File> {
    let file = File::options().create_new(true).append(true).open(segment(folder, number))?;
    // The name has to survive a power cut as well as what is written.
    File::open(folder)?.sync_all()?;
    Ok(file)
}

fn segment(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{NAME}{number:020}"))
}

fn number_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix(NAME)?.parse().ok()
}
