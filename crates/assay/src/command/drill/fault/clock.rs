//! A clock that jumps: the time of day of a server is set an hour on and back, and ten minutes off, while it
//! works. libfaketime does that from inside the process, so nothing else on the machine feels it; steady time
//! goes on evenly, as it does where the clock of a machine is put right.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use assay_core::{Clock as _, SystemClock};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    LOOK, RESUMED, STEADY, embedded_by, ids,
    line::{Fault, Line},
    outcome::{Outcome, What},
    steady,
};
use crate::command::{
    drill::{
        private::{Home, Private, unreachable},
        provider::Provider,
        secrets::{Login, log_in},
    },
    ready::Http,
};

/// The library, for programs with threads.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";
/// Why the part is left out without it.
pub(super) const MISSING: &str =
    "clock jumps: libfaketime is not installed (Debian: apt-get install faketime)";
/// Seconds by which the clock is off, one after the other: each change is a jump.
const OFFSETS: [i64; 8] = [3_600, 0, -3_600, 0, 600, 0, -600, 0];
/// Files that are being taken in at one jump.
const AT_ONCE: u32 = 8;
/// Longest until they are all under way.
const BEGUN: Duration = Duration::from_secs(3);
/// Seconds by which a server may be off what it was set to.
const NEAR: f64 = 30.0;
/// Minutes after which a key ends and a task is due: within the hour of a jump.
const SOON: i64 = 30;
/// Minutes after which another task is due, which no jump reaches.
const LATE: i64 = 180;
/// Who logs in.
const PERSON: &str = "dana";

/// Where the library is.
pub(super) fn library() -> Option<PathBuf> {
    let folders = ["/usr/lib", "/usr/local/lib"].map(PathBuf::from);
    // Debian keeps libraries by the kind of machine.
    let of_machines = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|it| it.path());
    folders.into_iter().chain(of_machines).map(|it| it.join(LIBRARY)).find(|it| it.is_file())
}

pub(super) fn jumps(
    http: &Http,
    rounds: u32,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let Some(library) = library() else {
        outcome.left_out.push(MISSING.to_owned());
        return Ok(());
    };
    let upstream = Provider::start()?;
    let line = Line::to(upstream.address)?;
    let settings = format!(
        "{}[auth]\nmode = \"required\"\n[answer]\ningest_threads = {AT_ONCE}\nsentence_vectors = false\n",
        embedded_by(&line)
    );
    let home = Home::make(&settings)?.with_clock(library)?;
    let root = home.root()?;
    let server = Private::start(&home, http, None)?.with_key(&root);
    if let Err(why) = can_jump(&home, &server) {
        outcome.left_out.push(format!("clock jumps: {why}"));
        return Ok(());
    }
    steady(&server)?;
    let promises = Promises::make(&server)?;
    promises.hold(&server, 0).map_err(unreachable)?;
    let (mut left, at_once) = (i64::from(rounds), AT_ONCE.min(rounds));
    for (turn, offset) in OFFSETS.iter().copied().cycle().enumerate().take(3 * rounds as usize + 2)
    {
        // It ends with the clock as it should be.
        if stop.load(Ordering::Relaxed) || (left <= 0 && turn.is_multiple_of(2)) {
            break;
        }
        left -= jump(&server, &line, &home, (turn, offset, at_once), outcome)?;
        outcome.note(What::ClockKept, promises.hold(&server, offset));
        if offset.abs() == 600 {
            outcome.note(What::ClockTold, told_of(&home, &server, &root));
        }
    }
    Ok(())
}

/// Whether the time of day of the server can be moved, and its steady time is left alone.
fn can_jump(home: &Home, server: &Private<'_>) -> Result<(), String> {
    let begun = Instant::now();
    let (_, up) = shown(server)?;
    home.set_clock(600).map_err(|error| error.to_string())?;
    let (off, later) = shown(server)?;
    home.set_clock(0).map_err(|error| error.to_string())?;
    if (off - 600.0).abs() > NEAR {
        return Err(format!(
            "set 600 s on, the server is {off:.0} s on: libfaketime does not reach it"
        ));
    }
    let passed = begun.elapsed().as_secs_f64();
    if (later - up - passed).abs() > NEAR {
        return Err("libfaketime moves steady time as well".to_owned());
    }
    Ok(())
}

