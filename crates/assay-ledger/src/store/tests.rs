//! The ledger of the version before, forward and back.

use assay_sqlite::testing::leads_back;

use super::{BACK, MIGRATIONS};

/// An entry with its price, the sum of an hour, a budget that told of itself.
const ROWS: &str = "
INSERT INTO price VALUES (1, '{}');
INSERT INTO entry VALUES (zeroblob(16), 1, 2, 't', 'o', 'k', 'ann', 'p', 'm', 'chat', 'completed',
    zeroblob(16), NULL, NULL, 1, 1, '{}', 0, 10, 20, 40, 30, 0, '');
INSERT INTO hourly VALUES (0, 't', 'o', 'k', 'ann', '', 'p', 'm', 'chat', 'completed', 3, 10, 20, 30, 4);
INSERT INTO budget VALUES (zeroblob(16), zeroblob(16), 1, '{}', '[]');
INSERT INTO alert VALUES (zeroblob(16), 'c', 0, 80, 'n', 8, 10, 3)";

/// What the version before refuses.
const LATER: &str = "UPDATE entry SET end_user = ''";

#[test]
fn a_ledger_of_the_version_before_goes_forward_and_back_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    leads_back(folder.path(), &MIGRATIONS, &BACK, ROWS, LATER);
}
