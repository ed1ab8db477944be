//! A service of buckets on loopback: it has one bucket, `docs`, checks signatures by itself, and
//! misbehaves when told to.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, BufRead, BufReader, Read, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use ring::{digest, hmac};

/// What is signed with: the secret of the access key `AKIA`.
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// Objects on a page of a list.
const PAGE: usize = 3;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The key of the object, empty for the bucket itself.
    pub key: String,
    /// The query, as it was sent.
    pub query: String,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An answer with this status and code.
    Refused(u16, &'static str),
    /// The connection ends in the middle of what is sent.
    Cut,
    /// The connection ends after the request was carried out.
    Unanswered,
}

type Faults = Box<dyn FnMut(&Asked) -> Option<Fault> + Send>;

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    asked: Vec<Asked>,
    faults: Option<Faults>,
}

/// The service.
pub struct FakeBucket {
    /// Its address.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl FakeBucket {
    /// Starts the service; its threads end with the process.
    ///
    /// # Panics
    /// When loopback has no free port.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "without a port there is no test")]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // The other side may hang up at any time: that ends this thread, and nothing else.
                thread::spawn(move || serve(&stream, &state));
            }
        });
        Self { url, state }
    }

    /// Asks for each request what goes wrong with it.
    pub fn fail(&self, faults: impl FnMut(&Asked) -> Option<Fault> + Send + 'static) {
        lock(&self.state).faults = Some(Box::new(faults));
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        lock(&self.state).faults = None;
    }

    /// The requests since the last call.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut lock(&self.state).asked)
    }

    /// The objects that it holds, to look at and to change.
    pub fn with_objects<T>(&self, look: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> T {
        look(&mut lock(&self.state).objects)
    }

    /// Uploads in parts that were neither ended nor given up.
    #[must_use]
    pub fn uploads(&self) -> usize {
        lock(&self.state).uploads.len()
    }
}

/// Whether the address of a request carries the right signature (version 4, in the query, without
/// that of the body), as the documentation of the protocol has it.
#[must_use]
pub fn is_signed(method: &str, path: &str, host: &str, secret: &str) -> bool {
    let Some((path, query)) = path.split_once('?') else { return false };
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    let value = |name: &str| {
        let pair = pairs.iter().find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        pair.unwrap_or_default().replace("%2F", "/")
    };
    let (given, date, credential) =
        (value("X-Amz-Signature"), value("X-Amz-Date"), value("X-Amz-Credential"));
    let scope = credential.split_once('/').unwrap_or_default().1.to_owned();
    pairs.retain(|pair| !pair.starts_with("X-Amz-Signature="));
    let canonical =
        format!("{method}\n{path}\n{}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD", pairs.join("&"));
    let hashed = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashed}");
    let key =
        scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part));
    hex(&mac(&key, &text)) == given
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) => {
                    headers.insert(name.to_ascii_lowercase(), value.trim().to_owned())
                }
                None => break,
            };
        }
        let asked = asked(method, path);
        let fault = {
            let mut state = lock(state);
            state.asked.push(asked.clone());
            state.faults.as_mut().and_then(|faults| faults(&asked))
        };
        let length = headers.get("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        if fault == Some(Fault::Cut) {
            let half = body.len() / 2;
            return reader.read_exact(body.split_at_mut(half).0);
        }
        reader.read_exact(&mut body)?;
        let host = headers.get("host").map_or("", String::as_str);
        let (status, more, body) = match fault {
            Some(Fault::Refused(status, code)) => refusal(status, code),
            _ if !is_signed(method, path, host, SECRET) => refusal(403, "SignatureDoesNotMatch"),
            _ => act(&mut lock(state), &asked, &headers, body),
        };
        if fault == Some(Fault::Unanswered) {
            return Ok(());
        }
        let length = body.len();
        let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\n{more}\r\n");
        writer.write_all(head.as_bytes())?;
        writer.write_all(&body)?;
    }
}

fn asked(method: &str, path: &str) -> Asked {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let key = path.trim_start_matches('/').strip_prefix("docs").unwrap_or("?/no-bucket");
    let key = decoded(key.trim_start_matches('/'));
    Asked { method: method.to_owned(), key, query: query.to_owned() }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|it| char::from(it).to_digit(16)).unwrap_or(0);
        let byte = if byte == b'%' { (digit() * 16 + digit()) as u8 } else { byte };
        bytes.push(byte);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn refusal(status: u16, code: &str) -> (u16, String, Vec<u8>) {
    let body = format!("<Error><Code>{code}</Code><Message>told</Message></Error>");
    (status, String::new(), body.into_bytes())
}

