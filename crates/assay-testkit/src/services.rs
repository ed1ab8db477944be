//! Services of others, as Python packages, that a test starts for itself on loopback.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::workspace_root;

/// A service that runs as long as this is held.
#[derive(Debug)]
pub struct Service {
    /// The first line that it printed: its address.
    pub address: String,
    process: Child,
    _until_closed: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
}

impl Service {
    /// Starts a program in Python that serves, prints its address, and ends with its input. `None`,
    /// with a line on standard error, where the packages are not installed: the caller's test ends
    /// there.
    ///
    /// # Panics
    /// When it cannot be started though it is installed.
    #[must_use]
    #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
    #[expect(clippy::unwrap_used, reason = "what is installed has to start")]
    pub fn start(program: &str) -> Option<Self> {
        let Some(python) = python() else {
            eprintln!("skipped: the services of the tests are not installed (make test-tools)");
            return None;
        };
        let mut process = Command::new(python)
            .args(["-B", "-u", "-c", program])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut address = String::new();
        lines.read_line(&mut address).unwrap();
        assert!(!address.is_empty(), "the service ended before it printed its address");
        let until_closed = process.stdin.take();
        let address = address.trim().to_owned();
        Some(Self { address, process, _until_closed: until_closed, lines })
    }

    /// The next line that it prints.
    ///
    /// # Panics
    /// When it has ended.
    #[expect(clippy::unwrap_used, reason = "a service that ended is a failed test")]
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.lines.read_line(&mut line).unwrap() > 0, "the service has ended");
        line.trim_end().to_owned()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn python() -> Option<PathBuf> {
    let installed = Command::new("bash")
        .args(["conformance/install.sh", "services"])
        .env("ASSAY_INSTALL", "never")
        .current_dir(workspace_root())
        .output()
        .ok()?;
    let folder = String::from_utf8(installed.stdout).ok()?;
    let python = PathBuf::from(folder.trim()).join("python/bin/python");
    (installed.status.success() && python.is_file()).then_some(python)
}
