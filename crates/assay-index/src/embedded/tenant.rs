//! One tenant's open index: keyword part, vector part, and the lock on their folder.

use std::{
    collections::HashSet,
    fs::{File, TryLockError},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use assay_core::{DocumentId, PassageId};
use assay_vault::DataKey;

use super::{IndexSettings, keyword::Keyword, vectors::Vectors};
use crate::{Filter, Hit, IndexChange, IndexError, IndexStats, Respelling, TermScore, error::io};

/// The open index. Changes come one after the other; searches run beside them.
pub(super) struct Tenant {
    keyword: Keyword,
    vectors: Vectors,
    /// Held while a change is written to both parts.
    changing: Mutex<()>,
    /// Held until the value is dropped.
    _lock: File,
}

impl Tenant {
    /// Opens the index in `folder`. With a key it is encrypted; one that was not is started anew.
    pub(super) fn open(
        folder: &Path,
        settings: &IndexSettings,
        key: Option<&DataKey>,
    ) -> Result<Self, IndexError> {
        let seal = |purpose| key.map(|key| Arc::new(key.sealer(purpose)));
        let vectors = folder.join("vectors");
        std::fs::create_dir_all(&vectors).map_err(io("create", &vectors))?;
        let lock = lock(folder)?;
        let keyword =
            Keyword::open(&folder.join("keyword"), settings, seal("index file").as_ref())?;
        let vectors = Vectors::open(&vectors.join("log"), seal("index vectors"))?;
        // One part lost means a rebuild from the records, which does not name what was removed
        // long ago: the other part must not keep it.
        if (keyword.position() == 0) != (vectors.position() == 0) {
            keyword.clear()?;
            vectors.clear()?;
        }
        Ok(Self { keyword, vectors, changing: Mutex::new(()), _lock: lock })
    }

    pub(super) fn apply(&self, changes: &[IndexChange], position: u64) -> Result<(), IndexError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let ops = self.vectors.prepare(changes)?;
        self.keyword.apply(changes, position)?;
        self.vectors.apply(ops, position)
    }

    pub(super) fn position(&self) -> u64 {
        self.keyword.position().min(self.vectors.position())
    }

    pub(super) fn keyword(
        &self,
        query: &str,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        self.keyword.search(query, filter, limit)
    }

    pub(super) fn respelled(
        &self,
        query: &str,
        filter: &Filter,
    ) -> Result<Vec<Respelling>, IndexError> {
        self.keyword.respelled(query, filter)
    }

    pub(super) fn rarity(&self, words: &[&str], filter: &Filter) -> Result<Vec<f32>, IndexError> {
        self.keyword.rarity(words, filter)
    }

    pub(super) fn vector(
        &self,
        vector: &[f32],
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        self.vectors.search(vector, filter, limit)
    }

    pub(super) fn keyword_documents(
        &self,
        query: &str,
        filter: &Filter,
    ) -> Result<HashSet<DocumentId>, IndexError> {
        self.keyword.documents(query, filter)
    }

    pub(super) fn explain_keyword(
        &self,
        query: &str,
        filter: &Filter,
        passages: &[PassageId],
    ) -> Result<Vec<Vec<TermScore>>, IndexError> {
        self.keyword.explain(query, filter, passages)
    }

    pub(super) fn passages(&self) -> Result<Vec<PassageId>, IndexError> {
        self.keyword.passages()
    }

    pub(super) fn stats(&self) -> Result<IndexStats, IndexError> {
        Ok(IndexStats {
            passages: self.keyword.len(),
            vectors: self.vectors.len() as u64,
            bytes: self.keyword.bytes()? + self.vectors.bytes(),
        })
    }

    pub(super) fn clear(&self) -> Result<(), IndexError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.keyword.clear()?;
        self.vectors.clear()
    }

    /// Lets go of the folder, when nothing works in it any more.
    pub(super) fn close(self) {
        self.keyword.close();
    }
}

/// Takes the lock that keeps a second process out; the system frees it when this one dies.
fn lock(folder: &Path) -> Result<File, IndexError> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(IndexError::Locked { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(IndexError::Io { action: "lock", path, source }),
    }
}
