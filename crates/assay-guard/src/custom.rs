//! Rules and exceptions that the configuration brings.

use std::sync::{Mutex, PoisonError};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use crate::{
    GuardSettings, GuardSetupError, Kind, Rule, Severity, Shadow,
    detect::bytes,
    view::{RIGHT, View},
};

/// Rules of the configuration at most.
const RULES_MAX: usize = 256;
/// Bytes of an exception or a canary at most; a stream keeps this much to recognise it.
const ENTRY_BYTES_MAX: usize = 64;

/// A rule of the configuration.
pub(crate) struct Custom {
    pub(crate) rule: &'static Rule,
    /// The pattern at the start of what it is tried on.
    anchored: Regex,
    /// The pattern anywhere: whether it is worth trying at all.
    anywhere: Regex,
}

/// Texts that are looked for as they stand.
pub(crate) struct Entries {
    automaton: Option<AhoCorasick>,
    texts: Vec<String>,
}

/// The rules of the configuration.
pub(crate) fn rules(settings: &GuardSettings) -> Result<Vec<Custom>, GuardSetupError> {
    if settings.rules.len() > RULES_MAX {
        let what = format!("{} rules, and {RULES_MAX} are allowed", settings.rules.len());
        return Err(GuardSetupError { place: "rules".to_owned(), what });
    }
    let mut all: Vec<Custom> = Vec::new();
    for (index, rule) in settings.rules.iter().enumerate() {
        let error = |key: &str, what| {
            Err(GuardSetupError { place: format!("rules[{index}].{key} (`{}`)", rule.id), what })
        };
        if rule.id.trim().is_empty() {
            return error("id", "a rule needs a name".to_owned());
        }
        let taken = crate::built_in_rules().any(|other| other.id == rule.id)
            || all.iter().any(|other| other.rule.id == rule.id);
        if taken {
            return error("id", "there is a rule of this name already".to_owned());
        }
        let (anchored, anywhere) = (rule.pattern.anchored.clone(), rule.pattern.anywhere.clone());
        let rule = Rule {
            id: rule.id.clone().into(),
            kind: rule.kind,
            severity: rule.severity,
            reason: rule.reason.clone().into(),
            examples: &[],
        };
        all.push(Custom { rule: kept(rule), anchored, anywhere });
    }
    Ok(all)
}

/// The rule for as long as the process lives: findings and streams refer to it. Rules come from the
/// configuration alone, and equal ones are kept once.
fn kept(rule: Rule) -> &'static Rule {
    static KEPT: Mutex<Vec<&'static Rule>> = Mutex::new(Vec::new());
    let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.iter().find(|known| ***known == rule) {
        return known;
    }
    let rule: &'static Rule = Box::leak(Box::new(rule));
    all.push(rule);
    rule
}

impl Custom {
    /// Tries the rule where a word or a sign starts, on the window from there.
    pub(crate) fn detect(&self, view: &mut View<'_>) {
        let text = view.shadow.text();
        if !self.anywhere.is_match(text) {
            return;
        }
        let mut at = 0;
        while at < text.len() {
            let starts = text.is_char_boundary(at) && !view.at(at).is_ascii_whitespace();
            if starts && !(bytes::is_word(view.at(at)) && bytes::is_word(view.before(at))) {
                let right = view.shadow.position(view.shadow.origin(at) + RIGHT);
                let found = text.get(at..right).and_then(|rest| self.anchored.find(rest));
                if let Some(found) = found {
                    view.found(at, at + found.end(), self.rule);
                }
            }
            at += 1;
        }
    }
}

impl Entries {
    /// The entries of a setting.
    pub(crate) fn new(key: &str, texts: &[String]) -> Result<Self, GuardSetupError> {
        for (index, text) in texts.iter().enumerate() {
            let problem = match text.len() {
                0..=2 => "has less than three characters",
                3..=ENTRY_BYTES_MAX => continue,
                _ => "has more than 64 bytes",
            };
            let what = format!("`{}` {problem}", text.chars().take(80).collect::<String>());
            return Err(GuardSetupError { place: format!("{key}[{index}]"), what });
        }
        let folded: Vec<String> =
            texts.iter().map(|text| Shadow::of(text).text().to_ascii_lowercase()).collect();
        let automaton = (!folded.is_empty()).then(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .build(&folded)
        });
        let automaton = automaton.transpose().map_err(|problem| GuardSetupError {
            place: key.to_owned(),
            what: problem.to_string(),
        })?;
        Ok(Self { automaton, texts: folded })
    }

    /// Where entries stand in the view, in bytes of the shadow, with the entry.
    fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, usize, &'a str)> {
        self.automaton.iter().flat_map(move |automaton| {
            automaton.find_overlapping_iter(text).filter_map(|hit| {
                let entry = self.texts.get(hit.pattern().as_usize())?;
                Some((hit.start(), hit.end(), entry.as_str()))
            })
        })
    }

    /// Notes every entry as a finding of `rule`.
    pub(crate) fn detect(&self, view: &mut View<'_>, rule: &'static Rule) {
        let places: Vec<_> = self.places(view.shadow.text()).collect();
        for (start, end, _) in places {
            view.found(start, end, rule);
        }
    }

    /// Takes back what lies inside an entry, and addresses that end in one beginning with `@`.
    pub(crate) fn allow(&self, view: &mut View<'_>) {
        let places: Vec<_> = self
            .places(view.shadow.text())
            .map(|(start, end, entry)| (view.shadow.original(start, end), entry.starts_with('@')))
            .collect();
        if places.is_empty() {
            return;
        }
        view.found.retain(|raw| {
            raw.rule.kind == Kind::Canary
                || !places.iter().any(|(place, host)| {
                    let (start, end) = (place.start as usize, place.end as usize);
                    let whole = start <= raw.start && raw.end <= end;
                    whole || *host && raw.end == end && raw.start < start
                })
        });
    }
}

/// The rule of marked texts.
pub(crate) static CANARY: Rule = Rule::built_in(
    "canary",
    Kind::Canary,
    Severity::Critical,
    "A marked text that was planted to be recognised when it leaks (`canaries`).",
    &[],
);
