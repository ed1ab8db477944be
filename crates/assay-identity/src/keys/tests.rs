//! What a key is good for, and when it stops.

use std::{path::Path, sync::Arc};

use assay_core::{Coded, ErrorCode, FakeClock, TenantId};

use super::*;
use crate::{AuthSettings, Permission, TenantState, contract};

const START_MS: i64 = 1_760_000_000_000;

struct Rig {
    identities: Identities,
    clock: Arc<FakeClock>,
    acme: TenantScope,
    ada: PrincipalId,
    _folder: tempfile::TempDir,
}

fn open(folder: &Path, clock: &Arc<FakeClock>) -> Identities {
    contract::open(folder, AuthSettings::default(), Arc::<FakeClock>::clone(clock))
}

/// A tenant `acme` whose owner is the user `ada`.
fn rig() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FakeClock::at_ms(START_MS));
    let identities = open(folder.path(), &clock);
    let acme = TenantScope::of_stored_tenant(TenantId::new());
    let actor = Actor::operator();
    identities.add_tenant(&actor, &acme, "acme", None).unwrap();
    let ada = identities.create_user(&actor, "ada@example.org").unwrap().id;
    identities.set_member(&actor, None, &acme, "ada@example.org", Role::Owner).unwrap();
    Rig { identities, clock, acme, ada, _folder: folder }
}

impl Rig {
    fn key(&self, scopes: Option<Permissions>) -> (KeyId, String) {
        let new = NewKey { name: "test".to_owned(), principal: self.ada, scopes, expires_ms: None };
        let minted = self.identities.create_key(&Actor::operator(), &self.acme, new).unwrap();
        (minted.record.id, minted.key.expose().to_owned())
    }

    fn refusal(&self, key: &str) -> String {
        let error = self.identities.authenticate(key, None).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unauthenticated, "{error}");
        error.to_string()
    }
}

#[test]
fn a_key_gives_its_tenant_role_and_rights() {
    let rig = rig();
    let (id, key) = rig.key(None);
    for _ in 0..2 {
        let caller = rig.identities.authenticate(&key, None).unwrap();
        assert_eq!(caller.scope(), &rig.acme);
        assert_eq!((caller.principal(), caller.role()), (rig.ada, Role::Owner));
        assert_eq!(caller.credential(), &Credential::Key(id.clone()));
        assert!(caller.has(Permission::ContentRead) && !caller.has(Permission::PlatformManage));
    }
}

#[test]
fn a_key_is_narrowed_to_its_scopes() {
    let rig = rig();
    let (_, key) = rig.key(Some(Permissions::of(&[Permission::ContentRead])));
    let caller = rig.identities.authenticate(&key, None).unwrap();
    assert!(caller.has(Permission::ContentRead));
    assert_eq!(caller.may(Permission::ContentWrite).unwrap_err().code(), ErrorCode::Forbidden);
}

#[test]
fn a_revoked_key_is_refused_at_once_though_it_was_warm() {
    let rig = rig();
    let (id, key) = rig.key(None);
    rig.identities.authenticate(&key, None).unwrap();
    rig.identities.revoke_key(&Actor::operator(), &rig.acme, None, id.as_str()).unwrap();
    assert_eq!(rig.refusal(&key), "this key was revoked");
}

#[test]
fn a_rotated_key_overlaps_and_then_ends() {
    let rig = rig();
    let (id, old) = rig.key(None);
    let actor = Actor::operator();
    let new = rig.identities.rotate_key(&actor, &rig.acme, None, id.as_str(), 60_000).unwrap();
    assert_eq!(new.record.replaces, Some(id));
    rig.identities.authenticate(&old, None).unwrap();
    rig.identities.authenticate(new.key.expose(), None).unwrap();
    rig.clock.advance_ms(60_000);
    assert_eq!(rig.refusal(&old), "this key has expired");
    rig.identities.authenticate(new.key.expose(), None).unwrap();
    let again = rig.identities.rotate_key(&actor, &rig.acme, None, "aaaaaaaaaaaaa", 0);
    assert_eq!(again.unwrap_err().code(), ErrorCode::NotFound);
}

#[test]
fn keys_end_after_the_default_time() {
    let rig = rig();
    let (_, key) = rig.key(None);
    rig.clock.advance_ms(365 * DAY_MS - 1);
    rig.identities.authenticate(&key, None).unwrap();
    rig.clock.advance_ms(1);
    assert_eq!(rig.refusal(&key), "this key has expired");
}

#[test]
fn an_invented_key_with_a_right_checksum_is_unknown() {
    let rig = rig();
    let (_, invented) = key::mint().unwrap();
    assert_eq!(rig.refusal(&invented), "this key is not known");
    // A known id with another secret says the same.
    let (id, _) = rig.key(None);
    let other = key::mint().unwrap().1;
    let body = format!("assay_{id}_{}", &other[20..72]);
    let forged = format!("{body}{}", key::encode(&crc32fast::hash(body.as_bytes()).to_be_bytes()));
    assert_eq!(rig.refusal(&forged), "this key is not known");
}

