//! The routes and their OpenAPI document.

use std::time::Duration;

use axum::{Json, Router, extract::DefaultBodyLimit, http::header, middleware, routing::get};
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{App, edge::edge, ui};

mod access;
mod audit;
mod backups;
mod budgets;
mod chat;
mod citations;
mod collections;
mod common;
mod documents;
mod embeddings;
mod feedback;
mod gateway;
mod groups;
mod guard;
mod health;
mod invitations;
mod jobs;
mod keys;
mod login;
mod members;
mod metrics;
mod models;
mod oidc;
mod opinions;
mod query;
mod readiness;
mod reading;
mod schedules;
mod search;
mod sessions;
mod settings;
mod sharing;
mod socket;
mod sources;
mod states;
mod tasks;
mod telemetry;
mod tenants;
mod usage;
mod users;
mod web;
mod webhooks;

pub use backups::backup_point;

/// Longest pause of a client in the middle of a body, so that slow ones do not hold what waits for
/// them.
const BODY_PAUSE: Duration = Duration::from_secs(60);

/// What is said of the API as a whole.
#[derive(OpenApi)]
#[openapi(info(
    title = "Assay",
    description = "Ask your own files; every sentence of an answer was checked against its source.",
    license(name = "Apache-2.0", identifier = "Apache-2.0")
))]
struct Document;

/// The routes; `upload` limits the body of an upload, which is larger than any other.
/// `call` limits that of a call to a model, which may hold images.
fn routes(upload: DefaultBodyLimit, call: DefaultBodyLimit) -> OpenApiRouter<App> {
    let uploads = OpenApiRouter::new().routes(routes!(documents::upload)).layer(upload);
    let calls = OpenApiRouter::new()
        .routes(routes!(chat::complete))
        .routes(routes!(embeddings::embed))
        .routes(routes!(gateway::responses::create))
        .routes(routes!(gateway::messages::create))
        .routes(routes!(gateway::messages::count_tokens))
        .routes(routes!(gateway::explain::explain))
        .layer(call);
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(uploads)
        .merge(calls)
        .routes(routes!(query::query))
        .routes(routes!(search::search_get, search::search_post))
        .routes(routes!(citations::process))
        .routes(routes!(web::show))
        .routes(routes!(documents::list))
        .routes(routes!(documents::show, documents::delete))
        .routes(routes!(documents::change))
        .routes(routes!(documents::original))
        .routes(routes!(access::of_document, access::set_of_document))
        .routes(routes!(reading::read))
        .routes(routes!(documents::near))
        .routes(routes!(documents::duplicates))
        .routes(routes!(collections::list, collections::create))
        .routes(routes!(collections::show, collections::change, collections::delete))
        .routes(routes!(access::of_collection, access::set_of_collection))
        .routes(routes!(collections::reingest))
        .routes(routes!(feedback::add))
        .routes(routes!(feedback::tune))
        .routes(routes!(guard::scan))
        .routes(routes!(guard::events))
        .routes(routes!(guard::rules))
        .routes(routes!(sources::list, sources::create))
        .routes(routes!(sources::show, sources::delete))
        .routes(routes!(sources::run))
        .routes(routes!(sessions::list, sessions::create))
        .routes(routes!(sessions::show, sessions::delete))
        .routes(routes!(sessions::activate))
        .routes(routes!(sessions::deactivate))
        .routes(routes!(opinions::set))
        .routes(routes!(opinions::list))
        .routes(routes!(sharing::share, sharing::unshare))
        .routes(routes!(sharing::show))
        .routes(routes!(settings::list))
        .routes(routes!(jobs::list))
        .routes(routes!(jobs::show))
        .routes(routes!(jobs::follow))
        .routes(routes!(jobs::cancel))
        .routes(routes!(jobs::retry))
        .routes(routes!(tasks::list, tasks::create))
        .routes(routes!(tasks::replay))
        .routes(routes!(tasks::drain))
        .routes(routes!(tasks::resume))
        .routes(routes!(tasks::show))
        .routes(routes!(tasks::events))
        .routes(routes!(tasks::follow))
        .routes(routes!(tasks::cancel))
        .routes(routes!(tasks::retry))
        .routes(routes!(schedules::list, schedules::create))
        .routes(routes!(schedules::show, schedules::delete))
        .routes(routes!(schedules::pause))
        .routes(routes!(schedules::resume))
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(webhooks::delete))
        .routes(routes!(models::list))
        .routes(routes!(usage::show))
        .routes(routes!(usage::recount))
        .routes(routes!(budgets::list, budgets::create))
        .routes(routes!(budgets::show, budgets::change, budgets::delete))
        .routes(routes!(budgets::override_limit))
        .routes(routes!(budgets::alerts))
        .routes(routes!(members::me))
        .routes(routes!(login::options, login::log_in, login::log_out))
        .routes(routes!(login::refresh))
        .routes(routes!(login::set_password))
        .routes(routes!(oidc::begin))
        .routes(routes!(oidc::end))
        .routes(routes!(oidc::log_out))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::rotate))
        .routes(routes!(keys::create_service))
        .routes(routes!(members::list, members::set))
        .routes(routes!(members::remove))
        .routes(routes!(invitations::list, invitations::create))
        .routes(routes!(invitations::revoke))
        .routes(routes!(invitations::accept))
        .routes(routes!(tenants::own))
        .routes(routes!(tenants::export))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::show, groups::change, groups::delete))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::change))
        .routes(routes!(tenants::list, tenants::create))
        .routes(routes!(tenants::show, tenants::change, tenants::erase))
        .routes(routes!(tenants::members, tenants::set_member))
        .routes(routes!(backups::list, backups::create))
        .routes(routes!(readiness::list))
        .routes(routes!(readiness::show))
        .routes(routes!(readiness::diff))
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::warmup))
        .routes(routes!(metrics::prometheus))
        .routes(routes!(metrics::lanes))
        .routes(routes!(metrics::vector))
        .routes(routes!(telemetry::performance))
        .routes(routes!(telemetry::history))
        .routes(routes!(telemetry::slo))
        .routes(routes!(telemetry::alerts))
        .routes(routes!(telemetry::rules))
        .routes(routes!(gateway::explain::metrics))
}

