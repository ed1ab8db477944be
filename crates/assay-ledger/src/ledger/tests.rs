//! Reserving and settling, budgets under many clients, what a death of the process leaves.

use std::{path::Path, sync::Arc, thread};

use assay_core::{Coded, ErrorCode, FakeClock, NanoUsd, TenantId, TenantScope};

use assay_sqlite::testing::same_server;

use super::Ledger;
use crate::{
    BudgetSpec, CallKind, Caller, Ending, LedgerError, LedgerSettings, LimitOverride, NewCall,
    Usage, Window,
    prices::{Amount, PriceFile, PriceOverride},
};

/// 2026-11-21 16:00 UTC.
const NOW: i64 = 1_795_276_800_000;
const HOUR: i64 = 3_600_000;

pub(crate) struct Setup {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) scope: TenantScope,
    pub(crate) caller: Caller,
}

/// A token of `acme/m` costs a nano-dollar to read and ten to write.
pub(crate) fn settings() -> LedgerSettings {
    let price = PriceOverride {
        provider: "acme".to_owned(),
        model: "m".to_owned(),
        input: Amount("0.001".parse().unwrap()),
        output: Amount("0.01".parse().unwrap()),
        ..PriceOverride::default()
    };
    LedgerSettings { sync_ms: 1, prices: vec![price], ..LedgerSettings::default() }
}

/// A ledger with those prices.
pub(crate) fn open(folder: &Path, budgets: Vec<BudgetSpec>) -> Setup {
    let clock = Arc::new(FakeClock::at_ms(NOW));
    open_at(folder, budgets, clock)
}

pub(crate) fn open_at(folder: &Path, budgets: Vec<BudgetSpec>, clock: Arc<FakeClock>) -> Setup {
    let settings = LedgerSettings { budgets, ..settings() };
    let file = PriceFile::default();
    let ledger = crate::contract::open(folder, &file, settings, Arc::clone(&clock) as _);
    let scope = TenantScope::built_in();
    let caller = Caller::new(&scope).key("k1").unwrap().user("ann").unwrap();
    Setup { ledger, clock, scope, caller }
}

pub(crate) fn call(input: u64, output: u64) -> NewCall<'static> {
    NewCall::new(CallKind::Chat, "acme", "m", Usage::tokens(input, output))
}

fn dollars(text: &str) -> Option<Amount> {
    Some(Amount(text.parse().unwrap()))
}

fn budget(name: &str, limit_nanos: u64) -> BudgetSpec {
    BudgetSpec {
        name: name.to_owned(),
        limit_usd: Some(Amount(NanoUsd::from_nanos(limit_nanos))),
        window: Window::Day,
        ..BudgetSpec::default()
    }
}

fn spent(setup: &Setup) -> Vec<u64> {
    let list = setup.ledger.budgets(&setup.scope);
    list.iter().flat_map(|it| it.counters.iter().map(|counter| counter.spent)).collect()
}

#[test]
fn a_call_is_charged_what_it_used_and_the_rest_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let setup = open(folder.path(), vec![budget("all", 10_000)]);
    let held = setup.ledger.reserve(&setup.caller, &call(100, 500)).unwrap();
    assert_eq!(held.reserved().nanos(), 5_100);
    let refused = setup.ledger.reserve(&setup.caller, &call(0, 500)).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::BudgetExceeded);
    assert!(refused.to_string().contains("`all`"), "{refused}");
    assert!(refused.hint().unwrap().contains("2026-11-22T00:00:00Z"), "{:?}", refused.hint());
    assert_eq!(held.settle(Usage::tokens(100, 7), Ending::Completed, false).nanos(), 170);
    assert_eq!(spent(&setup), [170]);
    setup.ledger.reserve(&setup.caller, &call(0, 500)).unwrap().refund();
    assert_eq!(spent(&setup), [170]);
}

#[test]
fn a_reservation_that_nobody_settles_is_charged_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let setup = open(folder.path(), vec![budget("all", 10_000)]);
    drop(setup.ledger.reserve(&setup.caller, &call(0, 500)).unwrap());
    assert_eq!(spent(&setup), [5_000]);
}

