//! How good the guard is, measured on labelled data.
//!
//! A folder may hold texts with labelled spans (`full_text`, `spans`: the form of
//! presidio-research) and prompts (`text`, `prompt`, `question` or `input`, with or without a
//! `label`), each as a JSON array or as JSON Lines.

use std::{collections::BTreeMap, path::Path};

use assay_core::{Coded, ErrorCode};
use serde::Serialize;
use thiserror::Error;

use crate::{Group, Guard, Scope};

mod pii;
mod read;

use pii::Counts;
use read::Labelled;

/// The figures of a guard on a folder; absent where the folder has no such data.
#[derive(Debug, Clone, Serialize)]
pub struct GuardFigures {
    /// Texts with labelled spans.
    pub texts: usize,
    /// Prompts, with and without a label.
    pub prompts: usize,
    /// Personal data.
    pub pii: Option<PiiFigures>,
    /// Share of prompts that are not attacks in which personal data or a secret was found.
    pub ordinary_flagged: Option<f64>,
    /// Injections.
    pub injection: InjectionFigures,
}

/// How well personal data is found.
#[derive(Debug, Clone, Serialize)]
pub struct PiiFigures {
    /// Harmonic mean of precision and recall over characters, whatever the kind.
    pub char_f1: f64,
    /// Share of the characters found that are labelled.
    pub precision: f64,
    /// Share of the labelled characters that were found.
    pub recall: f64,
    /// Spans by the label of the data.
    pub by_kind: BTreeMap<String, KindFigures>,
}

/// How well one kind is found. A span counts as found when a finding of its kind shares at least
/// half of the characters of both together.
#[derive(Debug, Clone, Serialize)]
pub struct KindFigures {
    /// Labelled spans.
    pub labelled: usize,
    /// Findings of this kind.
    pub found: usize,
    /// Share of the findings that match a label.
    pub precision: Option<f64>,
    /// Share of the labels that were found.
    pub recall: Option<f64>,
}

/// How well injections are told from ordinary prompts.
#[derive(Debug, Clone, Serialize)]
pub struct InjectionFigures {
    /// Share of the attacks that were found.
    pub recall: Option<f64>,
    /// Share of the ordinary prompts that were taken for attacks.
    pub false_alarms: Option<f64>,
    /// Attacks by file.
    pub by_file: BTreeMap<String, FileFigures>,
}

/// The prompts of one file.
#[derive(Debug, Clone, Serialize)]
pub struct FileFigures {
    /// Prompts labelled as attacks, and those of them that were found.
    pub attacks: (usize, usize),
    /// Other prompts, and those of them that were taken for attacks.
    pub ordinary: (usize, usize),
}

/// Data that cannot be read.
#[derive(Debug, Error)]
#[error("`{file}` {what}")]
pub struct EvalError {
    /// The file or folder.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl Coded for EvalError {
    fn code(&self) -> ErrorCode {
        ErrorCode::BadRequest
    }

    fn hint(&self) -> Option<String> {
        Some("docs/guide/guard.md shows the form of the data".to_owned())
    }
}

/// Measures `guard` on every `.json` and `.jsonl` file of a folder.
///
/// # Errors
/// When the folder or a file cannot be read or holds nothing to measure.
pub fn evaluate(guard: &Guard, folder: &Path) -> Result<GuardFigures, EvalError> {
    let data = read::folder(folder)?;
    let counts = data.labelled.iter().fold(Counts::default(), |mut counts, text| {
        counts.add(guard, text);
        counts
    });
    let mut by_file: BTreeMap<String, FileFigures> = BTreeMap::new();
    let (mut ordinary, mut flagged) = (0, 0);
    for prompt in &data.prompts {
        let findings = guard.scan(&prompt.text, Scope::Everything);
        let taken = findings.iter().any(|finding| finding.kind.group() == Group::Injection);
        let entry = by_file
            .entry(prompt.file.clone())
            .or_insert(FileFigures { attacks: (0, 0), ordinary: (0, 0) });
        let cell = if prompt.attack { &mut entry.attacks } else { &mut entry.ordinary };
        *cell = (cell.0 + 1, cell.1 + usize::from(taken));
        if !prompt.attack {
            ordinary += 1;
            let personal = |finding: &crate::Finding| {
                matches!(finding.kind.group(), Group::Pii | Group::Secret)
            };
            flagged += usize::from(findings.iter().any(personal));
        }
    }
    let total = |of: fn(&FileFigures) -> (usize, usize)| {
        by_file.values().map(of).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    let (attacks, ordinaries) = (total(|file| file.attacks), total(|file| file.ordinary));
    Ok(GuardFigures {
        texts: data.labelled.len(),
        prompts: data.prompts.len(),
        pii: (!data.labelled.is_empty()).then(|| counts.figures()),
        ordinary_flagged: share(flagged, ordinary),
        injection: InjectionFigures {
            recall: share(attacks.1, attacks.0),
            false_alarms: share(ordinaries.1, ordinaries.0),
            by_file,
        },
    })
}

/// A share; none of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts of texts are small")]
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests;
