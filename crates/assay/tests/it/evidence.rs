//! Evidence from the outputs of a build to the verdict of a check, and what the program looks up itself.

use std::{fs, path::PathBuf};

use assay_testkit::process::{Run, Server};
use serde_json::Value;

use crate::support::{Desk, binary};

const LIBTEST: &str =
    "running 2 tests\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured\n";
const CLIPPY: &str = "{\"reason\":\"build-finished\",\"success\":true}\n";

/// A desk with a configuration of its own.
struct Site {
    desk: Desk,
    config: PathBuf,
}

impl Site {
    fn new(config: &str) -> Self {
        let desk = Desk::new();
        let config = desk.file("assay.toml", config);
        Self { desk, config }
    }

    fn serve(&self) -> Server {
        let config = ["--config", self.config.to_str().unwrap()];
        Server::start_with(binary(), &self.desk.data(), &config).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.desk.run(&[arguments, &["--config", self.config.to_str().unwrap()]].concat())
    }

    fn evidence(&self, arguments: &[&str]) -> Run {
        self.run(&[&["ready", "evidence"], arguments].concat())
    }

    /// What a check comes to, and the configuration of the run.
    fn check(&self, id: &str) -> (String, Value) {
        let profiles = self.desk.data().join("ready/profiles");
        fs::create_dir_all(&profiles).unwrap();
        fs::write(profiles.join("own.toml"), format!("checks = [\"{id}\"]")).unwrap();
        let docs = assay_testkit::workspace_root().join("docs");
        let docs = docs.to_str().unwrap();
        let made = self.run(&["ready", "check", "--profile", "own", "--docs", docs, "--json"]);
        let run: Value = serde_json::from_str(&made.stdout).unwrap_or_default();
        assert!(run.is_object(), "{made:?}");
        let found = run["outcomes"].as_array().unwrap().iter().find(|it| it["id"] == id).unwrap();
        (found["verdict"].as_str().unwrap().to_owned(), run)
    }

    fn verdict(&self, id: &str) -> String {
        self.check(id).0
    }
}

#[test]
fn outputs_of_a_build_decide_its_checks_and_no_others() {
    let site = Site::new("");
    let _server = site.serve();
    let lint = site.desk.file("clippy.json", CLIPPY);
    let formatted = site.desk.file("fmt.txt", "exit 0\n");
    let tests = site.desk.file("tests.txt", LIBTEST);
    let given = |further: &[&str]| {
        let [lint, formatted, tests] = [&lint, &formatted, &tests].map(|it| it.to_str().unwrap());
        let all = ["ci", "--commit", "0123abcd", "--lint", lint, "--formatted", formatted];
        let all = [&all[..], &["--scope-rules", tests, "--tests", tests, tests], further].concat();
        site.evidence(&all)
    };
    assert_eq!(site.verdict("BLD-01"), "inconclusive");
    let written = given(&[]);
    assert_eq!(written.code, 0, "{written:?}");
    assert!(written.stdout.contains("tests_passed") && written.stdout.contains("green"));
    assert_eq!(site.verdict("BLD-01"), "pass");
    assert_eq!(site.verdict("AUT-04"), "pass");
    assert_eq!(site.verdict("BLD-05"), "inconclusive", "nothing was said of licences");
    assert_eq!(given(&["--of", "0.0.1"]).code, 0);
    assert_eq!(site.verdict("BLD-01"), "stale", "it is of another version");

    let warning =
        r#"{"reason":"compiler-message","message":{"level":"warning","message":"unused"}}"#;
    fs::write(&lint, format!("{warning}\n{CLIPPY}")).unwrap();
    assert_eq!(given(&[]).code, 0);
    assert_eq!(site.verdict("BLD-01"), "fail");
    let path = site.desk.data().join("ready/evidence/ci.json");
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&lint, "").unwrap();
    let refused = given(&[]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("cargo clippy --message-format=json"), "{refused:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), before, "nothing was written");
}

#[test]
fn a_review_is_of_the_configuration_that_is_there() {
    let site = Site::new("[log]\nfilter = \"warn\"\n");
    let _server = site.serve();
    let (verdict, run) = site.check("CFG-05");
    assert_eq!(verdict, "inconclusive");
    let hash = run["config"].as_str().unwrap();
    let review = |by: &str, of: &str| {
        site.evidence(&["reviewed", "--author", "ada", "--reviewer", by, "--of", of]).code
    };
    assert_eq!((review("Ada", hash), review("eve", "00000000")), (4, 4));
    assert_eq!(site.verdict("CFG-05"), "inconclusive");
    assert_eq!(review("eve", &hash[..8]), 0);
    assert_eq!(site.verdict("CFG-05"), "pass");
    fs::write(&site.config, "[log]\nfilter = \"info\"\n").unwrap();
    assert_eq!(site.verdict("CFG-05"), "fail", "it was changed since");
}

#[test]
fn staging_is_compared_setting_by_setting() {
    let production = Site::new("[telemetry]\ninterval_seconds = 20\n");
    let staging = Site::new("[telemetry]\ninterval_seconds = 30\n");
    let (_server, beside) = (production.serve(), staging.serve());
    let compare = |explained: &[&str]| {
        let explained = explained.iter().flat_map(|it| ["--explained", it]);
        let all: Vec<&str> =
            ["staging", "--staging", &beside.url].into_iter().chain(explained).collect();
        production.evidence(&all)
    };
    assert_eq!(compare(&[]).code, 0);
    assert_eq!(production.verdict("INF-02"), "fail");
    let path = production.desk.data().join("ready/evidence/staging.json");
    let told: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(told["unexplained"]["telemetry.interval_seconds"]["staging"], 30, "{told:#}");
    let keys: Vec<String> = told["unexplained"].as_object().unwrap().keys().cloned().collect();
    let reasons: Vec<String> = keys.iter().map(|key| format!("{key}=of another place")).collect();
    let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
    assert_eq!(compare(&reasons).code, 0);
    assert_eq!(production.verdict("INF-02"), "pass");
    assert_eq!(compare(&["log.filter=it does not differ"]).code, 4);
}

#[test]
fn keys_records_links_and_events_are_looked_up() {
    let site = Site::new("");
    let server = site.serve();
    assert_eq!(site.verdict("AUT-03"), "inconclusive", "there is no key");
    let made = site.run(&["keys", "create", "--bootstrap", "ada@example.org"]);
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(site.verdict("AUT-03"), "pass");
    assert_eq!(site.verdict("SCR-04"), "pass");
    assert_eq!(site.verdict("INF-01"), "fail");
    assert_eq!(site.verdict("DOC-05"), "fail", "no address is written down");
    let filled = format!(
        "[deployment]\nprovider = \"own\"\nregion = \"here\"\nregistry = \"none\"\nowner = \"ada\"\n\
         urls = [\"{}/docs\"]\n\n[web.github]\ntoken = \"t\"\n",
        server.url
    );
    fs::write(&site.config, filled).unwrap();
    assert_eq!(site.verdict("INF-01"), "pass");
    let (verdict, run) = site.check("DOC-05");
    assert_eq!(verdict, "pass", "{run:#}");
    assert_eq!(site.verdict("SCR-04"), "fail", "a secret of the settings has no owner");
    // Ten minutes have not gone by: the counters are there, and decide nothing.
    let (verdict, run) = site.check("LOG-06");
    assert_eq!(verdict, "inconclusive");
    let text = run.to_string();
    assert!(text.contains("need a window of 10 min"), "{text}");
}
