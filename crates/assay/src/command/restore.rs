//! `assay restore`: from a place of backups into an empty folder, without a server.

use std::{path::Path, process::ExitCode, time::Instant};

use assay_answer::Plan;
use assay_core::{ErrorCode, parse_timestamp_ms, timestamp};
use serde_json::json;

use super::{Context, backup::place};
use crate::{
    cli::Restore,
    output::{Told, json as print, line, told},
};

pub(crate) fn run(context: &Context, args: &Restore) -> anyhow::Result<ExitCode> {
    refuse_live(&context.config.data(), &args.to)?;
    let at_ms = match &args.at {
        None => None,
        Some(text) => Some(parse_timestamp_ms(text).ok_or_else(|| {
            Told::new(ErrorCode::BadRequest, format!("`{text}` is no time"))
                .hint("write it as 2026-11-16T09:30:00Z")
        })?),
    };
    let place = place(context, &args.from)?;
    let began = Instant::now();
    let plan = Plan::to(&place, at_ms).map_err(told)?;
    let (files, databases, bytes) = plan.sizes();
    if args.preview {
        if context.json {
            print(&json!({
                "point": plan.point, "at": timestamp(plan.at_ms), "steps": plan.steps,
                "files": files, "databases": databases, "bytes": bytes,
                "program": plan.program, "schemas": plan.schemas, "sealed": place.is_sealed(),
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        line(&format!(
            "{} from {}: the point {} and {} steps after it, written by Assay {}",
            timestamp(plan.at_ms),
            args.from,
            plan.point,
            plan.steps,
            plan.program
        ));
        line(&format!("{files} files, {databases} of them databases, {bytes} bytes"));
        line(&format!("nothing was written to {}", args.to.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let (encryption, keys) = (&context.config.encryption, args.keys.keys.as_deref());
    let restored =
        assay_answer::restore(&place, &plan, &args.to, encryption, keys).map_err(told)?;
    let seconds = began.elapsed().as_secs_f64();
    if context.json {
        print(&json!({
            "at": timestamp(plan.at_ms), "to": args.to, "files": restored.files,
            "databases": restored.databases, "bytes": restored.bytes, "seconds": seconds,
            "keys_missing": restored.is_without_keys, "erased": restored.erased,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    line(&format!(
        "{} files, {} of them databases, {} bytes in {seconds:.1} s, as of {}",
        restored.files,
        restored.databases,
        restored.bytes,
        timestamp(plan.at_ms)
    ));
    for tenant in &restored.erased {
        line(&format!("tenant {tenant} was erased since: it is left out"));
    }
    if restored.is_without_keys {
        line("The data is encrypted and no backup holds its keys: put the keys folder there too.");
    }
    line(&format!("start on it: assay serve --data-dir {}", args.to.display()));
    Ok(ExitCode::SUCCESS)
}

/// A restore never touches the data that is in use.
fn refuse_live(live: &Path, to: &Path) -> anyhow::Result<()> {
    let whole = |path: &Path| {
        let whole = path.canonicalize().or_else(|_| std::path::absolute(path));
        whole.unwrap_or_else(|_| path.to_owned())
    };
    let (live, to) = (whole(live), whole(to));
    if to.starts_with(&live) || live.starts_with(&to) {
        let message = format!("`{}` is the data folder in use, or holds it", to.display());
        let hint = "restore beside it, look at the result, then start with --data-dir";
        return Err(Told::new(ErrorCode::Forbidden, message).hint(hint).into());
    }
    Ok(())
}
