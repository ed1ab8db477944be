//! `assay ready`.

mod evidence;
mod own;
mod people;
mod target;
mod tell;
mod transport;

use std::process::ExitCode;

use assay_core::{Clock as _, SystemClock};
use assay_ready::{
    Catalogue, Folder, ReadyError, Run, people::Said, report, run::FailOn, selftest,
};

use super::Context;
use crate::{
    cli::{DrillAll, DrillAllow, ReadyAllow, ReadyCheck, ReadyCommand, ReadyFailOn, ReadyForm},
    output::{json as print, line, note, report as fault, told},
};
pub(super) use target::{KEY, address, settings, variable};
pub(super) use transport::Http;

/// Bad input, told before anything ran.
const BAD_INPUT: u8 = 4;
/// The deployment does not answer.
const UNREACHABLE: u8 = 3;
/// A kept run is not what was written.
const CHANGED: u8 = 1;

pub(crate) async fn run(context: Context, args: ReadyCommand) -> anyhow::Result<ExitCode> {
    let json = context.json;
    let handle = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || carry_out(&context, args, &handle)).await?;
    done.or_else(|error| refused(error, json))
}

/// Ends with the code that bad input or silence has.
pub(super) fn refused(error: anyhow::Error, json: bool) -> anyhow::Result<ExitCode> {
    match error.downcast::<ReadyError>() {
        Ok(error) => {
            let code = match error {
                ReadyError::BadInput { .. } => BAD_INPUT,
                ReadyError::Unreachable { .. } => UNREACHABLE,
                ReadyError::Io { .. } => return Err(told(error)),
            };
            fault(&told(error), json);
            Ok(ExitCode::from(code))
        }
        Err(error) => Err(error),
    }
}

/// The folder of readiness and what is in it.
struct Room {
    folder: Folder,
    catalogue: Catalogue,
}

impl Room {
    fn open(context: &Context, form: &ReadyForm) -> anyhow::Result<Self> {
        let folder = folder(context, form);
        let catalogue = Catalogue::load(Some(folder.path()))?;
        Ok(Self { folder, catalogue })
    }

    fn said(&self) -> anyhow::Result<Said> {
        Ok(Said::load(self.folder.path(), &self.catalogue)?)
    }
}

/// The folder of readiness, whatever is in it.
fn folder(context: &Context, form: &ReadyForm) -> Folder {
    Folder::new(form.folder.clone().unwrap_or_else(|| context.config.data().join("ready")))
}

fn carry_out(
    context: &Context,
    args: ReadyCommand,
    handle: &tokio::runtime::Handle,
) -> anyhow::Result<ExitCode> {
    match args {
        ReadyCommand::Check(args) => check(context, &args, handle),
        ReadyCommand::Watch { check, every, runs } => watch(context, &check, every, runs, handle),
        ReadyCommand::WhyNot { run, form } => {
            let run = Room::open(context, &form)?.folder.load(&run)?;
            line(report::why_not(&run).trim_end());
            Ok(ExitCode::from(run.exit_code(FailOn::Blocker)))
        }
        ReadyCommand::Explain { id, run, form } => explain(context, &id, &run, &form),
        ReadyCommand::Report { run, form } => {
            let room = Room::open(context, &form)?;
            let run = room.folder.load(&run)?;
            tell::tell(context, &room, &run, true, &form)?;
            Ok(ExitCode::SUCCESS)
        }
        ReadyCommand::Judge { run, profile, form } => {
            let room = Room::open(context, &form)?;
            let profile = room.catalogue.profile(&profile)?;
            let kept = room.folder.load(&run)?;
            let said = room.said()?;
            let run = assay_ready::run::rejudge(&kept, &room.catalogue, profile, &said);
            tell::tell(context, &room, &run, false, &form)?;
            Ok(ExitCode::from(run.exit_code(FailOn::Blocker)))
        }
        ReadyCommand::Verify { run, form } => verify(context, &run, &form),
        ReadyCommand::Diff { first, second, form } => {
            let room = Room::open(context, &form)?;
            let (first, second) = (room.folder.load(&first)?, room.folder.load(&second)?);
            if context.json {
                print(&report::changes(&first, &second))?;
            } else {
                line(report::diff(&first, &second).trim_end());
            }
            Ok(ExitCode::SUCCESS)
        }
        ReadyCommand::Import { file, form } => import(context, &file, &form),
        ReadyCommand::Evidence(args) => evidence::run(context, args, handle),
        ReadyCommand::Selftest { form } => {
            let outcome = selftest::selftest(&Room::open(context, &form)?.catalogue);
            if context.json {
                print(&outcome)?;
            } else {
                line(outcome.shown().trim_end());
            }
            Ok(ExitCode::from(u8::from(!outcome.holds())))
        }
        ReadyCommand::Ask { role, form } => people::ask(context, role.as_deref(), &form),
        ReadyCommand::Attest(args) => people::attest(context, args),
        ReadyCommand::Waive(args) => people::waive(context, args),
        ReadyCommand::Sign(args) => people::sign(context, &args),
    }
}

