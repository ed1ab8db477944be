//! Source: the objects of a bucket, at any service that speaks the S3 protocol.

use std::{collections::BTreeMap, sync::Arc};

use assay_core::{Clock, Secret};
use assay_net::{
    Answer, Get, Method,
    bucket::{
        Bucket, BucketAddress, BucketError, BucketKey, Object, Page, entity_tag, read_page, refusal,
    },
};
use reqwest::header::{CONTENT_TYPE, ETAG, HeaderMap};
use serde::{Deserialize, Serialize};

use crate::{
    Limits, Sink, Source, SourceContext, SourceError, SourceFile, SourceState,
    net::http::{Http, HttpError},
    pattern::Patterns,
    run::Run,
    settings::{SettingProblem, checked},
};

/// Bytes of one page of the list.
const LIST_BYTES_MAX: u64 = 16 << 20;
/// Pages of the list; each has up to 1,000 objects.
const LIST_PAGES_MAX: usize = 10_000;

/// The objects of a bucket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Settings {
    /// The address of the service, such as `https://s3.eu-central-1.amazonaws.com`.
    pub endpoint: String,
    /// The region that requests are signed for.
    #[serde(default = "default_region")]
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// Whether the bucket is named in the host (`bucket.host`) and not in the path (`host/bucket`).
    #[serde(default)]
    pub bucket_in_host: bool,
    /// Only objects whose key starts with this.
    #[serde(default)]
    pub prefix: String,
    /// The access key; none for a bucket that everybody may read.
    #[serde(default)]
    pub access_key: Option<String>,
    /// The secret of the access key.
    #[serde(default)]
    pub secret_key: Option<Secret>,
    /// The token of temporary credentials.
    #[serde(default)]
    pub session_token: Option<Secret>,
    /// Patterns of keys, such as `reports/**/*.pdf`; all objects when empty.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of keys that are left out; they win over `include`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// What a run may consume.
    #[serde(default)]
    pub limits: Limits,
}

fn default_region() -> String {
    "us-east-1".to_owned()
}

#[derive(Debug)]
pub(crate) struct S3 {
    bucket: Bucket,
    patterns: Patterns,
    settings: S3Settings,
    http: Http,
    clock: Arc<dyn Clock>,
}

/// What is remembered of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    etag: String,
    size: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    objects: BTreeMap<String, Mark>,
}

impl S3 {
    pub(crate) fn new(settings: S3Settings, context: &SourceContext) -> Result<Self, SourceError> {
        let mut problems = Vec::new();
        let patterns = Patterns::new(&settings.include, &settings.exclude, &mut problems);
        settings.limits.check(&mut problems);
        if settings.access_key.is_some() != settings.secret_key.is_some() {
            let problem = "and `secret_key` go together: give both or none";
            problems.push(SettingProblem::new("access_key", problem));
        }
        let S3Settings { access_key, secret_key, session_token, .. } = &settings;
        let key = access_key.clone().zip(secret_key.clone()).map(|(access_key, secret_key)| {
            BucketKey { access_key, secret_key, session_token: session_token.clone() }
        });
        let address = BucketAddress {
            endpoint: &settings.endpoint,
            region: &settings.region,
            name: &settings.bucket,
            is_in_host: settings.bucket_in_host,
        };
        let bucket = Bucket::new(address, key).map_err(|error| {
            let setting = match error {
                BucketError::Endpoint => "endpoint",
                BucketError::Name(_) => "bucket",
            };
            problems.push(SettingProblem::new(setting, error.to_string()));
            SourceError::Settings(std::mem::take(&mut problems))
        })?;
        checked(problems)?;
        let http = Http::new(context)?;
        http.guard().check_url(&bucket.url(""))?;
        let clock = Arc::clone(&context.clock);
        Ok(Self { bucket, patterns, settings, http, clock })
    }

