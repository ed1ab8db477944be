//! `POST /citations/process`: checks a text against sources, both brought by the caller.

use assay_answer::{
    SourceText,
    bibliography::{Author, BibliographyStyle, Date, Reference, ReferenceKind, authors},
};
use assay_api::{
    CitationSource, CitationsRequest, CitationsResponse, ClaimRange, ErrorBody, SourceAuthor,
};
use assay_core::TextRange;
use axum::Json;

use crate::{
    auth::Acting,
    failure::Failure,
    present::{self, Wanted},
};

/// Characters of the text at most.
const TEXT_CHARS_MAX: usize = 20_000;
/// Sources at most.
const SOURCES_MAX: usize = 50;
/// Characters of one source at most.
const SOURCE_CHARS_MAX: usize = 200_000;
/// Characters of a field that describes a source at most.
const FIELD_CHARS_MAX: usize = 2_000;
/// Authors of a source at most.
const AUTHORS_MAX: usize = 200;

/// Split a text into claims and check each against the sources given.
#[utoipa::path(
    post, path = "/citations/process", tag = "answers", request_body = CitationsRequest,
    responses(
        (status = 200, body = CitationsResponse),
        (status = 400, body = ErrorBody,
            description = "no text, no sources, a field that cannot be read, or over a limit"),
    )
)]
pub(super) async fn process(
    app: Acting,
    Json(request): Json<CitationsRequest>,
) -> Result<Json<CitationsResponse>, Failure> {
    check(&request)?;
    let wanted = wanted(&request)?;
    let ranges =
        request.claims.as_deref().map(|claims| ranges(&request.text, claims)).transpose()?;
    let references = request.sources.iter().enumerate();
    let references: Vec<Reference> =
        references.map(|(index, source)| reference(index, source)).collect::<Result<_, _>>()?;
    let sources = references.iter().zip(&request.sources).map(|(reference, source)| SourceText {
        issued: reference.issued,
        text: source.words().to_owned(),
    });
    let checked = app
        .engine
        .check_text(&app.scope(), &request.text, ranges.as_deref(), sources.collect())
        .await?;
    Ok(Json(present::checked_text(request, &references, &checked, wanted)))
}

fn check(request: &CitationsRequest) -> Result<(), Failure> {
    if request.text.trim().is_empty() {
        return Err(Failure::bad_request("`text` is empty"));
    }
    let chars = request.text.chars().count();
    if chars > TEXT_CHARS_MAX {
        let message = format!("`text` has {chars} characters, and {TEXT_CHARS_MAX} are allowed");
        return Err(Failure::bad_request(message).hint("send it in parts"));
    }
    if request.sources.is_empty() || request.sources.len() > SOURCES_MAX {
        let message = format!(
            "{} sources were given, and 1 to {SOURCES_MAX} are taken",
            request.sources.len()
        );
        return Err(Failure::bad_request(message)
            .hint("upload many sources as documents and ask with /query"));
    }
    for (index, source) in request.sources.iter().enumerate() {
        let chars = source.words().chars().count();
        if source.words().trim().is_empty() {
            let message = format!("source {index} has neither `content` nor `snippet`");
            return Err(Failure::bad_request(message));
        }
        if chars > SOURCE_CHARS_MAX {
            let message = format!(
                "source {index} has {chars} characters, and {SOURCE_CHARS_MAX} are allowed"
            );
            return Err(
                Failure::bad_request(message).hint("upload it as a document and use /query")
            );
        }
    }
    Ok(())
}

fn wanted(request: &CitationsRequest) -> Result<Wanted, Failure> {
    let style_name = request.style.clone().unwrap_or_else(|| "markdown".to_owned());
    let style: BibliographyStyle = style_name.parse()?;
    let style_marks = match request.marks.as_deref() {
        None | Some("numbers") => false,
        Some("style") => style.is_author_date(),
        Some(other) => {
            let message = format!("`{other}` is not a kind of marks");
            return Err(Failure::bad_request(message).hint("use `numbers` or `style`"));
        }
    };
    Ok(Wanted { style, style_name, style_marks })
}

