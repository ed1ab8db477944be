//! `POST /citations/process`: checks a text against sources, both brought by the caller.

use assay_answer::SourceText;
use assay_api::{CitationsRequest, CitationsResponse, ErrorBody};
use axum::{Json, extract::State};

use crate::{App, failure::Failure, present};

/// Characters of the text at most.
const TEXT_CHARS_MAX: usize = 20_000;
/// Sources at most.
const SOURCES_MAX: usize = 50;
/// Characters of one source at most.
const SOURCE_CHARS_MAX: usize = 200_000;

/// Split a text into claims and check each against the sources given.
#[utoipa::path(
    post, path = "/citations/process", tag = "answers", request_body = CitationsRequest,
    responses(
        (status = 200, body = CitationsResponse),
        (status = 400, body = ErrorBody, description = "no text, no sources, or over a limit"),
    )
)]
pub(super) async fn process(
    State(app): State<App>,
    Json(request): Json<CitationsRequest>,
) -> Result<Json<CitationsResponse>, Failure> {
    check(&request)?;
    let sources: Vec<SourceText> = request
        .sources
        .iter()
        .map(|source| SourceText {
            title: source.title.clone(),
            url: source.url.clone(),
            text: source.content.clone().or_else(|| source.snippet.clone()).unwrap_or_default(),
        })
        .collect();
    let checked = app.engine.check_text(&request.text, &sources).await?;
    Ok(Json(present::checked_text(request, checked)))
}

fn check(request: &CitationsRequest) -> Result<(), Failure> {
    if request.text.trim().is_empty() {
        return Err(Failure::bad_request("`text` is empty"));
    }
    if request.text.chars().count() > TEXT_CHARS_MAX {
        let message = format!("`text` has more than {TEXT_CHARS_MAX} characters");
        return Err(Failure::bad_request(message).hint("send it in parts"));
    }
    if request.sources.is_empty() || request.sources.len() > SOURCES_MAX {
        let message = format!(
            "{} sources were given, and 1 to {SOURCES_MAX} are taken",
            request.sources.len()
        );
        return Err(Failure::bad_request(message));
    }
    for (index, source) in request.sources.iter().enumerate() {
        let text = source.content.as_ref().or(source.snippet.as_ref());
        let chars = text.map_or(0, |text| text.chars().count());
        if chars == 0 {
            let message = format!("source {index} has neither `content` nor `snippet`");
            return Err(Failure::bad_request(message));
        }
        if chars > SOURCE_CHARS_MAX {
            let message = format!("source {index} has more than {SOURCE_CHARS_MAX} characters");
            return Err(
                Failure::bad_request(message).hint("upload it as a document and use /query")
            );
        }
    }
    Ok(())
}
