//! A server of mail by others that wants TLS and a password, and servers that misbehave.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    thread::{self, JoinHandle},
};

use assay_testkit::services::Service;
use serde_json::{Value, json};

use super::*;

/// Takes mail from whoever signs in over TLS, asked for or from the first byte, and prints it.
const SERVER: &str = r#"
import asyncio, datetime, email, email.policy, ipaddress, json, ssl, sys, tempfile, threading, os
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
folder = tempfile.mkdtemp()
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
now = datetime.datetime.now(datetime.timezone.utc)
address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
    .public_key(key.public_key()).serial_number(7)
    .not_valid_before(now - datetime.timedelta(days=1))
    .not_valid_after(now + datetime.timedelta(days=1))
    .add_extension(x509.SubjectAlternativeName([address]), False).sign(key, hashes.SHA256()))
pem = serialization.Encoding.PEM
open(folder + "/cert", "wb").write(certificate.public_bytes(pem))
open(folder + "/key", "wb").write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption()))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/cert", folder + "/key")
class Handler:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        longest = max(len(line) for line in envelope.content.split(b"\r\n"))
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos,
            "headers": mail.keys(), "subject": mail["subject"], "sent_to": mail["to"],
            "text": mail.get_content(), "longest": longest, "date": str(mail["date"].datetime)}))
        return "250 taken"
def check(server, session, envelope, mechanism, data):
    right = data.login == b"assay" and data.password == b"hunter2"
    return AuthResult(success=right, handled=False)
async def main():
    first = MODE == "smtps"
    def session():
        return SMTP(Handler(), hostname="mail", auth_required=True, authenticator=check,
            require_starttls=not first, tls_context=None if first else context,
            auth_require_tls=not first, auth_exclude_mechanism=EXCLUDED)
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0,
        ssl=context if first else None)
    print(server.sockets[0].getsockname()[1], folder + "/cert", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)
asyncio.run(main())
"#;

fn start(mode: &str, excluded: &str) -> Option<Service> {
    let program = SERVER.replace("MODE", &format!("{mode:?}")).replace("EXCLUDED", excluded);
    Service::start(&program)
}

fn receiver(more: Value) -> ReceiverSettings {
    let mut all = json!({ "name": "n", "kind": "email", "from": "assay@example.org",
        "to": ["ops@example.org", "boss@example.org"] });
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    serde_json::from_value(all).unwrap()
}