#[test]
fn two_hundred_clients_do_not_overspend() {
    let folder = tempfile::tempdir().unwrap();
    let setup = open(folder.path(), vec![budget("all", 1_000_000)]);
    let (let_through, refused) = thread::scope(|scope| {
        let clients: Vec<_> = (0..200_u64)
            .map(|client| {
                let setup = &setup;
                scope.spawn(move || {
                    let (mut through, mut refused) = (0, 0);
                    for turn in 0..20 {
                        match setup.ledger.reserve(&setup.caller, &call(0, 100)) {
                            Ok(held) if (client + turn) % 7 == 0 => held.refund(),
                            Ok(held) => {
                                through += held
                                    .settle(Usage::tokens(0, 60 + turn), Ending::Completed, false)
                                    .nanos();
                            }
                            Err(LedgerError::OverBudget { .. }) => refused += 1,
                            Err(error) => panic!("{error}"),
                        }
                    }
                    (through, refused)
                })
            })
            .collect();
        clients.into_iter().map(|it| it.join().unwrap()).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    });
    assert!(refused > 0, "the budget was never reached");
    assert!(let_through <= 1_000_000, "overspent by {}", let_through - 1_000_000);
    assert!(let_through > 998_000, "{let_through}: room was left for a call");
    assert_eq!(spent(&setup), [let_through]);
    assert_eq!(setup.ledger.under_way(&setup.scope), (0, NanoUsd::ZERO));
    let recount = setup.ledger.recount().unwrap();
    assert_eq!((recount.cost.nanos(), recount.faults.len()), (let_through, 0), "{recount:?}");
}

#[test]
fn what_was_reserved_at_a_death_is_charged_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), vec![budget("all", 100_000)]);
    let settled = first.ledger.reserve(&first.caller, &call(10, 10)).unwrap();
    settled.settle(Usage::tokens(10, 1), Ending::Completed, false);
    let held = first.ledger.reserve(&first.caller, &call(0, 500)).unwrap();
    // The death of the process: nothing of it runs any more, and the files stand as they are.
    let copy = tempfile::tempdir().unwrap();
    copy_folder(folder.path(), copy.path());
    same_server(folder.path(), copy.path());
    std::mem::forget(held);
    let second = open(copy.path(), vec![budget("all", 100_000)]);
    assert_eq!(spent(&second), [5_020]);
    let recount = second.ledger.recount().unwrap();
    assert_eq!((recount.entries, recount.abandoned, recount.faults.len()), (2, 1, 0));
    drop(second);
    let third = open(copy.path(), vec![budget("all", 100_000)]);
    assert_eq!(spent(&third), [5_020], "a second start charges nothing twice");
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_window_begins_at_nothing_and_calls_count_where_they_began() {
    let folder = tempfile::tempdir().unwrap();
    let hourly = BudgetSpec { window: Window::Hour, ..budget("hour", 10_000) };
    let setup = open(folder.path(), vec![hourly]);
    let held = setup.ledger.reserve(&setup.caller, &call(0, 900)).unwrap();
    setup.clock.advance_ms(HOUR);
    let next = setup.ledger.reserve(&setup.caller, &call(0, 900)).unwrap();
    held.settle(Usage::tokens(0, 900), Ending::Completed, false);
    assert_eq!(spent(&setup), [0], "the call of the last hour is not in this one");
    next.settle(Usage::tokens(0, 100), Ending::Completed, false);
    assert_eq!(spent(&setup), [1_000]);
}

#[test]
fn budgets_for_each_value_count_apart_and_survive_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let each = BudgetSpec { user: Some("*".to_owned()), ..budget("user", 10_000) };
    let setup = open(folder.path(), vec![each.clone()]);
    let bob = Caller::new(&setup.scope).user("bob").unwrap();
    let nobody = Caller::new(&setup.scope);
    for (caller, output) in [(&setup.caller, 900), (&bob, 800), (&nobody, 5_000)] {
        let held = setup.ledger.reserve(caller, &call(0, output)).unwrap();
        held.settle(Usage::tokens(0, output), Ending::Completed, false);
    }
    assert!(setup.ledger.reserve(&bob, &call(0, 300)).is_err());
    assert_eq!(spent(&setup), [9_000, 8_000]);
    drop(setup);
    let again = open(folder.path(), vec![each]);
    assert_eq!(spent(&again), [9_000, 8_000]);
}

