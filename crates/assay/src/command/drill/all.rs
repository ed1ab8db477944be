//! `assay drill all`: every drill, one after the other, each in a process of its own, and how long each
//! took. What a drill of another build or a killed one left is no concern of the next.

use std::{
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use assay_ready::ReadyError;
use serde::Serialize;

use crate::{
    cli::{DrillAll, DrillAllow},
    command::Context,
    output::{json as print, line, note},
};

/// What a drill ended with that would have done more than was allowed.
const REFUSED: i32 = 5;
/// And one that was ended from the keyboard.
const ABORTED: i32 = 130;

/// A drill that was run.
#[derive(Debug, Serialize)]
pub(in crate::command) struct Ran {
    drill: &'static str,
    arguments: Vec<String>,
    /// 0: it held.
    code: Option<i32>,
    seconds: f64,
}

impl Ran {
    /// For a person, in a line.
    pub(in crate::command) fn shown(&self) -> String {
        let how = match self.code {
            Some(0) => "held".to_owned(),
            Some(REFUSED) => "not allowed".to_owned(),
            Some(code) => format!("did not hold (code {code})"),
            None => "was killed".to_owned(),
        };
        format!("{:<9} {:>6.0} s  {how}", self.drill, self.seconds)
    }
}

/// The drills, and how each is run: first what is felt by nobody.
fn drills(args: &DrillAll) -> Vec<(&'static str, Vec<String>)> {
    let watched = ["prometheus", "prometheus-alertmanager"].iter().all(|it| is_installed(it));
    let mut all: Vec<(&'static str, Vec<String>)> = vec![
        ("tenancy", vec![]),
        ("secrets", vec![]),
        ("tasks", vec![]),
        ("stop", vec![]),
        ("attack", vec![]),
        ("restore", vec![]),
        ("rollout", vec![]),
        ("fault", vec![]),
        ("alerts", watched.then(|| "--prometheus".to_owned()).into_iter().collect()),
    ];
    let load = |rate: f64, seconds: f64, allow: &str| {
        let words =
            ["--rate", &rate.to_string(), "--seconds", &seconds.to_string(), "--allow", allow];
        words.map(str::to_owned).to_vec()
    };
    match args.allow {
        // Attacks are searches on the deployment.
        DrillAllow::None => all.retain(|(name, _)| *name != "attack"),
        DrillAllow::Low => all.push(("load", load(10.0, 60.0, "low"))),
        DrillAllow::High => {
            let mut knee = load(5.0, 5.0, "high");
            knee.push("--knee".to_owned());
            all.push(("load", knee));
            all.push(("load", load(100.0, 300.0, "high")));
        }
    }
    all.retain(|(name, _)| args.only.is_empty() || args.only.iter().any(|it| it == name));
    all
}

/// Whether a program can be started by its name.
fn is_installed(program: &str) -> bool {
    let mut asked = Command::new(program);
    asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

pub(super) fn run(context: &Context, args: &DrillAll) -> anyhow::Result<ExitCode> {
    let begun = Instant::now();
    let all = every(context, args)?;
    if context.json {
        print(&all)?;
    } else if !args.plan {
        all.iter().for_each(|ran| line(&ran.shown()));
        line(&format!("{:<9} {:>6.0} s", "together", begun.elapsed().as_secs_f64()));
    }
    let code =
        all.iter().map(|ran| ran.code.unwrap_or(ABORTED)).find(|code| *code != 0).unwrap_or(0);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// Runs them, one after the other.
pub(in crate::command) fn every(context: &Context, args: &DrillAll) -> anyhow::Result<Vec<Ran>> {
    let drills = drills(args);
    for name in &args.only {
        if !drills.iter().any(|(its, _)| its == name) {
            let problem = format!("there is no drill `{name}` that --allow lets through");
            return Err(ReadyError::bad("--only", problem).into());
        }
    }
    let mut all = Vec::new();
    for (drill, mut arguments) in drills {
        if args.plan {
            arguments.push("--plan".to_owned());
        }
        let ran = one(context, args, drill, arguments)?;
        let is_over = ran.code == Some(ABORTED) || ran.code.is_none();
        all.push(ran);
        if is_over {
            note("ended early: the drills behind this one are left out");
            break;
        }
    }
    Ok(all)
}

/// Runs a drill as a person would, and shows what it says.
fn one(
    context: &Context,
    args: &DrillAll,
    drill: &'static str,
    arguments: Vec<String>,
) -> anyhow::Result<Ran> {
    note(&format!("\n=== {drill} {}", arguments.join(" ")));
    let begun = Instant::now();
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["drill", drill]).args(&arguments).stdin(Stdio::null());
    if let Some(file) = context.given.file() {
        command.arg("--config").arg(file);
    }
    if let Some(data) = context.given.data_dir() {
        command.arg("--data-dir").arg(data);
    }
    if drill == "load"
        && let Some(url) = &args.url
    {
        command.arg("--url").arg(url);
    }
    if context.json {
        command.stdout(Stdio::null());
    }
    let code = command.status()?.code();
    Ok(Ran { drill, arguments, code, seconds: begun.elapsed().as_secs_f64() })
}
