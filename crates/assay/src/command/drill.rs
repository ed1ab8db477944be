//! `assay drill`: attacks, faults and load, to see what holds and who is told.

mod alerts;
mod attack;
mod fault;
mod load;
mod restore;

use std::process::ExitCode;

use super::Context;
use crate::cli::Drill;
pub(super) use load::keep;

pub(crate) async fn run(context: Context, drill: Drill) -> anyhow::Result<ExitCode> {
    match drill {
        Drill::Attack(args) => attack::run(&context, &args).await,
        Drill::Alerts(args) => alerts::run(&context, &args).await,
        Drill::Load(args) => load::run(context, args).await,
        Drill::Fault(args) => fault::run(context, args).await,
        Drill::Restore(args) => restore::run(&context, &args).await,
        Drill::PutBack(args) => load::put_back(context, args).await,
    }
}
