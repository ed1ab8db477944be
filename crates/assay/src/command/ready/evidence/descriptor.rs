//! The file that a deployment is started with, looked at by the platform's own validator. Without that
//! validator nothing is said.

use std::{
    path::Path,
    process::{Command, Output},
};

use assay_ready::ReadyError;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::command::ready::now;

/// Bytes of a descriptor that are read at most.
const BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Characters that are kept of what a validator says.
const SAID_MAX: usize = 2_000;

/// What a descriptor is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Systemd,
    Compose,
    Kubernetes,
    Helm,
}

impl Kind {
    /// By its name and what stands in it.
    fn of(path: &Path, text: &str) -> Option<Self> {
        let has = |start: &str| text.lines().any(|line| line.starts_with(start));
        let is_unit = path.extension().is_some_and(|it| it == "service");
        match () {
            () if is_unit && has("[Service]") => Some(Self::Systemd),
            () if path.file_name().is_some_and(|it| it == "Chart.yaml") => Some(Self::Helm),
            () if has("apiVersion:") && has("kind:") => Some(Self::Kubernetes),
            () if has("services:") => Some(Self::Compose),
            () => None,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Compose => "compose",
            Self::Kubernetes => "kubernetes",
            Self::Helm => "helm",
        }
    }

    const fn validator(self) -> Validator {
        let (program, answers, before, behind): (_, &[&str], &[&str], &[&str]) = match self {
            Self::Systemd => ("systemd-analyze", &["--version"], &["verify", "--man=no"], &[]),
            Self::Compose => {
                ("docker", &["compose", "version"], &["compose", "-f"], &["config", "--quiet"])
            }
            Self::Kubernetes => {
                ("kubectl", &["cluster-info"], &["apply", "--dry-run=server", "-f"], &[])
            }
            Self::Helm => ("helm", &["version"], &["lint", "--strict"], &[]),
        };
        Validator { program, answers, before, behind }
    }
}

/// What judges a descriptor.
struct Validator {
    program: &'static str,
    /// What it answers with code 0 when it can judge at all.
    answers: &'static [&'static str],
    /// Arguments before the path and behind it.
    before: &'static [&'static str],
    behind: &'static [&'static str],
}

impl Validator {
    fn run(&self, target: &Path) -> Result<Output, String> {
        let Self { program, answers, before, behind } = self;
        let asked = Command::new(program).args(*answers).output();
        if !asked.as_ref().is_ok_and(|it| it.status.success()) {
            let question = answers.join(" ");
            return Err(format!("`{program} {question}` fails: run this where it works"));
        }
        let done = Command::new(program).args(*before).arg(target).args(*behind).output();
        done.map_err(|error| format!("`{program}` cannot be started: {error}"))
    }
}

/// What the validator says of a descriptor.
pub(super) fn look(path: &Path) -> Result<Value, ReadyError> {
    let refused = |why: String| ReadyError::bad(format!("the descriptor {}", path.display()), why);
    // A chart is a folder; its head stands for it.
    let file = if path.is_dir() { path.join("Chart.yaml") } else { path.to_owned() };
    let about = std::fs::metadata(&file).map_err(|error| refused(error.to_string()))?;
    if about.len() > BYTES_MAX {
        return Err(refused(format!("it has more than {} MB", BYTES_MAX >> 20)));
    }
    let text = std::fs::read_to_string(&file).map_err(|error| refused(error.to_string()))?;
    let kind = Kind::of(&file, &text).ok_or_else(|| {
        refused(
            "expected a unit of systemd (.service), a compose file, a manifest of Kubernetes, or the \
             folder of a chart"
                .to_owned(),
        )
    })?;
    let validator = kind.validator();
    let target = if kind == Kind::Helm { file.parent().unwrap_or(path) } else { path };
    let done = validator.run(target).map_err(refused)?;
    let said = [done.stdout, done.stderr].concat();
    let said: String = String::from_utf8_lossy(&said).chars().take(SAID_MAX).collect();
    let hash = Sha256::digest(text.as_bytes());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    // `systemd-analyze` ends with 0 although it warns of the unit by its name.
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_warned = kind == Kind::Systemd && said.contains(&name);
    Ok(json!({
        "kind": kind.as_str(), "valid": done.status.success() && !is_warned, "file": path.display().to_string(),
        "sha256": hash, "validator": validator.program, "code": done.status.code(), "said": said.trim(),
        "at": now().to_string(),
    }))
}

#[cfg(test)]
mod tests {
    //! Files are known by what stands in them; a unit that is wrong is found.

    use super::*;

    #[test]
    fn descriptors_are_known_by_what_stands_in_them() {
        for (name, text, kind) in [
            ("assay.service", "[Unit]\n[Service]\n", Some(Kind::Systemd)),
            ("assay.service", "hello", None),
            ("compose.yaml", "services:\n  assay:\n", Some(Kind::Compose)),
            ("assay.yaml", "apiVersion: v1\nkind: Service\n", Some(Kind::Kubernetes)),
            ("Chart.yaml", "apiVersion: v2\nname: assay\n", Some(Kind::Helm)),
            ("notes.txt", "hello", None),
        ] {
            assert_eq!(Kind::of(Path::new(name), text), kind, "{name}");
        }
        assert!(look(Path::new("/none/assay.service")).is_err());
    }

    #[test]
    fn a_unit_that_is_wrong_is_not_valid() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("assay.service");
        let unit = |start: &str| {
            std::fs::write(&path, format!("[Service]\nExecStart={start}\n")).unwrap();
            look(&path)
        };
        let Ok(sound) = unit("/bin/sh -c true") else {
            println!("skipped: systemd-analyze is not installed");
            return;
        };
        assert_eq!(sound["valid"], true, "{sound:#}");
        assert_eq!(unit("/none/assay").unwrap()["valid"], false);
        std::fs::write(&path, "[Service]\nExecStart=/bin/sh\nRestart=perhaps\n").unwrap();
        assert_eq!(look(&path).unwrap()["valid"], false);
    }
}
