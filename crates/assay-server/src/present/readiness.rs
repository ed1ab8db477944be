//! Runs of readiness as the wire shows them.

use assay_api::{
    ReadinessBasisChange, ReadinessCheck, ReadinessCheckChange, ReadinessDiffResponse,
    ReadinessJudgement, ReadinessMove, ReadinessObservation, ReadinessRun, ReadinessRunResponse,
    ReadinessSignature,
};
use assay_ready::{
    Class, Observation, Outcome, Run, Severity, Value, Verdict, Verified,
    people::attest,
    report::{self, Changes},
};

/// Measurements that an observation is shown with.
const SAMPLES: usize = 200;

pub(crate) fn readiness_run(run: &Run) -> ReadinessRun {
    let open = |severity| run.open().filter(|it| it.severity == severity).count();
    let not_asked = run.count(Verdict::NotApplicable);
    ReadinessRun {
        id: run.id.clone(),
        started_at: run.started.to_string(),
        seconds: run.seconds,
        profile: run.profile.clone(),
        url: run.url.clone(),
        server_version: run.server_version.clone(),
        build: run.build.clone(),
        config: run.config.clone(),
        checklist: run.checklist.clone(),
        ready: run.is_ready(),
        blockers: open(Severity::Blocker),
        major: open(Severity::Major),
        minor: open(Severity::Minor),
        asked: run.outcomes.len() - not_asked,
        decided: run.decided() - not_asked,
        problems: run.problems.clone(),
    }
}

/// A run with earlier ones of its profile, the newest first.
pub(crate) fn readiness(run: &Run, history: &[Run], verified: Verified) -> ReadinessRunResponse {
    let signed = verified.signed.into_iter().map(|(role, by, _)| ReadinessSignature { role, by });
    let waiting: Vec<&str> = attest::open(run, None).iter().map(|it| it.id.as_str()).collect();
    let checks = report::ordered(run).into_iter().map(|outcome| {
        let past = history.iter().map(|earlier| {
            let then = earlier.outcomes.iter().find(|it| it.id == outcome.id);
            then.map(|it| it.verdict.as_str().to_owned())
        });
        let waits_for_person = waiting.contains(&outcome.id.as_str());
        check(outcome, waits_for_person, past.collect())
    });
    ReadinessRunResponse {
        run: readiness_run(run),
        faults: verified.faults,
        signed: signed.collect(),
        history: history.iter().map(readiness_run).collect(),
        checks: checks.collect(),
    }
}

fn check(outcome: &Outcome, waits_for_person: bool, past: Vec<Option<String>>) -> ReadinessCheck {
    let judged = outcome.judged.iter().map(|judged| ReadinessJudgement {
        of: judged.of.clone(),
        verdict: judged.verdict.to_string(),
        says: judged.says.clone(),
        need: judged.need.clone(),
    });
    ReadinessCheck {
        id: outcome.id.clone(),
        section: outcome.section.clone(),
        title: outcome.title.clone(),
        severity: outcome.severity.as_str().to_owned(),
        class: outcome.class.iter().map(|class| class_word(*class).to_owned()).collect(),
        verdict: outcome.verdict.to_string(),
        lets_through: outcome.verdict.lets_through(),
        says: outcome.says.clone(),
        need: outcome.need.clone(),
        remedy: outcome.remedy.clone(),
        runbook: outcome.runbook.clone(),
        role: outcome.role.clone(),
        waits_for_person,
        sources: outcome.sources.clone(),
        seconds: outcome.seconds,
        observations: outcome.observations.iter().map(observation).collect(),
        judged: judged.collect(),
        past,
    }
}

const fn class_word(class: Class) -> &'static str {
    match class {
        Class::Automatic => "automatic",
        Class::Static => "static",
        Class::Drill => "drill",
        Class::Attested => "attested",
    }
}

fn observation(seen: &Observation) -> ReadinessObservation {
    let samples = match &seen.value {
        Value::Samples { samples } => samples.iter().take(SAMPLES).copied().collect(),
        _ => Vec::new(),
    };
    ReadinessObservation {
        name: seen.name.clone(),
        value: seen.value.shown(),
        unit: seen.unit.clone(),
        size: seen.value.size(),
        samples,
        window_seconds: seen.window_seconds,
        age_days: seen.age_days,
        artefact: seen.artefact.clone(),
    }
}

pub(crate) fn readiness_diff(from: &Run, to: &Run, changes: Changes) -> ReadinessDiffResponse {
    let basis = changes.basis.into_iter().map(|(what, before, after)| ReadinessBasisChange {
        what,
        before,
        after,
    });
    let checks = changes.checks.into_iter().map(|change| ReadinessCheckChange {
        id: change.id,
        title: change.title,
        kind: change.kind.as_str().to_owned(),
        before: change.before.map(|verdict| verdict.to_string()),
        after: change.after.map(|verdict| verdict.to_string()),
    });
    let moved = changes.moved.into_iter().map(|moved| ReadinessMove {
        id: moved.id,
        name: moved.name,
        before: moved.before,
        after: moved.after,
        unit: moved.unit,
    });
    ReadinessDiffResponse {
        from: readiness_run(from),
        to: readiness_run(to),
        basis: basis.collect(),
        checks: checks.collect(),
        moved: moved.collect(),
    }
}
