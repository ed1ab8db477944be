//! Does parsing keep the text of a file?

use std::path::{Path, PathBuf};

use assay_parse::{FileHint, parse as parse_file, score::token_f1, to_markdown};
use serde::Serialize;

use super::{Progress, metric};
use crate::AnswerError;

/// How parsing did.
#[derive(Debug, Clone, Serialize)]
pub struct ParseFigures {
    /// F1 over the words of the Markdown, mean over the files; a file that failed counts 0.
    pub mean_token_f1: f64,
    /// Files that could not be parsed.
    pub failures: usize,
    /// Files with an expected text.
    pub files: usize,
    /// Each file: name and F1, or why it failed; worst first.
    pub by_file: Vec<FileFigure>,
}

/// How parsing did on one file.
#[derive(Debug, Clone, Serialize)]
pub struct FileFigure {
    /// Path below the data folder.
    pub file: String,
    /// F1 over the words.
    pub token_f1: f64,
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
        let shown = file.strip_prefix(data).unwrap_or(file).display().to_string();
        let expected = read(expected)?;
        let expected = String::from_utf8_lossy(&expected);
        let bytes = read(file)?;
        let name = file.file_name().and_then(|name| name.to_str());
        let hint = FileHint { name, media_type: None };
        let figure = match parse_file(&bytes, &hint, limits) {
            Ok(parsed) => {
                let token_f1 = token_f1(&expected, &to_markdown(&parsed));
                FileFigure { file: shown, token_f1, failure: None }
            }
            Err(error) => {
                let failure = Some(assay_core::ErrorChain(&error).to_string());
                FileFigure { file: shown, token_f1: 0.0, failure }
            }
        };
        by_file.push(figure);
        progress("parsing", done + 1, files.len());
    }
    by_file.sort_by(|a, b| a.token_f1.total_cmp(&b.token_f1).then_with(|| a.file.cmp(&b.file)));
    let values: Vec<f64> = by_file.iter().map(|figure| figure.token_f1).collect();
    Ok(ParseFigures {
        mean_token_f1: metric::mean(&values),
        failures: by_file.iter().filter(|figure| figure.failure.is_some()).count(),
        files: by_file.len(),
        by_file,
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
