//! The requests that a step stands for.

use std::{collections::BTreeMap, time::Duration};

use regex::Regex;

use super::{As, REQUESTS_MAX, Step, Stop, Upload};
use crate::{deployment::Request, probe::Session};

/// Longest that one request may take.
const REQUEST: Duration = Duration::from_secs(30);
/// Largest body that is made.
const BODY_MAX: usize = 512 * 1024 * 1024;
/// What parts the fields of a form; no text of a check holds it.
const BOUNDARY: &str = "assay-ready-7d1c0f9a4b";
/// An id that nothing has.
const NOBODY: &str = "00000000-0000-7000-8000-000000000000";
/// A key of the right form that was never given out.
const WRONG_KEY: &str = "assay_00000000000000000000000000000000000000000000";

pub(super) fn requests(
    session: &Session<'_>,
    step: &Step,
    known: &BTreeMap<String, String>,
) -> Result<Vec<Request>, Stop> {
    let base =
        match step.base.as_str() {
            "" => session.deployment.url.clone(),
            "prometheus" => session.deployment.prometheus.clone().ok_or_else(|| {
                Stop::Missing("no Prometheus is named (--prometheus URL)".to_owned())
            })?,
            "traces" => session.deployment.traces.clone().ok_or_else(|| {
                Stop::Missing("nothing is named that keeps traces (--traces URL)".to_owned())
            })?,
            other => return Err(Stop::Broken(format!("`{other}` is no base"))),
        };
    let mut requests = Vec::new();
    for each in values(session, step)? {
        for n in 0..step.repeat.max(1) {
            let mut known = known.clone();
            known.insert("n".to_owned(), n.to_string());
            known.insert("each".to_owned(), each.clone());
            requests.push(request(session, step, &base, &known)?);
            if requests.len() >= REQUESTS_MAX {
                return Ok(requests);
            }
        }
    }
    Ok(requests)
}

/// What `{each}` stands for; one empty value when nothing is gone through.
fn values(session: &Session<'_>, step: &Step) -> Result<Vec<String>, Stop> {
    if step.each.is_empty() {
        return Ok(vec![String::new()]);
    }
    let all: Vec<String> = if step.each == ["routes"] {
        session.routes().iter().map(|route| concrete(route)).collect()
    } else {
        step.each.clone()
    };
    let except: Vec<Regex> = step.except.iter().filter_map(|it| Regex::new(it).ok()).collect();
    let kept: Vec<String> =
        all.into_iter().filter(|it| !except.iter().any(|pattern| pattern.is_match(it))).collect();
    if kept.is_empty() {
        return Err(Stop::Missing("the server describes no route (/openapi.json)".to_owned()));
    }
    Ok(kept)
}

/// A path of the API with ids that nothing has.
fn concrete(route: &str) -> String {
    let mut path = String::new();
    for part in route.split_inclusive('/') {
        let end = if part.ends_with('/') { "/" } else { "" };
        if part.starts_with('{') {
            path.push_str(NOBODY);
            path.push_str(end);
        } else {
            path.push_str(part);
        }
    }
    path
}

fn request(
    session: &Session<'_>,
    step: &Step,
    base: &str,
    known: &BTreeMap<String, String>,
) -> Result<Request, Stop> {
    let path = filled(&step.path, known);
    if let Some((_, name)) = path.split_once('{') {
        let name = name.split('}').next().unwrap_or_default();
        return Err(Stop::Missing(format!("an earlier answer holds no `{name}`")));
    }
    let url = if path.contains("://") { path } else { format!("{base}{path}") };
    let mut headers: Vec<(String, String)> = step
        .headers
        .iter()
        .map(|(name, value)| (name.to_lowercase(), filled(value, known)))
        .collect();
    let key = if step.base.is_empty() { key(session, step.who, known)? } else { None };
    if let Some(key) = key.filter(|_| !headers.iter().any(|(name, _)| name == "authorization")) {
        headers.push(("authorization".to_owned(), format!("Bearer {key}")));
    }
    let body = match &step.upload {
        Some(upload) => {
            let mime = format!("multipart/form-data; boundary={BOUNDARY}");
            headers.push(("content-type".to_owned(), mime));
            form(upload, known)
        }
        None => filled(&step.body, known).into_bytes(),
    };
    if step.body.starts_with('{') && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Ok(Request { method: step.method.clone(), url, headers, body, timeout: REQUEST })
}

/// The key that is shown.
fn key(
    session: &Session<'_>,
    who: As,
    known: &BTreeMap<String, String>,
) -> Result<Option<String>, Stop> {
    let missing = |what: &str| Stop::Missing(what.to_owned());
    match who {
        As::Own => Ok(session.deployment.key.clone()),
        As::Nobody => Ok(None),
        As::Wrong => Ok(Some(WRONG_KEY.to_owned())),
        As::Other => {
            session.deployment.other_key.clone().map(Some).ok_or_else(|| {
                missing("no key of a second tenant is at hand (ASSAY_OTHER_API_KEY)")
            })
        }
        As::Captured => {
            known.get("key").cloned().map(Some).ok_or_else(|| missing("no key was captured"))
        }
    }
}

/// A text with what is known put in. Braces around anything else stay, as JSON has them.
fn filled(text: &str, known: &BTreeMap<String, String>) -> String {
    let put = |text: String, (name, value): (&String, &String)| {
        text.replace(&format!("{{{name}}}"), value)
    };
    known.iter().fold(text.to_owned(), put)
}

/// A form with one file, as RFC 7578 has it.
fn form(upload: &Upload, known: &BTreeMap<String, String>) -> Vec<u8> {
    let mut body = String::new();
    for (name, value) in &upload.fields {
        let value = filled(value, known);
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
         Content-Type: {}\r\n\r\n",
        filled(&upload.name, known),
        upload.mime
    ));
    let text = filled(&upload.text, known);
    let times = upload.times.min(BODY_MAX / text.len().max(1));
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    // One text of the size that is needed: files that are too large on purpose are most of what a run
    // holds in memory.
    body.reserve_exact(text.len() * times.max(1) + end.len());
    (0..times.max(1)).for_each(|_| body.push_str(&text));
    body.push_str(&end);
    body.into_bytes()
}
