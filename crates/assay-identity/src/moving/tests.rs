//! Members, keys and the log of a tenant hold where it was moved to, and nowhere else.

use std::sync::Arc;

use assay_core::{Coded, ErrorCode, FakeClock, TenantId};
use assay_sqlite::{Server, ServerSettings, testing::Postgres};

use super::*;
use crate::{Actor, AuthSettings, NewKey, Role, SCHEMA};

#[test]
fn a_tenant_goes_to_a_server_with_its_people_and_comes_back() {
    let Some(postgres) = Postgres::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let clock = || Arc::new(FakeClock::at_ms(1_760_000_000_000));
    let url = postgres.database(&[SCHEMA]).unwrap();
    let server = Server::at(&url, &ServerSettings::default()).unwrap();
    let auth = AuthSettings::default;
    let files = Identities::open(folder.path(), auth(), clock()).unwrap();
    let served = Identities::open_on(&server, folder.path(), auth(), clock()).unwrap();
    let acme = TenantScope::of_stored_tenant(TenantId::new());
    let actor = Actor::operator();
    files.add_tenant(&actor, &acme, "acme", None).unwrap();
    let ada = files.create_user(&actor, "ada@example.org").unwrap().id;
    files.set_member(&actor, None, &acme, "ada@example.org", Role::Owner).unwrap();
    let new = NewKey { name: "k".to_owned(), principal: ada, scopes: None, expires_ms: None };
    let key = files.create_key(&actor, &acme, new).unwrap().key.expose().to_owned();

    for _ in 0..2 {
        files.copy_tenant(&acme, &served).unwrap();
        files.release(&acme).unwrap();
        let caller = served.authenticate(&key, None).unwrap();
        assert_eq!((caller.scope(), caller.role()), (&acme, Role::Owner));
        assert_eq!(served.members(&acme).unwrap().len(), 1);
        // What changed there comes back, also of a person whom the source still knows.
        served.set_user_disabled(&actor, "ada@example.org", true).unwrap();
        served.set_user_disabled(&actor, "ada@example.org", false).unwrap();
        served.copy_tenant(&acme, &files).unwrap();
        served.release(&acme).unwrap();
        assert!(files.authenticate(&key, None).is_ok());
    }
    // Somebody else of the same name: refused, and the source stays.
    let error = {
        files.copy_tenant(&acme, &served).unwrap();
        served.release(&acme).unwrap();
        served.create_user(&actor, "bob@example.org").unwrap();
        files.create_user(&actor, "bob@example.org").unwrap();
        files.set_member(&actor, None, &acme, "bob@example.org", Role::Member).unwrap();
        files.copy_tenant(&acme, &served).unwrap_err()
    };
    assert_ne!(error.code(), ErrorCode::NotFound, "{error}");
    assert_eq!(files.members(&acme).unwrap().len(), 2);
}
