//! Who a request comes from: the one place where a credential becomes a caller, and where the
//! caller's rights are held against what the route needs.

use std::{
    net::{IpAddr, SocketAddr},
    ops::Deref,
    sync::Arc,
};

use assay_core::{DocumentId, ErrorCode, RequestId, TenantScope};
use assay_identity::{
    Actor, AuthMode, Caller, Credential, Event, Identities, IdentityError, OidcProvider, Outcome,
};
use axum::{
    RequestExt,
    extract::{ConnectInfo, FromRequestParts, MatchedPath, RawPathParams, Request},
    http::{Extensions, HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    App,
    failure::{Failure, RequestName},
    rates::Standing,
};
use choice::chosen_tenant;
pub(crate) use choice::cookie;
use table::{Access, rule};

mod choice;
pub(crate) mod table;
#[cfg(test)]
mod tests;

/// The cookie with the token of a login.
pub(crate) const ACCESS_COOKIE: &str = "assay_login";
/// The cookie with the token for the next pair.
pub(crate) const REFRESH_COOKIE: &str = "assay_refresh";
/// How the routes of one collection begin.
const COLLECTION: &str = "/v1/collections/{name}";
/// The header with the proof that a request comes from the page that logged in.
const PROOF: &str = "x-csrf-token";

/// A request whose caller is known.
#[derive(Debug)]
pub(crate) struct Who {
    pub(crate) caller: Caller,
    from: Option<IpAddr>,
    request: RequestId,
}

/// The server, acting for one caller: the only way of a handler to a tenant's data.
pub(crate) struct Acting {
    app: App,
    who: Arc<Who>,
}

impl Acting {
    /// Whose data the request is about.
    pub(crate) fn scope(&self) -> TenantScope {
        self.who.caller.scope().clone()
    }

    /// Who asks.
    pub(crate) fn caller(&self) -> &Caller {
        &self.who.caller
    }

    /// Asks the identities something, on a thread that may wait for the disk.
    pub(crate) async fn identities<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Identities) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        ask_identities(&self.app, ask).await
    }

    /// Who asks, for the audit log.
    pub(crate) fn actor(&self) -> Actor {
        Actor::caller(&self.who.caller, self.who.from, self.who.request)
    }
}

impl Deref for Acting {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl FromRequestParts<App> for Acting {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, StatusCode> {
        // Absent only on a public route, whose handler must not ask for it.
        let who = parts.extensions.get::<Arc<Who>>().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Self { app: app.clone(), who: Arc::clone(who) })
    }
}

/// The server, asked by somebody who is not known: for the routes that find out who it is.
pub(crate) struct Asking {
    app: App,
    from: Option<IpAddr>,
    request: RequestId,
}

impl Asking {
    /// Whoever asks, for the audit log.
    pub(crate) fn actor(&self) -> Actor {
        Actor::unknown(self.from, self.request)
    }

    /// Who logs users in.
    pub(crate) fn providers(&self) -> Vec<OidcProvider> {
        self.app.engine.identities().oidc_providers()
    }

    /// The identities, for what waits for the net and not for the disk.
    pub(crate) fn open_identities(&self) -> &Identities {
        self.app.engine.identities()
    }

    /// The answer to somebody who asks too often.
    pub(crate) fn too_many(&self) -> Option<Response> {
        let from = self.from.map(|from| from.to_string()).unwrap_or_default();
        too_many(self.app.rates.stranger(&from))
    }

    /// Whether only this machine reaches the server.
    pub(crate) fn is_local(&self) -> bool {
        self.app.settings.host.is_loopback()
    }

    /// Asks the identities something, on a thread that may wait for the disk.
    pub(crate) async fn identities<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Identities) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        ask_identities(&self.app, ask).await
    }
}

impl FromRequestParts<App> for Asking {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let (from, request) = origin(&parts.extensions);
        Ok(Self { app: app.clone(), from, request })
    }
}

/// Where a request came from, and its name.
fn origin(extensions: &Extensions) -> (Option<IpAddr>, RequestId) {
    let from = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let name = extensions.get::<RequestName>().map(|name| name.0);
    (from, name.unwrap_or_else(RequestId::new))
}

