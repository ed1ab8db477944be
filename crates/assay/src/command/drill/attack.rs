//! `assay drill attack`: bundled injections, active content and attacks on limits through the public
//! API, each group with benign twins.
//!
//! An injection gets through when a search takes it without a finding of the family `injection`.
//! Active content gets through when what the guard lets pass still acts, by a judgement of its own:
//! see [`judge`]. An attack on a limit gets through when more is spent or let in than it allows: see
//! [`quota`].

mod bound;
mod cases;
mod judge;
mod quota;

use std::process::ExitCode;

use super::carry::{is_allowed, not_allowed};
use assay_api::{GuardScanRequest, GuardScanResponse, SearchRequest, SearchResponse};
use assay_ready::{Blast, drill::Plan};
use serde::Serialize;

use crate::{
    cli::DrillAttack,
    command::{Context, connected},
    connect::Connection,
    output::{Told, json, line, note},
};

/// More got through than was allowed.
const THROUGH: u8 = 8;
/// The version of the cases: figures of two versions are not compared.
const VERSION: u32 = 2;
/// Cases that are shown of those that went wrong.
const SHOWN: usize = 20;

/// What came of a drill.
#[derive(Debug, Serialize)]
struct Report {
    version: u32,
    groups: Vec<Group>,
    passed: bool,
}

/// What came of a group of attacks.
#[derive(Debug, Serialize)]
struct Group {
    name: &'static str,
    attacks: usize,
    through: usize,
    success_rate: f64,
    /// Upper end of the exact (Clopper–Pearson) interval of 95 %.
    success_rate_upper: f64,
    benign: usize,
    alarms: usize,
    false_alarm_rate: f64,
    false_alarm_rate_upper: f64,
    /// The attacks that got through, by family.
    got_through: Vec<Case>,
    /// The benign texts that were taken for attacks.
    false_alarms: Vec<String>,
}

/// One attack.
#[derive(Debug, Clone, Serialize)]
struct Case {
    family: String,
    text: String,
}

pub(crate) async fn run(context: &Context, args: &DrillAttack) -> anyhow::Result<ExitCode> {
    let plan = Plan {
        name: "attack",
        steps: vec![
            format!(
                "{} injections and {} benign texts as searches",
                cases::injections().len(),
                cases::benign().len()
            ),
            format!(
                "{} texts that would act in a browser and {} that would not, to the guard",
                cases::active().len(),
                cases::inert().len()
            ),
            "attacks on budgets and rates of a server of the drill's own".to_owned(),
        ],
        blast: Blast::Low,
        seconds: 900.0,
        restore: "nothing is written, so nothing is put back; the drill's server is taken away",
    };
    note(plan.shown("the server of the data folder").trim_end());
    if args.plan {
        return Ok(ExitCode::SUCCESS);
    }
    if !is_allowed(&plan, args.allow) {
        return Ok(not_allowed());
    }
    let groups = connected(context, async |connection| {
        Ok(vec![injections(connection).await?, active_content(connection).await?])
    });
    // Neither measures how fast anything is, and each is of another server.
    let (mut groups, (group, limits)) = tokio::try_join!(groups, quota::run(context))?;
    groups.push(group);
    let holds = |group: &Group| {
        group.success_rate <= args.max_success && group.false_alarm_rate <= args.max_false_alarms
    };
    let passed = groups.iter().all(holds);
    let report = Report { version: VERSION, groups, passed };
    keep(context, &report)?;
    super::load::keep(context, "quota", &serde_json::to_value(&limits)?)?;
    if context.json {
        json(&report)?;
    } else {
        tell(&report);
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::from(THROUGH) })
}

/// Leaves the shares where readiness looks for them.
fn keep(context: &Context, report: &Report) -> anyhow::Result<()> {
    let share = |name: &str| {
        let group = report.groups.iter().find(|group| group.name == name);
        group.map(|group| serde_json::json!({ "count": group.through, "of": group.attacks }))
    };
    let result = serde_json::json!({
        "injection": share("injection"), "active_content": share("active_content"),
        "quota": share("quota"), "passed": report.passed,
    });
    super::load::keep(context, "attack", &result)
}

