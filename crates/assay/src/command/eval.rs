//! `assay eval`: judged data in a data folder of its own that is gone afterwards, or a user's own
//! questions on the folder in use.

use std::{fmt::Write as _, path::Path, process::ExitCode, sync::Mutex};

use assay_answer::{
    Engine, SearchMode, WriterChoice,
    eval::{self, GateOutcome, PerQuestion},
};
use assay_core::{ParseLimits, TenantScope};
use serde::Serialize;

use super::Context;
use crate::{
    cli::{Eval, EvalData, Gates, Mode},
    output::{json, line, note, progress_bar, told, write_file},
    wiring,
};

mod html;
mod questions;
mod table;

pub(in crate::command) use questions::is_right;

/// A gate was not met.
const GATE_FAILED: u8 = 8;

pub(crate) async fn run(context: Context, args: Eval) -> anyhow::Result<ExitCode> {
    let bar = progress_bar(0);
    let shown = Mutex::new(String::new());
    let progress = |what: &str, done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        let mut shown = shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *shown != what {
            what.clone_into(&mut shown);
            bar.set_message(what.to_owned());
        }
    };
    match args {
        Eval::Questions(args) => questions::run(&context, &args).await,
        Eval::Compare { first, second } => compare(&context, &first, &second),
        Eval::Parse { data } => {
            let figures =
                eval::parse(&data.data, &ParseLimits::default(), &progress).map_err(told)?;
            bar.finish_and_clear();
            let each = figures.by_file.iter().map(|file| PerQuestion {
                id: file.file.clone(),
                measures: [("token_f1".to_owned(), file.token_f1)].into(),
            });
            tell(&context, &figures, &each.collect::<Vec<_>>(), &data)
        }
        Eval::Guard { data } => {
            let guard = super::guard::guard(&context, None)?;
            let figures = assay_guard::eval::evaluate(&guard, &data.data).map_err(told)?;
            tell(&context, &figures, &[], &data)
        }
        Eval::Support { data, drill } => {
            let figures = with_engine(&context, async |engine, _| {
                eval::support(engine, &data.data, &progress).await.map_err(told)
            });
            let figures = figures.await?;
            if drill {
                keep_agreement(&context, &figures.per_question)?;
            }
            tell(&context, &figures, &figures.per_question, &data)
        }
        Eval::Planted { data, count, seed } => {
            let figures = with_engine(&context, async |engine, _| {
                eval::planted(engine, &data.data, count, seed, &progress).await.map_err(told)
            });
            tell(&context, &figures.await?, &[], &data)
        }
        Eval::Answers { data, model } => {
            let writer = if model { WriterChoice::Model } else { WriterChoice::Extractive };
            let figures = with_engine(&context, async |engine, scope| {
                eval::answers(engine, scope, &data.data, writer, &progress).await.map_err(told)
            });
            let figures = figures.await?;
            tell(&context, &figures, &figures.per_question, &data)
        }
        Eval::Retrieval { data, queries, qrels, mode } => {
            let beside = |name| data.data.join(name);
            let files = eval::RetrievalData {
                queries: queries.unwrap_or_else(|| beside("queries.train.jsonl")),
                qrels: qrels.unwrap_or_else(|| beside("qrels.train.tsv")),
                data: data.data.clone(),
            };
            let mode = match mode {
                Mode::Hybrid => SearchMode::Hybrid,
                Mode::Keyword => SearchMode::Keyword,
                Mode::Vector => SearchMode::Vector,
                Mode::Reranked => SearchMode::Reranked,
            };
            let mut context = context;
            // Answers alone need these.
            context.config.answer.sentence_vectors = false;
            if mode == SearchMode::Keyword {
                context.config.embedding.model.clear();
                context.config.embedding.endpoint = None;
            }
            let figures = with_engine(&context, async |engine, scope| {
                eval::retrieval(engine, scope, &files, mode, &progress).await.map_err(told)
            });
            let figures = figures.await?;
            tell(&context, &figures, &figures.per_question, &data)
        }
    }
}

/// Leaves the share of verdicts that are those of people where readiness looks for it.
fn keep_agreement(context: &Context, each: &[PerQuestion]) -> anyhow::Result<()> {
    let agrees = |one: &&PerQuestion| one.measures.get("right").is_some_and(|it| *it > 0.5);
    let count = each.iter().filter(agrees).count();
    let result = serde_json::json!({ "judge_agreement": { "count": count, "of": each.len() } });
    super::drill::keep(context, "judge", &result)
}

/// Runs `work` on an engine over an empty folder.
async fn with_engine<T>(
    context: &Context,
    work: impl AsyncFnOnce(&Engine, &TenantScope) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let folder = tempfile::tempdir()?;
    let mut config = context.config.clone();
    config.data_dir = Some(folder.path().to_path_buf());
    let engine = wiring::open_engine(&config)?;
    let outcome = work(&engine, &TenantScope::built_in()).await;
    tokio::task::spawn_blocking(move || engine.close(std::time::Duration::from_secs(5))).await?;
    outcome
}

/// The figures as one JSON object on the last line; without `--json` the same, spread out.
fn tell(
    context: &Context,
    figures: &impl Serialize,
    each: &[PerQuestion],
    data: &EvalData,
) -> anyhow::Result<ExitCode> {
    if let Some(path) = &data.per_question {
        let mut lines = String::new();
        for one in each {
            writeln!(lines, "{}", serde_json::to_string(one)?)?;
        }
        write_file(path, &lines)?;
    }
    let gates = held(&data.gates, figures)?;
    if context.json {
        json(figures)?;
    } else {
        line(&serde_json::to_string_pretty(figures)?);
    }
    Ok(gates)
}

/// Holds the gates against the figures and tells those that fail on standard error.
fn held(gates: &Gates, figures: &impl Serialize) -> anyhow::Result<ExitCode> {
    let figures = serde_json::to_value(figures)?;
    let mut outcomes: Vec<GateOutcome> = Vec::new();
    for text in &gates.gate {
        let gate: eval::Gate = text.parse().map_err(told::<assay_answer::AnswerError>)?;
        outcomes.push(gate.check(&figures));
    }
    if let Some(path) = &gates.baseline {
        let baseline = eval::read_figures(path).map_err(told)?;
        outcomes.extend(eval::against_baseline(&baseline, &figures, gates.max_drop));
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed);
    for outcome in failed.clone() {
        note(&format!("gate failed: {}", outcome.words));
    }
    match (failed.count(), outcomes.len()) {
        (0, 0) => Ok(ExitCode::SUCCESS),
        (0, held) => {
            note(&format!("all {held} gates hold"));
            Ok(ExitCode::SUCCESS)
        }
        _ => Ok(ExitCode::from(GATE_FAILED)),
    }
}

fn compare(context: &Context, first: &Path, second: &Path) -> anyhow::Result<ExitCode> {
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (a, b) =
        (eval::read_measures(first).map_err(told)?, eval::read_measures(second).map_err(told)?);
    let compared = eval::compare((&name(first), &a), (&name(second), &b));
    if compared.is_empty() {
        let message = "the two runs have no question in common";
        return Err(crate::output::Told::new(assay_core::ErrorCode::BadRequest, message)
            .hint("questions are matched by their `id`")
            .into());
    }
    if context.json {
        json(&serde_json::json!({ "comparison": compared }))?;
    } else {
        table::comparison(&compared);
    }
    Ok(ExitCode::SUCCESS)
}
