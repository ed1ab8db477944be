//! A server of a drill's own, on a folder of its own. Both are taken away by shells that wait for the end
//! of the drill, so also when the drill is killed.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use assay_core::SystemClock;
use assay_identity::{AuthSettings, Identities};
use assay_ready::{ReadyError, Request, Response, Transport};
use serde_json::{Value, json};

use crate::command::ready::Http;

/// Starts what it is given, tells its process, and kills it when nobody holds its input any more.
const KEEPER: &str =
    r#""$@" </dev/null & echo "pid $!"; cat >/dev/null; kill -9 $! 2>/dev/null; wait"#;
/// The same, with the data on a disk of its own that nobody else sees and that goes with the process.
const ON_DISK: &str = r#"mount -t tmpfs -o size="$1" drill "$2" && shift 2 && exec "$@""#;
/// What libfaketime leaves alone: steady time, and the times of files; it looks at the clock each time.
const CLOCK: [&str; 4] = [
    "FAKETIME_NO_CACHE=1",
    "FAKETIME_DONT_FAKE_MONOTONIC=1",
    "DONT_FAKE_MONOTONIC=1",
    "NO_FAKE_STAT=1",
];
/// Removes a folder when nobody holds its input any more.
const REMOVER: &str = r#"cat >/dev/null; sleep 1; rm -rf "$1""#;
/// Who owns the platform tenant where keys are asked for.
const ROOT: &str = "drill";
/// Longest that a request may take.
const REQUEST: Duration = Duration::from_secs(30);
/// Longest that a start may take.
const START: Duration = Duration::from_secs(60);
/// Between two looks.
const AGAIN: Duration = Duration::from_millis(25);
/// What a form is parted by.
const BOUNDARY: &str = "assay-drill-boundary";
/// Settings of a server that asks for keys and limits nothing, without a model.
pub(super) const GUARDED: &str = "[embedding]\nmodel = \"\"\n[auth]\nmode = \"required\"\n\
    [server.rates]\nclient_per_minute = 0\ntenant_per_minute = 0\n";

/// The folder of a drill.
pub(super) struct Home {
    folder: PathBuf,
    /// The library through which servers read a clock that can be set.
    clock: Option<PathBuf>,
    // Held open until the end.
    _remover: Child,
}

