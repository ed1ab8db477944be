//! Lines that tools print.

use serde_json::Value;

/// Endings of files with variables that are meant to be tracked, because they hold no value.
const EXAMPLES: [&str; 5] = [".example", ".sample", ".template", ".dist", ".tpl"];

/// The code in the last line, `exit CODE`, and the text before it. Without it a tool that found nothing
/// could not be told from one that was not run.
fn ended(text: &str) -> Result<(u8, &str), String> {
    let text = text.trim_end();
    let (before, last) = text.rsplit_once('\n').unwrap_or(("", text));
    let code = last.trim().strip_prefix("exit ").and_then(|code| code.parse().ok());
    let code =
        code.ok_or("its last line is not `exit CODE`: (COMMAND; echo \"exit $?\") > FILE")?;
    Ok((code, before))
}

/// Differences that the check of a formatter found: those of `cargo fmt`, else the lines that it
/// printed when it ended with another code than 0.
pub(super) fn checked(text: &str) -> Result<u64, String> {
    let (code, before) = ended(text)?;
    let diffs = before.lines().filter(|line| line.starts_with("Diff in ")).count() as u64;
    let lines = before.lines().filter(|line| !line.trim().is_empty()).count() as u64;
    Ok(match (diffs, code) {
        (0, 0) => 0,
        (0, _) => lines.max(1),
        (diffs, _) => diffs,
    })
}

/// Lines that a difference adds or takes out.
pub(super) fn diff(text: &str) -> Result<u64, String> {
    let (code, before) = ended(text)?;
    let is_changed = |line: &&str| {
        line.starts_with(['+', '-']) && !line.starts_with("+++ ") && !line.starts_with("--- ")
    };
    let lines = before.lines().filter(is_changed).count() as u64;
    if lines == 0 && !before.trim().is_empty() && !before.contains("diff --git") {
        return Err("it is no difference of git".to_owned());
    }
    // Files can differ without a line: a mode, or bytes that are no text.
    Ok(if code == 0 { lines } else { lines.max(1) })
}

/// Files with variables among those that are tracked.
pub(super) fn env_files(text: &str) -> Result<u64, String> {
    let is_path = |line: &str| !line.contains(['{', '}', '<', '>', '\0']);
    if !text.lines().all(is_path) {
        return Err("it is no list of paths, one in a line".to_owned());
    }
    let is_env = |line: &&str| {
        let name = line.trim().trim_matches('"').rsplit('/').next().unwrap_or_default();
        let is_named = name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
        is_named && !EXAMPLES.iter().any(|ending| name.ends_with(ending))
    };
    Ok(text.lines().filter(is_env).count() as u64)
}

/// Documents of JSON, one in a line; lines that are none are left out.
fn documents(text: &str) -> impl Iterator<Item = Value> {
    text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok())
}

/// Warnings and errors of `cargo clippy --message-format=json`; nothing when it is not of cargo.
pub(super) fn cargo(text: &str) -> Result<Option<u64>, String> {
    let (mut is_cargo, mut success) = (false, None);
    let mut count = 0_u64;
    for document in documents(text) {
        match document.get("reason").and_then(Value::as_str) {
            Some("build-finished") => success = document.get("success").and_then(Value::as_bool),
            Some("compiler-message") => {
                is_cargo = true;
                count += u64::from(is_warning(&document));
            }
            Some(_) => is_cargo = true,
            None => {}
        }
    }
    match success {
        None if !is_cargo => Ok(None),
        None => Err("it is cut: cargo did not say `build-finished`".to_owned()),
        Some(true) => Ok(Some(count)),
        Some(false) => Ok(Some(count.max(1))),
    }
}

/// Whether a message of the compiler is a finding, and no sum of them.
fn is_warning(document: &Value) -> bool {
    let of = |name: &str| document.pointer(name).and_then(Value::as_str).unwrap_or_default();
    let text = of("/message/message");
    let is_sum = text.ends_with("emitted") || text.starts_with("aborting due to");
    matches!(of("/message/level"), "warning" | "error" | "error: internal compiler error")
        && !is_sum
}

/// Licences that `cargo deny` does not allow; nothing when it is not of `cargo deny`.
pub(super) fn licences(text: &str) -> Result<Option<u64>, String> {
    let (mut summed, mut is_deny) = (None, false);
    for document in documents(text) {
        match document.get("type").and_then(Value::as_str) {
            Some("diagnostic") => is_deny = true,
            Some("summary") => {
                let errors = document.pointer("/fields/licenses/errors").and_then(Value::as_u64);
                summed = Some(errors.ok_or("`cargo deny` did not look at licences")?);
            }
            _ => {}
        }
    }
    match summed {
        None if is_deny => Err("it is cut: `cargo deny` did not write its summary".to_owned()),
        found => Ok(found),
    }
}
