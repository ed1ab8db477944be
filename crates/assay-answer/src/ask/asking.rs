//! One question on its way to an answer: what every step of it needs.

use std::collections::HashMap;

use assay_core::{DocumentId, TenantScope};
use assay_gateway::Purpose;
use serde_json::{Map, Value};

use super::{
    DateSource, Page, Question, Sink,
    page::Dated,
    weigh::{Asked, Weighed},
};
use crate::{AnswerError, Engine, embed::Vector, search::blocking};

/// Fields of the metadata that date a document, the one that tells its present wording first.
const DATES: [&str; 5] = ["date", "modified", "updated", "created", "published"];

/// A question being answered.
pub(super) struct Asking<'a> {
    pub(super) engine: &'a Engine,
    pub(super) scope: &'a TenantScope,
    pub(super) question: &'a Question,
    /// The question so that it can be understood alone.
    pub(super) text: &'a str,
    /// The same, as the weighing of claims takes it.
    pub(super) asked: Asked,
    /// Its vector, where the vector lane made one.
    pub(super) vector: Option<Vector>,
    /// Whether vectors come in time: where the lane was too slow, no step waits for them again.
    pub(super) with_vectors: bool,
    pub(super) sink: &'a Sink,
}

/// The dates of what a claim rests on and of what speaks against it.
#[derive(Default)]
pub(super) struct Dates {
    pub(super) own: Option<(String, DateSource)>,
    pub(super) against: Vec<Dated>,
}

impl Asking<'_> {
    /// What calls to models are for.
    pub(super) fn purpose(&self) -> Purpose<'_> {
        self.question.purpose(self.scope)
    }

    /// The dates of a weighed claim; none when nothing speaks against it.
    pub(super) async fn dates(&self, page: &Page, weighed: &Weighed) -> Result<Dates, AnswerError> {
        let Some(&own) = weighed.judgement.deciding.first().filter(|_| !weighed.against.is_empty())
        else {
            return Ok(Dates::default());
        };
        let mut places = weighed.against.clone();
        places.push(own);
        let mut dated = self.dated(page, &places).await?;
        let own = dated.pop().map(|own| own.date);
        dated.sort_by(|a, b| b.date.0.cmp(&a.date.0));
        Ok(Dates { own, against: dated })
    }

    /// Of a sentence and those that say otherwise, the newest and the others.
    pub(super) async fn newest_first(
        &self,
        page: &Page,
        chosen: usize,
        others: Vec<usize>,
    ) -> Result<(usize, Vec<usize>), AnswerError> {
        if others.is_empty() {
            return Ok((chosen, others));
        }
        let mut places = vec![chosen];
        places.extend(others);
        let mut dated = self.dated(page, &places).await?;
        // Stable: of equally old ones the one that answers best stays in front.
        dated.sort_by(|a, b| b.date.0.cmp(&a.date.0));
        let mut places = dated.into_iter().map(|dated| dated.sentence);
        Ok((places.next().unwrap_or(chosen), places.collect()))
    }

    /// Sentences of the evidence with the dates of their documents, in their order.
    async fn dated(&self, page: &Page, places: &[usize]) -> Result<Vec<Dated>, AnswerError> {
        let of: Vec<(usize, DocumentId)> = places
            .iter()
            .filter_map(|&place| Some((place, page.evidence.document(place)?)))
            .collect();
        let tenant = self.engine.store.tenant(self.scope)?;
        let ids: Vec<DocumentId> = of.iter().map(|(_, document)| *document).collect();
        let dates = blocking(move || {
            let mut dates = HashMap::new();
            for id in ids {
                // A document that was deleted meanwhile has no date; its quote is not shown.
                if let Ok(document) = tenant.document(id) {
                    let summary = document.summary;
                    dates.insert(id, date(&summary.metadata, summary.latest.received_ms));
                }
            }
            Ok(dates)
        })
        .await?;
        let dated = of.into_iter().filter_map(|(sentence, document)| {
            Some(Dated { sentence, date: dates.get(&document)?.clone() })
        });
        Ok(dated.collect())
    }
}

/// The date of a document: what its metadata says, else when it was taken in.
fn date(metadata: &Map<String, Value>, received_ms: i64) -> (String, DateSource) {
    let told = DATES.iter().find_map(|name| metadata.get(*name)?.as_str());
    // Other things than dates stand in such fields, too; a date begins with a year.
    let told = told.filter(|told| told.bytes().take(4).filter(u8::is_ascii_digit).count() == 4);
    match told {
        // The day is enough to a reader, and texts of one precision sort.
        Some(told) => (told.chars().take(10).collect(), DateSource::Metadata),
        None => {
            let received = assay_core::timestamp(received_ms).to_string();
            (received.chars().take(10).collect(), DateSource::Received)
        }
    }
}
