//! Opinions are kept, replaced, and go when their owner deletes the conversation.

use assay_core::{PrincipalId, SessionId};

use super::*;
use crate::fixture::Fixture;

const ADA: PrincipalId = PrincipalId::from_u128(7);

fn of(session: SessionId, turn: u64, useful: bool, comment: Option<&str>) -> Opinion {
    let (question, state) = ("When?".to_owned(), "supported".to_owned());
    let comment = comment.map(str::to_owned);
    Opinion { session, turn, owner: ADA, question, state, useful, comment, created_ms: 0 }
}

fn kept(fixture: &Fixture) -> Vec<(u64, bool, Option<String>)> {
    let found = fixture.tenant.opinions(None, 10).unwrap();
    found.into_iter().map(|(_, it)| (it.turn, it.useful, it.comment)).collect()
}

#[test]
fn the_last_word_on_an_answer_counts() {
    let fixture = Fixture::new();
    let session = fixture.tenant.create_session(ADA, None, 60).unwrap().id;
    fixture.tenant.set_opinion(of(session, 1, true, None)).unwrap();
    fixture.tenant.set_opinion(of(session, 2, true, None)).unwrap();
    fixture.tenant.set_opinion(of(session, 1, false, Some("too short"))).unwrap();
    let fixture = fixture.reopen();
    assert_eq!(kept(&fixture), [(1, false, Some("too short".to_owned())), (2, true, None)]);
    let (number, _) = fixture.tenant.opinions(None, 1).unwrap().remove(0);
    assert_eq!(fixture.tenant.opinions(Some(number), 10).unwrap().len(), 1);
}

#[test]
fn comments_have_bounds() {
    let fixture = Fixture::new();
    let session = fixture.tenant.create_session(ADA, None, 60).unwrap().id;
    for comment in ["", &"x".repeat(4_001)] {
        let refused = fixture.tenant.set_opinion(of(session, 1, true, Some(comment)));
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    }
    assert!(kept(&fixture).is_empty());
}

#[test]
fn an_opinion_outlives_a_conversation_that_expires_and_goes_with_one_that_is_deleted() {
    let fixture = Fixture::new();
    let [expires, deleted] =
        [1, 1_000].map(|minutes| fixture.tenant.create_session(ADA, None, minutes).unwrap().id);
    fixture.tenant.set_opinion(of(expires, 1, true, None)).unwrap();
    fixture.tenant.set_opinion(of(deleted, 2, true, None)).unwrap();
    fixture.clock.advance_ms(5 * 60_000);
    assert_eq!(fixture.tenant.sweep_sessions(60_000).unwrap(), 1);
    assert_eq!(kept(&fixture).len(), 2);
    fixture.tenant.delete_session(deleted).unwrap();
    assert_eq!(kept(&fixture), [(1, true, None)]);
}
