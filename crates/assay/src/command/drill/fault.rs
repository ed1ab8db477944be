//! `assay drill fault`: what a deployment of this build survives. The drill starts servers of its own
//! on folders of its own, so nothing that serves is touched; a steady state is looked at before, during
//! and after each fault.
//!
//! What needs the processor goes first: starts, and searches that are stopped. What mostly waits, for models,
//! breakers and clocks, goes side by side after that.

mod clock;
mod dependencies;
mod line;
mod outcome;
mod work;

use std::{
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use assay_ready::{Blast, drill::Plan};
use serde_json::Value;

use self::{
    line::Line,
    outcome::{Outcome, What},
};
use super::{
    carry::{Found, carry},
    private::{Home, Private, unreachable},
};
use crate::{
    cli::DrillFault,
    command::{Context, ready::Http},
    output::note,
};

/// Longest until what was accepted can be found after a fault, as the checklists have it.
const RESUMED: Duration = Duration::from_secs(30);
/// Size of the disk that is filled.
const DISK_MB: u64 = 96;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(10);
/// A document that is there from the beginning: that it is found is the steady state.
const STEADY: &str = "steadystate";
/// What all servers with models have in common.
const COMMON: &str = "[server.rates]\nclient_per_minute = 0\ntenant_per_minute = 0\n";

/// A part of the drill: what it is called, and how it is done.
type Part<'a> = (&'static str, &'a (dyn Fn(&mut Outcome) -> anyhow::Result<()> + Sync));

pub(super) async fn run(context: Context, args: DrillFault) -> anyhow::Result<ExitCode> {
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
            format!(
                "{rounds} questions while the line to a model is dead, cut, slow or silent: answered in \
                 time, with what is missing"
            ),
            format!(
                "{rounds} providers the same: a fallback answers, they are left alone, and asked again"
            ),
            format!(
                "{rounds} tasks that fail while a model is gone: tried again, done when it is back; {rounds} broken \
                 files: parked, with their reason"
            ),
            if clock::library().is_some() {
                format!(
                    "{rounds} files that are being taken in while the clock jumps by an hour and by ten minutes, \
                     on and back: done once; keys, logins and what is due keep to their time"
                )
            } else {
                format!("left out: {}", clock::MISSING)
            },
        ],
        blast: Blast::None,
        seconds: f64::from(rounds) * 8.0 + 360.0,
        restore: "the servers and their folders are taken away, also when the drill is killed",
    };
    carry(context, args.own, plan, move |_, http, stop| carry_out(http, rounds, stop)).await
}

fn carry_out(http: &Http, rounds: u32, stop: &AtomicBool) -> anyhow::Result<Found> {
    let busy: [Part<'_>; 2] = [
        ("kills", &|outcome| restarts(http, rounds, "KILL", stop, outcome)),
        ("stops, freezes, a full disk", &|outcome| {
            restarts(http, rounds, "TERM", stop, outcome)?;
            freezes(http, rounds, stop, outcome)?;
            if let Err(why) = fills(http, rounds, stop, outcome) {
                outcome.left_out.push(format!("a full disk: {why:#}"));
            }
            Ok(())
        }),
    ];
    let waiting: [Part<'_>; 4] = [
        ("lanes", &|outcome| dependencies::lanes(http, rounds, stop, outcome)),
        ("providers", &|outcome| dependencies::providers(http, rounds, stop, outcome)),
        ("work that fails", &|outcome| work::work(http, rounds, stop, outcome)),
        ("clock jumps", &|outcome| clock::jumps(http, rounds, stop, outcome)),
    ];
    Ok(side_by_side(&busy)?.and(side_by_side(&waiting)?).told())
}

