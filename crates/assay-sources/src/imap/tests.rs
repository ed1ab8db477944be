//! Mailboxes of a small server on loopback that follows a script, and of servers that misbehave.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    sync::Mutex,
    thread,
};

use base64::engine::general_purpose::STANDARD;
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    SourcePolicy, SourceSettings,
    testing::{Recorder, Synced, context},
};

/// A certificate of `127.0.0.1` and `localhost` that signs itself, for these tests alone.
const CERTIFICATE: &str = "MIIBYzCCAQqgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwIBcNMjQw\
    MTAxMDAwMDAwWhgPMjEyMzEyMzEwMDAwMDBaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqG\
    SM49AgEGCCqGSM49AwEHA0IABEGtDvpnHek054XWcQMchUP3qcmxq5k3N4YINoa5WJ3k8TR7Z5F0\
    qLjYD2FF0ryd1+em6hSzZI8oYgHY775xSwejSzBJMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAA\
    ATAMBgNVHRMBAf8EAjAAMB0GA1UdDgQWBBQEZQIDMryN3D+hJRiy4mngMCcfHzAKBggqhkjOPQQD\
    AgNHADBEAiAKm3s5zN+Utq6kKs+J0Mjg1F2htNDC+3l6cVpMjPJ/1QIgfQBjbBp/LFVwEJFe0YJc\
    6PPLGEmGtuM2Ft6CwQ7E6kc=";
/// Its key.
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7l5sEmhuV5j2FnBaFo2k1vA9+ab7\
    UsDrN5jdN0IUJH6hRANCAARBrQ76Zx3pNOeF1nEDHIVD96nJsauZNzeGCDaGuVid5PE0e2eRdKi4\
    2A9hRdK8ndfnpuoUs2SPKGIB2O++cUsH";

/// Folders with the validity of their numbers and their messages.
type Mailbox = BTreeMap<&'static str, (u32, BTreeMap<u32, String>)>;

/// A mail server; `wrap` puts TLS around a connection or misbehaves by itself.
struct Server {
    port: u16,
    mailbox: Arc<Mutex<Mailbox>>,
    commands: Arc<Mutex<Vec<String>>>,
}

trait Duplex: Read + Write + Send {}
impl<T: Read + Write + Send> Duplex for T {}

fn serve(mailbox: Mailbox, tls: Option<Arc<ServerConfig>>) -> Server {
    let mailbox = Arc::new(Mutex::new(mailbox));
    let commands = Arc::new(Mutex::new(Vec::new()));
    let (shared, seen) = (Arc::clone(&mailbox), Arc::clone(&commands));
    let port = listen(move |tcp| {
        let stream: Box<dyn Duplex> = match &tls {
            Some(tls) => {
                Box::new(StreamOwned::new(ServerConnection::new(Arc::clone(tls)).unwrap(), tcp))
            }
            None => Box::new(tcp),
        };
        // The other side may hang up at any time: that ends this connection, and nothing else.
        let _ = session(BufReader::new(stream), &shared, &seen);
    });
    Server { port, mailbox, commands }
}

