//! A data folder and the binary on it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_testkit::process::{Run, Server, run};
use tempfile::TempDir;

/// A folder with a few files, and a data folder.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file next to the data folder and returns its path.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join("files").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        run(binary(), &self.data(), arguments).unwrap()
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(binary(), &self.data()).unwrap()
    }
}

pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_assay"))
}
