//! Outputs as tools write them; what is cut, empty or of another form is refused.

use proptest::prelude::*;

use super::*;

const JUNIT: &str = r#"<?xml version="1.0"?><testsuites><testsuite name="a" tests="4" failures="1">
<testcase name="x"/><testcase name="y"><failure message="no">left &amp; right</failure></testcase>
<testcase name="z"><skipped/></testcase><testcase name="w"><system-out>ok</system-out></testcase>
</testsuite></testsuites>"#;
const LIBTEST: &str = "running 3 tests\ntest a ... ok\n\ntest result: ok. 2 passed; 0 failed; 1 \
    ignored; 0 measured; 7 filtered out; finished in 0.01s\n";
const CLIPPY: &str = r#"{"reason":"compiler-message","message":{"level":"warning","message":"unused"}}
{"reason":"compiler-message","message":{"level":"warning","message":"1 warning emitted"}}
{"reason":"build-finished","success":true}
"#;
const SARIF: &str = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t","rules":[
 {"id":"A","properties":{"security-severity":"9.8"}},{"id":"B","properties":{"security-severity":"4.0"}},
 {"id":"C","defaultConfiguration":{"level":"error"}}]}},"results":[
 {"ruleId":"A","level":"note"},{"ruleId":"B","level":"error"},{"ruleId":"C"},
 {"ruleId":"A","suppressions":[{"kind":"inSource"}]},{"ruleId":"A","kind":"pass"}]}]}"#;
const AUDIT: &str = r#"{"database":{"advisory-count":700,"last-updated":"2026-01-02T00:00:00Z"},
 "lockfile":{"dependency-count":9},"vulnerabilities":{"count":3,"list":[
 {"advisory":{"cvss":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}},{"advisory":{"cvss":null}},
 {"advisory":{"cvss":"CVSS:3.0/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:N/A:N"}}]}}"#;
const NPM: &str = r#"{"auditReportVersion":2,"vulnerabilities":{},"metadata":{"vulnerabilities":
 {"info":0,"low":3,"moderate":1,"high":2,"critical":1,"total":7},"dependencies":{"total":40}}}"#;
const TRIVY: &str = r#"{"SchemaVersion":2,"ArtifactName":"assay:1","Results":[{"Target":"debian",
 "Vulnerabilities":[{"Severity":"LOW"},{"Severity":"CRITICAL"}]},{"Target":"lock"}]}"#;
const DENY: &str = r#"{"fields":{"code":"rejected","severity":"error"},"type":"diagnostic"}
{"fields":{"licenses":{"errors":1,"helps":0,"notes":0,"warnings":0}},"type":"summary"}
"#;
const LCOV: &str = "TN:\nSF:src/lib.rs\nDA:1,5\nLF:10\nLH:9\nend_of_record\n";
const COBERTURA: &str =
    r#"<coverage lines-covered="7" lines-valid="8"><packages></packages></coverage>"#;
const GITLEAKS: &str = r#"[{"RuleID":"aws-access-token","File":"a","Secret":"x"}]"#;
const GUARD: &str = "{\"findings\":[],\"blocked\":false,\"text\":null}\n\
    {\"findings\":[{\"kind\":\"secret\"}],\"blocked\":false}\n";
const OPENAPI: &str = r#"{"openapi":"3.1.0","paths":{"/a":{"get":{"deprecated":true},
 "put":{"deprecated":true,"description":"Ends on 2027-01-31."},"post":{}}}}"#;

