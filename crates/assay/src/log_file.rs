//! The log in a file that does not grow without end.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use assay_core::ErrorCode;
use tracing_subscriber::fmt::MakeWriter;

use crate::output::Told;

/// Bytes after which a new file is begun.
const BYTES_MAX: u64 = 10 << 20;
/// Files, the one that is written to included.
const FILES: u32 = 5;

/// A log file; `assay.log` becomes `assay.log.1`, that one `assay.log.2`, and so on.
#[derive(Debug, Clone)]
pub(crate) struct LogFile(Arc<Mutex<Open>>);

#[derive(Debug)]
struct Open {
    path: PathBuf,
    file: File,
    bytes: u64,
    bytes_max: u64,
}

impl LogFile {
    /// Opens the file, to go on at its end.
    pub(crate) fn open(path: &Path) -> Result<Self, Told> {
        Self::open_with(path, BYTES_MAX).map_err(|error| {
            let what = format!("the log file `{}` cannot be written: {error}", path.display());
            Told::new(ErrorCode::BadRequest, what).hint("check `log.file`")
        })
    }

    fn open_with(path: &Path, bytes_max: u64) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::options().create(true).append(true).open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self(Arc::new(Mutex::new(Open { path: path.to_owned(), file, bytes, bytes_max }))))
    }
}

impl Open {
    /// Begins a new file; the oldest is gone.
    fn turn(&mut self) -> io::Result<()> {
        let older = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..FILES - 1).rev() {
            let _ = fs::rename(older(number), older(number + 1));
        }
        fs::rename(&self.path, older(1))?;
        self.file = File::options().create(true).append(true).open(&self.path)?;
        self.bytes = 0;
        Ok(())
    }
}

/// One event at a time.
pub(crate) struct Line<'a>(MutexGuard<'a, Open>);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let open = &mut *self.0;
        if open.bytes > 0 && open.bytes + bytes.len() as u64 > open.bytes_max {
            open.turn()?;
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

    use tracing_subscriber::fmt::MakeWriter;

    use super::LogFile;

    #[test]
    fn five_files_hold_the_newest_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/assay.log");
        for number in 0..100 {
            // Opened anew each time: a restart goes on where it was.
            let log = LogFile::open_with(&path, 64).unwrap();
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
}
