//! Keyword search: BM25 over an inverted index of titles, headings and texts.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use assay_core::{DocumentId, PassageId};
use assay_vault::Sealer;
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyError,
    directory::{MmapDirectory, error::OpenReadError},
    indexer::LogMergePolicy,
};

use self::{
    bm25::{Asked, Bm25},
    fields::Fields,
    lookup::{FoundTerms, Lookup},
    phrase::Phrases,
    sealed::SealedFolder,
    words::{language::Stemming, query::Query},
};
use crate::{
    Filter, Hit, IndexChange, IndexError, Respelling, TermScore,
    embedded::IndexSettings,
    error::{io, keyword},
};

mod allowed;
mod bm25;
mod compound;
mod explain;
mod fields;
mod lookup;
mod phrase;
mod sealed;
mod spell;
#[cfg(test)]
mod tests;
mod words;

pub use words::query::has_phrase;

/// Stands before the position in the payload of a commit. An index of another format (fields or
/// words cut otherwise) is started anew: position 0 makes the owner of the records fill it again.
const FORMAT: &str = "assay-keyword-2:";

/// The keyword index of one tenant.
pub(super) struct Keyword {
    path: PathBuf,
    index: Index,
    reader: IndexReader,
    /// Made by the first write, since it owns threads; none again after a failed one.
    writer: Mutex<Option<IndexWriter>>,
    writer_bytes: usize,
    fields: Fields,
    bm25: Bm25,
    /// The languages of one generation of the searcher.
    present: Mutex<Option<(u64, Arc<[Stemming]>)>>,
    position: AtomicU64,
}

impl Keyword {
    /// Opens the folder at `path`, which is made if absent and emptied if it cannot be read: the
    /// records fill it again.
    pub(super) fn open(
        path: &Path,
        settings: &IndexSettings,
        seal: Option<&Arc<Sealer>>,
    ) -> Result<Self, IndexError> {
        match Self::try_open(path, settings, seal) {
            Err(IndexError::Keyword { source, .. }) if is_damage(&source) => {
                tracing::warn!(error = %source, "keyword index is damaged, starting anew");
                std::fs::remove_dir_all(path).map_err(io("remove", path))?;
                Self::try_open(path, settings, seal)
            }
            result => result,
        }
    }

    fn try_open(
        path: &Path,
        settings: &IndexSettings,
        seal: Option<&Arc<Sealer>>,
    ) -> Result<Self, IndexError> {
        std::fs::create_dir_all(path).map_err(io("create", path))?;
        let folder = MmapDirectory::open(path).map_err(keyword("open its folder"))?;
        let (schema, fields) = fields::schema();
        let index = match seal {
            Some(seal) => {
                Index::open_or_create(SealedFolder::new(folder, Arc::clone(seal)), schema)
            }
            None => Index::open_or_create(folder, schema),
        };
        let index = index.map_err(keyword("open"))?;
        words::register(index.tokenizers());
        let payload = index.load_metas().map_err(keyword("open"))?.payload;
        let position = match &payload {
            None => 0,
            Some(payload) => payload
                .strip_prefix(FORMAT)
                .and_then(|position| position.parse().ok())
                .ok_or_else(|| TantivyError::SchemaError(format!("format `{payload}`")))
                .map_err(keyword("open"))?,
        };
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        Ok(Self {
            path: path.to_owned(),
            reader: reader.try_into().map_err(keyword("open"))?,
            writer: Mutex::new(None),
            writer_bytes: settings.writer_memory_bytes,
            index,
            fields,
            bm25: Bm25 { k1: settings.bm25_k1, b: settings.bm25_b },
            present: Mutex::default(),
            position: AtomicU64::new(position),
        })
    }

    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// Number of passages.
    pub(super) fn len(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// Bytes of the files in the folder.
    pub(super) fn bytes(&self) -> Result<u64, IndexError> {
        let mut bytes = 0;
        for entry in std::fs::read_dir(&self.path).map_err(io("list", &self.path))? {
            // A merge may remove a file between the listing and the look at it.
            bytes += entry.and_then(|entry| entry.metadata()).map_or(0, |data| data.len());
        }
        Ok(bytes)
    }

    /// Applies `changes` and `position` in one commit and shows them to searches.
    pub(super) fn apply(&self, changes: &[IndexChange], position: u64) -> Result<(), IndexError> {
        self.write(position, |writer| {
            for change in changes {
                match change {
                    IndexChange::Put(passage) => {
                        writer.delete_term(self.fields.passage_term(passage.id));
                        writer.add_document(self.fields.document(passage))?;
                    }
                    IndexChange::RemoveVersion { document, version } => {
                        writer.delete_term(self.fields.version_term(*document, *version));
                    }
                    IndexChange::RemoveDocument(document) => {
                        writer.delete_term(self.fields.document_term(*document));
                    }
                    IndexChange::RemovePassage(passage) => {
                        writer.delete_term(self.fields.passage_term(*passage));
                    }
                }
            }
            Ok(())
        })
    }

    /// Forgets everything.
    pub(super) fn clear(&self) -> Result<(), IndexError> {
        self.write(0, |writer| writer.delete_all_documents().map(drop))
    }

    /// The `limit` best passages.
    pub(super) fn search(
        &self,
        query: &str,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        self.ask(query, filter, |asked, _| asked.search(filter, limit)).map_err(keyword("search"))
    }

    /// The words of `query` that no passage holds, with the words taken in their place.
    pub(super) fn respelled(
        &self,
        query: &str,
        filter: &Filter,
    ) -> Result<Vec<Respelling>, IndexError> {
        self.ask(query, filter, |_, respelled| Ok(respelled)).map_err(keyword("check the spelling"))
    }

    /// The documents of all passages that a search could return.
    pub(super) fn documents(
        &self,
        query: &str,
        filter: &Filter,
    ) -> Result<HashSet<DocumentId>, IndexError> {
        self.ask(query, filter, |asked, _| asked.documents(filter)).map_err(keyword("count"))
    }

    /// What each term adds to the score of each passage.
    pub(super) fn explain(
        &self,
        query: &str,
        filter: &Filter,
        passages: &[PassageId],
    ) -> Result<Vec<Vec<TermScore>>, IndexError> {
        let passages: Vec<_> = passages.iter().map(|id| self.fields.passage_term(*id)).collect();
        self.ask(query, filter, |asked, _| asked.explain(&passages)).map_err(keyword("explain"))
    }

    /// How rare each of `words` is in a query of all of them.
    pub(super) fn rarity(&self, words: &[&str], filter: &Filter) -> Result<Vec<f32>, IndexError> {
        let searcher = &self.searcher();
        let rarity = || -> tantivy::Result<Vec<f32>> {
            let present = &*self.present(searcher)?;
            let readable = filter.readable.as_deref();
            Lookup { searcher, fields: &self.fields, present, readable }.rarity(words)
        };
        rarity().map_err(keyword("look up"))
    }

    /// Reads a query and looks it up in the present state of the index: the one way to do so, so
    /// that what is counted and explained is what is found.
    fn ask<T>(
        &self,
        query: &str,
        filter: &Filter,
        answer: impl FnOnce(Asked<'_>, Vec<Respelling>) -> tantivy::Result<T>,
    ) -> tantivy::Result<T> {
        let (searcher, fields) = (&self.searcher(), &self.fields);
        let present = self.present(searcher)?;
        let query = Query::read(query, &present);
        let phrases = Phrases::new(searcher, fields, &query.phrases)?;
        let readable = filter.readable.as_deref();
        let FoundTerms { terms, respelled } =
            Lookup { searcher, fields, present: &present, readable }.terms(&query)?;
        answer(Asked { searcher, fields, bm25: self.bm25, terms, phrases, readable }, respelled)
    }

    /// The stemmings of this state of the index, looked up once.
    fn present(&self, searcher: &Searcher) -> tantivy::Result<Arc<[Stemming]>> {
        let generation = searcher.generation().generation_id();
        let mut known = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, present)) = &*known
            && *of == generation
        {
            return Ok(Arc::clone(present));
        }
        let present: Arc<[Stemming]> = lookup::present(searcher, &self.fields)?.into();
        *known = Some((generation, Arc::clone(&present)));
        Ok(present)
    }

