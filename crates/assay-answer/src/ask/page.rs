//! The answer while it is put together: claims with their citations, numbered in order of use.

use std::{sync::Arc, time::Duration};

use assay_core::TextRange;
use assay_gateway::Usage;

use super::{
    Answer, AnswerState, CheckedClaim, Citation, Conflict, DateSource, Evidence, NEAREST, Piece,
    Reading, Side, topic,
};
use crate::{
    FoundPassage, LaneReport,
    guarding::{GuardNote, Guards, summed},
    verify::{Judgement, Sentence, Verdict, Verifier},
};

/// The model of answers that are made of sentences of the sources.
pub(super) const EXTRACTIVE: &str = "assay/extractive";
/// What an answer says when the sources do not hold one.
const NOT_IN_SOURCES: &str = "The sources do not hold an answer to this.";
/// What it says when they speak of something else altogether.
const OFF_TOPIC: &str = "The sources hold nothing about this.";
/// What it says when not everything was looked at.
const NOT_FOUND_IN_TIME: &str = "What could be searched in time holds no answer to this.";
/// What it says when the question names nothing.
const VAGUE: &str = "The question does not say what it is about. Name the thing that you mean.";
/// What it says when a model read instructions that were not for it.
const ORDERS: &str = "a source holds text that reads like instructions to a model; it was handed \
    over as quoted material and not followed";
/// Citations of one claim at most.
const CITATIONS_MAX: usize = 3;

/// A claim on its way to the page.
pub(super) struct Entry<'a> {
    /// What stands before it: white space, the marker of a list.
    pub(super) before: &'a str,
    /// The claim as written.
    pub(super) words: &'a str,
    /// What closes it after its citations: the rule at the end of a row.
    pub(super) after: &'a str,
    /// What was judged: the words, with what they lean on.
    pub(super) sentence: Sentence<'a>,
    /// The verdict.
    pub(super) judgement: &'a Judgement,
    /// Sentences of the evidence that say otherwise, with the dates of their documents.
    pub(super) against: &'a [Dated],
    /// The date of the document that the claim rests on; only where others say otherwise.
    pub(super) date: Option<(String, DateSource)>,
}

/// A sentence of the evidence and the date of its document.
#[derive(Debug, Clone)]
pub(super) struct Dated {
    /// The sentence.
    pub(super) sentence: usize,
    /// The date, and where it comes from.
    pub(super) date: (String, DateSource),
}

/// An answer in the making.
pub(crate) struct Page {
    pub(crate) evidence: Evidence,
    text: String,
    claims: Vec<CheckedClaim>,
    citations: Vec<(usize, Citation)>,
    conflicts: Vec<Conflict>,
    readings: Vec<Reading>,
    is_vague: bool,
    lanes: Vec<LaneReport>,
    notices: Vec<String>,
    dropped: usize,
    provider: String,
    model: String,
    usage: Option<Usage>,
    guards: Option<Arc<Guards>>,
    guard_notes: Vec<GuardNote>,
}

impl Page {
    pub(crate) fn new(lanes: Vec<LaneReport>, evidence: Evidence) -> Self {
        let mut page = Self {
            evidence,
            text: String::new(),
            claims: Vec::new(),
            citations: Vec::new(),
            conflicts: Vec::new(),
            readings: Vec::new(),
            is_vague: false,
            lanes: Vec::new(),
            notices: Vec::new(),
            dropped: 0,
            provider: "assay".to_owned(),
            model: EXTRACTIVE.to_owned(),
            usage: None,
            guards: None,
            guard_notes: Vec::new(),
        };
        for lane in lanes {
            page.add_lane(lane);
        }
        page
    }

    /// Lets every text of the answer pass a guard.
    pub(super) fn let_pass_by(&mut self, guards: &Arc<Guards>) {
        self.guards = Some(Arc::clone(guards));
    }

    /// Notes what the guard found in what a model read, and whether that held instructions.
    pub(super) fn guarded(&mut self, (notes, orders): (Vec<GuardNote>, bool)) {
        self.guard_notes.extend(notes);
        self.notice_once(orders.then_some(ORDERS));
    }

