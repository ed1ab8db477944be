//! `assay rollout` behind HAProxy and nginx, with real processes: arrives, goes back, survives a kill.

mod answers;
mod erring;
mod proxy;

use std::{
    process::Stdio,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use erring::Erring;
use proxy::{Proxy, haproxy, nginx};
use serde_json::Value;

use crate::support::{Desk, binary};

/// What the whole test does to the proxy while a rollout goes on.
struct Traffic {
    stop: AtomicBool,
    made: AtomicU64,
    lost: AtomicU64,
}

/// Runs `work` while four clients ask the proxy, each on connections of its own.
fn under_traffic<T>(front: &str, work: impl FnOnce() -> T) -> (T, u64, u64) {
    let traffic =
        Traffic { stop: AtomicBool::new(false), made: AtomicU64::new(0), lost: AtomicU64::new(0) };
    let address = front.trim_start_matches("http://");
    let done = std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !traffic.stop.load(Ordering::Relaxed) {
                    let answer = erring::get(address, "/v1/collections");
                    traffic.made.fetch_add(1, Ordering::Relaxed);
                    let is_lost = answer.is_none_or(|(status, _)| status == 502 || status == 503);
                    traffic.lost.fetch_add(u64::from(is_lost), Ordering::Relaxed);
                }
            });
        }
        let done = work();
        traffic.stop.store(true, Ordering::Relaxed);
        done
    });
    (done, traffic.made.into_inner(), traffic.lost.into_inner())
}

/// A plan of seconds; the proxy's own part comes from the proxy.
fn plan(desk: &Desk, stable: &str, canary: &str, proxy: &Proxy, samples: [u64; 3]) -> String {
    let [first, second, last] = samples;
    let text = format!(
        "stable = \"{stable}\"\ncanary = \"{canary}\"\nfront = \"{}\"\nevery_seconds = 0.3\n\
         grace_seconds = 5\n{}\n\
         [limits]\nextra_errors = 0.02\nslower = 50.0\n\
         [[step]]\npercent = 20\nhold_seconds = 1\nsample = {first}\n\
         [[step]]\npercent = 50\nhold_seconds = 1\nsample = {second}\n\
         [[step]]\npercent = 100\nhold_seconds = 1\nsample = {last}\n",
        proxy.front, proxy.settings
    );
    desk.file("rollout.toml", text).to_string_lossy().into_owned()
}