async fn ask_identities<T: Send + 'static>(
    app: &App,
    ask: impl FnOnce(&Identities) -> Result<T, IdentityError> + Send + 'static,
) -> Result<T, IdentityError> {
    let identities = Arc::clone(app.engine.identities());
    let span = tracing::Span::current();
    let asked = tokio::task::spawn_blocking(move || span.in_scope(|| ask(&identities))).await;
    asked.unwrap_or_else(|error| {
        Err(IdentityError::File { path: "identity.db".to_owned(), reason: error.to_string() })
    })
}

/// What an entry of the audit log is about, when the path does not say: an answer carries it.
#[derive(Debug, Clone)]
pub(crate) struct Touched(pub(crate) String);

/// Lets a request through when its caller may do what the route needs, and writes down what was
/// changed or refused.
pub(crate) async fn authenticate<F>(
    app: &App,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    // What no route matches is a 404 without anybody's data.
    let Some(path) = path else { return next(request).await };
    let Some(rule) = rule(request.method(), &path) else {
        return not_allowed(app, request, next).await;
    };
    let Access::Needs(permission) = rule.access else { return next(request).await };
    let (from, id) = origin(request.extensions());
    let identified = identify(app, request.headers()).await;
    let caller = match identified.and_then(|it| proven(app, it, &request)) {
        Ok(caller) => caller,
        Err(error) => {
            let from_text = from.map(|from| from.to_string()).unwrap_or_default();
            let standing = app.rates.stranger(&from_text);
            if let Some(refused) = too_many(standing) {
                return refused;
            }
            note_refusal(app, Actor::unknown(from, id), "auth.failed", &path, &error);
            return Failure::from(error).into_response();
        }
    };
    let standing = match caller.credential() {
        Credential::Local => None,
        credential => {
            let client = format!("{} {credential}", caller.principal());
            let own = caller.limits().requests_per_minute;
            app.rates.caller(&client, &caller.scope().tenant().to_string(), own)
        }
    };
    if let Some(refused) = too_many(standing) {
        return refused;
    }
    if let Err(error) = caller.may(permission) {
        let actor = Actor::caller(&caller, from, id);
        note_refusal(app, actor, "auth.denied", &path, &error);
        return Failure::from(error).into_response();
    }
    let who = Arc::new(Who { caller, from, request: id });
    let object = match rule.action {
        Some(_) => object_of(app, &who.caller, &path, &mut request).await,
        None => String::new(),
    };
    request.extensions_mut().insert(Arc::clone(&who));
    let response = next(request).await;
    let mut response = match rule.action {
        Some(action) => record(app, &who, action, object, response).await,
        None => response,
    };
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    response
}

/// What a request is about, for the audit log, which outlives names: a collection by its id, anything
/// else by its path with the ids in it. What is no id stays the name of its place.
async fn object_of(app: &App, caller: &Caller, route: &str, request: &mut Request) -> String {
    let mut object = route.to_owned();
    let Ok(given) = request.extract_parts::<RawPathParams>().await else { return object };
    for (place, given) in &given {
        if given.parse::<DocumentId>().is_ok() {
            object = object.replace(&format!("{{{place}}}"), given);
        } else if route.starts_with(COLLECTION)
            && let Ok(collection) = app.engine.collection(caller.scope(), given).await
        {
            return format!("collection:{}", collection.id);
        }
    }
    object
}

/// The answer to a client that asks too often.
fn too_many(standing: Option<Standing>) -> Option<Response> {
    let standing = standing.filter(|standing| standing.is_refused())?;
    let failure = Failure::new(ErrorCode::TooManyRequests, "there are too many requests")
        .hint("wait for as many seconds as the header Retry-After says");
    let mut response = failure.into_response();
    standing.tell(response.headers_mut());
    Some(response)
}

/// A method that the route does not take. Where credentials are asked for, no handler is reached:
/// a route without an entry in the table would be one without a check.
async fn not_allowed<F>(app: &App, request: Request, next: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    if app.engine.identities().settings().mode == AuthMode::Open {
        return next(request).await;
    }
    StatusCode::METHOD_NOT_ALLOWED.into_response()
}

