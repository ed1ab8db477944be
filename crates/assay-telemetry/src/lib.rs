#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod alerts;
mod dashboard;
mod error;
mod exposition;
mod expression;
mod history;
mod log_events;
mod metrics;
mod notice;
mod objective;
mod openslo;
mod prometheus;
mod rule;
mod settings;
mod trace;

pub use alerts::{Alert, AlertState, Alerts};
pub use dashboard::{Dashboard, Panel, shipped_dashboards};
pub use error::TelemetryError;
pub use exposition::{Sample, Samples, read};
pub use expression::Expression;
use expression::token_duration;
pub use history::History;
pub use log_events::{LogCounter, log_events};
pub use metrics::METRICS;
pub use notice::{Notice, ReceiverKind};
pub use objective::{Burn, ObjectiveStatus, Objectives};
pub use openslo::{export_openslo, import_openslo};
pub use prometheus::{OUTSIDE_RULES, OutsideRule, prometheus_rules, prometheus_rules_and_outside};
pub use rule::{AlertRule, RuleSeverity, shipped_rules};
pub use settings::{
    AlertOverride, MailSecurity, MailServer, ObjectiveSettings, ReceiverSettings,
    TelemetrySettings, TraceSettings,
};
pub use trace::{AttributeValue, Sampling, SpanData, TraceLayer, export_request};