fn result(desk: &Desk) -> Value {
    let text = std::fs::read_to_string(desk.data().join("ready/drills/release.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn arrives(make: impl Fn(&Desk, &str, &str) -> Option<Proxy>) {
    let (old, new, desk) = (Desk::new(), Desk::new(), Desk::new());
    let (stable, canary) = (old.serve(), new.serve());
    let Some(proxy) = make(&desk, &stable.url, &canary.url) else { return };
    let file = plan(&desk, &stable.url, &canary.url, &proxy, [300, 600, 300]);
    let (run, made, lost) =
        under_traffic(&proxy.front, || desk.run(&["rollout", "run", &file, "--json"]));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let ended = run.json();
    assert_eq!(ended["state"]["state"], "done", "{ended:#}");
    assert_eq!(lost, 0, "of {made} requests");
    let kept = result(&desk);
    assert_eq!(kept["result"]["steps_held"]["count"], 3, "{kept:#}");
    let off = kept["result"]["share_off_points"].as_f64().unwrap();
    assert!(off <= 2.0, "{kept:#}");
    // After the end it can go back, too.
    let back = desk.run(&["rollout", "back", "--json"]);
    assert_eq!(back.code, 0, "{back:?}");
    assert_eq!(back.json()["state"]["state"], "rolled_back", "{back:?}");
}

#[test]
fn a_rollout_behind_haproxy_arrives_and_goes_back_after_the_end() {
    arrives(haproxy);
}

#[test]
fn a_rollout_behind_nginx_arrives_and_goes_back_after_the_end() {
    arrives(nginx);
}

fn goes_back(make: impl Fn(&Desk, &str, &str) -> Option<Proxy>) {
    let (old, desk) = (Desk::new(), Desk::new());
    let stable = old.serve();
    let bad = Erring::start(10);
    let Some(proxy) = make(&desk, &stable.url, &bad.url) else { return };
    let file = plan(&desk, &stable.url, &bad.url, &proxy, [300, 600, 300]);
    let ((run, after), ..) = under_traffic(&proxy.front, || {
        let run = desk.run(&["rollout", "run", &file, "--json"]);
        let answered = bad.answered();
        (
            run,
            (0..50).filter(|_| erring::is_canary(&proxy.front)).count() as u64 + bad.answered()
                - answered,
        )
    });
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    let ended = run.json();
    assert_eq!(ended["state"]["state"], "rolled_back", "{ended:#}");
    assert!(ended["state"]["why"].as_str().unwrap().starts_with("errors"), "{ended:#}");
    assert!(ended["rollback_seconds"].as_f64().unwrap() < 60.0, "{ended:#}");
    assert_eq!(after, 0, "the bad one still serves");
}

#[test]
fn a_canary_that_errs_is_rolled_back_behind_haproxy() {
    goes_back(haproxy);
}

#[test]
fn a_canary_that_errs_is_rolled_back_behind_nginx() {
    goes_back(nginx);
}

#[test]
fn a_rollout_that_was_killed_is_put_back_and_orders_reach_one_that_lives() {
    let (old, new, desk) = (Desk::new(), Desk::new(), Desk::new());
    let (stable, canary) = (old.serve(), new.serve());
    let Some(proxy) = haproxy(&desk, &stable.url, &canary.url) else { return };
    // Nobody asks anything, so the first step is held.
    let file = plan(&desk, &stable.url, &canary.url, &proxy, [300, 600, 300]);
    let begin = |arguments: &[&str]| {
        std::process::Command::new(binary())
            .args(arguments)
            .arg("--data-dir")
            .arg(desk.data())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let status = || desk.run(&["rollout", "status", "--json"]).json();
    let until = |what: &str, holds: &dyn Fn(&Value) -> bool| {
        let mut seen = Value::Null;
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while std::time::Instant::now() < end {
            seen = status();
            if holds(&seen) {
                return;
            }
        }
        panic!("not {what}: {seen:#}");
    };
    let mut killed = begin(&["rollout", "run", &file]);
    until("at 20 %", &|it| {
        it["percent"] == 20 && (0..40).any(|_| erring::serves(&proxy.front, &canary.url))
    });
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(status()["carried_out"], false);
    let again = desk.run(&["rollout", "run", &file]);
    assert_eq!(again.code, 4, "an unfinished one is not forgotten: {again:?}");
    let mut resumed = begin(&["rollout", "resume"]);
    until("carried out again", &|it| it["carried_out"] == true && it["percent"] == 20);
    assert_eq!(desk.run(&["rollout", "pause"]).code, 0);
    until("paused", &|it| it["state"]["state"] == "paused");
    resumed.kill().unwrap();
    resumed.wait().unwrap();
    let back = desk.run(&["rollout", "back"]);
    assert_eq!(back.code, 0, "{back:?}");
    assert!(!(0..40).any(|_| erring::serves(&proxy.front, &canary.url)), "the canary still serves");
    assert_eq!(status()["state"]["state"], "rolled_back");
}

#[test]
fn two_deployments_are_compared_whoever_splits_their_traffic() {
    let (good, same, bad) = (Erring::start(0), Erring::start(0), Erring::start(8));
    let compare = |canary: &Erring, sample: &str, longest: &str| {
        let desk = Desk::new();
        let asked = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for url in [&good.url, &canary.url] {
                scope.spawn(|| {
                    while !asked.load(Ordering::Relaxed) {
                        erring::get(url.trim_start_matches("http://"), "/v1/collections");
                    }
                });
            }
            let run = desk.run(&[
                "rollout",
                "compare",
                "--stable",
                &good.url,
                "--canary",
                &canary.url,
                "--hold",
                "1",
                "--sample",
                sample,
                "--longest",
                longest,
                "--slower",
                "1000",
                "--json",
            ]);
            asked.store(true, Ordering::Relaxed);
            run
        })
    };
    let run = compare(&same, "500", "100");
    assert_eq!(run.code, 0, "{run:?}");
    let run = compare(&bad, "500", "100");
    assert_eq!(run.code, 1, "{run:?}");
    let run = compare(&same, "1000000000", "3");
    assert_eq!(run.code, 2, "too few requests decide nothing: {run:?}");
}

#[test]
fn the_resources_for_argo_hold_the_same_steps_and_the_same_analysis() {
    let desk = Desk::new();
    let settings = "[router]\nkind = \"haproxy\"\nsocket = \"/run/x\"\nbackend = \"b\"\nstable = \"a\"\ncanary = \"c\"\n";
    let proxy = Proxy::unstarted(settings);
    let file = plan(&desk, "http://127.0.0.1:1", "http://127.0.0.1:2", &proxy, [300, 600, 300]);
    let run = desk.run(&["rollout", "export", "argo", &file, "--image", "example.org/assay:1"]);
    assert_eq!(run.code, 0, "{run:?}");
    // A document of YAML that is one of JSON is parsed as such.
    let documents: Vec<Value> =
        run.stdout.split("---\n").skip(1).map(|text| serde_json::from_str(text).unwrap()).collect();
    let kinds: Vec<&str> = documents.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Service", "Service", "AnalysisTemplate", "Rollout"]);
    let steps = documents[3]["spec"]["strategy"]["canary"]["steps"].as_array().unwrap();
    let weights: Vec<&Value> = steps.iter().filter_map(|step| step.get("setWeight")).collect();
    assert_eq!(weights, [20, 50, 100]);
    let template = &documents[2]["spec"]["metrics"][0]["provider"]["job"]["spec"]["template"];
    let arguments = template["spec"]["containers"][0]["args"].as_array().unwrap();
    // The program takes what the job calls it with.
    let arguments: Vec<String> = arguments
        .iter()
        .map(|it| {
            it.as_str().unwrap().replace("{{args.hold}}", "0").replace("{{args.sample}}", "1")
        })
        .map(|it| if it.starts_with("http") { "http://127.0.0.1:9".to_owned() } else { it })
        .map(|it| if it == "86400" { "1".to_owned() } else { it })
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let compared = desk.run(&arguments);
    assert_eq!(compared.code, 3, "nothing answers there: {compared:?}");
}
