//! Uploading, listing, showing and deleting documents.

use std::time::Duration;

use assay_answer::{Listing, Told, Upload};
use assay_api::{
    DocumentChange, DocumentListParams, DocumentListResponse, DocumentResponse, DuplicatesResponse,
    ErrorBody, NearDocument, NearParams, NearResponse, UploadResponse,
};
use assay_core::ErrorCode;
use axum::{
    Extension, Json,
    extract::{DefaultBodyLimit, Multipart, Path, Query, multipart::Field},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE},
    },
};

use tokio::time::timeout;

use crate::{
    App,
    auth::{Acting, Touched},
    failure::Failure,
    present,
};

/// Documents of a page when the caller does not say how many.
const LIMIT_DEFAULT: u32 = 100;
/// Documents of a page at most.
const LIMIT_MAX: u32 = 1_000;
/// Characters of a form field other than the file.
const FIELD_BYTES_MAX: usize = 8 << 10;
/// Share of common word sequences from which on documents are nearly the same.
const SIMILARITY_DEFAULT: f32 = 0.8;
/// Longest time that the sender of an upload may take.
const UPLOAD_TIME: Duration = Duration::from_secs(600);

/// The form of an upload.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its schema is used; the form is read field by field")]
struct UploadForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: String,
    /// Name of the collection, created when it does not exist; `default` when absent.
    collection: Option<String>,
    /// What identifies the document inside the collection, such as its path; the file name when
    /// absent. An upload with a known identity is a new version.
    source: Option<String>,
    /// Tags, separated by commas.
    tags: Option<String>,
    /// What is told of the document: a JSON object; goes before what is found in the file.
    metadata: Option<String>,
    /// Who may read it, from its first moment: a JSON object like the body of
    /// `PUT /v1/documents/{id}/access`. To whom its collection is open when absent.
    access: Option<String>,
}

/// Take a file in.
///
/// The answer comes when the file and the work on it are on disk: from then on it is not lost. It
/// is searchable when the job is done.
#[utoipa::path(
    post, path = "/documents/upload", tag = "documents",
    request_body(content = inline(UploadForm), content_type = "multipart/form-data"),
    responses(
        (status = 202, body = UploadResponse, description = "accepted; see the job"),
        (status = 200, body = UploadResponse, description = "these bytes are known already"),
        (status = 400, body = ErrorBody, description = "no file, or the upload was cut"),
        (status = 404, body = ErrorBody, description = "no such member or group"),
        (status = 409, body = ErrorBody, description = "it is known with another access list"),
        (status = 413, body = ErrorBody, description = "over the size limit"),
        (status = 507, body = ErrorBody, description = "the disk is full"),
    )
)]
pub(super) async fn upload(
    app: Acting,
    headers: HeaderMap,
    mut form: Multipart,
) -> Result<(StatusCode, Extension<Touched>, Json<UploadResponse>), Failure> {
    let declared =
        headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    // Until there is room, the body stays with its sender.
    let _room = app.uploads.room_for(declared).await;
    let upload = timeout(UPLOAD_TIME, read_form(&app, &mut form)).await.map_err(|_| {
        Failure::new(ErrorCode::Timeout, "the upload took too long").hint("send smaller files")
    })??;
    let accepted = app.engine.receive(&app.scope(), upload).await?;
    let status = if accepted.task.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    let touched = Touched(format!("document:{}", accepted.document));
    Ok((status, Extension(touched), Json(present::upload(&accepted))))
}

async fn read_form(app: &Acting, form: &mut Multipart) -> Result<Upload, Failure> {
    let limit = app.engine.file_bytes_max();
    let mut upload = Upload::default();
    let mut has_file = false;
    while let Some(field) = form.next_field().await.map_err(|error| cut(&error, limit))? {
        match field.name().unwrap_or_default() {
            "file" => {
                upload.name = last(field.file_name().unwrap_or_default()).to_owned();
                upload.media_type = field.content_type().map(str::to_owned);
                upload.bytes = read(field, limit).await?;
                has_file = true;
            }
            "collection" => upload.collection = text(field, limit).await?,
            "source" => upload.source = text(field, limit).await?,
            "tags" => {
                let tags = text(field, limit).await?;
                let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
                upload.told.get_or_insert_default().tags = Some(tags.map(str::to_owned).collect());
            }
            "metadata" => {
                let metadata = json("metadata", &text(field, limit).await?)?;
                upload.told.get_or_insert_default().metadata = Some(metadata);
            }
            "access" => {
                let access = json("access", &text(field, limit).await?)?;
                upload.access = super::access::list(app, access).await?;
            }
            other => {
                let message = format!("the form has an unknown field `{other}`");
                return Err(Failure::bad_request(message)
                    .hint("the fields are `file`, `collection`, `source`, `tags`, `metadata` and `access`"));
            }
        }
    }
    if !has_file {
        return Err(Failure::bad_request("the form has no field `file`")
            .hint("curl -F file=@report.pdf http://…/documents/upload"));
    }
    Ok(upload)
}