/// Each kind with a text of each of its forms, and the field that comes of it.
fn known() -> Vec<(Kind, &'static str, &'static str, Value)> {
    vec![
        (Kind::Tests, JUNIT, "tests_failed", 1.into()),
        (Kind::Tests, LIBTEST, "tests_passed", 2.into()),
        (Kind::EndToEnd, JUNIT, "end_to_end", json!({ "count": 2, "of": 3 })),
        (Kind::Contracts, LIBTEST, "contracts", json!({ "count": 2, "of": 2 })),
        (Kind::AlertRules, JUNIT, "alert_rules_tested_both_ways", json!({ "count": 2, "of": 3 })),
        (Kind::ScopeRules, LIBTEST, "scope_rules_passed", true.into()),
        (Kind::ScopeRules, JUNIT, "scope_rules_passed", false.into()),
        (Kind::Staging, LIBTEST, "staging_green", true.into()),
        (Kind::Guide, JUNIT, "guide_followed", false.into()),
        (Kind::Lint, CLIPPY, "lint_warnings", 1.into()),
        (Kind::Lint, SARIF, "lint_warnings", 2.into()),
        (Kind::Format, "exit 0\n", "format_diffs", 0.into()),
        (Kind::Format, "Diff in a.rs:1:\n-a\n+b\nexit 1", "format_diffs", 1.into()),
        (Kind::Format, "would reformat a.py\nexit 1", "format_diffs", 1.into()),
        (Kind::Generated, "exit 0\n", "generated_diff_lines", 0.into()),
        (
            Kind::Generated,
            "diff --git a/x b/x\n--- a/x\n+++ b/x\n-old\n+new\nexit 1",
            "generated_diff_lines",
            2.into(),
        ),
        (Kind::Coverage, LCOV, "coverage_percent", 90.0.into()),
        (Kind::Coverage, COBERTURA, "coverage_percent", 87.5.into()),
        (Kind::Advisories, AUDIT, "advisories_high", 2.into()),
        (Kind::Advisories, AUDIT, "advisories_of", "2026-01-02T00:00:00Z".into()),
        (Kind::Advisories, NPM, "advisories_high", 3.into()),
        (Kind::Advisories, TRIVY, "advisories_high", 1.into()),
        (Kind::Advisories, SARIF, "advisories_high", 2.into()),
        (Kind::Image, SARIF, "image_findings_high", 2.into()),
        (Kind::Image, TRIVY, "image_findings_high", 1.into()),
        (Kind::Licences, DENY, "licences_denied", 1.into()),
        (Kind::Secrets, GITLEAKS, "secret_findings", 1.into()),
        (Kind::Secrets, "[]", "secret_findings", 0.into()),
        (Kind::Secrets, GUARD, "secret_findings", 1.into()),
        (Kind::Secrets, SARIF, "secret_findings", 3.into()),
        (Kind::Tracked, "a/.env\n.env.example\nprod.env\nenv.rs\n", "tracked_env_files", 2.into()),
        (Kind::Openapi, OPENAPI, "deprecated_unmarked", 1.into()),
    ]
}

fn build() -> Build {
    Build {
        version: "1.2.3".to_owned(),
        commit: "0123abc".to_owned(),
        at: "2026-01-02T00:00:00Z".parse().unwrap(),
    }
}

fn given(kind: Kind, texts: &[&str]) -> BTreeMap<Kind, Vec<Input>> {
    let input = |text: &&str| Input { path: "out.txt".to_owned(), bytes: text.as_bytes().to_vec() };
    [(kind, texts.iter().map(input).collect())].into()
}

fn refused(kind: Kind, text: &str) -> String {
    ci(&build(), &given(kind, &[text]), &[]).unwrap_err().to_string()
}

#[test]
fn each_form_decides_its_field_and_is_named_with_its_hash() {
    for (kind, text, field, expected) in known() {
        let document = ci(&build(), &given(kind, &[text]), &[]).unwrap();
        assert_eq!(document[field], expected, "{kind:?} {document:#}");
        assert_eq!(document["version"], "1.2.3");
        let hash = hex(&Sha256::digest(text.as_bytes()));
        assert_eq!(document["inputs"][0]["sha256"], hash, "{kind:?}");
        assert!(document.get("green").is_none(), "what was not given is left out");
    }
    let kinds: std::collections::BTreeSet<Kind> = known().into_iter().map(|it| it.0).collect();
    assert_eq!(kinds.len(), Kind::ALL.len(), "each kind is here");
}

