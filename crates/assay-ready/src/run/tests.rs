//! From a scripted deployment to a verdict: nothing passes that was not seen, people's words count
//! until their day, kept evidence that was changed is found.

use std::{collections::BTreeMap, path::Path};

use jiff::Timestamp;

use super::*;
use crate::{
    Blast, Catalogue, Deployment, Folder, Own, Profile, Request, Response, Transport,
    people::{Said, attest::Attestation, sign, waive::Waiver},
    report,
};

/// A deployment whose answers are written down: path, status, body.
struct Scripted(BTreeMap<&'static str, (u16, &'static str)>, String);

impl Scripted {
    fn healthy() -> Self {
        let ready = r#"{"status":"ready","dependencies":[{"name":"records","status":"ready"},
            {"name":"index","status":"ready"},{"name":"tasks","status":"ready"},
            {"name":"disk","status":"ready"},{"name":"lanes","status":"ready"}],"error_count":0}"#;
        let live = r#"{"status":"healthy","version":"1.0.0","uptime_s":700.5}"#;
        let answers = [
            ("/health/live", (200, live)),
            ("/health", (200, live)),
            ("/health/ready", (200, ready)),
        ];
        Self(answers.into(), "Fri, 02 Jan 2026 00:00:00 GMT".to_owned())
    }
}

impl Transport for Scripted {
    fn send(&self, request: &Request) -> Result<Response, String> {
        let path = request.url.trim_start_matches("http://scripted");
        let (status, body) = self.0.get(path).copied().unwrap_or((404, "{}"));
        Ok(Response {
            status,
            headers: vec![("date".to_owned(), self.1.clone())],
            body: body.as_bytes().to_vec(),
            ms: 1.0,
            certificate: None,
        })
    }
}

impl Own for Scripted {
    fn tell(&self, question: &str) -> Result<serde_json::Value, String> {
        Err(format!("nothing is known of {question}"))
    }
}

fn now() -> Timestamp {
    "2026-01-02T00:00:00Z".parse().unwrap()
}

fn profile(checks: &[&str]) -> Profile {
    Profile { checks: checks.iter().map(|id| (*id).to_owned()).collect(), ..Profile::default() }
}

fn made(
    scripted: &Scripted,
    checks: &[&str],
    said: &Said,
    folder: &Path,
) -> (Run, BTreeMap<String, String>) {
    let catalogue = Catalogue::load(None).unwrap();
    let deployment = Deployment {
        url: "http://scripted".to_owned(),
        transport: scripted,
        own: scripted,
        config: None,
        data: None,
        docs: None,
        prometheus: None,
        traces: None,
        key: Some("as_secret_key".to_owned()),
        other_key: None,
        allow: Blast::Low,
        version: "1.0.0".to_owned(),
    };
    let given = Given {
        catalogue: &catalogue,
        profile: &profile(checks),
        said,
        folder,
        now: now(),
        build: "b".repeat(64),
        previous: String::new(),
    };
    perform(&given, &deployment).unwrap()
}

fn verdict(run: &Run, id: &str) -> Verdict {
    run.outcomes.iter().find(|it| it.id == id).unwrap().verdict
}

#[test]
fn a_healthy_deployment_passes_what_it_shows_and_nothing_else() {
    let scripted = Scripted::healthy();
    let (run, _) = made(
        &scripted,
        &["HLT-01", "HLT-07", "SLO-03", "BCK-05", "CFG-03"],
        &Said::default(),
        Path::new("/none"),
    );
    assert_eq!(verdict(&run, "HLT-01"), Verdict::Pass);
    assert_eq!(verdict(&run, "HLT-07"), Verdict::Pass);
    assert_eq!(verdict(&run, "BCK-05"), Verdict::Inconclusive, "no drill was run");
    assert_eq!(verdict(&run, "CFG-03"), Verdict::Inconclusive, "the settings are not known");
    assert_eq!(verdict(&run, "SLO-03"), Verdict::Error, "there are no metrics");
    assert!(!run.is_ready());
    assert_eq!(run.exit_code(FailOn::Blocker), 2);
    let told = report::terminal(&run, false);
    assert!(told.starts_with("READY?  NO"), "{told}");
    assert!(told.contains("assay drill restore"), "{told}");
}