fn check(
    context: &Context,
    args: &ReadyCheck,
    handle: &tokio::runtime::Handle,
) -> anyhow::Result<ExitCode> {
    let room = Room::open(context, &args.form)?;
    // What is wrong with the input is told before anything runs.
    room.catalogue.profile(&args.profile)?;
    room.said()?;
    target::address(context, args.target.url.as_deref(), handle)?;
    if args.with_drills {
        drills(context, args)?;
    }
    let run = target::examine(context, &room, args, handle)?;
    tell::tell(context, &room, &run, args.all, &args.form)?;
    Ok(ExitCode::from(run.exit_code(fail_on(args.fail_on))))
}

/// Runs all drills; what did not hold is in their results, which the checks read.
fn drills(context: &Context, args: &ReadyCheck) -> anyhow::Result<()> {
    let allow = match args.target.allow {
        ReadyAllow::None => DrillAllow::None,
        ReadyAllow::Low => DrillAllow::Low,
        ReadyAllow::High => DrillAllow::High,
    };
    let all = DrillAll { url: args.target.url.clone(), only: Vec::new(), allow, plan: false };
    for ran in super::drill::every(context, &all)? {
        note(&ran.shown());
    }
    Ok(())
}

const fn fail_on(given: ReadyFailOn) -> FailOn {
    match given {
        ReadyFailOn::Blocker => FailOn::Blocker,
        ReadyFailOn::Major => FailOn::Major,
        ReadyFailOn::Minor => FailOn::Minor,
        ReadyFailOn::Inconclusive => FailOn::Inconclusive,
    }
}

/// Checks again and again. A run that is as the one before says so in a line.
fn watch(
    context: &Context,
    args: &ReadyCheck,
    every: u64,
    runs: u64,
    handle: &tokio::runtime::Handle,
) -> anyhow::Result<ExitCode> {
    let room = Room::open(context, &args.form)?;
    let mut before: Option<Run> = None;
    for at in 1.. {
        let run = target::examine(context, &room, args, handle)?;
        match &before {
            None => tell::tell(context, &room, &run, args.all, &args.form)?,
            Some(before) => line(report::diff(before, &run).trim_end()),
        }
        if at == runs {
            return Ok(ExitCode::from(run.exit_code(fail_on(args.fail_on))));
        }
        before = Some(run);
        std::thread::sleep(std::time::Duration::from_secs(every.max(1)));
    }
    Ok(ExitCode::SUCCESS)
}

fn explain(context: &Context, id: &str, run: &str, form: &ReadyForm) -> anyhow::Result<ExitCode> {
    let room = Room::open(context, form)?;
    let check = room
        .catalogue
        .check(id)
        .ok_or_else(|| ReadyError::bad("the question", format!("there is no check `{id}`")))?;
    // Without a run the check itself is explained.
    let run = room.folder.load(run).ok();
    let outcome = run.as_ref().and_then(|run| run.outcomes.iter().find(|it| it.id == id));
    if context.json {
        print(&serde_json::json!({ "check": check, "outcome": outcome }))?;
    } else {
        line(report::explain(check, outcome).trim_end());
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(context: &Context, run: &str, form: &ReadyForm) -> anyhow::Result<ExitCode> {
    let verified = folder(context, form).verify(run)?;
    if context.json {
        print(&serde_json::json!({
            "sound": verified.faults.is_empty(), "faults": verified.faults,
            "artefacts": verified.artefacts, "signed": verified.signed,
        }))?;
    } else {
        for fault in &verified.faults {
            line(&format!("NOT SOUND: {fault}"));
        }
        for (role, by, key) in &verified.signed {
            line(&format!("signed as {role} by {by}, key {key}"));
        }
        if verified.faults.is_empty() {
            line(&format!("Sound: {} artefacts are as they were written", verified.artefacts));
        }
    }
    Ok(ExitCode::from(if verified.faults.is_empty() { 0 } else { CHANGED }))
}

fn import(context: &Context, file: &std::path::Path, form: &ReadyForm) -> anyhow::Result<ExitCode> {
    let room = Room::open(context, form)?;
    let text = std::fs::read_to_string(file).map_err(|error| {
        ReadyError::bad("the checklist", format!("`{}`: {error}", file.display()))
    })?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let imported = assay_ready::import::import(&name, &text, &room.catalogue)?;
    match &form.out {
        Some(out) => crate::output::write_file(out, &imported.toml)?,
        None => crate::output::part(&imported.toml),
    }
    note(&format!(
        "{} lines became checks, {} of them with an automatic check suggested. Put the file into \
         {}/checks/ and name its checks in a profile.",
        imported.checks,
        imported.suggested,
        room.folder.path().display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Now, by the clock of the machine.
fn now() -> jiff::Timestamp {
    SystemClock.now()
}
