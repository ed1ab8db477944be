//! What can be wrong with a checklist: told before anything runs.

use regex::Regex;

use super::{Catalogue, DECLARED};
use crate::{
    check::{Check, Comparison, Limit},
    condition,
    profile::{Profile, covers},
    run::COMPUTED,
};

pub(super) fn lint(catalogue: &Catalogue, problems: &mut Vec<String>) {
    for check in &catalogue.checks {
        lint_check(check, problems);
    }
    for profile in catalogue.profiles.values() {
        lint_profile(catalogue, profile, problems);
    }
}

fn lint_check(check: &Check, problems: &mut Vec<String>) {
    let mut say = |what: String| problems.push(format!("{}: {what}", check.id));
    if check.class.is_empty() {
        say("it has no class".to_owned());
    }
    if check.expect.is_empty() && !check.can_be_attested() && check.id != COMPUTED {
        say("nothing decides it: it has no expectation and nobody may attest it".to_owned());
    }
    if check.can_be_attested() && check.role.is_empty() {
        say("it does not say who attests it (role)".to_owned());
    }
    if let Some(problem) = condition::problem(&check.applies) {
        say(problem);
    }
    let names: Vec<&str> = check.probe.iter().flat_map(|probe| probe.names()).collect();
    for expect in &check.expect {
        if !names.contains(&expect.of.as_str()) {
            say(format!("no probe observes `{}`", expect.of));
        }
        let is_pattern = matches!(expect.is, Comparison::Matches | Comparison::MatchesNot);
        if let (true, Limit::Text(pattern)) = (is_pattern, &expect.value)
            && let Err(error) = Regex::new(pattern)
        {
            say(super::one_line(&error));
        }
    }
    for probe in &check.probe {
        probe.problems().into_iter().for_each(&mut say);
    }
}

fn lint_profile(catalogue: &Catalogue, profile: &Profile, problems: &mut Vec<String>) {
    let mut say = |what: String| problems.push(format!("profile {}: {what}", profile.name));
    for pattern in &profile.checks {
        if !catalogue.checks.iter().any(|check| covers(pattern, &check.id)) {
            say(format!("there is no check `{pattern}`"));
        }
    }
    for id in profile.severity.keys().filter(|id| catalogue.check(id).is_none()) {
        say(format!("there is no check `{id}`"));
    }
    for (id, values) in &profile.thresholds {
        let Some(check) = catalogue.check(id) else {
            say(format!("there is no check `{id}`"));
            continue;
        };
        for of in values.keys() {
            if !check.expect.iter().any(|expect| expect.of == *of) {
                say(format!("{id} expects nothing of `{of}`"));
            }
        }
    }
    for name in &profile.uses {
        if !DECLARED.contains(&name.as_str()) {
            say(format!(
                "`{name}` is nothing that a deployment uses; there are {}",
                DECLARED.join(", ")
            ));
        }
    }
}
