//! The web page: files that were built from `web/` and packed when this program was compiled.
//!
//! A name with a hash in it never changes its content and is kept by browsers; the page itself is
//! asked for each time and answered with 304 while it is the same. A program that was built without
//! `web/dist` says so, and everything else of it works.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::Read,
};

use axum::{
    Extension,
    body::Body,
    extract::Path,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
        },
    },
    response::{Html, IntoResponse, Response},
};

use crate::failure::Enveloped;

/// Name and gzipped bytes of each file.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
/// The page that every address of the web page gets.
const INDEX: &str = "index.html";
/// What the page may load and do: only from its own server, no script or style in the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// Said where the page should be.
const MISSING: &str = include_str!("../page/missing.html");

/// The page, at `/`.
pub(crate) async fn index(headers: HeaderMap) -> Response {
    answer(INDEX, &headers)
}

/// A file of the page, or the page itself for its addresses.
pub(crate) async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    if is_file(&path) { answer(&path, &headers) } else { answer(INDEX, &headers) }
}

/// Whether a path names a file: addresses of the page have no dot in their last part.
fn is_file(path: &str) -> bool {
    path.starts_with("assets/") || path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

fn answer(name: &str, headers: &HeaderMap) -> Response {
    if FILES.is_empty() && name == INDEX {
        // A body of its own: the envelope would put JSON in its place.
        return (StatusCode::NOT_FOUND, Extension(Enveloped), Html(MISSING)).into_response();
    }
    let Some((_, packed)) = FILES.iter().find(|(known, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = tag(packed);
    let mut response = if headers.get(IF_NONE_MATCH).is_some_and(|known| *known == tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body(packed, headers)
    };
    let kept = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    for (header, value) in [
        (CONTENT_TYPE, HeaderValue::from_static(kind(name))),
        (CACHE_CONTROL, HeaderValue::from_static(kept)),
        (VARY, HeaderValue::from_static("accept-encoding")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (ETAG, tag),
    ] {
        response.headers_mut().insert(header, value);
    }
    response
}

/// The bytes as they lie in the program, or unpacked for the few that cannot read that.
fn body(packed: &'static [u8], headers: &HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("gzip")) {
        return ([(CONTENT_ENCODING, "gzip")], Body::from(packed)).into_response();
    }
    let mut plain = Vec::new();
    match flate2::read::GzDecoder::new(packed).read_to_end(&mut plain) {
        Ok(_) => Body::from(plain).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What tells one content from another, within the builds that a browser may have seen.
fn tag(bytes: &[u8]) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    HeaderValue::from_str(&format!("\"{:016x}\"", hasher.finish()))
        .unwrap_or(HeaderValue::from_static("\"\""))
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
