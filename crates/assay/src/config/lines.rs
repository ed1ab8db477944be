//! Where in the file a key stands.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// The file as it was written.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    text: String,
}

impl Lines {
    /// The lines of the file that is read; none when it cannot be, which is told elsewhere.
    pub(super) fn of(file: Option<&Path>) -> Self {
        let path = file.unwrap_or_else(|| Path::new(super::FILE)).to_path_buf();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        Self { path, text }
    }

    /// `file:line` of a key of a section, or of the nearest table around it; the key itself when it
    /// stands in a variable.
    pub(super) fn place(&self, section: &str, path: &[String]) -> String {
        let keys: Vec<&str> =
            std::iter::once(section).chain(path.iter().map(String::as_str)).collect();
        self.line(&keys).unwrap_or_else(|| keys.join("."))
    }

    /// `file:line` of a key, or of the nearest table around it; none when nothing of it is there.
    pub(super) fn line(&self, keys: &[&str]) -> Option<String> {
        let before = self.text.get(..self.find(keys)?).unwrap_or_default();
        Some(format!("{}:{}", self.path.display(), before.matches('\n').count() + 1))
    }

    fn find(&self, keys: &[&str]) -> Option<usize> {
        let table = DeTable::parse(&self.text).ok()?;
        let mut table = table.get_ref();
        let mut found = None;
        for key in keys {
            let entry = table.iter().find(|(name, _)| name.get_ref() == key);
            let Some((name, value)) = entry else { break };
            found = Some(name.span().start);
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => break,
            }
        }
        found
    }
}
