//! Source: the files of a branch of a git repository.

mod objects;
mod program;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use assay_core::Secret;
use assay_net::Guard;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use self::{
    objects::{Blobs, Entry},
    program::{Program, Remote},
};
use crate::{
    Limits, Sink, Source, SourceContext, SourceError, SourceFile, SourcePolicy, SourceState,
    net::http::guard,
    pattern::Patterns,
    run::Run,
    settings::{SettingProblem, checked},
};

/// How a file begins that stands for one in Git LFS.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The files of a branch. Links, submodules and hidden files are left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitSettings {
    /// An `https` or `http` address, or the absolute path of a repository on this machine.
    pub url: String,
    /// The branch; the one that the repository shows first when none is named.
    #[serde(default)]
    pub branch: Option<String>,
    /// Who signs in; most services take any name beside a token.
    #[serde(default = "default_user")]
    pub user: String,
    /// The access token or password; none for a repository that everybody may read.
    #[serde(default)]
    pub token: Option<Secret>,
    /// Patterns of paths, such as `docs/**/*.md`; all files when empty.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of paths that are left out; they win over `include`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Bytes that the repository may take on this disk, without its history.
    #[serde(default = "default_repository_bytes")]
    pub repository_bytes: u64,
    /// What a run may consume; `request_seconds` is for one file, the transfer of the repository
    /// has the time of the run.
    #[serde(default)]
    pub limits: Limits,
}

fn default_user() -> String {
    "git".to_owned()
}

const fn default_repository_bytes() -> u64 {
    2 << 30
}

#[derive(Debug)]
pub(crate) struct Git {
    settings: GitSettings,
    place: Place,
    patterns: Patterns,
    guard: Arc<Guard>,
    policy: SourcePolicy,
    runtime: Handle,
    cache_dir: PathBuf,
}

/// Where the repository is.
#[derive(Debug)]
enum Place {
    Web(Url),
    Folder(PathBuf),
}

/// What is remembered of the branch.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    /// The commit whose files were all taken: when it is still the last one, nothing is read.
    commit: Option<String>,
    /// The content of each file as git names it.
    files: BTreeMap<String, String>,
}

impl Git {
    pub(crate) fn new(settings: GitSettings, context: &SourceContext) -> Result<Self, SourceError> {
        let mut problems = Vec::new();
        let patterns = Patterns::new(&settings.include, &settings.exclude, &mut problems);
        settings.limits.check(&mut problems);
        if settings.repository_bytes == 0 {
            problems.push(SettingProblem::new("repository_bytes", "must be at least 1"));
        }
        if settings.branch.as_deref().is_some_and(|branch| !is_branch(branch)) {
            problems.push(SettingProblem::new("branch", "is not the name of a branch"));
        }
        if settings.user.contains([':', '\n', '\r']) {
            problems.push(SettingProblem::new("user", "must not hold `:` or a line break"));
        }
        let place = place(&settings.url);
        if place.is_none() {
            let problem = "is neither an `https` or `http` address nor an absolute path";
            problems.push(SettingProblem::new("url", problem));
        }
        checked(problems)?;
        let place = place.unwrap_or_else(|| Place::Folder(PathBuf::new()));
        let guard = guard(context)?;
        match &place {
            Place::Web(url) => guard.check_url(url)?,
            Place::Folder(path) => drop(context.policy.folder(path)?),
        }
        let (policy, runtime) = (context.policy.clone(), context.runtime.clone());
        let cache_dir = context.cache_dir.clone();
        Ok(Self { settings, place, patterns, guard, policy, runtime, cache_dir })
    }

