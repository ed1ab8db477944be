//! Each receiver gets the form that it takes, and no more than it wants.

use crate::{AlertState, Alerts, Notice, ReceiverSettings, TelemetrySettings, read};

fn notice() -> Notice {
    let settings: TelemetrySettings = toml::from_str(
        "[[rules]]\nname = \"Broken\"\nexpression = 'assay_passages == 0'\nseverity = \"warning\"\n\
         owner = \"ops\"\nsummary = \"<it> broke\"\nrunbook = \"https://example.org/run\"",
    )
    .unwrap();
    let mut alerts = Alerts::new(&settings, &[]).unwrap();
    alerts.take(1_760_000_000_000, &read("assay_passages{part=\"a\"} 0")).unwrap()
}

fn receiver(kind: &str, more: &str) -> ReceiverSettings {
    let text = format!("name = \"r\"\nkind = \"{kind}\"\nurl = \"http://127.0.0.1:1/x\"\n{more}");
    toml::from_str(&text).unwrap()
}

#[test]
fn a_webhook_gets_what_alertmanager_posts() {
    let [body] = notice().bodies(&receiver("webhook", "")).try_into().unwrap();
    assert_eq!(body["status"], "firing");
    let alert = &body["alerts"][0];
    assert_eq!(alert["labels"]["alertname"], "Broken");
    assert_eq!(alert["labels"]["part"], "a");
    assert_eq!(alert["startsAt"], "2025-10-09T08:53:20Z");
    assert_eq!(alert["annotations"]["runbook_url"], "https://example.org/run");
}

#[test]
fn slack_gets_a_text_without_marks_of_others() {
    let [body] = notice().bodies(&receiver("slack", "")).try_into().unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(text.contains("*Broken* firing part=a") && text.contains("&lt;it&gt; broke"), "{text}");
}

#[test]
fn pagerduty_gets_an_event_for_each_alert_and_one_that_ends_it() {
    let pager = receiver("pagerduty", "key = \"k\"");
    let mut notice = notice();
    let [opened] = notice.bodies(&pager).try_into().unwrap();
    assert_eq!((&opened["event_action"], &opened["routing_key"]), (&"trigger".into(), &"k".into()));
    notice.alerts[0].state = AlertState::Resolved;
    let [closed] = notice.bodies(&pager).try_into().unwrap();
    assert_eq!(closed["event_action"], "resolve");
    assert_eq!(closed["dedup_key"], opened["dedup_key"]);
}

#[test]
fn what_is_not_severe_enough_is_not_told() {
    assert_eq!(notice().bodies(&receiver("webhook", "severity = \"critical\"")).len(), 0);
}

#[test]
fn mail_is_one_for_all_alerts_and_nobody_else_gets_it() {
    let mail = receiver("email", "");
    let mut notice = notice();
    assert_eq!(notice.bodies(&mail).len(), 0);
    assert_eq!(notice.mail(&receiver("slack", "")), None);
    assert_eq!(notice.mail(&receiver("email", "severity = \"critical\"")), None);
    let (subject, text) = notice.mail(&mail).unwrap();
    assert_eq!(subject, "[assay firing] Broken");
    for part in ["Broken firing (warning) part=a", "<it> broke", "runbook: https://example.org/run"]
    {
        assert!(text.contains(part), "{text}");
    }
    notice.alerts.push(notice.alerts[0].clone());
    notice.alerts[0].state = AlertState::Resolved;
    assert_eq!(notice.mail(&mail).unwrap().0, "[assay resolved] Broken and 1 more");
}
