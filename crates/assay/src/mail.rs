//! Sends mail: the few commands of SMTP that a notice needs, over TLS.
//!
//! What goes into a command or a header is checked or encoded, so that no text of an alert can end one:
//! addresses are those of the settings, the subject is one encoded line, and the text is base64.

use std::{sync::Arc, time::Duration};

use assay_telemetry::{MailSecurity, MailServer, ReceiverSettings};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
        BufReader,
    },
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// Time for all of it.
const TIME: Duration = Duration::from_secs(30);
/// Bytes of one line of a reply, and lines of it.
const LINE_BYTES_MAX: u64 = 1_000;
const LINES_MAX: usize = 100;
/// Characters of a line of base64; lines of mail have at most 998.
const WIDTH: usize = 76;
/// Characters of the server's words that are told.
const TOLD_MAX: usize = 200;

/// A way to the server.
trait Way: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Way for T {}

/// Sends one mail. The error says what the server said, and holds neither password nor address.
pub(crate) async fn send(
    receiver: &ReceiverSettings,
    subject: &str,
    text: &str,
) -> Result<(), String> {
    let server = receiver.mail_server().ok_or("its address names no server of mail")?;
    let all = deliver(&server, receiver, message(receiver, subject, text));
    timeout(TIME, all).await.map_err(|_| "it took longer than 30 s".to_owned())?
}

async fn deliver(
    server: &MailServer,
    receiver: &ReceiverSettings,
    message: String,
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("it cannot be reached: {error}");
    let tcp = TcpStream::connect((server.host.as_str(), server.port)).await.map_err(failed)?;
    let mut session = match server.security {
        MailSecurity::Clear => Session::over(tcp),
        MailSecurity::Tls => Session::over(secured(tcp, server, receiver).await?),
        MailSecurity::StartTls => {
            let mut clear = Session::over(tcp);
            clear.greeted().await?;
            if !clear.hello().await?.iter().any(|word| word == "STARTTLS") {
                return Err("it offers no STARTTLS, and nothing is sent without".to_owned());
            }
            clear.command("STARTTLS", &[220]).await?;
            Session::over(secured(clear.into_inner()?, server, receiver).await?)
        }
    };
    if server.security != MailSecurity::StartTls {
        session.greeted().await?;
    }
    let offered = session.hello().await?;
    if let Some(password) = &receiver.password {
        session.sign_in(&offered, &receiver.user, password.expose()).await?;
    }
    session.command(&format!("MAIL FROM:<{}>", receiver.from), &[250]).await?;
    for to in &receiver.to {
        session.command(&format!("RCPT TO:<{to}>"), &[250, 251]).await?;
    }
    session.command("DATA", &[354]).await?;
    session.command(&format!("{message}\r\n."), &[250]).await?;
    // It has the mail: what becomes of the goodbye does not matter.
    let _ = session.command("QUIT", &[221]).await;
    Ok(())
}

async fn secured(
    way: impl Way + 'static,
    server: &MailServer,
    receiver: &ReceiverSettings,
) -> Result<Box<dyn Way>, String> {
    let unusable = |what: String| format!("its certificates cannot be checked: {what}");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?;
    let config = match &receiver.ca_file {
        None => builder.with_platform_verifier().map_err(|error| unusable(error.to_string()))?,
        Some(path) => {
            let mut roots = RootCertStore::empty();
            let found = CertificateDer::pem_file_iter(path)
                .map_err(|error| unusable(format!("`{}`: {error}", path.display())))?;
            for certificate in found {
                let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
                roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
            }
            builder.with_root_certificates(roots)
        }
    };
    let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
    let name = ServerName::try_from(server.host.clone());
    let name = name.map_err(|_| "its host is no name that a certificate could have".to_owned())?;
    let secured = connector.connect(name, way).await;
    let secured =
        secured.map_err(|error| format!("it is not trusted, or speaks no TLS: {error}"))?;
    Ok(Box::new(secured))
}

/// A conversation with the server.
struct Session {
    way: BufReader<Box<dyn Way>>,
}

impl Session {
    fn over(way: impl Way + 'static) -> Self {
        Self { way: BufReader::new(Box::new(way)) }
    }

    /// The way without the conversation, for TLS on top of it.
    fn into_inner(self) -> Result<Box<dyn Way>, String> {
        // What came before TLS was not said by whom TLS proves.
        if self.way.buffer().is_empty() {
            Ok(self.way.into_inner())
        } else {
            Err("it said more before TLS than it may".to_owned())
        }
    }

