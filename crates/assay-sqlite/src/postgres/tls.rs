//! TLS to the server: what an address asks for, and how a certificate is judged.

use std::{fmt, net::IpAddr, path::Path, sync::Arc};

use percent_encoding::percent_decode_str;
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::{Config, config::Host};

use crate::SqliteError;

mod stream;

pub(super) use stream::Connector;

/// Names and certificates of a server, as the address wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// TLS with whoever answers: it keeps listeners out, and nobody who stands in between.
    Nothing,
    /// The certificate leads to a root, whatever its name.
    Root,
    /// The certificate leads to a root and is for the host of the address.
    Host,
}

/// The options of an address that are about TLS.
#[derive(Debug, Default)]
pub(super) struct Asked {
    mode: Option<String>,
    roots: Option<String>,
}

impl Asked {
    /// Takes `sslmode` and `sslrootcert` out of an address; the client knows neither all modes of the
    /// one nor the other.
    pub(super) fn split(url: &str) -> (String, Self) {
        let mut asked = Self::default();
        // A password may hold any character but `@`, as the client reads it.
        let after_login = url.find('@').map_or(0, |at| at + 1);
        let Some(at) = url[after_login..].find('?').map(|at| after_login + at) else {
            return (url.to_owned(), asked);
        };
        let (head, options) = url.split_at(at);
        let mut rest = Vec::new();
        for option in options[1..].split('&') {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let value = || Some(percent_decode_str(value).decode_utf8_lossy().into_owned());
            match name {
                "sslmode" => asked.mode = value(),
                "sslrootcert" => asked.roots = value().filter(|path| !path.is_empty()),
                _ => rest.push(option),
            }
        }
        let mark = if rest.is_empty() { "" } else { "?" };
        (format!("{head}{mark}{}", rest.join("&")), asked)
    }

    /// How connections are made: `None` for plain ones. Without a word about it, an address that
    /// leaves the machine is [`Check::Host`].
    pub(super) fn connector(&self, config: &Config) -> Result<Option<Connector>, SqliteError> {
        let check = match self.mode.as_deref() {
            Some("disable") => return Ok(None),
            None if self.roots.is_none() && stays_on_machine(config) => return Ok(None),
            None | Some("verify-full") => Check::Host,
            // As libpq has it: whoever names a root wants it asked.
            Some("require") if self.roots.is_none() => Check::Nothing,
            Some("require" | "verify-ca") => Check::Root,
            Some("allow" | "prefer") => {
                return Err(SqliteError::Tls("`sslmode=prefer` and `allow` end in plain text"));
            }
            Some(_) => return Err(SqliteError::Tls("there is no such `sslmode`")),
        };
        let roots = self.roots.as_deref().filter(|path| *path != "system");
        if check == Check::Root && roots.is_none() {
            return Err(SqliteError::Tls("`sslmode=verify-ca` needs a file as `sslrootcert`"));
        }
        let roots = roots.map(|path| read_roots(Path::new(path))).transpose()?;
        let config = client_config(check, roots).map_err(|error| SqliteError::Certificates {
            path: "system".into(),
            reason: error.to_string(),
        })?;
        Ok(Some(Connector::new(config)))
    }
}

/// Whether every host is a socket or an address of this machine.
fn stays_on_machine(config: &Config) -> bool {
    let hosts = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        Host::Unix(_) => true,
    });
    hosts && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn read_roots(path: &Path) -> Result<RootCertStore, SqliteError> {
    let unusable = |reason: String| SqliteError::Certificates { path: path.to_owned(), reason };
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
    for certificate in found {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

fn client_config(check: Check, roots: Option<RootCertStore>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let mut config = match (check, roots) {
        (Check::Host, Some(roots)) => builder.with_root_certificates(roots).with_no_client_auth(),
        (Check::Host, None) => builder.with_platform_verifier()?.with_no_client_auth(),
        (_, roots) => {
            let lenient = Arc::new(Lenient { provider, roots });
            builder.dangerous().with_custom_certificate_verifier(lenient).with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(config)
}

/// Takes a certificate without its name, or any at all when there are no roots.
struct Lenient {
    provider: Arc<CryptoProvider>,
    roots: Option<RootCertStore>,
}

impl fmt::Debug for Lenient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lenient").field("roots", &self.roots).finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(roots) = &self.roots {
            let algorithms = self.provider.signature_verification_algorithms.all;
            let parsed = ParsedCertificate::try_from(end_entity)?;
            verify_server_cert_signed_by_trust_anchor(
                &parsed,
                roots,
                intermediates,
                now,
                algorithms,
            )?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
