//! Buckets of a small service on loopback that checks signatures by itself.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};

use assay_net::Url;
use assay_testkit::bucket::{SECRET, is_signed};
use serde_json::{Value, json};

use super::*;
use crate::{
    SourcePolicy, SourceSettings,
    testing::{Act, Recorder, Server, Synced, context, status},
};

/// Objects by key, and their entity tags.
type Objects = Arc<Mutex<BTreeMap<String, (String, Vec<u8>)>>>;

fn objects(of: &[(&str, &str)]) -> Objects {
    let objects = of.iter().map(|(key, text)| {
        let tag = format!("{:x}", text.len());
        ((*key).to_owned(), (tag, text.as_bytes().to_vec()))
    });
    Arc::new(Mutex::new(objects.collect()))
}

/// A service with pages of two objects.
fn serve(objects: &Objects) -> Server {
    let objects = Arc::clone(objects);
    Server::start(move |request| {
        if !is_signed("GET", &request.path, &request.headers["host"], SECRET) {
            let body = "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>";
            return Act::Answer(403, Vec::new(), body.into());
        }
        let url = Url::parse(&format!("http://host{}", request.path)).unwrap();
        let objects = objects.lock().unwrap();
        let key = url.path().strip_prefix("/docs/").unwrap();
        if key.is_empty() {
            return list(&url, &objects);
        }
        let key = percent_encoding::percent_decode_str(key).decode_utf8().unwrap();
        match objects.get(&*key) {
            Some((_, bytes)) if bytes.starts_with(b"broken") => status(500),
            Some((tag, bytes)) => {
                let headers =
                    vec![("ETag", format!("\"{tag}\"")), ("Content-Type", "text/x".into())];
                Act::Answer(200, headers, bytes.clone())
            }
            None => status(404),
        }
    })
}

fn list(url: &Url, objects: &BTreeMap<String, (String, Vec<u8>)>) -> Act {
    let query: BTreeMap<_, _> = url.query_pairs().collect();
    assert_eq!(query["list-type"], "2");
    let (prefix, after) = (query.get("prefix"), query.get("continuation-token"));
    let all: Vec<_> = objects
        .iter()
        .filter(|(key, _)| prefix.is_none_or(|prefix| key.starts_with(&**prefix)))
        .filter(|(key, _)| after.is_none_or(|after| key.as_str() > &**after))
        .collect();
    let mut body = "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"x\"><Prefix/>".to_owned();
    for (key, (tag, bytes)) in all.iter().take(2) {
        let key = percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC);
        body.push_str(&format!(
            "<Contents><Key>{key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>\
             <ETag>&quot;{tag}&quot;</ETag><Size>{}</Size></Contents>",
            bytes.len()
        ));
    }
    let next = all.get(2).map(|_| all[1].0);
    body.push_str(&format!("<IsTruncated>{}</IsTruncated>", next.is_some()));
    if let Some(next) = next {
        body.push_str(&format!("<NextContinuationToken>{next}</NextContinuationToken>"));
    }
    Act::Answer(200, Vec::new(), format!("{body}</ListBucketResult>").into())
}

fn settings(server: &Server, more: Value) -> Value {
    let mut settings = json!({
        "kind": "s3", "endpoint": server.url, "bucket": "docs", "region": "eu-central-1",
        "access_key": "AKIA", "secret_key": SECRET,
    });
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    settings
}

fn open(server: &Server, more: Value) -> Synced {
    Synced::open(settings(server, more), Path::new("/nowhere"))
}

