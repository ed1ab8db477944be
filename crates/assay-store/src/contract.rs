//! The tests of this crate once more, with the records on a Postgres: both stores pass one contract.

use std::process::Command;

use assay_sqlite::testing::Postgres;

use crate::fixture::ON_POSTGRES;

#[test]
fn every_test_passes_on_postgres() {
    if std::env::var_os(ON_POSTGRES).is_some() || Postgres::shared().is_none() {
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--skip", "every_test_passes_on_postgres"])
        .env(ON_POSTGRES, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("test result: ok"), "{said}");
}
