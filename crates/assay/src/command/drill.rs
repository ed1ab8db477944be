//! `assay drill`: attacks on a running server and load, to see what holds.

mod attack;
mod load;
mod restore;

use std::process::ExitCode;

use super::Context;
use crate::cli::Drill;

pub(crate) async fn run(context: Context, drill: Drill) -> anyhow::Result<ExitCode> {
    match drill {
        Drill::Attack(args) => attack::run(&context, &args).await,
        Drill::Load(args) => load::run(context, args).await,
        Drill::Restore(args) => restore::run(&context, &args).await,
        Drill::PutBack(args) => load::put_back(context, args).await,
    }
}
