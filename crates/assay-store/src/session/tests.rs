//! Sessions outlive the process, keep so many turns, and go when they are old.

use assay_core::{PrincipalId, SessionId};
use serde_json::json;

use crate::{StoreError, fixture::Fixture};

const ADA: PrincipalId = PrincipalId::from_u128(7);

#[test]
fn turns_are_kept_in_order_and_the_oldest_go() {
    let fixture = Fixture::new();
    let session = fixture.tenant.create_session(ADA, Some("Trials".to_owned()), 60).unwrap();
    for number in 1..=5 {
        fixture.tenant.append_turn(session.id, json!({ "question": number }), 3).unwrap();
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
    fixture.tenant.append_turn(old, json!({}), 3).unwrap();
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
