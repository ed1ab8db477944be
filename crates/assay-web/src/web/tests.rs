//! The four providers against a server that speaks their protocols, well and badly.

use assay_core::{FakeClock, TenantId};
use assay_testkit::public::{Fault, PublicServer};

use super::*;
use crate::PageFormat;

/// The time of the clock: 2026-11-21.
const NOW_S: i64 = 1_795_219_200;

struct Setup {
    server: PublicServer,
    web: Web,
}

fn setup(change: impl FnOnce(&mut WebSettings)) -> Setup {
    let server = PublicServer::start().unwrap();
    let mut settings: WebSettings = serde_json::from_value(server.settings()).unwrap();
    change(&mut settings);
    let web = Web::new(&settings, Arc::new(FakeClock::at_ms(NOW_S * 1_000))).unwrap();
    Setup { server, web }
}

fn query(words: &str) -> WebQuery {
    WebQuery { words: words.to_owned(), language: "en".to_owned(), results: 6 }
}

impl Setup {
    async fn ask(&self, name: ProviderName, words: &str) -> (ProviderReport, Vec<WebPage>) {
        let scope = TenantScope::built_in();
        let deadline = Deadline::after(Duration::from_millis(400));
        let mut found = self.web.search(&scope, &query(words), &[name], deadline).await;
        (found.reports.remove(0), found.pages)
    }

    fn state(&self, name: ProviderName) -> BreakerState {
        self.web.status().into_iter().find(|status| status.name == name).unwrap().breaker
    }
}

#[tokio::test]
async fn wikipedia_gives_articles_with_their_licence() {
    let setup = setup(|_| {});
    let (report, pages) = setup.ask(ProviderName::Wikipedia, "gear pump").await;
    assert_eq!((report.state, report.found), (ProviderState::Completed, 2), "{report:?}");
    let page = &pages[0];
    assert_eq!(page.title, "Gear pump");
    assert!(page.content.contains("Johannes Kepler"), "the whole article: {}", page.content);
    assert_eq!(page.format, PageFormat::Html);
    assert_eq!(page.url, "https://en.wikipedia.org/wiki/Gear_pump");
    assert_eq!(page.licence.as_deref(), Some("CC BY-SA 4.0"));
    assert_eq!(page.changed.unwrap().to_string(), "2024-05-01T10:00:00Z");
    let requests = setup.server.requests();
    let agent = &requests[0].headers["user-agent"];
    assert!(agent.starts_with("assay/") && agent.contains("(ops@example.org)"), "{agent}");
    assert_eq!(requests[0].query["srsearch"], "gear pump");
    assert_eq!(requests[1].query["pageids"], "11");
}

#[tokio::test]
async fn stack_exchange_gives_the_accepted_answer_and_its_author() {
    let setup = setup(|_| {});
    let (report, pages) = setup.ask(ProviderName::StackOverflow, "cancel fetch").await;
    assert_eq!((report.state, report.found), (ProviderState::Completed, 2), "{report:?}");
    assert_eq!(pages[0].title, "How do I cancel a \"fetch\" request?");
    assert_eq!(pages[0].url, "https://stackoverflow.com/a/201");
    assert_eq!(pages[0].author.as_deref(), Some("Dora"));
    assert!(pages[0].content.contains("AbortController"));
    assert_eq!(pages[1].author.as_deref(), Some("Ben"), "a question without answers is a page");
    let requests = setup.server.requests();
    assert_eq!(requests[0].query["site"], "stackoverflow");
    assert_eq!(requests[1].path, "/2.3/questions/101/answers");
}

#[tokio::test]
async fn mdn_gives_documents_and_summaries() {
    let setup = setup(|_| {});
    let (report, pages) = setup.ask(ProviderName::Mdn, "abort").await;
    assert_eq!(report.found, 2, "{report:?}");
    assert!(pages[0].content.contains("<h2>Instance methods</h2>"), "{}", pages[0].content);
    assert_eq!(pages[1].format, PageFormat::Text);
    assert_eq!(pages[1].url, format!("{}/en-US/docs/Web/API/Window/fetch", setup.server.url));
}

#[tokio::test]
async fn github_searches_code_only_with_a_token() {
    let setup_without = setup(|_| {});
    let (report, pages) = setup_without.ask(ProviderName::Github, "abort fetch").await;
    assert_eq!(report.found, 2, "{report:?}");
    assert_eq!(pages[0].licence.as_deref(), Some("MIT"));
    assert!(setup_without.server.requests().iter().all(|request| request.path != "/search/code"));
    let with = setup(|settings| {
        settings.github.token = Some(assay_core::Secret::new("word".to_owned()));
    });
    let (_, pages) = with.ask(ProviderName::Github, "abort fetch").await;
    assert_eq!(pages[2].title, "example/abortable-fetch: src/abort.js");
    let requests = with.server.requests();
    assert!(requests.iter().all(|request| request.headers["authorization"] == "Bearer word"));
    assert!(requests.iter().all(|request| request.headers["x-github-api-version"] == "2022-11-28"));
}

