//! What an index takes and gives back, and the trait that the embedded and the distributed index
//! share.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use assay_core::{CollectionId, DocumentId, PassageId, TenantScope, VersionId};

use crate::IndexError;

/// A passage as it is indexed.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexedPassage {
    /// The passage; putting the same id again replaces it.
    pub id: PassageId,
    /// The document it is cut from.
    pub document: DocumentId,
    /// The version of that document.
    pub version: VersionId,
    /// The collection of the document.
    pub collection: CollectionId,
    /// Title of the document; searched with the text.
    pub title: String,
    /// Headings above the passage, outermost first; searched with the text.
    pub heading_path: String,
    /// The text.
    pub text: String,
    /// BCP 47 code of the language that it is in, when known: words are stemmed by it.
    pub language: Option<String>,
    /// The embedding, of any length above zero (only its direction counts). A passage without one
    /// is found by keyword only.
    pub vector: Option<Vec<f32>>,
}

/// One change to an index. Applying the same change twice is the same as applying it once.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexChange {
    /// Adds a passage or replaces the one of the same id.
    Put(Box<IndexedPassage>),
    /// Removes the passages of one version of a document.
    RemoveVersion {
        /// The document.
        document: DocumentId,
        /// The version to remove.
        version: VersionId,
    },
    /// Removes all passages of a document.
    RemoveDocument(DocumentId),
    /// Removes one passage.
    RemovePassage(PassageId),
}

/// Which passages a search may return: those in one of `collections`, in one of `documents`, among
/// the `allowed` and the `readable`.
///
/// It is applied while searching: the best of what it allows are found, however few those are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Allowed collections; empty allows all.
    pub collections: Vec<CollectionId>,
    /// Allowed documents; empty allows all.
    pub documents: Vec<DocumentId>,
    /// What a condition on the records allows; none allows all. Shared, since it may name every
    /// document and is kept between searches.
    pub allowed: Option<Arc<AllowedSet>>,
    /// What the asker may see; none for all. Beside what is returned it decides what is counted:
    /// how rare a word is and whether any passage holds it is a matter of these documents alone.
    pub readable: Option<Arc<Readable>>,
}

/// The documents that somebody may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readable {
    /// Their ids.
    pub documents: HashSet<DocumentId, BuildHasherDefault<IdHasher>>,
    /// How many passages they have together.
    pub passages: u64,
    /// Bytes of their texts together: what stands for the mean length of a passage.
    pub bytes: u64,
}

/// Hashes ids, which this software makes itself and whose low half is random: looked up for every
/// posting of a word, a slower hash would cost more than the search.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(low) = bytes.last_chunk() {
            // An odd factor (2^64 over the golden ratio) spreads the fixed bits of an id.
            self.0 = u64::from_be_bytes(*low).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    /// The length of an id, which is always the same.
    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The documents and passages that a condition holds for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedSet {
    /// Documents with all their passages.
    pub documents: HashSet<DocumentId>,
    /// Single passages of other documents.
    pub passages: HashSet<PassageId>,
}

impl AllowedSet {
    /// Whether a passage is among them.
    #[must_use]
    pub fn contains(&self, document: DocumentId, passage: PassageId) -> bool {
        self.documents.contains(&document) || self.passages.contains(&passage)
    }
}

impl Filter {
    /// Whether the asker may see a document.
    #[must_use]
    pub fn may_see(&self, document: DocumentId) -> bool {
        self.readable.as_ref().is_none_or(|readable| readable.documents.contains(&document))
    }

    /// Whether a passage of this collection and document may be returned.
    #[must_use]
    pub fn allows(
        &self,
        collection: CollectionId,
        document: DocumentId,
        passage: PassageId,
    ) -> bool {
        (self.collections.is_empty() || self.collections.contains(&collection))
            && (self.documents.is_empty() || self.documents.contains(&document))
            && self.allowed.as_ref().is_none_or(|allowed| allowed.contains(document, passage))
            && self.may_see(document)
    }
}

/// A passage found, with the score of the one method that found it. Scores of different methods
/// cannot be compared; [`crate::fuse`] joins them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The passage.
    pub passage: PassageId,
    /// Its document.
    pub document: DocumentId,
    /// BM25 for keyword search (above 0, no upper bound), cosine for vector search (-1 to 1).
    pub score: f32,
}

