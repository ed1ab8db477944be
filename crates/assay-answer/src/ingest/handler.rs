//! The ingest task: parse, embed, publish, each a step that is not repeated after a crash.

use std::{ops::ControlFlow, sync::Arc};

use assay_core::{Coded, ErrorChain, PassageId, TenantScope, VersionId};
use assay_gateway::Purpose;
use assay_guard::{Finding, Place, Scope};
use assay_models::TextRole;
use assay_parse::{FileHint, PagesRead, ParseError, PassageSettings, ProblemCode};
use assay_store::{
    ContentHash, ParsedRecord, PassageFinding, PassageRecord, ProblemRecord, TenantStore,
    VersionState,
};
use assay_tasks::{Handler, TaskContext, TaskFailure, Tasks};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{
    IngestPayload, KIND,
    pages::{PageReader, Pages},
    room::ParseRoom,
    sketch::sketch,
};
use crate::{
    AnswerError, AnswerSettings, CollectionSettings,
    ask::cut,
    embed::{Embeddings, estimate_tokens, pack},
    guarding::{Guards, TenantGuards},
    jobs::{EMBEDDING, PARSING, PUBLISHING, fail_cancelled},
};

/// Passages embedded between two reports of progress: small enough that a stop waits less than a
/// second, large enough that batches fill both cores.
const EMBED_BATCH: u32 = 64;
/// Passages whose sentences are embedded between two looks at whether to stop.
const SENTENCES_BATCH: u32 = 16;
/// Findings that are kept of one passage.
const FINDINGS_MAX: usize = 64;

/// Hears of what is published.
pub(crate) type Published = Arc<dyn Fn(&TenantScope) + Send + Sync>;

/// Carries out ingest tasks.
pub(crate) struct Ingest {
    pub(crate) store: Arc<assay_store::Store>,
    pub(crate) embeddings: Option<Arc<Embeddings>>,
    /// Told of each tenant that has something new for the index.
    pub(crate) published: Published,
    pub(crate) tasks: Tasks,
    pub(crate) pages: Arc<PageReader>,
    pub(crate) room: ParseRoom,
    pub(crate) guards: Arc<TenantGuards>,
    pub(crate) settings: AnswerSettings,
    pub(crate) runtime: Handle,
}

impl Handler for Ingest {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        let IngestPayload { version } = context.parse_payload()?;
        let tenant = self.store.tenant(context.scope()).map_err(retry)?;
        let outcome = self.ingest(context, &tenant, version);
        if outcome.is_err() && context.is_cancel_asked()? {
            fail_cancelled(&tenant, version).map_err(retry)?;
        }
        let state = tenant.version(version).map_err(retry)?.state;
        match outcome {
            // Replaced or deleted while it was in work: there is nothing left to do.
            Err(_) if matches!(state, VersionState::Superseded | VersionState::Deleted) => {
                Ok(json!({ "state": state.as_str() }))
            }
            Err(failure) => Err(failure),
            Ok(passages) => Ok(json!({ "state": state.as_str(), "passages": passages })),
        }
    }
}

impl Ingest {
    /// All steps; returns the number of passages.
    fn ingest(
        &self,
        context: &TaskContext<'_>,
        tenant: &TenantStore,
        version: VersionId,
    ) -> Result<u64, TaskFailure> {
        let passages: u64 = context.step("parse", || self.parse(context, tenant, version))?;
        context.step("unpack", || {
            let version = tenant.version(version).map_err(retry)?;
            self.take_in_members(context, tenant, &version)
        })?;
        if let Some(embeddings) = &self.embeddings {
            let embed = || self.embed(context, tenant, embeddings, version, passages);
            context.step("embed", embed)?;
        }
        context.progress(0, None, PUBLISHING)?;
        context.step("publish", || tenant.publish(version).map(|_| ()).map_err(retry))?;
        (self.published)(context.scope());
        if let Some(embeddings) =
            self.embeddings.as_ref().filter(|_| self.settings.sentence_vectors)
        {
            // The document is found already; this only makes answers from it faster.
            let embed = || self.embed_sentences(context, tenant, embeddings, version);
            context.step("sentences", embed)?;
        }
        Ok(passages)
    }

