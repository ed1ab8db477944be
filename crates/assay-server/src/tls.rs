//! The certificate that the server shows, which may be renewed while it serves.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::TLS13,
};
use serde::Deserialize;
use tokio_rustls::TlsAcceptor;

use crate::ServeError;

/// Files of the certificate, in PEM. Both are empty for plain HTTP.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// The certificate, then those that lead to its issuer.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl TlsSettings {
    /// Whether TLS is wanted.
    #[must_use]
    pub fn is_set(&self) -> bool {
        !self.certificate.as_os_str().is_empty() || !self.key.as_os_str().is_empty()
    }
}

/// The certificate that connections get, and the files that it came from.
#[derive(Debug)]
pub struct Certificates {
    settings: TlsSettings,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
    /// The files as they were read last.
    read: Mutex<Files>,
}

/// The bytes of the certificate and of its key.
type Files = (Vec<u8>, Vec<u8>);

impl Certificates {
    /// Reads the certificate and its key; none when the settings name no files.
    ///
    /// # Errors
    /// [`ServeError::Certificate`] when one is missing, unreadable, or not for the other.
    pub fn load(settings: &TlsSettings) -> Result<Option<Arc<Self>>, ServeError> {
        if !settings.is_set() {
            return Ok(None);
        }
        let read = settings.read()?;
        let current = Arc::new(Current(RwLock::new(settings.certified(&read)?)));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| settings.unusable(&error))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Current>::clone(&current));
        // In our order: who speaks both gets HTTP/1.1, and HTTP/2 is for clients of gRPC alone.
        config.alpn_protocols = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
        let (settings, config) = (settings.clone(), Arc::new(config));
        Ok(Some(Arc::new(Self { settings, current, config, read: Mutex::new(read) })))
    }

    /// Takes the files anew; whether they had changed. Connections that are open keep theirs.
    ///
    /// # Errors
    /// [`ServeError::Certificate`] when they cannot be used: the former ones stay. Each change is
    /// told once.
    pub fn reload(&self) -> Result<bool, ServeError> {
        let files = self.settings.read()?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if *read == files {
            return Ok(false);
        }
        read.clone_from(&files);
        let renewed = self.settings.certified(&files)?;
        *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(true)
    }

    /// Takes connections by TLS 1.3.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

impl TlsSettings {
    fn read(&self) -> Result<Files, ServeError> {
        let read = |path: &PathBuf| {
            fs::read(path).map_err(|error| self.unusable(&format!("{}: {error}", path.display())))
        };
        Ok((read(&self.certificate)?, read(&self.key)?))
    }

    fn certified(&self, (chain, key): &Files) -> Result<Arc<CertifiedKey>, ServeError> {
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| self.unusable(&error))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| self.unusable(&error))?;
        let certified = CertifiedKey::from_der(chain, key, &ring::default_provider());
        certified.map(Arc::new).map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, reason: &impl ToString) -> ServeError {
        let path = self.certificate.display().to_string();
        ServeError::Certificate { path, reason: reason.to_string() }
    }
}

/// What a handshake gets.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

#[cfg(test)]
mod tests;