#[tokio::test]
async fn github_gives_what_one_of_its_searches_gave() {
    let setup = setup(|_| {});
    setup.server.fault("/search/issues", Some(Fault::Status(500, Vec::new())));
    let (report, _) = setup.ask(ProviderName::Github, "abort fetch").await;
    assert_eq!((report.state, report.found), (ProviderState::Completed, 1), "{report:?}");
}

#[tokio::test]
async fn every_fault_is_told_and_none_costs_more_than_the_time() {
    let faults = [
        (Fault::Silent, "longer than the time"),
        (Fault::Dead, ""),
        (Fault::Status(500, Vec::new()), "status 500"),
        (Fault::Cut, ""),
        (Fault::WrongJson, "cannot be read"),
        (Fault::Endless, "more than 100000 bytes"),
        (Fault::Bomb, "more than 100000 bytes"),
        (
            Fault::Redirect("http://169.254.169.254/latest/meta-data".to_owned()),
            "inside the network",
        ),
        (Fault::Redirect("file:///etc/passwd".to_owned()), "not allowed"),
        (Fault::Redirect("/w/api.php/again".to_owned()), "redirects more than three times"),
    ];
    let names = [
        (ProviderName::Wikipedia, "/w/"),
        (ProviderName::StackOverflow, "/2.3/"),
        (ProviderName::Mdn, "/api/"),
        (ProviderName::Github, "/search/"),
    ];
    for (name, path) in names {
        for (fault, said) in &faults {
            let setup = setup(|settings| settings.answer_bytes_max = 100_000);
            let fault = match fault {
                Fault::Redirect(to) if to.starts_with('/') => {
                    Fault::Redirect(format!("{path}again"))
                }
                fault => fault.clone(),
            };
            setup.server.fault(path, Some(fault.clone()));
            let start = Instant::now();
            let (report, pages) = setup.ask(name, "pump").await;
            let error = report.error.clone().unwrap_or_default();
            assert!(pages.is_empty() && report.state != ProviderState::Completed, "{fault:?}");
            assert!(!error.is_empty() && error.contains(said), "{name} {fault:?}: {error}");
            assert!(start.elapsed() < Duration::from_secs(2), "{name} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_second_call_that_fails_costs_only_what_it_would_add() {
    let setup = setup(|_| {});
    setup.server.fault("/2.3/questions", Some(Fault::Silent));
    let (report, pages) = setup.ask(ProviderName::StackOverflow, "cancel fetch").await;
    assert_eq!(report.state, ProviderState::Completed, "{report:?}");
    assert_eq!(pages[0].url, "https://stackoverflow.com/questions/101/how-do-i-cancel");
}

#[tokio::test]
async fn waits_that_are_asked_for_are_kept() {
    let header = |name, value: &str| Fault::Status(429, vec![(name, value.to_owned())]);
    let reset = (NOW_S + 120).to_string();
    let limits = vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", reset)];
    let backoff = serde_json::json!({ "items": [], "backoff": 45, "quota_remaining": 5 });
    let quota = serde_json::json!({ "items": [], "quota_remaining": 0 });
    for (name, path, fault, seconds) in [
        (ProviderName::Wikipedia, "/w/", header("Retry-After", "90"), 90),
        (
            ProviderName::Wikipedia,
            "/w/",
            header("Retry-After", "Sat, 21 Nov 2026 00:01:00 GMT"),
            61,
        ),
        (ProviderName::Mdn, "/api/", Fault::Status(429, Vec::new()), 60),
        (ProviderName::Github, "/search/", Fault::Status(403, limits.clone()), 121),
        (ProviderName::Github, "/search/", Fault::With(limits), 121),
        (ProviderName::StackOverflow, "/2.3/", Fault::Says(backoff), 45),
        (ProviderName::StackOverflow, "/2.3/", Fault::Says(quota), 3_600),
        (ProviderName::Mdn, "/api/", header("Retry-After", "99999999999"), 3_600),
    ] {
        let setup = setup(|_| {});
        setup.server.fault(path, Some(fault.clone()));
        setup.ask(name, "first").await;
        let BreakerState::Open(left) = setup.state(name) else { panic!("{name} {fault:?}") };
        let seconds = Duration::from_secs(seconds);
        assert!(left <= seconds && left > seconds - Duration::from_secs(5), "{name} {left:?}");
        setup.server.requests();
        let (report, _) = setup.ask(name, "second").await;
        assert_eq!(report.state, ProviderState::Skipped, "{report:?}");
        assert!(report.error.unwrap().contains("left alone for"));
        assert!(setup.server.requests().is_empty(), "{name} is asked although it rests");
    }
}

#[tokio::test]
async fn five_failures_open_the_breaker_of_that_provider_alone() {
    let setup = setup(|_| {});
    setup.server.fault("/api/", Some(Fault::Status(500, Vec::new())));
    for number in 0..5 {
        let (report, _) = setup.ask(ProviderName::Mdn, &number.to_string()).await;
        assert_eq!(report.state, ProviderState::Failed);
    }
    assert!(matches!(setup.state(ProviderName::Mdn), BreakerState::Open(_)));
    assert_eq!(setup.state(ProviderName::Wikipedia), BreakerState::Closed);
    let status = setup.web.status();
    let mdn = status.iter().find(|status| status.name == ProviderName::Mdn).unwrap();
    assert_eq!(
        (mdn.failed, mdn.last_error.as_deref().unwrap()),
        (5, "it answered with status 500")
    );
}

#[tokio::test]
async fn calls_beyond_the_limit_are_not_made() {
    let setup = setup(|settings| settings.github.calls_per_minute = 4);
    for words in ["a", "b"] {
        assert_eq!(setup.ask(ProviderName::Github, words).await.0.found, 2);
    }
    let (report, _) = setup.ask(ProviderName::Github, "c").await;
    assert_eq!(report.state, ProviderState::Skipped);
    assert_eq!(report.error.as_deref(), Some("its 4 calls a minute are used up"));
    assert_eq!(setup.server.requests().len(), 4);
    assert_eq!(setup.state(ProviderName::Github), BreakerState::Closed, "that is no failure");
}

#[tokio::test]
async fn answers_are_remembered_for_the_tenant_that_asked() {
    let setup = setup(|_| {});
    let first = setup.ask(ProviderName::Mdn, "Abort").await;
    setup.server.requests();
    let (report, pages) = setup.ask(ProviderName::Mdn, "abort").await;
    assert!(report.cached && setup.server.requests().is_empty());
    assert_eq!(pages, first.1);
    let other = TenantScope::of_recorded_task(TenantId::from_u128(9));
    let deadline = Deadline::after(Duration::from_secs(1));
    let found = setup.web.search(&other, &query("abort"), &[ProviderName::Mdn], deadline).await;
    assert!(!found.reports[0].cached && !setup.server.requests().is_empty());
}

#[tokio::test]
async fn what_is_inside_the_network_is_not_reached_without_leave() {
    let setup = setup(|settings| settings.allow_private_hosts.clear());
    let (report, _) = setup.ask(ProviderName::Wikipedia, "pump").await;
    assert!(report.error.unwrap().contains("inside the network"));
    assert!(setup.server.requests().is_empty());
}

#[tokio::test]
async fn addresses_that_are_none_are_left_out() {
    let setup = setup(|_| {});
    let hit = |url: &str, text: &str| serde_json::json!({ "full_name": "a/b", "html_url": url, "description": text });
    let items = [
        hit("javascript:alert(1)", "first"),
        hit("https://github.com/a/b", "second"),
        hit("https://github.com/a/c", " "),
    ];
    let reply = serde_json::json!({ "items": items });
    setup.server.fault("/search/repositories", Some(Fault::Says(reply)));
    setup.server.fault("/search/issues", Some(Fault::Says(serde_json::json!({ "items": [] }))));
    let (_, pages) = setup.ask(ProviderName::Github, "x").await;
    assert_eq!(pages.iter().map(|page| page.content.as_str()).collect::<Vec<_>>(), ["second"]);
}

#[test]
fn settings_that_cannot_be_are_told_at_once() {
    let settings = WebSettings {
        providers: vec![ProviderName::Mdn],
        results: 0,
        keep_days: 0,
        ..WebSettings::default()
    };
    let keys: Vec<&str> = settings.problems().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["contact", "results", "keep_days"]);
    let mut settings = WebSettings { contact: "a@b.org".to_owned(), ..WebSettings::default() };
    settings.providers = vec![ProviderName::Mdn];
    settings.mdn.base_url = "ftp://mirror".to_owned();
    let error = Web::new(&settings, Arc::new(FakeClock::at_ms(0))).err().unwrap().to_string();
    assert_eq!(error, "`web.mdn.base_url` is not an `http` or `https` URL: `ftp://mirror`");
}
