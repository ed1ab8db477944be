//! Does parsing keep the text of a file, and the cells of its tables?

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use assay_parse::{FileHint, parse as parse_file, score, to_markdown};
use serde::Serialize;

use super::{Progress, metric};
use crate::AnswerError;

/// How parsing did.
#[derive(Debug, Clone, Serialize)]
pub struct ParseFigures {
    /// All files together.
    #[serde(flatten)]
    pub all: FormatFigure,
    /// The files with each ending.
    pub by_format: BTreeMap<String, FormatFigure>,
    /// Each file: name and F1, or why it failed; worst first.
    pub by_file: Vec<FileFigure>,
}

/// How parsing did on some files.
#[derive(Debug, Clone, Serialize)]
pub struct FormatFigure {
    /// F1 over the words of the Markdown, mean over the files; a file that failed counts 0.
    pub mean_token_f1: f64,
    /// Share of the cells of the expected tables that are right, mean over the files whose
    /// expected text has tables; a file that failed counts 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_table_cells: Option<f64>,
    /// Files that could not be parsed.
    pub failures: usize,
    /// Files with an expected text.
    pub files: usize,
    /// Files whose expected text has tables.
    pub files_with_tables: usize,
}

impl FormatFigure {
    fn of(files: &[&FileFigure]) -> Self {
        let words: Vec<f64> = files.iter().map(|file| file.token_f1).collect();
        let cells: Vec<f64> = files.iter().filter_map(|file| file.table_cells).collect();
        Self {
            mean_token_f1: metric::mean(&words),
            mean_table_cells: (!cells.is_empty()).then(|| metric::mean(&cells)),
            failures: files.iter().filter(|file| file.failure.is_some()).count(),
            files: files.len(),
            files_with_tables: cells.len(),
        }
    }
}

/// How parsing did on one file.
#[derive(Debug, Clone, Serialize)]
pub struct FileFigure {
    /// Path below the data folder.
    pub file: String,
    /// F1 over the words.
    pub token_f1: f64,
    /// Share of the cells of the expected tables that are right, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_cells: Option<f64>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Parses every file below `data` that has its expected Markdown beside it as
/// `NAME.expected.md`.
///
/// # Errors
/// When the folder cannot be read.
pub fn parse(
    data: &Path,
    limits: &assay_core::ParseLimits,
    progress: Progress<'_>,
) -> Result<ParseFigures, AnswerError> {
    let files = files(data)?;
    let mut by_file = Vec::new();
    for (done, (file, expected)) in files.iter().enumerate() {
        by_file.push(parse_one(data, file, expected, limits)?);
        progress("parsing", done + 1, files.len());
    }
    by_file.sort_by(|a, b| a.token_f1.total_cmp(&b.token_f1).then_with(|| a.file.cmp(&b.file)));
    let mut by_format: BTreeMap<String, Vec<&FileFigure>> = BTreeMap::new();
    for figure in &by_file {
        let ending = Path::new(&figure.file).extension().unwrap_or_default();
        by_format.entry(ending.to_string_lossy().to_lowercase()).or_default().push(figure);
    }
    let by_format =
        by_format.into_iter().map(|(ending, files)| (ending, FormatFigure::of(&files))).collect();
    let all = FormatFigure::of(&by_file.iter().collect::<Vec<_>>());
    Ok(ParseFigures { all, by_format, by_file })
}

fn parse_one(
    data: &Path,
    file: &Path,
    expected: &Path,
    limits: &assay_core::ParseLimits,
) -> Result<FileFigure, AnswerError> {
    let shown = file.strip_prefix(data).unwrap_or(file).display().to_string();
    let expected = read(expected)?;
    let expected = String::from_utf8_lossy(&expected);
    let bytes = read(file)?;
    let name = file.file_name().and_then(|name| name.to_str());
    let hint = FileHint { name, media_type: None };
    Ok(match parse_file(&bytes, &hint, limits) {
        Ok(parsed) => {
            let got = to_markdown(&parsed);
            let token_f1 = score::token_f1(&expected, &got);
            let table_cells = score::table_cells(&expected, &got);
            FileFigure { file: shown, token_f1, table_cells, failure: None }
        }
        Err(error) => {
            let failure = Some(assay_core::ErrorChain(&error).to_string());
            // None of the expected cells is right, if there are any.
            let table_cells = score::table_cells(&expected, "");
            FileFigure { file: shown, token_f1: 0.0, table_cells, failure }
        }
    })
}

fn read(path: &Path) -> Result<Vec<u8>, AnswerError> {
    std::fs::read(path).map_err(|error| failure(path, &error))
}

fn failure(path: &Path, error: &std::io::Error) -> AnswerError {
    AnswerError::EvalData { path: path.display().to_string(), reason: error.to_string() }
}

/// Pairs of a file and its expected text, sorted.
fn files(data: &Path) -> Result<Vec<(PathBuf, PathBuf)>, AnswerError> {
    let mut pairs = Vec::new();
    let mut folders = vec![data.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| failure(&folder, &error))? {
            let path = entry.map_err(|error| failure(&folder, &error))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let mut expected = path.clone().into_os_string();
            expected.push(".expected.md");
            let expected = PathBuf::from(expected);
            if expected.is_file() {
                pairs.push((path, expected));
            }
        }
    }
    pairs.sort();
    Ok(pairs)
}