/// The name without the folders that some senders put before it, and without what leads out of one.
fn last(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    if name == "." || name == ".." { "" } else { name }
}

async fn read(mut field: Field<'_>, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| cut(&error, limit))? {
        if bytes.len() as u64 + chunk.len() as u64 > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn text(mut field: Field<'_>, limit: u64) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| cut(&error, limit))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD_BYTES_MAX {
            return Err(Failure::bad_request("a form field is longer than 8 KiB"));
        }
    }
    String::from_utf8(bytes).map_err(|_| Failure::bad_request("a form field is not UTF-8"))
}

fn json<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::bad_request(format!("the field `{name}` is not the JSON it should be: {error}"))
    })
}

fn too_large(limit: u64) -> Failure {
    Failure::new(ErrorCode::TooLarge, format!("the file is larger than {limit} bytes"))
        .hint("raise `answer.file_bytes_max`, or split the file")
}

fn cut(error: &axum::extract::multipart::MultipartError, limit: u64) -> Failure {
    match crate::status::code_of(error.status()) {
        ErrorCode::TooLarge => too_large(limit),
        code => Failure::new(code, error.body_text())
            .hint("nothing of this upload was kept: send it again"),
    }
}

/// List documents.
#[utoipa::path(
    get, path = "/v1/documents", tag = "documents", params(DocumentListParams),
    responses(
        (status = 200, body = DocumentListResponse),
        (status = 400, body = ErrorBody, description = "limit out of range, `after` is not an id"),
        (status = 404, body = ErrorBody, description = "unknown collection"),
    )
)]
pub(super) async fn list(
    app: Acting,
    Query(params): Query<DocumentListParams>,
) -> Result<Json<DocumentListResponse>, Failure> {
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {LIMIT_MAX}")));
    }
    let after = params.after.as_deref().map(present::document_id).transpose()?;
    let parent = params.parent.as_deref().map(present::document_id).transpose()?;
    let DocumentListParams { collection, tag, .. } = params;
    let listing = Listing { collection, tag, parent, after, limit };
    let documents = app.engine.documents(&app.scope(), listing).await?;
    let names = app.engine.collection_names(&app.scope()).await?;
    let next = (documents.len() == limit as usize)
        .then(|| documents.last().map(|document| document.id.to_string()))
        .flatten();
    let documents = documents.into_iter().map(|summary| {
        let collection = names.get(&summary.latest.collection).cloned().unwrap_or_default();
        present::document(summary, Vec::new(), Vec::new(), collection)
    });
    let documents = documents.collect();
    Ok(Json(DocumentListResponse { documents, next }))
}

/// Show a document and the state of its newest version.
#[utoipa::path(
    get, path = "/documents/{id}", tag = "documents",
    params(("id" = String, Path, description = "the document")),
    responses((status = 200, body = DocumentResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<DocumentResponse>, Failure> {
    // What is not an id names nothing: the same answer as for an unknown one.
    let document = id.parse().map_err(|_| Failure::not_found("document", &id))?;
    let document = app.engine.document(&app.scope(), document).await?;
    let names = app.engine.collection_names(&app.scope()).await?;
    let collection = names.get(&document.summary.latest.collection).cloned().unwrap_or_default();
    Ok(Json(present::document(document.summary, document.problems, document.findings, collection)))
}

/// Delete a document with all its versions; it is gone from every search when this answers.
#[utoipa::path(
    delete, path = "/documents/{id}", tag = "documents",
    params(("id" = String, Path, description = "the document")),
    responses((status = 204, description = "deleted"), (status = 404, body = ErrorBody))
)]
pub(super) async fn delete(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let document = id.parse().map_err(|_| Failure::not_found("document", &id))?;
    app.engine.delete(&app.scope(), document).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Move a document, tag it, or say something of it.
#[utoipa::path(
    patch, path = "/v1/documents/{id}", tag = "documents",
    params(("id" = String, Path, description = "the document")),
    request_body = DocumentChange,
    responses(
        (status = 200, body = DocumentResponse),
        (status = 400, body = ErrorBody, description = "tags or metadata are too long"),
        (status = 404, body = ErrorBody, description = "unknown document or collection"),
        (status = 409, body = ErrorBody, description = "the collection has one of this source"),
    )
)]
pub(super) async fn change(
    app: Acting,
    Path(id): Path<String>,
    Json(change): Json<DocumentChange>,
) -> Result<Json<DocumentResponse>, Failure> {
    let document = id.parse().map_err(|_| Failure::not_found("document", &id))?;
    let told = Told { tags: change.tags, metadata: change.metadata };
    app.engine.change_document(&app.scope(), document, change.collection, told).await?;
    show(app, Path(id)).await
}

