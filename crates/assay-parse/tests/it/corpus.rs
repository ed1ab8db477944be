//! Where the real files are, and the invariants that every result must keep.

use std::path::{Path, PathBuf};

use assay_parse::{BlockKind, Parsed};

/// A file of the corpus with the Markdown expected of it.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: String,
}

/// The files of a format that have an expectation; none, with a note, where the data is absent.
pub(crate) fn samples(format: &str) -> Vec<Sample> {
    let folder = folder().join(format);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no folder `{}`", folder.display());
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let sample = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_owned();
        let expected = path.with_file_name(format!("{name}.expected.md"));
        let expected = std::fs::read_to_string(expected).ok()?;
        Some(Sample { name, bytes: std::fs::read(&path).ok()?, expected })
    };
    paths.into_iter().filter_map(sample).collect()
}

pub(crate) fn folder() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.ancestors().nth(3).unwrap_or(crate_folder).join("shared/data/formats")
}

/// Panics unless ranges are valid, ordered and apart.
#[track_caller]
pub(crate) fn check_invariants(parsed: &Parsed) {
    let mut end = 0;
    for block in &parsed.blocks {
        let range = block.range;
        assert!(end <= range.start && range.start <= range.end, "{range:?} after {end}");
        let text = parsed.text.get(range.start as usize..range.end as usize);
        let text = text.expect("a range on character boundaries");
        assert!(block.kind == BlockKind::Picture || !text.trim().is_empty());
        if let BlockKind::Table(table) = &block.kind {
            let cells = table.rows.iter().flatten();
            cells.fold(range.start, |at, cell| {
                assert!(at <= cell.start && cell.end <= range.end);
                assert!(parsed.text.get(cell.start as usize..cell.end as usize).is_some());
                cell.end
            });
        }
        end = range.end;
    }
    let mut end = 0;
    for link in &parsed.links {
        assert!(end <= link.range.start && !link.range.of(&parsed.text).is_empty());
        end = link.range.end;
    }
}
