//! The tests of this crate once more, with the rows on a Postgres.

use std::{path::Path, sync::Arc};

use assay_core::{Clock, Coded, ErrorCode, FakeClock, TenantScope};
use assay_sqlite::{
    Server, ServerSettings,
    testing::{Postgres, all_pass_on_postgres, binaries, server_of},
};

use crate::{
    Caller, Ending, Ledger, LedgerSettings, SCHEMA, Usage,
    ledger::tests::{call, settings},
    prices::PriceFile,
};

#[test]
fn every_test_passes_on_postgres() {
    all_pass_on_postgres(&["contract::", "journal::", "prices::"]);
}

#[test]
fn calls_go_on_while_the_server_is_away_and_none_is_lost() {
    let Some(bin) = binaries() else { return };
    let postgres = Postgres::start(bin).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = postgres.database(&[SCHEMA]).unwrap();
    let server = Server::at(&url, &ServerSettings::default()).unwrap();
    let clock = Arc::new(FakeClock::at_ms(1_795_276_800_000));
    let (prices, settings) = (PriceFile::default(), settings());
    let ledger = Ledger::open_on(&server, folder.path(), &prices, settings, clock).unwrap();
    let scope = TenantScope::built_in();
    let caller = Caller::new(&scope);
    let use_up = || {
        let held = ledger.reserve(&caller, &call(0, 500)).unwrap();
        held.settle(Usage::tokens(0, 7), Ending::Completed, false);
    };
    use_up();
    postgres.stop().unwrap();
    use_up();
    let error = ledger.flush().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unavailable, "{error:?}");
    use_up();
    postgres.start_again().unwrap();
    let recount = ledger.recount().unwrap();
    assert_eq!((recount.entries, recount.cost.nanos(), recount.faults.len()), (3, 210, 0));
}

#[test]
fn whom_requests_name_is_kept_on_the_way_back_and_goes_with_the_tenant() {
    let Some(postgres) = Postgres::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = postgres.database(&[SCHEMA]).unwrap();
    let server = Server::at(&url, &ServerSettings::default()).unwrap();
    let clock = Arc::new(FakeClock::at_ms(1_795_276_800_000));
    let (prices, scope) = (PriceFile::default(), TenantScope::built_in());
    let open = || Ledger::open_on(&server, folder.path(), &prices, settings(), clock.clone());
    let groups = |ledger: &Ledger| {
        let query = crate::UsageQuery {
            to_ms: clock.now_ms() + 3_600_000,
            group_by: vec![crate::GroupBy::User, crate::GroupBy::EndUser],
            ..crate::UsageQuery::default()
        };
        let groups = ledger.usage(&scope, &query).unwrap().groups.into_iter();
        groups.map(|it| (it.values.join("/"), it.sum.cost.nanos())).collect::<Vec<_>>()
    };
    let ledger = open().unwrap();
    for end_user in ["bob", "eve"] {
        let caller = Caller::new(&scope).user("ann").unwrap().end_user(end_user).unwrap();
        let held = ledger.reserve(&caller, &call(0, 500)).unwrap();
        held.settle(Usage::tokens(0, 7), Ending::Completed, false);
    }
    ledger.flush().unwrap();
    assert_eq!(groups(&ledger), [("ann/bob".to_owned(), 70), ("ann/eve".to_owned(), 70)]);
    drop(ledger);
    let owner = url.replace("//assay@", "//migrator@");
    let owner = Server::at(&owner, &ServerSettings::default()).unwrap();
    assert!(owner.step_back(&SCHEMA, &crate::BACK).unwrap());
    assert!(open().is_err(), "older than the program");
    assert_eq!(
        owner.migrate(&[SCHEMA], "assay").unwrap(),
        ["assay_ledger 3 (forgotten end users)"]
    );
    let ledger = open().unwrap();
    assert_eq!(groups(&ledger), [("ann/bob".to_owned(), 70), ("ann/eve".to_owned(), 70)]);
    ledger.forget_tenant(&scope).unwrap();
    assert_eq!(groups(&ledger), [("ann/".to_owned(), 140)]);
    assert_eq!(ledger.recount().unwrap().faults, Vec::<String>::new());
}

#[test]
fn nobody_sees_a_row_and_no_entry_is_changed() {
    let Some(postgres) = Postgres::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = postgres.database(&[SCHEMA]).unwrap();
    let server = Server::at(&url, &ServerSettings::default()).unwrap();
    let clock = Arc::new(FakeClock::at_ms(1_795_276_800_000));
    let (prices, settings) = (PriceFile::default(), settings());
    let ledger = Ledger::open_on(&server, folder.path(), &prices, settings, clock).unwrap();
    let scope = TenantScope::built_in();
    let held = ledger.reserve(&Caller::new(&scope), &call(0, 500)).unwrap();
    held.settle(Usage::tokens(0, 7), Ending::Completed, false);
    ledger.flush().unwrap();
    let as_ledger = |sql: &str| {
        postgres.sql_at(&url, &format!("BEGIN; SET LOCAL assay.role = 'ledger'; {sql}; COMMIT"))
    };
    for table in ["price", "entry", "hourly"] {
        let count = format!("SELECT count(*) FROM assay_ledger.{table}");
        assert_eq!(postgres.sql_at(&url, &count).unwrap(), "0", "{table}");
        assert_eq!(as_ledger(&count).unwrap(), "1", "{table}");
    }
    let foreign = postgres.sql_at(&url, "INSERT INTO assay_ledger.price VALUES (9, '{}')");
    assert!(foreign.unwrap_err().to_string().contains("row-level security"));
    for change in [
        "UPDATE assay_ledger.entry SET cost = 0",
        "UPDATE assay_ledger.entry SET end_user = 'eve'",
        "DELETE FROM assay_ledger.entry",
    ] {
        let refused = as_ledger(change).unwrap_err().to_string();
        assert!(refused.contains("neither changed nor deleted"), "{refused}");
    }
}

/// Opens the ledger of a folder, on the engine that the tests run on.
pub(crate) fn open(
    folder: &Path,
    prices: &PriceFile,
    settings: LedgerSettings,
    clock: Arc<dyn Clock>,
) -> Ledger {
    match server_of(folder, &[SCHEMA]) {
        Some(server) => Ledger::open_on(&server, folder, prices, settings, clock),
        None => Ledger::open(folder, prices, settings, clock),
    }
    .unwrap()
}
