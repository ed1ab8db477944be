//! `assay drill`: attacks on a running server, to see what holds.

mod attack;

use std::process::ExitCode;

use super::Context;
use crate::cli::Drill;

pub(crate) async fn run(context: Context, drill: Drill) -> anyhow::Result<ExitCode> {
    match drill {
        Drill::Attack(args) => attack::run(&context, &args).await,
    }
}
