//! `assay migrate`: the tables of a server forward, and every database one version back.

use std::process::ExitCode;

use assay_answer::{BackOrder, Returned};
use assay_core::{ErrorCode, Secret};
use serde_json::json;

use super::Context;
use crate::{
    cli::Migrate,
    output::{Told, json as print, line, told},
};

pub(crate) fn run(mut context: Context, args: Migrate) -> anyhow::Result<ExitCode> {
    let settings = &mut context.config.database;
    settings.url = args.database.clone().map(Secret::new).or_else(|| settings.url.take());
    if args.back.is_some() {
        return back(&context, args);
    }
    let applied = assay_answer::migrate(settings, &args.grant_to).map_err(told)?;
    if context.json {
        print(&json!({ "applied": applied, "role": args.grant_to }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for step in &applied {
        line(&format!("applied {step}"));
    }
    let role = &args.grant_to;
    line(&format!("The tables are up to date; the role `{role}` may read and write their rows."));
    Ok(ExitCode::SUCCESS)
}

fn back(context: &Context, args: Migrate) -> anyhow::Result<ExitCode> {
    let settings = context.config.engine();
    let copy_to = match args.copy_to {
        Some(to) => Some(to.absolute()?),
        None => settings.backup.to.clone().filter(|_| !args.no_copy),
    };
    if copy_to.is_none() && !args.no_copy && !args.preview {
        let hint = "name a place with --copy-to, or say --no-copy where there is a copy";
        let error = Told::new(ErrorCode::BadRequest, "a copy is taken before anything goes back");
        return Err(error.hint(hint).into());
    }
    let (names, is_preview) = (args.back.unwrap_or_default(), args.preview);
    let order = BackOrder { names, is_preview, copy_to };
    let returned = assay_answer::go_back(&settings, &order).map_err(told)?;
    if context.json {
        let rows = returned.iter().map(|Returned { name, way, databases }| {
            json!({ "name": name, "from": way.from, "to": way.to, "loses": way.loses,
                "databases": databases })
        });
        let copy = order.copy_to.filter(|_| !is_preview).map(|to| to.to_string());
        print(&json!({ "preview": is_preview, "copy": copy, "back": rows.collect::<Vec<_>>() }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let (Some(to), false) = (&order.copy_to, is_preview) {
        line(&format!("a full copy of before is in {to}"));
    }
    let (verb, done) = if is_preview { ("would go", false) } else { ("went", true) };
    for Returned { name, way, databases } in &returned {
        let (from, to) = (way.from, way.to);
        if *databases == 0 {
            line(&format!("{name}: nothing to do, none is at version {from}"));
        } else {
            let loses = way.loses;
            line(&format!(
                "{name}: {databases} {verb} from version {from} to {to}, without {loses}"
            ));
        }
    }
    if done {
        line("Start the version of Assay before this one; this one brings them forward again.");
    } else {
        line("nothing was changed");
    }
    Ok(ExitCode::SUCCESS)
}