#[test]
fn a_build_is_green_only_by_tests_linter_and_formatter() {
    let mut inputs = given(Kind::Tests, &[LIBTEST, LIBTEST]);
    inputs.extend(given(Kind::Format, &["exit 0"]));
    let lint = |text: &str| {
        let mut inputs = inputs.clone();
        inputs.extend(given(Kind::Lint, &[text]));
        ci(&build(), &inputs, &[]).unwrap()
    };
    assert_eq!(lint(CLIPPY)["green"], false);
    let clean = lint(r#"{"reason":"build-finished","success":true}"#);
    assert_eq!((&clean["green"], &clean["tests_passed"]), (&true.into(), &4.into()));
    assert_eq!(lint(r#"{"reason":"build-finished","success":false}"#)["lint_warnings"], 1);
}

#[test]
fn nothing_is_read_of_what_is_empty_cut_or_of_another_form() {
    for kind in Kind::ALL {
        for text in ["", "  \n", "hello\n", "{}", "null", "<html></html>", "[1, 2]"] {
            // Files may have names such as these.
            if kind == Kind::Tracked && ["hello\n", "null", "[1, 2]"].contains(&text) {
                continue;
            }
            let why = refused(kind, text);
            assert!(why.contains(kind.as_str()) && why.contains("out.txt"), "{text}: {why}");
        }
    }
    let (half, _) = JUNIT.split_once("</testsuite>").unwrap();
    assert!(refused(Kind::Tests, half).contains("cut"), "{half}");
    let (half, _) = CLIPPY.split_at(CLIPPY.len() / 2);
    assert!(refused(Kind::Lint, half).contains("cut"));
    assert!(refused(Kind::Coverage, &LCOV.replace("end_of_record\n", "")).contains("cut"));
    assert!(refused(Kind::Tests, "<testsuite/>").contains("no test was run"));
    assert!(
        refused(Kind::Tests, "running 0 tests\ntest result: ok. 0 passed; 0 failed; 0 ignored")
            .contains("no test was run")
    );
    assert!(refused(Kind::Advisories, &AUDIT.replace("700", "0")).contains("no database"));
    assert!(refused(Kind::Advisories, &NPM.replace("40", "0")).contains("no package"));
    assert!(refused(Kind::Image, r#"{"version":"2.1.0","runs":[]}"#).contains("no run"));
    assert!(refused(Kind::Secrets, AUDIT).contains("expected JSON of gitleaks"));
    assert!(ci(&build(), &BTreeMap::new(), &[]).is_err(), "nothing was given");
    let wrong = Build { commit: "main".to_owned(), ..build() };
    assert!(ci(&wrong, &given(Kind::Tests, &[LIBTEST]), &[]).is_err());
    let binary = [(Kind::Tests, vec![Input { path: "x".to_owned(), bytes: vec![0xff, 0xfe] }])];
    assert!(ci(&build(), &binary.into(), &[]).unwrap_err().to_string().contains("UTF-8"));
}

#[test]
fn a_program_of_tests_that_died_has_failed() {
    let died = format!("{LIBTEST}running 5 tests\ntest b ... ok\n");
    let document = ci(&build(), &given(Kind::Tests, &[&died]), &[]).unwrap();
    assert_eq!(document["tests_failed"], 1);
    let broken = format!("{LIBTEST}error: could not compile `assay` (lib)\n");
    let document = ci(&build(), &given(Kind::ScopeRules, &[&broken]), &[]).unwrap();
    assert_eq!(document["scope_rules_passed"], false);
    let more = JUNIT.replace("failures=\"1\"", "failures=\"3\" errors=\"1\"");
    let document = ci(&build(), &given(Kind::Tests, &[&more]), &[]).unwrap();
    assert_eq!(document["tests_failed"], 4, "a suite knows of cases that are not written down");
}

#[test]
fn what_is_told_has_a_source_and_no_second_one() {
    let told = Told::parse("staging_green=true@https://ci.example.org/run/7").unwrap();
    let document = ci(&build(), &BTreeMap::new(), std::slice::from_ref(&told)).unwrap();
    assert_eq!(document["staging_green"], true);
    assert_eq!(document["told"]["staging_green"], "https://ci.example.org/run/7");
    let twice = ci(&build(), &given(Kind::Staging, &[LIBTEST]), &[told]);
    assert!(twice.unwrap_err().to_string().contains("two sources"));
    for word in [
        "staging_green",
        "staging_green=true",
        "staging_green=true@ ",
        "staging_green=yes@ci",
        "tests_failed=0@ci",
        "previous_version=@ci",
    ] {
        assert!(Told::parse(word).is_err(), "{word}");
    }
}

proptest! {
    #[test]
    fn no_bytes_break_a_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for kind in Kind::ALL {
            let input = Input { path: "x".to_owned(), bytes: bytes.clone() };
            let _ = ci(&build(), &[(kind, vec![input])].into(), &[]);
        }
    }

    #[test]
    fn no_damage_breaks_a_reader(at in 0..32_usize, cut in 0..600_usize, byte in any::<u8>()) {
        let all = known();
        let (kind, text, ..) = &all[at % all.len()];
        let mut bytes = text.as_bytes().to_vec();
        let place = cut % bytes.len();
        bytes[place] = byte;
        let whole = Input { path: "x".to_owned(), bytes: bytes.clone() };
        let _ = ci(&build(), &[(*kind, vec![whole])].into(), &[]);
        bytes.truncate(place);
        let half = Input { path: "x".to_owned(), bytes };
        let _ = ci(&build(), &[(*kind, vec![half])].into(), &[]);
    }
}
