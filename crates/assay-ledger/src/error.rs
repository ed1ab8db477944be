//! Why a call is not let through, or the ledger cannot be read or written.

use assay_core::{Coded, ErrorCode, NanoUsd, timestamp};
use assay_sqlite::SqliteError;

use crate::{Budget, Dimension, Measure};

/// A failed call to the ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A budget has no room for what the call may come to.
    #[error(
        "the budget `{name}` has no room for this call: {used} of {limit} are used or reserved, the call may take {asked}"
    )]
    OverBudget {
        /// The budget's name.
        name: String,
        /// What is used and reserved, with its unit.
        used: String,
        /// The limit, with its unit.
        limit: String,
        /// What the call may take, with its unit.
        asked: String,
        /// When the budget begins at nothing again, in milliseconds since 1970.
        resets_ms: i64,
        /// Whether another provider or model may have room: the budget tells them apart.
        is_of_model: bool,
    },
    /// The model has no price, and unknown models are refused.
    #[error("the model `{model}` of `{provider}` has no price")]
    UnknownModel {
        /// The provider.
        provider: String,
        /// The model.
        model: String,
    },
    /// A name of a caller, provider or model cannot be one.
    #[error("a call cannot be attributed: {reason}")]
    Label {
        /// What is wrong.
        reason: String,
    },
    /// A budget, an override or a query that cannot be one.
    #[error("{what} cannot be taken: {reason}")]
    Invalid {
        /// What was given.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// There is no such budget.
    #[error("there is no budget `{id}`")]
    NoBudget {
        /// The id or name as it was given.
        id: String,
    },
    /// A price table cannot be read or written.
    #[error("the price table `{path}` cannot be used: {reason}")]
    PriceFile {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The journal cannot be read or written.
    #[error("the journal of the ledger cannot be used")]
    Journal(#[from] std::io::Error),
    /// The database failed.
    #[error("the ledger's database failed")]
    Database(#[from] SqliteError),
    /// Entries wait for the database in a number that only a broken disk explains.
    #[error("the ledger cannot keep up: {waiting} entries wait for the disk")]
    Backlog {
        /// How many.
        waiting: usize,
    },
    /// Budgets for each value have more counters than memory is set aside for.
    #[error("the budgets have more counters than can be kept")]
    Counters,
    /// A row of the database is not what was written there.
    #[error("a row of the ledger cannot be read: {reason}")]
    Row {
        /// What is wrong.
        reason: String,
    },
}

impl LedgerError {
    pub(crate) fn over_budget(
        budget: &Budget,
        limit: u64,
        used: u64,
        asked: u64,
        resets_ms: i64,
    ) -> Self {
        let shown = |amount| shown(budget.measure, amount);
        let told_apart = [Dimension::Provider, Dimension::Model];
        Self::OverBudget {
            name: budget.spec.name.clone(),
            used: shown(used),
            limit: shown(limit),
            asked: shown(asked),
            resets_ms,
            is_of_model: told_apart.iter().any(|it| budget.spec.selector(*it).is_some()),
        }
    }
}

/// An amount with its unit.
#[must_use]
pub fn shown(measure: Measure, amount: u64) -> String {
    match measure {
        Measure::Usd => format!("${}", NanoUsd::from_nanos(amount)),
        Measure::Tokens => format!("{amount} tokens"),
        Measure::Calls => format!("{amount} calls"),
    }
}

impl From<assay_sqlite::sql::Error> for LedgerError {
    fn from(error: assay_sqlite::sql::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Coded for LedgerError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::OverBudget { .. } => ErrorCode::BudgetExceeded,
            Self::Label { .. } | Self::Invalid { .. } => ErrorCode::BadRequest,
            Self::UnknownModel { .. } | Self::NoBudget { .. } => ErrorCode::NotFound,
            Self::Journal(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                ErrorCode::StorageFull
            }
            Self::Counters => ErrorCode::TooManyRequests,
            Self::Backlog { .. } => ErrorCode::Unavailable,
            Self::Database(error) => error.code(),
            Self::PriceFile { .. } | Self::Journal(_) | Self::Row { .. } => ErrorCode::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::OverBudget { resets_ms, .. } => {
                return Some(format!(
                    "it begins again at {}; `assay budgets` shows and changes it",
                    timestamp(*resets_ms)
                ));
            }
            Self::UnknownModel { .. } => {
                "say `tier = \"free\"` for a provider that costs nothing, set a price under \
                 `ledger.prices`, or update the table with `assay models prices update`; \
                 `ledger.unknown_model` can charge a maximum in place of refusing"
            }
            Self::NoBudget { .. } => "`assay budgets list` shows those there are",
            Self::PriceFile { .. } => {
                "`assay models prices update` writes it anew; prices of your own belong under \
                 `ledger.prices`"
            }
            Self::Journal(_) => "check the space and the rights of the data folder",
            Self::Backlog { .. } => "check the disk of the data folder",
            Self::Counters => "name fewer values of a dimension whose budget is for each value",
            Self::Database(error) => return error.hint(),
            Self::Label { .. } | Self::Invalid { .. } | Self::Row { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
