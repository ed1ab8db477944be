//! Parts of documents as the wire shows them.

use assay_answer::DocumentReading;
use assay_api::{ReadingPassage, ReadingResponse, ReadingVersion};
use assay_core::DocumentId;

use super::time;

pub(crate) fn reading(document: DocumentId, reading: DocumentReading) -> ReadingResponse {
    let window = reading.window;
    let passages = window.passages.into_iter().map(|passage| ReadingPassage {
        id: passage.id.to_string(),
        start: passage.chars.0,
        end: passage.chars.1,
        page: passage.page,
        heading_path: passage.heading_path,
    });
    let versions = reading.versions.into_iter().map(|version| ReadingVersion {
        version_id: version.id.to_string(),
        state: version.state.as_str().to_owned(),
        size_bytes: version.size,
        received_at: time(version.received_ms),
    });
    ReadingResponse {
        document_id: document.to_string(),
        version_id: reading.version.to_string(),
        text: window.text,
        start: window.start,
        first: window.first,
        passages: passages.collect(),
        total: window.total,
        versions: versions.collect(),
    }
}
