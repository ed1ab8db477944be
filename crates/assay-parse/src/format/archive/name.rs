//! Names of files inside files, safe to use as paths.

use std::collections::HashMap;

/// Longest path in bytes.
const PATH_MAX: usize = 1024;

/// Gives paths that are relative, clean and unique.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Paths in use, and the last number that was put behind them.
    taken: HashMap<String, u32>,
}

impl Names {
    /// The path for a name as written; none for what no person put there.
    pub(crate) fn give(&mut self, name: &str) -> Option<String> {
        let path = clean(name);
        let is_clutter = |step: &str| {
            step.starts_with('.')
                || step == "__MACOSX"
                || step.eq_ignore_ascii_case("thumbs.db")
                || step.eq_ignore_ascii_case("desktop.ini")
        };
        (!path.is_empty() && !path.split('/').any(is_clutter)).then(|| self.unique(path))
    }

    /// The path, with a number before its ending when it is in use.
    pub(crate) fn unique(&mut self, path: String) -> String {
        let Some(last) = self.taken.get(&path).copied() else {
            self.taken.insert(path.clone(), 1);
            return path;
        };
        let folder_end = path.rfind('/').map_or(0, |at| at + 1);
        let dot = path.rfind('.').filter(|dot| *dot > folder_end).unwrap_or(path.len());
        let (stem, extension) = path.split_at(dot);
        let mut number = last;
        let free = loop {
            number = number.saturating_add(1);
            let candidate = format!("{stem} ({number}){extension}");
            if !self.taken.contains_key(&candidate) {
                break candidate;
            }
        };
        self.taken.insert(path, number);
        self.taken.insert(free.clone(), 1);
        free
    }
}

/// One name without any folder, such as the subject of a mail or the name of an attachment.
pub(crate) fn file_name(name: &str) -> String {
    clean(&name.replace(['/', '\\'], "_")).trim_start_matches('.').to_owned()
}

/// The steps of a path that lead down, without characters that do not belong in names.
fn clean(name: &str) -> String {
    let is_drive = |step: &str| step.len() == 2 && step.ends_with(':');
    let mut path = String::new();
    for step in name.split(['/', '\\']) {
        let step: String = step.chars().filter(|c| !c.is_control() && *c != '\u{feff}').collect();
        let step = step.trim();
        if step.is_empty() || step == "." || step == ".." || is_drive(step) {
            continue;
        }
        let slash = if path.is_empty() { "" } else { "/" };
        if path.len() + slash.len() + step.len() > PATH_MAX {
            // The last step holds the ending, which says what the file is.
            let from = step.ceil_char_boundary(step.len().saturating_sub(PATH_MAX / 4));
            path.truncate(path.floor_char_boundary(PATH_MAX / 2));
            path.push_str(slash);
            path.push_str(step.get(from..).unwrap_or_default());
            continue;
        }
        path.push_str(slash);
        path.push_str(step);
    }
    path
}
