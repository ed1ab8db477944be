//! What every request passes before its handler, in order.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::{
    App, auth::authenticate, drain::drain, failure::envelope, metrics::measure,
    origin::own_pages_only,
};

/// Measures a request, gives it its name and its failure a body, and lets it through when it comes
/// from where it may and its caller may do what the route needs. One layer: each layer of a router
/// costs every request a copy of the service below it.
pub(crate) async fn edge(State(app): State<App>, request: Request, next: Next) -> Response {
    let app = &app;
    let known = |request| authenticate(app, request, |request| next.run(request));
    let named = |request| envelope(app, request, |request| own_pages_only(app, request, known));
    measure(app, request, |request| drain(request, named)).await
}