    /// Checks the place again, since a name can lead elsewhere by now, and pins what was checked.
    fn remote(&self) -> Result<Remote, SourceError> {
        match &self.place {
            Place::Folder(path) => {
                let path = self.policy.folder(path)?;
                Ok(Remote {
                    url: format!("file://{}", path.display()),
                    protocol: "file",
                    pinned: None,
                    header: None,
                })
            }
            Place::Web(url) => {
                let host = url.host_str().unwrap_or_default();
                let port = url.port_or_known_default().unwrap_or(443);
                self.guard.check_url(url)?;
                let found =
                    self.runtime.block_on(self.guard.resolve(host.trim_matches(['[', ']']), port));
                let found = found.map_err(|error| SourceError::Failed {
                    what: format!("the repository at `{host}`"),
                    reason: error.to_string(),
                })?;
                let addresses = found.iter().map(|address| match address.ip() {
                    std::net::IpAddr::V4(ip) => ip.to_string(),
                    std::net::IpAddr::V6(ip) => format!("[{ip}]"),
                });
                let addresses: Vec<_> = addresses.collect();
                let header = self.settings.token.as_ref().map(|token| {
                    let pair = format!("{}:{}", self.settings.user, token.expose());
                    Secret::new(format!("Authorization: Basic {}", STANDARD.encode(pair)))
                });
                Ok(Remote {
                    url: url.to_string(),
                    protocol: if url.scheme() == "http" { "http" } else { "https" },
                    pinned: url
                        .domain()
                        .map(|name| format!("{name}:{port}:{}", addresses.join(","))),
                    header,
                })
            }
        }
    }

    /// Whether a file of the tree is taken.
    fn takes(&self, path: &str) -> bool {
        !path.split('/').any(|part| part.starts_with('.')) && self.patterns.takes(path)
    }

    /// Looks at one file of the tree; false when no other can be read either.
    fn file(&self, entry: Entry, blobs: &mut Blobs, run: &mut Run<'_, String>) -> bool {
        let key = entry.path.as_str();
        if !self.takes(key) || !run.has_room_for(key) {
            return true;
        }
        if run.mark(key) == Some(&entry.object) {
            run.keep(key);
            return true;
        }
        let limit = self.settings.limits.file_bytes;
        if entry.size > limit {
            run.failed(key, format!("it has more than `limits.file_bytes` = {limit} bytes"));
            return true;
        }
        let bytes = match blobs.read(&entry) {
            Ok(bytes) => bytes,
            Err(error) => {
                run.failed(key, error.to_string());
                return false;
            }
        };
        if bytes.starts_with(LFS_POINTER) {
            run.failed(key, "its content is in Git LFS, which is not read");
            return true;
        }
        let name = key.rsplit('/').next().unwrap_or(key).to_owned();
        let file = SourceFile { key: entry.path, name, bytes, ..SourceFile::default() };
        let _ = run.put(file, entry.object);
        true
    }
}

impl Source for Git {
    fn sync(&self, state: &SourceState, sink: &mut dyn Sink) -> Result<SourceState, SourceError> {
        let state: State = state.read()?;
        let remote = self.remote()?;
        let mut run = Run::new(state.files, &self.settings.limits, sink);
        let program = Program::new(&self.cache_dir, remote, self.settings.repository_bytes)?;
        let (name, commit) = program.head(
            self.settings.branch.as_deref(),
            self.settings.limits.request_time(),
            &mut run,
        )?;
        if state.commit.as_ref() == Some(&commit) {
            let files = run.finish(false);
            return SourceState::write(&State { commit: state.commit, files });
        }
        program.fetch(&name, &mut run)?;
        let mut blobs = program.blobs()?;
        let listed = program.tree(&mut run, &mut |entry, run| self.file(entry, &mut blobs, run))?;
        let commit = run.sweep(listed).then_some(commit);
        let files = run.finish(false);
        SourceState::write(&State { commit, files })
    }
}

fn place(url: &str) -> Option<Place> {
    let path = PathBuf::from(url);
    if path.is_absolute() {
        return Some(Place::Folder(path));
    }
    let url = Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(Place::Web(url))
}

/// Whether a name can be given to git: nothing in it is a pattern or an option.
fn is_branch(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@#".contains(c);
    !name.is_empty()
        && name.len() <= 250
        && !name.starts_with(['-', '/', '.'])
        && !name.contains("..")
        && name.chars().all(plain)
}

#[cfg(test)]
mod tests;
