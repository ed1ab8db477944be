//! What the command line says.

use std::{error::Error, path::PathBuf};

/// The options with their defaults.
#[derive(Debug)]
pub(crate) struct Options {
    /// Seconds for each target.
    pub(crate) seconds: u64,
    pub(crate) target: Option<String>,
    /// A folder with files to start from.
    pub(crate) seeds: Option<PathBuf>,
    /// Where finds are kept.
    pub(crate) out: PathBuf,
    /// What the random numbers start from.
    pub(crate) seed: u64,
    /// Most memory that the process may hold, in MiB.
    pub(crate) memory: u64,
    /// Whether this process runs one target for another process.
    pub(crate) is_child: bool,
}

impl Options {
    pub(crate) fn read(
        mut arguments: impl Iterator<Item = String>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut own = Self {
            seconds: 60,
            target: None,
            seeds: None,
            out: std::env::temp_dir().join("assay-fuzz"),
            seed: 1,
            memory: 600,
            is_child: false,
        };
        while let Some(name) = arguments.next() {
            if name == "--child" {
                own.is_child = true;
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("`{name}` needs a value"))?;
            match name.as_str() {
                "--seconds" => own.seconds = value.parse()?,
                "--target" => own.target = Some(value),
                "--seeds" => own.seeds = Some(value.into()),
                "--out" => own.out = value.into(),
                "--seed" => own.seed = value.parse()?,
                "--memory" => own.memory = value.parse()?,
                _ => return Err(format!("there is no option `{name}`").into()),
            }
        }
        Ok(own)
    }

    /// The arguments of the process that runs one target.
    pub(crate) fn of_child(&self, target: &str) -> Vec<String> {
        let mut arguments: Vec<String> = vec!["--child".to_owned()];
        let mut add = |name: &str, value: String| arguments.extend([name.to_owned(), value]);
        add("--target", target.to_owned());
        add("--seconds", self.seconds.to_string());
        add("--out", self.out.display().to_string());
        add("--seed", self.seed.to_string());
        add("--memory", self.memory.to_string());
        if let Some(seeds) = &self.seeds {
            add("--seeds", seeds.display().to_string());
        }
        arguments
    }
}
