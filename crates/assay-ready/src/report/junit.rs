//! JUnit: a suite for each section, a case for each check.

use std::fmt::Write as _;

use crate::{Outcome, run::Run, verdict::Verdict};

/// The run as JUnit. What is not decided is a failure with its verdict as type; what is waived or
/// does not apply is skipped with its reason.
#[must_use]
pub fn junit(run: &Run) -> String {
    let mut sections: Vec<(&str, Vec<&Outcome>)> = Vec::new();
    for outcome in &run.outcomes {
        match sections.iter_mut().find(|(name, _)| *name == outcome.section) {
            Some((_, outcomes)) => outcomes.push(outcome),
            None => sections.push((&outcome.section, vec![outcome])),
        }
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (total, _) = counts(run.outcomes.iter());
    let _ = writeln!(out, "<testsuites name=\"readiness\" {total} time=\"{:.3}\">", run.seconds);
    for (name, outcomes) in sections {
        let (counts, skipped) = counts(outcomes.iter().copied());
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" {counts} skipped=\"{skipped}\" time=\"{:.3}\" timestamp=\"{}\">",
            escape(name),
            outcomes.iter().map(|it| it.seconds).sum::<f64>(),
            run.started.strftime("%Y-%m-%dT%H:%M:%S"),
        );
        outcomes.into_iter().for_each(|outcome| case(&mut out, outcome));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// What both kinds of suites have, and how many were skipped, which only the inner ones tell.
fn counts<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> (String, u32) {
    let (mut all, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    for outcome in outcomes {
        all += 1;
        match outcome.verdict {
            Verdict::Fail | Verdict::Inconclusive | Verdict::Stale => failures += 1,
            Verdict::Error => errors += 1,
            Verdict::Waived | Verdict::NotApplicable => skipped += 1,
            Verdict::Pass | Verdict::Attested => {}
        }
    }
    (format!("tests=\"{all}\" failures=\"{failures}\" errors=\"{errors}\""), skipped)
}

fn case(out: &mut String, outcome: &Outcome) {
    let _ = write!(
        out,
        "    <testcase name=\"{} {}\" classname=\"readiness.{}\" time=\"{:.3}\"",
        escape(&outcome.id),
        escape(&outcome.title),
        outcome.severity.as_str(),
        outcome.seconds
    );
    let message = escape(&outcome.says);
    let more = escape(&format!("{}\nfix: {}", outcome.need, outcome.remedy));
    let verdict = outcome.verdict.as_str();
    let _ = match outcome.verdict {
        Verdict::Pass | Verdict::Attested => writeln!(out, "/>"),
        Verdict::Waived | Verdict::NotApplicable => {
            writeln!(out, "><skipped>{verdict}: {message}</skipped></testcase>")
        }
        Verdict::Error => {
            writeln!(out, "><error type=\"error\" message=\"{message}\">{more}</error></testcase>")
        }
        Verdict::Fail | Verdict::Inconclusive | Verdict::Stale => writeln!(
            out,
            "><failure type=\"{verdict}\" message=\"{message}\">{more}</failure></testcase>"
        ),
    };
}

/// A text in XML or HTML; what no document may hold is left out.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            it if it.is_control() => {}
            it => out.push(it),
        }
    }
    out
}
