//! The source checklists as they were written: each line, and the checks that it leads to.

use serde::Deserialize;

/// The checklists by the name of their profile.
const FILES: [(&str, &str); 5] = [
    ("sarvanom", include_str!("../sources/sarvanom.toml")),
    ("sap-llm", include_str!("../sources/sap-llm.toml")),
    ("api-assistant", include_str!("../sources/api-assistant.toml")),
    ("sparkle", include_str!("../sources/sparkle.toml")),
    ("vital", include_str!("../sources/vital.toml")),
];

/// One source checklist.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) title: String,
    /// Number, text, checks.
    pub(crate) lines: Vec<(usize, String, String)>,
    /// What is wrong with it.
    #[serde(default)]
    pub(crate) wrong: Vec<Wrong>,
}

/// Something that never worked, or contradicts itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wrong {
    pub(crate) line: usize,
    pub(crate) what: String,
}

/// The source checklist of a profile; none for the others.
pub(crate) fn source(profile: &str) -> Option<Source> {
    let (_, text) = FILES.iter().find(|(name, _)| *name == profile)?;
    toml::from_str(text).ok()
}

/// Whether a line has a box.
pub(crate) fn is_box(line: &str) -> bool {
    let rest = line.trim_start().strip_prefix(['-', '*']).map(str::trim_start);
    rest.is_some_and(|rest| ["[ ]", "[x]", "[X]"].iter().any(|it| rest.starts_with(it)))
}

#[cfg(test)]
mod tests {
    //! Every line leads to a check.

    use super::*;
    use crate::Catalogue;

    #[test]
    fn every_box_leads_to_a_check() {
        let catalogue = Catalogue::load(None).unwrap();
        let mut boxes = 0;
        for (name, text) in FILES {
            let source: Source = toml::from_str(text).unwrap();
            let own: Vec<_> = source.lines.iter().filter(|(_, text, _)| is_box(text)).collect();
            boxes += own.len();
            for (line, text, checks) in own {
                assert!(!checks.is_empty(), "{name}:{line} leads nowhere: {text}");
            }
            let profile = catalogue.profile(name).unwrap();
            for id in source.lines.iter().flat_map(|(.., checks)| checks.split_whitespace()) {
                assert!(catalogue.check(id).is_some(), "{name} names {id}");
                assert!(profile.selects(id), "the profile {name} does not ask {id}");
            }
            assert!(source.wrong.iter().all(|wrong| !wrong.what.is_empty() && wrong.line > 0));
        }
        assert_eq!(boxes, 681);
    }

    #[test]
    fn the_lines_are_those_of_the_checklists() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/sources");
        let mut compared = 0;
        for (at, (name, text)) in FILES.into_iter().enumerate() {
            let source: Source = toml::from_str(text).unwrap();
            let file = std::path::Path::new(root).join(format!("{at}-{name}.txt"));
            let Ok(bytes) = std::fs::read(file) else {
                println!("skipped: the checklist of {name} is not at hand");
                continue;
            };
            let whole = String::from_utf8_lossy(&bytes).into_owned();
            let boxes: Vec<usize> = whole
                .split('\n')
                .enumerate()
                .filter(|(_, line)| is_box(line))
                .map(|(at, _)| at + 1)
                .collect();
            for line in boxes {
                let kept = source.lines.iter().find(|(number, ..)| *number == line);
                assert!(kept.is_some(), "{name}:{line} is missing");
                compared += 1;
            }
        }
        println!("{compared} lines compared");
    }
}