#[test]
fn changes_of_members_users_and_tenants_hold_for_the_next_request() {
    let rig = rig();
    let (identities, actor) = (&rig.identities, Actor::operator());
    let (_, key) = rig.key(None);
    identities.create_user(&actor, "bob").unwrap();
    identities.set_member(&actor, None, &rig.acme, "bob", Role::Owner).unwrap();
    identities.set_member(&actor, None, &rig.acme, "ada@example.org", Role::Guest).unwrap();
    assert_eq!(identities.authenticate(&key, None).unwrap().role(), Role::Guest);
    identities.set_user_disabled(&actor, "ada@example.org", true).unwrap();
    assert_eq!(rig.refusal(&key), "this key's owner is shut out");
    identities.set_user_disabled(&actor, "ada@example.org", false).unwrap();
    let suspended = TenantState::Suspended;
    identities.set_tenant_state(&actor, &rig.acme, suspended, None).unwrap();
    let caller = identities.authenticate(&key, None).unwrap();
    let refused = caller.may(Permission::ContentRead).unwrap_err();
    assert_eq!(
        (refused.code(), refused.to_string()),
        (ErrorCode::Forbidden, "the tenant is suspended".to_owned())
    );
    identities.remove_member(&actor, None, &rig.acme, rig.ada).unwrap();
    assert_eq!(rig.refusal(&key), "this key was revoked");
    identities.remove_tenant(&actor, &rig.acme).unwrap();
    assert_eq!(rig.refusal(&key), "this key is not known");
}

#[test]
fn a_request_that_names_another_tenant_is_refused_the_same_whether_there_is_one_or_not() {
    let rig = rig();
    let (_, key) = rig.key(None);
    let id = rig.acme.tenant().to_string();
    for right in ["acme", &id] {
        rig.identities.authenticate(&key, Some(right)).unwrap();
    }
    let message = |given: &str| {
        let error = rig.identities.authenticate(&key, Some(given)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Forbidden);
        error.to_string().replace(given, "…")
    };
    let absent = TenantId::new().to_string();
    let foreign = TenantScope::built_in().tenant().to_string();
    assert_eq!(message(&foreign), message(&absent));
    assert_eq!(message("default"), message("nobody"));
}

#[test]
fn the_last_owner_stays_and_admins_make_no_owners() {
    let rig = rig();
    let (identities, actor) = (&rig.identities, Actor::operator());
    let alone = identities.set_member(&actor, None, &rig.acme, "ada@example.org", Role::Member);
    assert!(matches!(alone, Err(IdentityError::LastOwner)));
    let alone = identities.remove_member(&actor, None, &rig.acme, rig.ada);
    assert!(matches!(alone, Err(IdentityError::LastOwner)));
    identities.create_user(&actor, "adm").unwrap();
    identities.set_member(&actor, None, &rig.acme, "adm", Role::Admin).unwrap();
    let mut admin = identities.authenticate(&rig.key(None).1, None).unwrap();
    admin.role = Role::Admin;
    let rises = identities.set_member(&actor, Some(&admin), &rig.acme, "adm", Role::Owner);
    assert_eq!(rises.unwrap_err().code(), ErrorCode::Forbidden);
    let deposes = identities.remove_member(&actor, Some(&admin), &rig.acme, rig.ada);
    assert_eq!(deposes.unwrap_err().code(), ErrorCode::Forbidden);
}

#[test]
fn keys_of_one_tenant_are_not_there_for_another() {
    let rig = rig();
    let (id, _) = rig.key(None);
    let platform = TenantScope::built_in();
    assert!(rig.identities.keys(&platform, None).unwrap().is_empty());
    let foreign = rig.identities.revoke_key(&Actor::operator(), &platform, None, id.as_str());
    let absent = rig.identities.revoke_key(&Actor::operator(), &platform, None, "aaaaaaaaaaaaa");
    let (foreign, absent) = (foreign.unwrap_err().to_string(), absent.unwrap_err().to_string());
    assert_eq!(foreign.replace(id.as_str(), "…"), absent.replace("aaaaaaaaaaaaa", "…"));
}

#[test]
fn keys_and_their_last_use_survive_a_start() {
    let Rig { identities, clock, acme, ada, _folder } = rig();
    let new = NewKey { name: "ci".to_owned(), principal: ada, scopes: None, expires_ms: None };
    let key = identities.create_key(&Actor::operator(), &acme, new).unwrap().key;
    clock.advance_ms(5_000);
    identities.authenticate(key.expose(), None).unwrap();
    assert_eq!(identities.keys(&acme, None).unwrap()[0].used_ms, Some(START_MS + 5_000));
    identities.tend().unwrap();
    drop(identities);
    let identities = open(_folder.path(), &clock);
    identities.authenticate(key.expose(), None).unwrap();
    assert_eq!(identities.keys(&acme, Some(ada)).unwrap()[0].used_ms, Some(START_MS + 5_000));
}

#[test]
fn a_trial_ends_by_the_clock() {
    let rig = rig();
    let (_, key) = rig.key(None);
    let ends = Some(START_MS + 1_000);
    let (identities, actor) = (&rig.identities, Actor::operator());
    identities.set_tenant_state(&actor, &rig.acme, TenantState::Trial, ends).unwrap();
    assert!(identities.authenticate(&key, None).unwrap().has(Permission::ContentRead));
    rig.clock.advance_ms(1_000);
    assert!(!identities.authenticate(&key, None).unwrap().has(Permission::ContentRead));
    assert_eq!(identities.tenant(rig.acme.tenant()).unwrap().state, TenantState::Suspended);
}
