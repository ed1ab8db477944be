//! A provider of OpenID Connect on loopback: it signs real tokens, checks codes, verifiers and
//! secrets as a provider does, and misbehaves as it is told.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

mod keys;

pub use keys::Keys;

/// The client that the provider knows.
pub const CLIENT: &str = "assay-test";
/// The client's secret, with letters that a form and a header each write differently.
pub const SECRET: &str = "s3cret:+/ %ü";
/// Bytes of a body that is read.
const BODY_MAX: usize = 64 << 10;

/// How an address misbehaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It accepts and never answers.
    Silent,
    /// It answers with this status.
    Status(u16),
    /// It sends so many bytes.
    Huge(usize),
    /// It redirects to this address.
    Redirect(String),
    /// It answers with this text.
    Says(String),
}

/// How the next tokens are made.
#[derive(Debug, Clone)]
pub struct Script {
    /// Put over the claims; null takes one out.
    pub claims: Value,
    /// Put over the header.
    pub header: Value,
    /// `RS256`, `ES256` or `EdDSA`: what signs.
    pub signs: &'static str,
    /// Instead of the token, what is made of it.
    pub tamper: fn(String) -> String,
    /// The time of the provider, in seconds since 1970.
    pub now_s: i64,
}

#[derive(Debug)]
struct State {
    faults: BTreeMap<String, Fault>,
    counts: BTreeMap<String, usize>,
    script: Script,
    keys: Arc<Keys>,
    /// What was asked for, by code; a code is taken out when it is used.
    codes: BTreeMap<String, BTreeMap<String, String>>,
}

