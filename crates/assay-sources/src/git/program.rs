//! The `git` program: which commands are run, with which environment, for how long.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread::{self, JoinHandle},
    time::Duration,
};

use assay_core::{Deadline, Secret};
use walkdir::WalkDir;

use super::objects::{Blobs, Entry, Running, entry, is_object};
use crate::{SourceError, run::Run};

/// The first version that connects to the address that it is told.
const VERSION_MIN: (u32, u32) = (2, 37);
/// Bytes kept of what a command prints.
const OUTPUT_BYTES_MAX: u64 = 64 << 10;
/// How often a command is looked after.
const LOOK: Duration = Duration::from_millis(20);
/// How often, in looks, the size of the repository is measured.
const MEASURE: u32 = 25;
/// Entries of a tree that are looked at; small trees can unfold to endless ones.
const ENTRIES_MAX: usize = 1_000_000;
/// Bytes of an entry of the tree: a path and a few numbers.
const ENTRY_BYTES_MAX: u64 = 8_192;
/// Where the fetched commit is kept.
const HEAD: &str = "refs/assay/head";
/// Variables by which the surroundings of this process could change what git does.
const REMOVED: [&str; 24] = [
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_EXEC_PATH",
    "GIT_TEMPLATE_DIR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_PROXY_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_SSL_NO_VERIFY",
    "GIT_CURL_VERBOSE",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "GIT_CEILING_DIRECTORIES",
];
/// Settings of every command; none of the user's or the system's are read.
const SETTINGS: [&str; 16] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.helper=",
    "fetch.recurseSubmodules=false",
    "fetch.unpackLimit=1",
    "gc.auto=0",
    "maintenance.auto=false",
    "http.followRedirects=false",
    "http.proxy=",
    "http.lowSpeedLimit=100",
    "http.lowSpeedTime=30",
    "http.sslVerify=true",
    "transfer.bundleURI=false",
    "fetch.uriProtocols=",
    "protocol.version=2",
];

/// What to fetch from.
#[derive(Debug)]
pub(super) struct Remote {
    pub(super) url: String,
    /// The only protocol that git may use.
    pub(super) protocol: &'static str,
    /// `host:port:address`, so that git connects to what was checked.
    pub(super) pinned: Option<String>,
    /// A header that signs in.
    pub(super) header: Option<Secret>,
}

/// A bare repository in the cache folder, and the program.
#[derive(Debug)]
pub(super) struct Program {
    folder: PathBuf,
    repository: PathBuf,
    remote: Remote,
    bytes_max: u64,
}

impl Program {
    /// Makes the cache folder and checks that git is there and new enough.
    pub(super) fn new(folder: &Path, remote: Remote, bytes_max: u64) -> Result<Self, SourceError> {
        fs::create_dir_all(folder).map_err(|error| at(folder, error))?;
        let repository = folder.join("repository.git");
        let program = Self { folder: folder.to_owned(), repository, remote, bytes_max };
        let output = output(program.command(&["version"]))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if version(&text).is_none_or(|version| version < VERSION_MIN) {
            let (major, minor) = VERSION_MIN;
            let reason = format!("git {major}.{minor} or newer is needed, not `{}`", text.trim());
            return Err(SourceError::NoProgram {
                program: "git".to_owned(),
                source: io::Error::other(reason),
            });
        }
        Ok(program)
    }

    /// The full name of the branch and its last commit.
    pub(super) fn head<M>(
        &self,
        branch: Option<&str>,
        time: Duration,
        run: &mut Run<'_, M>,
    ) -> Result<(String, String), SourceError> {
        self.make()?;
        let name =
            branch.map_or_else(|| "HEAD".to_owned(), |branch| format!("refs/heads/{branch}"));
        let deadline = run.deadline().part(time);
        let output = self.run(&["ls-remote", "--", &self.remote.url, &name], deadline, run)?;
        let line = output.lines().find_map(|line| line.split_once('\t'));
        let commit = line.filter(|(commit, found)| is_object(commit) && *found == name);
        match commit {
            Some((commit, _)) => Ok((name, commit.to_owned())),
            None => Err(self.failed(format!("it has no branch `{}`", branch.unwrap_or("HEAD")))),
        }
    }

    /// Fetches the last commit of a branch without its history. What is in the cache is sent to
    /// nobody and fetched only once; a cache that cannot be used is made anew.
    pub(super) fn fetch<M>(&self, name: &str, run: &mut Run<'_, M>) -> Result<(), SourceError> {
        if self.fetch_once(name, run).is_ok() {
            return Ok(());
        }
        fs::remove_dir_all(&self.repository).map_err(|error| at(&self.repository, error))?;
        self.make()?;
        self.fetch_once(name, run)
    }

    fn fetch_once<M>(&self, name: &str, run: &mut Run<'_, M>) -> Result<(), SourceError> {
        let refs = format!("+{name}:{HEAD}");
        let options = ["--depth=1", "--no-tags", "--no-write-fetch-head", "--quiet", "--force"];
        let command = [&["fetch"], &options[..], &["--", &self.remote.url, &refs]].concat();
        self.run(&command, run.deadline(), run).map(drop)
    }

    fn make(&self) -> Result<(), SourceError> {
        if self.repository.join("HEAD").is_file() {
            return Ok(());
        }
        // No templates: they could bring hooks.
        let output = output(self.command(&["init", "--bare", "--quiet", "--template="]))?;
        if output.status.success() {
            return Ok(());
        }
        Err(self.failed(last_line(&String::from_utf8_lossy(&output.stderr))))
    }

