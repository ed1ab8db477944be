//! Every rule that ships fires where it should and not where it should not: inside Assay, and by the
//! word of Prometheus' own tool, from the same numbers.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf, process::Command};

use assay_telemetry::{
    AlertState, Alerts, TelemetrySettings, prometheus_rules, prometheus_rules_and_outside, read,
    shipped_rules,
};
use serde::Deserialize;

/// Milliseconds between two readings.
const STEP_MS: i64 = 15_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    red: BTreeMap<String, String>,
    green: BTreeMap<String, String>,
}

fn cases() -> BTreeMap<String, Case> {
    toml::from_str(include_str!("cases.toml")).unwrap()
}

/// `0+10x2 100x1` is 0, 10, 20, 100, 100.
fn numbers(notation: &str) -> Vec<f64> {
    let parts = notation.split(' ').flat_map(|part| {
        let (value, times) = part.split_once('x').unwrap();
        let (begin, step) = value.split_once('+').unwrap_or((value, "0"));
        let (begin, step): (f64, f64) = (begin.parse().unwrap(), step.parse().unwrap());
        let times: u32 = times.parse().unwrap();
        (0..=times).map(move |number| begin + step * f64::from(number))
    });
    parts.collect()
}

fn fires(rule: &str, series: &BTreeMap<String, String>) -> bool {
    let mut alerts = Alerts::new(&TelemetrySettings::default(), &[]).unwrap();
    let series: Vec<(&String, Vec<f64>)> =
        series.iter().map(|(name, notation)| (name, numbers(notation))).collect();
    let last = series.iter().map(|(_, values)| values.len()).max().unwrap();
    for at in 0..last {
        let lines = series
            .iter()
            .filter_map(|(name, values)| values.get(at).map(|value| format!("{name} {value}\n")));
        let now_ms = i64::try_from(at).unwrap() * STEP_MS;
        alerts.take(now_ms, &read(&lines.collect::<String>()));
    }
    alerts.alerts().iter().any(|it| it.rule == rule && it.state == AlertState::Firing)
}

#[test]
fn every_rule_fires_where_it_should_and_not_where_it_should_not() {
    let cases = cases();
    for rule in shipped_rules().unwrap() {
        let case = cases.get(&rule.name).unwrap_or_else(|| panic!("{} has no case", rule.name));
        assert!(fires(&rule.name, &case.red), "{} does not fire", rule.name);
        assert!(!fires(&rule.name, &case.green), "{} fires", rule.name);
    }
}

#[test]
fn prometheus_says_the_same_of_every_rule() {
    if Command::new("promtool").arg("--version").output().is_err() {
        eprintln!("skipped: promtool is not installed (apt-get install prometheus)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let all = shipped_rules().unwrap();
    let rules = write("all.yml", &prometheus_rules(&all, "docs/runbooks/"));
    run("check", &[rules]);
    let cases = cases();
    // Each with a file of its own: the tool evaluates every rule of a file for every case.
    let tests = all.iter().map(|rule| {
        let name = &rule.name;
        write(&format!("{name}.yml"), &prometheus_rules(std::slice::from_ref(rule), ""));
        write(&format!("{name}.test.yml"), &unit_tests(name, &cases[name]))
    });
    run("test", &tests.collect::<Vec<_>>());
}

#[test]
fn what_only_a_prometheus_can_tell_is_told() {
    if Command::new("promtool").arg("--version").output().is_err() {
        eprintln!("skipped: promtool is not installed (apt-get install prometheus)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("outside.yml");
    std::fs::write(&rules, prometheus_rules_and_outside(&[], "docs/runbooks/")).unwrap();
    run("check", std::slice::from_ref(&rules));
    let up = "up{job=\"assay\",instance=\"a\"}";
    let probed = "probe_success{job=\"assay-outside\",instance=\"a\"}";
    // What is seen for two minutes and a half, and how many of each fire then.
    type Case<'a> = (&'a [(&'a str, &'a str)], [u8; 3]);
    let cases: [Case<'_>; 5] = [
        (&[(up, "1x10"), (probed, "1x10")], [0, 0, 1]),
        (&[(up, "1x5 0x5"), (probed, "1x10")], [1, 0, 1]),
        (&[(up, "1x10"), (probed, "1x4 0x6")], [0, 1, 1]),
        // Down for one reading only.
        (&[(up, "1x4 0x1 1x5"), (probed, "1x4 0x1 1x5")], [0, 0, 1]),
        // Nobody asks any more.
        (&[("up{job=\"node\"}", "1x10")], [1, 0, 1]),
    ];
    let mut text = "rule_files: [outside.yml]\nevaluation_interval: 15s\ntests:\n".to_owned();
    for (series, firing) in cases {
        text.push_str("  - interval: 15s\n    input_series:\n");
        for (name, values) in series {
            let _ = write!(text, "      - series: '{name}'\n        values: '{values}'\n");
        }
        text.push_str("    promql_expr_test:\n");
        for (rule, fires) in ["AssayDown", "AssayUnreachable", "Watchdog"].iter().zip(firing) {
            let is_firing = format!("ALERTS{{alertname=\"{rule}\",alertstate=\"firing\"}}");
            let _ = write!(
                text,
                "      - expr: 'count({is_firing}) or vector(0)'\n        eval_time: 150s\n        \
                 exp_samples: [{{value: {fires}}}]\n"
            );
        }
    }
    let tests = folder.path().join("outside.test.yml");
    std::fs::write(&tests, text).unwrap();
    run("test", &[tests]);
}

fn run(command: &str, files: &[PathBuf]) {
    let done = Command::new("promtool").args([command, "rules"]).args(files).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&said));
}

/// The cases of a rule as promtool reads them.
fn unit_tests(rule: &str, case: &Case) -> String {
    let mut text = format!("rule_files: [{rule}.yml]\nevaluation_interval: 15s\ntests:\n");
    for (series, firing) in [(&case.red, 1), (&case.green, 0)] {
        let last = series.values().map(|it| numbers(it).len()).max().unwrap() - 1;
        text.push_str("  - interval: 15s\n    input_series:\n");
        for (name, notation) in series {
            let _ = write!(text, "      - series: '{name}'\n        values: '{notation}'\n");
        }
        let fires = format!("ALERTS{{alertname=\"{rule}\",alertstate=\"firing\"}}");
        let _ = write!(
            text,
            "    promql_expr_test:\n      - expr: 'clamp_max(count({fires}), 1) or vector(0)'\n        \
             eval_time: {}s\n        exp_samples: [{{value: {firing}}}]\n",
            last * 15
        );
    }
    text
}