/// Refuses a change that comes by a cookie without the proof that the page that logged in made the
/// request: a browser adds cookies by itself.
fn proven(app: &App, caller: Caller, request: &Request) -> Result<Caller, IdentityError> {
    let Credential::Login(login) = caller.credential() else { return Ok(caller) };
    let proof = request.headers().get(PROOF).and_then(|value| value.to_str().ok());
    let is_proven = proof.is_some_and(|proof| app.engine.identities().is_proof(login, proof));
    if request.method().is_safe() || is_proven {
        return Ok(caller);
    }
    Err(IdentityError::Credential { reason: "the header x-csrf-token is missing or wrong" })
}

/// The caller that the headers name.
async fn identify(app: &App, headers: &HeaderMap) -> Result<Caller, IdentityError> {
    let identities = app.engine.identities();
    let chosen = chosen_tenant(headers, &identities.settings().domain)?;
    let Some(shown) = shown(headers, identities.takes_tokens())? else {
        return match (identities.settings().mode, chosen) {
            (AuthMode::Required, _) => Err(IdentityError::Missing),
            (AuthMode::Open, Some(given)) => identities.local(&given),
            (AuthMode::Open, None) => Ok(Caller::local()),
        };
    };
    if let Shown::Key(key) = &shown
        && identities.is_warm(key)
    {
        return identities.authenticate(key, chosen.as_deref());
    }
    if let Shown::Token(token) = &shown {
        identities.prepare_token(token).await;
    }
    ask_identities(app, move |identities| match &shown {
        Shown::Key(key) => identities.authenticate(key, chosen.as_deref()),
        Shown::Token(token) => identities.authenticate_token(token, chosen.as_deref()),
        Shown::Login(token) => identities.authenticate_login(token, chosen.as_deref()),
    })
    .await
}

/// A credential as a request shows it.
enum Shown {
    Key(String),
    Token(String),
    Login(String),
}

/// The credential of a request: a key or a token in `Authorization` as clients of OpenAI send it,
/// or in `x-api-key` as those of Anthropic do; or the cookie of a login. A text that is none of them
/// counts as nothing: client libraries demand a key where none is needed.
fn shown(headers: &HeaderMap, takes_tokens: bool) -> Result<Option<Shown>, IdentityError> {
    let bearer = headers.get_all("authorization").iter().map(|value| {
        let text = value.to_str().unwrap_or_default();
        let (scheme, rest) = text.split_once(' ').unwrap_or(("", text));
        if scheme.eq_ignore_ascii_case("bearer") { rest.trim() } else { "" }
    });
    let own = headers.get_all("x-api-key").iter().map(|value| value.to_str().unwrap_or_default());
    let mut found: Vec<&str> = bearer.chain(own).filter(|key| !key.is_empty()).collect();
    found.dedup();
    match found.as_slice() {
        [] => Ok(cookie(headers, ACCESS_COOKIE).map(|token| Shown::Login(token.to_owned()))),
        [key] if key.starts_with("assay_") => Ok(Some(Shown::Key((*key).to_owned()))),
        [token] if takes_tokens => Ok(Some(Shown::Token((*token).to_owned()))),
        [_] => Ok(None),
        _ => Err(IdentityError::Credential { reason: "the request has two credentials" }),
    }
}

/// Writes down that somebody was refused, without making the caller wait.
fn note_refusal(app: &App, actor: Actor, action: &'static str, path: &str, error: &IdentityError) {
    let event = Event {
        action,
        object: path.to_owned(),
        outcome: Outcome::Denied,
        detail: error.for_log(),
    };
    let identities = Arc::clone(app.engine.identities());
    tokio::task::spawn_blocking(move || {
        if let Err(error) = identities.record_limited(actor, event) {
            tracing::error!(error = %assay_core::ErrorChain(&error), "a refusal was not logged");
        }
    });
}

/// Writes down what a request changed before its answer goes out.
async fn record(
    app: &App,
    who: &Who,
    action: &'static str,
    path: String,
    response: Response,
) -> Response {
    let status = response.status();
    let outcome = if status.is_success() { Outcome::Done } else { Outcome::Failed };
    let object = response.extensions().get::<Touched>().map_or(path, |touched| touched.0.clone());
    let event = Event { action, object, outcome, detail: status.as_u16().to_string() };
    let actor = Actor::caller(&who.caller, who.from, who.request);
    let identities = Arc::clone(app.engine.identities());
    let written = tokio::task::spawn_blocking(move || identities.record(actor, event)).await;
    match written {
        Ok(Ok(())) => response,
        Ok(Err(error)) => Failure::from(error).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
