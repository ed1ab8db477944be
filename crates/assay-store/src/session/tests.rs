//! Sessions outlive the process, keep so many turns, and go when they are old.

use assay_core::{PrincipalId, SessionId};
use serde_json::json;

use crate::{StoreError, WantedWords, fixture::Fixture};

const ADA: PrincipalId = PrincipalId::from_u128(7);

#[test]
fn turns_are_kept_in_order_and_the_oldest_go() {
    let fixture = Fixture::new();
    let session = fixture.tenant.create_session(ADA, Some("Trials".to_owned()), 60).unwrap();
    for number in 1..=5 {
        fixture.tenant.append_turn(session.id, json!({ "question": number }), "", 3).unwrap();
    }
    let fixture = fixture.reopen();
    let turns = fixture.tenant.turns(session.id, 2).unwrap();
    let kept: Vec<_> = turns.iter().map(|turn| (turn.number, turn.body.clone())).collect();
    assert_eq!(kept, [(4, json!({ "question": 4 })), (5, json!({ "question": 5 }))]);
    assert_eq!(fixture.tenant.session(session.id).unwrap().turns, 3);
}

#[test]
fn sessions_are_listed_newest_first_page_by_page() {
    let fixture = Fixture::new();
    let made: Vec<_> =
        (0..3).map(|_| fixture.tenant.create_session(ADA, None, 60).unwrap().id).collect();
    let page = |after| {
        let page = fixture.tenant.sessions(ADA, after, 2).unwrap();
        page.into_iter().map(|session| session.id).collect::<Vec<_>>()
    };
    assert_eq!(page(None), [made[2], made[1]]);
    assert_eq!(page(Some(made[1])), [made[0]]);
}

#[test]
fn a_session_goes_with_its_turns() {
    let fixture = Fixture::new();
    let (old, fresh) = (
        fixture.tenant.create_session(ADA, None, 1).unwrap().id,
        fixture.tenant.create_session(ADA, None, 10).unwrap().id,
    );
    fixture.tenant.append_turn(old, json!({}), "", 3).unwrap();
    fixture.clock.advance_ms(5 * 60_000);
    assert_eq!(fixture.tenant.sweep_sessions(60_000).unwrap(), 1);
    for gone in [fixture.tenant.turns(old, 1).err(), fixture.tenant.delete_session(old).err()] {
        assert!(matches!(gone, Some(StoreError::NotFound { .. })), "{gone:?}");
    }
    fixture.tenant.delete_session(fresh).unwrap();
    assert!(fixture.tenant.sessions(ADA, None, 10).unwrap().is_empty());
}

#[test]
fn a_session_is_its_owners_alone() {
    let fixture = Fixture::new();
    let session = fixture.tenant.create_session(ADA, None, 60).unwrap();
    fixture.tenant.check_session_owner(ADA, session.id).unwrap();
    let bob = PrincipalId::from_u128(8);
    let refused = fixture.tenant.check_session_owner(bob, session.id).unwrap_err();
    let absent = fixture.tenant.check_session_owner(ADA, SessionId::new()).unwrap_err();
    assert_eq!(std::mem::discriminant(&refused), std::mem::discriminant(&absent));
    assert!(fixture.tenant.sessions(bob, None, 10).unwrap().is_empty());
}

#[test]
fn a_session_is_open_to_others_only_while_it_is_shared() {
    let fixture = Fixture::new();
    let session = fixture.tenant.create_session(ADA, None, 60).unwrap().id;
    let refused = fixture.tenant.shared_session(session).unwrap_err();
    assert!(matches!(refused, StoreError::NotFound { .. }), "{refused:?}");
    let since = fixture.tenant.share_session(session, true).unwrap().shared_ms;
    fixture.clock.advance_ms(1_000);
    assert_eq!(fixture.tenant.share_session(session, true).unwrap().shared_ms, since);
    let (owner, shown) = fixture.reopen().tenant.shared_session(session).unwrap();
    assert_eq!((owner, shown.shared_ms), (ADA, since));
    assert!(since.is_some());
}

