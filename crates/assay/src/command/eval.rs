//! `assay eval`: in a data folder of its own that is gone afterwards.

use std::{process::ExitCode, sync::Mutex};

use assay_answer::{Engine, SearchMode, WriterChoice, eval};
use assay_core::{ParseLimits, TenantScope};
use serde::Serialize;

use super::Context;
use crate::{
    cli::{Eval, Mode},
    output::{json, line, progress_bar, told},
    wiring,
};

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
        Eval::Parse { data } => {
            let figures =
                eval::parse(&data.data, &ParseLimits::default(), &progress).map_err(told)?;
            bar.finish_and_clear();
            tell(&context, &figures)
        }
        Eval::Support { data } => {
            let figures = with_engine(&context, async |engine, _| {
                eval::support(engine, &data.data, &progress).await.map_err(told)
            });
            tell(&context, &figures.await?)
        }
        Eval::Answers { data, model } => {
            let writer = if model { WriterChoice::Model } else { WriterChoice::Extractive };
            let figures = with_engine(&context, async |engine, scope| {
                eval::answers(engine, scope, &data.data, writer, &progress).await.map_err(told)
            });
            tell(&context, &figures.await?)
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
            let figures = with_engine(&context, async |engine, scope| {
                eval::retrieval(engine, scope, &files, mode, &progress).await.map_err(told)
            });
            tell(&context, &figures.await?)
        }
    }
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
fn tell(context: &Context, figures: &impl Serialize) -> anyhow::Result<ExitCode> {
    if context.json {
        json(figures)?;
    } else {
        line(&serde_json::to_string_pretty(figures)?);
    }
    Ok(ExitCode::SUCCESS)
}
