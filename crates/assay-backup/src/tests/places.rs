//! What holds for every kind of place, and what goes wrong with a bucket.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use assay_testkit::{
    bucket::{Asked, FakeBucket, Fault},
    services::Service,
};

use super::*;

/// Full copies, steps, every moment, the way back, damage, who holds it, and what it gives back.
fn keeps_the_contract(spot: &Spot) {
    let desk = Desk::new();
    let own = format!("tenants/{}", desk.tenant);
    let settings =
        BackupSettings { folders: vec![spot.at.clone()], keep_last: 1, ..spot.settings.clone() };
    let nothing = Place::open(&spot.at, &spot.settings).unwrap_err();
    assert!(matches!(nothing, BackupError::Nothing { .. }), "{nothing}");

    desk.original("cd");
    let (place, live) = desk.follow_to(spot);
    for number in 0..8 {
        desk.set_ms(START_MS + 1_000 * (number + 1));
        // Enough for the log to be folded on the way.
        for _ in 0..40 {
            add(&desk.records, &"x".repeat(40_000));
        }
        add(&desk.control, &format!("{number}"));
        desk.original(&format!("original-{number}"));
        let still = desk.logs.hold_still();
        live.1.lock().unwrap().step(&desk.source(), &still).unwrap();
    }
    desk.logs.keep_with(None);
    for number in [0, 4, 7] {
        let to = desk.path(&format!("back-{number}"));
        restore(&spot.open(), Some(START_MS + 1_000 * (number + 1) + 500), &to).unwrap();
        let count = usize::try_from(number).unwrap() + 1;
        assert_eq!(rows(&to.join("control.db")).len(), count);
        assert_eq!(rows(&to.join(&own).join("records.db")).len(), 40 * count);
        assert_eq!(below(&to.join(&own).join("blobs")).len(), count + 1);
    }
    let checked = place.check().unwrap();
    assert_eq!(checked.manifests, 9);
    let points = place.points().unwrap();
    assert_eq!((points.len(), points[0].steps), (1, 8));

    // What a crash leaves of a point that is being removed is no point, and goes.
    place.note("20000101T000000Z", &[]).unwrap();
    assert_eq!((place.points().unwrap().len(), place.names().unwrap().len()), (1, 2));
    crate::prune::prune(&place, &settings, desk.clock.now_ms(), &mut || {}).unwrap();
    assert_eq!(place.names().unwrap().len(), 1);

    // A second full copy writes what is new alone, and the first goes when it is old.
    desk.set_ms(START_MS + 10 * 24 * 3_600_000);
    let backups = Backups::start(desk.source(), settings.clone()).unwrap();
    backups.take(Some(&spot.at)).unwrap();
    assert_eq!(place.points().unwrap().len(), 2);
    let short = BackupSettings { keep_days: 5, ..settings.clone() };
    crate::prune::prune(&place, &short, desk.clock.now_ms(), &mut || {}).unwrap();
    let points = place.points().unwrap();
    assert_eq!((points.len(), points[0].steps), (1, 0));
    let last = points[0].name.clone();
    assert_eq!(place.noted(&last).unwrap(), None, "it may get further steps");
    restore(&spot.open(), None, &desk.path("last")).unwrap();
    assert_eq!(rows(&desk.path("last/control.db")).len(), 8);
    assert!(spot.open().check().unwrap().objects > 0);

    // What an ended point needs is noted, and read in place of its manifests.
    for day in [20, 30] {
        desk.set_ms(START_MS + day * 24 * 3_600_000);
        backups.take(Some(&spot.at)).unwrap();
    }
    let keep = BackupSettings { keep_days: 15, keep_last: 1, ..settings.clone() };
    crate::prune::prune(&place, &keep, desk.clock.now_ms(), &mut || {}).unwrap();
    let points = place.points().unwrap();
    assert_eq!(points.len(), 2);
    assert!(place.noted(&points[0].name).unwrap().is_some_and(|objects| !objects.is_empty()));
    assert_eq!(place.noted(&points[1].name).unwrap(), None);
    restore(&spot.open(), Some(START_MS + 25 * 24 * 3_600_000), &desk.path("noted")).unwrap();
    assert!(spot.open().check().unwrap().objects > 0);

    // One data folder at a time; the same one again at once.
    let held = place.hold("one").unwrap();
    let other = Desk::new();
    let refused = Backups::start(other.source(), settings).unwrap().take(Some(&spot.at));
    let refused = refused.unwrap_err();
    assert!(matches!(refused, BackupError::InUse { .. }), "{refused}");
    drop(held);
    drop(place.hold("two").unwrap());
}

