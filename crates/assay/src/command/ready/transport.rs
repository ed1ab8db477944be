//! Requests of probes over the client that every command uses.

use std::{path::Path, time::Instant};

use assay_ready::{ReadyError, Request, Response, Transport};
use reqwest::{Method, redirect::Policy};

use crate::connect::install_crypto;

/// Bytes of a body that are read.
const BODY_MAX: usize = 32 * 1024 * 1024;

/// A client that follows no redirect and tells what certificate it saw.
#[derive(Clone)]
pub(in crate::command) struct Http {
    client: reqwest::Client,
    handle: tokio::runtime::Handle,
}

impl Http {
    pub(in crate::command) fn new(handle: tokio::runtime::Handle) -> anyhow::Result<Self> {
        Self::trusting(handle, None)
    }

    /// A client that trusts the authorities of a file, too.
    pub(super) fn trusting(
        handle: tokio::runtime::Handle,
        authorities: Option<&Path>,
    ) -> anyhow::Result<Self> {
        install_crypto();
        let mut client = reqwest::Client::builder().redirect(Policy::none()).tls_info(true);
        if let Some(file) = authorities {
            client = client.tls_certs_merge(certificates(file)?);
        }
        let client = client.no_proxy().tcp_nodelay(true).build()?;
        Ok(Self { client, handle })
    }

    async fn exchange(&self, request: &Request) -> Result<Response, String> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|it| it.to_string())?;
        let mut builder = self.client.request(method, &request.url).timeout(request.timeout);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if !request.body.is_empty() {
            builder = builder.body(request.body.clone());
        }
        let start = Instant::now();
        let mut response = builder.send().await.map_err(|error| chain(&error))?;
        let certificate = response
            .extensions()
            .get::<reqwest::tls::TlsInfo>()
            .and_then(|info| info.peer_certificate())
            .map(<[u8]>::to_vec);
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let mut whole = Response {
            status: response.status().as_u16(),
            headers: headers.collect(),
            certificate,
            ..Response::default()
        };
        while let Some(part) = response.chunk().await.map_err(|error| chain(&error))? {
            if whole.body.len() + part.len() > BODY_MAX {
                return Err(format!("{} answers with more than {BODY_MAX} bytes", request.url));
            }
            whole.body.extend_from_slice(&part);
        }
        whole.ms = start.elapsed().as_secs_f64() * 1_000.0;
        Ok(whole)
    }
}

impl Transport for Http {
    fn send(&self, request: &Request) -> Result<Response, String> {
        self.handle.block_on(self.exchange(request))
    }
}

/// The certificates of a file in PEM; at least one.
fn certificates(file: &Path) -> Result<Vec<reqwest::Certificate>, ReadyError> {
    let bad = |why: String| ReadyError::bad("--ca", format!("`{}`: {why}", file.display()));
    let pem = std::fs::read(file).map_err(|error| bad(error.to_string()))?;
    let found = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| bad(chain(&error)))?;
    if found.is_empty() {
        return Err(bad("it holds no certificate in PEM".to_owned()));
    }
    Ok(found)
}

fn chain(error: &dyn std::error::Error) -> String {
    assay_core::ErrorChain(error).to_string()
}
