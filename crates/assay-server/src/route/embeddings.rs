//! `POST /v1/embeddings`: vectors of texts, in the OpenAI protocol.

use assay_api::{
    EmbeddingItem, EmbeddingValue, EmbeddingsInput, EmbeddingsRequest, EmbeddingsResponse,
    EmbeddingsUsage, OpenAiErrorBody,
};
use assay_gateway::{Dialect, FaultKind};
use axum::{
    Extension, Json,
    body::Bytes,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::gateway;
use crate::{
    auth::Acting,
    failure::{Failure, RequestName},
};

/// Texts of one call at most.
const TEXTS_MAX: usize = 256;

/// Embed texts with the model that is set up.
#[utoipa::path(
    post, path = "/v1/embeddings", tag = "openai", request_body = EmbeddingsRequest,
    responses(
        (status = 200, body = EmbeddingsResponse),
        (status = 400, body = OpenAiErrorBody),
        (status = 404, body = OpenAiErrorBody, description = "unknown model"),
        (status = 503, body = OpenAiErrorBody, description = "no embedding model is loaded"),
    )
)]
pub(super) async fn embed(
    app: Acting,
    Extension(name): Extension<RequestName>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let reply = gateway::pass(&app, Dialect::Embeddings, name, &headers, body.clone()).await;
    if reply.fault.as_ref().is_none_or(|fault| fault.kind != FaultKind::NoModel) {
        return Ok(gateway::response(reply));
    }
    let request = serde_json::from_slice(&body)
        .map_err(|error| Failure::bad_request(format!("the request cannot be read: {error}")))?;
    Ok(own(&app, request).await?.into_response())
}

/// Vectors of the model that is set up.
async fn own(
    app: &Acting,
    request: EmbeddingsRequest,
) -> Result<Json<EmbeddingsResponse>, Failure> {
    let texts = match request.input {
        EmbeddingsInput::One(text) => vec![text],
        EmbeddingsInput::Many(texts) => texts,
    };
    if texts.is_empty() || texts.len() > TEXTS_MAX || texts.iter().any(String::is_empty) {
        return Err(Failure::bad_request(format!(
            "`input` takes 1 to {TEXTS_MAX} texts, none of them empty"
        )));
    }
    let base64 = match request.encoding_format.as_deref() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(other) => {
            return Err(Failure::bad_request(format!("`{other}` is not an encoding format"))
                .hint("use `float` or `base64`"));
        }
    };
    let embedded = app.engine.embed(&app.scope(), &request.model, texts).await?;
    let items = embedded.vectors.into_iter().enumerate().map(|(index, vector)| EmbeddingItem {
        object: "embedding".to_owned(),
        index,
        embedding: encode(vector, base64),
    });
    let tokens = embedded.tokens as u64;
    Ok(Json(EmbeddingsResponse {
        object: "list".to_owned(),
        data: items.collect(),
        model: embedded.model,
        usage: EmbeddingsUsage { prompt_tokens: tokens, total_tokens: tokens },
    }))
}

fn encode(vector: Vec<f32>, base64: bool) -> EmbeddingValue {
    if !base64 {
        return EmbeddingValue::Float(vector);
    }
    let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
    EmbeddingValue::Base64(BASE64_STANDARD.encode(bytes))
}
