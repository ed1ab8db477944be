//! Which paths a source takes.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::SettingProblem;

/// Patterns in one list at most.
const PATTERNS_MAX: usize = 1_000;

/// Include and exclude patterns, where `*` stays inside a folder and `**` does not.
#[derive(Debug)]
pub(crate) struct Patterns {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Patterns {
    /// Compiles both lists and adds what is wrong with them to `problems`.
    pub(crate) fn new(
        include: &[String],
        exclude: &[String],
        problems: &mut Vec<SettingProblem>,
    ) -> Self {
        let included = compile("include", include, problems);
        let exclude = compile("exclude", exclude, problems);
        Self { include: (!include.is_empty()).then_some(included), exclude }
    }

    /// Whether a file is taken.
    pub(crate) fn takes(&self, path: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(path)) && !self.excludes(path)
    }

    /// Whether a file, or a folder with all that is in it, is left out.
    pub(crate) fn excludes(&self, path: &str) -> bool {
        self.exclude.is_match(path)
    }
}

fn compile(setting: &str, patterns: &[String], problems: &mut Vec<SettingProblem>) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    if patterns.len() > PATTERNS_MAX {
        problems
            .push(SettingProblem::new(setting, format!("has more than {PATTERNS_MAX} patterns")));
    }
    for pattern in patterns.iter().take(PATTERNS_MAX) {
        match glob(pattern) {
            Ok(glob) => {
                set.add(glob);
            }
            Err(error) => problems.push(SettingProblem::new(setting, error.to_string())),
        }
    }
    set.build().unwrap_or_else(|error| {
        problems.push(SettingProblem::new(setting, error.to_string()));
        GlobSet::empty()
    })
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}
