//! How sealed files are laid out, in safe code over a file that reads and writes bytes.
//!
//! - **Database**: each page is sealed by itself, bound to its number. Salt, nonce and tag lie in the
//!   reserved bytes at its end, so that no offset differs from a plain database.
//! - **Log**: its header of 32 bytes holds no content and stays. A frame (24 bytes of header and a
//!   page) is sealed as one, bound to its number in the log. The header is sealed with the page
//!   because SQLite's checksums in it are made of the plain page and would tell of it. A page is read
//!   only out of a frame with the salts of the present log, so that an old frame at the same place is
//!   not taken for a new one.
//! - **Rollback journal**: never holds a page, because the log is used instead; one that would is
//!   refused.

use std::{ffi::c_int, sync::Arc};

use rusqlite::ffi;

use super::{OVERHEAD, PAGE, PLAIN, RESERVED, Seal};

const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const FRAME: usize = FRAME_HEADER + PAGE;
/// Where the salts stand in the header of the log; and, eight bytes long too, in that of a frame.
const LOG_SALTS: usize = 16;
const FRAME_SALTS: usize = 8;
const SALTS: usize = 8;
/// What SQLite reads of a database before it knows its page size.
const HEADER: usize = 100;
/// Bytes of the header of a rollback journal that are not zero.
const JOURNAL_HEADER: usize = 28;
/// The smallest sector of a disk; the header of a journal begins at one, a page in it never does.
const SECTOR: u64 = 512;

/// The file of the system below.
pub(super) trait Raw {
    /// Fills `buffer`; what is behind the end of the file becomes zeros, and the answer is `false`.
    fn read(&mut self, buffer: &mut [u8], at: u64) -> Result<bool, c_int>;
    fn write(&mut self, bytes: &[u8], at: u64) -> Result<(), c_int>;
    fn len(&mut self) -> Result<u64, c_int>;
}

/// What a file is to its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Database,
    Log,
    Journal,
}

/// A sealed file that is open.
pub(super) struct SealedFile {
    seal: Arc<Seal>,
    kind: Kind,
    /// One page, or one frame.
    unit: Vec<u8>,
    /// A frame's header that waits for its page: SQLite writes them one after the other.
    pending: Option<(u64, [u8; FRAME_HEADER])>,
    /// The frame that was read whole just now. A header that is written over it comes alone: SQLite
    /// is setting checksums right.
    just_read: Option<u64>,
    /// The salts of the log as this file last saw them.
    salts: Option<[u8; SALTS]>,
    /// Whether frames were written: what does not open is no remainder of a crash then.
    has_written: bool,
}

impl SealedFile {
    pub(super) fn new(seal: Arc<Seal>, kind: Kind) -> Self {
        let unit = vec![0; if kind == Kind::Log { FRAME } else { PAGE }];
        let (pending, just_read, salts) = (None, None, None);
        Self { seal, kind, unit, pending, just_read, salts, has_written: false }
    }

    /// Fills `buffer`; `false` when it goes behind the end of the file.
    pub(super) fn read(
        &mut self,
        raw: &mut dyn Raw,
        buffer: &mut [u8],
        at: u64,
    ) -> Result<bool, c_int> {
        self.flush(raw)?;
        match self.kind {
            Kind::Database => self.read_database(raw, buffer, at),
            Kind::Log if at < LOG_HEADER as u64 => raw.read(buffer, at),
            Kind::Log => self.read_log(raw, buffer, at),
            Kind::Journal => raw.read(buffer, at),
        }
    }

    pub(super) fn write(&mut self, raw: &mut dyn Raw, bytes: &[u8], at: u64) -> Result<(), c_int> {
        match self.kind {
            Kind::Database => self.write_page(raw, bytes, at),
            Kind::Log if at < LOG_HEADER as u64 => {
                self.flush(raw)?;
                self.salts = None;
                raw.write(bytes, at)
            }
            Kind::Log => self.write_log(raw, bytes, at),
            Kind::Journal if is_no_page(bytes, at) => raw.write(bytes, at),
            Kind::Journal => Err(ffi::SQLITE_IOERR_WRITE),
        }
    }