#[test]
fn all_pages_are_read_and_then_only_changes() {
    let bucket = objects(&[
        ("a b+c/ü.txt", "one"),
        ("b.txt", "two"),
        ("c/", ""),
        ("d.txt", "four"),
        ("e.txt", "five!"),
    ]);
    let server = serve(&bucket);
    let mut synced = open(&server, json!({}));
    let run = synced.run();
    assert!(run.problems.is_empty(), "{}", run.told());
    assert_eq!(run.keys(), ["a b+c/ü.txt", "b.txt", "d.txt", "e.txt"]);
    let first = &run.puts[0];
    assert_eq!((first.name.as_str(), &*first.bytes), ("ü.txt", &b"one"[..]));
    assert_eq!(first.modified.unwrap().to_string(), "2026-01-02T03:04:05Z");
    server.paths();
    assert!(synced.run().puts.is_empty());
    assert_eq!(server.paths().len(), 3, "only the list");

    bucket.lock().unwrap().remove("b.txt");
    bucket.lock().unwrap().insert("d.txt".into(), ("tag".into(), b"new".to_vec()));
    let run = synced.run();
    assert_eq!(run.keys(), ["d.txt"]);
    assert_eq!(run.removes, ["b.txt"]);
}

#[test]
fn prefix_and_patterns_choose() {
    let bucket = objects(&[("a/1.txt", "1"), ("a/2.pdf", "2"), ("b/3.txt", "3")]);
    let server = serve(&bucket);
    let run = open(&server, json!({ "prefix": "a/", "include": ["**/*.txt"] })).run();
    assert_eq!(run.keys(), ["a/1.txt"]);
}

#[test]
fn objects_that_fail_are_problems() {
    let bucket =
        objects(&[("a", "broken"), ("b", "much too long"), ("x/../y", "dots"), ("z", "ok")]);
    let server = serve(&bucket);
    let mut synced = open(&server, json!({ "limits": { "file_bytes": 10 } }));
    let run = synced.run();
    assert_eq!(run.keys(), ["z"]);
    assert_eq!(run.problems.len(), 3, "{}", run.told());
    bucket.lock().unwrap().insert("a".into(), ("t".into(), b"mended".to_vec()));
    assert_eq!(synced.run().keys(), ["a"]);
}

#[test]
fn wrong_credentials_and_hostile_lists_end_the_run_without_removals() {
    let bucket = objects(&[("a", "1")]);
    let server = serve(&bucket);
    let mut synced = open(&server, json!({ "secret_key": "wrong" }));
    let error = synced.source.sync(&synced.state, &mut Recorder::default()).unwrap_err();
    assert!(matches!(error, SourceError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("SignatureDoesNotMatch"), "{error}");
    assert!(!error.to_string().contains("wrong"), "{error}");
    synced = open(&server, json!({}));
    synced.run();
    for body in [
        "",
        "<html></html>",
        "<ListBucketResult><IsTruncated>false</IsTruncated>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    ] {
        let server = Server::start(move |_| Act::Answer(200, Vec::new(), body.into()));
        let other = open(&server, json!({}));
        let mut sink = Recorder::default();
        assert!(other.source.sync(&synced.state, &mut sink).is_err(), "{body}");
        assert!(sink.removes.is_empty());
    }
    // A next page that is always the same one.
    let server = Server::start(|_| {
        let body = "<ListBucketResult><IsTruncated>true</IsTruncated>\
                    <NextContinuationToken>t</NextContinuationToken></ListBucketResult>";
        Act::Answer(200, Vec::new(), body.into())
    });
    let other = open(&server, json!({}));
    let mut sink = Recorder::default();
    other.source.sync(&synced.state, &mut sink).unwrap();
    assert!(sink.removes.is_empty());
    assert_eq!(server.paths().len(), 2);
}

#[test]
fn settings_are_checked() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let context = context(&runtime, SourcePolicy::default(), Path::new("/nowhere"));
    let open = |settings: Value| {
        serde_json::from_value::<SourceSettings>(settings).unwrap().open(&context).err()
    };
    let error = open(json!({
        "kind": "s3", "endpoint": "nonsense", "bucket": "b", "access_key": "a",
        "limits": { "files": 0 },
    }));
    let Some(SourceError::Settings(problems)) = error else { panic!("{error:?}") };
    assert_eq!(problems.len(), 3, "{problems:?}");
    let error = open(json!({ "kind": "s3", "endpoint": "http://169.254.169.254", "bucket": "b" }));
    assert!(matches!(error, Some(SourceError::Forbidden { .. })));
}
