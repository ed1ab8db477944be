//! Crawls of small sites on loopback, friendly and hostile.

use std::{
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::*;
use crate::{
    SourcePolicy, SourceSettings,
    net::http::HttpError,
    testing::{Act, Recorder, Request, Server, Synced, context, html, redirect, status},
};

/// Opens a crawl of a server with further settings.
fn crawl(server: &Server, more: Value) -> Synced {
    let mut settings = json!({ "kind": "web", "delay_ms": 0 });
    if more.get("sitemaps").is_none() {
        settings["urls"] = json!([format!("{}/", server.url)]);
    }
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    Synced::open(settings, Path::new("/nowhere"))
}

/// The paths of what was put.
fn put(run: &Recorder) -> Vec<&str> {
    run.keys().into_iter().map(path).collect()
}

fn path(url: &str) -> &str {
    url.splitn(4, '/').nth(3).unwrap()
}

/// A page of links, and pages that each have an ETag of their path.
fn site(request: &Request) -> Act {
    let tag = format!("\"{}\"", request.path);
    if request.headers.get("if-none-match") == Some(&tag) {
        return Act::Answer(304, Vec::new(), Vec::new());
    }
    let body = match request.path.as_str() {
        "/" => {
            "<a href=/a>a</a><a href=/b#x>b</a><a href=/private/p>p</a><a href=http://other.example/>o</a>"
        }
        "/a" => "<a href=/deep>d</a><a href=/a>self</a>",
        "/deep" => "<a href=/deeper>d</a>",
        "/b" | "/deeper" => "text",
        "/robots.txt" => {
            return Act::Answer(200, Vec::new(), b"User-agent: *\nDisallow: /private".to_vec());
        }
        _ => return status(404),
    };
    let headers = vec![("Content-Type", "text/html; charset=utf-8".to_owned()), ("ETag", tag)];
    Act::Answer(200, headers, body.into())
}

#[test]
fn a_site_is_read_by_its_links_and_again_only_where_it_changed() {
    let server = Server::start(site);
    let mut synced = crawl(&server, json!({ "depth": 2 }));
    let run = synced.run();
    assert_eq!(put(&run), ["", "a", "b", "deep"]);
    assert_eq!(run.puts[1].media_type.as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(run.puts[1].name, "a");
    assert!(run.problems.is_empty(), "{}", run.told());
    assert_eq!(server.paths(), ["/robots.txt", "/", "/a", "/b", "/deep"]);
    let run = synced.run();
    assert!(run.puts.is_empty() && run.removes.is_empty());
    let requests = server.requests();
    assert_eq!(requests.len(), 5);
    assert!(requests[1..].iter().all(|request| request.headers.contains_key("if-none-match")));
}

#[test]
fn pages_that_are_gone_are_removed_and_failing_ones_are_not() {
    let turn = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&turn);
    let server =
        Server::start(move |request| match (request.path.as_str(), seen.load(Ordering::SeqCst)) {
            ("/", _) => html("<a href=/gone>1</a><a href=/broken>2</a>"),
            ("/gone", 1) => status(410),
            ("/broken", 1) => status(500),
            ("/gone" | "/broken", _) => html("text"),
            _ => status(404),
        });
    let mut synced = crawl(&server, json!({}));
    assert_eq!(put(&synced.run()), ["", "gone", "broken"]);
    turn.store(1, Ordering::SeqCst);
    let run = synced.run();
    assert_eq!(run.removes.iter().map(|key| path(key)).collect::<Vec<_>>(), ["gone"]);
    assert!(run.told().contains("/broken: the host answered with status 500"), "{}", run.told());
    turn.store(2, Ordering::SeqCst);
    assert_eq!(put(&synced.run()), ["gone"], "it is back; the other is as it was");
}

#[test]
fn a_page_that_failed_at_first_is_tried_again_although_its_link_is_not_seen_again() {
    let turn = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&turn);
    let server = Server::start(move |request| match request.path.as_str() {
        "/b" if seen.load(Ordering::SeqCst) == 0 => Act::Close,
        _ => site(request),
    });
    let mut synced = crawl(&server, json!({ "depth": 1 }));
    let run = synced.run();
    assert_eq!(put(&run), ["", "a"]);
    assert_eq!(run.problems.len(), 1);
    turn.store(1, Ordering::SeqCst);
    assert_eq!(put(&synced.run()), ["b"]);
}

