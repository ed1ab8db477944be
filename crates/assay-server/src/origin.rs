//! Which names the server answers to, and which pages may use it.
//!
//! A server on the loopback address may ask nobody for a credential, but every page that the user
//! opens can send requests to it: with the address itself (then `Origin` names the page), or with a
//! name of the page's own that it lets point here (then `Host` names the page). Both are looked at
//! before anything else. Pages of other sites that are allowed get the headers of CORS; cookies are
//! never for them.

use assay_core::ErrorCode;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Authority},
    response::{IntoResponse, Response},
};

use crate::{App, ServerSettings, failure::Failure};

/// Names of this machine itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
/// What an allowed page may send.
const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type, x-api-key, x-tenant-id";
/// What an allowed page may read besides the body.
const EXPOSED: &str =
    "x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset";
/// Seconds for which a browser remembers what it may send.
const REMEMBERED: &str = "600";

/// Where a request comes from.
#[derive(Debug, PartialEq, Eq)]
enum From {
    /// A page of the server's own, or a program.
    Own,
    /// A page of another site that is allowed.
    Allowed(String),
}

pub(crate) async fn own_pages_only<F>(
    app: &App,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let domain = &app.engine.identities().settings().domain;
    let origin = match judge(request.headers(), &app.settings, domain) {
        Err(failure) => return failure.into_response(),
        Ok(From::Own) => return next(request).await,
        Ok(From::Allowed(origin)) => origin,
    };
    let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let is_preflight = request.method() == Method::OPTIONS && asks;
    let mut response =
        if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next(request).await };
    let headers = response.headers_mut();
    if let Ok(origin) = HeaderValue::try_from(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let told = if is_preflight {
        [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
        ]
        .to_vec()
    } else {
        vec![(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED)]
    };
    for (name, value) in told {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn judge(headers: &HeaderMap, settings: &ServerSettings, domain: &str) -> Result<From, Failure> {
    // Clients other than browsers may leave both out; a browser never does where it matters.
    let host: Option<Authority> = value(headers, header::HOST).and_then(|host| host.parse().ok());
    let Some(host) = host else { return Ok(From::Own) };
    if !answers_to(host.host(), settings, domain) {
        let message = format!("this server does not answer to the name `{}`", host.host());
        let hint = "use 127.0.0.1 or localhost, or add the name to `server.allowed_hosts`";
        return Err(Failure::new(ErrorCode::Forbidden, message).hint(hint));
    }
    let Some(origin) = value(headers, header::ORIGIN) else { return Ok(From::Own) };
    if origin.split_once("://").is_some_and(|(_, page)| page == host.as_str()) {
        return Ok(From::Own);
    }
    if settings.allowed_origins.iter().any(|allowed| allowed == origin) {
        return Ok(From::Allowed(origin.to_owned()));
    }
    let message = format!("a page of `{origin}` may not use this server");
    Err(Failure::new(ErrorCode::Forbidden, message)
        .hint("call it from its own pages, from a program, or add it to `server.allowed_origins`"))
}

fn answers_to(host: &str, settings: &ServerSettings, domain: &str) -> bool {
    let is_of_domain = !domain.is_empty()
        && host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let is_listed = settings.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host));
    if is_of_domain || is_listed || LOOPBACK.contains(&host) {
        return true;
    }
    !settings.host.is_loopback() && settings.allowed_hosts.is_empty()
}

fn value(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    //! Names and pages that are let through, and those that are not.

    use super::*;

    fn judged(settings: &ServerSettings, host: &str, origin: &str) -> Result<From, String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if !origin.is_empty() {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        judge(&headers, settings, "assay.test").map_err(|failure| failure.message)
    }

    #[test]
    fn a_loopback_server_answers_to_this_machine_and_what_is_listed() {
        let mut settings = ServerSettings::default();
        for host in ["127.0.0.1:8080", "localhost", "[::1]:1", "assay.test", "acme.assay.test"] {
            assert_eq!(judged(&settings, host, ""), Ok(From::Own), "{host}");
        }
        for host in ["evil.test", "evilassay.test", "assay.test.evil", "127.0.0.1.evil"] {
            assert!(judged(&settings, host, "").is_err(), "{host}");
        }
        settings.allowed_hosts = vec!["Evil.test".to_owned()];
        assert_eq!(judged(&settings, "evil.test", ""), Ok(From::Own));
    }

    #[test]
    fn a_reachable_server_answers_to_any_name_until_some_are_listed() {
        let mut settings = ServerSettings {
            host: std::net::Ipv4Addr::UNSPECIFIED.into(),
            ..ServerSettings::default()
        };
        assert_eq!(judged(&settings, "docs.example.org", ""), Ok(From::Own));
        settings.allowed_hosts = vec!["docs.example.org".to_owned()];
        assert_eq!(judged(&settings, "docs.example.org:8443", ""), Ok(From::Own));
        assert!(judged(&settings, "other.example.org", "").is_err());
    }

    #[test]
    fn pages_of_other_sites_need_to_be_listed() {
        let mut settings = ServerSettings::default();
        let app = "https://app.example.org";
        assert_eq!(judged(&settings, "localhost:1", "http://localhost:1"), Ok(From::Own));
        for origin in [app, "null", "http://localhost:2"] {
            assert!(judged(&settings, "localhost:1", origin).is_err(), "{origin}");
        }
        settings.allowed_origins = vec![app.to_owned()];
        assert_eq!(judged(&settings, "localhost:1", app), Ok(From::Allowed(app.to_owned())));
        assert!(judged(&settings, "localhost:1", "http://app.example.org").is_err());
    }
}