#[test]
fn readiness_is_what_the_other_blockers_say() {
    let none = Path::new("/none");
    let mut scripted = Scripted::healthy();
    let (run, _) = made(&scripted, &["HLT-02", COMPUTED, SIGN_OFF], &Said::default(), none);
    assert_eq!(verdict(&run, COMPUTED), Verdict::Pass, "the sign-off comes after it");
    let (run, _) = made(&scripted, &["HLT-02", "BCK-05", COMPUTED], &Said::default(), none);
    assert_eq!(verdict(&run, COMPUTED), Verdict::Inconclusive, "a drill was not run");
    scripted.0.insert("/health/ready", (503, "{}"));
    let (run, _) = made(&scripted, &["HLT-02", COMPUTED], &Said::default(), none);
    assert_eq!(verdict(&run, COMPUTED), Verdict::Fail);
    let (run, _) = made(&scripted, &[COMPUTED], &Said::default(), none);
    assert_eq!(verdict(&run, COMPUTED), Verdict::Inconclusive, "nothing else was asked");
    let again =
        rejudge(&run, &Catalogue::load(None).unwrap(), &profile(&[COMPUTED]), &Said::default());
    assert_eq!(verdict(&again, COMPUTED), Verdict::Inconclusive);
}

#[test]
fn planted_defects_turn_checks_red() {
    let mut scripted = Scripted::healthy();
    scripted.0.insert("/health", (200, r#"{"status":"healthy","version":"1.0.0","uptime_s":3.0}"#));
    scripted.0.insert("/health/ready", (503, r#"{"status":"not_ready","dependencies":[]}"#));
    let (run, _) = made(&scripted, &["HLT-02", "HLT-07"], &Said::default(), Path::new("/none"));
    assert_eq!(verdict(&run, "HLT-02"), Verdict::Fail);
    assert_eq!(verdict(&run, "HLT-07"), Verdict::Inconclusive);
    assert_eq!(run.exit_code(FailOn::Blocker), 1);
    assert!(report::why_not(&run).contains("HLT-02"));
}

#[test]
fn another_version_or_a_clock_that_is_off_is_never_ready() {
    let mut scripted = Scripted::healthy();
    scripted.1 = "Fri, 02 Jan 2026 00:10:00 GMT".to_owned();
    scripted.0.insert("/health/live", (200, r#"{"status":"healthy","version":"0.9.0"}"#));
    let (run, _) = made(&scripted, &["HLT-07"], &Said::default(), Path::new("/none"));
    assert_eq!(verdict(&run, "HLT-07"), Verdict::Pass);
    assert_eq!(run.problems.len(), 2, "{:?}", run.problems);
    assert!(!run.is_ready());
    assert_eq!(run.exit_code(FailOn::Blocker), 2);
}

fn word(until: &str) -> Attestation {
    Attestation {
        check: "ONC-06".to_owned(),
        by: "ada".to_owned(),
        role: "operations".to_owned(),
        second: String::new(),
        text: "exercised the restore with both people".to_owned(),
        link: String::new(),
        file_sha256: String::new(),
        at: "2025-12-01T00:00:00Z".parse().unwrap(),
        expires: until.parse().unwrap(),
    }
}

#[test]
fn a_word_counts_until_its_day_and_a_waiver_too() {
    let scripted = Scripted::healthy();
    let said = |until: &str| Said { attestations: vec![word(until)], waivers: Vec::new() };
    let (run, _) = made(&scripted, &["ONC-06"], &said("2026-02-01T00:00:00Z"), Path::new("/none"));
    assert_eq!(verdict(&run, "ONC-06"), Verdict::Attested);
    assert!(run.is_ready());
    let (run, _) = made(&scripted, &["ONC-06"], &said("2026-01-01T00:00:00Z"), Path::new("/none"));
    assert_eq!(verdict(&run, "ONC-06"), Verdict::Stale);
    let waiver = |until: &str| Waiver {
        check: "BCK-05".to_owned(),
        reason: "the first backup runs tonight".to_owned(),
        owner: "eve".to_owned(),
        control: "the data can be taken in again".to_owned(),
        approver: "ada".to_owned(),
        created: now(),
        expires: until.parse().unwrap(),
    };
    let said = |until| Said { attestations: Vec::new(), waivers: vec![waiver(until)] };
    let (run, _) = made(&scripted, &["BCK-05"], &said("2026-02-01T00:00:00Z"), Path::new("/none"));
    assert_eq!(verdict(&run, "BCK-05"), Verdict::Waived);
    assert!(run.is_ready());
    let (run, _) = made(&scripted, &["BCK-05"], &said("2026-01-01T00:00:00Z"), Path::new("/none"));
    assert_eq!(verdict(&run, "BCK-05"), Verdict::Inconclusive);
    assert!(run.outcomes[0].says.contains("ended"), "{}", run.outcomes[0].says);
}

#[test]
fn drills_of_another_build_or_long_ago_are_stale() {
    let scripted = Scripted::healthy();
    let folder = tempfile::tempdir().unwrap();
    let result = serde_json::json!({ "restored": true, "smoke": true });
    let keep = |at: &str, version: &str| {
        crate::drill::keep(folder.path(), "restore", &result, at.parse().unwrap(), version, "")
            .unwrap();
        let (run, _) = made(&scripted, &["BCK-05"], &Said::default(), folder.path());
        verdict(&run, "BCK-05")
    };
    assert_eq!(keep("2026-01-01T00:00:00Z", "1.0.0"), Verdict::Pass);
    assert_eq!(keep("2025-11-01T00:00:00Z", "1.0.0"), Verdict::Stale);
    assert_eq!(keep("2026-01-01T00:00:00Z", "0.9.0"), Verdict::Stale);
}

#[test]
fn kept_evidence_that_was_changed_is_found_and_sign_offs_die() {
    let scripted = Scripted::healthy();
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::new(root.path().join("ready"));
    let (run, artefacts) = made(&scripted, &["HLT-07", "SGN-01"], &Said::default(), folder.path());
    assert!(artefacts.values().all(|text| !text.contains("as_secret_key")));
    folder.save(&run, &artefacts).unwrap();
    assert_eq!(folder.verify(&run.id).unwrap().faults, Vec::<String>::new());
    let head = folder.head(&run.id).unwrap();
    let path = folder.run_path(&run.id);
    for (at, role) in SIGNING_ROLES.into_iter().enumerate() {
        assert!(!folder.load(&run.id).unwrap().is_ready());
        let key = root.path().join(format!("{role}.key"));
        let by = format!("person {at}");
        sign::sign(&path, &run, &head, role, &by, &key, now()).unwrap();
    }
    let signed = folder.load(&run.id).unwrap();
    assert!(signed.is_ready(), "{}", report::terminal(&signed, true));
    let again = root.path().join("again.key");
    let twice = sign::sign(&path, &run, &head, "product", "person 0", &again, now());
    assert!(twice.unwrap_err().to_string().contains("another role"));

    let file = path.join("run.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("700.5", "900.5")).unwrap();
    let verified = folder.verify(&run.id).unwrap();
    assert_eq!(verified.faults.len(), 6, "{:?}", verified.faults);
    assert!(!folder.load(&run.id).unwrap().is_ready());
    std::fs::write(&file, &text).unwrap();
    let name = artefacts.keys().next().unwrap();
    std::fs::write(path.join("ev").join(name), "something else").unwrap();
    assert!(folder.verify(&run.id).unwrap().faults[0].contains("was changed"));
}

#[test]
fn an_old_run_can_be_judged_again() {
    let scripted = Scripted::healthy();
    let (run, _) = made(&scripted, &["HLT-07"], &Said::default(), Path::new("/none"));
    let catalogue = Catalogue::load(None).unwrap();
    let mut strict = profile(&["HLT-07", "HLT-05"]);
    let limit = BTreeMap::from([("uptime".to_owned(), crate::check::Limit::Number(1_000.0))]);
    strict.thresholds.insert("HLT-07".to_owned(), limit);
    let again = rejudge(&run, &catalogue, &strict, &Said::default());
    assert_eq!(verdict(&again, "HLT-07"), Verdict::Inconclusive);
    assert_eq!(verdict(&again, "HLT-05"), Verdict::Inconclusive);
    let changed = report::diff(&run, &again);
    assert!(changed.contains("WORSE   HLT-07"), "{changed}");
}

#[test]
fn every_form_of_the_report_holds_every_check() {
    let scripted = Scripted::healthy();
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::new(root.path().to_path_buf());
    let (mut run, _) =
        made(&scripted, &["HLT-*", "BCK-*", "ONC-06"], &Said::default(), folder.path());
    run.outcomes[0].verdict = Verdict::Fail;
    run.outcomes[0].says = "<script>alert('x')</script> & \u{1}".to_owned();
    let html = report::html(&run, &folder);
    assert!(!html.contains("<script") && !html.contains("http-equiv"));
    assert!(!html.contains("src=") && !html.contains("@import"), "nothing is fetched");
    let forms = [
        report::junit(&run),
        html,
        report::markdown(&run),
        report::prometheus(&run, now()),
        report::document(&run).to_string(),
    ];
    for form in &forms {
        for outcome in &run.outcomes {
            assert!(form.contains(&outcome.id), "{} is not in {form}", outcome.id);
        }
    }
    assert!(!forms[0].contains('\u{1}') && forms[0].contains("&lt;script&gt;"));
    let sarif: serde_json::Value = serde_json::from_str(&report::sarif(&run)).unwrap();
    let results = sarif.pointer("/runs/0/results").unwrap().as_array().unwrap();
    for result in results {
        let line = result.pointer("/locations/0/physicalLocation/region/startLine");
        assert!(line.and_then(serde_json::Value::as_u64).is_some_and(|line| line > 0));
    }
}
