#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod budget;
mod call;
#[cfg(test)]
mod contract;
mod error;
mod journal;
mod labels;
mod ledger;
mod moving;
pub mod prices;
mod rates;
mod recount;
mod report;
mod reservation;
mod settings;
mod store;
pub use store::SCHEMA_VERSION;
mod summary;
mod usage;

pub use budget::{
    Alert, Budget, BudgetSpec, BudgetStatus, CounterStatus, Dimension, LimitOverride, Measure,
    Window,
};
pub use call::{CallKind, NewCall, Outcome};
pub use error::{LedgerError, shown};
pub use labels::Caller;
pub use ledger::Ledger;
pub use rates::{LongContext, Pricing, Rates};
pub use recount::Recount;
pub use report::{GroupBy, LedgerEntry, UsageGroup, UsageQuery, UsageReport, UsageSum};
pub use reservation::{Ending, Reservation};
pub use settings::{LedgerSettings, UnknownAction, UnknownModel};
pub use store::{BACK, MIGRATIONS, SCHEMA};
pub use summary::CostSummary;
pub use usage::Usage;

pub(crate) use labels::Labels;
