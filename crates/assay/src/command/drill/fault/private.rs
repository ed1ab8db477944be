//! A server of a drill's own, on a folder of its own. Both are taken away by shells that wait for the end
//! of the drill, so also when the drill is killed.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use assay_ready::{Request, Response, Transport};
use serde_json::{Value, json};

use super::unreachable;
use crate::command::ready::Http;

/// Starts what it is given, tells its process, and kills it when nobody holds its input any more.
const KEEPER: &str =
    r#""$@" </dev/null & echo "pid $!"; cat >/dev/null; kill -9 $! 2>/dev/null; wait"#;
/// The same, with the data on a disk of its own that nobody else sees and that goes with the process.
const ON_DISK: &str = r#"mount -t tmpfs -o size="$1" drill "$2" && shift 2 && exec "$@""#;
/// Removes a folder when nobody holds its input any more.
const REMOVER: &str = r#"cat >/dev/null; sleep 1; rm -rf "$1""#;
/// Longest that a request may take.
const REQUEST: Duration = Duration::from_secs(30);
/// Longest that a start may take.
const START: Duration = Duration::from_secs(60);
/// Between two looks.
const AGAIN: Duration = Duration::from_millis(25);
/// What a form is parted by.
const BOUNDARY: &str = "assay-drill-boundary";
/// No settings: the usual ones.
const SETTINGS: &str = "";

/// The folder of a drill.
pub(super) struct Home {
    folder: PathBuf,
    // Held open until the end.
    _remover: Child,
}

impl Home {
    pub(super) fn make() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("assay-drill-").tempdir()?.keep();
        let remover = Command::new("sh")
            .args(["-c", REMOVER, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        fs::create_dir(folder.join("disk"))?;
        fs::write(folder.join("assay.toml"), SETTINGS)?;
        Ok(Self { folder, _remover: remover })
    }
}

/// A server.
pub(super) struct Private<'a> {
    keeper: Child,
    pid: u32,
    url: String,
    http: &'a Http,
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
        let server = Self { keeper, pid, url, http, disk, disk_mb };
        let end = Instant::now() + START;
        while !server.get("/health/ready").is_ok_and(|it| it.status == 200) {
            if Instant::now() > end {
                return Err(unreachable("it is not ready"));
            }
            std::thread::sleep(AGAIN);
        }
        Ok(server)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        mime: &str,
        body: Vec<u8>,
    ) -> Result<Response, String> {
        let mime = (!body.is_empty()).then(|| ("content-type".to_owned(), mime.to_owned()));
        self.http.send(&Request {
            method: method.to_owned(),
            url: format!("{}{path}", self.url),
            headers: mime.into_iter().collect(),
            body,
            timeout: REQUEST,
        })
    }

    fn get(&self, path: &str) -> Result<Response, String> {
        self.send("GET", path, "", Vec::new())
    }

    /// Hands a document in that holds `mark`; when this returns, it was accepted.
    pub(super) fn upload(&self, mark: &str) -> anyhow::Result<()> {
        let text = format!("# {mark}\n\nThe mark of this report is {mark}.\n");
        let body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{mark}.md\"\r\n\
             Content-Type: text/markdown\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n"
        );
        let mime = format!("multipart/form-data; boundary={BOUNDARY}");
        let response = self.send("POST", "/documents/upload", &mime, body.into_bytes());
        let response = response.map_err(unreachable)?;
        match response.status {
            200 | 202 => Ok(()),
            status => Err(unreachable(format!("it answers {status}: {}", response.text()))),
        }
    }

    /// Whether one document with the mark, and no second one, is found within a time.
    pub(super) fn finds_once(&self, mark: &str, within: Duration) -> bool {
        let end = Instant::now() + within;
        let body = json!({ "query": mark, "sources": ["files"], "limit": 10 }).to_string();
        loop {
            let found = self.send("POST", "/search", "application/json", body.clone().into_bytes());
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