#[test]
fn a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    keeps_the_contract(&Spot::folder(&folder.path().join("clear")));
    keeps_the_contract(&Spot::folder(&folder.path().join("sealed")).sealed());
}

#[test]
fn a_bucket_keeps_the_contract() {
    let service = FakeBucket::start();
    service.with_objects(|all| all.insert("of/another".to_owned(), b"theirs".to_vec()));
    keeps_the_contract(&Spot::bucket(&service));
    // Two points are there, with what the ended one needs, and nothing was done to what is not ours.
    let left = service.with_objects(|all| {
        all.insert("of/another".to_owned(), b"theirs".to_vec());
        let points = all.keys().filter(|key| key.starts_with("of/assay/points/")).count();
        all.retain(|key, _| !key.starts_with("of/assay/"));
        (points, all.len())
    });
    assert_eq!(left, (3, 1));
    keeps_the_contract(&Spot::bucket(&service).sealed());
}

/// A service of buckets by others, with the bucket `docs`.
const SERVICE: &str = "
import sys, urllib.request
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
address = 'http://%s:%s' % server.get_host_and_port()
urllib.request.urlopen(urllib.request.Request(address + '/docs', method='PUT'))
print(address)
sys.stdin.read()
";

#[test]
fn a_bucket_of_a_service_by_others_keeps_the_contract() {
    let Some(service) = Service::start(SERVICE) else { return };
    let fake = FakeBucket::start();
    let mut spot = Spot::bucket(&fake);
    spot.settings.s3.endpoint.clone_from(&service.address);
    keeps_the_contract(&spot);
    spot.at = "s3://docs".parse().unwrap();
    let occupied = Place::open_or_make(&spot.at, &spot.settings).unwrap_err();
    assert!(matches!(occupied, BackupError::NotAPlace { .. }), "{occupied}");
    spot.at = "s3://nowhere/x".parse().unwrap();
    let nowhere = Place::open_or_make(&spot.at, &spot.settings).unwrap_err();
    assert!(nowhere.to_string().contains("NoSuchBucket"), "{nowhere}");
    // A manifest that goes up in parts comes back whole.
    spot.at = "s3://docs/long".parse().unwrap();
    let medium = crate::medium::medium(&spot.at, &spot.settings).unwrap();
    let long: Vec<u8> = (0..20_u32 << 20).map(|at| (at % 251) as u8).collect();
    medium.write("points/a/00000000.json", long.clone()).unwrap();
    assert!(medium.read("points/a/00000000.json", u64::MAX).unwrap().unwrap() == long);
    assert_eq!(fake.asked(), []);
}

fn is_object(asked: &Asked) -> bool {
    asked.method == "PUT" && asked.key.contains("/objects/")
}