    /// Reads the original, cuts it into passages and records them; returns how many.
    fn parse(
        &self,
        context: &TaskContext<'_>,
        tenant: &TenantStore,
        version: VersionId,
    ) -> Result<u64, TaskFailure> {
        let record = tenant.version(version).map_err(retry)?;
        let _place = if self.settings.is_large(record.size) {
            let place = self.room.enter(record.size, || context.should_stop());
            Some(place.ok_or(TaskFailure::Interrupted)?)
        } else {
            None
        };
        let bytes = tenant.blob(record.blob).map_err(retry)?;
        let hint = FileHint { name: Some(&record.name), media_type: record.media_type.as_deref() };
        let limits = self.settings.parse_limits();
        let watch = &mut |pages| watch_parse(context, pages);
        let parsed = match assay_parse::parse_watched(&bytes, &hint, &limits, watch) {
            Ok(parsed) => parsed,
            Err(ParseError::Stopped) => return Err(TaskFailure::Interrupted),
            Err(error) => return Err(give_up(tenant, version, &error)),
        };
        let pages = Pages { bytes: &bytes, hint, limits: &limits };
        let parsed = self.read_pages(context, &pages, parsed)?;
        let collection = tenant.collection(record.collection).map_err(retry)?;
        let settings = PassageSettings {
            target_tokens: CollectionSettings::of(&collection)
                .passage_tokens
                .unwrap_or(self.settings.passage_tokens),
            ..PassageSettings::default()
        };
        let count = |text: &str| match &self.embeddings {
            Some(embeddings) => embeddings.count_tokens(text),
            None => estimate_tokens(text),
        };
        let passages = assay_parse::passages(&parsed, &settings, &count);
        let found = passages.len() as u64;
        tenant
            .save_parsed(version, parsed_record(parsed, passages, &self.guards.of(context.scope())))
            .map_err(retry)?;
        Ok(found)
    }

    /// Gives every passage its vector, batch by batch; what an earlier attempt did stays done.
    fn embed(
        &self,
        context: &TaskContext<'_>,
        tenant: &TenantStore,
        embeddings: &Embeddings,
        version: VersionId,
        passages: u64,
    ) -> Result<(), TaskFailure> {
        let purpose = purpose(context, tenant, version)?;
        let mut done = 0;
        loop {
            if context.should_stop() {
                return Err(TaskFailure::Interrupted);
            }
            context.progress(done.min(passages), Some(passages), EMBEDDING)?;
            match embed_batch(&self.runtime, purpose, tenant, embeddings, version).map_err(retry)? {
                0 => return Ok(()),
                batch => done += batch as u64,
            }
        }
    }

    /// Gives the sentences of every passage their vectors; what an earlier attempt did stays done.
    fn embed_sentences(
        &self,
        context: &TaskContext<'_>,
        tenant: &TenantStore,
        embeddings: &Embeddings,
        version: VersionId,
    ) -> Result<(), TaskFailure> {
        let purpose = purpose(context, tenant, version)?;
        let mut done = Vec::new();
        loop {
            if context.should_stop() {
                return Err(TaskFailure::Interrupted);
            }
            let batch = embed_sentences_batch(&self.runtime, purpose, tenant, embeddings, version);
            let batch = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    // Nothing is lost: the sentences are embedded when they are asked about.
                    tracing::warn!(error = %ErrorChain(&error), "sentences got no vectors");
                    return Ok(());
                }
            };
            // What is given again was not kept: the model is none of the index.
            if batch.is_empty() || batch == done {
                return Ok(());
            }
            done = batch;
        }
    }
}

/// What calls to models are for while a version is taken in.
fn purpose<'a>(
    context: &'a TaskContext<'_>,
    tenant: &TenantStore,
    version: VersionId,
) -> Result<Purpose<'a>, TaskFailure> {
    let document = tenant.version(version).map_err(retry)?.document;
    Ok(Purpose { document: Some(document), ..Purpose::of(context.scope()) })
}

/// Embeds the sentences of the next passages of a version that have no vectors yet, and records
/// them; returns the passages. Blocks: for threads outside the runtime.
fn embed_sentences_batch(
    runtime: &Handle,
    purpose: Purpose<'_>,
    tenant: &TenantStore,
    embeddings: &Embeddings,
    version: VersionId,
) -> Result<Vec<PassageId>, AnswerError> {
    let fingerprint = embeddings.fingerprint();
    let batch = tenant.passages_without_sentence_vectors(version, fingerprint, SENTENCES_BATCH)?;
    let sentences: Vec<Vec<String>> = batch
        .iter()
        .map(|(_, text)| cut(text).map(|range| range.of(text).to_owned()).collect())
        .collect();
    let texts = sentences.concat();
    let mut vectors =
        runtime.block_on(embeddings.texts(purpose, texts, TextRole::Passage))?.into_iter();
    let ids: Vec<PassageId> = batch.into_iter().map(|(id, _)| id).collect();
    let packed = sentences.iter().map(|own| {
        let own: Vec<Vec<f32>> = vectors.by_ref().take(own.len()).collect();
        pack(&own)
    });
    tenant.save_sentence_vectors(fingerprint, ids.iter().copied().zip(packed).collect())?;
    Ok(ids)
}

