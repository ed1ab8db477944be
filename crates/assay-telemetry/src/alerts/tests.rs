//! An alert waits, fires once, is told again after a while, and heals.

use super::{AlertState, Alerts};
use crate::{TelemetryError, TelemetrySettings, read};

fn alerts(toml: &str) -> Alerts {
    Alerts::new(&toml::from_str::<TelemetrySettings>(toml).unwrap(), &[]).unwrap()
}

const OWN: &str = r#"
    repeat_seconds = 100
    [[rules]]
    name = "Broken"
    expression = 'assay_passages == 0'
    for_seconds = 30
"#;

#[test]
fn it_waits_fires_repeats_and_heals() {
    let mut alerts = alerts(OWN);
    let mut told = Vec::new();
    for second in (0..200).step_by(10) {
        let value = u8::from(!(20..180).contains(&second));
        let text = format!("assay_passages{{part=\"a\"}} {value}\nassay_passages{{part=\"b\"}} 1");
        if let Some(notice) = alerts.take(second * 1000, &read(&text)) {
            for alert in notice.alerts {
                assert_eq!(alert.series_text(), "part=a");
                told.push((second, alert.state));
            }
        }
    }
    use AlertState::{Firing, Resolved};
    assert_eq!(told, [(50, Firing), (150, Firing), (180, Resolved)]);
    let shown = alerts.alerts();
    assert_eq!((shown.len(), shown[0].state, shown[0].until_ms), (1, Resolved, Some(180_000)));
}

#[test]
fn what_holds_for_a_moment_is_nobodys_business() {
    let mut alerts = alerts(OWN);
    for second in (0..100).step_by(10) {
        let text = format!("assay_passages {}", u8::from(second % 30 != 0));
        assert_eq!(alerts.take(second * 1000, &read(&text)), None, "{second}");
    }
}

#[test]
fn a_metric_that_there_is_not_is_told() {
    let typo = "[[rules]]\nname = \"Typo\"\nexpression = 'assay_dependancy_up == 0'";
    let error = Alerts::new(&toml::from_str(typo).unwrap(), &[]).unwrap_err();
    assert!(
        matches!(&error, TelemetryError::UnknownMetric { metric, .. } if metric == "assay_dependancy_up"),
        "{error}"
    );
}
