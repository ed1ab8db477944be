//! One file for a browser: no network, it prints, every row opens. What has a meaning has a word, not
//! a colour alone.

use std::fmt::Write as _;

use super::{headline, junit::escape, ordered, short};
use crate::{
    Outcome,
    check::Severity,
    judge::span,
    observation::{Observation, Value},
    run::Run,
    store::Folder,
    verdict::Verdict,
};

const STYLE: &str = include_str!("html/page.css");
/// Runs before this one whose verdicts are shown.
const HISTORY: usize = 20;

/// The run as a page, with the verdicts of earlier runs of the folder.
#[must_use]
pub fn html(run: &Run, folder: &Folder) -> String {
    let history = history(run, folder);
    let mut out = String::new();
    let answer = if run.is_ready() { "Ready" } else { "Not ready" };
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{answer}: {}</title><style>{STYLE}</style></head><body><header>\
         <h1 class=\"{}\">{answer}</h1><p class=\"lead\">{}</p><dl>",
        escape(&run.url),
        if run.is_ready() { "yes" } else { "no" },
        escape(&headline(run)),
    );
    let config = if run.config.is_empty() { "unknown" } else { short(&run.config) };
    for (name, value) in [
        ("Deployment", run.url.as_str()),
        ("Profile", run.profile.as_str()),
        ("Run", run.id.as_str()),
        ("Took", span(run.seconds).as_str()),
        ("Build", format!("{}+{}", run.server_version, short(&run.build)).as_str()),
        ("Configuration", config),
        ("Checklist", short(&run.checklist)),
    ] {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", escape(value));
    }
    out.push_str("</dl>");
    for problem in &run.problems {
        let _ = write!(out, "<p class=\"problem\" role=\"alert\">{}</p>", escape(problem));
    }
    out.push_str("</header><main>");
    sections(&mut out, run, &history);
    out.push_str(
        "</main><footer>Made by assay ready. The artefacts lie below <code>ev/</code> in the \
                  folder of the run; <code>assay ready verify</code> compares them.</footer>\
                  </body></html>\n",
    );
    out
}

fn sections(out: &mut String, run: &Run, history: &[Run]) {
    let outcomes = ordered(run);
    let is_open = |it: &&&Outcome| !it.verdict.lets_through();
    let of = |severity: Severity| -> Vec<&Outcome> {
        outcomes.iter().filter(is_open).filter(|it| it.severity == severity).copied().collect()
    };
    let through = |wanted: &[Verdict]| -> Vec<&Outcome> {
        outcomes.iter().filter(|it| wanted.contains(&it.verdict)).copied().collect()
    };
    let parts = [
        ("Blockers", of(Severity::Blocker), true),
        ("Open, major", of(Severity::Major), true),
        ("Open, minor", of(Severity::Minor), false),
        ("Waived and attested", through(&[Verdict::Waived, Verdict::Attested]), false),
        ("Passed", through(&[Verdict::Pass]), false),
        ("Does not apply here", through(&[Verdict::NotApplicable]), false),
    ];
    for (title, outcomes, is_shown) in parts.into_iter().filter(|(_, it, _)| !it.is_empty()) {
        let shown = if is_shown { " open" } else { "" };
        let _ = write!(
            out,
            "<details class=\"part\"{shown}><summary><h2>{title} <span>{}</span></h2></summary>",
            outcomes.len()
        );
        outcomes.into_iter().for_each(|outcome| row(out, outcome, history));
        out.push_str("</details>");
    }
}

