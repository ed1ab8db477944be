//! Texts of public pages that were shown.

use assay_api::{ErrorBody, WebTextResponse};
use assay_core::VersionId;
use axum::{Json, extract::Path};

use crate::{auth::Acting, failure::Failure, present};

/// Show the text of a public page as it was when it was cited.
#[utoipa::path(
    get, path = "/v1/web/texts/{version_id}", tag = "search",
    params(("version_id" = String, Path, description = "the `version_id` of a citation or result")),
    responses(
        (status = 200, body = WebTextResponse),
        (status = 404, body = ErrorBody, description = "never shown, or not kept any more"),
    )
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<WebTextResponse>, Failure> {
    let version: VersionId = id
        .parse()
        .map_err(|error: assay_core::InvalidId| Failure::bad_request(error.to_string()))?;
    let text = app.engine.web_text(&app.scope(), version).await?;
    Ok(Json(present::web_text(text)))
}
