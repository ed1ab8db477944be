//! `assay gateway import`.

use std::{path::Path, process::ExitCode};

use assay_answer::read_yaml;
use assay_core::ErrorCode;
use serde::Deserialize as _;
use serde_json::json;

use super::Context;
use crate::{
    cli::Import,
    config::Config,
    output::{Told, json as print, line, note, part, write_file},
};

mod litellm;
#[cfg(test)]
mod tests;

/// A configuration is read whole; none of people is near this.
const BYTES_MAX: u64 = 4 << 20;

/// What became of a configuration.
pub(crate) struct Imported {
    /// The sections of ours, as TOML.
    pub(crate) text: String,
    /// What was not carried over: where it stands, and why.
    pub(crate) notes: Vec<(String, String)>,
}

pub(super) fn run(context: &Context, args: &Import) -> anyhow::Result<ExitCode> {
    let imported = read(&args.file)?;
    if let Some(out) = &args.out {
        if out.try_exists()? {
            let message = format!("`{}` is there already", out.display());
            return Err(Told::new(ErrorCode::Conflict, message)
                .hint("name another file with --out, or move this one away")
                .into());
        }
        write_file(out, &imported.text)?;
    }
    if context.json {
        let notes: Vec<_> = imported
            .notes
            .iter()
            .map(|(place, why)| json!({ "place": place, "why": why }))
            .collect();
        print(&json!({ "configuration": imported.text, "not_carried_over": notes }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.out.is_none() {
        part(&imported.text);
    }
    if !imported.notes.is_empty() {
        note(&format!("{} settings were not carried over:", imported.notes.len()));
    }
    for (place, why) in &imported.notes {
        note(&format!("  {place}: {why}"));
    }
    if let Some(out) = &args.out {
        line(&format!("{} is written; check it: assay config check --config {0}", out.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the file and writes it as a configuration of ours, which is checked as at a start.
fn read(path: &Path) -> anyhow::Result<Imported> {
    let wrong = |what: String| {
        Told::new(ErrorCode::BadRequest, format!("`{}` {what}", path.display()))
            .hint("give the YAML file that the LiteLLM proxy is started with")
    };
    let size =
        std::fs::metadata(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if size.len() > BYTES_MAX {
        return Err(wrong(format!("is longer than {BYTES_MAX} bytes")).into());
    }
    let text =
        std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let value = read_yaml(&text).map_err(|what| wrong(format!("is not YAML: {what}")))?;
    let imported = litellm::import(&value).map_err(wrong)?;
    let problems = match Config::deserialize(toml::from_str::<toml::Table>(&imported.text)?) {
        Ok(config) => config.gateway.problems(),
        Err(error) => {
            return Err(wrong(format!("became a configuration that is refused: {error}")).into());
        }
    };
    if let Some(problem) = problems.first() {
        let place = problem.path.join(".");
        let what = format!("became a configuration that is refused: {place}: {}", problem.what);
        return Err(wrong(what).into());
    }
    Ok(imported)
}
