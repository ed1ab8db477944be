//! A checklist in Markdown becomes checks that people attest, with automatic ones suggested.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{Catalogue, Check, ReadyError};

/// Lines of a checklist that are read at most.
const LINES_MAX: usize = 10_000;
/// Words that two texts must share for a check to be suggested, and their share of the shorter one.
const SHARED: usize = 2;
const LIKE: f64 = 0.4;
/// Words that say nothing about what is checked.
const COMMON: [&str; 24] = [
    "the",
    "and",
    "for",
    "with",
    "all",
    "are",
    "was",
    "has",
    "set",
    "configured",
    "verified",
    "enabled",
    "tested",
    "completed",
    "created",
    "working",
    "active",
    "defined",
    "documented",
    "from",
    "each",
    "that",
    "not",
    "within",
];

/// What came of a checklist.
#[derive(Debug)]
pub struct Imported {
    /// A file of checks.
    pub toml: String,
    /// Checks in it.
    pub checks: usize,
    /// Those with an automatic check suggested.
    pub suggested: usize,
}

/// Turns the boxes of a checklist (`- [ ] text`) into checks. A box that was ticked stays open: a tick
/// is no evidence.
///
/// # Errors
/// When the text has no box.
pub fn import(name: &str, text: &str, catalogue: &Catalogue) -> Result<Imported, ReadyError> {
    let prefix: String = name.chars().filter(char::is_ascii_alphanumeric).take(6).collect();
    let prefix = if prefix.is_empty() { "OWN".to_owned() } else { prefix.to_uppercase() };
    let mut toml = format!("# From the checklist {name}.\n\nsection = {}\n", quoted(name));
    let (mut checks, mut suggested) = (0, 0);
    let mut heading = String::new();
    for (at, line) in text.lines().take(LINES_MAX).enumerate() {
        if let Some(title) = line.trim_start().strip_prefix('#') {
            heading = plain(title.trim_start_matches('#'));
            continue;
        }
        let Some(item) = boxed(line) else { continue };
        checks += 1;
        let like = alike(&item, catalogue);
        let _ = write!(
            toml,
            "\n[[check]]\nid = \"{prefix}-{checks:03}\"\ntitle = {}\nclass = [\"attested\"]\n\
             severity = \"major\"\nwhen = \"before\"\nrole = \"operations\"\n\
             method = \"somebody looks, and gives evidence\"\nthreshold = {}\nremedy = {}\n\
             sources = \"{name}:{}\"\n",
            quoted(&item),
            quoted(&heading),
            quoted(&like.map_or_else(
                || "see to it, then attest it".to_owned(),
                |check| format!("{} decides this automatically: {}", check.id, check.title)
            )),
            at + 1,
        );
        suggested += usize::from(like.is_some());
    }
    if checks == 0 {
        return Err(ReadyError::bad(
            "the checklist",
            format!("`{name}` has no line with a box: - [ ] …"),
        ));
    }
    Ok(Imported { toml, checks, suggested })
}

/// The text behind a box.
fn boxed(line: &str) -> Option<String> {
    let line = line.trim_start();
    let rest = line.strip_prefix(['-', '*', '+']).or_else(|| {
        let (number, rest) = line.split_once(". ")?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)
    })?;
    let rest = rest.trim_start().strip_prefix('[')?;
    let (mark, rest) = rest.split_once(']')?;
    let text = plain(rest);
    (mark.chars().count() <= 1 && !text.is_empty()).then_some(text)
}

/// A text without the marks of Markdown.
fn plain(text: &str) -> String {
    text.replace(['*', '`', '#'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The automatic check whose words are most like a text, when they are like enough.
fn alike<'a>(item: &str, catalogue: &'a Catalogue) -> Option<&'a Check> {
    let wanted = words(item);
    let like = |check: &&Check| {
        let own = words(&format!("{} {}", check.title, check.method));
        let shared = wanted.intersection(&own).count();
        let least = wanted.len().max(1) as f64;
        if shared >= SHARED { shared as f64 / least } else { 0.0 }
    };
    let automatic = catalogue.checks.iter().filter(|check| check.is_automatic());
    let best = automatic.max_by(|a, b| like(a).total_cmp(&like(b)))?;
    (like(&best) >= LIKE).then_some(best)
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() > 2 && !COMMON.contains(&word.as_str()))
        .map(|word| word.trim_end_matches('s').to_owned())
        .collect()
}

/// A text as a string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    //! Boxes become checks; ticks do not count.

    use super::*;

    const LIST: &str = "# Launch\n\n## Security\n- [x] Rate limiting **configured**\n  - [ ] Zebra fed\n\
                        1. [ ] Restore drill within RTO\n- no box\n";

    #[test]
    fn boxes_become_checks() {
        let catalogue = Catalogue::load(None).unwrap();
        let imported = import("launch-2", LIST, &catalogue).unwrap();
        assert_eq!((imported.checks, imported.suggested), (3, 2), "{}", imported.toml);
        assert!(imported.toml.contains("APP-05 decides"), "{}", imported.toml);
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("checks")).unwrap();
        std::fs::write(folder.path().join("checks/launch.toml"), &imported.toml).unwrap();
        let joined = Catalogue::load(Some(folder.path())).unwrap();
        assert_eq!(joined.checks.len(), 253);
        assert!(joined.check("LAUNCH-002").unwrap().can_be_attested());
        assert!(import("none", "# No boxes", &catalogue).is_err());
    }
}