/// Carries parts out at the same time; what they found together.
fn side_by_side(parts: &[Part<'_>]) -> anyhow::Result<Outcome> {
    std::thread::scope(|scope| {
        let under_way: Vec<_> = parts
            .iter()
            .map(|(name, part)| {
                scope.spawn(move || {
                    let (mut outcome, begun) = (Outcome::default(), Instant::now());
                    part(&mut outcome)?;
                    note(&format!("{name}: {:.0} s", begun.elapsed().as_secs_f64()));
                    anyhow::Ok(outcome)
                })
            })
            .collect();
        under_way.into_iter().try_fold(Outcome::default(), |all, part| {
            let found = part.join().map_err(|_| unreachable("a part of the drill broke"))??;
            Ok(all.and(found))
        })
    })
}

/// Settings of a server whose vectors come over a line.
fn embedded_by(line: &Line) -> String {
    format!(
        "{COMMON}[embedding.endpoint]\nbase_url = \"http://{}/v1\"\nmodel = \"drill\"\n",
        line.address
    )
}

/// Gives a server its first document: that it is found is the steady state.
fn steady(server: &Private<'_>) -> anyhow::Result<()> {
    server.upload(STEADY)?;
    if server.finds_once(STEADY, RESUMED) {
        return Ok(());
    }
    Err(unreachable("the server does not find its first document"))
}

/// The tasks of a list of which something holds.
fn ids(tasks: &Value, holds: &dyn Fn(&Value) -> bool) -> Vec<String> {
    let all = tasks.get("tasks").and_then(Value::as_array).into_iter().flatten();
    let ids = all.filter(|task| holds(task)).filter_map(|task| task.get("id")?.as_str());
    ids.map(str::to_owned).collect()
}

/// Accepts a document, ends the server by a signal, and looks for the document after the next start.
fn restarts(
    http: &Http,
    rounds: u32,
    signal: &str,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let home = Home::make("")?;
    let mut server = Private::start(&home, http, None)?;
    steady(&server)?;
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
        server = Private::start(&home, http, None)?;
        let whole = server.is_whole();
        let steady = server.finds_once(STEADY, RESUMED);
        let found = server.finds_once(&mark, RESUMED.saturating_sub(began.elapsed()));
        let says = || {
            Err(format!(
                "SIG{signal} {round}: ended {ended}, whole once ready {whole}, steady state {steady}, document \
                 found once {found}"
            ))
        };
        let held = |holds: bool| if holds { Ok(()) } else { says() };
        outcome.note(What::StartOrder, held(whole));
        if signal == "KILL" {
            outcome.slowest = outcome.slowest.max(began.elapsed().as_secs_f64());
            outcome.note(What::Resumed, held(found));
            outcome.note(What::KillRecovers, held(steady && ended));
        } else {
            outcome.note(What::StoppedCleanly, held(ended && found && steady));
        }
    }
    Ok(())
}

/// Stops the process while it is asked, and lets it go on.
fn freezes(
    http: &Http,
    rounds: u32,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let home = Home::make("")?;
    let server = Private::start(&home, http, None)?;
    steady(&server)?;
    for round in 0..rounds.saturating_mul(3) {
        if stop.load(Ordering::Relaxed)
            || outcome.held(What::FreezeRecovers).of == u64::from(rounds)
        {
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
        let held = if answered {
            Ok(())
        } else {
            Err(format!("SIGSTOP {round}: the search under way was not answered"))
        };
        outcome.note(What::FreezeRecovers, held);
    }
    Ok(())
}

/// Fills the disk of a server whose data lies in memory, and gives it room again.
fn fills(http: &Http, rounds: u32, stop: &AtomicBool, outcome: &mut Outcome) -> anyhow::Result<()> {
    let home = Home::make("")?;
    let server = Private::start(&home, http, Some(DISK_MB))?;
    steady(&server)?;
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
        let held = if is_typed && steady && goes_on.is_ok() {
            Ok(())
        } else {
            Err(format!(
                "full disk {round}: refused as such {is_typed} ({refused:?}), searches go on {steady}, with room \
                 again {goes_on:?}"
            ))
        };
        outcome.note(What::DiskFull, held);
        if goes_on.is_ok() {
            accepted.push(mark);
        }
    }
    for mark in accepted {
        if !server.finds_once(&mark, RESUMED) {
            let why = format!("full disk: `{mark}` was accepted and is not found once");
            outcome.unnote(What::DiskFull, why);
        }
    }
    Ok(())
}