#[test]
fn tenants_of_an_organisation_share_its_budget() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two, other) = (TenantId::new(), TenantId::new(), TenantId::new());
    let shared = BudgetSpec { organisation: Some("*".to_owned()), ..budget("shared", 10_000) };
    let mut settings = settings();
    settings.budgets = vec![shared];
    settings.organisations = [("acme".to_owned(), vec![one, two])].into();
    assert_eq!(settings.problems(), []);
    let clock = Arc::new(FakeClock::at_ms(1_795_276_800_000));
    let ledger =
        Ledger::open(folder.path(), &PriceFile::default(), settings.clone(), clock).unwrap();
    let reserve = |tenant: TenantId| {
        let caller = Caller::new(&TenantScope::of_recorded_task(tenant));
        ledger.reserve(&caller, &call(0, 600))
    };
    let held = reserve(one).unwrap();
    assert!(reserve(two).unwrap_err().to_string().contains("shared"));
    held.settle(Usage::tokens(0, 100), Ending::Completed, false);
    drop(reserve(two).unwrap());
    for _ in 0..3 {
        drop(reserve(other).unwrap());
    }
    settings.organisations.insert("again".to_owned(), vec![two]);
    assert_eq!(settings.problems().len(), 1);
}

#[test]
fn a_budget_that_is_set_late_counts_what_was_used_and_what_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let setup = open(folder.path(), Vec::new());
    let ended = setup.ledger.reserve(&setup.caller, &call(0, 100)).unwrap();
    ended.settle(Usage::tokens(0, 100), Ending::Completed, false);
    let held = setup.ledger.reserve(&setup.caller, &call(0, 200)).unwrap();
    let spec = BudgetSpec { key: Some("k1".to_owned()), ..budget("late", 5_000) };
    let status = setup.ledger.create_budget(&setup.scope, spec.clone()).unwrap();
    assert_eq!((status.counters[0].spent, status.counters[0].reserved), (1_000, 2_000));
    assert!(setup.ledger.reserve(&setup.caller, &call(0, 201)).is_err());
    held.settle(Usage::tokens(0, 50), Ending::Cancelled, true);
    let id = status.budget.id;
    assert_eq!(spent(&setup), [1_500]);
    assert!(setup.ledger.create_budget(&setup.scope, spec).is_err(), "the name is taken");
    let more = LimitOverride {
        limit: 50_000,
        from_ms: NOW,
        until_ms: NOW + HOUR,
        reason: "launch".to_owned(),
    };
    setup.ledger.override_budget(&setup.scope, id, more).unwrap();
    setup.ledger.reserve(&setup.caller, &call(0, 400)).unwrap().refund();
    setup.clock.advance_ms(HOUR);
    assert!(setup.ledger.reserve(&setup.caller, &call(0, 400)).is_err(), "the override is over");
    setup.ledger.delete_budget(&setup.scope, id).unwrap();
    setup.ledger.reserve(&setup.caller, &call(0, 400)).unwrap().refund();
}

#[test]
fn a_tenant_sees_and_changes_its_own_budgets_only() {
    let folder = tempfile::tempdir().unwrap();
    let each = BudgetSpec { tenant: Some("*".to_owned()), ..budget("each", 10_000) };
    let setup = open(folder.path(), vec![each, budget("installation", 1_000_000)]);
    let other = TenantScope::of_recorded_task(TenantId::new());
    let own = setup.ledger.create_budget(&setup.scope, budget("own", 5_000)).unwrap();
    let used = |scope| {
        let held = setup.ledger.reserve(&Caller::new(scope), &call(0, 100)).unwrap();
        held.settle(Usage::tokens(0, 100), Ending::Completed, false);
    };
    used(&setup.scope);
    used(&other);
    used(&other);
    let seen = setup.ledger.budgets(&other);
    let seen: Vec<_> = seen
        .iter()
        .map(|it| (it.budget.spec.name.as_str(), it.counters.len(), it.counters[0].spent))
        .collect();
    assert_eq!(seen, [("each", 1, 2_000)]);
    let id = own.budget.id;
    assert!(matches!(setup.ledger.delete_budget(&other, id), Err(LedgerError::NoBudget { .. })));
    assert!(setup.ledger.budget_status(&other, id).is_err());
    assert_eq!(setup.ledger.budget_status(&setup.scope, id).unwrap().counters[0].spent, 1_000);
}

