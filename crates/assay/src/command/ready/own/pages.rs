//! What the pages beside the deployment tell: whether their links lead somewhere, and which runbooks were
//! exercised.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use assay_ready::{Request, Transport};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Pages that are read at most, and bytes of one.
const PAGES_MAX: usize = 2_000;
const PAGE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Addresses that are asked at most, and how long for each.
const URLS_MAX: usize = 50;
const WAIT: std::time::Duration = std::time::Duration::from_secs(5);
/// Days for which a runbook counts as exercised: six months.
const EXERCISED_DAYS: f64 = 183.0;

/// Links between the pages that lead nowhere, and addresses of the settings that do not answer. Nothing
/// else is asked: a page may name hosts that are nobody's business here.
pub(super) fn links(http: &dyn Transport, docs: &Path, settings: &Value) -> Result<Value, String> {
    let pages = pages(docs);
    let mut dead = Vec::new();
    let mut followed = 0_usize;
    for page in &pages {
        let Ok(text) = fs::read_to_string(page) else { continue };
        for target in targets(&text) {
            followed += 1;
            if fs::metadata(page.parent().unwrap_or(docs).join(&target)).is_err() {
                dead.push(format!(
                    "{}: {target}",
                    page.strip_prefix(docs).unwrap_or(page).display()
                ));
            }
        }
    }
    if followed == 0 {
        return Err(format!("no page below {} has a link", docs.display()));
    }
    let urls = settings.pointer("/deployment/urls").and_then(Value::as_array);
    let urls: Vec<&str> =
        urls.into_iter().flatten().filter_map(Value::as_str).take(URLS_MAX).collect();
    for url in &urls {
        let answered = http.send(&Request {
            method: "GET".to_owned(),
            url: (*url).to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: WAIT,
        });
        match answered {
            // One that asks for a login is there.
            Ok(response) if response.status < 400 || matches!(response.status, 401 | 403) => {}
            Ok(response) => dead.push(format!("{url}: {}", response.status)),
            Err(why) => dead.push(format!("{url}: {why}")),
        }
    }
    Ok(json!({
        "pages": pages.len(), "links": followed, "recorded": urls.len(), "dead": dead.len(),
        "leads_nowhere": dead,
    }))
}

/// All Markdown pages below a folder.
fn pages(docs: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![docs.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else { continue };
            let path = entry.path();
            if about.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "md")
                && about.len() <= PAGE_BYTES_MAX
                && found.len() < PAGES_MAX
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Files that a page links to, outside of blocks and words of code.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for part in prose.split("](").skip(1).filter(|_| !is_code) {
            let Some((target, _)) = part.split_once(')') else { continue };
            let target = target.split_whitespace().next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            let is_file = !file.is_empty() && !file.contains(':') && !file.starts_with('/');
            if is_file {
                found.push(file.to_owned());
            }
        }
    }
    found
}

/// A way in which a runbook is exercised: the result of a drill, and of that of the alerts the rules.
pub(super) struct Ways<'a> {
    /// Rules by the page that they name.
    pub(super) rules: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Drills by the page that a check names with them.
    pub(super) drills: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

/// Which pages of `runbooks/` were exercised within six months: an alert that names the page was fired
/// and healed by a drill, the drill was run that its check asks for, or a person walked through it.
pub(super) fn runbooks(
    docs: &Path,
    results: &Path,
    walked: &Path,
    ways: &Ways<'_>,
    now: Timestamp,
) -> Result<Value, String> {
    let folder = docs.join("runbooks");
    let names: BTreeSet<String> = pages(&folder)
        .iter()
        .filter_map(|page| Some(page.file_stem()?.to_string_lossy().into_owned()))
        .filter(|name| name != "index" && name != "README")
        .collect();
    if names.is_empty() {
        return Err(format!("there is no runbook in {}", folder.display()));
    }
    let read = |path: &Path| serde_json::from_str::<Value>(&fs::read_to_string(path).ok()?).ok();
    let is_fresh = |record: &Value| {
        let at = record.get("at").and_then(Value::as_str).and_then(|at| at.parse().ok());
        at.is_some_and(|at: Timestamp| {
            (now.as_second() - at.as_second()) as f64 / 86_400.0 <= EXERCISED_DAYS
        })
    };
    let fresh = |drill: &str| read(&results.join(format!("{drill}.json"))).filter(is_fresh);
    let walked = read(walked).unwrap_or_default();
    let fired = fresh("alerts").map(|alerts| healed(&alerts)).unwrap_or_default();
    let is_exercised = |name: &&String| {
        let rules = ways.rules.get(name.as_str()).into_iter().flatten();
        let drills = ways.drills.get(name.as_str()).into_iter().flatten();
        rules.into_iter().any(|rule| fired.contains(*rule))
            || drills.into_iter().any(|drill| fresh(drill).is_some())
            || walked.get(name.as_str()).is_some_and(is_fresh)
    };
    let (done, open): (Vec<&String>, Vec<&String>) = names.iter().partition(is_exercised);
    if done.is_empty() {
        return Err(
            "no runbook was exercised by a drill yet: assay drill alerts, assay drill restore"
                .to_owned(),
        );
    }
    Ok(json!({ "exercised": { "count": done.len(), "of": names.len() }, "open": open }))
}

