//! Logging in by a provider of OpenID Connect, for pages.

use assay_api::{ErrorBody, LoginCallbackParams, LoginStartParams};
use assay_identity::{Identities, IdentityError, Login, OidcAnswer};
use axum::{
    extract::{Path, Query},
    http::{HeaderMap, HeaderValue, StatusCode, header::LOCATION},
    response::{AppendHeaders, IntoResponse, Response},
};

use super::login::{Line, cookies_of, refused, set_cookie};
use crate::{
    auth::{Asking, cookie},
    failure::Failure,
};

/// The cookie that a login holds between its beginning and its end, and where alone it is sent.
const COOKIE: &str = "assay_oidc";
const PATH: &str = "/v1/login/oidc";

/// Begin a login: sends the browser to the provider.
#[utoipa::path(
    get, path = "/v1/login/oidc/{provider}", tag = "identity",
    params(("provider" = String, Path, description = "its name"), LoginStartParams),
    responses(
        (status = 303, description = "to the provider"),
        (status = 400, body = ErrorBody, description = "`return_to` is no path of this server"),
        (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "too many were begun"),
    )
)]
pub(super) async fn begin(
    asking: Asking,
    Path(provider): Path<String>,
    Query(params): Query<LoginStartParams>,
) -> Result<Response, Failure> {
    if let Some(refused) = asking.too_many() {
        return Ok(refused);
    }
    let page = params.return_to.as_deref().unwrap_or("/");
    let start = asking.open_identities().begin_oidc(&provider, page).await?;
    // The provider's page leads back here from another site: a strict cookie would stay behind.
    let kept = set_cookie(&asking, COOKIE, start.cookie.expose(), PATH, start.ms, "Lax")?;
    see(&start.url, [kept])
}

/// End a login: where the provider sends the browser back to. Sets the cookies that a login with a
/// password sets, and goes on to the page that the login was begun for.
#[utoipa::path(
    get, path = "/v1/login/oidc/{provider}/callback", tag = "identity",
    params(("provider" = String, Path, description = "its name"), LoginCallbackParams),
    responses(
        (status = 303, description = "to the page"),
        (status = 401, body = ErrorBody, description = "the login or its ID token is not good"),
        (status = 403, body = ErrorBody, description = "the account is not let in"),
        (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "too many are on their way"),
    )
)]
pub(super) async fn end(
    asking: Asking,
    Path(provider): Path<String>,
    Query(params): Query<LoginCallbackParams>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if let Some(refused) = asking.too_many() {
        return Ok(refused);
    }
    let LoginCallbackParams { code, state, error, iss } = params;
    let answer = OidcAnswer { code, state, error, iss };
    let kept = cookie(&headers, COOKIE).unwrap_or_default().to_owned();
    let (login, page) = match ended(&asking, &provider, &kept, &answer).await {
        Ok(ended) => ended,
        Err(error) => {
            let actor = asking.actor();
            let note = move |identities: &Identities| {
                refused(identities, actor, "login.failed", &error);
                Ok(error)
            };
            return Err(asking.identities(note).await?.into());
        }
    };
    let over = set_cookie(&asking, COOKIE, "", PATH, 0, "Lax")?;
    let [access, refresh] = cookies_of(&asking, &login)?;
    see(&page, [over, access, refresh])
}

async fn ended(
    asking: &Asking,
    provider: &str,
    kept: &str,
    answer: &OidcAnswer,
) -> Result<(Login, String), IdentityError> {
    let (account, page) = asking.open_identities().oidc_account(provider, kept, answer).await?;
    let actor = asking.actor();
    let login = asking.identities(move |it| it.oidc_log_in(&actor, account)).await?;
    Ok((login, page))
}

/// The second half of a logout, after `DELETE /v1/login`: sends the browser to the page where the
/// provider ends its own session, when it has one.
#[utoipa::path(
    get, path = "/v1/login/oidc/{provider}/logout", tag = "identity",
    params(("provider" = String, Path, description = "its name")),
    responses(
        (status = 303, description = "to the provider"),
        (status = 404, body = ErrorBody, description = "no such provider, or it has no such page"),
        (status = 429, body = ErrorBody, description = "too many requests"),
    )
)]
pub(super) async fn log_out(
    asking: Asking,
    Path(provider): Path<String>,
) -> Result<Response, Failure> {
    if let Some(refused) = asking.too_many() {
        return Ok(refused);
    }
    see(&asking.open_identities().oidc_logout(&provider).await?, [])
}

/// Sends the browser on.
fn see<const N: usize>(url: &str, cookies: [Line; N]) -> Result<Response, Failure> {
    let to = HeaderValue::try_from(url)
        .map_err(|_| Failure::bad_request("the address to go on to cannot be written"))?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, to)], AppendHeaders(cookies)).into_response())
}