    /// Writes the header that still waits, by itself.
    pub(super) fn flush(&mut self, raw: &mut dyn Raw) -> Result<(), c_int> {
        let Some((number, header)) = self.pending.take() else { return Ok(()) };
        // Without a frame below it belongs to a page that never came: its write failed.
        if self.open_frame(raw, number)? { self.put_header(raw, number, &header) } else { Ok(()) }
    }

    /// The file was cut: what was behind is gone.
    pub(super) fn forget(&mut self) {
        (self.pending, self.just_read, self.salts) = (None, None, None);
    }

    fn read_database(
        &mut self,
        raw: &mut dyn Raw,
        buffer: &mut [u8],
        at: u64,
    ) -> Result<bool, c_int> {
        if at == 0 && buffer.len() == HEADER {
            // SQLite looks for the page size before it holds any lock, when another connection may
            // be writing the page. It is always the same; everything else is read again later.
            header(buffer);
            return Ok(raw.len()? > 0);
        }
        let (page, offset) = place(at, PAGE);
        if !raw.read(&mut self.unit, page * PAGE as u64)? {
            let length = raw.len()?;
            if length == 0 {
                buffer.fill(0);
                return Ok(false);
            }
            // SQLite would take zeros for what was cut off.
            return Err(self.seal.damaged(format!("page {} is cut off", page + 1)));
        }
        if self.seal.pages.open_in_place(&page.to_be_bytes(), &mut self.unit).is_err() {
            return Err(self.seal.damaged(format!("page {}", page + 1)));
        }
        copy_from(&self.unit, offset, buffer, ffi::SQLITE_IOERR_READ)?;
        Ok(true)
    }

    fn write_page(&mut self, raw: &mut dyn Raw, bytes: &[u8], at: u64) -> Result<(), c_int> {
        let (page, offset) = place(at, PAGE);
        if offset != 0 || bytes.len() != PAGE || !ends_free(bytes) {
            return Err(ffi::SQLITE_IOERR_WRITE);
        }
        if page == 0 && !fits(bytes) {
            return Err(ffi::SQLITE_IOERR_WRITE);
        }
        self.unit.copy_from_slice(bytes);
        let sealed = self.seal.pages.seal_in_place(&page.to_be_bytes(), &mut self.unit);
        sealed.map_err(|_| ffi::SQLITE_IOERR_WRITE)?;
        raw.write(&self.unit, at)
    }

    fn read_log(&mut self, raw: &mut dyn Raw, buffer: &mut [u8], at: u64) -> Result<bool, c_int> {
        let (number, offset) = place(at - LOG_HEADER as u64, FRAME);
        let is_whole = offset == 0 && buffer.len() == FRAME;
        let opened = self.open_frame(raw, number)?;
        if is_whole {
            // SQLite takes the log up after a start, or sets checksums right. After a crash the last
            // frames may be torn; zeros tell SQLite that the log ends before them.
            self.just_read = opened.then_some(number);
            if !opened && self.has_written {
                return Err(self.frame_damaged(number));
            }
            if !opened {
                self.unit.fill(0);
            }
        } else if !opened || !self.is_present(raw)? {
            return Err(self.frame_damaged(number));
        }
        copy_from(&self.unit, offset, buffer, ffi::SQLITE_IOERR_READ)?;
        Ok(true)
    }

    fn write_log(&mut self, raw: &mut dyn Raw, bytes: &[u8], at: u64) -> Result<(), c_int> {
        let (number, offset) = place(at - LOG_HEADER as u64, FRAME);
        self.has_written = true;
        if let (0, Ok(header)) = (offset, <[u8; FRAME_HEADER]>::try_from(bytes)) {
            if self.just_read.take() == Some(number) && self.open_frame(raw, number)? {
                return self.put_header(raw, number, &header);
            }
            self.flush(raw)?;
            self.pending = Some((number, header));
            return Ok(());
        }
        if offset != FRAME_HEADER || bytes.len() != PAGE || !ends_free(bytes) {
            return Err(ffi::SQLITE_IOERR_WRITE);
        }
        self.just_read = None;
        match self.pending {
            Some((of, header)) if of == number => {
                self.pending = None;
                put(&mut self.unit, 0, &header);
            }
            _ => {
                // A page that is written again in the same transaction keeps its header.
                self.flush(raw)?;
                if !self.open_frame(raw, number)? {
                    return Err(self.frame_damaged(number));
                }
            }
        }
        put(&mut self.unit, FRAME_HEADER, bytes);
        self.write_frame(raw, number)
    }