#[test]
fn what_passes_is_tried_again() {
    let service = FakeBucket::start();
    let spot = Spot::bucket(&service);
    let desk = Desk::new();
    desk.original("cd");
    let faults = [
        Fault::Refused(503, "SlowDown"),
        Fault::Cut,
        Fault::Unanswered,
        Fault::Refused(500, "InternalError"),
    ];
    // Each object is refused once, in one way or the other.
    let (mut seen, turn) = (BTreeMap::new(), AtomicUsize::new(0));
    service.fail(move |asked| {
        let tries = seen.entry((asked.method.clone(), asked.key.clone())).or_insert(0);
        *tries += 1;
        let number = turn.fetch_add(1, Ordering::Relaxed) % faults.len();
        (is_object(asked) && *tries == 1).then(|| faults[number])
    });
    let (place, _live) = desk.follow_to(&spot);
    place.check().unwrap();
    let asked = service.asked();
    let puts = asked.iter().filter(|asked| is_object(asked)).count();
    let objects =
        service.with_objects(|all| all.keys().filter(|it| it.contains("/objects/")).count());
    assert!(objects > 2, "{objects}");
    assert_eq!(puts, 2 * objects);
}

#[test]
fn a_step_that_fails_is_made_up_for_by_the_next() {
    let service = FakeBucket::start();
    let spot = Spot::bucket(&service);
    let desk = Desk::new();
    let (place, live) = desk.follow_to(&spot);
    let step = |text: &str| {
        add(&desk.records, text);
        let still = desk.logs.hold_still();
        live.1.lock().unwrap().step(&desk.source(), &still)
    };
    step("first").unwrap();
    service.fail(|asked| is_object(asked).then_some(Fault::Refused(503, "SlowDown")));
    for text in ["second", "third"] {
        let away = step(text).unwrap_err();
        assert!(away.to_string().contains("status 503: SlowDown"), "{away}");
        assert!(matches!(&away, BackupError::Service { hint, .. } if hint.contains("tried again")));
    }
    // The manifest alone fails: its pieces are there, and named by the next.
    service.fail(|asked| {
        let is_manifest = asked.method == "PUT" && asked.key.contains("/points/");
        is_manifest.then_some(Fault::Refused(503, "SlowDown"))
    });
    step("fourth").unwrap_err();
    service.heal();
    step("fifth").unwrap();
    restore(&place, None, &desk.path("back")).unwrap();
    let records = desk.path("back").join(format!("tenants/{}/records.db", desk.tenant));
    assert_eq!(rows(&records), ["first", "second", "third", "fourth", "fifth"]);
    desk.logs.keep_with(None);
}

type Change = fn(&mut Spot);

#[test]
fn refusals_are_explained_and_tell_no_secret() {
    let service = FakeBucket::start();
    let cases: [(&str, Change); 4] = [
        ("SignatureDoesNotMatch", |spot| {
            spot.settings.s3.secret_key = Some(assay_core::Secret::new("hunter2".to_owned()));
        }),
        ("SignatureDoesNotMatch", |spot| spot.settings.s3.access_key = None),
        ("NoSuchBucket", |spot| spot.at = "s3://other/place".parse().unwrap()),
        ("the request failed", |spot| {
            spot.settings.s3.endpoint = "http://127.0.0.1:1".to_owned();
        }),
    ];
    for (code, change) in cases {
        let mut spot = Spot::bucket(&service);
        change(&mut spot);
        let refused = Place::open_or_make(&spot.at, &spot.settings).unwrap_err();
        let BackupError::Service { reason, hint, .. } = &refused else { panic!("{refused}") };
        let is_away = code == "the request failed" && hint.contains("endpoint");
        assert!(is_away || reason.contains(code), "{refused}");
        assert!(!hint.is_empty() && !refused.to_string().contains("hunter2"), "{refused}");
    }
    let asked = service.asked();
    assert!(asked.iter().all(|asked| asked.method == "GET"), "nothing was written: {asked:?}");
    assert_eq!(asked.len(), 3, "and none of these is tried again");
}

