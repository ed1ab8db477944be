//! A run in the forms that were asked for.

use assay_ready::{ReadyError, Run, report};

use super::Room;
use crate::{
    cli::{ReadyForm, ReadyFormat},
    command::Context,
    output::{note, part, write_file},
};

/// Tells a run: on the terminal, or as files.
pub(super) fn tell(
    context: &Context,
    room: &Room,
    run: &Run,
    all: bool,
    form: &ReadyForm,
) -> anyhow::Result<()> {
    let usual = if context.json { ReadyFormat::Json } else { ReadyFormat::Terminal };
    let forms = if form.format.is_empty() { vec![usual] } else { form.format.clone() };
    let Some(out) = &form.out else {
        if forms.len() > 1 {
            return Err(ReadyError::bad("--format", "several forms need --out FILE").into());
        }
        forms.iter().try_for_each(|form| {
            part(&written(room, run, *form, all)?);
            anyhow::Ok(())
        })?;
        return Ok(());
    };
    for form in &forms {
        let path = if forms.len() > 1 { out.with_extension(ending(*form)) } else { out.clone() };
        write_file(&path, &written(room, run, *form, all)?)?;
        note(&format!("wrote {}", path.display()));
    }
    if !forms.contains(&ReadyFormat::Terminal) {
        part(&report::terminal(run, false));
    }
    Ok(())
}

const fn ending(form: ReadyFormat) -> &'static str {
    match form {
        ReadyFormat::Terminal => "txt",
        ReadyFormat::Json => "json",
        ReadyFormat::Junit => "xml",
        ReadyFormat::Sarif => "sarif",
        ReadyFormat::Markdown => "md",
        ReadyFormat::Html => "html",
        ReadyFormat::Prometheus => "prom",
        ReadyFormat::System => "system.md",
    }
}

fn written(room: &Room, run: &Run, form: ReadyFormat, all: bool) -> anyhow::Result<String> {
    Ok(match form {
        ReadyFormat::Terminal => report::terminal(run, all),
        ReadyFormat::Json => serde_json::to_string_pretty(&report::document(run))? + "\n",
        ReadyFormat::Junit => report::junit(run),
        ReadyFormat::Sarif => report::sarif(run),
        ReadyFormat::Markdown => report::markdown(run),
        ReadyFormat::Html => report::html(run, &room.folder),
        ReadyFormat::Prometheus => report::prometheus(run, super::now()),
        ReadyFormat::System => report::system(run)?,
    })
}