    /// Opens a frame into `unit`; `false` when it does not open, or there is none.
    fn open_frame(&mut self, raw: &mut dyn Raw, number: u64) -> Result<bool, c_int> {
        Ok(raw.read(&mut self.unit, offset_of(number))?
            && self.seal.frames.open_in_place(&number.to_be_bytes(), &mut self.unit).is_ok())
    }

    /// Puts a header over that of the frame in `unit`, and writes the frame.
    fn put_header(
        &mut self,
        raw: &mut dyn Raw,
        number: u64,
        header: &[u8; FRAME_HEADER],
    ) -> Result<(), c_int> {
        put(&mut self.unit, 0, header);
        self.write_frame(raw, number)
    }

    fn write_frame(&mut self, raw: &mut dyn Raw, number: u64) -> Result<(), c_int> {
        let sealed = self.seal.frames.seal_in_place(&number.to_be_bytes(), &mut self.unit);
        sealed.map_err(|_| ffi::SQLITE_IOERR_WRITE)?;
        raw.write(&self.unit, offset_of(number))
    }

    /// Whether the frame in `unit` is of the present log, not one of an earlier round.
    fn is_present(&mut self, raw: &mut dyn Raw) -> Result<bool, c_int> {
        let of_frame = self.unit.get(FRAME_SALTS..FRAME_SALTS + SALTS);
        if self.salts.as_ref().map(<[u8; SALTS]>::as_slice) == of_frame {
            return Ok(true);
        }
        // Whoever writes a long transaction leaves salts and checksums of some frames empty, reads
        // them again, and fills them in before the end.
        if self.has_written && of_frame == Some(&[0; SALTS]) {
            return Ok(true);
        }
        let mut salts = [0; SALTS];
        raw.read(&mut salts, LOG_SALTS as u64)?;
        self.salts = Some(salts);
        Ok(of_frame == Some(&salts))
    }

    fn frame_damaged(&self, number: u64) -> c_int {
        self.seal.damaged(format!("frame {} of the log", number + 1))
    }
}

/// The number of the unit at an offset, and the offset inside it.
fn place(at: u64, unit: usize) -> (u64, usize) {
    let unit = unit as u64;
    (at / unit, usize::try_from(at % unit).unwrap_or(0))
}

const fn offset_of(frame: u64) -> u64 {
    LOG_HEADER as u64 + frame * FRAME as u64
}

/// What every sealed database begins with, as far as SQLite asks before it reads a page: the page
/// size and the reserved bytes.
fn header(buffer: &mut [u8]) {
    buffer.fill(0);
    put(buffer, 0, PLAIN);
    put(buffer, 16, &(PAGE as u16).to_be_bytes());
    // The versions of the format for writing and reading: with a log.
    put(buffer, 18, &[2, 2, RESERVED]);
}

/// Whether a first page says the page size and the reserved bytes that sealing needs.
fn fits(page: &[u8]) -> bool {
    page.get(16..18) == Some(&(PAGE as u16).to_be_bytes()) && page.get(20) == Some(&RESERVED)
}

/// Whether SQLite left the end of a page free, as it was told.
fn ends_free(page: &[u8]) -> bool {
    page.iter().rev().take(OVERHEAD).all(|byte| *byte == 0)
}

/// Whether a write to a rollback journal is one of its header, or of a number beside a page.
fn is_no_page(bytes: &[u8], at: u64) -> bool {
    let is_padding = |rest: &[u8]| rest.iter().all(|byte| *byte == 0);
    bytes.get(JOURNAL_HEADER..).is_none_or(|rest| at.is_multiple_of(SECTOR) && is_padding(rest))
}

fn put(into: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(into) = into.get_mut(at..at + bytes.len()) {
        into.copy_from_slice(bytes);
    }
}

fn copy_from(unit: &[u8], offset: usize, to: &mut [u8], code: c_int) -> Result<(), c_int> {
    let from = unit.get(offset..).and_then(|rest| rest.get(..to.len())).ok_or(code)?;
    to.copy_from_slice(from);
    Ok(())
}
