//! Every command that a check, a drill or a report tells a person to type is one that there is.

use clap::CommandFactory;

use assay_ready::{Catalogue, Probe, drill};

use super::Cli;

/// What is wrong with the commands that a text names: an unknown one, or an option that it does not have.
/// Prose behind a command is left alone.
fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, _) in text.match_indices("assay ") {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        if before.is_some_and(|it| it.is_alphanumeric() || it == '/') {
            continue;
        }
        let end =
            text.get(at..).and_then(|rest| rest.find(['`', ';', ',', ':'])).map(|end| at + end);
        let words = text.get(at + 6..end.unwrap_or(text.len())).unwrap_or_default();
        faults.extend(fault(words).map(|why| format!("`assay {}`: {why}", words.trim())));
    }
    faults
}

fn fault(words: &str) -> Option<String> {
    let mut known = Cli::command();
    known.build();
    let mut words = words.split_whitespace().map(|it| it.trim_end_matches(['.', ')'])).peekable();
    while known.has_subcommands() {
        let word = words.next().unwrap_or_default();
        let Some(next) = known.find_subcommand(word) else {
            // Some commands do something without a further word.
            let may_end = word.is_empty() && !known.is_subcommand_required_set();
            return (!may_end).then(|| format!("there is no command `{word}`"));
        };
        known = next.clone();
    }
    let options = words.filter_map(|word| word.strip_prefix("--"));
    let mut options = options.map(|it| it.split('=').next().unwrap_or(it));
    let has = |name: &str| known.get_arguments().any(|it| it.get_long() == Some(name));
    options.find(|name| !has(name)).map(|name| format!("it has no option --{name}"))
}

#[test]
fn checks_name_commands_that_there_are() {
    let catalogue = Catalogue::load(None).unwrap();
    let mut wrong = Vec::new();
    let mut named = 0;
    for check in &catalogue.checks {
        let drills = check.probe.iter().filter_map(|probe| match probe {
            Probe::Drill { name, .. } => drill::command(name),
            _ => None,
        });
        let texts = [check.needs.as_str(), check.remedy.as_str(), check.method.as_str()];
        for text in texts.into_iter().chain(drills) {
            named += text.matches("assay ").count();
            wrong.extend(faults(text).into_iter().map(|why| format!("{}: {why}", check.id)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(named > 100, "only {named} commands were found");
}

#[test]
fn a_command_that_there_is_not_is_found() {
    for text in ["run assay drill quota", "assay drill load --scenarios x", "try `assay jbos list`"]
    {
        assert_eq!(faults(text).len(), 1, "{text}");
    }
    for text in ["`assay drill load --rate 100 --allow high` again", "assay slo", "see /assay x"] {
        assert_eq!(faults(text), [""; 0], "{text}");
    }
}
