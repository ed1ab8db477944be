//! What somebody is told, in the form that the receiver takes.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Alert, AlertState, ReceiverSettings, RuleSeverity};

/// The form of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiverKind {
    /// As Alertmanager posts it to a webhook.
    #[default]
    Webhook,
    /// A message for Slack, Mattermost and others that take the same.
    Slack,
    /// An event for PagerDuty (Events API v2).
    PagerDuty,
    /// A mail.
    Email,
}

/// Alerts that began or ended firing, or still fire after a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// They, firing or resolved.
    pub alerts: Vec<Alert>,
}

impl Notice {
    /// Those that are severe enough for a receiver.
    fn severe(&self, receiver: &ReceiverSettings) -> Vec<&Alert> {
        self.alerts.iter().filter(|alert| alert.severity >= receiver.severity).collect()
    }

    /// The bodies to post to a receiver; none when nothing is severe enough for it, and none for one
    /// that gets mail.
    #[must_use]
    pub fn bodies(&self, receiver: &ReceiverSettings) -> Vec<Value> {
        let alerts = self.severe(receiver);
        match (alerts.is_empty(), receiver.kind) {
            (true, _) | (_, ReceiverKind::Email) => Vec::new(),
            (false, ReceiverKind::Webhook) => vec![webhook(&receiver.name, &alerts)],
            (false, ReceiverKind::Slack) => vec![slack(&alerts)],
            (false, ReceiverKind::PagerDuty) => {
                let key = receiver.key.as_ref().map_or("", |key| key.expose());
                alerts.iter().map(|alert| page(key, alert)).collect()
            }
        }
    }
}

impl Notice {
    /// Subject and text of the mail to a receiver; none when nothing is severe enough for it, and none
    /// for one that gets no mail.
    #[must_use]
    pub fn mail(&self, receiver: &ReceiverSettings) -> Option<(String, String)> {
        let alerts = self.severe(receiver);
        let first = alerts.first().filter(|_| receiver.kind == ReceiverKind::Email)?;
        let others = match alerts.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let subject = format!("[assay {}] {}{others}", status(first), first.rule);
        let line = |alert: &&Alert| {
            format!(
                "{} {} ({}) {}\n{}\nvalue {}, since {}\nrunbook: {}\n",
                alert.rule,
                status(alert),
                alert.severity.as_str(),
                alert.series_text(),
                alert.summary,
                alert.value,
                alert.started(),
                alert.runbook
            )
        };
        let text: Vec<String> = alerts.iter().map(line).collect();
        Some((subject, text.join("\n")))
    }
}

const fn status(alert: &Alert) -> &'static str {
    match alert.state {
        AlertState::Resolved => "resolved",
        AlertState::Pending | AlertState::Firing => "firing",
    }
}

/// Source: <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>, version 4.
fn webhook(receiver: &str, alerts: &[&Alert]) -> Value {
    let firing = alerts.iter().any(|alert| alert.state == AlertState::Firing);
    let shown = alerts.iter().map(|alert| {
        json!({
            "status": status(alert),
            "labels": alert.labels(),
            "annotations": { "summary": alert.summary, "runbook_url": alert.runbook,
                "value": alert.value },
            "startsAt": alert.started(),
            "endsAt": alert.ended(),
            "fingerprint": alert.fingerprint(),
        })
    });
    json!({
        "version": "4", "receiver": receiver, "status": if firing { "firing" } else { "resolved" },
        "alerts": shown.collect::<Vec<_>>(), "groupLabels": {}, "commonLabels": {},
        "commonAnnotations": {}, "externalURL": "", "truncatedAlerts": 0,
    })
}

/// Source: <https://api.slack.com/messaging/webhooks>.
fn slack(alerts: &[&Alert]) -> Value {
    let line = |alert: &&Alert| {
        let mark = match (alert.state, alert.severity) {
            (AlertState::Resolved, _) => ":white_check_mark:",
            (_, RuleSeverity::Critical) => ":red_circle:",
            _ => ":warning:",
        };
        let about = alert.series_text();
        // Three signs have a meaning of their own in such texts.
        let plain =
            |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(
            "{mark} *{}* {} {}\n{}\nvalue {}, runbook: {}",
            alert.rule,
            status(alert),
            plain(&about),
            plain(&alert.summary),
            alert.value,
            plain(&alert.runbook)
        )
    };
    json!({ "text": alerts.iter().map(line).collect::<Vec<_>>().join("\n\n") })
}

/// Source: <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>.
fn page(key: &str, alert: &Alert) -> Value {
    let action = if alert.state == AlertState::Resolved { "resolve" } else { "trigger" };
    json!({
        "routing_key": key, "event_action": action, "dedup_key": alert.fingerprint(),
        "payload": {
            "summary": format!("{}: {}", alert.rule, alert.summary),
            "severity": alert.severity.as_str(), "source": "assay", "component": alert.owner,
            "timestamp": alert.started(),
            "custom_details": { "labels": alert.labels(), "value": alert.value,
                "runbook": alert.runbook },
        },
    })
}

#[cfg(test)]
mod tests;
