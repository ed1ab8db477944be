//! The binary as a process of its own, on a data folder of the test.

use std::{
    error::Error,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;

/// A running `assay serve`; dropping it kills it as `kill -9` does.
#[derive(Debug)]
pub struct Server {
    /// Such as `http://127.0.0.1:40123`; with `https` where it has a certificate.
    pub url: String,
    child: Child,
    // A closed pipe would end the server at its next line.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts `binary` on `data` at a free port and waits until it listens.
    ///
    /// # Errors
    /// When it does not start, or ends at once.
    pub fn start(binary: &Path, data: &Path) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Self::start_with(binary, data, &[])
    }

    /// The same with further arguments.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(
        binary: &Path,
        data: &Path,
        arguments: &[&str],
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut child = Command::new(binary)
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(data)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let is_url = |word: &&str| word.starts_with("http://") || word.starts_with("https://");
        let Some(url) = line.split_whitespace().find(is_url) else {
            let status = child.wait()?;
            return Err(format!("the server ended with {status}: {line}").into());
        };
        Ok(Self { url: url.to_owned(), child, _stdout: stdout })
    }

    /// Kills it at once and waits until it is gone.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub fn kill(mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already; a second kill is an error value and nothing else.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A finished run of a command.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; -1 when a signal ended it.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
}

impl Run {
    /// The last line of the output as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let last = self.stdout.lines().next_back().unwrap_or_default();
        serde_json::from_str(last).unwrap_or(Value::Null)
    }
}

/// Runs `binary` with `arguments` on `data` to its end.
///
/// # Errors
/// When it cannot be started.
pub fn run(binary: &Path, data: &Path, arguments: &[&str]) -> std::io::Result<Run> {
    let output = Command::new(binary)
        .args(arguments)
        .arg("--data-dir")
        .arg(data)
        .stdin(Stdio::null())
        .output()?;
    Ok(Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