#[test]
fn sitemaps_give_pages_and_what_leaves_them_is_removed() {
    let turn = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&turn);
    let server = Server::start(move |request| {
        let base = format!("http://{}", request.headers["host"]);
        match (request.path.as_str(), seen.load(Ordering::SeqCst)) {
            ("/index.xml", _) => {
                let loc = format!("<sitemap><loc>{base}/map.xml.gz</loc></sitemap>");
                Act::Answer(200, Vec::new(), format!("<sitemapindex>{loc}</sitemapindex>").into())
            }
            ("/map.xml.gz", 2) => status(500),
            ("/map.xml.gz", turn) => {
                let second = if turn == 0 {
                    format!("<url><loc>{base}/b</loc></url>")
                } else {
                    String::new()
                };
                let map = format!(
                    "<urlset><url><loc>{base}/a</loc></url>{second}<url><loc>http://other.example/</loc></url></urlset>"
                );
                let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
                gzip.write_all(map.as_bytes()).unwrap();
                Act::Answer(200, Vec::new(), gzip.finish().unwrap())
            }
            _ => site(request),
        }
    });
    let mut synced = crawl(&server, json!({ "sitemaps": [format!("{}/index.xml", server.url)] }));
    assert_eq!(put(&synced.run()), ["a", "b"], "links of listed pages are not followed");
    turn.store(2, Ordering::SeqCst);
    let run = synced.run();
    assert!(run.removes.is_empty(), "an unreadable sitemap says nothing");
    assert!(run.told().contains("status 500"));
    turn.store(1, Ordering::SeqCst);
    let run = synced.run();
    assert_eq!(run.removes.iter().map(|key| path(key)).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn patterns_decide_what_is_kept_but_start_pages_are_read() {
    let server = Server::start(site);
    let mut synced = crawl(&server, json!({ "include": ["a", "deep*"], "exclude": ["deeper"] }));
    assert_eq!(put(&synced.run()), ["a", "deep"]);
}

#[test]
fn no_index_and_unchanged_bodies_are_not_put() {
    let server = Server::start(|request| match request.path.as_str() {
        "/" => html("<meta name=robots content=noindex><a href=/a>"),
        "/a" => html("no etag"),
        _ => status(404),
    });
    let mut synced = crawl(&server, json!({}));
    assert_eq!(put(&synced.run()), ["a"]);
    assert!(synced.run().puts.is_empty());
}

#[test]
fn redirects_inside_are_followed_and_others_are_not() {
    let server = Server::start(|request| match request.path.as_str() {
        "/" => html(
            "<a href=/in>1</a><a href=/out>2</a><a href=/meta>3</a><a href=/local>4</a><a href=/file>5</a>",
        ),
        "/in" => redirect("/target#part"),
        "/target" => html("text"),
        "/out" => redirect("http://other.example/"),
        "/meta" => redirect("http://169.254.169.254/latest/meta-data/"),
        "/local" => redirect("http://localhost:1/"),
        "/file" => redirect("file:///etc/passwd"),
        _ => status(404),
    });
    // Naming a host as a place of pages does not open the network to it.
    let hosts = json!(["169.254.169.254", "localhost"]);
    let run = crawl(&server, json!({ "hosts": hosts })).run();
    assert_eq!(put(&run), ["", "target"]);
    let told = run.told();
    assert!(told.contains("/out: it leads to `other.example`"), "{told}");
    assert!(told.contains("169.254.169.254` is not allowed: it is an address inside"), "{told}");
    assert!(told.contains("`localhost:1` is not allowed"), "{told}");
    assert!(told.contains("/file: it leads to"), "{told}");
}

#[test]
fn a_name_that_resolves_to_loopback_is_refused_by_the_resolver() {
    let server = Server::start(site);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let http =
        Http::new(&context(&runtime, SourcePolicy::default(), Path::new("/nowhere"))).unwrap();
    // Port 80, so that only the look-up can refuse it; nothing listens there.
    let url = Url::parse("http://localhost/").unwrap();
    let get = assay_net::Get {
        url: &url,
        headers: Default::default(),
        bytes_max: 100,
        deadline: assay_core::Deadline::after(std::time::Duration::from_secs(5)),
    };
    let error = http.get(get).unwrap_err();
    assert!(matches!(error, HttpError::Net(assay_net::HttpError::Blocked(_))), "{error:?}");
    assert!(server.paths().is_empty());
}

#[test]
fn hostile_answers_cost_bounded_time_and_memory() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..2 {
        gzip.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = gzip.finish().unwrap();
    let server = Server::start(move |request| match request.path.as_str() {
        "/" => html(
            "<a href=/endless>1</a><a href=/drip>2</a><a href=/bomb>3</a><a href=/loop>4</a><a href=/many?0>5</a><a href=/close>6</a><a href=/liar>7</a><a href=/fine>8</a>",
        ),
        "/endless" => Act::Endless,
        "/drip" => Act::Drip,
        "/bomb" => Act::Answer(200, vec![("Content-Encoding", "gzip".to_owned())], bomb.clone()),
        "/loop" => redirect("/loop2"),
        "/loop2" => redirect("/loop"),
        "/close" => Act::Close,
        "/liar" => Act::Answer(200, vec![("Content-Encoding", "br".to_owned())], b"x".to_vec()),
        "/fine" => html("fine"),
        path if path.starts_with("/many") => redirect(&format!("{path}0")),
        _ => status(404),
    });
    let limits = json!({ "file_bytes": 1_000_000, "request_seconds": 1 });
    let run = crawl(&server, json!({ "limits": limits })).run();
    assert_eq!(put(&run), ["", "fine"]);
    let told = run.told();
    for expected in [
        "/endless: it has more than 1000000 bytes",
        "/drip: it took longer",
        "/bomb: it has more than 1000000 bytes",
        "more than 5 redirects",
        "/close: ",
        "/liar: its content is encoded as `br`",
    ] {
        assert!(told.contains(expected), "{expected} is not in:\n{told}");
    }
}

#[test]
fn a_trap_of_pages_ends_and_every_page_gets_its_turn() {
    let server = Server::start(|request| {
        let number: u64 = request.path.trim_start_matches("/p").parse().unwrap_or(0);
        if request.path == "/robots.txt" {
            return status(404);
        }
        html(&format!(
            "{number}<a href=/p{}>1</a><a href=/p{}>2</a>",
            number * 2 + 1,
            number * 2 + 2
        ))
    });
    let mut synced = crawl(&server, json!({ "pages": 4, "depth": 9 }));
    let first = synced.run();
    assert_eq!(put(&first), ["", "p1", "p2", "p3"]);
    let second = synced.run();
    assert_eq!(put(&second).len(), 3, "the start page again, then new ones");
    assert!(put(&second).iter().all(|path| !put(&first).contains(path)));
}

#[test]
fn a_host_that_wants_to_be_left_alone_is() {
    let server = Server::start(|request| match request.path.as_str() {
        "/" => html("<a href=/a>1</a><a href=/b>2</a>"),
        "/robots.txt" => status(404),
        _ => status(429),
    });
    let run = crawl(&server, json!({})).run();
    assert_eq!(server.paths(), ["/robots.txt", "/", "/a"]);
    assert!(run.told().contains("asks to wait"));
    let server = Server::start(|_| status(500));
    let run = crawl(&server, json!({})).run();
    assert_eq!(server.paths(), ["/robots.txt"], "rules that cannot be known allow nothing");
    assert_eq!(run.problems.len(), 1);
}

#[test]
fn a_host_that_does_not_answer_is_given_up() {
    let server = Server::start(|request| match request.path.as_str() {
        "/" => html(&(0..50).map(|n| format!("<a href=/{n}>x</a>")).collect::<String>()),
        "/robots.txt" => status(404),
        _ => Act::Close,
    });
    let run = crawl(&server, json!({})).run();
    assert!(run.problems.len() <= 5, "{}", run.told());
    assert!(server.paths().len() < 20);
}

#[test]
fn the_end_of_a_run_is_heard_while_waiting() {
    let server = Server::start(|request| match request.path.as_str() {
        "/robots.txt" => Act::Answer(200, Vec::new(), b"User-agent: *\nCrawl-delay: 30".to_vec()),
        _ => html("<a href=/a>"),
    });
    let settings = json!({ "limits": { "run_seconds": 1 } });
    let run = crawl(&server, settings).run();
    assert!(run.told().contains("longer than 1 s"), "{}", run.told());
    assert_eq!(server.paths(), ["/robots.txt"], "not asked before its time");
}

#[test]
fn settings_are_checked_all_at_once() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let context = context(&runtime, SourcePolicy::default(), Path::new("/nowhere"));
    let open = |settings: Value| {
        serde_json::from_value::<SourceSettings>(settings).unwrap().open(&context).err()
    };
    let error = open(json!({
        "kind": "web", "urls": ["ftp://x/", "nonsense"], "pages": 0, "delay_ms": 1_000_000,
        "include": ["["], "limits": { "request_seconds": 0 },
    }));
    let Some(SourceError::Settings(problems)) = error else { panic!("{error:?}") };
    assert_eq!(problems.len(), 6, "{problems:?}");
    for url in ["http://127.0.0.1/", "http://user:word@example.com/", "http://[::1]/"] {
        let error = open(json!({ "kind": "web", "urls": [url] }));
        assert!(matches!(error, Some(SourceError::Forbidden { .. })), "{url}");
    }
    assert!(open(json!({ "kind": "web", "urls": ["https://example.com/"] })).is_none());
    assert!(open(json!({ "kind": "web" })).is_some());
}
