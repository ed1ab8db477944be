//! Markdown for a pull request.

use std::fmt::Write as _;

use super::{headline, ordered, short};
use crate::{Outcome, check::Severity, run::Run, verdict::Verdict};

/// The run in Markdown: what is open first, the rest folded.
#[must_use]
pub fn markdown(run: &Run) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "## Ready? {}\n", if run.is_ready() { "Yes" } else { "No" });
    let _ = writeln!(
        out,
        "{} · profile `{}` · config `{}` · build `{}+{}` · run `{}`\n",
        headline(run),
        run.profile,
        short(&run.config),
        run.server_version,
        short(&run.build),
        run.id
    );
    for problem in &run.problems {
        let _ = writeln!(out, "> **{problem}**\n");
    }
    let (open, done): (Vec<&Outcome>, Vec<&Outcome>) =
        ordered(run).into_iter().partition(|it| !it.verdict.lets_through());
    let (blockers, lesser): (Vec<&Outcome>, Vec<&Outcome>) =
        open.into_iter().partition(|it| it.severity == Severity::Blocker);
    if !blockers.is_empty() {
        out.push_str("### Blockers\n\n");
        table(&mut out, &blockers);
    }
    for (title, outcomes) in [("Open, but no blockers", lesser), ("Decided", done)] {
        let _ = writeln!(out, "<details><summary>{title}: {}</summary>\n", outcomes.len());
        table(&mut out, &outcomes);
        out.push_str("</details>\n\n");
    }
    out
}

fn table(out: &mut String, outcomes: &[&Outcome]) {
    out.push_str("| | check | what was seen | next |\n|---|---|---|---|\n");
    for outcome in outcomes {
        let next = match outcome.verdict {
            Verdict::Fail => &outcome.remedy,
            it if it.lets_through() => "",
            _ if outcome.need.is_empty() => &outcome.remedy,
            _ => &outcome.need,
        };
        let _ = writeln!(
            out,
            "| {} | **{}** {} | {} | {} |",
            outcome.verdict,
            outcome.id,
            cell(&outcome.title),
            cell(&outcome.says),
            cell(next)
        );
    }
    out.push('\n');
}

/// A text that stays in its cell.
pub(super) fn cell(text: &str) -> String {
    let text: String = text.chars().take(300).collect();
    text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}
