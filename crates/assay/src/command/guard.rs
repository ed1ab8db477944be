//! `assay guard`: what the guard finds in a text, without a server and without data; and what that of
//! a server did.

use std::{io::Read, path::Path, process::ExitCode};

use assay_api::GuardEventsResponse;
use assay_core::ErrorCode;
use assay_guard::{Finding, Guard, Pseudonyms, Scope};
use serde_json::json;

use super::{Context, connected};
use crate::{
    cli::{GuardCommand, GuardScan, GuardScope},
    output::{Told, json as print, line, note, part, told},
    wiring,
};

/// The largest text that is read.
const TEXT_BYTES_MAX: u64 = 256 << 20;
/// Something was found.
const FOUND: u8 = 10;
/// Characters of a finding that are shown.
const SHOWN_CHARS: usize = 4;

pub(crate) fn run(context: &Context, command: &GuardCommand) -> anyhow::Result<ExitCode> {
    match command {
        GuardCommand::Scan(args) => scan(context, args),
        GuardCommand::Rules { tenant } => rules(context, tenant.as_deref()),
        GuardCommand::Events { limit } => wiring::runtime()?.block_on(events(context, *limit)),
    }
}

/// Lists what the guard of the server did.
async fn events(context: &Context, limit: u32) -> anyhow::Result<ExitCode> {
    let path = format!("/v1/guard/events?limit={limit}");
    let listed: GuardEventsResponse =
        connected(context, async |connection| connection.get(&path).await).await?;
    if context.json {
        print(&listed)?;
        return Ok(ExitCode::SUCCESS);
    }
    for event in &listed.events {
        let findings = event.findings.iter();
        let findings: Vec<String> = findings
            .map(|found| format!("{} {}x {}", found.kind, found.count, found.action))
            .collect();
        let told = if findings.is_empty() { event.detail.clone() } else { findings.join(", ") };
        line(&format!("{}  {:<14}  {:<10}  {told}", event.at, event.action, event.place));
    }
    if listed.events.is_empty() {
        line("The guard had nothing to do.");
    }
    Ok(ExitCode::SUCCESS)
}

/// The guard of the configuration, for a tenant where one is named.
pub(super) fn guard(context: &Context, tenant: Option<&str>) -> anyhow::Result<Guard> {
    let guard = Guard::new(context.config.guard.clone()).map_err(told)?;
    let Some(tenant) = tenant else { return Ok(guard) };
    guard.of_tenants().map_err(told)?.remove(tenant).ok_or_else(|| {
        let message = format!("the settings hold nothing for the guard of tenant `{tenant}`");
        Told::new(ErrorCode::NotFound, message)
            .hint(format!("add a table [guard.tenants.{tenant}], or leave --tenant out"))
            .into()
    })
}

fn scan(context: &Context, args: &GuardScan) -> anyhow::Result<ExitCode> {
    let guard = guard(context, args.tenant.as_deref())?.unlimited();
    if args.redact && args.texts.len() > 1 {
        let message = "--redact takes one file: nobody could tell several texts apart";
        return Err(Told::new(ErrorCode::BadRequest, message).hint("run it for each").into());
    }
    let mut found = false;
    for path in &args.texts {
        found |= look(context, args, &guard, path)?;
    }
    Ok(if found { ExitCode::from(FOUND) } else { ExitCode::SUCCESS })
}

