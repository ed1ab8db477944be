//! Test support: a sink that remembers, and a small web server on loopback that can misbehave.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use assay_core::FakeClock;

use crate::{
    Change, Problem, Progress, Reply, Sink, Source, SourceContext, SourceFile, SourcePolicy,
    SourceSettings, SourceState,
};

/// Remembers everything; `reply` decides for each change.
pub(crate) struct Recorder {
    pub(crate) puts: Vec<SourceFile>,
    pub(crate) removes: Vec<String>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) progress: Progress,
    pub(crate) reply: Box<dyn FnMut(&Change) -> Reply>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::replying(|_| Reply::Taken)
    }
}

impl Recorder {
    pub(crate) fn replying(reply: impl FnMut(&Change) -> Reply + 'static) -> Self {
        let reply = Box::new(reply);
        let (puts, removes, problems) = Default::default();
        Self { puts, removes, problems, progress: Progress::default(), reply }
    }

    pub(crate) fn keys(&self) -> Vec<&str> {
        self.puts.iter().map(|file| file.key.as_str()).collect()
    }

    /// The problems, `key: reason`.
    pub(crate) fn told(&self) -> String {
        let lines = self.problems.iter().map(|told| format!("{}: {}\n", told.key, told.reason));
        lines.collect()
    }
}

impl Sink for Recorder {
    fn change(&mut self, change: Change) -> Reply {
        let reply = (self.reply)(&change);
        if reply == Reply::Taken {
            match change {
                Change::Put(file) => self.puts.push(file),
                Change::Remove { key } => self.removes.push(key),
            }
        }
        reply
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn progress(&mut self, progress: Progress) {
        self.progress = progress;
    }
}

/// A source with the state of its last run.
pub(crate) struct Synced {
    pub(crate) source: Box<dyn Source>,
    pub(crate) state: SourceState,
    _runtime: tokio::runtime::Runtime,
}

impl Synced {
    /// Opens a source from JSON settings, where loopback and `folder` are allowed.
    pub(crate) fn open(settings: serde_json::Value, folder: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let policy = SourcePolicy {
            allow_private_hosts: vec!["127.0.0.1".to_owned()],
            allow_folders: vec![folder.to_owned()],
        };
        let context = context(&runtime, policy, folder);
        let settings: SourceSettings = serde_json::from_value(settings).unwrap();
        let source = settings.open(&context).unwrap();
        Self { source, state: SourceState::default(), _runtime: runtime }
    }

    /// One run, whose state is kept as the caller would keep it.
    pub(crate) fn run(&mut self) -> Recorder {
        self.run_with(Recorder::default())
    }

    pub(crate) fn run_with(&mut self, mut sink: Recorder) -> Recorder {
        let state = self.source.sync(&self.state, &mut sink).unwrap();
        self.state = SourceState::from_json(state.as_json().to_owned());
        sink
    }
}

/// A context whose clock stands in the year 2100: no file was modified just now.
pub(crate) fn context(
    runtime: &tokio::runtime::Runtime,
    policy: SourcePolicy,
    folder: &Path,
) -> SourceContext {
    SourceContext {
        runtime: runtime.handle().clone(),
        clock: Arc::new(FakeClock::at_ms(4_102_444_800_000)),
        policy,
        cache_dir: folder.join(".cache"),
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
}

/// What a server does with a request.
pub(crate) enum Act {
    /// Status, header lines, body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// A body that never ends.
    Endless,
    /// A byte at a time for ever.
    Drip,
    /// Closes the connection.
    Close,
}

pub(crate) fn html(body: &str) -> Act {
    Act::Answer(200, vec![("Content-Type", "text/html".to_owned())], body.into())
}

pub(crate) fn status(status: u16) -> Act {
    Act::Answer(status, Vec::new(), Vec::new())
}

pub(crate) fn redirect(to: &str) -> Act {
    Act::Answer(302, vec![("Location", to.to_owned())], Vec::new())
}

/// A server on loopback.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts a server; its threads end with the test process.
    pub(crate) fn start(act: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, act) = (Arc::clone(&requests), Arc::new(act));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, act) = (Arc::clone(&seen), Arc::clone(&act));
                thread::spawn(move || serve(stream, &seen, &*act));
            }
        });
        Self { url, requests }
    }

    /// The requests since the last call.
    pub(crate) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    /// Their paths.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.path).collect()
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<Request>>, act: &dyn Fn(&Request) -> Act) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers = lines.take_while(|line| !line.is_empty());
    let headers = headers.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    let request = Request { path, headers: headers.collect() };
    seen.lock().unwrap().push(request.clone());
    // The other side may hang up at any time: that ends this thread, and nothing else.
    let _ = match act(&request) {
        Act::Answer(status, headers, body) => answer(&mut stream, status, &headers, &body),
        Act::Endless => endless(&mut stream),
        Act::Drip => drip(&mut stream),
        Act::Close => Ok(()),
    };
}

fn answer(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(&str, String)],
    body: &[u8],
) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length =
        if status == 304 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    stream.write_all(format!("{head}{length}\r\n").as_bytes())?;
    stream.write_all(body)
}

fn endless(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")?;
    loop {
        stream.write_all(&[b'x'; 65_536])?;
    }
}

fn drip(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")?;
    loop {
        stream.write_all(b"x")?;
        thread::sleep(std::time::Duration::from_millis(50));
    }
}
