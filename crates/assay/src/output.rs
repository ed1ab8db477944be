//! What people and programs see: lines, JSON, errors with hints, exit codes.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use assay_core::{Coded, ErrorChain, ErrorCode};
use serde::Serialize;

/// An error that is told as it stands, with its code and hint.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Told {}

impl Told {
    /// An error of a crate, with its whole chain.
    pub(crate) fn from(error: &impl Coded) -> Self {
        Self { code: error.code(), message: ErrorChain(error).to_string(), hint: error.hint() }
    }

    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// A piece of a text that goes on: printed at once, without the end of a line.
pub(crate) fn part(text: &str) {
    let mut out = std::io::stdout();
    // A reader that closed the pipe wants no more; the next line says so.
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Makes any coded error one that is told as it stands.
pub(crate) fn told<E: Coded>(error: E) -> anyhow::Error {
    anyhow::Error::new(Told::from(&error))
}

/// Exit codes, as `docs/reference/cli.md` lists them.
const fn exit_code(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::BadRequest
        | ErrorCode::TooLarge
        | ErrorCode::UnsupportedMedia
        | ErrorCode::NotFound => 2,
        ErrorCode::Unavailable | ErrorCode::UpstreamFailed | ErrorCode::Timeout => 3,
        ErrorCode::Conflict => 4,
        ErrorCode::StorageFull | ErrorCode::Forbidden => 5,
        _ => 1,
    }
}

/// Tells an error on standard error, as JSON on standard output when asked for.
pub(crate) fn report(error: &anyhow::Error, json: bool) -> ExitCode {
    let told = error.downcast_ref::<Told>();
    let code = told.map_or(ErrorCode::Internal, |told| told.code);
    let message = told.map_or_else(|| format!("{error:#}"), |told| told.message.clone());
    let hint = told.and_then(|told| told.hint.clone());
    if json {
        let body = serde_json::json!({
            "error": { "code": code.as_str(), "message": message, "hint": hint }
        });
        line(&body.to_string());
    } else {
        note(&format!("error: {message}"));
        if let Some(hint) = hint {
            note(&format!("hint:  {hint}"));
        }
    }
    ExitCode::from(exit_code(code))
}

/// One line on standard output. A reader that went away ends the output, not the command.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// One line on standard error: progress and remarks, which are not the result.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The result as one line of JSON.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?);
    Ok(())
}

/// Writes a file that the user named.
pub(crate) fn write_file(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).map_err(|error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Told::new(ErrorCode::Forbidden, message).into()
    })
}

/// A progress bar on a terminal, nothing elsewhere.
pub(crate) fn progress_bar(total: u64) -> indicatif::ProgressBar {
    if !std::io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    let bar = indicatif::ProgressBar::new(total);
    let template = "{msg:24!} {wide_bar} {pos}/{len} {elapsed} (eta {eta})";
    if let Ok(style) = indicatif::ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
