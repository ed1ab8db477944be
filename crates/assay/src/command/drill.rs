//! `assay drill`: attacks, faults and load, to see what holds and who is told.

mod alerts;
mod all;
mod attack;
mod carry;
mod delivery;
mod fault;
mod load;
mod private;
mod provider;
mod restore;
mod rollout;
mod secrets;
mod stop;
mod tasks;
mod tenancy;

use std::process::ExitCode;

use super::{Context, ready::refused};
use crate::cli::Drill;
pub(super) use all::every;
pub(super) use load::keep;

pub(crate) async fn run(context: Context, drill: Drill) -> anyhow::Result<ExitCode> {
    match drill {
        Drill::Attack(args) => attack::run(&context, &args).await,
        Drill::Alerts(args) => alerts::run(&context, &args).await,
        Drill::Delivery(args) => delivery::run(&context, &args).await,
        Drill::Load(args) => load::run(context, args).await,
        Drill::Fault(args) => fault::run(context, args).await,
        Drill::Restore(args) => restore::run(&context, &args).await,
        Drill::Rollout(args) => rollout::run(context, args).await,
        Drill::Secrets(args) => secrets::run(context, args).await,
        Drill::Stop(args) => stop::run(context, args).await,
        Drill::Tasks(args) => tasks::run(context, args).await,
        Drill::Tenancy(args) => tenancy::run(context, args).await,
        Drill::All(args) => {
            let json = context.json;
            let ran = tokio::task::spawn_blocking(move || all::run(&context, &args)).await?;
            ran.or_else(|error| refused(error, json))
        }
        Drill::PutBack(args) => load::put_back(context, args).await,
    }
}