#[test]
fn sharing_ends_when_it_is_taken_back() {
    let fixture = Fixture::new();
    let session = fixture.tenant.create_session(ADA, None, 60).unwrap().id;
    fixture.tenant.share_session(session, true).unwrap();
    assert_eq!(fixture.tenant.share_session(session, false).unwrap().shared_ms, None);
    assert!(fixture.tenant.shared_session(session).is_err());
    assert!(fixture.tenant.share_session(SessionId::new(), true).is_err());
}

fn found(fixture: &Fixture, typed: &str) -> Vec<SessionId> {
    let wanted = WantedWords::of(typed);
    let found = fixture.tenant.find_sessions(ADA, &wanted, None, 10).unwrap();
    found.into_iter().map(|session| session.id).collect()
}

#[test]
fn sessions_are_found_by_every_word_of_title_and_turns() {
    let fixture = Fixture::new();
    let make = |title: &str, text: &str| {
        let id = fixture.tenant.create_session(ADA, Some(title.to_owned()), 60).unwrap().id;
        fixture.tenant.append_turn(id, json!({}), text, 3).unwrap();
        id
    };
    let ferry = make("Harbour", "When does the Fähre to Gull Island leave?");
    let bees = make("Bees of the harbour", "A queen lives five years. 供应合同");
    assert_eq!(found(&fixture, "harbour"), [bees, ferry], "those made last first");
    assert_eq!(found(&fixture, "harb fahre"), [ferry], "beginnings, without accents");
    assert_eq!(found(&fixture, "queen gull"), [], "every word, in one session");
    assert_eq!(found(&fixture, "合同"), [bees]);
    let page = |after| fixture.tenant.find_sessions(ADA, &WantedWords::of("harbour"), after, 1);
    assert_eq!(page(None).unwrap()[0].id, bees);
    assert_eq!(page(Some(bees)).unwrap()[0].id, ferry);
    assert!(page(Some(ferry)).unwrap().is_empty());
    let bob = PrincipalId::from_u128(8);
    let others = fixture.tenant.find_sessions(bob, &WantedWords::of("harbour"), None, 10).unwrap();
    assert_eq!(others, [], "of nobody else");
    fixture.tenant.delete_session(bees).unwrap();
    assert_eq!(found(&fixture, "harbour"), [ferry]);
}

#[test]
fn words_go_with_the_last_turn_that_has_them() {
    let fixture = Fixture::new();
    let id = fixture.tenant.create_session(ADA, Some("Trial".to_owned()), 60).unwrap().id;
    for text in ["oslo trial", "oslo", "bergen", "tromso"] {
        fixture.tenant.append_turn(id, json!({}), text, 2).unwrap();
    }
    assert_eq!(found(&fixture, "oslo"), [], "both turns are gone");
    assert_eq!(found(&fixture, "bergen tromso"), [id]);
    assert_eq!(found(&fixture, "trial"), [id], "the title stays");
}

#[test]
fn sessions_from_before_words_were_kept_get_theirs() {
    let fixture = Fixture::new();
    let id = fixture.tenant.create_session(ADA, Some("Trial".to_owned()), 60).unwrap().id;
    fixture.tenant.append_turn(id, json!({ "q": "Oslo" }), "", 3).unwrap();
    let forget = |tx: &assay_sqlite::sql::Transaction<'_>| -> Result<(), StoreError> {
        tx.prepare_cached("DELETE FROM session_word")?.execute([])?;
        tx.prepare_cached("UPDATE session SET has_words = 0")?.execute([])?;
        Ok(())
    };
    fixture.tenant.write(forget).unwrap();
    assert_eq!(found(&fixture, "oslo"), []);
    let text = |body: &serde_json::Value| body["q"].as_str().unwrap_or_default().to_owned();
    assert_eq!(fixture.tenant.add_session_words(ADA, 10, text).unwrap(), 1);
    assert_eq!(found(&fixture, "oslo trial"), [id]);
    assert_eq!(fixture.tenant.add_session_words(ADA, 10, text).unwrap(), 0);
}
