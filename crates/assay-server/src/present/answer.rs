//! Answers as the wire shows them.

use assay_answer::{Answer, LaneReport, LaneState};
use assay_api::{
    AnswerState, ChatExtension, Citation, Claim, Conflict, ConflictSide, FinalAnswer, LaneSummary,
    QueryPiece, QueryResponse, Reading, SourcesUsed,
};

use super::{lane, ms, now, origin, search_result, web};

fn citation(citation: &assay_answer::Citation) -> Citation {
    let passage = &citation.passage.passage;
    let (start, end) = citation.chars();
    let web = citation.passage.web.as_deref();
    Citation {
        number: citation.number,
        document_id: passage.document.to_string(),
        version_id: passage.version.to_string(),
        passage_id: passage.id.to_string(),
        title: passage.title.clone().unwrap_or_else(|| passage.name.clone()),
        url: passage.source_key.clone(),
        provider: web::provider(web),
        attribution: web.map(web::attribution),
        page: passage.page,
        origin: passage.origin.clone().map(origin),
        quote: citation.quote().to_owned(),
        start,
        end,
        verdict: citation.verdict.as_str().to_owned(),
        confidence: citation.confidence,
    }
}

pub(super) fn claim(text: &str, checked: &assay_answer::CheckedClaim) -> Claim {
    let (start, end) = checked.range.in_chars(text);
    Claim {
        text: checked.range.of(text).to_owned(),
        start,
        end,
        verdict: checked.verdict.as_str().to_owned(),
        confidence: checked.confidence,
        citations: checked.citations.clone(),
    }
}

/// What is said of an answer beyond the OpenAI protocol.
pub(crate) fn chat_extension(answer: &Answer) -> (Vec<Citation>, ChatExtension) {
    let extension = ChatExtension {
        state: state(answer.state),
        rewritten_query: answer.rewritten.clone(),
        conflicts: conflicts(answer),
        readings: readings(answer),
        notices: answer.notices.clone(),
        guard: super::notes(&answer.guard),
    };
    (answer.citations.iter().map(citation).collect(), extension)
}

/// A piece of an answer whose text so far is `text`, this piece included.
pub(crate) fn piece(text: &str, piece: &assay_answer::Piece) -> QueryPiece {
    QueryPiece {
        text: piece.text.clone(),
        claim: piece.claim.as_ref().map(|checked| claim(text, checked)),
        citations: piece.citations.iter().map(citation).collect(),
    }
}

const fn state(state: assay_answer::AnswerState) -> AnswerState {
    match state {
        assay_answer::AnswerState::Supported => AnswerState::Supported,
        assay_answer::AnswerState::PartlySupported => AnswerState::PartlySupported,
        assay_answer::AnswerState::Conflicting => AnswerState::Conflicting,
        assay_answer::AnswerState::NotInSources => AnswerState::NotInSources,
        assay_answer::AnswerState::OffTopic => AnswerState::OffTopic,
        assay_answer::AnswerState::NeedsClarification => AnswerState::NeedsClarification,
        assay_answer::AnswerState::PartialTimeout => AnswerState::PartialTimeout,
    }
}

fn conflicts(answer: &Answer) -> Vec<Conflict> {
    let side = |side: &assay_answer::Side| {
        let cited = answer.citations.iter().find(|citation| citation.number == side.citation)?;
        let passage = &cited.passage.passage;
        Some(ConflictSide {
            citation: side.citation,
            stance: if side.supports { "supports" } else { "contradicts" }.to_owned(),
            quote: cited.quote().to_owned(),
            document_id: passage.document.to_string(),
            title: passage.title.clone().unwrap_or_else(|| passage.name.clone()),
            date: side.date.clone(),
            date_source: side.date_source.as_str().to_owned(),
        })
    };
    let conflicts = answer.conflicts.iter().map(|conflict| Conflict {
        claim: conflict.claim,
        sides: conflict.sides.iter().filter_map(side).collect(),
    });
    conflicts.collect()
}

fn readings(answer: &Answer) -> Vec<Reading> {
    let readings = answer.readings.iter().map(|reading| Reading {
        label: reading.label.clone(),
        document_id: reading.document.to_string(),
        title: reading.title.clone(),
    });
    readings.collect()
}

pub(crate) fn answer(question: &str, answer: Answer) -> QueryResponse {
    let completed = |name| {
        answer.lanes.iter().any(|lane| lane.name == name && lane.state == LaneState::Completed)
    };
    let count = |test: fn(&LaneReport) -> bool| answer.lanes.iter().filter(|l| test(l)).count();
    let total_time_ms = ms(answer.took);
    QueryResponse {
        query: question.trim().to_owned(),
        success: !answer.claims.is_empty(),
        rewritten_query: answer.rewritten.clone(),
        session_id: answer.session.map(|session| session.to_string()),
        state: state(answer.state),
        conflicts: conflicts(&answer),
        readings: readings(&answer),
        claims: answer.claims.iter().map(|checked| claim(&answer.text, checked)).collect(),
        citations: answer.citations.iter().map(citation).collect(),
        summary: LaneSummary {
            successful_lanes: count(|lane| lane.state == LaneState::Completed),
            partial_lanes: count(|lane| lane.found > 0 && lane.notice().is_some()),
            failed_lanes: count(|lane| lane.state.is_missing() && lane.found == 0),
            total_lanes: count(|lane| lane.state != LaneState::Skipped),
        },
        final_answer: FinalAnswer {
            sources_used: SourcesUsed {
                retrieval: completed("keyword"),
                vector: completed("vector"),
                kg: false,
                web: completed("web"),
            },
            confidence: answer.confidence(),
            provider_used: answer.provider,
            model_used: answer.model,
            answer: answer.text,
        },
        nearest: answer.nearest.into_iter().map(search_result).collect(),
        partial_results: !answer.notices.is_empty(),
        notices: answer.notices,
        guard: super::notes(&answer.guard),
        lane_results: answer
            .lanes
            .into_iter()
            .map(|report| (report.name.to_owned(), lane(report)))
            .collect(),
        within_budget: answer.within_budget,
        total_time_ms,
        query_processing_time_ms: total_time_ms,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        timestamp: now(),
    }
}
