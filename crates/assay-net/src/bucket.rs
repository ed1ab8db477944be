//! Buckets of services that speak the S3 protocol: signed addresses, and what the answers say.

mod list;

use assay_core::Secret;
use jiff::Timestamp;
use reqwest::{Method, Url};
use rusty_s3::{UrlStyle, signing::sign};

pub use list::{Object, Page, entity_tag, read_page, refusal};

/// How long a signed address is valid.
const VALID_SECONDS: u64 = 900;

/// Where a bucket is.
#[derive(Debug, Clone, Copy)]
pub struct BucketAddress<'a> {
    /// The address of the service.
    pub endpoint: &'a str,
    /// The region that requests are signed for.
    pub region: &'a str,
    /// The name of the bucket.
    pub name: &'a str,
    /// Whether the bucket is named in the host (`bucket.host`) and not in the path (`host/bucket`).
    pub is_in_host: bool,
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct BucketKey {
    /// The access key.
    pub access_key: String,
    /// Its secret.
    pub secret_key: Secret,
    /// The token of temporary credentials.
    pub session_token: Option<Secret>,
}

/// A bucket and who asks it.
#[derive(Debug, Clone)]
pub struct Bucket {
    bucket: rusty_s3::Bucket,
    key: Option<BucketKey>,
}

/// An address that leads to no bucket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// The address of the service.
    #[error("is no `http` or `https` address")]
    Endpoint,
    /// The name of the bucket.
    #[error("{0}")]
    Name(String),
}

impl Bucket {
    /// A bucket; without a key requests are not signed.
    ///
    /// # Errors
    /// [`BucketError`].
    pub fn new(address: BucketAddress<'_>, key: Option<BucketKey>) -> Result<Self, BucketError> {
        let endpoint = Url::parse(address.endpoint).ok();
        let endpoint = endpoint.filter(|url| matches!(url.scheme(), "http" | "https"));
        let endpoint = endpoint.ok_or(BucketError::Endpoint)?;
        let style = if address.is_in_host { UrlStyle::VirtualHost } else { UrlStyle::Path };
        let (name, region) = (address.name.to_owned(), address.region.to_owned());
        let bucket = rusty_s3::Bucket::new(endpoint, style, name, region);
        Ok(Self { bucket: bucket.map_err(|error| BucketError::Name(error.to_string()))?, key })
    }

    /// The address of an object; of the bucket itself for an empty key.
    #[must_use]
    pub fn url(&self, key: &str) -> Url {
        self.bucket.object_url(key)
    }

    /// The same, signed for a request of `method` with the `query`, which is sorted by name.
    #[must_use]
    pub fn signed(
        &self,
        now: &Timestamp,
        method: &Method,
        key: &str,
        query: &[(&str, &str)],
    ) -> Url {
        let mut url = self.url(key);
        let Some(by) = &self.key else {
            if !query.is_empty() {
                url.query_pairs_mut().extend_pairs(query);
            }
            return url;
        };
        let method = match *method {
            Method::HEAD => rusty_s3::Method::Head,
            Method::PUT => rusty_s3::Method::Put,
            Method::POST => rusty_s3::Method::Post,
            Method::DELETE => rusty_s3::Method::Delete,
            _ => rusty_s3::Method::Get,
        };
        sign(
            now,
            method,
            url,
            &by.access_key,
            by.secret_key.expose(),
            by.session_token.as_ref().map(Secret::expose),
            self.bucket.region(),
            VALID_SECONDS,
            query.iter().copied(),
            std::iter::empty(),
        )
    }
}
