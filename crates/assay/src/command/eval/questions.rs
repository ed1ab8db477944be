//! `assay eval questions`: asks a file of questions as a user would, and judges the replies.

use std::{collections::HashMap, process::ExitCode, time::Duration};

use assay_answer::eval::{
    self, CitedQuote, DocumentName, JudgedQuestion, Measures, QuestionRun, Reply,
};
use assay_api::{
    Citation, QueryRequest, QueryResponse, SearchRequest, SearchResponse, SearchResult,
};
use assay_core::ErrorCode;

use super::{html, table};
use crate::{
    cli::EvalQuestions,
    command::Context,
    config::Config,
    connect::Connection,
    output::{Told, json, progress_bar, told, write_file},
};

/// Results of a search: enough for ten documents of several passages each.
const RESULTS: usize = 50;
/// Characters of a passage that are kept on each side of a quote.
const AROUND_CHARS: usize = 400;

pub(super) async fn run(context: &Context, args: &EvalQuestions) -> anyhow::Result<ExitCode> {
    let questions = eval::read_questions(&args.file).map_err(told)?;
    let run = ask_under(context, args, &args.set, &questions).await?;
    let other = if args.against.is_empty() {
        None
    } else {
        Some(ask_under(context, args, &args.against, &questions).await?)
    };
    let compared = other.as_ref().map(|other| {
        let (first, second) = (name(&run), name(other));
        eval::compare((&first, &measures(&run)), (&second, &measures(other)))
    });
    if let Some(path) = &args.out {
        write_file(path, &serde_json::to_string(&run)?)?;
    }
    if let Some(path) = &args.html {
        write_file(path, &html::page(&run, compared.as_deref().unwrap_or_default()))?;
    }
    match (context.json, &other) {
        (true, None) => json(&run)?,
        (true, Some(other)) => {
            json(&serde_json::json!({
                "figures": run.figures, "run": run, "against": other, "comparison": compared,
            }))?;
        }
        (false, other) => {
            table::run(&run, other.as_ref());
            table::comparison(compared.as_deref().unwrap_or_default());
        }
    }
    super::held(&args.gates, &run.figures)
}

fn measures(run: &QuestionRun) -> Measures {
    let questions = run.questions.iter();
    questions.map(|one| (one.expected.id.clone(), one.measures.clone())).collect()
}

/// The settings of a run in words.
pub(super) fn name(run: &QuestionRun) -> String {
    if run.settings.is_empty() { "as set up".to_owned() } else { run.settings.join(" ") }
}

/// Settings of one run, taken apart.
#[derive(Default)]
struct Settings {
    mode: Option<String>,
    writer: Option<String>,
    /// Keys of the configuration, as variables.
    variables: Vec<(String, String)>,
}

impl Settings {
    fn read(texts: &[String]) -> Result<Self, Told> {
        let mut settings = Self::default();
        for text in texts {
            let wrong = || {
                Told::new(ErrorCode::BadRequest, format!("`{text}` is not a setting")).hint(
                    "write mode=keyword, writer=extractive, or SECTION.KEY=VALUE as in assay.toml",
                )
            };
            let (key, value) = text.split_once('=').ok_or_else(wrong)?;
            match key.trim() {
                "mode" => settings.mode = Some(value.trim().to_owned()),
                "writer" => settings.writer = Some(value.trim().to_owned()),
                key if key.contains('.') => {
                    let variable = format!("ASSAY_{}", key.to_uppercase().replace('.', "__"));
                    settings.variables.push((variable, value.to_owned()));
                }
                _ => return Err(wrong()),
            }
        }
        Ok(settings)
    }

    /// The server to ask: the one at `url`, the running one, or one inside this process with the
    /// configuration of the run.
    async fn connect(&self, context: &Context, url: Option<&str>) -> anyhow::Result<Connection> {
        if let Some(url) = url {
            if let Some((variable, _)) = self.variables.first() {
                let message = format!("{variable} cannot be set on a server that runs elsewhere");
                return Err(Told::new(ErrorCode::BadRequest, message)
                    .hint("compare `mode` and `writer` alone, or two servers by two runs")
                    .into());
            }
            return Connection::at(url);
        }
        if self.variables.is_empty() {
            return Connection::open(&context.config).await;
        }
        let config =
            Config { log: context.config.log.clone(), ..context.given.load(&self.variables)? };
        if Connection::find(&config).await.is_some() {
            let message = "a server is running on this data folder with a configuration of its own";
            return Err(Told::new(ErrorCode::Conflict, message)
                .hint("stop it, or compare `mode` and `writer` alone")
                .into());
        }
        Connection::open(&config).await
    }
}