#[test]
fn each_share_is_told_once_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let setup = open(folder.path(), vec![budget("all", 10_000)]);
    for _ in 0..9 {
        let held = setup.ledger.reserve(&setup.caller, &call(0, 100)).unwrap();
        held.settle(Usage::tokens(0, 100), Ending::Completed, false);
    }
    assert!(setup.ledger.reserve(&setup.caller, &call(0, 101)).is_err());
    let told = |setup: &Setup| {
        let alerts = setup.ledger.alerts(&setup.scope, 100).unwrap();
        let mut told: Vec<_> = alerts.iter().map(|alert| (alert.percent, alert.spent)).collect();
        told.sort_unstable();
        told
    };
    assert_eq!(told(&setup), [(50, 5_000), (80, 8_000), (100, 9_000)]);
    drop(setup);
    let again = open(folder.path(), vec![budget("all", 10_000)]);
    assert_eq!(told(&again).len(), 3, "a start tells nothing twice");
}

#[test]
fn calls_and_tokens_can_be_budgeted_and_a_free_model_is_not_stopped_by_money() {
    let folder = tempfile::tempdir().unwrap();
    let calls = BudgetSpec {
        name: "calls".to_owned(),
        limit_calls: Some(3),
        window: Window::Minute,
        ..BudgetSpec::default()
    };
    let setup = open(folder.path(), vec![calls, budget("no money", 0)]);
    assert!(setup.ledger.reserve(&setup.caller, &call(0, 1)).is_err());
    let free = NewCall::new(CallKind::Chat, "assay", "extractive", Usage::tokens(10, 10));
    for _ in 0..2 {
        let held = setup.ledger.reserve(&setup.caller, &free).unwrap();
        held.settle(Usage::tokens(10, 10), Ending::Completed, false);
    }
    assert_eq!(
        setup.ledger.cached(&setup.caller, &call(10, 10), Usage::tokens(10, 10)).unwrap().nanos(),
        110
    );
    let refused = setup.ledger.reserve(&setup.caller, &free).unwrap_err();
    assert!(refused.to_string().contains("3 calls of 3 calls"), "{refused}");
    setup.clock.advance_ms(60_000);
    setup.ledger.reserve(&setup.caller, &free).unwrap().refund();
}

#[test]
fn a_model_without_a_price_is_refused_and_a_name_that_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let setup = open(folder.path(), Vec::new());
    let unknown = NewCall::new(CallKind::Chat, "acme", "n", Usage::default());
    let refused = setup.ledger.reserve(&setup.caller, &unknown).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NotFound);
    for name in ["", "a\nb", &"x".repeat(201)] {
        assert!(Caller::new(&setup.scope).user(name).is_err());
    }
    assert_eq!(dollars("1").unwrap().0.nanos(), 1_000_000_000);
}

#[test]
fn a_long_journal_is_shortened_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let setup = open(folder.path(), vec![budget("all", 1_000_000_000)]);
    let held = setup.ledger.reserve(&setup.caller, &call(0, 3)).unwrap();
    for _ in 0..20_000 {
        let held = setup.ledger.reserve(&setup.caller, &call(0, 1)).unwrap();
        held.settle(Usage::tokens(0, 1), Ending::Completed, false);
    }
    setup.ledger.flush().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let journals = ["journal", "journal-server"].map(|name| folder.path().join(name));
    copy_folder(journals.iter().find(|journal| journal.is_dir()).unwrap(), copy.path());
    let files: Vec<_> = std::fs::read_dir(copy.path()).unwrap().map(|it| it.unwrap()).collect();
    assert_eq!(files.len(), 1);
    assert!(files[0].metadata().unwrap().len() < 9 << 20);
    held.settle(Usage::tokens(0, 3), Ending::Completed, false);
    let recount = setup.ledger.recount().unwrap();
    assert_eq!((recount.entries, recount.cost.nanos()), (20_001, 200_030));
}

