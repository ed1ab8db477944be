//! nginx: a file with the upstream, which the rollout owns, and a reload.

use std::{
    io::{Read as _, Write as _},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{Router, Weights};
use crate::rollout::plan::Place;

/// Longest that a command may take.
const WAIT: Duration = Duration::from_secs(20);
/// Bytes of what a command prints that are read.
const PRINTED_MAX: u64 = 16 * 1024;

pub(super) struct Nginx {
    pub(super) file: PathBuf,
    pub(super) upstream: String,
    pub(super) names: Place<String>,
    pub(super) test: Vec<String>,
    pub(super) reload: Vec<String>,
}

impl Nginx {
    fn text(&self, weights: Weights) -> String {
        let mut text = format!(
            "# Written by `assay rollout`; weights are percent.\nupstream {} {{\n    zone {} 64k;\n",
            self.upstream, self.upstream
        );
        for (name, weight) in weights.named(&self.names) {
            // A weight of nothing is none for nginx.
            let share = if weight == 0 { "down".to_owned() } else { format!("weight={weight}") };
            text.push_str(&format!("    server {name} {share};\n"));
        }
        text.push_str("}\n");
        text
    }

    /// Puts a text in the place of the file at once, flushed.
    fn write(&self, text: &str) -> Result<(), String> {
        let beside = self.file.with_extension("new");
        let write = || -> std::io::Result<()> {
            let mut file = std::fs::File::create(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &self.file)
        };
        write().map_err(|error| format!("{}: {error}", self.file.display()))
    }
}

/// Runs a command to its end.
fn run(command: &[String]) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else { return Ok(()) };
    let shown = command.join(" ");
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{shown}`: {error}"))?;
    let end = Instant::now() + WAIT;
    let status = loop {
        match child.try_wait().map_err(|error| format!("`{shown}`: {error}"))? {
            Some(status) => break status,
            None if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("`{shown}` did not end within {} s", WAIT.as_secs()));
            }
        }
    };
    if status.success() {
        return Ok(());
    }
    let mut printed = String::new();
    if let Some(stderr) = child.stderr.take() {
        let _ = stderr.take(PRINTED_MAX).read_to_string(&mut printed);
    }
    Err(format!("`{shown}` ended with {status}: {}", printed.trim()))
}

impl Router for Nginx {
    fn split(&self, weights: Weights) -> Result<(), String> {
        let before = std::fs::read_to_string(&self.file).ok();
        self.write(&self.text(weights))?;
        if let Err(why) = run(&self.test) {
            // What nginx does not take must not lie there for its next start.
            if let Some(before) = before {
                self.write(&before)?;
            }
            return Err(why);
        }
        run(&self.reload)
    }

    fn is_split(&self, weights: Weights) -> Result<bool, String> {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        Ok(text == self.text(weights))
    }
}