async fn injections(connection: &Connection) -> anyhow::Result<Group> {
    let mut through = Vec::new();
    let attacks = cases::injections();
    for case in &attacks {
        if !is_noticed(connection, &case.text).await? {
            through.push(case.clone());
        }
    }
    let benign = cases::benign();
    let mut alarms = Vec::new();
    for text in &benign {
        if is_noticed(connection, text).await? {
            alarms.push((*text).to_owned());
        }
    }
    Ok(Group::of("injection", attacks.len(), through, benign.len(), alarms))
}

/// Whether a search refuses the text or reports an injection in it.
async fn is_noticed(connection: &Connection, text: &str) -> anyhow::Result<bool> {
    let request = SearchRequest {
        query: text.to_owned(),
        sources: vec!["files".to_owned()],
        limit: Some(1),
        ..SearchRequest::default()
    };
    let response: anyhow::Result<SearchResponse> = connection.post("/search", &request).await;
    match response {
        Ok(found) => Ok(found.guard.iter().any(|note| note.kind.starts_with("injection."))),
        Err(error) => match error.downcast_ref::<Told>() {
            Some(told) if told.to_string().contains("the guard found") => Ok(true),
            _ => Err(error),
        },
    }
}

async fn active_content(connection: &Connection) -> anyhow::Result<Group> {
    let mut through = Vec::new();
    let attacks = cases::active();
    for case in &attacks {
        let passed = passed(connection, &case.text).await?;
        if let Some(how) = passed.as_deref().and_then(judge::acts) {
            through.push(Case { family: how.to_owned(), text: case.text.clone() });
        }
    }
    let benign = cases::inert();
    let mut alarms = Vec::new();
    for text in &benign {
        if passed(connection, text).await?.as_deref() != Some(*text) {
            alarms.push((*text).to_owned());
        }
    }
    Ok(Group::of("active_content", attacks.len(), through, benign.len(), alarms))
}

/// What the guard lets pass of a text; nothing when it blocks it.
async fn passed(connection: &Connection, text: &str) -> anyhow::Result<Option<String>> {
    let request = GuardScanRequest {
        text: text.to_owned(),
        scope: Some("outgoing".to_owned()),
        redact: true,
    };
    let response: GuardScanResponse = connection.post("/v1/guard/scan", &request).await?;
    Ok(response.text)
}

impl Group {
    fn of(
        name: &'static str,
        attacks: usize,
        through: Vec<Case>,
        benign: usize,
        alarms: Vec<String>,
    ) -> Self {
        let rate = |count: usize, of: usize| count as f64 / of.max(1) as f64;
        Self {
            name,
            attacks,
            through: through.len(),
            success_rate: rate(through.len(), attacks),
            success_rate_upper: bound::upper(through.len(), attacks),
            benign,
            alarms: alarms.len(),
            false_alarm_rate: rate(alarms.len(), benign),
            false_alarm_rate_upper: bound::upper(alarms.len(), benign),
            got_through: through,
            false_alarms: alarms,
        }
    }
}

fn tell(report: &Report) {
    for group in &report.groups {
        line(&format!(
            "{}: {} of {} got through ({:.1} %, at most {:.1} %); {} false alarms of {} ({:.1} %)",
            group.name,
            group.through,
            group.attacks,
            group.success_rate * 100.0,
            group.success_rate_upper * 100.0,
            group.alarms,
            group.benign,
            group.false_alarm_rate * 100.0,
        ));
        for case in group.got_through.iter().take(SHOWN) {
            line(&format!("  through ({}): {}", case.family, case.text));
        }
        for text in group.false_alarms.iter().take(SHOWN) {
            line(&format!("  false alarm: {text}"));
        }
    }
    line(if report.passed { "held" } else { "did not hold" });
}
