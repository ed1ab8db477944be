//! Which tenant a request names: header, subdomain, cookie. They only choose among the tenants that
//! the credential is good for, and none of them may contradict another.

use assay_identity::IdentityError;
use axum::http::{HeaderMap, header};

/// The header that names a tenant by id or name.
const HEADER: &str = "x-tenant-id";
/// The cookie that does.
const COOKIE: &str = "assay_tenant";
/// Longest text that is looked at.
const GIVEN_MAX: usize = 128;

/// The tenant that a request names, if any.
pub(super) fn chosen_tenant(
    headers: &HeaderMap,
    domain: &str,
) -> Result<Option<String>, IdentityError> {
    let given: Vec<(&'static str, String)> = headers
        .get_all(HEADER)
        .iter()
        .map(|value| ("the header X-Tenant-Id", readable(value.to_str().ok())))
        .chain(subdomain(headers, domain).map(|name| ("the subdomain", name)))
        .chain(cookies(headers, COOKIE).map(|it| ("the cookie assay_tenant", readable(Some(it)))))
        .collect();
    let Some((first, tenant)) = given.first() else { return Ok(None) };
    match given.iter().find(|(_, other)| other != tenant) {
        Some((second, _)) => Err(IdentityError::Contradiction { first, second }),
        None => Ok(Some(tenant.clone())),
    }
}

/// A name or id; what cannot be read is a tenant that there is not.
fn readable(text: Option<&str>) -> String {
    text.filter(|text| text.len() <= GIVEN_MAX).unwrap_or("?").trim().to_owned()
}

/// The first label of the host below `domain`.
fn subdomain(headers: &HeaderMap, domain: &str) -> Option<String> {
    if domain.is_empty() {
        return None;
    }
    let host = headers.get(header::HOST)?.to_str().ok()?.to_ascii_lowercase();
    let host = host.rsplit_once(':').map_or(host.as_str(), |(host, _)| host);
    let below = host.strip_suffix(domain)?.strip_suffix('.')?;
    // Names of hosts of their own kind are no tenants.
    (!matches!(below, "www" | "api" | "app")).then(|| below.to_owned())
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &'a str) -> Option<&'a str> {
    cookies(headers, name).next()
}

fn cookies<'a>(headers: &'a HeaderMap, wanted: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs =
        lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(name, _)| *name == wanted).map(|(_, value)| value)
}
