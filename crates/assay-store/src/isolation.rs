//! On Postgres no row is seen or written without the setting that names its tenant, through any table
//! that the catalogue of the server lists.

use std::{path::Path, sync::Arc};

use assay_core::{FakeClock, Holder, PrincipalId, TenantScope};
use assay_sqlite::{Database, Server, ServerSettings, SqliteError, testing::Postgres};
use serde_json::json;

use crate::{
    Opinion, ParsedRecord, ProblemRecord, SCHEMAS, Store, StoreSettings, TenantStore, WebText,
    fixture::{parsed, receive},
};

const OURS: &str = "n.nspname LIKE 'assay%'";

/// Two tenants with a row in every table.
struct Two {
    postgres: &'static Postgres,
    /// As the program connects.
    url: String,
    /// As the superuser connects.
    owner: String,
    ids: [String; 2],
}

impl Two {
    fn new(data: &Path) -> Option<Self> {
        let postgres = Postgres::shared()?;
        let url = postgres.database(&SCHEMAS).unwrap();
        let server = Server::at(&url, &ServerSettings::default()).unwrap();
        let clock = Arc::new(FakeClock::at_ms(1_700_000_000_000));
        let store = Store::open_on(&server, data, clock, &StoreSettings::default()).unwrap();
        let ids = ["one", "two"].map(|name| {
            let tenant = store.create_tenant(name).unwrap();
            fill(&store.tenant(&TenantScope::of_stored_tenant(tenant.id)).unwrap());
            tenant.id.to_string()
        });
        let owner = url.replace("//assay@", "//owner@");
        Some(Self { postgres, url, owner, ids })
    }