    /// A text of the answer as it may leave, behind what is on the page.
    fn passed(&mut self, text: &str) -> String {
        let Some(guards) = self.guards.as_ref().filter(|_| !text.trim().is_empty()) else {
            return text.to_owned();
        };
        let (passed, notes) = guards.answer(&self.text, text);
        self.guard_notes.extend(notes);
        passed
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

    /// Adds a notice, if there is one and it was not told before.
    pub(crate) fn notice_once(&mut self, text: Option<&str>) {
        if let Some(text) = text.filter(|text| self.notices.iter().all(|known| known != text)) {
            self.notices.push(text.to_owned());
        }
    }

    pub(crate) fn add_lane(&mut self, lane: LaneReport) {
        self.notices.extend(lane.notice());
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

    /// Asks back: the question names nothing.
    pub(crate) fn ask_what_is_meant(&mut self) {
        self.is_vague = true;
    }

    /// Asks back: the question can mean any of these.
    pub(crate) fn ask_which(&mut self, readings: Vec<Reading>) {
        self.readings = readings;
    }

    /// Whether a sentence of the evidence is cited already.
    pub(super) fn cites(&self, sentence: usize) -> bool {
        self.citations.iter().any(|(known, _)| *known == sentence)
    }

    /// Adds a claim with its verdict and returns what this adds to the answer.
    pub(super) fn add(&mut self, verifier: &Verifier, entry: &Entry<'_>) -> Piece {
        let known = self.citations.len();
        let before = if self.text.is_empty() { entry.before.trim_start() } else { entry.before };
        let (before, words) = (self.passed(before), self.passed(entry.words));
        let mut added = format!("{before}{words}");
        let start = self.text.len() + before.len();
        let range = TextRange::new(start, start + words.len());
        let mut numbers = Vec::new();
        for index in entry.judgement.deciding.iter().take(CITATIONS_MAX) {
            numbers.extend(self.cite(verifier, entry.sentence, *index));
        }
        for number in &numbers {
            added.push_str(&format!(" [{number}]"));
        }
        let verdict = entry.judgement.verdict;
        if matches!(verdict, Verdict::Unsupported | Verdict::Contradicted) {
            added.push_str(&format!(" ({})", verdict.as_str()));
        }
        let told = self.tell_conflict(verifier, entry, numbers.first().copied());
        added.push_str(&self.passed(&told));
        added.push_str(entry.after);
        self.text.push_str(&added);
        let claim = CheckedClaim {
            range,
            verdict,
            confidence: entry.judgement.confidence,
            citations: numbers,
        };
        self.claims.push(claim.clone());
        let new = self.citations.iter().skip(known).map(|(_, citation)| citation.clone());
        Piece { text: added, claim: Some(claim), citations: new.collect() }
    }

    /// Records what other sources say of the claim that is added next, and puts it into words.
    fn tell_conflict(
        &mut self,
        verifier: &Verifier,
        entry: &Entry<'_>,
        own: Option<usize>,
    ) -> String {
        let (Some(own), Some((date, date_source))) = (own, entry.date.clone()) else {
            return String::new();
        };
        let mut sides = vec![Side { citation: own, supports: true, date, date_source }];
        let mut told = String::new();
        for other in entry.against {
            let Some(number) = self.cite(verifier, entry.sentence, other.sentence) else {
                continue;
            };
            let (date, date_source) = other.date.clone();
            let quoted = self.citations.iter().find(|(_, citation)| citation.number == number);
            if let Some((_, citation)) = quoted {
                let passage = &citation.passage.passage;
                let title = passage.title.as_deref().unwrap_or(&passage.name);
                let quote = citation.quote();
                let dated = match date_source {
                    DateSource::Metadata => date.clone(),
                    DateSource::Received => format!("taken in {date}"),
                };
                told.push_str(&format!(" (but {title}, {dated}, says: “{quote}” [{number}])"));
            }
            sides.push(Side { citation: number, supports: false, date, date_source });
        }
        if sides.len() > 1 {
            sides.sort_by(|a, b| b.date.cmp(&a.date));
            self.conflicts.push(Conflict { claim: self.claims.len(), sides });
        }
        told
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

    fn state(&self, is_related: bool) -> AnswerState {
        let is_missing = self.lanes.iter().any(|lane| lane.state.is_missing());
        let is_whole = self.dropped == 0
            && self.claims.iter().all(|claim| claim.verdict == Verdict::Supported);
        if self.is_vague || !self.readings.is_empty() {
            AnswerState::NeedsClarification
        } else if !self.conflicts.is_empty() {
            AnswerState::Conflicting
        } else if is_missing {
            AnswerState::PartialTimeout
        } else if self.claims.is_empty() && is_related {
            AnswerState::NotInSources
        } else if self.claims.is_empty() {
            AnswerState::OffTopic
        } else if is_whole {
            AnswerState::Supported
        } else {
            AnswerState::PartlySupported
        }
    }

    /// What an answer without claims says.
    fn excuse(&self, state: AnswerState) -> String {
        match state {
            AnswerState::NeedsClarification if self.is_vague => VAGUE.to_owned(),
            AnswerState::NeedsClarification => {
                let list = (1..).zip(&self.readings).map(|(number, reading)| {
                    format!("\n{number}. {} ({})", reading.label, reading.title)
                });
                format!(
                    "The sources know several. Which one do you mean?{}",
                    list.collect::<String>()
                )
            }
            AnswerState::OffTopic => OFF_TOPIC.to_owned(),
            AnswerState::PartialTimeout => NOT_FOUND_IN_TIME.to_owned(),
            _ => NOT_IN_SOURCES.to_owned(),
        }
    }

    /// The answer. Without claims it says why there is none and shows what is near.
    pub(crate) fn finish(
        mut self,
        question: &str,
        mut found: Vec<FoundPassage>,
        took: Duration,
        within_budget: bool,
    ) -> Answer {
        let is_related = self.has_claims() || topic::is_related(question, &found);
        let state = self.state(is_related);
        if self.dropped > 0 {
            let claims = if self.dropped == 1 { "claim was" } else { "claims were" };
            let notice =
                format!("{} {claims} left out: the sources do not support them", self.dropped);
            self.notices.push(notice);
        }
        let is_written = self.model != EXTRACTIVE && !self.claims.is_empty();
        let mut read = Vec::new();
        if is_written || !self.readings.is_empty() {
            read = found.iter().map(|it| it.passage.document).collect();
            read.sort_unstable();
            read.dedup();
        }
        if self.claims.is_empty() {
            self.text = self.excuse(state);
            found.truncate(NEAREST);
        } else {
            found.clear();
        }
        Answer {
            rewritten: None,
            session: None,
            state,
            text: self.text,
            claims: self.claims,
            citations: self.citations.into_iter().map(|(_, citation)| citation).collect(),
            conflicts: self.conflicts,
            readings: self.readings,
            nearest: found,
            read,
            lanes: self.lanes,
            notices: self.notices,
            guard: summed(self.guard_notes),
            provider: self.provider,
            model: self.model,
            usage: self.usage,
            within_budget,
            took,
        }
    }
}
