//! `assay tasks schedule`.

use std::process::ExitCode;

use assay_api::{ScheduleListResponse, ScheduleRequest, ScheduleResponse};
use serde_json::json as value;

use super::payload;
use crate::{
    cli::Schedules,
    connect::{Connection, segment},
    output::{json, line},
};

pub(super) async fn run(
    connection: &Connection,
    args: &Schedules,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let of = |schedule: &str| format!("/v1/schedules/{}", segment(schedule));
    match args {
        Schedules::List => list(connection, as_json).await,
        Schedules::Show { schedule } => tell(&connection.get(&of(schedule)).await?, as_json),
        Schedules::Add { name, cron, kind, payload: text, zone, missed } => {
            let request = ScheduleRequest {
                name: name.clone(),
                cron: cron.clone(),
                zone: Some(zone.clone()),
                missed: Some(missed.clone()),
                kind: kind.clone(),
                payload: Some(payload(text)?),
                priority: 0,
            };
            tell(&connection.post("/v1/schedules", &request).await?, as_json)
        }
        Schedules::Pause { schedule } => {
            let path = format!("{}/pause", of(schedule));
            tell(&connection.post(&path, &value!({})).await?, as_json)
        }
        Schedules::Resume { schedule } => {
            let path = format!("{}/resume", of(schedule));
            tell(&connection.post(&path, &value!({})).await?, as_json)
        }
        Schedules::Remove { schedule } => {
            connection.delete(&of(schedule)).await?;
            line(&format!("removed {schedule}"));
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn list(connection: &Connection, as_json: bool) -> anyhow::Result<ExitCode> {
    let found: ScheduleListResponse = connection.get("/v1/schedules").await?;
    if as_json {
        json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    for schedule in &found.schedules {
        let next = schedule.next.first().map_or("paused", String::as_str);
        let ScheduleResponse { id, name, cron, zone, kind, .. } = schedule;
        line(&format!("{id}  {name}: {kind} at {cron} ({zone}), next {next}"));
    }
    if found.schedules.is_empty() {
        line("no schedules");
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(schedule: &ScheduleResponse, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        json(schedule)?;
        return Ok(ExitCode::SUCCESS);
    }
    let ScheduleResponse { id, name, cron, zone, kind, .. } = schedule;
    line(&format!("{id}  {name}: {kind} at {cron} ({zone})"));
    if schedule.paused {
        line("  paused");
    }
    for next in &schedule.next {
        line(&format!("  next      {next}"));
    }
    if let (Some(at), Some(task)) = (&schedule.last_at, &schedule.last_task) {
        line(&format!("  last      {at}  {task}"));
    }
    Ok(ExitCode::SUCCESS)
}
