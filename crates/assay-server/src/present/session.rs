//! Sessions as the wire shows them.

use assay_answer::{FoundSession, Session, Turn};
use assay_api::{AnswerState, SessionCitation, SessionExcerpt, SessionMessage, SessionResponse};

use super::time;

pub(crate) fn session(session: Session) -> SessionResponse {
    let record = session.record;
    SessionResponse {
        id: record.id.to_string(),
        title: record.title,
        state: session.state.as_str().to_owned(),
        ttl_minutes: record.ttl_minutes,
        message_count: record.turns,
        created_at: time(record.created_ms),
        used_at: time(record.used_ms),
        expires_at: time(session.expires_ms),
        shared_at: record.shared_ms.map(time),
        found: None,
    }
}

/// A session that was searched for.
pub(crate) fn found_session(found: FoundSession) -> SessionResponse {
    let place = found.place.map(|it| SessionExcerpt { message: it.turn, text: it.text });
    SessionResponse { found: place, ..session(found.session) }
}

/// A turn; none for one whose state this version does not know.
pub(crate) fn session_message(number: u64, created_ms: i64, turn: Turn) -> Option<SessionMessage> {
    let state = serde_json::Value::String(turn.state);
    let state: AnswerState = serde_json::from_value(state).ok()?;
    let citations = turn.citations.into_iter().map(|citation| SessionCitation {
        number: citation.number,
        document_id: citation.document.to_string(),
        passage_id: citation.passage.to_string(),
        title: citation.title,
        quote: citation.quote,
    });
    Some(SessionMessage {
        number,
        query: turn.question,
        rewritten_query: turn.rewritten,
        state,
        answer: turn.answer,
        citations: citations.collect(),
        is_closed: turn.is_closed,
        created_at: time(created_ms),
    })
}
