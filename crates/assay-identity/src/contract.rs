//! The tests of this crate once more, with the identities on a Postgres.

#[test]
fn every_test_passes_on_postgres() {
    assay_sqlite::testing::all_pass_on_postgres(&["every_test_passes_on_postgres"]);
}

/// Opens the identities of a data folder, on the engine that the tests run on.
pub(crate) fn open(
    folder: &std::path::Path,
    settings: crate::AuthSettings,
    clock: std::sync::Arc<dyn assay_core::Clock>,
) -> crate::Identities {
    match assay_sqlite::testing::server_of(folder, &[crate::SCHEMA]) {
        Some(server) => crate::Identities::open_on(&server, folder, settings, clock),
        None => crate::Identities::open(folder, settings, clock),
    }
    .unwrap()
}