impl Home {
    /// A folder with the settings that servers on it have, as TOML; empty for the usual ones.
    pub(super) fn make(settings: &str) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("assay-drill-").tempdir()?.keep();
        let remover = Command::new("sh")
            .args(["-c", REMOVER, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        fs::create_dir(folder.join("disk"))?;
        fs::write(folder.join("assay.toml"), settings)?;
        Ok(Self { folder, clock: None, _remover: remover })
    }

    /// Servers on it read their time of day through libfaketime, so that it can be set.
    pub(super) fn with_clock(self, library: PathBuf) -> anyhow::Result<Self> {
        self.set_clock(0)?;
        Ok(Self { clock: Some(library), ..self })
    }

    /// Sets the clock of its servers so many seconds on, at once.
    pub(super) fn set_clock(&self, seconds: i64) -> std::io::Result<()> {
        let beside = self.path("clock.new");
        fs::write(&beside, format!("{seconds:+}\n"))?;
        fs::rename(beside, self.path("clock"))
    }

    /// A place in the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes the first owner, before a server is started: its key.
    pub(super) fn root(&self) -> anyhow::Result<String> {
        let data = self.folder.join("data");
        assay_answer::make_data_folder(&data)?;
        let clock = std::sync::Arc::new(SystemClock);
        let identities = Identities::open(&data, AuthSettings::default(), clock)?;
        Ok(identities.bootstrap(ROOT, ROOT)?.key.expose().to_owned())
    }

    /// Where everything of it lies: the settings as `assay.toml`, the data in `data`.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Files of the data that hold a text.
    pub(super) fn holding(&self, text: &str) -> anyhow::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.join("data")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if fs::read(&path)?.windows(text.len()).any(|part| part == text.as_bytes()) {
                    found.push(path.strip_prefix(&self.folder)?.to_owned());
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// What the last server wrote into its log.
    pub(super) fn log(&self) -> anyhow::Result<String> {
        Ok(fs::read_to_string(self.folder.join("log"))?)
    }
}

/// A server.
pub(super) struct Private<'a> {
    keeper: Child,
    pid: u32,
    pub(super) url: String,
    http: &'a Http,
    /// What is shown where no other key is; empty for none.
    key: String,
    /// The disk that can be filled, as this process sees it.
    disk: PathBuf,
    disk_mb: Option<u64>,
}

impl<'a> Private<'a> {
    /// Starts a server on the folder; with `disk_mb` on a disk of that size, which is empty.
    pub(super) fn start(home: &Home, http: &'a Http, disk_mb: Option<u64>) -> anyhow::Result<Self> {
        let disk = home.folder.join("disk");
        let data = if disk_mb.is_some() { disk.join("data") } else { home.folder.join("data") };
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh"]);
        if let Some(mb) = disk_mb {
            command
                .args(["unshare", "-Urm", "sh", "-c", ON_DISK, "sh", &format!("{mb}m")])
                .arg(&disk);
        }
        if let Some(library) = &home.clock {
            let set = |name: &str, path: &Path| {
                let mut word = std::ffi::OsString::from(name);
                word.push(path);
                word
            };
            command.arg("env").arg(set("LD_PRELOAD=", library));
            command.arg(set("FAKETIME_TIMESTAMP_FILE=", &home.path("clock"))).args(CLOCK);
        }
        command.arg(std::env::current_exe()?).args(["serve", "--port", "0", "--config"]);
        command.arg(home.folder.join("assay.toml")).arg("--data-dir").arg(&data);
        for (name, _) in std::env::vars_os() {
            // What is set for the deployment is not meant for this one.
            if name.to_string_lossy().starts_with("ASSAY_") {
                command.env_remove(name);
            }
        }
        let log = fs::File::create(home.folder.join("log"))?;
        let mut keeper =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let out = keeper.stdout.take().ok_or_else(|| unreachable("it has no output"))?;
        let (mut pid, mut url) = (None, None);
        let mut lines = BufReader::new(out).lines();
        while pid.is_none() || url.is_none() {
            let Some(Ok(text)) = lines.next() else { break };
            if let Some(number) = text.strip_prefix("pid ") {
                pid = number.trim().parse().ok();
            }
            let is_address = |word: &&str| word.starts_with("http://");
            url = url.or_else(|| text.split_whitespace().find(is_address).map(str::to_owned));
            if pid.is_some() && url.is_none() && pid.is_some_and(is_gone) {
                break;
            }
        }
        // A closed pipe would end the server at its next line.
        std::thread::spawn(move || lines.for_each(drop));
        let (Some(pid), Some(url)) = (pid, url) else {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
            let log = fs::read_to_string(home.folder.join("log")).unwrap_or_default();
            let last = log.lines().next_back().unwrap_or("it says nothing");
            return Err(unreachable(format!("it does not start: {last}")));
        };
        let disk = PathBuf::from(format!("/proc/{pid}/root")).join(disk.strip_prefix("/")?);
        let server = Self { keeper, pid, url, http, key: String::new(), disk, disk_mb };
        let end = Instant::now() + START;
        while !server.ask("", "GET", "/health/ready", None).is_ok_and(|it| it.status == 200) {
            if Instant::now() > end {
                return Err(unreachable("it is not ready"));
            }
            std::thread::sleep(AGAIN);
        }
        Ok(server)
    }

    /// Shows a key where no other is.
    pub(super) fn with_key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    /// Asks with whatever headers and body; the answer, whatever it is.
    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Result<Response, String> {
        self.http.send(&Request {
            method: method.to_owned(),
            url: format!("{}{path}", self.url),
            headers,
            body,
            timeout: REQUEST,
        })
    }

    /// Asks with a key, or when it is empty with that of [`Self::with_key`]; a body is sent as JSON.
    pub(super) fn ask(
        &self,
        key: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, String> {
        let mut headers = self.shown(key);
        headers.extend(body.map(|_| ("content-type".to_owned(), "application/json".to_owned())));
        self.send(
            method,
            path,
            headers,
            body.map(Value::to_string).unwrap_or_default().into_bytes(),
        )
    }

    /// Asks for what must work: the body of the answer.
    pub(super) fn must(
        &self,
        key: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let response = self.ask(key, method, path, body).map_err(unreachable)?;
        if response.status >= 300 {
            let text = response.text();
            return Err(unreachable(format!(
                "{method} {path} answers {}: {text}",
                response.status
            )));
        }
        Ok(serde_json::from_slice(&response.body).unwrap_or_default())
    }

    /// Hands a file in: the answer.
    pub(super) fn hand_in(&self, key: &str, name: &str, text: &str) -> Result<Response, String> {
        let body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/markdown\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n"
        );
        let mut headers = self.shown(key);
        headers
            .push(("content-type".to_owned(), format!("multipart/form-data; boundary={BOUNDARY}")));
        self.send("POST", "/documents/upload", headers, body.into_bytes())
    }

    /// Hands a file in that must be taken: the task that takes it in.
    pub(super) fn taken(&self, name: &str, text: &str) -> anyhow::Result<String> {
        let answer = self.hand_in("", name, text).map_err(unreachable)?;
        let says: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let job = says.get("job_id").and_then(Value::as_str);
        job.map(str::to_owned).ok_or_else(|| unreachable(format!("a file is not taken in: {says}")))
    }

