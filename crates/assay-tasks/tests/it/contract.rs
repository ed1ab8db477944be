//! The tests of this binary once more, with the tasks on a Postgres.

#[test]
fn every_test_passes_on_postgres() {
    assay_sqlite::testing::all_pass_on_postgres(&["every_test_passes_on_postgres"]);
}