#[test]
fn what_was_counted_before_there_were_end_users_still_counts() {
    let folder = tempfile::tempdir().unwrap();
    let scope = TenantScope::built_in();
    let old = crate::store::before_end_users(&folder.path().join("ledger.db")).unwrap();
    let tenant = scope.tenant().to_string();
    let hour_ms = NOW - NOW.rem_euclid(HOUR);
    old.write(move |tx| -> Result<(), assay_sqlite::SqliteError> {
        let sql = "INSERT INTO hourly VALUES (?, ?, '', 'k1', 'ann', 'acme', 'm', 'chat',
            'completed', 3, 10, 20, 900, 0)";
        tx.execute(sql, assay_sqlite::sql::params![hour_ms, tenant])?;
        Ok(())
    })
    .unwrap();
    drop(old);
    let clock = Arc::new(FakeClock::at_ms(NOW));
    let each = BudgetSpec { user: Some("*".to_owned()), ..budget("user", 10_000) };
    let settings = LedgerSettings { budgets: vec![each], ..settings() };
    let ledger = Ledger::open(folder.path(), &PriceFile::default(), settings, clock).unwrap();
    let caller = Caller::new(&scope).user("ann").unwrap().end_user("bob").unwrap();
    let held = ledger.reserve(&caller, &call(0, 10)).unwrap();
    held.settle(Usage::tokens(0, 10), Ending::Completed, false);
    let query = crate::UsageQuery {
        to_ms: NOW + HOUR,
        group_by: vec![crate::GroupBy::User, crate::GroupBy::EndUser],
        ..crate::UsageQuery::default()
    };
    let report = ledger.usage(&scope, &query).unwrap();
    let groups: Vec<_> =
        report.groups.iter().map(|it| (it.values.join("/"), it.sum.cost.nanos())).collect();
    assert_eq!(groups, [("ann/".to_owned(), 900), ("ann/bob".to_owned(), 100)]);
    let status = &ledger.budgets(&scope)[0];
    assert_eq!(status.counters[0].spent, 1_000, "what was used before is used");
}

#[test]
fn of_a_tenant_that_is_forgotten_the_books_keep_ids_alone() {
    let folder = tempfile::tempdir().unwrap();
    let each = BudgetSpec { end_user: Some("*".to_owned()), ..budget("each end user", 10_000) };
    let setup = open(folder.path(), vec![each]);
    let (gone, kept) = (TenantScope::of_recorded_task(TenantId::new()), setup.scope.clone());
    setup.ledger.create_budget(&gone, budget("quorvex", 1_000)).unwrap();
    let named = |scope: &TenantScope, name: &str, tokens| {
        let caller = Caller::new(scope).user("ann").unwrap().end_user(name).unwrap();
        setup.ledger.reserve(&caller, &call(0, tokens)).unwrap()
    };
    named(&gone, "quorvex", 90).settle(Usage::tokens(0, 85), Ending::Completed, false);
    named(&kept, "bob", 90).settle(Usage::tokens(0, 7), Ending::Completed, false);
    let under_way = named(&gone, "quorvex", 10);
    let spent_before = spent(&setup);
    assert_eq!(spent_before.iter().sum::<u64>(), 850 + 70);
    assert_eq!(setup.ledger.alerts(&gone, 10).unwrap().len(), 1);
    setup.ledger.forget_tenant(&gone).unwrap();
    under_way.settle(Usage::tokens(0, 3), Ending::Completed, false);
    setup.ledger.flush().unwrap();
    assert_eq!(setup.ledger.budgets(&gone), Vec::new());
    assert_eq!(spent(&setup), [70], "whoever is kept is still counted");
    let recount = setup.ledger.recount().unwrap();
    assert_eq!((recount.entries, recount.faults), (3, Vec::new()));
    assert_eq!(recount.cost, NanoUsd::from_nanos(850 + 30 + 70));
    let mut files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    for journal in ["journal", "journal-server"] {
        files.extend(std::fs::read_dir(folder.path().join(journal)).into_iter().flatten());
    }
    for path in files.into_iter().map(|it| it.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(7).any(|part| part == b"quorvex"), "{}", path.display());
    }
}