/// The file as it was taken in.
#[utoipa::path(
    get, path = "/v1/documents/{id}/original", tag = "documents",
    params(("id" = String, Path, description = "the document")),
    responses(
        (status = 200, content_type = "*/*", description = "the bytes"),
        (status = 404, body = ErrorBody),
    )
)]
pub(super) async fn original(
    app: Acting,
    Path(id): Path<String>,
) -> Result<(HeaderMap, Vec<u8>), Failure> {
    let document = id.parse().map_err(|_| Failure::not_found("document", &id))?;
    let original = app.engine.original(&app.scope(), document).await?;
    let mut headers = HeaderMap::new();
    let media_type = original.media_type.as_deref().unwrap_or_default();
    let media_type = HeaderValue::from_str(media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_TYPE, media_type);
    // Never shown in place: an uploaded page would run in the origin of this server.
    headers.insert(CONTENT_DISPOSITION, attachment(&original.name));
    Ok((headers, original.bytes))
}

/// The header that names a download, after RFC 6266 and RFC 8187.
fn attachment(name: &str) -> HeaderValue {
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

/// Documents that are nearly the same as this one.
#[utoipa::path(
    get, path = "/v1/documents/{id}/near", tag = "documents",
    params(("id" = String, Path, description = "the document"), NearParams),
    responses(
        (status = 200, body = NearResponse),
        (status = 400, body = ErrorBody, description = "similarity out of range"),
        (status = 404, body = ErrorBody),
    )
)]
pub(super) async fn near(
    app: Acting,
    Path(id): Path<String>,
    Query(params): Query<NearParams>,
) -> Result<Json<NearResponse>, Failure> {
    let document = id.parse().map_err(|_| Failure::not_found("document", &id))?;
    let similarity = similarity(&params)?;
    let near = app.engine.near_documents(&app.scope(), document, similarity).await?;
    let documents = near.into_iter().map(|near| NearDocument {
        document_id: near.document.to_string(),
        name: near.name,
        similarity: near.similarity,
    });
    Ok(Json(NearResponse { documents: documents.collect() }))
}

/// Groups of documents that are nearly the same.
#[utoipa::path(
    get, path = "/v1/duplicates", tag = "documents", params(NearParams),
    responses(
        (status = 200, body = DuplicatesResponse),
        (status = 400, body = ErrorBody, description = "similarity out of range"),
    )
)]
pub(super) async fn duplicates(
    app: Acting,
    Query(params): Query<NearParams>,
) -> Result<Json<DuplicatesResponse>, Failure> {
    let groups = app.engine.near_groups(&app.scope(), similarity(&params)?).await?;
    let ids = |group: Vec<assay_core::DocumentId>| group.iter().map(ToString::to_string).collect();
    Ok(Json(DuplicatesResponse { groups: groups.into_iter().map(ids).collect() }))
}

fn similarity(params: &NearParams) -> Result<f32, Failure> {
    let similarity = params.similarity.unwrap_or(SIMILARITY_DEFAULT);
    if (0.5..=1.0).contains(&similarity) {
        Ok(similarity)
    } else {
        Err(Failure::bad_request(format!("similarity {similarity} is not 0.5 to 1")))
    }
}

/// The limit of an upload as a whole: the file and a little for the form around it.
pub(super) fn body_limit(app: &App) -> DefaultBodyLimit {
    let bytes = app.engine.file_bytes_max().saturating_add(64 << 10);
    DefaultBodyLimit::max(usize::try_from(bytes).unwrap_or(usize::MAX))
}