/// Rules that a drill fired and healed.
fn healed(alerts: &Value) -> BTreeSet<String> {
    let all = alerts.pointer("/result/alerts").and_then(Value::as_array).into_iter().flatten();
    let is_done =
        |it: &&Value| ["fired_after", "resolved_after"].iter().all(|key| it[*key].is_number());
    all.filter(is_done).filter_map(|it| Some(it.get("rule")?.as_str()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    //! Links are followed; runbooks count when a drill went their way.

    use assay_ready::Response;

    use super::*;

    struct Web;

    impl Transport for Web {
        fn send(&self, request: &Request) -> Result<Response, String> {
            let status = if request.url.ends_with("/here") { 200 } else { 404 };
            Ok(Response { status, ..Response::default() })
        }
    }

    #[test]
    fn links_that_lead_nowhere_are_named() {
        let docs = tempfile::tempdir().unwrap();
        let page = docs.path().join("a.md");
        let write = |text: &str| fs::write(&page, text).unwrap();
        let asked =
            |urls: Value| links(&Web, docs.path(), &json!({ "deployment": { "urls": urls } }));
        write("no link, and `[code](none.md)`\n```\n[x](none.md)\n```\n");
        assert!(asked(json!([])).is_err(), "nothing was followed");
        write("[a](a.md#part) [b](https://example.org/x)");
        let sound = asked(json!(["https://example.org/here"])).unwrap();
        assert_eq!((&sound["dead"], &sound["recorded"]), (&json!(0), &json!(1)), "{sound:#}");
        write("[a](a.md), [c](none/c.md)");
        let bad = asked(json!(["https://example.org/gone"])).unwrap();
        assert_eq!(
            bad["leads_nowhere"],
            json!(["a.md: none/c.md", "https://example.org/gone: 404"])
        );
    }

    #[test]
    fn a_runbook_is_exercised_by_a_drill_that_is_not_old() {
        let root = tempfile::tempdir().unwrap();
        let (docs, results) = (root.path().join("docs"), root.path().join("drills"));
        fs::create_dir_all(docs.join("runbooks")).unwrap();
        fs::create_dir_all(&results).unwrap();
        for name in ["index", "disk-full", "restore"] {
            fs::write(docs.join(format!("runbooks/{name}.md")), "# page").unwrap();
        }
        let ways = Ways {
            rules: [("disk-full", ["DiskFull"].into())].into(),
            drills: [("restore", ["restore"].into())].into(),
        };
        let now = "2026-07-01T00:00:00Z".parse().unwrap();
        let walked = root.path().join("runbooks.json");
        let asked = || runbooks(&docs, &results, &walked, &ways, now);
        assert!(asked().is_err(), "nothing was exercised");
        let alerts = |at: &str, healed: Value| {
            let result = json!({ "alerts": [
                { "rule": "DiskFull", "fired_after": 1.0, "resolved_after": healed } ] });
            let text = json!({ "at": at, "result": result }).to_string();
            fs::write(results.join("alerts.json"), text).unwrap();
        };
        fs::write(results.join("restore.json"), r#"{"at":"2026-06-01T00:00:00Z"}"#).unwrap();
        alerts("2026-06-01T00:00:00Z", json!(2.0));
        assert_eq!(asked().unwrap()["exercised"], json!({ "count": 2, "of": 2 }));
        alerts("2026-06-01T00:00:00Z", Value::Null);
        assert_eq!(asked().unwrap()["open"], json!(["disk-full"]), "it never healed");
        alerts("2025-06-01T00:00:00Z", json!(2.0));
        assert_eq!(asked().unwrap()["open"], json!(["disk-full"]), "it is too long ago");
        let walk = |at: &str| {
            fs::write(&walked, json!({ "disk-full": { "at": at } }).to_string()).unwrap();
        };
        walk("2025-06-01T00:00:00Z");
        assert_eq!(asked().unwrap()["open"], json!(["disk-full"]), "and so is the walk");
        walk("2026-06-01T00:00:00Z");
        assert_eq!(asked().unwrap()["open"], json!([]));
    }
}
