//! `assay drill fault`: what a deployment of this build survives. The drill starts a server of its own
//! on a folder of its own, so nothing that serves is touched; a steady state is looked at before, during
//! and after each fault.

mod private;

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use assay_core::{Clock as _, SystemClock};
use assay_ready::{
    Blast, ReadyError,
    drill::{self, Plan},
};
use serde::Serialize;
use serde_json::json;

use crate::{
    cli::DrillFault,
    command::{
        Context,
        ready::{Http, refused},
    },
    output::{json as print, line, note},
};
use private::{Home, Private};

/// A steady state was not held, or something was lost.
const BROKEN: u8 = 1;
/// It was ended, and everything was put back.
const ABORTED: u8 = 130;
/// Longest until what was accepted can be found after a fault, as the checklists have it.
const RESUMED: Duration = Duration::from_secs(30);
/// Size of the disk that is filled.
const DISK_MB: u64 = 96;
/// A document that is there from the beginning: that it is found is the steady state.
const STEADY: &str = "steadystate";

/// How often something held, of how many tries.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Held {
    count: u64,
    of: u64,
}

impl Held {
    fn note(&mut self, holds: bool) {
        self.of += 1;
        self.count += u64::from(holds);
    }
}

/// What came of it.
#[derive(Debug, Default)]
struct Outcome {
    resumed: Held,
    kill_recovers: Held,
    stopped_cleanly: Held,
    freeze_recovers: Held,
    disk_full: Held,
    /// Seconds from the start after a kill until what was accepted was found, the longest.
    slowest: f64,
    /// What did not hold, a few.
    broken: Vec<String>,
    left_out: Vec<String>,
}

pub(super) async fn run(context: Context, args: DrillFault) -> anyhow::Result<ExitCode> {
    let stop = Arc::new(AtomicBool::new(false));
    let on_signal = Arc::clone(&stop);
    let listening = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            note("ending: the server of the drill is taken away");
            on_signal.store(true, Ordering::Relaxed);
        }
    });
    let handle = tokio::runtime::Handle::current();
    let json = context.json;
    let done =
        tokio::task::spawn_blocking(move || carry_out(&context, &args, handle, &stop)).await?;
    listening.abort();
    done.or_else(|error| refused(error, json))
}

fn carry_out(
    context: &Context,
    args: &DrillFault,
    handle: tokio::runtime::Handle,
    stop: &AtomicBool,
) -> anyhow::Result<ExitCode> {
    let rounds = args.rounds;
    let plan = Plan {
        name: "fault",
        steps: vec![
            format!(
                "{rounds} times: a document is accepted, SIGKILL, start: it must be found once"
            ),
            format!("{rounds} times: the same with SIGTERM, which must end the process by itself"),
            format!(
                "{rounds} times: SIGSTOP during a search, SIGCONT: the search must be answered"
            ),
            format!(
                "{rounds} times: a full disk ({DISK_MB} MB of memory): uploads are refused as such"
            ),
        ],
        blast: Blast::None,
        seconds: f64::from(rounds) * 12.0 + 60.0,
        restore: "the server and its folder are taken away, also when the drill is killed",
    };
    note(plan.shown("a server of its own").trim_end());
    if args.plan {
        return Ok(ExitCode::SUCCESS);
    }
    let http = Http::new(handle)?;
    let home = Home::make()?;
    let mut outcome = Outcome::default();
    restarts(&home, &http, rounds, "KILL", stop, &mut outcome)?;
    restarts(&home, &http, rounds, "TERM", stop, &mut outcome)?;
    freezes(&home, &http, rounds, stop, &mut outcome)?;
    if let Err(why) = fills(&home, &http, rounds, stop, &mut outcome) {
        outcome.left_out.push(format!("a full disk: {why:#}"));
    }
    if stop.load(Ordering::Relaxed) {
        note("ended early: the result is not kept");
        return Ok(ExitCode::from(ABORTED));
    }
    tell(context, &outcome)
}

/// Accepts a document, ends the server by a signal, and looks for the document after the next start.
fn restarts(
    home: &Home,
    http: &Http,
    rounds: u32,
    signal: &str,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let mut server = Private::start(home, http, None)?;
    server.upload(STEADY)?;
    if !server.finds_once(STEADY, RESUMED) {
        return Err(anyhow::anyhow!("the server of the drill does not find its first document"));
    }
    for round in 0..rounds {
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mark = format!("mark{}{round}", signal.to_lowercase());
        server.upload(&mark)?;
        // From at once to well into the work on it.
        std::thread::sleep(Duration::from_millis(u64::from(round * 37 % 200)));
        server.signal(signal);
        let ended = server.is_gone_within(RESUMED);
        drop(server);
        let began = Instant::now();
        server = Private::start(home, http, None)?;
        let steady = server.finds_once(STEADY, RESUMED);
        let found = server.finds_once(&mark, RESUMED.saturating_sub(began.elapsed()));
        if signal == "KILL" {
            outcome.slowest = outcome.slowest.max(began.elapsed().as_secs_f64());
            outcome.resumed.note(found);
            outcome.kill_recovers.note(steady);
        } else {
            outcome.stopped_cleanly.note(ended && found);
        }
        if !(steady && found && ended) {
            outcome.broken.push(format!(
                "SIG{signal} {round}: ended {ended}, steady state {steady}, document found once {found}"
            ));
        }
    }
    Ok(())
}

