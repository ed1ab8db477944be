//! Logging in with a password, for pages: the tokens are in cookies that no script reads.

use assay_api::{
    ErrorBody, LoginOptionsResponse, LoginProvider, LoginRequest, LoginResponse, PasswordRequest,
};
use assay_core::ErrorCode;
use assay_identity::{Actor, Credential, Event, Identities, IdentityError, Login, Outcome};
use axum::{
    Json,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse},
};

use crate::{
    auth::{ACCESS_COOKIE, Acting, Asking, REFRESH_COOKIE, cookie},
    failure::Failure,
};

/// Where alone the cookie for the next pair of tokens is sent.
const REFRESH_PATH: &str = "/v1/login/refresh";

/// A header of an answer.
pub(super) type Line = (HeaderName, HeaderValue);

/// The ways to log in: by password, and by which providers.
#[utoipa::path(
    get, path = "/v1/login", tag = "identity",
    responses((status = 200, body = LoginOptionsResponse))
)]
pub(super) async fn options(asking: Asking) -> Json<LoginOptionsResponse> {
    let providers = asking.providers().into_iter().map(|it| LoginProvider {
        url: format!("/v1/login/oidc/{}", it.name),
        name: it.name,
        title: it.title,
    });
    Json(LoginOptionsResponse { password: true, providers: providers.collect() })
}

/// Log in with name and password. The answer sets cookies; requests that change something show
/// `csrf_token` besides, in the header `x-csrf-token`.
#[utoipa::path(
    post, path = "/v1/login", tag = "identity", request_body = LoginRequest,
    responses(
        (status = 200, body = LoginResponse),
        (status = 401, body = ErrorBody, description = "name or password is wrong"),
        (status = 429, body = ErrorBody, description = "too many were tried"),
    )
)]
pub(super) async fn log_in(
    asking: Asking,
    Json(request): Json<LoginRequest>,
) -> Result<impl IntoResponse, Failure> {
    let actor = asking.actor();
    let begin = move |identities: &Identities| {
        identities.log_in(&actor, &request.user, &request.password).inspect_err(|error| {
            refused(identities, actor.clone(), "login.failed", error);
        })
    };
    let login = asking.identities(begin).await?;
    begun(&asking, &login)
}

/// Get the next pair of tokens by the cookie for it, which is good once.
#[utoipa::path(
    post, path = "/v1/login/refresh", tag = "identity",
    responses(
        (status = 200, body = LoginResponse),
        (status = 401, body = ErrorBody, description = "the login has ended"),
    )
)]
pub(super) async fn refresh(
    asking: Asking,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Failure> {
    let token = cookie(&headers, REFRESH_COOKIE).unwrap_or_default().to_owned();
    let actor = asking.actor();
    let next = move |identities: &Identities| {
        identities.refresh_login(&actor, &token).inspect_err(|error| {
            refused(identities, actor.clone(), "login.failed", error);
        })
    };
    let login = asking.identities(next).await?;
    begun(&asking, &login)
}

/// End the login.
#[utoipa::path(
    delete, path = "/v1/login", tag = "identity",
    responses((status = 204, description = "ended"), (status = 400, body = ErrorBody))
)]
pub(super) async fn log_out(app: Acting) -> Result<impl IntoResponse, Failure> {
    let Credential::Login(id) = app.caller().credential().clone() else {
        return Err(Failure::bad_request("this request comes by no login")
            .hint("a key ends with `assay keys revoke`"));
    };
    let actor = app.actor();
    app.identities(move |identities| identities.log_out(&actor, &id)).await?;
    let gone = [(ACCESS_COOKIE, "/"), (REFRESH_COOKIE, REFRESH_PATH)];
    let gone = gone.map(|(name, path)| {
        let text = format!("{name}=; Path={path}; Max-Age=0; HttpOnly; SameSite=Strict");
        HeaderValue::try_from(text).map(|value| (SET_COOKIE, value))
    });
    let gone: Vec<_> = gone.into_iter().flatten().collect();
    Ok((StatusCode::NO_CONTENT, AppendHeaders(gone)))
}

/// Give a user a password; the user's logins end.
#[utoipa::path(
    put, path = "/v1/users/{name}/password", tag = "platform", request_body = PasswordRequest,
    params(("name" = String, Path, description = "the user")),
    responses(
        (status = 204, description = "it holds from now on"),
        (status = 400, body = ErrorBody, description = "too short"),
        (status = 404, body = ErrorBody),
    )
)]
pub(super) async fn set_password(
    app: Acting,
    Path(name): Path<String>,
    Json(request): Json<PasswordRequest>,
) -> Result<StatusCode, Failure> {
    let actor = app.actor();
    app.identities(move |identities| identities.set_password(&actor, &name, &request.password))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The cookies of a login with its answer.
fn begun(asking: &Asking, login: &Login) -> Result<impl IntoResponse + use<>, Failure> {
    let cookies = AppendHeaders(cookies_of(asking, login)?);
    let told =
        LoginResponse { csrf_token: login.proof.clone(), expires_in: login.access_ms / 1_000 };
    Ok((cookies, Json(told)))
}

/// The cookies with the tokens of a login.
pub(super) fn cookies_of(asking: &Asking, login: &Login) -> Result<[Line; 2], Failure> {
    let strict = |name, value, path, ms| set_cookie(asking, name, value, path, ms, "Strict");
    Ok([
        strict(ACCESS_COOKIE, login.access.expose(), "/", login.access_ms)?,
        strict(REFRESH_COOKIE, login.refresh.expose(), REFRESH_PATH, login.refresh_ms)?,
    ])
}

/// A header that sets a cookie which no script reads.
pub(super) fn set_cookie(
    asking: &Asking,
    name: &str,
    value: &str,
    path: &str,
    ms: i64,
    sites: &str,
) -> Result<Line, Failure> {
    // A browser takes cookies that are marked so from this machine without TLS too, but not every
    // one does.
    let secure = if asking.is_local() { "" } else { "; Secure" };
    let line = format!(
        "{name}={value}; Path={path}; Max-Age={}; HttpOnly; SameSite={sites}{secure}",
        ms / 1_000
    );
    HeaderValue::try_from(line)
        .map(|value| (SET_COOKIE, value))
        .map_err(|_| Failure::new(ErrorCode::Internal, "the login could not be written down"))
}

pub(super) fn refused(
    identities: &Identities,
    actor: Actor,
    action: &'static str,
    error: &IdentityError,
) {
    let event =
        Event { action, object: String::new(), outcome: Outcome::Denied, detail: error.for_log() };
    if let Err(error) = identities.record_limited(actor, event) {
        tracing::error!(error = %assay_core::ErrorChain(&error), "a refusal was not logged");
    }
}
