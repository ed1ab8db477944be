//! Pages and the claims that they support, from the data sets as they are published.

use std::path::Path;

use serde::Deserialize;

use super::{
    super::{find_file, read_lines},
    plant,
};
use crate::AnswerError;

/// A page with what it supports.
pub(super) struct Page {
    /// Its sentences.
    pub(super) evidence: Vec<String>,
    /// Claims that people found supported by it.
    pub(super) claims: Vec<String>,
    /// Names that stand in it.
    pub(super) names: Vec<String>,
}

impl Page {
    fn new(evidence: &[String], claims: Vec<String>) -> Self {
        let evidence: Vec<String> = evidence
            .iter()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect();
        let claims = claims.into_iter().map(|claim| claim.trim().to_owned()).collect();
        Self { names: plant::names(&evidence), evidence, claims }
    }
}

#[derive(Deserialize)]
struct Claim {
    label: String,
    claim: String,
    #[serde(alias = "sentences")]
    evidence: Vec<String>,
}

#[derive(Deserialize)]
struct Question {
    passages: Vec<Passage>,
    output: Vec<Output>,
}

#[derive(Deserialize)]
struct Passage {
    sentences: Vec<String>,
}

#[derive(Deserialize)]
struct Output {
    answer: String,
}

/// Everything that is there of WiCE (`claims.jsonl`), SciFact (`evidence.train.jsonl`) and CLAPnq
/// (`answerable.jsonl`), in `data` itself or in folders of these names.
///
/// # Errors
/// When none of the files is there, or one cannot be read.
pub(super) fn read(data: &Path) -> Result<Vec<Page>, AnswerError> {
    let mut pages = Vec::new();
    let claims = [("wice", "claims.jsonl"), ("scifact", "evidence.train.jsonl")];
    let mut missing = None;
    for (folder, name) in claims {
        match find_file(data, folder, name) {
            Ok(file) => pages.extend(read_lines::<Claim>(&file)?.into_iter().map(of_claim)),
            Err(error) => missing = Some(error),
        }
    }
    match find_file(data, "clapnq", "answerable.jsonl") {
        Ok(file) => {
            pages.extend(read_lines::<Question>(&file)?.into_iter().filter_map(of_question));
        }
        Err(error) => missing = Some(error),
    }
    match missing {
        Some(error) if pages.is_empty() => Err(error),
        _ => Ok(pages),
    }
}

/// SciFact claims are hypotheses that an abstract bears on, in the words of another paper: only
/// WiCE claims are taken as paraphrases.
fn of_claim(line: Claim) -> Page {
    let supported = line.label == "supported";
    Page::new(&line.evidence, if supported { vec![line.claim] } else { Vec::new() })
}

fn of_question(line: Question) -> Option<Page> {
    let answer = &line.output.first()?.answer;
    let claims = assay_parse::sentences(answer);
    let claims = claims.iter().map(|range| range.of(answer).to_owned()).collect();
    Some(Page::new(&line.passages.first()?.sentences, claims))
}