#[tokio::test]
async fn mail_arrives_as_it_was_meant_by_starttls_and_by_tls() {
    // The second excludes the first way to sign in, so that both are used.
    for (mode, excluded) in [("smtp", "[]"), ("smtps", "['PLAIN']")] {
        let Some(mut service) = start(mode, excluded) else { return };
        let (port, certificate) = service.address.split_once(' ').unwrap();
        let url = format!("{mode}://127.0.0.1:{port}");
        let trusted = json!({ "url": url, "ca_file": certificate, "user": "assay",
            "password": "hunter2" });
        let receiver = receiver(trusted.clone());
        assert_eq!(receiver.problems(), []);
        let subject = format!("DiskFull\r\nBcc: thief@example.org\r\n\r\nÜ{}", "x".repeat(200));
        let text = format!(".\r\n.\nNaïve: {}\n\n.\nQUIT\n", "long ".repeat(400));
        send(&receiver, &subject, &text).await.unwrap();
        let got: Value = serde_json::from_str(&service.line()).unwrap();
        assert_eq!(got["from"], "assay@example.org");
        assert_eq!(got["to"], json!(["ops@example.org", "boss@example.org"]));
        assert_eq!(got["sent_to"], "ops@example.org, boss@example.org");
        let mut headers: Vec<_> =
            got["headers"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        headers.sort_unstable();
        assert_eq!(
            headers,
            [
                "Auto-Submitted",
                "Content-Transfer-Encoding",
                "Content-Type",
                "Date",
                "From",
                "MIME-Version",
                "Message-ID",
                "Subject",
                "To"
            ]
        );
        let flat = |text: &str| text.replace(['\r', '\n'], "");
        assert_eq!(flat(got["subject"].as_str().unwrap()), flat(&subject));
        assert_eq!(got["text"].as_str().unwrap().replace("\r\n", "\n"), text.replace("\r\n", "\n"));
        assert!(got["longest"].as_u64().unwrap() <= 78, "{got}");

        let mut wrong = trusted.clone();
        wrong["password"] = json!("swordfish");
        let refused = send(&self::receiver(wrong), "s", "t").await.unwrap_err();
        assert!(refused.starts_with("it answers 535"), "{refused}");
        assert!(!refused.contains("swordfish"), "{refused}");
        let mut untrusted = trusted;
        untrusted.as_object_mut().unwrap().remove("ca_file");
        let refused = send(&self::receiver(untrusted), "s", "t").await.unwrap_err();
        assert!(refused.contains("not trusted"), "{refused}");
    }
}

/// A server that gives these replies, one to each line it reads, the first unasked, and hangs up at an
/// empty one. Returns its address, and the lines at the end.
fn scripted(replies: &'static [&'static str]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let mut read = Vec::new();
        for reply in replies {
            if reply.is_empty() {
                break;
            }
            // The other side may have hung up.
            let _ = stream.write_all(reply.as_bytes());
            read.extend(lines.next());
        }
        read
    });
    (format!("127.0.0.1:{port}"), told)
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_that_is_not_secret_or_not_sane() {
    let cases: [(&str, &'static [&'static str], &str); 6] = [
        ("smtp", &["220 hi\r\n", "250-mail\r\n250 AUTH PLAIN\r\n"], "offers no STARTTLS"),
        // Words that were smuggled in before TLS would be taken for the server's after it.
        (
            "smtp",
            &["220 hi\r\n", "250-mail\r\n250 STARTTLS\r\n", "220 go\r\n250 AUTH PLAIN\r\n"],
            "more before TLS",
        ),
        ("smtp+clear", &["HTTP/1.1 400 Bad Request\r\n"], "does not speak SMTP"),
        ("smtp+clear", &["220 hi\r\n", "250 mail\r\n", "550 who are you\x07\r\n"], "550 who are"),
        ("smtp+clear", &["220 hi\r\n", ""], "ends too early"),
        ("smtp+clear", &["421 later\r\n"], "421 later"),
    ];
    for (scheme, replies, reason) in cases {
        let (address, told) = scripted(replies);
        let receiver = receiver(json!({ "url": format!("{scheme}://{address}") }));
        let refused = send(&receiver, "s", "t").await.unwrap_err();
        assert!(refused.contains(reason), "{reason}: {refused}");
        assert!(!refused.contains('\x07'), "{refused:?}");
        let lines = told.join().unwrap();
        let is_told = lines.iter().any(|line| line.contains("RCPT") || line.contains("Subject"));
        assert!(!is_told, "{lines:?}");
    }
}

#[test]
fn a_long_reply_ends_the_conversation() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for greeting in ["220-x\r\n".repeat(200), format!("220 {}\r\n", "x".repeat(5_000))] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp+clear://{}", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(greeting.as_bytes());
            stream
        });
        let refused =
            runtime.block_on(send(&receiver(json!({ "url": url })), "s", "t")).unwrap_err();
        assert!(
            refused.contains("too many lines") || refused.contains("does not end"),
            "{refused}"
        );
        drop(server.join().unwrap());
    }
}

#[test]
fn settings_that_could_say_more_than_an_address_are_refused() {
    for (more, wrong) in [
        (json!({ "url": "https://mail" }), "url"),
        (json!({ "url": "smtp://mail:x" }), "url"),
        (json!({ "url": "smtp://ma il" }), "url"),
        (json!({ "url": "smtp://mail", "to": [] }), "to"),
        (json!({ "url": "smtp://mail", "to": ["a@b>\r\nDATA"] }), "to"),
        (json!({ "url": "smtp://mail", "from": "a@b, c@d" }), "from"),
        (json!({ "url": "smtp://mail", "user": "u" }), "user"),
        (json!({ "url": "smtp+clear://mail", "user": "u", "password": "p" }), "password"),
    ] {
        let problems = receiver(more.clone()).problems();
        assert_eq!(problems.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [wrong], "{more}");
    }
    for (url, expected) in [
        ("smtps://mail.example.org", ("mail.example.org", 465, MailSecurity::Tls)),
        ("smtp://mail.example.org/", ("mail.example.org", 587, MailSecurity::StartTls)),
        ("smtp+clear://[::1]:2525", ("::1", 2525, MailSecurity::Clear)),
        ("smtps://[::1]", ("::1", 465, MailSecurity::Tls)),
    ] {
        let server = receiver(json!({ "url": url })).mail_server().unwrap();
        assert_eq!((server.host.as_str(), server.port, server.security), expected);
    }
}
