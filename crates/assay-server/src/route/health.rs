//! Whether the process lives, whether it can serve, whether anything is cold.

use assay_answer::PartState;
use assay_api::{Dependency, HealthResponse, ReadyResponse, WarmupResponse};
use assay_core::TenantScope;
use axum::{Extension, Json, extract::State, http::StatusCode};

use crate::{
    App,
    failure::{Enveloped, Failure},
    present,
};

fn alive(app: &App) -> Json<HealthResponse> {
    Json(HealthResponse {
        status: "healthy".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_s: app.started.elapsed().as_secs_f64(),
        timestamp: present::now(),
    })
}

/// The process lives.
#[utoipa::path(get, path = "/health", tag = "health", responses((status = 200, body = HealthResponse)))]
pub(super) async fn health(State(app): State<App>) -> Json<HealthResponse> {
    alive(&app)
}

/// The process lives; restart it when this does not answer.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = HealthResponse)))]
pub(super) async fn live(State(app): State<App>) -> Json<HealthResponse> {
    alive(&app)
}

/// It can serve; `degraded` says with what less. 503 when a part that is needed failed.
#[utoipa::path(
    get, path = "/health/ready", tag = "health",
    responses((status = 200, body = ReadyResponse), (status = 503, body = ReadyResponse))
)]
pub(super) async fn ready(
    State(app): State<App>,
) -> Result<(StatusCode, Extension<Enveloped>, Json<ReadyResponse>), Failure> {
    let parts = app.engine.health(&TenantScope::built_in()).await?;
    let failed = parts.iter().any(|part| part.state == PartState::Failed);
    let degraded = parts.iter().any(|part| part.state.is_less());
    let (status, word) = match (failed, degraded) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
        (false, true) => (StatusCode::OK, "degraded"),
        (false, false) => (StatusCode::OK, "ready"),
    };
    let dependencies: Vec<Dependency> = parts
        .into_iter()
        .map(|part| Dependency {
            name: part.name.to_owned(),
            status: part.state.as_str().to_owned(),
            response_time_ms: present::ms(part.took),
            error_message: part.message,
        })
        .collect();
    let error_count = dependencies.iter().filter(|part| part.error_message.is_some()).count();
    let body = ReadyResponse { status: word.to_owned(), dependencies, error_count };
    Ok((status, Extension(Enveloped), Json(body)))
}

/// Nothing is cold any more; 503 while it is warming.
#[utoipa::path(
    get, path = "/health/warmup", tag = "health",
    responses((status = 200, body = WarmupResponse), (status = 503, body = WarmupResponse))
)]
pub(super) async fn warmup(
    State(app): State<App>,
) -> (StatusCode, Extension<Enveloped>, Json<WarmupResponse>) {
    let progress = app.warmup();
    let status =
        if progress.warmup_completed { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Extension(Enveloped), Json(progress))
}