/// What one term of a query added to the keyword score of a passage.
#[derive(Debug, Clone, PartialEq)]
pub struct TermScore {
    /// The term as it is indexed: the stem behind the code of its language (`de haus`).
    pub term: String,
    /// How rare its word is (inverse document frequency), times what the word counts: less than 1
    /// for parts of a name that the index holds whole and for a word in place of a misspelt one.
    pub weight: f32,
    /// How often the passage holds it.
    pub frequency: u32,
    /// What it added.
    pub score: f32,
}

/// A word of a query that no passage holds, and the word of the index that is searched in its
/// place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Respelling {
    /// As asked, in lower case.
    pub asked: String,
    /// The word that was taken.
    pub taken: String,
}

/// The size of one tenant's index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexStats {
    /// Passages that can be found.
    pub passages: u64,
    /// Those of them that have a vector.
    pub vectors: u64,
    /// Bytes on disk, including what a later compaction frees.
    pub bytes: u64,
}

/// Search over the passages of many tenants; one call acts for one tenant and sees nothing else.
///
/// An index is derived data: the records are the truth, and `position` says how much of their
/// outbox the index holds. Every implementation passes the `contract` suite. All calls block.
pub trait PassageIndex: Send + Sync {
    /// Applies `changes` in order and records `position`, the place in the outbox up to which the
    /// index now holds everything.
    ///
    /// When it returns, searches see the changes. After a crash or a power loss [`Self::position`]
    /// is never ahead of the data, so that replay from there ends in the right state. A failed
    /// call may have applied a part; the position then tells where to start again.
    ///
    /// # Errors
    /// [`IndexError::DimensionMismatch`] and [`IndexError::InvalidVector`] before anything is
    /// changed; otherwise a failing disk or server.
    fn apply(
        &self,
        scope: &TenantScope,
        changes: &[IndexChange],
        position: u64,
    ) -> Result<(), IndexError>;

    /// The outbox position that the index covers; 0 for an empty or lost index.
    ///
    /// # Errors
    /// When the index cannot be opened.
    fn position(&self, scope: &TenantScope) -> Result<u64, IndexError>;

    /// The `limit` best passages for the words of `query`, best first, equal scores by id.
    ///
    /// `query` is a user's text, never a query language: no text is an error. What stands in
    /// quotation marks has to be in the passage as it stands.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn keyword(
        &self,
        scope: &TenantScope,
        query: &str,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError>;

    /// The words of `query` that no passage which the asker may see holds and for which
    /// [`Self::keyword`] looks up a close one; numbers and names written together are never among
    /// them.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn respelled(
        &self,
        scope: &TenantScope,
        query: &str,
        filter: &Filter,
    ) -> Result<Vec<Respelling>, IndexError>;

    /// How rare each of `words` is among the passages that the asker may see: its inverse document
    /// frequency as BM25 has it, 0 for a word that keyword search would leave out of a query of
    /// these words.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn rarity(
        &self,
        scope: &TenantScope,
        words: &[&str],
        filter: &Filter,
    ) -> Result<Vec<f32>, IndexError>;

    /// The `limit` passages whose vectors are nearest to `vector` by cosine, best first, equal
    /// scores by id.
    ///
    /// # Errors
    /// [`IndexError::DimensionMismatch`] when `vector` is of another dimension than the index,
    /// [`IndexError::InvalidVector`] when it cannot be compared, or when the index cannot be read.
    fn vector(
        &self,
        scope: &TenantScope,
        vector: &[f32],
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError>;

    /// The documents with an allowed passage that [`Self::keyword`] could return for `query`,
    /// without a limit.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn keyword_documents(
        &self,
        scope: &TenantScope,
        query: &str,
        filter: &Filter,
    ) -> Result<HashSet<DocumentId>, IndexError>;

    /// What each term of `query` adds to the keyword score of each passage, in the order of
    /// `passages`; nothing for a passage that is not there, holds no term, or lacks a phrase.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn explain_keyword(
        &self,
        scope: &TenantScope,
        query: &str,
        filter: &Filter,
        passages: &[PassageId],
    ) -> Result<Vec<Vec<TermScore>>, IndexError>;

    /// The ids of all passages, sorted: to compare the index with the records.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn passages(&self, scope: &TenantScope) -> Result<Vec<PassageId>, IndexError>;

    /// How large the index is.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn stats(&self, scope: &TenantScope) -> Result<IndexStats, IndexError>;

    /// Empties the index and sets its position to 0; the next vector may have another dimension.
    ///
    /// # Errors
    /// When the index cannot be written.
    fn clear(&self, scope: &TenantScope) -> Result<(), IndexError>;

    /// Lets go of what is open of a tenant, whose folder is about to be removed.
    fn release(&self, scope: &TenantScope);
}