/// Seconds by which the server's time of day is off that of this process, and for how many it is up.
fn shown(server: &Private<'_>) -> Result<(f64, f64), String> {
    let health = server.ask("", "GET", "/health", None)?;
    let says: Value = serde_json::from_slice(&health.body).unwrap_or_default();
    let time = says.get("timestamp").and_then(Value::as_str).unwrap_or_default();
    let time: Timestamp = time.parse().map_err(|_| format!("/health says no time: {says}"))?;
    let off = time.duration_since(SystemClock.now()).as_secs_f64();
    Ok((off, says.get("uptime_s").and_then(Value::as_f64).unwrap_or_default()))
}

/// Files are being taken in when the clock jumps; how many were, before and after. Each must end well, at its
/// first run, and be found once.
fn jump(
    server: &Private<'_>,
    line: &Line,
    home: &Home,
    (turn, offset, at_once): (usize, i64, u32),
    outcome: &mut Outcome,
) -> anyhow::Result<i64> {
    // The model answers late, so that the work is under way for seconds.
    line.make(Fault::Slow);
    let jobs = (0..at_once)
        .map(|number| {
            let mark = format!("jump{turn}x{number}");
            let text = format!("# {mark}\n\nThe mark of this report is {mark}.\n");
            Ok((server.taken(&format!("{mark}.md"), &text)?, mark))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let under_way = || -> anyhow::Result<Vec<String>> {
        let running = server.must("", "GET", "/v1/tasks?state=running&limit=100", None)?;
        let mut ids = ids(&running, &|_| true);
        ids.retain(|id| jobs.iter().any(|job| job.0 == *id));
        Ok(ids)
    };
    let end = Instant::now() + BEGUN;
    let mut before = under_way()?;
    while before.len() < jobs.len() && Instant::now() < end {
        std::thread::sleep(LOOK);
        before = under_way()?;
    }
    home.set_clock(offset)?;
    let (off, _) = shown(server).map_err(unreachable)?;
    let after = under_way()?;
    let during = server.finds_once(STEADY, RESUMED);
    line.make(Fault::None);
    let mut counted = 0;
    for (id, mark) in &jobs {
        let held = ended_once(server, id).and_then(|()| {
            if (off - offset as f64).abs() > NEAR {
                return Err(format!("the clock is {off:.0} s off"));
            }
            let (found, steady) =
                (server.finds_once(mark, RESUMED), server.finds_once(STEADY, RESUMED));
            if found && during && steady {
                return Ok(());
            }
            Err(format!("found once {found}, steady state during {during}, after {steady}"))
        });
        let held = held.map_err(|why| format!("the clock set {offset} s off: {mark}: {why}"));
        if before.contains(id) && after.contains(id) {
            counted += 1;
            outcome.note(What::ClockJumps, held);
        } else if let Err(why) = held {
            outcome.broken.push(why);
        }
    }
    Ok(counted)
}

/// Whether a task ends well, at its first run.
fn ended_once(server: &Private<'_>, id: &str) -> Result<(), String> {
    let end = Instant::now() + RESUMED;
    loop {
        let says = server.task(id).map_err(|why| format!("{why:#}"))?;
        let is = |name: &str, wanted: Value| says.get(name) == Some(&wanted);
        if says.get("ended_at").is_some_and(Value::is_string) || Instant::now() > end {
            let at_first = is("attempts", json!(0)) && is("crashes", json!(0));
            return if at_first && is("state", json!("done")) && is("failures", json!([])) {
                Ok(())
            } else {
                Err(format!("its task did not end at its first run: {says}"))
            };
        }
        std::thread::sleep(LOOK);
    }
}

/// What was promised by the clock as it was: until when keys and a login hold, when tasks are due.
struct Promises {
    standing: String,
    ending: String,
    revoked: String,
    login: Login,
    made: Instant,
    soon: String,
    late: String,
}

impl Promises {
    fn make(server: &Private<'_>) -> anyhow::Result<Self> {
        let at =
            |minutes: i64| (SystemClock.now() + SignedDuration::from_mins(minutes)).to_string();
        let key = |name: &str, until: Option<String>| -> anyhow::Result<(String, String)> {
            let wanted = json!({ "name": name, "expires_at": until });
            let made = server.must("", "POST", "/v1/keys", Some(&wanted))?;
            Ok((text(&made, "/key"), text(&made, "/about/id")))
        };
        let (revoked, id) = key("revoked", None)?;
        let gone =
            server.ask("", "DELETE", &format!("/v1/keys/{id}"), None).map_err(unreachable)?;
        if gone.status >= 300 {
            return Err(unreachable(format!("a key is not revoked: {}", gone.text())));
        }
        let word = format!("pass-{}", assay_core::DocumentId::new());
        server.must("", "POST", "/v1/users", Some(&json!({ "name": PERSON })))?;
        let path = format!("/v1/users/{PERSON}/password");
        server.must("", "PUT", &path, Some(&json!({ "password": word })))?;
        let tenant = json!({ "name": PERSON, "owner": PERSON });
        server.must("", "POST", "/v1/tenants", Some(&tenant))?;
        let order = |minutes: i64| -> anyhow::Result<String> {
            let wanted = json!({ "kind": "tidy", "run_at": at(minutes) });
            Ok(text(&server.must("", "POST", "/v1/tasks", Some(&wanted))?, "/id"))
        };
        Ok(Self {
            standing: key("standing", None)?.0,
            ending: key("ending", Some(at(SOON)))?.0,
            revoked,
            login: log_in(server, PERSON, &word)?,
            made: Instant::now(),
            soon: order(SOON)?,
            late: order(LATE)?,
        })
    }

    /// Whether the promises are kept while the clock is off.
    fn hold(&self, server: &Private<'_>, offset: i64) -> Result<(), String> {
        let mut wrong = Vec::new();
        let mut must = |what: &str, is: u16, holds: bool| {
            if (is == 200) != holds {
                wrong.push(format!("{what} answers {is}"));
            }
        };
        let shows = |key: &str| server.ask(key, "GET", "/v1/me", None).map_or(0, |it| it.status);
        let passed = offset as f64 + self.made.elapsed().as_secs_f64();
        must("a key without an end", shows(&self.standing), true);
        must("a revoked key", shows(&self.revoked), false);
        must("a key that ends", shows(&self.ending), passed < (SOON * 60) as f64);
        // Too near to its end nothing can be said.
        if (passed - self.login.expires_in).abs() > NEAR {
            let me = self.login.ask(server, "GET", "/v1/me", None).map_or(0, |it| it.status);
            must("a login", me, passed < self.login.expires_in);
        }
        let state = |id: &str| server.task(id).map(|it| text(&it, "/state")).unwrap_or_default();
        if offset > SOON * 60 {
            let end = Instant::now() + RESUMED;
            while state(&self.soon) != "done" && Instant::now() < end {
                std::thread::sleep(LOOK);
            }
            let was = ended_once(server, &self.soon);
            wrong.extend(was.err().map(|why| format!("a task that is due: {why}")));
        }
        if state(&self.late) != "delayed" {
            wrong.push(format!("a task that is not due is {}", state(&self.late)));
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!("the clock set {offset} s off: {}", wrong.join("; ")))
    }
}

/// Whether readiness, asked beside a right clock, says that this one is off, and passes nothing for it.
fn told_of(home: &Home, server: &Private<'_>, root: &str) -> Result<(), String> {
    let data = home.path("checker");
    let profiles = data.join("ready/profiles");
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(&profiles)?;
        fs::write(profiles.join("clock.toml"), "about = \"alive\"\nchecks = [\"HLT-07\"]\n")
    };
    write().map_err(|error| error.to_string())?;
    let mut command = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
    command.args(["ready", "check", "--json", "--profile", "clock", "--url", &server.url]);
    command.arg("--data-dir").arg(data).env("ASSAY_API_KEY", root).stdin(Stdio::null());
    let made = command.output().map_err(|error| error.to_string())?;
    let run: Value = serde_json::from_slice(&made.stdout).unwrap_or_default();
    let problems = run.get("problems").map(Value::to_string).unwrap_or_default();
    if problems.contains("clocks") && !made.status.success() {
        return Ok(());
    }
    Err(format!("readiness beside a clock that is off ends with {}: {problems}", made.status))
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