fn listen(serve: impl Fn(std::net::TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    port
}

fn session(
    mut stream: BufReader<Box<dyn Duplex>>,
    mailbox: &Mutex<Mailbox>,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.get_mut().write_all(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")?;
    let mut open = String::new();
    loop {
        let mut command = String::new();
        loop {
            if stream.read_line(&mut command)? == 0 {
                return Ok(());
            }
            let Some(start) = command.strip_suffix("}\r\n").and_then(|line| line.rfind('{')) else {
                break;
            };
            let length: usize = command[start + 1..command.len() - 3].parse().unwrap();
            command.truncate(start);
            stream.get_mut().write_all(b"+ go on\r\n")?;
            let mut literal = vec![0; length];
            stream.read_exact(&mut literal)?;
            command.push_str(std::str::from_utf8(&literal).unwrap());
        }
        let (tag, command) = command.trim_end().split_once(' ').unwrap();
        seen.lock().unwrap().push(command.to_owned());
        let said = reply(command, &mailbox.lock().unwrap(), &mut open);
        let (said, end) = said.unwrap_or_else(|| (String::new(), "NO not so".to_owned()));
        stream.get_mut().write_all(format!("{said}{tag} {end}\r\n").as_bytes())?;
        stream.get_mut().flush()?;
    }
}

/// Untagged answers, and how the command ended.
fn reply(command: &str, mailbox: &Mailbox, open: &mut String) -> Option<(String, String)> {
    let ok = |said: String| Some((said, "OK done".to_owned()));
    if let Some(folder) = command.strip_prefix("EXAMINE ") {
        let (validity, messages) = mailbox.get(folder)?;
        folder.clone_into(open);
        let count = messages.len();
        return ok(format!(
            "* {count} EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY {validity}] valid\r\n* STRANGE news\r\n"
        ));
    }
    if command.starts_with("UID FETCH 1:*") {
        let messages = mailbox[open.as_str()].1.iter().enumerate();
        return ok(messages
            .map(|(n, (uid, text))| {
                format!("* {} FETCH (UID {uid} RFC822.SIZE {})\r\n", n + 1, text.len())
            })
            .collect());
    }
    if let Some(rest) = command.strip_prefix("UID FETCH ") {
        let uid: u32 = rest.split(' ').next()?.parse().ok()?;
        let text = mailbox[open.as_str()].1.get(&uid)?;
        let date = "17-Jul-2026 02:44:25 -0700";
        return ok(format!(
            "* 1 FETCH (UID {uid} INTERNALDATE \"{date}\" BODY[] {{{}}}\r\n{text})\r\n",
            text.len()
        ));
    }
    if command == "LOGOUT" {
        return Some(("* BYE\r\n".to_owned(), "OK bye".to_owned()));
    }
    if command == "LOGIN ann p\"ä\\ss" { ok(String::new()) } else { None }
}

fn mailbox() -> Mailbox {
    let inbox = [(3, "Subject: three\r\n\r\nBody {9}\r\n"), (7, "Subject: seven\r\n\r\nText\r\n")];
    let inbox = inbox.map(|(uid, text)| (uid, text.to_owned())).into();
    let sent = [(3, "Subject: sent\r\n\r\n".to_owned())].into();
    BTreeMap::from([("INBOX", (11, inbox)), ("Entw&APw-rfe", (12, sent))])
}

fn settings(port: u16, more: Value) -> Value {
    let mut settings = json!({
        "kind": "imap", "host": "127.0.0.1", "port": port, "user": "ann",
        "password": "p\"ä\\ss", "without_tls": true, "limits": { "request_seconds": 1 },
    });
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    settings
}

fn open(port: u16, more: Value) -> Synced {
    Synced::open(settings(port, more), Path::new("/nowhere"))
}

#[test]
fn messages_come_once_and_their_removal_is_told() {
    let server = serve(mailbox(), None);
    let mut synced = open(server.port, json!({ "folders": ["INBOX", "Entwürfe"] }));
    let run = synced.run();
    assert!(run.problems.is_empty(), "{}", run.told());
    let first = "INBOX;UIDVALIDITY=11/;UID=7";
    assert_eq!(
        run.keys(),
        [first, "INBOX;UIDVALIDITY=11/;UID=3", "Entwürfe;UIDVALIDITY=12/;UID=3"],
        "the newest first"
    );
    assert_eq!(run.puts[1].bytes, b"Subject: three\r\n\r\nBody {9}\r\n");
    assert_eq!(
        (run.puts[0].name.as_str(), run.puts[0].media_type.as_deref()),
        ("7.eml", Some("message/rfc822"))
    );
    assert_eq!(run.puts[0].modified.unwrap().to_string(), "2026-07-17T09:44:25Z");
    let sent = std::mem::take(&mut *server.commands.lock().unwrap());
    assert!(!sent.iter().any(|command| command.contains("SELECT") || command.contains("STORE")));

    assert!(synced.run().puts.is_empty());
    let messages = &mut server.mailbox.lock().unwrap().get_mut("INBOX").unwrap().1.clone();
    messages.remove(&7);
    messages.insert(8, "Subject: eight\r\n\r\n".to_owned());
    server.mailbox.lock().unwrap().insert("INBOX", (11, messages.clone()));
    let run = synced.run();
    assert_eq!(
        (run.keys(), run.removes.as_slice()),
        (vec!["INBOX;UIDVALIDITY=11/;UID=8"], &[first.to_owned()][..])
    );

    // Other numbers: other messages.
    server.mailbox.lock().unwrap().get_mut("INBOX").unwrap().0 = 99;
    let run = synced.run();
    assert_eq!((run.puts.len(), run.removes.len()), (2, 2));
}

#[test]
fn a_folder_or_message_that_fails_is_a_problem() {
    let server = serve(mailbox(), None);
    let both = json!({ "folders": ["INBOX", "Entwürfe"] });
    let mut synced = open(server.port, both);
    synced.run();
    server.mailbox.lock().unwrap().remove("Entw&APw-rfe");
    let run = synced.run();
    assert!(
        run.told().starts_with("Entwürfe: the mail server refuses it: not so"),
        "{}",
        run.told()
    );
    assert!(run.removes.is_empty());
    let small = json!({ "limits": { "file_bytes": 25, "request_seconds": 1 } });
    let run = open(server.port, small).run();
    assert_eq!(run.keys(), ["INBOX;UIDVALIDITY=11/;UID=7"]);
    assert_eq!(run.problems.len(), 1);
}

#[test]
fn wrong_passwords_are_refused_and_not_shown() {
    let server = serve(mailbox(), None);
    let synced = open(server.port, json!({ "password": "s3cret" }));
    let error = synced.source.sync(&synced.state, &mut Recorder::default()).unwrap_err();
    assert!(matches!(error, SourceError::Refused { .. }), "{error}");
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[test]
fn servers_that_misbehave_are_left() {
    let error = |greeting: &[u8], forever: bool| {
        let greeting = greeting.to_vec();
        let port = listen(move |mut tcp| {
            let _ = tcp.write_all(&greeting);
            while forever && tcp.write_all(&[b'x'; 4_096]).is_ok() {}
        });
        let synced = open(port, json!({}));
        let mut sink = Recorder::default();
        synced.source.sync(&synced.state, &mut sink).unwrap_err().to_string()
    };
    assert!(error(b"HTTP/1.1 200 OK\r\n", false).contains("does not greet"));
    assert!(error(b"", false).contains("it ended"));
    assert!(error(b"* OK ", true).contains("too long"));
    assert!(error(b"* OK {999999999999}\r\n", false).contains("too long"));
    assert!(error(b"* OK {18446744073709551616}\r\n", false).contains("it ended"));
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(500_000));
    assert!(error(deep.as_bytes(), false).contains("nested too deep"));
    assert!(error(b"* BYE\r\n", false).contains("does not greet"));
    assert!(error(b"* OK hi\r\n* OK {5}\r\n", false).contains("broke"));
    let silent = listen(|mut tcp| {
        // Reads until the other side hangs up, and says nothing.
        drop(thread::spawn(move || tcp.read_to_end(&mut Vec::new())));
    });
    let synced = open(silent, json!({}));
    assert!(synced.source.sync(&synced.state, &mut Recorder::default()).is_err());
}

#[test]
fn a_connection_that_breaks_keeps_what_was_taken() {
    let good = serve(mailbox(), None);
    let mut synced = open(good.port, json!({}));
    synced.run();
    let port = listen(|tcp| {
        let mut stream = BufReader::new(tcp);
        let _ = stream.get_mut().write_all(b"* OK hi\r\n");
        let mut tags = 0;
        let mut line = String::new();
        while stream.read_line(&mut line).is_ok_and(|read| read > 0) {
            if line.ends_with("}\r\n") {
                let _ = stream.get_mut().write_all(b"+\r\n");
            } else {
                tags += 1;
                if tags > 1 {
                    return;
                }
                let _ = stream.get_mut().write_all(format!("a{tags} OK x\r\n").as_bytes());
            }
            line.clear();
        }
    });
    let broken = open(port, json!({}));
    let mut sink = Recorder::default();
    let state = broken.source.sync(&synced.state, &mut sink).unwrap();
    assert!(sink.told().contains("broke"), "{}", sink.told());
    assert!(sink.removes.is_empty());
    assert_eq!(state, synced.state);
}

#[test]
fn only_a_certificate_that_is_known_is_accepted() {
    let decode = |text: &str| STANDARD.decode(text).unwrap();
    let certificate = CertificateDer::from(decode(CERTIFICATE));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], PrivatePkcs8KeyDer::from(decode(KEY)).into());
    let server = serve(mailbox(), Some(Arc::new(server.unwrap())));
    let unknown = open(server.port, json!({ "without_tls": false }));
    let error = unknown.source.sync(&SourceState::default(), &mut Recorder::default());
    let error = error.unwrap_err().to_string();
    assert!(error.to_lowercase().contains("certificate"), "{error}");
    assert!(server.commands.lock().unwrap().is_empty(), "the password was not sent");

    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let allow_private_hosts = vec!["127.0.0.1".to_owned()];
    let policy = SourcePolicy { allow_private_hosts, ..SourcePolicy::default() };
    let mut settings = settings(server.port, json!({ "without_tls": false }));
    settings.as_object_mut().unwrap().remove("kind");
    let settings = serde_json::from_value(settings).unwrap();
    let context = context(&runtime, policy, Path::new("/nowhere"));
    let source = Imap::with_tls(settings, &context, tls).unwrap();
    let mut sink = Recorder::default();
    source.sync(&SourceState::default(), &mut sink).unwrap();
    assert_eq!(sink.puts.len(), 2);
}

#[test]
fn settings_are_checked() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let context = context(&runtime, SourcePolicy::default(), Path::new("/nowhere"));
    let open = |more: Value| {
        let mut all = json!({ "host": "mail.example.com", "port": 993, "without_tls": false });
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        let settings: SourceSettings = serde_json::from_value(settings(0, all)).unwrap();
        settings.open(&context).err()
    };
    assert!(open(json!({})).is_none());
    let error =
        open(json!({ "host": "", "user": "", "folders": ["a\r\nb"], "limits": { "files": 0 } }));
    let Some(SourceError::Settings(problems)) = error else { panic!("{error:?}") };
    assert_eq!(problems.len(), 4, "{problems:?}");
    for more in [
        json!({ "host": "127.0.0.1" }),
        json!({ "host": "[::1]" }),
        json!({ "port": 25 }),
        json!({ "without_tls": true }),
    ] {
        assert!(matches!(open(more.clone()), Some(SourceError::Forbidden { .. })), "{more}");
    }
}

#[test]
fn names_of_folders_are_encoded() {
    assert_eq!(encoded("INBOX/a&b"), "INBOX/a&-b");
    assert_eq!(encoded("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
    assert_eq!(encoded("Entwürfe"), "Entw&APw-rfe");
}