/// Looks at one text, and tells whether something was found.
fn look(context: &Context, args: &GuardScan, guard: &Guard, path: &Path) -> anyhow::Result<bool> {
    let text = read(path)?;
    let name = if args.texts.len() > 1 { format!("{}:", path.display()) } else { String::new() };
    let scope = match args.scope {
        GuardScope::Everything => Scope::Everything,
        GuardScope::Outgoing => Scope::Outgoing,
        GuardScope::Secrets => Scope::Secrets,
    };
    let redacted = guard.redact(&text, scope, &mut Pseudonyms::new());
    if redacted.failed {
        let message = format!("the guard failed on `{}`", path.display());
        return Err(Told::new(ErrorCode::Internal, message)
            .hint("look at it in parts, and report the part")
            .into());
    }
    let places = Places::of(&text, &redacted.findings);
    if context.json {
        let findings: Vec<_> = redacted
            .findings
            .iter()
            .zip(&places.0)
            .map(|(finding, place)| {
                json!({ "kind": finding.kind, "start": place.start, "end": place.end,
                    "line": place.line, "severity": finding.severity, "rule": finding.rule,
                    "reason": finding.reason, "action": finding.action })
            })
            .collect();
        let passed = (args.redact && !redacted.blocked).then_some(&redacted.text);
        let file = path.display().to_string();
        print(&json!({ "file": file, "findings": findings, "blocked": redacted.blocked,
            "text": passed }))?;
    } else {
        let tell: fn(&str) = if args.redact { note } else { line };
        for (finding, place) in redacted.findings.iter().zip(&places.0) {
            let seen = glimpse(finding.span.of(&text));
            tell(&format!(
                "{name}{}:{}  {:<22} {:<8} {:<12} {seen}",
                place.line,
                place.column,
                finding.kind.as_str(),
                finding.severity.as_str(),
                finding.action.as_str()
            ));
        }
        if args.redact && redacted.blocked {
            note("the policy blocks this text");
        } else if args.redact {
            part(&redacted.text);
        } else if redacted.findings.is_empty() {
            line(&format!("{name}{}Nothing was found.", if name.is_empty() { "" } else { " " }));
        }
    }
    Ok(!redacted.findings.is_empty())
}

/// The start of what was found: enough to recognise it, not enough to use it.
fn glimpse(text: &str) -> String {
    let start: String = text.chars().take(SHOWN_CHARS).filter(|c| !c.is_control()).collect();
    format!("{start}… ({} characters)", text.chars().count())
}

fn rules(context: &Context, tenant: Option<&str>) -> anyhow::Result<ExitCode> {
    let guard = guard(context, tenant)?;
    let rules = guard.rules().map(|rule| {
        json!({ "id": rule.id, "kind": rule.kind, "severity": rule.severity, "reason": rule.reason,
            "examples": rule.examples, "action": guard.action(rule.kind) })
    });
    if context.json {
        print(&json!({ "rules": rules.collect::<Vec<_>>() }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for rule in guard.rules() {
        let action = guard.action(rule.kind).as_str();
        line(&format!(
            "{:<24} {:<24} {:<8} {action}",
            rule.id,
            rule.kind.as_str(),
            rule.severity.as_str()
        ));
        line(&format!("  {}", rule.reason));
    }
    Ok(ExitCode::SUCCESS)
}

/// Where findings stand for a person: characters, lines and columns.
struct Places(Vec<Place>);

struct Place {
    start: usize,
    end: usize,
    line: usize,
    column: usize,
}

impl Places {
    fn of(text: &str, findings: &[Finding]) -> Self {
        let (mut at, mut chars, mut line, mut column) = (0, 0, 1, 1);
        let places = findings.iter().map(|finding| {
            let start = finding.span.start as usize;
            for character in text.get(at..start).unwrap_or("").chars() {
                chars += 1;
                (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
            }
            at = start.max(at);
            let end = chars + finding.span.of(text).chars().count();
            Place { start: chars, end, line, column }
        });
        Self(places.collect())
    }
}

/// A text file, or standard input for `-`. Bytes that are no text are shown as such and looked past.
fn read(path: &Path) -> anyhow::Result<String> {
    let unreadable = |reason: &dyn std::fmt::Display| {
        let message = format!("`{}` cannot be read: {reason}", path.display());
        anyhow::Error::from(Told::new(ErrorCode::BadRequest, message).hint("give a file of text"))
    };
    let reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(|error| unreadable(&error))?)
    };
    let mut bytes = Vec::new();
    let read = reader.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes);
    if read.map_err(|error| unreadable(&error))? as u64 > TEXT_BYTES_MAX {
        return Err(unreadable(&format_args!("it has more than {TEXT_BYTES_MAX} bytes")));
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| {
        note("note: bytes that are no UTF-8 were replaced; places count the replaced text");
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    }))
}
