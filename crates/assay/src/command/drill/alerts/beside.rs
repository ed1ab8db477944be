//! Servers beside that of the drill, for faults that would end all others: one whose disk becomes full,
//! and one that is killed.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::site::{Running, assay, serve};

/// Megabytes of the disk that becomes full.
const DISK_MB: u64 = 96;
/// Starts a server with its data on a disk of its own, which nobody else sees and which goes with it.
const ON_DISK: &str = r#"mount -t tmpfs -o size="$1" drill "$2" && shift 2 && exec "$@""#;

/// A server with a small disk of its own.
pub(super) struct Confined {
    pub(super) url: String,
    /// The disk, as this process sees it.
    disk: PathBuf,
    _process: Running,
}

impl Confined {
    /// Starts it; nothing where a process may not have a file system of its own.
    pub(super) async fn start(folder: &Path, settings: &Path) -> anyhow::Result<Option<Self>> {
        let disk = folder.join("disk");
        fs::create_dir(&disk)?;
        let may = Command::new("unshare").args(["-Urm", "true"]).output();
        if !may.is_ok_and(|it| it.status.success()) {
            return Ok(None);
        }
        let mut command = Command::new("unshare");
        command.args(["-Urm", "sh", "-c", ON_DISK, "sh", &format!("{DISK_MB}m")]).arg(&disk);
        command.arg(std::env::current_exe()?);
        assay(&mut command, settings, &disk.join("data"), 0);
        let (process, url) = tokio::task::spawn_blocking(move || serve(command)).await??;
        let root = PathBuf::from(format!("/proc/{}/root", process.0.id()));
        let disk = root.join(disk.strip_prefix("/")?);
        Ok(Some(Self { url, disk, _process: process }))
    }

    /// Takes all room on the disk.
    pub(super) fn fill(&self) -> anyhow::Result<()> {
        let mut file = fs::File::create(self.disk.join("ballast"))?;
        let part = vec![b'x'; 1 << 16];
        for _ in 0..=DISK_MB * 16 {
            match file.write_all(&part) {
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                done => done?,
            }
        }
        anyhow::bail!("the disk of the drill does not become full")
    }

    /// Gives the room back.
    pub(super) fn free(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.disk.join("ballast"))?)
    }
}

/// A server that is killed and started again at the same address.
pub(super) struct Victim {
    port: u16,
    settings: PathBuf,
    data: PathBuf,
    process: Mutex<Option<Running>>,
}

impl Victim {
    /// Starts it.
    pub(super) async fn start(folder: &Path, settings: &Path) -> anyhow::Result<Self> {
        let mut victim = Self {
            port: 0,
            settings: settings.to_owned(),
            data: folder.join("victim"),
            process: Mutex::default(),
        };
        let url = victim.begin().await?;
        victim.port = url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0);
        Ok(victim)
    }

    /// Where it listens, also while it is down.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it, where it listened before; its address.
    pub(super) async fn begin(&self) -> anyhow::Result<String> {
        let mut command = Command::new(std::env::current_exe()?);
        assay(&mut command, &self.settings, &self.data, self.port);
        let (process, url) = tokio::task::spawn_blocking(move || serve(command)).await??;
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
        Ok(url)
    }

    pub(super) fn kill(&self) {
        // What is dropped is killed.
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
