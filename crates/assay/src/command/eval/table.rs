//! Figures and comparisons as a terminal shows them.

use assay_answer::eval::{Comparison, QuestionRun};

use super::questions::name;
use crate::{command::ask::short, output::line};

/// Failed questions that are listed; the report has them all.
const FAILURES_SHOWN: usize = 20;

/// The figures of a run, or of two side by side, and what failed in the first.
pub(super) fn run(run: &QuestionRun, other: Option<&QuestionRun>) {
    let figures = figures(run);
    let others = other.map(self::figures).unwrap_or_default();
    if let Some(other) = other {
        line(&format!("{:22} {:>16} {:>16}", "", name(run), name(other)));
    }
    for (at, (label, value)) in figures.iter().enumerate() {
        let second = others.get(at).map(|(_, value)| format!(" {value:>16}")).unwrap_or_default();
        line(&format!("{label:22} {value:>16}{second}"));
    }
    let failed: Vec<_> = run.questions.iter().filter(|one| !one.failures.is_empty()).collect();
    if failed.is_empty() {
        return;
    }
    line("");
    line(&format!("{} failed:", failed.len()));
    for one in failed.iter().take(FAILURES_SHOWN) {
        line(&format!(" - {}: {}", one.expected.id, short(&one.expected.question)));
        line(&format!("   {}", one.failures.join("; ")));
    }
    if failed.len() > FAILURES_SHOWN {
        line(&format!("   … and {} more", failed.len() - FAILURES_SHOWN));
    }
}

/// The figures with their names; a dash where nothing was known to measure them by.
pub(super) fn figures(run: &QuestionRun) -> Vec<(&'static str, String)> {
    let figures = &run.figures;
    let share =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
    let ms = |latency: &assay_answer::eval::Latency| {
        format!("{:.0} / {:.0} ms", latency.p50, latency.p95)
    };
    vec![
        ("questions", figures.questions.to_string()),
        ("  answerable", figures.answerable.to_string()),
        ("  not in the sources", figures.unanswerable.to_string()),
        ("  requests failed", figures.errors.to_string()),
        ("pass_rate", share(figures.pass_rate)),
        ("ndcg_at_10", share(figures.ndcg_at_10)),
        ("recall_at_10", share(figures.recall_at_10)),
        ("mrr", share(figures.mrr)),
        ("citation_precision", share(figures.citation_precision)),
        ("citation_recall", share(figures.citation_recall)),
        ("supported_share", share(figures.supported_share)),
        ("answer_match", share(figures.answer_match)),
        ("answer_f1", share(figures.answer_f1)),
        ("abstention_accuracy", share(figures.abstention_accuracy)),
        ("abstention_precision", share(figures.abstention_precision)),
        ("abstention_recall", share(figures.abstention_recall)),
        ("search P50 / P95", ms(&figures.search_ms)),
        ("answer P50 / P95", ms(&figures.answer_ms)),
    ]
}

/// Each comparison in words.
pub(super) fn comparison(compared: &[Comparison]) {
    if compared.is_empty() {
        return;
    }
    line("");
    for one in compared {
        line(&one.words);
    }
    line(&format!(
        "Paired permutation test and bootstrap. Of {} figures one in twenty looks different by \
         chance alone.",
        compared.len()
    ));
}
