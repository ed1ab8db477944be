//! Sums by what calls differ in, and never of another tenant.

use assay_core::{DocumentId, RequestId, TenantId, TenantScope};

use super::{GroupBy, UsageQuery};
use crate::{
    Caller, Dimension, Ending, NewCall, Usage,
    ledger::tests::{Setup, call, open},
};

fn use_up(setup: &Setup, caller: &Caller, new: &NewCall<'_>, output: u64) {
    let held = setup.ledger.reserve(caller, new).unwrap();
    held.settle(Usage::tokens(0, output), Ending::Completed, false);
}

fn all(group_by: Vec<GroupBy>) -> UsageQuery {
    UsageQuery { to_ms: i64::MAX / 4, group_by, ..UsageQuery::default() }
}

#[test]
fn costs_are_added_up_by_what_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let setup = open(folder.path(), Vec::new());
    let bob = Caller::new(&setup.scope).user("bob").unwrap();
    let (query, document) = (RequestId::new(), DocumentId::new());
    let asking = NewCall { query: Some(query), ..call(0, 100) };
    let reading = NewCall { document: Some(document), ..call(0, 100) };
    use_up(&setup, &setup.caller, &asking, 10);
    setup.clock.advance_ms(3_600_000);
    use_up(&setup, &setup.caller, &asking, 20);
    use_up(&setup, &bob, &reading, 40);
    setup.ledger.reserve(&bob, &call(0, 1)).unwrap().refund();
    setup.ledger.cached(&bob, &call(0, 1), Usage::tokens(0, 5)).unwrap();
    let groups = |query: UsageQuery| {
        let report = setup.ledger.usage(&setup.scope, &query).unwrap();
        let groups = report.groups.into_iter();
        groups.map(|it| (it.values.join("|"), it.sum.cost.nanos())).collect::<Vec<_>>()
    };
    let pair = |name: &str, cost| (name.to_owned(), cost);
    assert_eq!(groups(all(vec![GroupBy::User])), [pair("bob", 400), pair("ann", 300)]);
    assert_eq!(
        groups(all(vec![GroupBy::Hour])),
        [pair("2026-11-21T16:00:00Z", 100), pair("2026-11-21T17:00:00Z", 600)]
    );
    let only = vec![(Dimension::User, "ann".to_owned())];
    assert_eq!(groups(UsageQuery { only, ..all(vec![GroupBy::Model]) }), [pair("m", 300)]);
    let by_query = groups(all(vec![GroupBy::Query]));
    assert_eq!(by_query, [pair("", 400), pair(&query.to_string(), 300)]);
    let of_document = UsageQuery { document: Some(document), ..all(vec![GroupBy::User]) };
    assert_eq!(groups(of_document), [pair("bob", 400)]);
    let total = setup.ledger.usage(&setup.scope, &all(Vec::new())).unwrap().total;
    assert_eq!((total.calls, total.cached, total.failed), (5, 1, 1));
    assert_eq!((total.tokens_written, total.saved.nanos()), (70, 50));
}

#[test]
fn nothing_of_another_tenant_is_in_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let setup = open(folder.path(), Vec::new());
    let other = TenantScope::of_recorded_task(TenantId::new());
    use_up(&setup, &Caller::new(&other), &call(0, 100), 10);
    for group in GroupBy::ALL {
        let report = setup.ledger.usage(&setup.scope, &all(vec![group])).unwrap();
        assert_eq!((report.total.calls, report.groups.len()), (0, 0), "{group:?}");
    }
}
