//! `assay rollout`: traffic from one deployment to another, and back.

mod asks;

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use asks::Asks;
use assay_core::SystemClock;
use assay_ready::{
    ReadyError,
    rollout::{
        Ask, Asking, Ended, Entry, Journal, Limits, Live, Order, Pair, Plan, Questions, State,
        Step, argo, carry_out,
    },
};
use serde_json::json;
use tokio::runtime::Handle;

use super::{
    Context, drill,
    ready::{Http, KEY, refused, variable},
};
use crate::{
    cli::{RolloutCommand, RolloutCompare, RolloutExport, RolloutPlace, RolloutQuestions},
    output::{json as print, line, note, part},
};

/// Between two looks of a comparison.
const EVERY: Duration = Duration::from_secs(1);
/// Traffic went back, or the canary is worse.
const BACK: u8 = 1;
/// Nothing was decided.
const UNDECIDED: u8 = 2;
/// A deployment does not answer.
const SILENT: u8 = 3;
/// It was ended by a person at the keyboard, and traffic is back.
const ABORTED: u8 = 130;

pub(crate) async fn run(context: Context, command: RolloutCommand) -> anyhow::Result<ExitCode> {
    let stop = Arc::new(AtomicBool::new(false));
    let on_signal = Arc::clone(&stop);
    let listening = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            note("going back: wait until the old deployment has all traffic again");
            on_signal.store(true, Ordering::Relaxed);
        }
    });
    let handle = Handle::current();
    let json = context.json;
    let done = tokio::task::spawn_blocking(move || does(&context, command, handle, &stop)).await?;
    listening.abort();
    done.or_else(|error| refused(error, json))
}

