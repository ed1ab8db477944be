//! The tests of this crate once more, with the records on a Postgres: both stores pass one contract.

#[test]
fn every_test_passes_on_postgres() {
    // Rows on a server are not encrypted by Assay.
    assay_sqlite::testing::all_pass_on_postgres(&["every_test_passes_on_postgres", "sealed"]);
}