    /// Calls `take` for each file of the fetched commit until it says false; tells whether the last
    /// was reached.
    pub(super) fn tree<M>(
        &self,
        run: &mut Run<'_, M>,
        take: &mut dyn FnMut(Entry, &mut Run<'_, M>) -> bool,
    ) -> Result<bool, SourceError> {
        let mut command = self.command(&["ls-tree", "-r", "-z", "--long", "--full-tree", HEAD]);
        let mut child = Running(command.stdout(Stdio::piped()).spawn().map_err(no_program)?);
        let mut output = BufReader::new(child.0.stdout.take().ok_or_else(|| self.cut())?);
        let mut line = Vec::new();
        for _ in 0..ENTRIES_MAX {
            if !run.goes_on() {
                return Ok(false);
            }
            line.clear();
            let read = output.by_ref().take(ENTRY_BYTES_MAX).read_until(0, &mut line);
            read.map_err(|_| self.cut())?;
            if line.is_empty() {
                return if child.0.wait().is_ok_and(|status| status.success()) {
                    Ok(true)
                } else {
                    Err(self.cut())
                };
            }
            if line.pop() != Some(0) {
                return Err(self.failed("a path in it is too long".to_owned()));
            }
            match std::str::from_utf8(&line) {
                Ok(line) => {
                    if entry(line).is_some_and(|entry| !take(entry, run)) {
                        return Ok(false);
                    }
                }
                Err(_) => {
                    run.problem(&String::from_utf8_lossy(&line), "its name is not valid Unicode");
                }
            }
        }
        run.problem("", format!("more than {ENTRIES_MAX} files: the rest is not looked at"));
        Ok(false)
    }

    /// Starts to read contents.
    pub(super) fn blobs(&self) -> Result<Blobs, SourceError> {
        let command = self.command(&["cat-file", "--batch"]);
        Blobs::start(command).map_err(no_program)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        if let Some(pinned) = &self.remote.pinned {
            command.args(["-c", &format!("http.curloptResolve={pinned}")]);
        }
        for variable in REMOVED {
            command.env_remove(variable);
        }
        if let Some(header) = &self.remote.header {
            // In the environment, because arguments can be seen by every user of the machine.
            command.env("GIT_CONFIG_COUNT", "1");
            command.env("GIT_CONFIG_KEY_0", "http.extraHeader");
            command.env("GIT_CONFIG_VALUE_0", header.expose());
        } else {
            command.env("GIT_CONFIG_COUNT", "0");
        }
        command
            .env("GIT_DIR", &self.repository)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_ALLOW_PROTOCOL", self.remote.protocol)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS", "")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("HOME", &self.folder)
            .env("XDG_CONFIG_HOME", &self.folder)
            .env("LC_ALL", "C")
            .current_dir(&self.folder)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Runs a command to its end and gives what it printed. It is ended when the run is over, or
    /// the repository has become too large.
    fn run<M>(
        &self,
        arguments: &[&str],
        deadline: Deadline,
        run: &mut Run<'_, M>,
    ) -> Result<String, SourceError> {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Running(command.spawn().map_err(no_program)?);
        let output = child.0.stdout.take().map(drain);
        let errors = child.0.stderr.take().map(drain);
        let status = self.wait(&mut child.0, deadline, run)?;
        let text = |thread: Option<JoinHandle<String>>| {
            thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
        };
        let (output, errors) = (text(output), text(errors));
        if status.success() {
            return Ok(output);
        }
        let reason = last_line(&errors);
        // The numbers with the words before them: an address may hold them, too.
        let denied = [
            "Authentication failed",
            "could not read Username",
            "returned error: 401",
            "returned error: 403",
        ];
        if denied.iter().any(|sign| reason.contains(sign)) {
            return Err(SourceError::Refused { what: self.what(), reason });
        }
        Err(self.failed(reason))
    }

    fn wait<M>(
        &self,
        child: &mut Child,
        deadline: Deadline,
        run: &mut Run<'_, M>,
    ) -> Result<ExitStatus, SourceError> {
        let mut looks = 0_u32;
        loop {
            if let Some(status) = child.try_wait().map_err(no_program)? {
                return Ok(status);
            }
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(MEASURE) && size(&self.repository) > self.bytes_max {
                let limit = self.bytes_max;
                return Err(
                    self.failed(format!("it has more than `repository_bytes` = {limit} bytes"))
                );
            }
            if !run.goes_on() || deadline.has_passed() {
                return Err(self.failed("it took too long, or the run ended".to_owned()));
            }
            thread::sleep(LOOK);
        }
    }

    fn what(&self) -> String {
        format!("the repository `{}`", self.remote.url)
    }

    fn failed(&self, reason: String) -> SourceError {
        SourceError::Failed { what: self.what(), reason }
    }

    fn cut(&self) -> SourceError {
        self.failed("git ended too early".to_owned())
    }
}

/// The output of a command that ends by itself.
fn output(mut command: Command) -> Result<Output, SourceError> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().map_err(no_program)
}

/// Reads all that a process prints and keeps the start of it.
fn drain(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let kept = from.by_ref().take(OUTPUT_BYTES_MAX).read_to_end(&mut bytes);
        if kept.is_ok() {
            let _ = io::copy(&mut from, &mut io::sink());
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_ascii_whitespace().nth(2)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn size(folder: &Path) -> u64 {
    let files = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    files.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}

fn last_line(errors: &str) -> String {
    let line = errors.lines().rfind(|line| !line.trim().is_empty());
    line.unwrap_or("git failed without a message").trim().chars().take(300).collect()
}

fn no_program(source: io::Error) -> SourceError {
    SourceError::NoProgram { program: "git".to_owned(), source }
}

fn at(path: &Path, source: io::Error) -> SourceError {
    SourceError::File { path: path.to_owned(), source }
}
