//! What takes the place of a finding, and the way back.

use std::collections::BTreeMap;

use crate::{Action, Kind};

/// Stand-ins at most; behind that a finding is redacted.
const PSEUDONYMS_MAX: usize = 10_000;

/// Bytes of a text that gets a stand-in at most; what is longer is redacted.
pub(crate) const PSEUDONYM_BYTES_MAX: usize = 1_024;

/// The stand-ins of one conversation: the same text gets the same one, and can be put back. Keep it
/// no longer than the conversation, and show it to nobody: it holds what was hidden.
#[derive(Default)]
pub struct Pseudonyms {
    by_text: BTreeMap<(Kind, String), String>,
    by_name: BTreeMap<String, String>,
    counts: BTreeMap<Kind, usize>,
}

impl std::fmt::Debug for Pseudonyms {
    /// Without what it holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pseudonyms").field("len", &self.by_name.len()).finish()
    }
}

impl Pseudonyms {
    /// No stand-ins yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing was replaced by a stand-in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Puts the original texts back into an answer that speaks of the stand-ins.
    #[must_use]
    pub fn restore(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('[') {
            let (before, from) = rest.split_at(open);
            out.push_str(before);
            let name = from.find(']').and_then(|close| from.get(..=close));
            match name.and_then(|name| Some((name, self.by_name.get(name)?))) {
                Some((name, original)) => {
                    out.push_str(original);
                    rest = from.get(name.len()..).unwrap_or("");
                }
                None => {
                    out.push('[');
                    rest = from.get(1..).unwrap_or("");
                }
            }
        }
        out.push_str(rest);
        out
    }

    /// Appends what stands in the place of `text`, which may be cut when all of it has more than
    /// [`PSEUDONYM_BYTES_MAX`] bytes.
    pub(crate) fn replace(
        &mut self,
        out: &mut String,
        kind: Kind,
        action: Action,
        text: &str,
        bytes: usize,
    ) {
        match action {
            Action::Allow | Action::Flag => out.push_str(text),
            // Nobody saw it: nothing is missing without it.
            Action::Redact | Action::Pseudonymise | Action::Block if kind == Kind::Hidden => {}
            Action::Pseudonymise if bytes <= PSEUDONYM_BYTES_MAX => {
                let name = self.name(kind, text);
                out.push_str(&name);
            }
            Action::Redact | Action::Pseudonymise | Action::Block => {
                out.push_str(&format!("[{}]", label(kind)));
            }
        }
    }

    fn name(&mut self, kind: Kind, text: &str) -> String {
        let key = (kind, text.to_owned());
        if let Some(name) = self.by_text.get(&key) {
            return name.clone();
        }
        if self.by_name.len() >= PSEUDONYMS_MAX {
            return format!("[{}]", label(kind));
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let name = format!("[{}_{count}]", label(kind));
        self.by_name.insert(name.clone(), text.to_owned());
        self.by_text.insert(key, name.clone());
        name
    }
}

/// The last part of a kind's name in capitals: `EMAIL`.
pub(crate) fn label(kind: Kind) -> String {
    kind.as_str().rsplit('.').next().unwrap_or("REDACTED").to_ascii_uppercase()
}
