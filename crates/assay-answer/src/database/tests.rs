//! On a server no table of any part shows a row to a connection that does not say for whom it asks:
//! by the catalogue of the server, so that a table of tomorrow is meant too.

use std::sync::Arc;

use assay_core::{Secret, SystemClock, TenantScope};
use assay_sqlite::testing::Postgres;
use assay_tasks::NewTask;
use assay_vault::Vault;

use super::*;

const TABLES: &str = "SELECT n.nspname || '.' || c.relname FROM pg_class c \
    JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname LIKE 'assay%' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";

const WITHOUT_POLICY: &str = "SELECT n.nspname || '.' || c.relname FROM pg_class c \
    JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname LIKE 'assay%' AND c.relkind IN ('r', 'p') \
    AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR 1 <> (SELECT count(*) \
        FROM pg_policy p WHERE p.polrelid = c.oid AND p.polqual IS NOT NULL \
        AND p.polwithcheck IS NOT NULL AND p.polcmd = '*'))";

#[test]
fn no_table_of_any_part_shows_a_row_to_nobody() {
    let Some(postgres) = Postgres::shared() else { return };
    let url = postgres.database(&schemas()).unwrap();
    let settings =
        ServerSettings { url: Some(Secret::new(url.clone())), ..ServerSettings::default() };
    let (folder, vault) = (tempfile::tempdir().unwrap(), Arc::new(Vault::default()));
    let server = server(&settings, &vault).unwrap().unwrap();
    let places = Places { server: Some(&server), data: folder.path(), vault: &vault };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let _store = places.open_store(&clock).unwrap();
    let identities = places.open_identities(AuthSettings::default(), &clock).unwrap();
    identities.bootstrap("root@example.org", "first").unwrap();
    let tasks = places.open_tasks(&clock).unwrap();
    tasks.enqueue(&TenantScope::built_in(), NewTask::new("kind", serde_json::Value::Null)).unwrap();

    let owner = url.replace("//assay@", "//owner@");
    assert_eq!(postgres.sql_at(&owner, WITHOUT_POLICY).unwrap(), "");
    let tables = postgres.sql_at(&owner, TABLES).unwrap();
    let mut filled = Vec::new();
    for table in tables.lines() {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(postgres.sql_at(&url, &count).unwrap(), "0", "{table} shows rows to nobody");
        if postgres.sql_at(&owner, &count).unwrap() != "0" {
            filled.push(table);
        }
    }
    for table in ["assay_identity.api_key", "assay_identity.audit", "assay_tasks.task"] {
        assert!(filled.contains(&table), "{table} holds nothing: {filled:?}");
    }
}
