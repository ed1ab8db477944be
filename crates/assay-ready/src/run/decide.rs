//! From what was seen and said to a verdict: pure, so that a run can be judged again.

use jiff::Timestamp;

use super::{COMPUTED, Outcome, Run, SIGN_OFF, SIGNING_ROLES, Troubles};
use crate::{
    catalogue::Catalogue,
    check::{Check, Class, Severity},
    judge::judge,
    observation::Observation,
    people::{Said, attest::Attestation, waive::Waiver},
    profile::Profile,
    verdict::Verdict,
};

/// The outcome of a check.
pub(crate) fn decide(
    check: &Check,
    observations: Vec<Observation>,
    troubles: Troubles,
    said: &Said,
    now: Timestamp,
    seconds: f64,
) -> Outcome {
    let judged = judge(&check.expect, &observations);
    let mut outcome = Outcome {
        id: check.id.clone(),
        section: check.section.clone(),
        title: check.title.clone(),
        severity: check.severity,
        class: check.class.clone(),
        when: check.when.clone(),
        verdict: Verdict::Inconclusive,
        says: String::new(),
        need: String::new(),
        remedy: check.remedy.clone(),
        runbook: check.runbook.clone(),
        role: check.role.clone(),
        sources: check.sources.clone(),
        observations,
        judged,
        troubles,
        seconds,
    };
    if let Some(unmet) = outcome.troubles.unmet.clone() {
        outcome.verdict = Verdict::NotApplicable;
        outcome.says = unmet;
        return outcome;
    }
    by_observations(check, &mut outcome);
    let word = said.attestations.iter().rev().find(|it| it.check == check.id);
    by_word(check, &mut outcome, word, now);
    let waiver = said.waivers.iter().find(|it| it.check == check.id);
    by_waiver(&mut outcome, waiver, now);
    if outcome.need.is_empty() && !outcome.verdict.is_decided() {
        outcome.need.clone_from(&check.needs);
    }
    outcome
}

fn by_observations(check: &Check, outcome: &mut Outcome) {
    let mut verdict = Verdict::Pass;
    for judged in &outcome.judged {
        verdict = verdict.worst(judged.verdict);
    }
    let troubles = &outcome.troubles;
    if let Some(broken) = &troubles.broken {
        // What was seen before the probe broke may have failed already.
        verdict = if verdict == Verdict::Fail { verdict } else { Verdict::Error };
        outcome.says.clone_from(broken);
    }
    if check.expect.is_empty() {
        verdict = Verdict::Inconclusive;
    }
    let deciding = outcome.judged.iter().find(|it| it.verdict == verdict);
    if let Some(judged) = deciding {
        outcome.says.clone_from(&judged.says);
        outcome.need.clone_from(&judged.need);
    }
    if verdict == Verdict::Inconclusive
        && outcome.need.is_empty()
        && let Some(missing) = &troubles.missing
    {
        outcome.need.clone_from(missing);
    }
    let oldest = outcome.observations.iter().filter_map(|it| it.age_days).fold(0.0, f64::max);
    if verdict == Verdict::Pass || verdict == Verdict::Fail {
        if oldest > check.max_age_days {
            verdict = Verdict::Stale;
            outcome.says = format!("{oldest:.0} d old, {:.0} d are allowed", check.max_age_days);
        } else if let Some(stale) = &troubles.stale {
            verdict = Verdict::Stale;
            outcome.says.clone_from(stale);
        }
    }
    if verdict == Verdict::Pass {
        let all: Vec<&str> = outcome.judged.iter().map(|it| it.says.as_str()).collect();
        outcome.says = all.join("; ");
    }
    outcome.verdict = verdict;
}

/// A person's word decides what observations do not; it never outweighs one that failed.
fn by_word(check: &Check, outcome: &mut Outcome, word: Option<&Attestation>, now: Timestamp) {
    if !check.can_be_attested() || outcome.verdict == Verdict::Fail {
        return;
    }
    let is_main = check.class.first() == Some(&Class::Attested);
    if !is_main && outcome.verdict == Verdict::Pass {
        return;
    }
    match word {
        Some(word) if word.expires > now => {
            outcome.verdict = Verdict::Attested;
            outcome.says = word.shown();
            outcome.need.clear();
        }
        Some(word) => {
            outcome.verdict = Verdict::Stale;
            outcome.says = format!("the word of {} ended on {}", word.by, day(word.expires));
            outcome.need = format!("assay ready attest {}", check.id);
        }
        None if is_main || outcome.need.is_empty() => {
            outcome.verdict = Verdict::Inconclusive;
            outcome.says = format!("not attested by {}", check.role);
            outcome.need = format!("assay ready attest {} --role {}", check.id, check.role);
        }
        None => {}
    }
}