    async fn greeted(&mut self) -> Result<(), String> {
        self.reply(&[220]).await.map(|_| ())
    }

    /// Says hello; returns what the server offers, in capitals.
    async fn hello(&mut self) -> Result<Vec<String>, String> {
        let lines = self.command("EHLO assay.invalid", &[250]).await?;
        Ok(lines.iter().map(|line| line.to_ascii_uppercase()).collect())
    }

    async fn sign_in(
        &mut self,
        offered: &[String],
        user: &str,
        password: &str,
    ) -> Result<(), String> {
        let ways = offered.iter().find_map(|line| line.strip_prefix("AUTH "));
        let offers = |way: &str| ways.is_some_and(|ways| ways.split(' ').any(|it| it == way));
        if offers("PLAIN") {
            let both = BASE64_STANDARD.encode(format!("\0{user}\0{password}"));
            self.command(&format!("AUTH PLAIN {both}"), &[235]).await?;
        } else if offers("LOGIN") {
            self.command("AUTH LOGIN", &[334]).await?;
            self.command(&BASE64_STANDARD.encode(user), &[334]).await?;
            self.command(&BASE64_STANDARD.encode(password), &[235]).await?;
        } else {
            return Err("it takes no password (AUTH PLAIN or LOGIN)".to_owned());
        }
        Ok(())
    }

    /// Sends a line, or the lines of a mail, and reads the reply, which must have one of the codes.
    async fn command(&mut self, line: &str, expected: &[u16]) -> Result<Vec<String>, String> {
        let broken = |error: std::io::Error| format!("the connection broke: {error}");
        self.way.write_all(format!("{line}\r\n").as_bytes()).await.map_err(broken)?;
        self.way.flush().await.map_err(broken)?;
        self.reply(expected).await
    }

    async fn reply(&mut self, expected: &[u16]) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        while lines.len() < LINES_MAX {
            let mut line = Vec::new();
            let mut part = (&mut self.way).take(LINE_BYTES_MAX);
            part.read_until(b'\n', &mut line).await.map_err(|error| error.to_string())?;
            if line.last() != Some(&b'\n') {
                return Err("its reply ends too early, or does not end".to_owned());
            }
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
            let Some(code) = code else { return Err("it does not speak SMTP".to_owned()) };
            let is_last = line.as_bytes().get(3) != Some(&b'-');
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if is_last && !expected.contains(&code) {
                let said: String = lines.join(" ").chars().take(TOLD_MAX).collect();
                return Err(format!("it answers {code} {}", said.escape_debug()));
            }
            if is_last {
                return Ok(lines);
            }
        }
        Err("its reply has too many lines".to_owned())
    }
}

/// The whole mail, with the ends of lines that mail has, without the last one.
fn message(receiver: &ReceiverSettings, subject: &str, text: &str) -> String {
    let now = Timestamp::now();
    let date = rfc2822::to_string(&now.to_zoned(TimeZone::UTC)).unwrap_or_default();
    let id = assay_core::RequestId::new();
    let host = receiver.from.rsplit_once('@').map_or("assay.invalid", |(_, host)| host);
    let headers = [
        format!("From: <{}>", receiver.from),
        format!("To: <{}>", receiver.to.join(">, <")),
        format!("Subject: {}", encoded(subject)),
        format!("Date: {date}"),
        format!("Message-ID: <{id}@{host}>"),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=utf-8".to_owned(),
        "Content-Transfer-Encoding: base64".to_owned(),
        "Auto-Submitted: auto-generated".to_owned(),
    ];
    let body = BASE64_STANDARD.encode(text.replace("\r\n", "\n").replace('\n', "\r\n"));
    let mut lines = headers.join("\r\n") + "\r\n";
    for line in body.as_bytes().chunks(WIDTH) {
        lines.push_str("\r\n");
        lines.push_str(&String::from_utf8_lossy(line));
    }
    lines
}

/// A header as encoded words (RFC 2047): whatever is in it, it is one header.
fn encoded(text: &str) -> String {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        // 36 bytes are 48 of base64: with the name of the header a line has less than 78.
        if word.len() + c.len_utf8() > 36 {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let words = words.iter().map(|word| format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(word)));
    words.collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
mod tests;
