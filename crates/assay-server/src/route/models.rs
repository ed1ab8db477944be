//! `GET /v1/models`: the models that can be named.

use assay_api::{ModelInfo, ModelList};
use axum::Json;

use crate::auth::Acting;

/// List the models that can be named in a request.
#[utoipa::path(get, path = "/v1/models", tag = "openai", responses((status = 200, body = ModelList)))]
pub(super) async fn list(app: Acting) -> Json<ModelList> {
    let own = app.engine.models().into_iter().map(|model| (model.name, model.owner));
    let routed = app.gateway.models().map(|(name, owner)| (name.to_owned(), owner.to_owned()));
    let data = own.chain(routed).map(|(id, owned_by)| ModelInfo {
        id,
        object: "model".to_owned(),
        created: 0,
        owned_by,
    });
    Json(ModelList { object: "list".to_owned(), data: data.collect() })
}