fn by_waiver(outcome: &mut Outcome, waiver: Option<&Waiver>, now: Timestamp) {
    let Some(waiver) = waiver.filter(|_| !outcome.verdict.lets_through()) else { return };
    if waiver.expires <= now {
        let ended = format!("the waiver of {} ended on {}", waiver.owner, day(waiver.expires));
        outcome.says = format!("{}; {ended}: {}", outcome.says, waiver.reason);
        return;
    }
    outcome.says = format!(
        "until {}, by {}, approved by {}: {} ({}: {})",
        day(waiver.expires),
        waiver.owner,
        waiver.approver,
        waiver.reason,
        outcome.verdict,
        outcome.says
    );
    outcome.verdict = Verdict::Waived;
}

/// The day of a moment.
pub(crate) fn day(moment: Timestamp) -> String {
    moment.to_string().chars().take(10).collect()
}

/// The check that the sign-offs of a run decide: each role once, by different people.
pub(crate) fn by_signatures(run: &mut Run, signed: &[(String, String)]) {
    let Some(outcome) = run.outcomes.iter_mut().find(|it| it.id == SIGN_OFF) else { return };
    let open: Vec<&str> = SIGNING_ROLES
        .into_iter()
        .filter(|role| !signed.iter().any(|(its, _)| its == role))
        .collect();
    let mut people: Vec<&str> = signed.iter().map(|(_, by)| by.as_str()).collect();
    people.sort_unstable();
    people.dedup();
    if open.is_empty() && people.len() >= SIGNING_ROLES.len() {
        outcome.verdict = Verdict::Attested;
        outcome.says = format!("signed by {}", people.join(", "));
        outcome.need.clear();
    } else if outcome.verdict != Verdict::Waived {
        outcome.verdict = Verdict::Inconclusive;
        outcome.says = format!("not signed by {}", open.join(", "));
        outcome.need = format!("assay ready sign {} --role ROLE --by NAME --key FILE", run.id);
    }
}

/// The check that the other blockers decide: it holds when they do, but for the sign-off, which comes
/// after it.
pub(crate) fn by_others(outcomes: &mut [Outcome]) {
    let is_asked =
        |it: &&Outcome| it.severity == Severity::Blocker && it.id != COMPUTED && it.id != SIGN_OFF;
    let asked = outcomes.iter().filter(is_asked).count();
    let open: Vec<Verdict> = outcomes
        .iter()
        .filter(is_asked)
        .map(|it| it.verdict)
        .filter(|verdict| !verdict.lets_through())
        .collect();
    let Some(outcome) = outcomes.iter_mut().find(|it| it.id == COMPUTED) else { return };
    if outcome.verdict == Verdict::Waived || asked == 0 {
        return;
    }
    outcome.verdict = open.iter().fold(Verdict::Pass, |worst, verdict| worst.worst(*verdict));
    outcome.says = format!("{} of {asked} other blockers are open", open.len());
    outcome.need.clear();
}

/// Judges a run again: its observations, under another profile or with changed thresholds.
#[must_use]
pub fn rejudge(run: &Run, catalogue: &Catalogue, profile: &Profile, said: &Said) -> Run {
    let mut outcomes = Vec::new();
    for check in catalogue.selected(profile) {
        let kept = run.outcomes.iter().find(|it| it.id == check.id);
        outcomes.push(match kept {
            // Who signed, signed the evidence, which is the same.
            Some(kept) if kept.id == SIGN_OFF => kept.clone(),
            Some(kept) => decide(
                &check,
                kept.observations.clone(),
                kept.troubles.clone(),
                said,
                run.started,
                kept.seconds,
            ),
            None => {
                let missing = Some("it was not observed in this run".to_owned());
                let troubles = Troubles { missing, ..Troubles::default() };
                decide(&check, Vec::new(), troubles, said, run.started, 0.0)
            }
        });
    }
    by_others(&mut outcomes);
    let checklist = catalogue.digest.clone();
    Run { profile: profile.name.clone(), checklist, outcomes, ..run.clone() }
}