    fn tables(&self) -> Vec<String> {
        let sql = format!(
            "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n \
             ON n.oid = c.relnamespace WHERE {OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        );
        let tables = self.postgres.sql_at(&self.owner, &sql).unwrap();
        tables.lines().map(str::to_owned).collect()
    }

    fn count(&self, url: &str, sql: &str) -> u64 {
        self.postgres.sql_at(url, sql).unwrap().parse().unwrap()
    }

    fn is_refused(&self, what: &str, sql: &str) {
        let error = self.postgres.sql_at(&self.url, sql).expect_err(what).to_string();
        let by_policy = error.contains("row-level security") || error.contains("permission denied");
        assert!(by_policy, "{what}: {error}");
    }
}

/// A row in every table of a tenant.
pub(crate) fn fill(tenant: &TenantStore) {
    let received = receive(tenant, "a.txt", "One line.\nAnother line.");
    let problems = vec![ProblemRecord { code: "x".into(), message: "y".into(), page: None }];
    let sketch = (0..128).collect();
    let record = ParsedRecord { problems, sketch, ..parsed("One line.\nAnother line.") };
    let vectors: Vec<_> = record.passages.iter().map(|it| (it.id, vec![0.5; 4])).collect();
    let packed = record.passages.iter().map(|it| (it.id, vec![1])).collect();
    tenant.save_parsed(received.version, record).unwrap();
    tenant.save_vectors(received.version, "model", vectors).unwrap();
    tenant.save_sentence_vectors("model", packed).unwrap();
    tenant.publish(received.version).unwrap();
    tenant.add_feedback("query", received.document, true).unwrap();
    let list = Some(vec![Holder::Principal(PrincipalId::from_u128(1))]);
    tenant.set_document_access(received.document, list).unwrap();
    let collection = tenant.ensure_default().unwrap().id;
    tenant.create_source("source", collection, json!({}), None).unwrap();
    let owner = PrincipalId::from_u128(1);
    let session = tenant.create_session(owner, None, 60).unwrap().id;
    tenant.append_turn(session, json!({}), "word", 5).unwrap();
    let (question, state) = ("q".to_owned(), "supported".to_owned());
    let (useful, comment, created_ms) = (true, None, 0);
    let said = Opinion { session, turn: 1, owner, question, state, useful, comment, created_ms };
    tenant.set_opinion(said).unwrap();
    let text = WebText {
        version: received.version,
        document: received.document,
        provider: "p".into(),
        url: "u".into(),
        title: "t".into(),
        author: None,
        licence: None,
        changed_ms: None,
        fetched_ms: 1,
        text: "text".into(),
    };
    tenant.keep_web_texts(vec![text]).unwrap();
}

#[test]
fn no_table_shows_or_takes_a_row_without_its_tenant() {
    let data = tempfile::tempdir().unwrap();
    let Some(two) = Two::new(data.path()) else { return };
    let tables = two.tables();
    assert!(tables.len() >= 27, "{tables:?}");
    for table in &tables {
        let count = format!("SELECT count(*) FROM {table}");
        assert!(two.count(&two.owner, &count) > 0, "the test puts nothing into {table}");
        assert_eq!(two.count(&two.url, &count), 0, "{table} shows rows to nobody");
        if table.starts_with("assay_records.") {
            of_another_tenant(&two, table);
        }
    }
    let nobody = "INSERT INTO assay_control.tenant (id, name, created_ms) \
        VALUES (decode(repeat('00', 16), 'hex'), 'x', 1)";
    two.is_refused("a tenant is made by nobody", nobody);
    for (schema, table) in [("assay", "migration"), ("assay_control", "tenant")] {
        let as_one = format!("BEGIN; SET LOCAL assay.tenant = '{}';", two.ids[0]);
        let seen = format!("{as_one} SELECT count(*) FROM {schema}.{table}");
        assert_eq!(two.count(&two.url, &seen), 0, "{table} is not a tenant's");
    }
}

/// A transaction for one tenant sees nothing of the other in `table` and can give it nothing.
fn of_another_tenant(two: &Two, table: &str) {
    let [one, other] = &two.ids;
    let as_one = format!("BEGIN; SET LOCAL assay.tenant = '{one}';");
    let foreign = format!("SELECT count(*) FROM {table} WHERE tenant <> '{one}'");
    assert!(two.count(&two.owner, &foreign) > 0, "{table} has no row of the other");
    assert_eq!(two.count(&two.url, &format!("{as_one} {foreign}")), 0, "{table}");
    let own = format!("{as_one} SELECT count(*) FROM {table}");
    assert!(two.count(&two.url, &own) > 0, "{table} shows nothing to its tenant");
    let row = format!("jsonb_populate_record(r, jsonb_build_object('tenant', '{other}'))");
    let insert = format!("INSERT INTO {table} SELECT ({row}).* FROM {table} r LIMIT 1");
    two.is_refused(&format!("{table} takes a foreign row"), &format!("{as_one} {insert}"));
    let update = format!("{as_one} UPDATE {table} SET tenant = '{other}'");
    two.is_refused(&format!("{table} gives a row away"), &update);
    let delete = format!(
        "{as_one} WITH gone AS (DELETE FROM {table} WHERE tenant = '{other}' \
        RETURNING 1) SELECT count(*) FROM gone"
    );
    assert_eq!(two.count(&two.url, &delete), 0, "{table} loses a foreign row");
}

#[test]
fn every_table_has_a_forced_policy_and_nothing_goes_around_it() {
    let data = tempfile::tempdir().unwrap();
    let Some(two) = Two::new(data.path()) else { return };
    let holes = format!(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE {OURS} AND (c.relkind IN ('m', 'f') \
         OR (c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)) \
         OR (c.relkind IN ('r', 'p') AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity \
             OR NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid \
                 AND p.polqual IS NOT NULL AND p.polwithcheck IS NOT NULL AND p.polcmd = '*'))))"
    );
    assert_eq!(two.postgres.sql_at(&two.owner, &holes).unwrap(), "", "tables without a policy");
    // A second policy would open what the first one closes.
    let more = "SELECT polrelid::regclass FROM pg_policy GROUP BY 1 HAVING count(*) > 1";
    assert_eq!(two.postgres.sql_at(&two.owner, more).unwrap(), "");
    let owned = format!(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE {OURS} AND pg_get_userbyid(c.relowner) = 'assay'"
    );
    assert_eq!(two.postgres.sql_at(&two.owner, &owned).unwrap(), "", "owned by the program");
    let definers = format!(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
         WHERE {OURS} AND p.prosecdef"
    );
    assert_eq!(two.postgres.sql_at(&two.owner, &definers).unwrap(), "", "functions of the owner");
    // Keys begin with the tenant, so that no key tells of a row of another.
    let keys = "SELECT c.conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace \
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
        WHERE n.nspname = 'assay_records' AND c.contype IN ('p', 'u', 'f') AND a.attname <> 'tenant'";
    assert_eq!(two.postgres.sql_at(&two.owner, keys).unwrap(), "");
}

#[test]
fn a_role_that_policies_do_not_bind_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let Some(two) = Two::new(data.path()) else { return };
    for role in ["owner", "migrator"] {
        let url = two.url.replace("//assay@", &format!("//{role}@"));
        let server = Server::at(&url, &ServerSettings::default()).unwrap();
        for schema in &SCHEMAS {
            let opened = Database::on(&server, schema, None, &Default::default());
            assert!(matches!(opened, Err(SqliteError::Role { .. })), "{role}: {opened:?}");
        }
        let migrated = server.migrate(&SCHEMAS, role);
        assert!(matches!(migrated, Err(SqliteError::Role { .. })), "{role}: {migrated:?}");
    }
}
