//! `assay drill all`: every drill, each in a process of its own, and how long each took. What a drill of
//! another build or a killed one left is no concern of the next.
//!
//! What tells whether something holds goes side by side; what tells how fast it is has the machine for itself.

use std::{
    process::{Command, ExitCode, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use assay_ready::ReadyError;
use serde::Serialize;

use crate::{
    cli::{DrillAll, DrillAllow},
    command::Context,
    output::{json as print, line, note, part},
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

/// A drill and how it is run.
type Drill = (&'static str, Vec<String>);

/// Drills that go one after the other.
type Row = Vec<Drill>;

/// The drills: one stage after the other, the rows of a stage side by side. First what is felt by nobody.
fn stages(args: &DrillAll) -> Vec<Vec<Row>> {
    let watched = ["prometheus", "prometheus-alertmanager"].iter().all(|it| is_installed(it));
    let alerts = watched.then(|| "--prometheus".to_owned()).into_iter().collect();
    let load = |rate: f64, seconds: f64, allow: &str| {
        let words =
            ["--rate", &rate.to_string(), "--seconds", &seconds.to_string(), "--allow", allow];
        words.map(str::to_owned).to_vec()
    };
    let plain = |name| (name, Vec::new());
    let mut stages = vec![
        // Whether something holds: the drill of faults waits for models and breakers half of its time.
        vec![
            vec![plain("fault")],
            ["tenancy", "secrets", "stop", "attack", "rollout"].map(plain).to_vec(),
        ],
        vec![vec![plain("tasks")]],
        vec![vec![plain("restore")]],
        vec![vec![("alerts", alerts)]],
    ];
    match args.allow {
        DrillAllow::None => {}
        DrillAllow::Low => stages.push(vec![vec![("load", load(10.0, 60.0, "low"))]]),
        DrillAllow::High => {
            let mut knee = load(5.0, 5.0, "high");
            knee.push("--knee".to_owned());
            stages.push(vec![vec![("load", knee), ("load", load(100.0, 300.0, "high"))]]);
        }
    }
    for row in stages.iter_mut().flatten() {
        // Attacks are searches on the deployment.
        row.retain(|(name, _)| args.allow != DrillAllow::None || *name != "attack");
        row.retain(|(name, _)| args.only.is_empty() || args.only.iter().any(|it| it == name));
    }
    stages.iter_mut().for_each(|rows| rows.retain(|row| !row.is_empty()));
    stages
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

/// Runs them.
pub(in crate::command) fn every(context: &Context, args: &DrillAll) -> anyhow::Result<Vec<Ran>> {
    let stages = stages(args);
    for name in &args.only {
        if !stages.iter().flatten().flatten().any(|(its, _)| its == name) {
            let problem = format!("there is no drill `{name}` that --allow lets through");
            return Err(ReadyError::bad("--only", problem).into());
        }
    }
    let (mut all, is_over) = (Vec::new(), AtomicBool::new(false));
    for rows in stages {
        // What is said side by side is told when it is whole.
        let is_alone = rows.len() == 1;
        let told = Mutex::new(());
        let ran: Vec<anyhow::Result<Vec<Ran>>> = std::thread::scope(|scope| {
            let begin = |row: Row| {
                let (told, is_over) = (&told, &is_over);
                scope.spawn(move || {
                    row.into_iter()
                        .take_while(|_| !is_over.load(Ordering::Relaxed))
                        .map(|drill| {
                            let ran = one(context, args, drill, (!is_alone).then_some(told))?;
                            if ran.code == Some(ABORTED) || ran.code.is_none() {
                                is_over.store(true, Ordering::Relaxed);
                            }
                            Ok(ran)
                        })
                        .collect()
                })
            };
            let rows: Vec<_> = rows.into_iter().map(begin).collect();
            let broke = |_| Err(anyhow::anyhow!("a row of drills broke"));
            rows.into_iter().map(|row| row.join().unwrap_or_else(broke)).collect()
        });
        for row in ran {
            all.extend(row?);
        }
        if is_over.load(Ordering::Relaxed) {
            note("ended early: the drills behind this one are left out");
            break;
        }
    }
    Ok(all)
}

/// Runs a drill as a person would, and shows what it says: at once, or with `told` when it is over.
fn one(
    context: &Context,
    args: &DrillAll,
    (drill, mut arguments): Drill,
    told: Option<&Mutex<()>>,
) -> anyhow::Result<Ran> {
    if args.plan {
        arguments.push("--plan".to_owned());
    }
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
    let title = format!("\n=== {drill} {}", arguments.join(" "));
    let code = if let Some(told) = told {
        if !context.json {
            command.stdout(Stdio::piped());
        }
        let output = command.stderr(Stdio::piped()).spawn()?.wait_with_output()?;
        let _alone = told.lock().unwrap_or_else(PoisonError::into_inner);
        note(&title);
        note(String::from_utf8_lossy(&output.stderr).trim_end());
        part(&String::from_utf8_lossy(&output.stdout));
        output.status.code()
    } else {
        note(&title);
        command.status()?.code()
    };
    Ok(Ran { drill, arguments, code, seconds: begun.elapsed().as_secs_f64() })
}
