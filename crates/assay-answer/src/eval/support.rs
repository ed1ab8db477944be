//! Does the verifier agree with people on whether a page supports a claim?

use assay_core::TenantScope;
use assay_gateway::Purpose;
use std::{collections::BTreeMap, path::Path, time::Instant};

use serde::{Deserialize, Serialize};

use super::{PerQuestion, Progress, find_file, metric, read_lines};
use crate::{
    AnswerError, Engine,
    embed::{EmbeddedText, embedded},
    verify::{Sentence, Verdict},
};

/// How the verifier did.
#[derive(Debug, Clone, Serialize)]
pub struct SupportFigures {
    /// Supported against the rest: the mean of the two recalls.
    pub balanced_accuracy: f64,
    /// Expected calibration error of the confidence, ten bins.
    pub ece: f64,
    /// Claims judged.
    pub claims: usize,
    /// By label of the data, how often each verdict was given.
    pub verdicts: BTreeMap<String, BTreeMap<&'static str, usize>>,
    /// Claims that a configured model left to the built-in verifier.
    pub fallbacks: usize,
    /// Mean milliseconds for one claim and its page, embeddings apart.
    pub ms_per_claim: f64,
    /// The same at the median and the 95th percentile.
    pub check_ms: super::Latency,
    /// Whether the verdict is right, and the confidence, for each claim.
    #[serde(skip)]
    pub per_question: Vec<PerQuestion>,
}

#[derive(Deserialize)]
struct Line {
    label: String,
    claim: String,
    /// WiCE calls the sentences of the page `evidence`, SciFact calls them `sentences`.
    #[serde(alias = "sentences")]
    evidence: Vec<String>,
}

/// Judges every claim of `claims.jsonl` (or `evidence.train.jsonl`) against its page.
///
/// # Errors
/// When the data cannot be read or the embedding model fails.
pub async fn support(
    engine: &Engine,
    data: &Path,
    progress: Progress<'_>,
) -> Result<SupportFigures, AnswerError> {
    let file = find_file(data, "wice", "claims.jsonl")
        .or_else(|error| find_file(data, "scifact", "evidence.train.jsonl").map_err(|_| error))?;
    let lines: Vec<Line> = read_lines(&file)?;
    let (mut guesses, mut told, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let mut verdicts: BTreeMap<String, BTreeMap<&'static str, usize>> = BTreeMap::new();
    let mut fallbacks = 0;
    let mut per_question = Vec::new();
    let scope = TenantScope::built_in();
    let purpose = Purpose::of(&scope);
    for (done, line) in lines.iter().enumerate() {
        let truth = matches!(line.label.as_str(), "supported" | "SUPPORT");
        let claim = embedded(engine.embeddings.as_deref(), purpose, &[&line.claim]).await?;
        let texts: Vec<&str> = line.evidence.iter().map(String::as_str).collect();
        let evidence = embedded(engine.embeddings.as_deref(), purpose, &texts).await?;
        let evidence: Vec<Sentence<'_>> = evidence.iter().map(EmbeddedText::sentence).collect();
        let Some(claim) = claim.first().map(EmbeddedText::sentence) else { continue };
        let start = Instant::now();
        let judgement = engine.judge(purpose, &claim, &evidence).await;
        let took = start.elapsed();
        let by_verdict = verdicts.entry(line.label.clone()).or_default();
        *by_verdict.entry(judgement.verdict.as_str()).or_default() += 1;
        fallbacks += usize::from(judgement.note.is_some());
        guesses.push((truth, judgement.verdict == Verdict::Supported));
        told.push((f64::from(judgement.confidence), truth));
        times.push(took.as_secs_f64() * 1e3);
        let right = truth == (judgement.verdict == Verdict::Supported);
        let measures = [
            ("right", f64::from(u8::from(right))),
            ("confidence", f64::from(judgement.confidence)),
        ];
        per_question.push(PerQuestion::new((done + 1).to_string(), measures));
        progress("judging", done + 1, lines.len());
    }
    Ok(SupportFigures {
        balanced_accuracy: metric::balanced_accuracy(&guesses),
        ece: metric::calibration_error(&told),
        claims: guesses.len(),
        verdicts,
        fallbacks,
        ms_per_claim: metric::mean(&times),
        check_ms: super::Latency {
            p50: metric::percentile(&times, 0.5),
            p95: metric::percentile(&times, 0.95),
        },
        per_question,
    })
}