fn row(out: &mut String, outcome: &Outcome, history: &[Run]) {
    let word = outcome.verdict.as_str().replace('_', " ");
    let _ = write!(
        out,
        "<details class=\"check\" id=\"{id}\"><summary><span class=\"mark {class}\">{word}</span> \
         <b>{id}</b> {title}<small>{says}</small></summary>",
        id = escape(&outcome.id),
        class = outcome.verdict.as_str(),
        title = escape(&outcome.title),
        says = escape(&outcome.says),
    );
    for (name, text) in
        [("Missing", &outcome.need), ("To mend", &outcome.remedy), ("Page", &outcome.runbook)]
    {
        let is_wanted = outcome.verdict != Verdict::Pass || name == "Page";
        if is_wanted && !text.is_empty() {
            let _ = write!(out, "<p><strong>{name}:</strong> {}</p>", escape(text));
        }
    }
    if !outcome.observations.is_empty() {
        out.push_str(
            "<table><thead><tr><th scope=\"col\">Seen</th><th scope=\"col\">Value</th>\
             <th scope=\"col\">Rests on</th><th scope=\"col\">Artefact</th></tr></thead><tbody>",
        );
        outcome.observations.iter().for_each(|seen| observation(out, seen));
        out.push_str("</tbody></table>");
    }
    if !outcome.judged.is_empty() {
        out.push_str("<ul>");
        for judged in &outcome.judged {
            let _ = write!(out, "<li>{}: {}</li>", judged.verdict, escape(&judged.says));
        }
        out.push_str("</ul>");
    }
    let past: Vec<String> = history
        .iter()
        .filter_map(|run| {
            let then = run.outcomes.iter().find(|it| it.id == outcome.id)?;
            Some(format!(
                "<li><time>{}</time> {}</li>",
                run.started.strftime("%Y-%m-%d %H:%M"),
                then.verdict
            ))
        })
        .collect();
    if !past.is_empty() {
        let _ =
            write!(out, "<p><strong>Before</strong></p><ol class=\"past\">{}</ol>", past.concat());
    }
    let _ = write!(
        out,
        "<p class=\"from\">{} · {} · from {}</p></details>",
        escape(&outcome.section),
        outcome.severity.as_str(),
        escape(&outcome.sources)
    );
}

fn observation(out: &mut String, seen: &Observation) {
    let window = seen.window_seconds.map(|it| format!(", {}", span(it))).unwrap_or_default();
    let age = seen.age_days.map(|it| format!(", {it:.0} d old")).unwrap_or_default();
    let _ = write!(
        out,
        "<tr><th scope=\"row\">{}</th><td>{} {}{}</td><td>{}{window}{age}</td><td><code>{}</code></td></tr>",
        escape(&seen.name),
        escape(&seen.value.shown()),
        escape(&seen.unit),
        chart(&seen.value),
        seen.value.size(),
        short(&seen.artefact),
    );
}

/// Measurements as a small picture: each one a bar, in the order in which they were taken.
fn chart(value: &Value) -> String {
    let Value::Samples { samples } = value else { return String::new() };
    let most = samples.iter().copied().fold(0.0, f64::max);
    if samples.len() < 5 || most <= 0.0 {
        return String::new();
    }
    let bars: String = samples
        .iter()
        .take(200)
        .enumerate()
        .map(|(at, sample)| {
            let height = (sample / most * 24.0).max(0.5);
            format!(
                "<rect x=\"{}\" y=\"{:.1}\" width=\"2\" height=\"{height:.1}\"/>",
                at * 3,
                24.0 - height
            )
        })
        .collect();
    let width = samples.len().min(200) * 3;
    format!(
        "<svg role=\"img\" aria-label=\"{} measurements, largest {most:.1}\" width=\"{width}\" \
         height=\"24\" viewBox=\"0 0 {width} 24\">{bars}</svg>",
        samples.len()
    )
}

/// Earlier runs of the same profile, newest first.
fn history(run: &Run, folder: &Folder) -> Vec<Run> {
    folder
        .runs()
        .into_iter()
        .rev()
        .filter(|id| *id < run.id)
        .take(HISTORY)
        .filter_map(|id| folder.load(&id).ok())
        .filter(|earlier| earlier.profile == run.profile)
        .collect()
}