    /// A task and what happened to it so far.
    pub(super) fn task(&self, id: &str) -> anyhow::Result<Value> {
        self.must("", "GET", &format!("/v1/tasks/{id}"), None)
    }

    fn shown(&self, key: &str) -> Vec<(String, String)> {
        bearer(if key.is_empty() { &self.key } else { key })
    }

    /// Hands a document in that holds `mark`; when this returns, it was accepted.
    pub(super) fn upload(&self, mark: &str) -> anyhow::Result<()> {
        let text = format!("# {mark}\n\nThe mark of this report is {mark}.\n");
        let response = self.hand_in("", &format!("{mark}.md"), &text).map_err(unreachable)?;
        match response.status {
            200 | 202 => Ok(()),
            status => Err(unreachable(format!("it answers {status}: {}", response.text()))),
        }
    }

    /// Whether it has all that it depends on and answers, at once.
    pub(super) fn is_whole(&self) -> bool {
        let ready = self.ask("", "GET", "/health/ready", None);
        let body = json!({ "query": "anything", "limit": 1 });
        let found = self.ask("", "POST", "/search", Some(&body));
        ready.is_ok_and(|it| it.status == 200 && !it.text().contains("\"failed\""))
            && found.is_ok_and(|it| it.status == 200)
    }

    /// Whether one document with the mark, and no second one, is found within a time.
    pub(super) fn finds_once(&self, mark: &str, within: Duration) -> bool {
        let end = Instant::now() + within;
        let body = json!({ "query": mark, "sources": ["files"], "limit": 10 });
        loop {
            let found = self.ask("", "POST", "/search", Some(&body));
            let holding =
                found.ok().filter(|it| it.status == 200).map_or(0, |it| holding(&it, mark));
            if holding > 0 {
                return holding == 1;
            }
            if Instant::now() > end {
                return false;
            }
            std::thread::sleep(AGAIN);
        }
    }

    pub(super) fn signal(&self, name: &str) {
        let _ = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.pid)]).status();
    }

    pub(super) fn is_gone_within(&self, within: Duration) -> bool {
        let end = Instant::now() + within;
        while !is_gone(self.pid) {
            if Instant::now() > end {
                return false;
            }
            std::thread::sleep(AGAIN);
        }
        true
    }

    /// Bytes of memory that it holds.
    pub(super) fn resident(&self) -> f64 {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.pid)).unwrap_or_default();
        let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok());
        pages.unwrap_or_default() * 4096.0
    }

    /// Takes all room on the disk.
    pub(super) fn fill(&self) -> anyhow::Result<()> {
        let mut file = fs::File::create(self.disk.join("ballast"))?;
        let part = vec![b'x'; 1 << 16];
        for _ in 0..=self.disk_mb.unwrap_or(0) * 16 {
            if let Err(error) = file.write_all(&part) {
                return if error.kind() == std::io::ErrorKind::StorageFull {
                    Ok(())
                } else {
                    Err(error.into())
                };
            }
        }
        Err(unreachable("its disk does not become full"))
    }

    /// Gives the room back.
    pub(super) fn free(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.disk.join("ballast"))?)
    }
}

impl Drop for Private<'_> {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Whether a process has ended; one that nobody has waited for yet has.
fn is_gone(pid: u32) -> bool {
    let path = format!("/proc/{pid}/stat");
    let stat = fs::read_to_string(Path::new(&path)).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_none_or(|rest| rest.trim_start().starts_with('Z') || rest.trim().is_empty())
}

/// Documents of an answer whose text holds the mark.
fn holding(response: &Response, mark: &str) -> usize {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let results = body.get("results").and_then(Value::as_array);
    let mut documents: Vec<&str> = results
        .into_iter()
        .flatten()
        .filter(|it| it.to_string().contains(&format!("report is {mark}.")))
        .filter_map(|it| it.get("document_id").or_else(|| it.get("url")).and_then(Value::as_str))
        .collect();
    documents.sort_unstable();
    documents.dedup();
    documents.len()
}

/// The header that shows a key; none when it is empty.
pub(super) fn bearer(key: &str) -> Vec<(String, String)> {
    let shown = (!key.is_empty()).then(|| ("authorization".to_owned(), format!("Bearer {key}")));
    shown.into_iter().collect()
}

/// An error of the server of a drill.
pub(super) fn unreachable(why: impl Into<String>) -> anyhow::Error {
    ReadyError::Unreachable { url: "the server of the drill".to_owned(), why: why.into() }.into()
}
