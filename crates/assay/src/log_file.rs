//! The log in a file that does not grow without end.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use assay_core::{Clock as _, ErrorCode, SystemClock};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use tracing_subscriber::fmt::MakeWriter;

use crate::output::Told;

/// Bytes after which a new file is begun.
const BYTES_MAX: u64 = 10 << 20;
/// Files, the one that is written to included.
pub(crate) const FILES: u32 = 5;
/// And where they are kept for days: ten gigabytes, so that a disk has an end.
pub(crate) const FILES_OF_DAYS: u32 = 1_000;

/// A log file; `assay.log` becomes `assay.log.1`, that one `assay.log.2`, and so on.
#[derive(Debug, Clone)]
pub(crate) struct LogFile(Arc<Mutex<Open>>);

#[derive(Debug)]
struct Open {
    path: PathBuf,
    file: File,
    bytes: u64,
    bytes_max: u64,
    /// Days for which lines are kept; 0 for what five files hold.
    days: u32,
    /// The day of the file.
    day: Date,
}

impl LogFile {
    /// Opens the file, to go on at its end.
    pub(crate) fn open(path: &Path, days: u32) -> Result<Self, Told> {
        Self::open_with(path, BYTES_MAX, days).map_err(|error| {
            let what = format!("the log file `{}` cannot be written: {error}", path.display());
            Told::new(ErrorCode::BadRequest, what).hint("check `log.file`")
        })
    }

    fn open_with(path: &Path, bytes_max: u64, days: u32) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::options().create(true).append(true).open(path)?;
        let about = file.metadata()?;
        let now = SystemClock.now();
        // A file that was begun on another day is of that day.
        let written = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        let day = day(written.filter(|_| about.len() > 0).unwrap_or(now));
        let (path, bytes) = (path.to_owned(), about.len());
        let mut open = Open { path, file, bytes, bytes_max, days, day };
        open.forget(now);
        Ok(Self(Arc::new(Mutex::new(open))))
    }
}

impl Open {
    fn older(&self, number: u32) -> PathBuf {
        older(&self.path, number)
    }

    /// Begins a new file; the oldest is gone.
    fn turn(&mut self, now: Timestamp) -> io::Result<()> {
        let files = if self.days > 0 { FILES_OF_DAYS } else { FILES };
        let last = (1..files - 1).take_while(|number| self.older(*number).is_file()).last();
        for number in (1..=last.unwrap_or(0)).rev() {
            let _ = fs::rename(self.older(number), self.older(number + 1));
        }
        fs::rename(&self.path, self.older(1))?;
        self.file = File::options().create(true).append(true).open(&self.path)?;
        self.bytes = 0;
        self.day = day(now);
        self.forget(now);
        Ok(())
    }

    /// Removes files whose last line is older than the days that lines are kept.
    fn forget(&mut self, now: Timestamp) {
        if self.days == 0 {
            return;
        }
        let first = now - SignedDuration::from_hours(24 * i64::from(self.days));
        for number in 1..FILES_OF_DAYS {
            let path = self.older(number);
            let Ok(about) = fs::metadata(&path) else { break };
            let written = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
            if written.is_some_and(|at| at < first) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// The file before the one that is written to, by its number from 1.
pub(crate) fn older(path: &Path, number: u32) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

/// The day of a moment in UTC, as the times of the log are.
fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// One event at a time.
pub(crate) struct Line<'a>(MutexGuard<'a, Open>);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let open = &mut *self.0;
        let is_full = open.bytes + bytes.len() as u64 > open.bytes_max;
        let now = SystemClock.now();
        if open.bytes > 0 && (is_full || open.days > 0 && open.day != day(now)) {
            open.turn(now)?;
        }
        let written = open.file.write(bytes)?;
        open.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.file.flush()
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    //! The newest lines are there, and no more than five files.

    use std::io::Write;

    use assay_core::{Clock as _, SystemClock};
    use tracing_subscriber::fmt::MakeWriter;

    use super::LogFile;

    #[test]
    fn five_files_hold_the_newest_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/assay.log");
        for number in 0..100 {
            // Opened anew each time: a restart goes on where it was.
            let log = LogFile::open_with(&path, 64, 0).unwrap();
            writeln!(log.make_writer(), "line {number:03} of the log").unwrap();
        }
        let mut files: Vec<_> = std::fs::read_dir(path.parent().unwrap())
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        assert_eq!(files.len(), 5, "{files:?}");
        let texts: Vec<String> =
            files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        assert!(texts.iter().all(|text| text.len() <= 64), "{texts:?}");
        assert!(texts[0].ends_with("line 099 of the log\n"), "{texts:?}");
        assert_eq!(texts.iter().map(|text| text.lines().count()).sum::<usize>(), 4 * 3 + 1);
    }

    #[test]
    fn days_are_kept_and_then_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("assay.log");
        let aged = |path: &std::path::Path, days_ago: u64| {
            let now = std::time::SystemTime::from(SystemClock.now());
            let at = now - std::time::Duration::from_secs(days_ago * 86_400);
            std::fs::File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
        };
        let write = |text: &str, days_ago: u64| {
            let log = LogFile::open_with(&path, 1 << 20, 90).unwrap();
            writeln!(log.make_writer(), "{text}").unwrap();
            aged(&path, days_ago);
        };
        let read = |number: u32| std::fs::read_to_string(super::older(&path, number));
        write("of long ago", 89);
        write("of a while ago", 2);
        assert!(read(1).unwrap().contains("long ago"), "a day begins a file");
        aged(&super::older(&path, 1), 91);
        write("of now", 0);
        assert!(read(1).unwrap().contains("a while ago"));
        assert!(read(2).is_err(), "91 days are more than 90");
        write("of now, too", 0);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2, "the same day");
    }
}