/// Stops the process while it is asked, and lets it go on.
fn freezes(
    home: &Home,
    http: &Http,
    rounds: u32,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let server = Private::start(home, http, None)?;
    for round in 0..rounds.saturating_mul(3) {
        if stop.load(Ordering::Relaxed) || outcome.freeze_recovers.of == u64::from(rounds) {
            return Ok(());
        }
        server.signal("STOP");
        let (answered, waited) = std::thread::scope(|scope| {
            let asked = scope.spawn(|| server.finds_once(STEADY, RESUMED));
            std::thread::sleep(Duration::from_millis(50));
            let waited = !asked.is_finished();
            server.signal("CONT");
            (asked.join().unwrap_or(false), waited)
        });
        // An answer from before the stop took hold shows nothing.
        if answered && !waited {
            continue;
        }
        outcome.freeze_recovers.note(answered);
        if !answered {
            outcome.broken.push(format!("SIGSTOP {round}: the search under way was not answered"));
        }
    }
    Ok(())
}

/// Fills the disk of a server whose data lies in memory, and gives it room again.
fn fills(
    home: &Home,
    http: &Http,
    rounds: u32,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let server = Private::start(home, http, Some(DISK_MB))?;
    server.upload(STEADY)?;
    if !server.finds_once(STEADY, RESUMED) {
        return Err(anyhow::anyhow!("the server does not find its first document there"));
    }
    let mut accepted = Vec::new();
    for round in 0..rounds {
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        server.fill()?;
        let refused = server.upload(&format!("full{round}"));
        let is_typed = refused.as_ref().is_err_and(|why| why.to_string().contains("storage_full"));
        let steady = server.finds_once(STEADY, RESUMED);
        server.free()?;
        let mark = format!("room{round}");
        let goes_on = server.upload(&mark);
        let held = is_typed && steady && goes_on.is_ok();
        outcome.disk_full.note(held);
        if goes_on.is_ok() {
            accepted.push(mark);
        }
        if !held {
            outcome.broken.push(format!(
                "full disk {round}: refused as such {is_typed} ({refused:?}), searches go on {steady}, with room \
                 again {goes_on:?}"
            ));
        }
    }
    for mark in accepted {
        if !server.finds_once(&mark, RESUMED) {
            outcome.disk_full.count = outcome.disk_full.count.saturating_sub(1);
            outcome.broken.push(format!("full disk: `{mark}` was accepted and is not found once"));
        }
    }
    Ok(())
}

fn tell(context: &Context, outcome: &Outcome) -> anyhow::Result<ExitCode> {
    let mut result = json!({
        "tasks": { "resumed": outcome.resumed, "stopped_cleanly": outcome.stopped_cleanly },
        "kill_recovers": outcome.kill_recovers, "freeze_recovers": outcome.freeze_recovers,
        "slowest_seconds": outcome.slowest, "broken": outcome.broken, "left_out": outcome.left_out,
    });
    if outcome.disk_full.of > 0
        && let Some(fields) = result.as_object_mut()
    {
        fields.insert("disk_full".to_owned(), json!(outcome.disk_full));
    }
    let folder = context.config.data().join("ready");
    // The server of the drill has the usual settings, so the result is of no configuration.
    let version = env!("CARGO_PKG_VERSION");
    let path = drill::keep(&folder, "fault", &result, SystemClock.now(), version, "")?;
    if context.json {
        print(&result)?;
    } else {
        let shown = |held: Held| format!("{} of {}", held.count, held.of);
        line(&format!(
            "SIGKILL: accepted work found once {}, steady state {}, slowest {:.1} s",
            shown(outcome.resumed),
            shown(outcome.kill_recovers),
            outcome.slowest
        ));
        line(&format!(
            "SIGTERM: ended by itself, work found once {}",
            shown(outcome.stopped_cleanly)
        ));
        line(&format!("SIGSTOP and SIGCONT: answered {}", shown(outcome.freeze_recovers)));
        line(&format!("full disk: refused as such, searches go on {}", shown(outcome.disk_full)));
        for text in outcome.left_out.iter().chain(outcome.broken.iter().take(10)) {
            line(&format!("  {text}"));
        }
    }
    note(&format!("kept as {}", path.display()));
    Ok(ExitCode::from(if outcome.broken.is_empty() { 0 } else { BROKEN }))
}

/// An error of the server of a drill.
fn unreachable(why: impl Into<String>) -> anyhow::Error {
    ReadyError::Unreachable { url: "the server of the drill".to_owned(), why: why.into() }.into()
}
