//! The settings in effect.

use assay_api::SettingListResponse;
use axum::Json;

use crate::auth::Acting;

/// List the settings that the server was started with, and where each comes from.
#[utoipa::path(
    get, path = "/v1/settings", tag = "operation",
    responses((status = 200, body = SettingListResponse))
)]
pub(super) async fn list(app: Acting) -> Json<SettingListResponse> {
    let settings = app.in_effect.get().cloned().unwrap_or_default();
    Json(SettingListResponse { settings })
}