    /// The ids of all passages, sorted.
    pub(super) fn passages(&self) -> Result<Vec<PassageId>, IndexError> {
        let mut passages = Vec::new();
        for segment in self.searcher().segment_readers() {
            let ids = fields::Ids::open(segment).map_err(keyword("list"))?;
            passages.extend(segment.doc_ids_alive().map(|doc| ids.passage(doc)));
        }
        passages.sort_unstable();
        Ok(passages)
    }

    /// Waits for merges, so that no thread touches the folder afterwards.
    pub(super) fn close(self) {
        let writer = self.writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(Err(error)) = writer.map(IndexWriter::wait_merging_threads) {
            tracing::warn!(%error, "keyword index could not finish a merge");
        }
    }

    fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Commits a change with its position. If it fails, the writer is dropped with what it holds.
    fn write(
        &self,
        position: u64,
        change: impl FnOnce(&IndexWriter) -> tantivy::Result<()>,
    ) -> Result<(), IndexError> {
        let mut slot = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = match slot.take() {
            Some(writer) => writer,
            None => self.start_writer().map_err(keyword("start writing"))?,
        };
        change(&writer).map_err(keyword("write"))?;
        let mut commit = writer.prepare_commit().map_err(keyword("commit"))?;
        commit.set_payload(&format!("{FORMAT}{position}"));
        commit.commit().map_err(keyword("commit"))?;
        self.reader.reload().map_err(keyword("reload"))?;
        self.position.store(position, Ordering::Release);
        *slot = Some(writer);
        Ok(())
    }

    fn start_writer(&self) -> tantivy::Result<IndexWriter> {
        let writer = self.index.writer_with_num_threads(1, self.writer_bytes)?;
        // tantivy 0.27 gives the first operation of a writer the stamp of the last commit. A merge
        // takes a segment with removals of that commit for up to date and skips the operation, so
        // that a removal would be lost: an empty batch uses the stamp up.
        writer.run([])?;
        let mut merges = LogMergePolicy::default();
        merges.set_min_num_segments(4);
        // With the usual 10,000 every fourth small commit would write all documents again.
        merges.set_min_layer_size(256);
        merges.set_del_docs_ratio_before_merge(0.3);
        writer.set_merge_policy(Box::new(merges));
        Ok(writer)
    }
}

/// Whether the folder holds something that is not a whole index of this version; other errors
/// (no memory, no permission) may go away by themselves and must not cost the index.
fn is_damage(error: &TantivyError) -> bool {
    use std::io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
    match error {
        TantivyError::IoError(error) => {
            matches!(error.kind(), InvalidData | NotFound | UnexpectedEof)
        }
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => {
            matches!(io_error.kind(), InvalidData | NotFound | UnexpectedEof)
        }
        TantivyError::OpenReadError(_)
        | TantivyError::DataCorruption(_)
        | TantivyError::SchemaError(_)
        | TantivyError::FieldNotFound(_)
        | TantivyError::IncompatibleIndex(_)
        | TantivyError::DeserializeError(_)
        | TantivyError::InternalError(_) => true,
        _ => false,
    }
}