/// The provider.
#[derive(Debug)]
pub struct Provider {
    /// `http://127.0.0.1:PORT`, which is also its issuer.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Provider {
    /// Starts it; its threads end with the process.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start(now_s: i64) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let script = Script {
            claims: json!({}),
            header: json!({}),
            signs: "RS256",
            tamper: |token| token,
            now_s,
        };
        let state = Arc::new(Mutex::new(State {
            faults: BTreeMap::new(),
            counts: BTreeMap::new(),
            script,
            keys: Arc::new(Keys::make().map_err(std::io::Error::other)?),
            codes: BTreeMap::new(),
        }));
        let (shared, issuer) = (Arc::clone(&state), url.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, issuer) = (Arc::clone(&shared), issuer.clone());
                // The other side may hang up at any time: that ends this thread, and nothing else.
                thread::spawn(move || serve(stream, &issuer, &state));
            }
        });
        Ok(Self { url, state })
    }

    /// Lets a path misbehave; `None` ends that.
    pub fn fault(&self, path: &str, fault: Option<Fault>) {
        let mut state = lock(&self.state);
        match fault {
            Some(fault) => state.faults.insert(path.to_owned(), fault),
            None => state.faults.remove(path),
        };
    }

    /// Changes how the next tokens are made.
    pub fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut lock(&self.state).script);
    }

    /// How often a path was asked.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        lock(&self.state).counts.get(path).copied().unwrap_or_default()
    }

    /// Takes new keys, with new names.
    ///
    /// # Errors
    /// When none can be made.
    pub fn rotate(&self) -> Result<(), String> {
        let keys = Arc::new(Keys::make()?);
        lock(&self.state).keys = keys;
        Ok(())
    }

    /// A token with these claims, as a client gets one for an API.
    #[must_use]
    pub fn token(&self, claims: &Value) -> String {
        let state = lock(&self.state);
        state.keys.sign(&state.script, claims)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request as it came.
struct Asked {
    path: String,
    pairs: BTreeMap<String, String>,
    authorization: String,
}

fn serve(mut stream: TcpStream, issuer: &str, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let asked = read_request(&mut reader)?;
    let fault = {
        let mut state = lock(state);
        *state.counts.entry(asked.path.clone()).or_default() += 1;
        state.faults.get(&asked.path).cloned()
    };
    match fault {
        Some(Fault::Silent) => reader.read_to_end(&mut Vec::new()).map(|_| ()),
        Some(Fault::Status(status)) => send(&mut stream, status, "", b"{}"),
        Some(Fault::Huge(bytes)) => send(&mut stream, 200, "", &vec![b' '; bytes]),
        Some(Fault::Redirect(to)) => send(&mut stream, 302, &format!("Location: {to}\r\n"), b""),
        Some(Fault::Says(text)) => send(&mut stream, 200, "", text.as_bytes()),
        None => {
            let (status, head, body) = reply(&asked, issuer, &mut lock(state));
            send(&mut stream, status, &head, body.to_string().as_bytes())
        }
    }
}

fn reply(asked: &Asked, issuer: &str, state: &mut State) -> (u16, String, Value) {
    let at = |path: &str| format!("{issuer}{path}");
    match asked.path.as_str() {
        "/.well-known/openid-configuration" => {
            let described = json!({
                "issuer": issuer, "authorization_endpoint": at("/authorize?tenant=1"),
                "token_endpoint": at("/token"), "jwks_uri": at("/jwks"),
                "end_session_endpoint": at("/logout"),
            });
            (200, String::new(), described)
        }
        "/jwks" => (200, String::new(), state.keys.set()),
        "/authorize" => {
            let code = format!("code-{}", state.codes.len() + state.counts.values().sum::<usize>());
            let pairs = &asked.pairs;
            let back = |name: &str| pairs.get(name).cloned().unwrap_or_default();
            let to = reqwest::Url::parse_with_params(
                &back("redirect_uri"),
                [("code", code.as_str()), ("state", &back("state")), ("iss", issuer)],
            );
            state.codes.insert(code, pairs.clone());
            let to = to.map(String::from).unwrap_or_default();
            (302, format!("Location: {to}\r\n"), Value::Null)
        }
        "/token" => exchange(asked, issuer, state).map_or_else(
            || (400, String::new(), json!({ "error": "invalid_grant" })),
            |body| (200, String::new(), body),
        ),
        _ => (404, String::new(), json!({})),
    }
}

/// The answer to a code, when everything about it is right.
fn exchange(asked: &Asked, issuer: &str, state: &mut State) -> Option<Value> {
    let given = |name: &str| asked.pairs.get(name).map(String::as_str).unwrap_or_default();
    let begun = state.codes.remove(given("code"))?;
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, given("code_verifier").as_bytes()));
    let is_proven = begun.get("code_challenge") == Some(&challenge)
        && begun.get("code_challenge_method").map(String::as_str) == Some("S256")
        && begun.get("redirect_uri").map(String::as_str) == Some(given("redirect_uri"))
        && begun.get("scope").is_some_and(|scope| scope.split(' ').any(|it| it == "openid"))
        && given("grant_type") == "authorization_code";
    let is_client = is_client(asked) && begun.get("client_id").map(String::as_str) == Some(CLIENT);
    if !is_proven || !is_client {
        return None;
    }
    let now_s = state.script.now_s;
    let claims = json!({
        "iss": issuer, "aud": CLIENT, "sub": "u-1", "iat": now_s, "exp": now_s + 600,
        "nonce": begun.get("nonce"),
    });
    let token = (state.script.tamper)(state.keys.sign(&state.script, &claims));
    Some(json!({ "id_token": token, "access_token": "access", "token_type": "Bearer" }))
}

/// Whether the client showed its secret, in the header or in the form.
fn is_client(asked: &Asked) -> bool {
    let form = |name: &str| asked.pairs.get(name).map(String::as_str).unwrap_or_default();
    if form("client_id") == CLIENT && form("client_secret") == SECRET {
        return true;
    }
    let shown = asked.authorization.strip_prefix("Basic ").and_then(|it| STANDARD.decode(it).ok());
    let shown = shown.and_then(|it| String::from_utf8(it).ok()).unwrap_or_default();
    let Some((id, secret)) = shown.split_once(':') else { return false };
    let read = |text: &str| query(&format!("x={text}")).remove("x").unwrap_or_default();
    read(id) == CLIENT && read(secret) == SECRET
}

fn query(text: &str) -> BTreeMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://here/?{text}"));
    let Ok(url) = url else { return BTreeMap::new() };
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<Asked> {
    let mut lines = reader.by_ref().lines().map_while(Result::ok);
    let first = lines.next().ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: BTreeMap<String, String> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect();
    let length = headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; BODY_MAX.min(length)];
    reader.read_exact(&mut body)?;
    let (path, asked) = target.split_once('?').unwrap_or((&target, ""));
    let mut pairs = query(asked);
    pairs.extend(query(&String::from_utf8_lossy(&body)));
    let authorization = headers.get("authorization").cloned().unwrap_or_default();
    Ok(Asked { path: path.to_owned(), pairs, authorization })
}

fn send(stream: &mut TcpStream, status: u16, head: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Type: application/json\r\n{head}\
         Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}