async fn ask_under(
    context: &Context,
    args: &EvalQuestions,
    texts: &[String],
    questions: &[JudgedQuestion],
) -> anyhow::Result<QuestionRun> {
    let settings = Settings::read(texts)?;
    let connection = settings.connect(context, args.url.as_deref()).await?;
    let bar = progress_bar(questions.len() as u64);
    bar.set_message("asking");
    let mut replies = Vec::with_capacity(questions.len());
    for question in questions {
        let collections = match question.collections.as_slice() {
            [] => args.collection.clone(),
            own => own.to_vec(),
        };
        let reply = ask(&connection, &settings, question, collections).await;
        replies.push((question.clone(), reply.or_else(refused)?));
        bar.inc(1);
    }
    bar.finish_and_clear();
    connection.close().await;
    Ok(QuestionRun::new(texts.to_vec(), replies))
}

/// Asks a question as it is set up there; in the collections where it names none itself. Whether the reply is
/// right.
///
/// # Errors
/// When it cannot be asked. One that the server fails to answer, or not within `longest`, is not right.
pub(in crate::command) async fn is_right(
    connection: &Connection,
    question: &JudgedQuestion,
    collections: &[String],
    longest: Duration,
) -> anyhow::Result<bool> {
    let own = &question.collections;
    let collections = if own.is_empty() { collections } else { own };
    let settings = Settings::default();
    let asked = ask(connection, &settings, question, collections.to_vec());
    let reply = match tokio::time::timeout(longest, asked).await {
        Ok(reply) => reply.or_else(refused)?,
        Err(_) => return Ok(false),
    };
    let run = QuestionRun::new(Vec::new(), vec![(question.clone(), reply)]);
    Ok(run.questions.iter().all(|one| one.failures.is_empty()))
}

/// A question that the server cannot answer is a failed question; a server that is gone, a setting
/// that it does not know or a collection that is not there would fail every one.
fn refused(error: anyhow::Error) -> anyhow::Result<Reply> {
    match error.downcast_ref::<Told>() {
        Some(told)
            if matches!(
                told.code,
                ErrorCode::Timeout | ErrorCode::UpstreamFailed | ErrorCode::Internal
            ) =>
        {
            Ok(Reply { error: Some(told.message.clone()), ..Reply::default() })
        }
        _ => Err(error),
    }
}

async fn ask(
    connection: &Connection,
    settings: &Settings,
    question: &JudgedQuestion,
    collections: Vec<String>,
) -> anyhow::Result<Reply> {
    let search = SearchRequest {
        query: question.question.clone(),
        collections: collections.clone(),
        limit: Some(RESULTS),
        mode: settings.mode.clone(),
        ..SearchRequest::default()
    };
    let found: SearchResponse = connection.post("/search", &search).await?;
    let query = QueryRequest {
        query: question.question.clone(),
        collections,
        writer: settings.writer.clone(),
        ..QueryRequest::default()
    };
    let answer: QueryResponse = connection.post("/query", &query).await?;
    let passages: HashMap<&str, &SearchResult> =
        found.results.iter().map(|result| (result.passage_id.as_str(), result)).collect();
    let quote = |citation: &Citation| {
        let passage = passages.get(citation.passage_id.as_str());
        let (before, after) = passage.map(|passage| around(passage, citation)).unwrap_or_default();
        CitedQuote {
            number: citation.number,
            document: DocumentName {
                id: citation.document_id.clone(),
                title: citation.title.clone(),
                url: citation.url.clone(),
            },
            quote: citation.quote.clone(),
            before,
            after,
            verdict: citation.verdict.clone(),
            confidence: citation.confidence,
        }
    };
    Ok(Reply {
        ranking: ranking(&found.results),
        state: answer.state.as_str().to_owned(),
        answered: answer.success,
        answer: answer.final_answer.answer,
        verdicts: answer.claims.iter().map(|claim| claim.verdict.clone()).collect(),
        citations: answer.citations.iter().map(quote).collect(),
        search_ms: found.search_time_ms,
        answer_ms: answer.total_time_ms,
        error: None,
    })
}

/// The documents of the passages, each at its best place.
fn ranking(results: &[SearchResult]) -> Vec<DocumentName> {
    let mut ranking: Vec<DocumentName> = Vec::new();
    for result in results {
        if ranking.iter().all(|known| known.id != result.document_id) {
            ranking.push(DocumentName {
                id: result.document_id.clone(),
                title: result.title.clone(),
                url: result.url.clone(),
            });
        }
    }
    ranking
}

/// What stands in front of the quote and after it in its passage.
fn around(passage: &SearchResult, citation: &Citation) -> (String, String) {
    let (Some(start), Some(end)) =
        (citation.start.checked_sub(passage.start), citation.end.checked_sub(passage.start))
    else {
        return Default::default();
    };
    let before = passage.snippet.chars().take(start).skip(start.saturating_sub(AROUND_CHARS));
    let after = passage.snippet.chars().skip(end).take(AROUND_CHARS);
    (before.collect(), after.collect())
}