fn does(
    context: &Context,
    command: RolloutCommand,
    handle: Handle,
    stop: &AtomicBool,
) -> anyhow::Result<ExitCode> {
    let folder = |place: &RolloutPlace| {
        place.folder.clone().unwrap_or_else(|| context.config.data().join("rollout"))
    };
    match command {
        RolloutCommand::Plan { file } => {
            let plan = Plan::load(&file)?;
            asks(&plan, &handle)?;
            if context.json {
                print(&plan)?;
            } else {
                part(&plan.shown());
            }
            Ok(ExitCode::SUCCESS)
        }
        RolloutCommand::Run { file, place } => {
            let plan = Plan::load(&file)?;
            asks(&plan, &handle)?;
            note(plan.shown().trim_end());
            carry(context, &folder(&place), Some(&plan), None, handle, stop)
        }
        RolloutCommand::Resume(place) => carry(context, &folder(&place), None, None, handle, stop),
        RolloutCommand::Back(place) => {
            let folder = folder(&place);
            if Journal::is_carried_out(&folder) {
                return give(&folder, Order::Back);
            }
            carry(context, &folder, None, Some("a person said so"), handle, stop)
        }
        RolloutCommand::Pause(place) => order(&folder(&place), Order::Pause),
        RolloutCommand::Go(place) => order(&folder(&place), Order::Go),
        RolloutCommand::Status(place) => status(context, &folder(&place)),
        RolloutCommand::Compare(args) => compare(context, &args, handle, stop),
        RolloutCommand::Export(RolloutExport::Argo { file, name, namespace, image, replicas }) => {
            let names = argo::Names { name, namespace, image, replicas };
            let plan = Plan::load(&file)?;
            asks(&plan, &handle)?;
            let read = |of: &Questions| {
                std::fs::read_to_string(&of.file).map_err(|error| ReadyError::io(&of.file, error))
            };
            let questions = plan.questions.as_ref().map(read).transpose()?;
            part(&argo::resources(&plan, &names, questions.as_deref()));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Who asks the questions of a plan that has some. Those that are too few for any step to pass are refused
/// before traffic is moved.
fn asks(plan: &Plan, handle: &Handle) -> Result<Option<Asks>, ReadyError> {
    let Some(questions) = &plan.questions else { return Ok(None) };
    let asks = Asks::read(questions, handle)?;
    let enough = questions.suffice(asks.count() as u64);
    enough.map_err(|why| ReadyError::bad(questions.file.display().to_string(), why))?;
    Ok(Some(asks))
}

fn order(folder: &std::path::Path, order: Order) -> anyhow::Result<ExitCode> {
    if !Journal::is_carried_out(folder) {
        let problem = "no process carries a rollout out: `assay rollout resume`, or `back`";
        return Err(ReadyError::bad(folder.display().to_string(), problem).into());
    }
    give(folder, order)
}

fn give(folder: &std::path::Path, order: Order) -> anyhow::Result<ExitCode> {
    Journal::give(folder, order)?;
    line("ordered: the process that carries the rollout out does it");
    Ok(ExitCode::SUCCESS)
}

fn status(context: &Context, folder: &std::path::Path) -> anyhow::Result<ExitCode> {
    let plan = Journal::plan(folder)?;
    let last = Journal::last(folder)?.unwrap_or_else(|| Entry::new(0.0, State::Ready));
    let carried_out = Journal::is_carried_out(folder);
    if context.json {
        print(
            &json!({ "state": last.state, "percent": last.state.percent(&plan), "carried_out": carried_out }),
        )?;
    } else {
        line(&last.state.shown(&plan));
        if !last.says.is_empty() {
            line(&last.says);
        }
        if !carried_out && !last.state.is_over() {
            line("no process carries it out: `assay rollout resume`, or `assay rollout back`");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Begins a plan, or goes on with what is there; with `back` only back.
fn carry(
    context: &Context,
    folder: &std::path::Path,
    begin: Option<&Plan>,
    back: Option<&str>,
    handle: Handle,
    stop: &AtomicBool,
) -> anyhow::Result<ExitCode> {
    let (mut journal, plan, mut from) = Journal::open(folder, begin)?;
    if let Some(why) = back {
        let now = assay_core::Clock::now(&SystemClock).as_millisecond() as f64 / 1_000.0;
        let entry = Entry::new(now, State::Back { why: why.to_owned() });
        journal.note(&entry)?;
        from = Some(entry);
    }
    // What goes back compares nothing, and is to go back without the file too.
    let is_going_back = matches!(&from, Some(Entry { state: State::Back { .. }, .. }));
    let asks = if is_going_back { None } else { asks(&plan, &handle)? };
    let http = Http::new(handle)?;
    let json = context.json;
    let say = |text: &str| if json { note(text) } else { line(text) };
    let asking = Asking { transport: &http, key: variable(KEY), limits: plan.limits };
    let questions = asks.as_ref().map(|asks| asks as &dyn Ask);
    let mut world = Live::new(&plan, journal, asking, questions, &SystemClock, stop, &say);
    let ended = carry_out(&plan, &mut world, from)?;
    keep(context, &plan, &ended)?;
    if context.json {
        print(&ended)?;
    } else if let Some(seconds) = ended.rollback_seconds {
        line(&format!("only the old deployment serves again, {seconds:.1} s after the decision"));
    }
    Ok(ExitCode::from(match &ended.state {
        State::Done => 0,
        _ if stop.load(Ordering::Relaxed) => ABORTED,
        _ if back.is_some() => 0,
        _ => BACK,
    }))
}

/// Leaves how it ended where readiness looks for it.
fn keep(context: &Context, plan: &Plan, ended: &Ended) -> anyhow::Result<()> {
    let result = json!({
        "both_healthy": ended.both_healthy, "share_off_points": ended.share_off_points,
        "steps_held": { "count": ended.steps_held, "of": plan.step.len() },
        "hold_seconds_least": plan.step.iter().map(|step| step.hold_seconds).reduce(f64::min),
        "old_removed_early": ended.old_removed_early, "rollback_seconds": ended.rollback_seconds,
    });
    drill::keep(context, "release", &result)
}

fn compare(
    context: &Context,
    args: &RolloutCompare,
    handle: Handle,
    stop: &AtomicBool,
) -> anyhow::Result<ExitCode> {
    let http = Http::new(handle.clone())?;
    let questions = questions(&args.questions)?;
    let asks = questions.as_ref().map(|it| Asks::read(it, &handle)).transpose()?;
    let limits = Limits {
        extra_errors: args.extra_errors,
        slower: args.slower,
        dearer: args.dearer,
        alerts: args.alerts,
        chance: args.chance,
    };
    let pair = Pair {
        asking: Asking { transport: &http, key: variable(KEY), limits },
        stable: &args.stable,
        canary: &args.canary,
        step: Step { percent: 0, hold_seconds: args.hold, sample: args.sample, confirm: false },
        longest: args.longest,
        grace: args.grace,
        questions: questions.as_ref().zip(asks.as_ref().map(|asks| asks as &dyn Ask)),
    };
    let watched = pair.watch(EVERY, stop);
    if context.json {
        print(&watched)?;
    } else {
        for finding in &watched.findings {
            line(&format!("{:<12} {}", finding.verdict.as_str(), finding.says));
        }
    }
    Ok(ExitCode::from(match watched.verdict {
        assay_ready::Verdict::Pass => 0,
        assay_ready::Verdict::Fail => BACK,
        assay_ready::Verdict::Error => SILENT,
        _ => UNDECIDED,
    }))
}

/// The questions that the command line names.
fn questions(args: &RolloutQuestions) -> Result<Option<Questions>, ReadyError> {
    let Some(file) = args.questions.clone() else { return Ok(None) };
    let questions = Questions {
        file,
        collections: args.collection.clone(),
        sample: args.right,
        worse: args.worse,
        chance: args.answer_chance,
        seconds: args.answer_seconds,
    };
    let problems = questions.problems();
    if problems.is_empty() {
        return Ok(Some(questions));
    }
    Err(ReadyError::BadInput { what: "the questions".to_owned(), problems })
}