/// The claims' ranges in bytes: not empty, inside the text, in order and apart from each other.
fn ranges(text: &str, claims: &[ClaimRange]) -> Result<Vec<TextRange>, Failure> {
    let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    bytes.push(text.len());
    let mut last = 0;
    let mut ranges = Vec::with_capacity(claims.len());
    for (index, claim) in claims.iter().enumerate() {
        let problem = if claim.start >= claim.end {
            "is empty"
        } else if claim.end >= bytes.len() {
            "ends behind the text"
        } else if claim.start < last {
            "begins before the one in front of it ends"
        } else {
            ""
        };
        let (Some(start), Some(end), "") = (bytes.get(claim.start), bytes.get(claim.end), problem)
        else {
            let message = format!("claim {index} ({} to {}) {problem}", claim.start, claim.end);
            return Err(Failure::bad_request(message)
                .hint("offsets count characters of `text`, from 0; `end` is the first one after"));
        };
        last = claim.end;
        ranges.push(TextRange::new(*start, *end));
    }
    Ok(ranges)
}

fn reference(index: usize, source: &CitationSource) -> Result<Reference, Failure> {
    let fields = [
        ("title", source.title.as_str()),
        ("url", &source.url),
        ("provider", &source.provider),
        ("container", &source.container),
        ("publisher", &source.publisher),
        ("volume", &source.volume),
        ("issue", &source.issue),
        ("pages", &source.pages),
        ("doi", &source.doi),
        ("language", source.language.as_deref().unwrap_or("")),
        ("accessibility", source.accessibility.as_deref().unwrap_or("")),
    ];
    for (name, value) in fields {
        if value.chars().count() > FIELD_CHARS_MAX {
            let message =
                format!("`{name}` of source {index} has more than {FIELD_CHARS_MAX} characters");
            return Err(Failure::bad_request(message).hint("the text belongs into `content`"));
        }
    }
    Ok(Reference {
        kind: source.kind.as_deref().map_or(Ok(ReferenceKind::Webpage), str::parse)?,
        title: source.title.clone(),
        authors: source_authors(index, source)?,
        issued: date(index, "published_at", source.published_at.as_deref())?,
        container: source.container.clone(),
        publisher: source.publisher.clone(),
        volume: source.volume.clone(),
        issue: source.issue.clone(),
        pages: source.pages.clone(),
        doi: source.doi.clone(),
        url: source.url.clone(),
        accessed: date(index, "accessed_at", source.accessed_at.as_deref())?,
        language: source.language.clone().unwrap_or_default(),
    })
}

fn date(index: usize, name: &str, text: Option<&str>) -> Result<Option<Date>, Failure> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|()| {
        let shown: String = text.chars().take(40).collect();
        Failure::bad_request(format!("`{name}` of source {index} is no date: `{shown}`"))
            .hint("write YYYY, YYYY-MM or YYYY-MM-DD")
    })
}

fn source_authors(index: usize, source: &CitationSource) -> Result<Vec<Author>, Failure> {
    let mut all: Vec<Author> = Vec::new();
    for author in &source.authors {
        match author {
            SourceAuthor::Text(text) => {
                all.push(text.parse().unwrap_or_else(|never| match never {}));
            }
            SourceAuthor::Organisation { name } => all.push(Author::Literal(name.clone())),
            SourceAuthor::Person { family, given, suffix } => all.push(Author::Person {
                family: family.clone(),
                given: given.clone(),
                suffix: suffix.clone(),
            }),
        }
    }
    if all.is_empty() {
        all = authors(source.author.as_deref().unwrap_or(""));
    }
    let chars: usize = all.iter().map(|author| format!("{author:?}").len()).sum();
    if all.len() > AUTHORS_MAX || chars > AUTHORS_MAX * FIELD_CHARS_MAX / 10 {
        let message = format!("source {index} names more than {AUTHORS_MAX} authors");
        return Err(Failure::bad_request(message).hint("name the first of them"));
    }
    Ok(all)
}
