#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod alerts;
mod error;
mod exposition;
mod expression;
mod history;
mod metrics;
mod notice;
mod objective;
mod prometheus;
mod rule;
mod settings;

pub use alerts::{Alert, AlertState, Alerts};
pub use error::TelemetryError;
pub use exposition::{Sample, Samples, read};
pub use expression::Expression;
pub use history::History;
pub use metrics::METRICS;
pub use notice::{Notice, ReceiverKind};
pub use objective::{Burn, ObjectiveStatus, Objectives};
pub use prometheus::prometheus_rules;
pub use rule::{AlertRule, RuleSeverity, shipped_rules};
pub use settings::{AlertOverride, ObjectiveSettings, ReceiverSettings, TelemetrySettings};
