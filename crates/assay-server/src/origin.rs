//! Refuses requests that a page of another site makes through the user's browser.
//!
//! A server on the loopback address has no credentials, but every page that the user opens can
//! send requests to it: with the address itself (then `Origin` names the page), or with a name of
//! the page's own that it lets point here (then `Host` names the page).

use assay_core::ErrorCode;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{App, failure::Failure};

/// Names of this machine itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

pub(crate) async fn own_pages_only(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    match refused(request.headers(), app.settings.host.is_loopback()) {
        Some(failure) => failure.into_response(),
        None => next.run(request).await,
    }
}

fn refused(headers: &HeaderMap, loopback: bool) -> Option<Failure> {
    // Clients other than browsers may leave both out; a browser never does where it matters.
    let host: Authority = value(headers, header::HOST)?.parse().ok()?;
    if loopback && !LOOPBACK.contains(&host.host()) {
        let message = format!("this server does not answer to the name `{}`", host.host());
        let hint = "use 127.0.0.1 or localhost, or let it listen on the address of that name";
        return Some(Failure::new(ErrorCode::Forbidden, message).hint(hint));
    }
    let origin = value(headers, header::ORIGIN)?;
    if origin.split_once("://").is_some_and(|(_, page)| page == host.as_str()) {
        return None;
    }
    let message = format!("a page of `{origin}` may not use this server");
    Some(
        Failure::new(ErrorCode::Forbidden, message)
            .hint("call it from its own pages, or from a program"),
    )
}

fn value(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
