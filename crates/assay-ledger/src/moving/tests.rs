//! What a tenant used counts where it was moved to, and comes back with what was added there.

use std::{path::Path, sync::Arc};

use assay_core::{CallId, FakeClock, TenantId};
use assay_sqlite::{Server, ServerSettings, testing::Postgres};

use super::*;
use crate::{
    BudgetSpec, Caller, Ending, SCHEMA, Usage, UsageQuery,
    ledger::tests::{call, settings},
    prices::{Amount, PriceFile},
};

/// Both ledgers of an installation, as a move opens them.
fn both(folder: &Path, server: &Server) -> (Ledger, Ledger) {
    let clock = || Arc::new(FakeClock::at_ms(1_795_276_800_000));
    let prices = PriceFile::default();
    let files = Ledger::open(folder, &prices, settings(), clock()).unwrap();
    let served = Ledger::open_on(server, folder, &prices, settings(), clock()).unwrap();
    (files, served)
}

fn use_up(ledger: &Ledger, scope: &TenantScope, output: u64) -> CallId {
    let caller = Caller::new(scope).user("ann").unwrap();
    let held = ledger.reserve(&caller, &call(0, 500)).unwrap();
    held.settle(Usage::tokens(0, output), Ending::Completed, false);
    ledger.entries(scope, None, 1_000).unwrap().last().unwrap().id
}

fn spent(ledger: &Ledger, scope: &TenantScope) -> u64 {
    let query = UsageQuery { to_ms: i64::MAX / 4, ..UsageQuery::default() };
    ledger.usage(scope, &query).unwrap().total.cost.nanos()
}

#[test]
fn what_was_used_goes_to_a_server_and_comes_back() {
    let Some(postgres) = Postgres::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server =
        Server::at(&postgres.database(&[SCHEMA]).unwrap(), &ServerSettings::default()).unwrap();
    let [scope, other] = [(); 2].map(|()| TenantScope::of_recorded_task(TenantId::new()));
    let (files, served) = both(folder.path(), &server);
    let first = use_up(&files, &scope, 7);
    use_up(&files, &other, 3);
    let spec = BudgetSpec {
        name: "own".to_owned(),
        limit_usd: Some(Amount(assay_core::NanoUsd::from_nanos(1_000_000))),
        ..BudgetSpec::default()
    };
    files.create_budget(&scope, spec).unwrap();
    drop((files, served));

    for turn in 1..=2_u64 {
        let (files, served) = both(folder.path(), &server);
        let sums = files.copy_tenant(&scope, &served).unwrap();
        let rows: Vec<_> = sums.iter().map(|sum| (sum.table, sum.rows)).collect();
        let entries = 2 * turn - 1;
        let tables = [("price", 1), ("entry", entries), ("hourly", 1), ("budget", 1), ("alert", 0)];
        assert_eq!(rows, tables);
        // A move that was cut off is begun again.
        assert_eq!(files.copy_tenant(&scope, &served).unwrap(), sums);
        assert_eq!(spent(&served, &other), 0);
        drop((files, served));

        // Used there: its budget goes on from what was spent.
        let (files, served) = both(folder.path(), &server);
        assert_eq!(served.entries(&scope, None, 10).unwrap()[0].id, first);
        let counted = served.budgets(&scope)[0].counters[0].spent;
        assert_eq!(counted, 70 * entries);
        use_up(&served, &scope, 7);
        assert!(served.recount().unwrap().faults.is_empty());
        served.copy_tenant(&scope, &files).unwrap();
        drop((files, served));

        let (files, _served) = both(folder.path(), &server);
        assert_eq!(files.budgets(&scope)[0].counters[0].spent, 140 * turn);
        assert_eq!((spent(&files, &scope), spent(&files, &other)), (140 * turn, 30));
        assert!(files.recount().unwrap().faults.is_empty());
        use_up(&files, &scope, 7);
    }
}