    /// Looks at one object of the list.
    fn object(&self, object: Object, run: &mut Run<'_, Mark>) {
        let key = object.key.as_str();
        // A key that ends in `/` stands for a folder.
        if key.ends_with('/') || !self.patterns.takes(key) || !run.has_room_for(key) {
            return;
        }
        let mark = Mark { etag: object.etag, size: object.size };
        if key.split('/').any(|part| matches!(part, "." | "..")) {
            return run.failed(key, "a key with `.` or `..` as a part has no address");
        }
        if run.mark(key).is_some_and(|known| *known == mark && !known.etag.is_empty()) {
            return run.keep(key);
        }
        if mark.size > self.settings.limits.file_bytes {
            let limit = self.settings.limits.file_bytes;
            return run
                .failed(key, format!("it has more than `limits.file_bytes` = {limit} bytes"));
        }
        let answer = self.get(key, &[], self.settings.limits.file_bytes, run);
        match answer {
            Ok(answer) if answer.is_success() => {
                // It may have been replaced since it was listed.
                let etag = answer.header(ETAG.as_str()).map_or(mark.etag, entity_tag);
                let mark = Mark { etag, size: answer.bytes.len() as u64 };
                let file = SourceFile {
                    name: key.rsplit('/').next().unwrap_or(key).to_owned(),
                    media_type: answer.header(CONTENT_TYPE.as_str()).map(str::to_owned),
                    modified: object.modified,
                    url: None,
                    bytes: answer.bytes,
                    key: object.key,
                };
                let _ = run.put(file, mark);
            }
            // It went away since it was listed.
            Ok(answer) if answer.status == 404 => run.gone(key),
            Ok(answer) => run.failed(key, refusal(&answer)),
            Err(error) => run.failed(key, error.to_string()),
        }
    }

    fn page(&self, token: Option<&str>, run: &Run<'_, Mark>) -> Result<Answer, HttpError> {
        let mut query = Vec::new();
        query.extend(token.map(|token| ("continuation-token", token)));
        query.extend([("encoding-type", "url"), ("list-type", "2")]);
        if !self.settings.prefix.is_empty() {
            query.push(("prefix", self.settings.prefix.as_str()));
        }
        self.get("", &query, LIST_BYTES_MAX, run)
    }

    /// Signs and makes a request; `query` is sorted by name.
    fn get(
        &self,
        key: &str,
        query: &[(&str, &str)],
        bytes_max: u64,
        run: &Run<'_, Mark>,
    ) -> Result<Answer, HttpError> {
        let url = self.bucket.signed(&self.clock.now(), &Method::GET, key, query);
        let deadline = run.deadline().part(self.settings.limits.request_time());
        self.http.get(Get { url: &url, headers: HeaderMap::new(), bytes_max, deadline })
    }

    fn failed(&self, reason: String) -> SourceError {
        SourceError::Failed { what: format!("the bucket `{}`", self.settings.bucket), reason }
    }

    /// Reads a page of the list.
    fn list(&self, token: Option<&str>, run: &Run<'_, Mark>) -> Result<Page, SourceError> {
        let answer = self.page(token, run).map_err(|error| self.failed(error.to_string()))?;
        match answer.status {
            200 => read_page(&answer.bytes).map_err(|reason| self.failed(reason)),
            401 | 403 => Err(SourceError::Refused {
                what: format!("the bucket `{}`", self.settings.bucket),
                reason: refusal(&answer),
            }),
            _ => Err(self.failed(refusal(&answer))),
        }
    }
}

impl Source for S3 {
    fn sync(&self, state: &SourceState, sink: &mut dyn Sink) -> Result<SourceState, SourceError> {
        let state: State = state.read()?;
        let mut run = Run::new(state.objects, &self.settings.limits, sink);
        let mut token: Option<String> = None;
        let mut listed = false;
        for number in 0..LIST_PAGES_MAX {
            if !run.goes_on() {
                break;
            }
            let page = match self.list(token.as_deref(), &run) {
                Ok(page) => page,
                Err(error) if number == 0 => return Err(error),
                Err(error) => {
                    run.problem(&self.settings.bucket, error.to_string());
                    break;
                }
            };
            for object in page.objects {
                if !run.goes_on() {
                    break;
                }
                self.object(object, &mut run);
            }
            if page.next.is_none() || page.next == token {
                listed = page.next.is_none();
                break;
            }
            token = page.next;
        }
        SourceState::write(&State { objects: run.finish(listed) })
    }
}

#[cfg(test)]
mod tests;
