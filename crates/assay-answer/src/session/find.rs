//! Finding conversations by what was asked and answered. The index of words names candidates; what is
//! found is what stands in the parts that the reader may see now.

use assay_core::{PrincipalId, SessionId};
use assay_store::{SessionRecord, TenantStore, TurnRecord, WantedWords};

use super::{Looking, Session, TURNS_KEPT, Turn, turns};
use crate::AnswerError;

/// Sessions on one page at most.
const PAGE_MAX: u32 = 50;
/// Sessions from before words were kept that get them at once.
const ADDED: u32 = 100;
/// Characters of an excerpt in front of what was found, and in all.
const LEAD: usize = 60;
const EXCERPT: usize = 200;

/// A session that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSession {
    /// The session.
    pub session: Session,
    /// Where the words stand; nothing where the title has them all.
    pub place: Option<FoundIn>,
}

/// The turn of a session that holds most of the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundIn {
    /// Its place in the session, from 1.
    pub turn: u64,
    /// The words with what stands around them.
    pub text: String,
}

type Found = (SessionRecord, Option<FoundIn>);

/// What a turn is found by.
pub(super) fn text(turn: &Turn) -> String {
    format!("{}\n{}", turn.question, turn.answer)
}

/// A page of what was found, and the last one that was looked at when there may be more.
pub(super) fn sessions(
    tenant: &TenantStore,
    owner: PrincipalId,
    wanted: &WantedWords,
    after: Option<SessionId>,
    limit: u32,
) -> Result<(Vec<Found>, Option<SessionId>), AnswerError> {
    if wanted.is_empty() {
        return Err(AnswerError::Invalid {
            what: "there is no word to search for".to_owned(),
            hint: "give letters or digits",
        });
    }
    let of_kept = |body: &serde_json::Value| {
        serde_json::from_value(body.clone()).map_or_else(|_| String::new(), |turn| text(&turn))
    };
    while tenant.add_session_words(owner, ADDED, of_kept)? == ADDED {}
    let limit = limit.clamp(1, PAGE_MAX);
    let candidates = tenant.find_sessions(owner, wanted, after, limit)?;
    let next = candidates.last().map(|it| it.id).filter(|_| candidates.len() == limit as usize);
    let mut found = Vec::new();
    for record in candidates {
        let turns = turns(tenant, record.id, TURNS_KEPT, Looking::Owner)?;
        if let Some(place) = look(wanted, record.title.as_deref().unwrap_or_default(), &turns) {
            found.push((record, place));
        }
    }
    Ok((found, next))
}

/// Where the words stand, when all of them do.
fn look(
    wanted: &WantedWords,
    title: &str,
    turns: &[(TurnRecord, Turn)],
) -> Option<Option<FoundIn>> {
    let mut missing = vec![true; wanted.len()];
    // How many of the words a text has.
    let mut count = |text: &str| {
        let places = wanted.places(text);
        for (place, missing) in places.iter().zip(&mut missing) {
            *missing &= place.is_none();
        }
        places.iter().flatten().count()
    };
    let in_title = count(title);
    let mut best: Option<(usize, u64, &str)> = None;
    for (record, turn) in turns {
        let answer = if turn.is_closed { "" } else { turn.answer.as_str() };
        for text in [turn.question.as_str(), answer] {
            let number = count(text);
            // The last of equals.
            if number > 0 && best.is_none_or(|(most, ..)| number >= most) {
                best = Some((number, record.number, text));
            }
        }
    }
    if missing.contains(&true) {
        return None;
    }
    let best = best.filter(|_| in_title < wanted.len());
    Some(best.map(|(_, turn, text)| FoundIn { turn, text: excerpt(wanted, text) }))
}

/// The part of a text around the first of the words, in one line.
fn excerpt(wanted: &WantedWords, text: &str) -> String {
    let at = wanted.places(text).into_iter().flatten().min().unwrap_or_default();
    let before = text.get(..at).unwrap_or_default().chars().count();
    let skipped = before.saturating_sub(LEAD);
    let mut rest = text.chars().skip(skipped);
    let shown: String = rest.by_ref().take(EXCERPT).collect();
    let shown: Vec<&str> = shown.split_whitespace().collect();
    let (start, end) =
        (if skipped > 0 { "…" } else { "" }, if rest.next().is_some() { "…" } else { "" });
    format!("{start}{}{end}", shown.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(number: u64, question: &str, answer: &str) -> (TurnRecord, Turn) {
        let body = serde_json::Value::Null;
        let turn = Turn {
            question: question.to_owned(),
            rewritten: None,
            state: "supported".to_owned(),
            answer: answer.to_owned(),
            citations: Vec::new(),
            read: None,
            is_closed: false,
        };
        (TurnRecord { number, body, created_ms: 0 }, turn)
    }

    #[test]
    fn the_turn_with_most_of_the_words_is_shown() {
        let wanted = WantedWords::of("ferry gull");
        let turns = [
            turn(1, "When does the ferry leave?", "The ferry to Gull Island leaves at seven."),
            turn(2, "And the ferry back?", "At nine."),
        ];
        let found = look(&wanted, "Harbour", &turns).unwrap().unwrap();
        assert_eq!(
            (found.turn, found.text.as_str()),
            (1, "The ferry to Gull Island leaves at seven.")
        );
        assert_eq!(look(&wanted, "Ferry to Gull", &turns), Some(None), "the title says it all");
        assert_eq!(look(&WantedWords::of("ferry bees"), "Harbour", &turns), None);
    }

    #[test]
    fn what_is_closed_is_not_looked_into() {
        let wanted = WantedWords::of("gull");
        let mut closed = turn(1, "Where to?", "To Gull Island.");
        assert!(look(&wanted, "", std::slice::from_ref(&closed)).is_some());
        closed.1.is_closed = true;
        assert_eq!(look(&wanted, "", &[closed]), None);
    }

    #[test]
    fn an_excerpt_is_short_and_says_that_it_is_cut() {
        let text = format!("{} needle {}", "straw ".repeat(100), "hay ".repeat(100));
        let shown = excerpt(&WantedWords::of("needle"), &text);
        assert!(
            shown.starts_with('…') && shown.ends_with('…') && shown.contains(" needle "),
            "{shown}"
        );
        assert!(shown.chars().count() <= EXCERPT + 2, "{shown}");
    }
}
