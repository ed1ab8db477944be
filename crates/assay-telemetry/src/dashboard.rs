//! Dashboards: one description, written out for Grafana.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Expression, TelemetryError, metrics};

/// Panels stand in two columns of Grafana's 24.
const PANEL_WIDTH: usize = 12;
const PANEL_HEIGHT: usize = 8;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dashboard: Vec<Dashboard>,
}

/// A page of panels.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// Its name in file names and addresses.
    pub name: String,
    /// What stands above it.
    pub title: String,
    /// What it is for.
    pub about: String,
    #[serde(rename = "panel")]
    /// What it shows.
    pub panels: Vec<Panel>,
}

/// Numbers over time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// What stands above it.
    pub title: String,
    /// The unit, by Grafana's name for it.
    pub unit: String,
    /// What is asked, by the legend of what comes out; `{{label}}` stands for the value of a label.
    pub queries: BTreeMap<String, String>,
}

/// The dashboards that ship.
///
/// # Errors
/// Never for a build that passed its tests.
pub fn shipped_dashboards() -> Result<Vec<Dashboard>, TelemetryError> {
    let wrong = |what: String| TelemetryError::Rule { name: "dashboards".to_owned(), what };
    let file: File = toml::from_str(include_str!("dashboards.toml"))
        .map_err(|error| wrong(error.to_string()))?;
    for dashboard in &file.dashboard {
        for query in dashboard.panels.iter().flat_map(|panel| panel.queries.values()) {
            metrics::check(&dashboard.name, &Expression::parse(query)?)?;
        }
    }
    Ok(file.dashboard)
}

impl Dashboard {
    /// The dashboard as Grafana imports it; the Prometheus is chosen on the page.
    #[must_use]
    pub fn grafana(&self) -> Value {
        let panels = self.panels.iter().enumerate().map(|(number, panel)| panel.grafana(number));
        json!({
            "uid": format!("assay-{}", self.name),
            "title": format!("Assay: {}", self.title),
            "description": self.about,
            "tags": ["assay"],
            "schemaVersion": 39,
            "editable": true,
            "refresh": "30s",
            "time": { "from": "now-6h", "to": "now" },
            "templating": { "list": [{
                "name": "datasource", "label": "Prometheus", "type": "datasource",
                "query": "prometheus",
            }] },
            "panels": panels.collect::<Vec<_>>(),
        })
    }
}

impl Panel {
    fn grafana(&self, number: usize) -> Value {
        let source = json!({ "type": "prometheus", "uid": "${datasource}" });
        let targets = self.queries.iter().enumerate().map(|(at, (legend, query))| {
            json!({ "refId": format!("Q{at}"), "expr": query, "legendFormat": legend,
                "datasource": source })
        });
        json!({
            "id": number + 1,
            "type": "timeseries",
            "title": self.title,
            "datasource": source,
            "gridPos": {
                "x": number % 2 * PANEL_WIDTH, "y": number / 2 * PANEL_HEIGHT,
                "w": PANEL_WIDTH, "h": PANEL_HEIGHT,
            },
            "fieldConfig": { "defaults": { "unit": self.unit }, "overrides": [] },
            "targets": targets.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    //! What ships can be asked, and is what Grafana takes.

    use std::collections::BTreeSet;

    use super::shipped_dashboards;

    #[test]
    fn every_query_asks_for_what_there_is_and_panels_do_not_overlap() {
        let all = shipped_dashboards().unwrap();
        let names: BTreeSet<&str> = all.iter().map(|it| it.name.as_str()).collect();
        assert!(names.len() == all.len() && all.len() >= 10, "{names:?}");
        for dashboard in &all {
            let shown = dashboard.grafana();
            let panels = shown["panels"].as_array().unwrap();
            let places: BTreeSet<String> =
                panels.iter().map(|panel| panel["gridPos"].to_string()).collect();
            assert_eq!(places.len(), dashboard.panels.len());
            for (panel, described) in panels.iter().zip(&dashboard.panels) {
                assert_eq!(panel["targets"].as_array().unwrap().len(), described.queries.len());
                assert!(panel["targets"][0]["expr"].as_str().unwrap().contains('_'));
            }
        }
    }
}
