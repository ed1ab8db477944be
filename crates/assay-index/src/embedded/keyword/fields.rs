//! The fields of the keyword index, and ids in and out of it.

use std::sync::Arc;

use assay_core::{CollectionId, DocumentId, PassageId, VersionId};
use tantivy::{
    DocId, SegmentReader, TantivyDocument, Term,
    columnar::ColumnValues,
    schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};

use super::words;
use crate::IndexedPassage;

/// Ids are terms, to remove and filter by; passage and document id are columns too (two 64-bit
/// halves), to be read for a hit. The text itself is not kept.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    /// The stemmed words, for ranking.
    pub(super) text: Field,
    /// The words as they stand with their places, for phrases and as a vocabulary.
    pub(super) exact: Field,
    passage: Field,
    document: Field,
    version: Field,
    collection: Field,
    halves: [Field; 4],
}

/// Names of the columns: the upper and lower half of passage and document id.
const HALVES: [&str; 4] = ["passage_high", "passage_low", "document_high", "document_low"];

pub(super) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = |tokenizer, option, lengths| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer);
        let indexing = indexing.set_index_option(option).set_fieldnorms(lengths);
        TextOptions::default().set_indexing_options(indexing)
    };
    let (stems, exact) = (
        text(words::STEMS, IndexRecordOption::WithFreqs, true),
        text(words::EXACT, IndexRecordOption::WithFreqsAndPositions, false),
    );
    let fields = Fields {
        text: schema.add_text_field("text", stems),
        exact: schema.add_text_field("exact", exact),
        passage: schema.add_bytes_field("passage", INDEXED),
        document: schema.add_bytes_field("document", INDEXED),
        version: schema.add_bytes_field("version", INDEXED),
        collection: schema.add_bytes_field("collection", INDEXED),
        halves: HALVES.map(|name| schema.add_u64_field(name, FAST)),
    };
    (schema.build(), fields)
}

impl Fields {
    pub(super) fn passage_term(&self, passage: PassageId) -> Term {
        Term::from_field_bytes(self.passage, &passage.to_bytes())
    }

    pub(super) fn document_term(&self, document: DocumentId) -> Term {
        Term::from_field_bytes(self.document, &document.to_bytes())
    }

    pub(super) fn collection_term(&self, collection: CollectionId) -> Term {
        Term::from_field_bytes(self.collection, &collection.to_bytes())
    }

    pub(super) fn version_term(&self, document: DocumentId, version: VersionId) -> Term {
        Term::from_field_bytes(self.version, &version_bytes(document, version))
    }

    /// What the engine indexes of a passage. Title, headings and text are one field: measured on
    /// SciFact, a weight for the title gains nothing (see `examples/scifact.rs`).
    pub(super) fn document(&self, passage: &IndexedPassage) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        for text in [&passage.title, &passage.heading_path, &passage.text] {
            document.add_text(self.text, words::with_language(text, passage.language.as_deref()));
            document.add_text(self.exact, text);
        }
        document.add_bytes(self.passage, &passage.id.to_bytes());
        document.add_bytes(self.document, &passage.document.to_bytes());
        document.add_bytes(self.version, &version_bytes(passage.document, passage.version));
        document.add_bytes(self.collection, &passage.collection.to_bytes());
        let [a, b] = split(passage.id.as_u128());
        let [c, d] = split(passage.document.as_u128());
        for (field, half) in self.halves.iter().zip([a, b, c, d]) {
            document.add_u64(*field, half);
        }
        document
    }
}

/// The columns of one segment from which the ids of a hit are read.
pub(super) struct Ids([Arc<dyn ColumnValues<u64>>; 4]);

impl Ids {
    pub(super) fn open(segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let [a, b, c, d] = HALVES.map(|name| columns.column_first_or_default(name));
        Ok(Self([a?, b?, c?, d?]))
    }

    pub(super) fn passage(&self, doc: DocId) -> PassageId {
        let [high, low, ..] = &self.0;
        PassageId::from_u128(join(high.get_val(doc), low.get_val(doc)))
    }

    pub(super) fn document(&self, doc: DocId) -> DocumentId {
        let [.., high, low] = &self.0;
        DocumentId::from_u128(join(high.get_val(doc), low.get_val(doc)))
    }
}

fn version_bytes(document: DocumentId, version: VersionId) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&document.to_bytes());
    bytes[16..].copy_from_slice(&version.to_bytes());
    bytes
}

#[expect(clippy::cast_possible_truncation, reason = "the halves of 128 bits")]
fn split(id: u128) -> [u64; 2] {
    [(id >> 64) as u64, id as u64]
}

fn join(high: u64, low: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}