fn tag(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref()).chars().take(32).collect()
}

fn act(
    state: &mut State,
    asked: &Asked,
    headers: &BTreeMap<String, String>,
    body: Vec<u8>,
) -> (u16, String, Vec<u8>) {
    let query: BTreeMap<String, String> = asked
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect();
    let done = |bytes: &[u8]| (200, format!("ETag: \"{}\"\r\n", tag(bytes)), Vec::new());
    let key = &asked.key;
    let upload = query.get("uploadId").cloned().unwrap_or_default();
    match (asked.method.as_str(), key.as_str()) {
        (_, "?/no-bucket") => refusal(404, "NoSuchBucket"),
        ("GET", "") => (200, String::new(), list(&state.objects, &query).into_bytes()),
        ("GET", _) => match state.objects.get(key) {
            Some(bytes) => (200, format!("ETag: \"{}\"\r\n", tag(bytes)), bytes.clone()),
            None => refusal(404, "NoSuchKey"),
        },
        ("PUT", _) if !upload.is_empty() => match state.uploads.get_mut(&upload) {
            Some(parts) => {
                let answer = done(&body);
                parts.insert(query.get("partNumber").map_or(0, |it| it.parse().unwrap_or(0)), body);
                answer
            }
            None => refusal(404, "NoSuchUpload"),
        },
        ("PUT", _) => {
            let found = state.objects.get(key).map(|bytes| format!("\"{}\"", tag(bytes)));
            let wanted = headers.get("if-match");
            if found.is_some() && headers.get("if-none-match").is_some_and(|it| it == "*")
                || wanted.is_some() && wanted != found.as_ref()
            {
                return refusal(412, "PreconditionFailed");
            }
            let answer = done(&body);
            state.objects.insert(key.clone(), body);
            answer
        }
        ("POST", _) if query.contains_key("uploads") => {
            let id = format!("upload-{}", state.uploads.len());
            let body = format!("<X><UploadId>{id}</UploadId></X>");
            state.uploads.insert(id, BTreeMap::new());
            (200, String::new(), body.into_bytes())
        }
        ("POST", _) => match state.uploads.remove(&upload) {
            Some(parts) => {
                let whole = parts.into_values().flatten().collect();
                state.objects.insert(key.clone(), whole);
                (200, String::new(), b"<Done></Done>".to_vec())
            }
            None => refusal(404, "NoSuchUpload"),
        },
        ("DELETE", _) => {
            if state.uploads.remove(&upload).is_none() {
                state.objects.remove(key);
            }
            (204, String::new(), Vec::new())
        }
        _ => refusal(405, "MethodNotAllowed"),
    }
}

/// A page of the list; what lies below a delimiter comes once, as its prefix.
fn list(objects: &BTreeMap<String, Vec<u8>>, query: &BTreeMap<String, String>) -> String {
    let prefix = query.get("prefix").map_or("", String::as_str);
    let after = query.get("continuation-token").map_or("", String::as_str);
    let mut rows: BTreeMap<String, Option<usize>> = BTreeMap::new();
    for (key, bytes) in objects.iter().filter(|(key, _)| key.starts_with(prefix)) {
        let rest = key.get(prefix.len()..).unwrap_or("");
        let folder = query.get("delimiter").and_then(|_| rest.split_once('/'));
        match folder {
            Some((folder, _)) => rows.insert(format!("{prefix}{folder}/"), None),
            None => rows.insert(key.clone(), Some(bytes.len())),
        };
    }
    let left: Vec<_> = rows.into_iter().filter(|(key, _)| key.as_str() > after).collect();
    let mut body = "<ListBucketResult>".to_owned();
    for (key, bytes) in left.iter().take(PAGE) {
        let _ = match bytes {
            Some(bytes) => write!(
                body,
                "<Contents><Key>{key}</Key><LastModified>2023-11-14T00:00:00.000Z</LastModified>\
                 <Size>{bytes}</Size></Contents>"
            ),
            None => write!(body, "<CommonPrefixes><Prefix>{key}</Prefix></CommonPrefixes>"),
        };
    }
    let next = left.get(PAGE).and_then(|_| left.get(PAGE - 1));
    let _ = write!(body, "<IsTruncated>{}</IsTruncated>", next.is_some());
    if let Some((next, _)) = next {
        let _ = write!(body, "<NextContinuationToken>{next}</NextContinuationToken>");
    }
    body + "</ListBucketResult>"
}
