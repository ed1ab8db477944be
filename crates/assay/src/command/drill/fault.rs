//! `assay drill fault`: what a deployment of this build survives. The drill starts a server of its own
//! on a folder of its own, so nothing that serves is touched; a steady state is looked at before, during
//! and after each fault.

mod dependencies;
mod line;
mod work;

use std::{
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use assay_ready::{Blast, drill::Plan};
use serde::Serialize;
use serde_json::json;

use super::{
    carry::{Found, Kept, carry},
    private::{Home, Private, unreachable},
};
use crate::{
    cli::DrillFault,
    command::{Context, ready::Http},
};

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
    const fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, of: self.of + other.of }
    }

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
    /// Starts at which what was ready answered, with all that it depends on.
    start_order: Held,
    /// Questions that were answered with a lane missing, and lanes that came back.
    lanes_degrade: Held,
    lanes_recover: Held,
    provider_recovers: Held,
    parked: Held,
    limit_held: Held,
    broken_files: Held,
    /// Seconds from the start after a kill until what was accepted was found, the longest.
    slowest: f64,
    /// What did not hold, a few.
    broken: Vec<String>,
    left_out: Vec<String>,
}

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
        ],
        blast: Blast::None,
        seconds: f64::from(rounds) * 16.0 + 240.0,
        restore: "the server and its folder are taken away, also when the drill is killed",
    };
    carry(context, args.own, plan, move |_, http, stop| carry_out(http, rounds, stop)).await
}

fn carry_out(http: &Http, rounds: u32, stop: &AtomicBool) -> anyhow::Result<Found> {
    let home = Home::make("")?;
    let mut outcome = Outcome::default();
    restarts(&home, http, rounds, "KILL", stop, &mut outcome)?;
    restarts(&home, http, rounds, "TERM", stop, &mut outcome)?;
    freezes(&home, http, rounds, stop, &mut outcome)?;
    if let Err(why) = fills(&home, http, rounds, stop, &mut outcome) {
        outcome.left_out.push(format!("a full disk: {why:#}"));
    }
    drop(home);
    dependencies::lanes(http, rounds, stop, &mut outcome)?;
    // Both wait for breakers most of the time.
    let mut other = Outcome::default();
    let (providers, work) = std::thread::scope(|scope| {
        let providers = scope.spawn(|| dependencies::providers(http, rounds, stop, &mut other));
        let work = work::work(http, rounds, stop, &mut outcome);
        (providers.join(), work)
    });
    work?;
    providers.map_err(|_| unreachable("the drill of providers broke"))??;
    outcome.provider_recovers = other.provider_recovers;
    outcome.broken.extend(other.broken);
    Ok(told(&outcome))
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
        outcome.start_order.note(server.is_whole());
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

fn told(outcome: &Outcome) -> Found {
    let mut result = json!({
        "tasks": {
            "resumed": outcome.resumed, "stopped_cleanly": outcome.stopped_cleanly,
            "parked": outcome.parked, "limit_held": outcome.limit_held,
        },
        "start_order": outcome.start_order, "lanes_degrade": outcome.lanes_degrade,
        "lanes_recover": outcome.lanes_recover, "provider_recovers": outcome.provider_recovers,
        "broken_files": outcome.broken_files,
        // Parse, embed, keep, retrieve, write: each made to fail.
        "stages_recovered": outcome.broken_files.and(outcome.parked).and(outcome.disk_full)
            .and(outcome.lanes_degrade),
        "kill_recovers": outcome.kill_recovers, "freeze_recovers": outcome.freeze_recovers,
        "slowest_seconds": outcome.slowest, "broken": outcome.broken, "left_out": outcome.left_out,
    });
    if outcome.disk_full.of > 0
        && let Some(fields) = result.as_object_mut()
    {
        fields.insert("disk_full".to_owned(), json!(outcome.disk_full));
    }
    let shown = |held: Held| format!("{} of {}", held.count, held.of);
    let mut lines = vec![
        format!(
            "SIGKILL: accepted work found once {}, steady state {}, slowest {:.1} s",
            shown(outcome.resumed),
            shown(outcome.kill_recovers),
            outcome.slowest
        ),
        format!("SIGTERM: ended by itself, work found once {}", shown(outcome.stopped_cleanly)),
        format!("SIGSTOP and SIGCONT: answered {}", shown(outcome.freeze_recovers)),
        format!("full disk: refused as such, searches go on {}", shown(outcome.disk_full)),
        format!("starts: what is ready answers {}", shown(outcome.start_order)),
        format!(
            "lines to models dead, cut, slow, silent: answered with what is missing {}, back again {}",
            shown(outcome.lanes_degrade),
            shown(outcome.lanes_recover)
        ),
        format!(
            "providers: fallback, left alone, asked again {}",
            shown(outcome.provider_recovers)
        ),
        format!(
            "work that fails: tried again, done when healed, else parked {}; not more at once than may {}; broken \
             files refused by name {}",
            shown(outcome.parked),
            shown(outcome.limit_held),
            shown(outcome.broken_files)
        ),
    ];
    let further = outcome.left_out.iter().chain(outcome.broken.iter().take(10));
    lines.extend(further.map(|text| format!("  {text}")));
    // The server of the drill has the usual settings, so the result is of no configuration.
    let kept = vec![Kept { name: "fault", result, of_settings: false }];
    Found { kept, lines, holds: outcome.broken.is_empty() }
}
