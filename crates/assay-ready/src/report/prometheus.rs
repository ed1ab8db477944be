//! Gauges, so that readiness itself can be watched and alerted on.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::run::Run;

/// The gauges of a run: one for the whole, one for each check, and how old they are.
#[must_use]
pub fn prometheus(run: &Run, now: Timestamp) -> String {
    let mut out = String::new();
    out.push_str("# HELP assay_readiness_ready Whether the deployment is ready.\n");
    out.push_str("# TYPE assay_readiness_ready gauge\n");
    let profile = &run.profile;
    let _ = writeln!(
        out,
        "assay_readiness_ready{{profile=\"{profile}\"}} {}",
        u8::from(run.is_ready())
    );
    out.push_str(
        "# HELP assay_readiness_check 0 pass, 1 attested, 2 waived, 3 not applicable, 4 fail, \
         5 inconclusive, 6 stale, 7 error.\n# TYPE assay_readiness_check gauge\n",
    );
    for outcome in &run.outcomes {
        let _ = writeln!(
            out,
            "assay_readiness_check{{id=\"{}\",severity=\"{}\",profile=\"{profile}\"}} {}",
            outcome.id,
            outcome.severity.as_str(),
            outcome.verdict.number()
        );
    }
    let age = (now.as_second() - run.started.as_second()).max(0);
    out.push_str("# HELP assay_readiness_age_seconds Time since the run.\n");
    out.push_str("# TYPE assay_readiness_age_seconds gauge\n");
    let _ = writeln!(out, "assay_readiness_age_seconds{{profile=\"{profile}\"}} {age}");
    out
}