#[test]
fn a_long_file_goes_up_in_parts_or_not_at_all() {
    let service = FakeBucket::start();
    let spot = Spot::bucket(&service);
    let medium = crate::medium::medium(&spot.at, &spot.settings).unwrap();
    let long: Vec<u8> = (0..20_u32 << 20).map(|at| (at % 253) as u8).collect();
    medium.write("points/a/00000000.json", long.clone()).unwrap();
    assert_eq!(service.uploads(), 0);
    let name = "points/b/00000000.json";
    service.fail(|asked| {
        let is_second = asked.query.contains("partNumber=2");
        is_second.then_some(Fault::Refused(403, "AccessDenied"))
    });
    medium.write(name, long.clone()).unwrap_err();
    assert_eq!(service.uploads(), 0, "what was sent is given back");
    assert!(medium.read(name, u64::MAX).unwrap().is_none());
    assert!(medium.read("points/a/00000000.json", u64::MAX).unwrap().unwrap() == long);
    let too_long = medium.read("points/a/00000000.json", 1_000).unwrap_err();
    assert!(matches!(too_long, BackupError::Damaged { .. }), "{too_long}");
}

#[test]
fn the_holder_of_a_bucket_says_so_again_and_finds_out_when_it_lost_it() {
    let service = FakeBucket::start();
    let spot = Spot::bucket(&service);
    let place = Place::open_or_make(&spot.at, &spot.settings).unwrap();
    let held = place.hold("one").unwrap();
    // A process that crashed left this: the same data folder takes it back.
    let again = place.hold("one").unwrap();
    place.hold("two").unwrap_err();
    let set = |holder: &str, until_ms: i64| {
        let text = format!(r#"{{"holder": "{holder}", "until_ms": {until_ms}}}"#);
        service.with_objects(|all| all.insert("of/assay/lock".to_owned(), text.into_bytes()));
    };
    set("one", 1);
    let other = place.hold("two").unwrap();
    // What was lost is not given back for the other.
    drop((held, again));
    assert!(service.with_objects(|all| all.contains_key("of/assay/lock")));
    drop(other);
    assert!(!service.with_objects(|all| all.contains_key("of/assay/lock")));
    set("", i64::MAX);
    place.hold("one").unwrap_err();
}

#[test]
fn a_server_goes_on_in_a_bucket_that_was_away() {
    let service = Arc::new(FakeBucket::start());
    let spot = Spot::bucket(&service);
    let desk = Desk::new();
    let settings = BackupSettings { to: Some(spot.at.clone()), ..spot.settings.clone() };
    let backups = Backups::start(desk.source(), settings).unwrap();
    let wait = |what: &dyn Fn(&crate::Shipping) -> bool| {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !what(&backups.shipping()) {
            assert!(std::time::Instant::now() < until, "{:?}", backups.shipping());
            std::thread::yield_now();
        }
    };
    wait(&|shipping| shipping.until_ms.is_some());
    add(&desk.records, "before");
    service.fail(|_| Some(Fault::Refused(503, "SlowDown")));
    wait(&|shipping| shipping.error.is_some());
    add(&desk.records, "meanwhile");
    service.heal();
    backups.stop();
    let to = desk.path("back");
    restore(&spot.open(), None, &to).unwrap();
    let records = to.join(format!("tenants/{}/records.db", desk.tenant));
    assert_eq!(rows(&records), ["before", "meanwhile"]);
    assert!(!to.join("backup-holder").try_exists().unwrap(), "a restored folder is another one");
}

#[test]
fn locations_are_read_and_written_alike() {
    for (text, shown) in [
        ("/mnt/backups", "/mnt/backups"),
        ("s3://docs/of/assay", "s3://docs/of/assay"),
        ("s3://docs/of/assay/", "s3://docs/of/assay"),
        ("s3://docs", "s3://docs/"),
    ] {
        let at: Location = text.parse().unwrap();
        assert_eq!(at.to_string(), shown);
        assert_eq!(shown.parse::<Location>().unwrap(), at);
    }
    for text in ["", "s3://", "s3:///x", "s3://docs/a/../b", "s3://docs/a//b", "https://docs/a"] {
        assert!(text.parse::<Location>().is_err(), "{text}");
    }
}
