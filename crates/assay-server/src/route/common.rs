//! What routes may answer besides what each of them says of itself: written into the OpenAPI document
//! from the table of access and the shape of errors on a path.

use assay_api::{AnthropicErrorBody, ErrorBody, OpenAiErrorBody};
use axum::http::Method;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        path::Operation,
        security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
        },
    },
};

use crate::{
    auth::table::{Access, rule},
    failure::Shape,
};

/// The two ways to show a key or a token.
const BEARER: &str = "bearer";
const API_KEY: &str = "api_key";

/// Adds the ways to show a credential, and to each operation the answers that do not come from its
/// handler.
pub(super) fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    schemes(components);
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (Method::GET, &mut item.get),
            (Method::POST, &mut item.post),
            (Method::PUT, &mut item.put),
            (Method::PATCH, &mut item.patch),
            (Method::DELETE, &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                let is_public = rule(&method, path).is_none_or(|it| it.access == Access::Public);
                add(operation, Shape::of(path), is_public);
            }
        }
    }
}

fn schemes(components: &mut Components) {
    let known = "a key that Assay made, or a token of a configured issuer; \
                 needed where `auth.mode` is `required`";
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(known)).build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    let header = ApiKeyValue::with_description("x-api-key", known);
    components.add_security_scheme(API_KEY, SecurityScheme::ApiKey(ApiKey::Header(header)));
    let bodies = [
        (ErrorBody::name(), ErrorBody::schema()),
        (OpenAiErrorBody::name(), OpenAiErrorBody::schema()),
        (AnthropicErrorBody::name(), AnthropicErrorBody::schema()),
    ];
    let mut schemas = Vec::from(bodies.map(|(name, schema)| (name.into_owned(), schema)));
    ErrorBody::schemas(&mut schemas);
    OpenAiErrorBody::schemas(&mut schemas);
    AnthropicErrorBody::schemas(&mut schemas);
    for (name, schema) in schemas {
        components.schemas.entry(name).or_insert(schema);
    }
}

fn add(operation: &mut Operation, shape: Shape, is_public: bool) {
    let takes_body = operation.request_body.is_some();
    let takes_any = takes_body || operation.parameters.as_ref().is_some_and(|it| !it.is_empty());
    let mut further = vec![("5XX", "a fault of the server or of what it depends on")];
    if takes_any {
        further.push(("400", "the request cannot be understood"));
    }
    if takes_body {
        further.push(("408", "the body came too slowly"));
        further.push(("413", "the body is too large"));
        further.push(("415", "the body is of another type"));
        further.push(("422", "the body has another form"));
    }
    if !is_public {
        further.push(("401", "no valid credential"));
        further.push(("403", "the caller may not do this"));
        further.push(("429", "too many requests, or a budget is used up"));
        operation.security = Some(vec![
            SecurityRequirement::new::<_, _, String>(BEARER, []),
            SecurityRequirement::new::<_, _, String>(API_KEY, []),
        ]);
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response
            && let Some(RefOr::T(events)) = response.content.get_mut("text/event-stream")
        {
            // A schema of the whole text would say nothing of its events.
            events.schema = None;
        }
    }
    for (status, description) in further {
        let response = || RefOr::T(failed(shape, description));
        operation.responses.responses.entry(status.to_owned()).or_insert_with(response);
    }
}

fn failed(shape: Shape, description: &str) -> Response {
    let body = match shape {
        Shape::Assay => ErrorBody::name(),
        Shape::OpenAi => OpenAiErrorBody::name(),
        Shape::Anthropic => AnthropicErrorBody::name(),
    };
    let content = Content::new(Some(Ref::from_schema_name(body)));
    ResponseBuilder::new().description(description).content("application/json", content).build()
}
