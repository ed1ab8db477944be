//! What can be wrong with a rule.

use assay_core::{Coded, ErrorCode};
use thiserror::Error;

/// A rule, an objective or an expression that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TelemetryError {
    /// The expression does not parse, or asks for what this subset does not have.
    #[error("the expression `{expression}` is wrong at character {at}: {what}")]
    Expression {
        /// The whole expression.
        expression: String,
        /// Where, in characters from 0.
        at: usize,
        /// What is wrong there.
        what: String,
    },
    /// A rule asks for a metric that Assay does not have.
    #[error("the rule `{rule}` asks for `{metric}`, and no metric has this name")]
    UnknownMetric {
        /// The rule.
        rule: String,
        /// The name.
        metric: String,
    },
    /// A rule or objective is not complete or its name is taken.
    #[error("`{name}`: {what}")]
    Rule {
        /// Its name.
        name: String,
        /// What is wrong.
        what: String,
    },
}

impl Coded for TelemetryError {
    fn code(&self) -> ErrorCode {
        ErrorCode::BadRequest
    }

    fn hint(&self) -> Option<String> {
        Some(
            "docs/guide/alerts.md shows what rules may say; GET /metrics lists the metrics"
                .to_owned(),
        )
    }
}
