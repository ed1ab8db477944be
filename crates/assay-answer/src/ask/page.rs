//! The answer while it is put together: sentences with their citations, numbered in order of use.

use std::{sync::Arc, time::Duration};

use assay_core::TextRange;
use assay_gateway::Usage;

use super::{Answer, AnswerState, CheckedClaim, Citation, Evidence, NEAREST};
use crate::{
    FoundPassage, LaneReport, LaneState,
    verify::{Judgement, Sentence, Verdict, Verifier},
};

/// What an answer says when the sources do not hold one.
const NOT_IN_SOURCES: &str = "The sources do not hold an answer to this.";
/// What it says when it found none in a part of the sources.
const NOT_FOUND: &str =
    "No answer was found in what could be searched in time; not all sources could be.";
/// Citations of one claim at most.
const CITATIONS_MAX: usize = 3;

/// An answer in the making.
pub(crate) struct Page {
    pub(crate) evidence: Evidence,
    text: String,
    claims: Vec<CheckedClaim>,
    citations: Vec<(usize, Citation)>,
    lanes: Vec<LaneReport>,
    notices: Vec<String>,
    dropped: usize,
    provider: String,
    model: String,
    usage: Option<Usage>,
}

impl Page {
    pub(crate) fn new(lanes: Vec<LaneReport>, evidence: Evidence) -> Self {
        let notices = lanes.iter().filter_map(LaneReport::notice).collect();
        Self {
            evidence,
            text: String::new(),
            claims: Vec::new(),
            citations: Vec::new(),
            lanes,
            notices,
            dropped: 0,
            provider: "assay".to_owned(),
            model: "assay/extractive".to_owned(),
            usage: None,
        }
    }

    pub(crate) fn has_claims(&self) -> bool {
        !self.claims.is_empty()
    }

    pub(crate) fn claim_count(&self) -> usize {
        self.claims.len()
    }

    pub(crate) fn notice(&mut self, text: impl Into<String>) {
        self.notices.push(text.into());
    }

    pub(crate) fn add_lane(&mut self, lane: LaneReport) {
        if lane.state != LaneState::Completed {
            let reason = lane.error.as_deref().unwrap_or("no reason given");
            self.notices.push(format!("the lane `{}` did not finish: {reason}", lane.name));
        }
        self.lanes.push(lane);
    }

    pub(crate) fn written_by(&mut self, provider: &str, model: &str) {
        provider.clone_into(&mut self.provider);
        model.clone_into(&mut self.model);
    }

    pub(crate) fn used(&mut self, usage: Option<Usage>) {
        self.usage = usage;
    }

    /// Counts a claim that was left out because nothing supports it.
    pub(crate) fn drop_claim(&mut self) {
        self.dropped += 1;
    }

    /// The last sentence that was added.
    pub(crate) fn last_claim(&self) -> Option<&str> {
        self.claims.last().map(|claim| claim.range.of(&self.text))
    }

    /// Adds `words` to the answer with their verdict and returns the text that this adds.
    /// `sentence` is what was judged: the words, with their context where they lean on it.
    pub(crate) fn add(
        &mut self,
        verifier: &Verifier,
        words: &str,
        sentence: Sentence<'_>,
        judgement: &Judgement,
    ) -> String {
        let separator = if self.text.is_empty() { "" } else { " " };
        let start = self.text.len() + separator.len();
        let mut added = format!("{separator}{words}");
        let range = TextRange::new(start, self.text.len() + added.len());
        let mut numbers = Vec::new();
        for index in judgement.deciding.iter().take(CITATIONS_MAX) {
            if let Some(number) = self.cite(verifier, sentence, *index) {
                numbers.push(number);
            }
        }
        for number in &numbers {
            added.push_str(&format!(" [{number}]"));
        }
        if judgement.verdict == Verdict::Unsupported || judgement.verdict == Verdict::Contradicted {
            added.push_str(&format!(" ({})", judgement.verdict.as_str()));
        }
        self.text.push_str(&added);
        self.claims.push(CheckedClaim {
            range,
            verdict: judgement.verdict,
            confidence: judgement.confidence,
            citations: numbers,
        });
        added
    }

    /// The number of a sentence of the evidence, given on its first use.
    fn cite(&mut self, verifier: &Verifier, claim: Sentence<'_>, index: usize) -> Option<usize> {
        if let Some((_, known)) = self.citations.iter().find(|(known, _)| *known == index) {
            return Some(known.number);
        }
        let evidence = self.evidence.sentences.get(index)?;
        let passage = Arc::clone(self.evidence.passages.get(evidence.passage)?);
        let alone = verifier.check(&claim, &[evidence.words.sentence()]);
        let number = self.citations.len() + 1;
        let citation = Citation {
            number,
            passage,
            range: evidence.range,
            verdict: alone.verdict,
            confidence: alone.confidence,
        };
        self.citations.push((index, citation));
        Some(number)
    }

    fn state(&self) -> AnswerState {
        if self.lanes.iter().any(|lane| lane.state.is_missing()) {
            // Without claims too: what was not looked at may hold the answer.
            AnswerState::Partial
        } else if self.claims.is_empty() {
            AnswerState::NotInSources
        } else if self.dropped > 0
            || self.claims.iter().any(|claim| claim.verdict != Verdict::Supported)
        {
            AnswerState::PartlySupported
        } else {
            AnswerState::Supported
        }
    }

    /// The answer. Without claims it says that the sources do not hold one and shows what is near.
    pub(crate) fn finish(
        mut self,
        mut found: Vec<FoundPassage>,
        took: Duration,
        within_budget: bool,
    ) -> Answer {
        let state = self.state();
        if self.dropped > 0 {
            let sentences = if self.dropped == 1 { "sentence was" } else { "sentences were" };
            let notice =
                format!("{} {sentences} left out: the sources do not support them", self.dropped);
            self.notices.push(notice);
        }
        if self.claims.is_empty() {
            let text = if state == AnswerState::Partial { NOT_FOUND } else { NOT_IN_SOURCES };
            text.clone_into(&mut self.text);
            found.truncate(NEAREST);
        } else {
            found.clear();
        }
        Answer {
            state,
            text: self.text,
            claims: self.claims,
            citations: self.citations.into_iter().map(|(_, citation)| citation).collect(),
            nearest: found,
            lanes: self.lanes,
            notices: self.notices,
            provider: self.provider,
            model: self.model,
            usage: self.usage,
            within_budget,
            took,
        }
    }
}
