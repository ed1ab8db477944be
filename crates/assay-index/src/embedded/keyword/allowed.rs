//! Which passages of a segment a filter allows.

use assay_core::{CollectionId, DocumentId};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term, schema::IndexRecordOption};

use super::fields::{Fields, Ids};
use crate::{AllowedSet, Filter};

/// A filter, as it stands for the passages of one segment.
pub(super) struct Allowed<'a> {
    /// One flag a passage; none when all are allowed.
    collections: Option<Vec<bool>>,
    documents: Option<Vec<bool>>,
    /// May name every document of the tenant: asked passage by passage, and only of those that
    /// would be among the best, which costs far less than to mark them all.
    set: Option<&'a AllowedSet>,
    /// For who may see what; asked in the same way.
    filter: &'a Filter,
}

impl<'a> Allowed<'a> {
    pub(super) fn new(
        segment: &SegmentReader,
        fields: &Fields,
        filter: &'a Filter,
    ) -> tantivy::Result<Self> {
        let collection = |id: &CollectionId| fields.collection_term(*id);
        let document = |id: &DocumentId| fields.document_term(*id);
        Ok(Self {
            collections: holding(segment, filter.collections.iter().map(collection))?,
            documents: holding(segment, filter.documents.iter().map(document))?,
            set: filter.allowed.as_deref(),
            filter,
        })
    }

    pub(super) fn contains(&self, doc: DocId, ids: &Ids) -> bool {
        [&self.collections, &self.documents].into_iter().flatten().all(|flags| flags[doc as usize])
            && self.set.is_none_or(|set| {
                set.documents.contains(&ids.document(doc))
                    || (!set.passages.is_empty() && set.passages.contains(&ids.passage(doc)))
            })
            && (self.filter.readable.is_none() || self.filter.may_see(ids.document(doc)))
    }
}

/// A flag for each passage of a segment: whether it holds one of `terms`; none without terms.
fn holding(
    segment: &SegmentReader,
    terms: impl ExactSizeIterator<Item = Term>,
) -> tantivy::Result<Option<Vec<bool>>> {
    if terms.len() == 0 {
        return Ok(None);
    }
    let mut flags = vec![false; segment.max_doc() as usize];
    for term in terms {
        let inverted = segment.inverted_index(term.field())?;
        let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
            continue;
        };
        while postings.doc() != TERMINATED {
            if let Some(flag) = flags.get_mut(postings.doc() as usize) {
                *flag = true;
            }
            postings.advance();
        }
    }
    Ok(Some(flags))
}
