//! `assay alerts`, `assay slo`, `assay dashboards`.

use std::{collections::BTreeMap, process::ExitCode};

use assay_answer::read_yaml;
use assay_api::{AlertRulesResponse, AlertsResponse, Objective, SloResponse};
use assay_core::ErrorCode;
use assay_telemetry::{export_openslo, import_openslo, shipped_dashboards};

use super::{Context, connected};
use crate::{
    cli::{Alerts, Dashboards, Slo},
    output::{Told, json as print, line, part, told},
};

/// Something fires.
const FIRING: u8 = 10;

pub(crate) async fn run(context: Context, command: Alerts) -> anyhow::Result<ExitCode> {
    let in_json = context.json;
    let mut code = ExitCode::SUCCESS;
    connected(&context, async |connection| match command {
        Alerts::List => {
            let listed: AlertsResponse = connection.get("/v1/alerts").await?;
            if listed.alerts.iter().any(|alert| alert.state == "firing") {
                code = ExitCode::from(FIRING);
            }
            if in_json {
                return print(&listed);
            }
            if listed.alerts.is_empty() {
                line("Nothing is pending or fires.");
            }
            for alert in &listed.alerts {
                let labels: Vec<String> =
                    alert.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
                line(&format!(
                    "{:<9} {:<9} {:<24} {}  since {}",
                    alert.state,
                    alert.severity,
                    alert.rule,
                    labels.join(" "),
                    alert.since
                ));
                line(&format!("  {}  see docs/runbooks/{}.md", alert.summary, alert.runbook));
            }
            Ok(())
        }
        Alerts::Rules { prometheus } => {
            let listed: AlertRulesResponse = connection.get("/v1/alerts/rules").await?;
            match (prometheus, in_json) {
                (true, _) => part(&listed.prometheus),
                (false, true) => return print(&listed),
                (false, false) => {
                    for rule in &listed.rules {
                        line(&format!(
                            "{:<24} {:<9} {:<10} for {} s",
                            rule.name, rule.severity, rule.group, rule.for_seconds
                        ));
                        line(&format!("  {}\n  {}", rule.summary, rule.expression));
                    }
                }
            }
            Ok(())
        }
    })
    .await?;
    Ok(code)
}

/// Writes out what ships; no server is asked.
pub(crate) fn dashboards(context: &Context, command: &Dashboards) -> anyhow::Result<ExitCode> {
    let Dashboards::Export { folder } = command;
    std::fs::create_dir_all(folder)?;
    let mut written = Vec::new();
    for dashboard in shipped_dashboards().map_err(told)? {
        let path = folder.join(format!("{}.json", dashboard.name));
        std::fs::write(&path, format!("{:#}\n", dashboard.grafana()))?;
        written.push(path.display().to_string());
    }
    if context.json {
        print(&written)?;
    } else {
        written.iter().for_each(|path| line(path));
    }
    Ok(ExitCode::SUCCESS)
}

/// Objectives out of this program and into it; no server is asked.
pub(crate) fn openslo(context: &Context, command: &Slo) -> anyhow::Result<ExitCode> {
    let file = match command {
        Slo::Export => {
            part(&export_openslo(&context.config.telemetry).map_err(told)?);
            return Ok(ExitCode::SUCCESS);
        }
        Slo::Import { file } => file,
    };
    let wrong = |what: String| {
        let message = format!("`{}`: {what}", file.display());
        Told::new(ErrorCode::BadRequest, message).hint("see https://openslo.com")
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let mut read = BTreeMap::new();
    for document in text.split("\n---").map(|it| it.trim_start_matches("---").trim()) {
        if !document.is_empty() {
            let document = read_yaml(document).map_err(wrong)?;
            read.extend([import_openslo(&document).map_err(told)?]);
        }
    }
    let settings = BTreeMap::from([("telemetry", BTreeMap::from([("objectives", read)]))]);
    part(&toml::to_string(&settings)?);
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn slo(context: Context) -> anyhow::Result<ExitCode> {
    let in_json = context.json;
    connected(&context, async |connection| {
        let found: SloResponse = connection.get("/v1/slo").await?;
        if in_json {
            return print(&found);
        }
        found.objectives.iter().for_each(tell);
        Ok(())
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

fn tell(objective: &Objective) {
    let percent = |share: Option<f64>| {
        share.map_or_else(|| "–".to_owned(), |share| format!("{:.2} %", share * 100.0))
    };
    line(&format!(
        "{:<16} {:<8} {} of {:.2} % over {} days, {} events",
        objective.name,
        objective.status,
        percent(objective.achieved),
        objective.target * 100.0,
        objective.window_days,
        objective.events
    ));
    line(&format!(
        "  {}  budget left: {}",
        objective.summary,
        percent(objective.error_budget_left)
    ));
    if let Some(seconds) = objective.exhausted_in_s {
        line(&format!("  gone in {:.1} hours at this rate", seconds / 3600.0));
    }
}