/// The OpenAPI document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document =
        routes(DefaultBodyLimit::disable(), DefaultBodyLimit::disable()).split_for_parts().1;
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    common::complete(&mut document);
    document
}

/// The whole service, limits and error envelope included.
pub fn router(app: App) -> Router {
    let document = openapi();
    let call = DefaultBodyLimit::max(app.gateway.body_bytes_max());
    routes(documents::body_limit(&app), call)
        .split_for_parts()
        .0
        .route("/", get(ui::index))
        .route("/app/{*path}", get(ui::file))
        .route("/openapi.json", get(async move || Json(document)))
        .route("/docs", get(page("text/html; charset=utf-8", include_str!("../page/docs.html"))))
        .route("/docs/page.js", get(page("text/javascript", include_str!("../page/docs.js"))))
        .route("/docs/page.css", get(page("text/css", include_str!("../page/docs.css"))))
        .layer((
            middleware::from_fn_with_state(app.clone(), edge),
            CatchPanicLayer::new(),
            RequestBodyTimeoutLayer::new(BODY_PAUSE),
            DefaultBodyLimit::max(app.settings.body_bytes_max),
        ))
        .with_state(app)
}

/// Serves a file of the page that renders the OpenAPI document; it loads nothing from elsewhere.
fn page(
    content_type: &'static str,
    text: &'static str,
) -> impl Fn() -> std::future::Ready<([(header::HeaderName, &'static str); 1], &'static str)> + Clone
{
    move || std::future::ready(([(header::CONTENT_TYPE, content_type)], text))
}
