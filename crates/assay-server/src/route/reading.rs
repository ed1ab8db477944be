//! Reading a document in its order, for who wants to see what stands around a quote.

use assay_answer::{ReadFrom, WantedReading};
use assay_api::{ErrorBody, ReadingParams, ReadingResponse};
use assay_core::{PassageId, VersionId};
use axum::{
    Json,
    extract::{Path, Query},
};

use crate::{auth::Acting, failure::Failure, present};

/// Passages of a window when the caller does not say how many.
const LIMIT_DEFAULT: u32 = 40;
/// Passages of a window at most.
const LIMIT_MAX: u32 = 200;

/// Read the text of a document, a window of passages at a time.
#[utoipa::path(
    get, path = "/v1/documents/{id}/text", tag = "documents",
    params(("id" = String, Path, description = "the document"), ReadingParams),
    responses(
        (status = 200, body = ReadingResponse),
        (status = 400, body = ErrorBody, description = "limit out of range, an id is none"),
        (status = 404, body = ErrorBody, description = "unknown document, version or passage"),
    )
)]
pub(super) async fn read(
    app: Acting,
    Path(id): Path<String>,
    Query(params): Query<ReadingParams>,
) -> Result<Json<ReadingResponse>, Failure> {
    let document = id.parse().map_err(|_| Failure::not_found("document", &id))?;
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {LIMIT_MAX}")));
    }
    let version = params.version.map(|id| id.parse::<VersionId>()).transpose();
    let version = version.map_err(|error| Failure::bad_request(error.to_string()))?;
    let passage = params.passage.map(|id| id.parse::<PassageId>()).transpose();
    let passage = passage.map_err(|error| Failure::bad_request(error.to_string()))?;
    let from = match params.around {
        Some(char) => ReadFrom::Around(char),
        None => ReadFrom::Passage(params.from.unwrap_or(0)),
    };
    let wanted = WantedReading { version, from, passage, limit };
    let reading = app.engine.reading(&app.scope(), document, wanted).await?;
    Ok(Json(present::reading(document, reading)))
}
