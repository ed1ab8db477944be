//! What the drills on servers of their own share: the plan comes first and may be refused, Ctrl-C ends
//! them, and what came of them is kept where checks look for it.

use std::{
    path::Path,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use assay_core::{Clock as _, SystemClock};
use assay_ready::{
    Blast,
    drill::{self, Plan},
    fingerprint,
};
use serde_json::{Map, Value};

use crate::{
    cli::{DrillAllow, DrillOwn},
    command::{
        Context,
        ready::{Http, refused, settings},
    },
    output::{json as print, line, note},
};

/// Something did not hold.
const BROKEN: u8 = 1;
/// The drill would do more than was allowed.
const REFUSED: u8 = 5;
/// It was ended, and everything was put back.
const ABORTED: u8 = 130;

/// What a drill found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What is kept.
    pub(super) kept: Vec<Kept>,
    /// What a person is told.
    pub(super) lines: Vec<String>,
    /// Whether everything held.
    pub(super) holds: bool,
}

/// A result.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) name: &'static str,
    pub(super) result: Value,
    /// Whether it holds for these settings alone, and not for whatever this build is told to do.
    pub(super) of_settings: bool,
}

/// Whether a plan may be carried out; tells why not.
pub(super) fn is_allowed(plan: &Plan, allow: DrillAllow) -> bool {
    let most = match allow {
        DrillAllow::None => Blast::None,
        DrillAllow::Low => Blast::Low,
        DrillAllow::High => Blast::High,
    };
    if plan.blast > most {
        let wanted = format!("{:?}", plan.blast).to_lowercase();
        note(&format!("error: this does more than is allowed: --allow {wanted}, or ask for less"));
    }
    plan.blast <= most
}

/// The code of a plan that is not allowed.
pub(super) fn not_allowed() -> ExitCode {
    ExitCode::from(REFUSED)
}

/// Shows the plan, does the work where waiting blocks nobody, and keeps what came of it.
pub(super) async fn carry(
    context: Context,
    args: DrillOwn,
    plan: Plan,
    work: impl FnOnce(&Context, &Http, &AtomicBool) -> anyhow::Result<Found> + Send + 'static,
) -> anyhow::Result<ExitCode> {
    note(plan.shown("a server of its own").trim_end());
    if args.plan {
        return Ok(ExitCode::SUCCESS);
    }
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
    let done = tokio::task::spawn_blocking(move || {
        let found = work(&context, &Http::new(handle)?, &stop)?;
        if stop.load(Ordering::Relaxed) {
            note("ended early: the result is not kept");
            return Ok(ExitCode::from(ABORTED));
        }
        tell(&context, &args, &found)
    })
    .await?;
    listening.abort();
    done.or_else(|error| refused(error, json))
}

fn tell(context: &Context, args: &DrillOwn, found: &Found) -> anyhow::Result<ExitCode> {
    let folder = args.folder.clone().unwrap_or_else(|| context.config.data().join("ready"));
    for kept in &found.kept {
        let path = keep(context, &folder, kept)?;
        note(&format!("kept as {}", path.display()));
    }
    match (context.json, found.kept.as_slice()) {
        (true, [one]) => print(&one.result)?,
        (true, all) => {
            let all = all.iter().map(|it| (it.name.to_owned(), it.result.clone()));
            print(&Value::Object(all.collect::<Map<_, _>>()))?;
        }
        (false, _) => found.lines.iter().for_each(|text| line(text)),
    }
    Ok(ExitCode::from(if found.holds { 0 } else { BROKEN }))
}

fn keep(context: &Context, folder: &Path, kept: &Kept) -> anyhow::Result<std::path::PathBuf> {
    let config = if kept.of_settings { fingerprint(&settings(context)) } else { String::new() };
    let version = env!("CARGO_PKG_VERSION");
    Ok(drill::keep(folder, kept.name, &kept.result, SystemClock.now(), version, &config)?)
}