/// Shows how far a parse is, and breaks it off when the run is to stop.
fn watch_parse(context: &TaskContext<'_>, pages: Option<PagesRead>) -> ControlFlow<()> {
    let (done, total) =
        pages.map_or((0, None), |pages| (pages.done.into(), Some(pages.total.into())));
    // Progress that could not be written is not worth the parse; a lost lease raises the stop.
    let _ = context.progress(done, total, PARSING);
    if context.should_stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Embeds the next passages of a version that have no vector yet and records their vectors;
/// returns how many. With 0 the version is complete. Blocks: for threads outside the runtime.
pub(super) fn embed_batch(
    runtime: &Handle,
    purpose: Purpose<'_>,
    tenant: &TenantStore,
    embeddings: &Embeddings,
    version: VersionId,
) -> Result<usize, AnswerError> {
    let fingerprint = embeddings.fingerprint();
    let batch = tenant.passages_without_vector(version, fingerprint, EMBED_BATCH)?;
    let texts: Vec<String> = batch.iter().map(passage_words).collect();
    let vectors = runtime.block_on(embeddings.texts(purpose, texts, TextRole::Passage))?;
    let vectors = batch.iter().map(|passage| passage.id).zip(vectors).collect();
    // Without vectors this only moves the version on, which content known before needs.
    tenant.save_vectors(version, fingerprint, vectors)?;
    Ok(batch.len())
}

fn passage_words(passage: &assay_store::PassageToEmbed) -> String {
    embedding_text(passage.title.as_deref(), &passage.heading_path, &passage.text)
}

/// What the model sees of a passage: what it is about stands before it, because a passage alone
/// often does not name its subject.
fn embedding_text(title: Option<&str>, heading_path: &[String], text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 80);
    let headings = heading_path.iter().map(String::as_str);
    for heading in title.into_iter().chain(headings) {
        if !words.contains(heading) {
            words.push_str(heading);
            words.push('\n');
        }
    }
    words.push_str(text);
    words
}

/// What the guard finds in a passage.
fn findings(guards: &Guards, text: &str) -> Vec<PassageFinding> {
    let found = guards.at(Place::Document).scan(text, Scope::Everything);
    guards.note(Place::Document, &found, false);
    let finding = |finding: Finding| PassageFinding {
        kind: finding.kind.as_str().to_owned(),
        severity: finding.severity.as_str().to_owned(),
        rule: finding.rule.to_owned(),
        start: finding.span.start,
        end: finding.span.end,
    };
    found.into_iter().take(FINDINGS_MAX).map(finding).collect()
}

fn parsed_record(
    parsed: assay_parse::Parsed,
    passages: Vec<assay_parse::Passage>,
    guards: &Guards,
) -> ParsedRecord {
    let problems = parsed.problems.iter().map(|problem| ProblemRecord {
        code: problem_word(problem.code),
        message: problem.message.clone(),
        page: problem.page,
    });
    let passages = (0..).zip(passages).map(|(ordinal, passage)| {
        let text = passage.range.of(&parsed.text);
        let words = embedding_text(parsed.title.as_deref(), &passage.heading_path, text);
        PassageRecord {
            id: assay_core::PassageId::new(),
            ordinal,
            range: passage.range,
            hash: ContentHash::of(words.as_bytes()),
            findings: findings(guards, text),
            heading_path: passage.heading_path,
            page: passage.page,
            bbox: passage.bbox,
            origin: passage.origin,
        }
    });
    let passages = passages.collect();
    ParsedRecord {
        title: parsed.title.clone(),
        media_type: parsed.media_type.as_str().to_owned(),
        pages: parsed.pages,
        blocks: serde_json::to_vec(&parsed.blocks).unwrap_or_default(),
        problems: problems.collect(),
        found: serde_json::to_value(&parsed.metadata).ok(),
        sketch: sketch(&parsed.text),
        passages,
        text: parsed.text,
    }
}

/// Records that a file cannot be read. Trying again would end the same way.
fn give_up(tenant: &TenantStore, version: VersionId, error: &ParseError) -> TaskFailure {
    let reason = match error.hint() {
        Some(hint) => format!("{} ({hint})", ErrorChain(error)),
        None => ErrorChain(error).to_string(),
    };
    match tenant.fail(version, error.code().as_str(), &reason) {
        Ok(_) => TaskFailure::Fatal { reason },
        Err(error) => retry(error),
    }
}

/// A failure of the machine rather than of the file.
pub(crate) fn retry(error: impl std::error::Error) -> TaskFailure {
    TaskFailure::Retry { reason: ErrorChain(&error).to_string(), after: None }
}

/// The word that the parser writes for a kind of problem, such as `damaged`.
fn problem_word(code: ProblemCode) -> String {
    let word = serde_json::to_value(code).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
