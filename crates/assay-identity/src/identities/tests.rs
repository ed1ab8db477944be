//! The identities of the version before, forward and back.

use assay_sqlite::testing::leads_back;

use super::{BACK, MIGRATIONS};

/// A tenant with a user who logged in, a key, a group, an invitation, and its audit log.
const ROWS: &str = "
INSERT INTO tenant (id, name, state, created_ms, limits)
    VALUES (zeroblob(16), 'acme', 'active', 1, '{\"documents\":5}');
INSERT INTO principal (id, kind, home, name, created_ms, password)
    VALUES (x'01010101010101010101010101010101', 'user', x'', 'ann', 2, 'argon');
INSERT INTO membership VALUES (zeroblob(16), x'01010101010101010101010101010101', 'owner', 3);
INSERT INTO api_key (id, principal, tenant, name, hash, created_ms)
    VALUES ('k', x'01010101010101010101010101010101', zeroblob(16), 'n', zeroblob(32), 4);
INSERT INTO login VALUES ('l', x'01010101010101010101010101010101', x'01', 5, x'02', 6, 7);
INSERT INTO access_group VALUES (x'02020202020202020202020202020202', zeroblob(16), 'g', 8);
INSERT INTO group_member
    VALUES (x'02020202020202020202020202020202', zeroblob(16), x'01010101010101010101010101010101');
INSERT INTO invitation (id, tenant, name, role, hash, invited_by, created_ms, expires_ms)
    VALUES (zeroblob(16), zeroblob(16), 'bob', 'member', zeroblob(32), zeroblob(16), 9, 10);
INSERT INTO audit VALUES (zeroblob(16), 1, '{}');
INSERT INTO checkpoint VALUES (zeroblob(16), 1, '{}')";

/// What only the newest version holds.
const LATER: &str = "
INSERT INTO account VALUES ('https://login', 's', x'01010101010101010101010101010101', 11)";

#[test]
fn identities_of_the_version_before_go_forward_and_back_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    leads_back(folder.path(), &MIGRATIONS, &BACK, ROWS, LATER);
}
