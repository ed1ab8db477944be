//! The guard itself: scan, redact, put back.

use std::collections::BTreeMap;

use assay_core::TextRange;

use crate::{
    Action, Finding, Group, GuardSettings, GuardSetupError, Kind, Mode, Pseudonyms, Rule, Shadow,
    custom::{self, CANARY, Custom, Entries},
    detect::{self, Anchors, host_of},
    inject,
    resolve::{Resolver, Stretch, drop_spoken_for, order},
    view::{Part, Raw, View},
    words,
};

/// Which families a scan looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All of them: text that comes in.
    Everything,
    /// All but injections, which are a matter of whole texts: text that goes out, streams.
    Outgoing,
    /// Secrets alone: files.
    Secrets,
}

impl Scope {
    const fn has(self, group: Group) -> bool {
        match self {
            Self::Everything => true,
            Self::Outgoing => !matches!(group, Group::Injection),
            Self::Secrets => matches!(group, Group::Secret),
        }
    }
}

/// Looks at texts. Cheap to share, costly to make.
pub struct Guard {
    settings: GuardSettings,
    everything: Anchors,
    secrets: Anchors,
    custom: Vec<Custom>,
    allow: Entries,
    canaries: Entries,
}

/// A text after the policy was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text that may pass; empty when it may not.
    pub text: String,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Whether a finding forbids the text as a whole.
    pub blocked: bool,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("mode", &self.settings.mode).finish_non_exhaustive()
    }
}

impl Guard {
    /// Makes a guard.
    ///
    /// # Errors
    /// When a setting cannot be followed: a name that is taken, an entry that is too short or long.
    pub fn new(settings: GuardSettings) -> Result<Self, GuardSetupError> {
        let internal = |problem: aho_corasick::BuildError| GuardSetupError {
            place: String::new(),
            what: problem.to_string(),
        };
        Ok(Self {
            everything: Anchors::new(|_| true).map_err(internal)?,
            secrets: Anchors::new(|group| group == Group::Secret).map_err(internal)?,
            custom: custom::rules(&settings)?,
            allow: Entries::new("allow", &settings.allow)?,
            canaries: Entries::new("canaries", &settings.canaries)?,
            settings,
        })
    }

    /// The settings it was made with.
    #[must_use]
    pub fn settings(&self) -> &GuardSettings {
        &self.settings
    }

    /// Every rule, those of the configuration last.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> + '_ {
        let built_in = crate::built_in_rules().map(|rule| -> &Rule { rule });
        built_in.chain(self.custom.iter().map(|custom| &custom.rule))
    }

    /// What the policy says of a kind.
    #[must_use]
    pub fn action(&self, kind: Kind) -> Action {
        self.settings.actions.of(kind)
    }

    /// Finds everything in a text, in order. Findings that are acted upon do not overlap.
    #[must_use]
    pub fn scan(&self, text: &str, scope: Scope) -> Vec<Finding> {
        if self.settings.mode == Mode::Off {
            return Vec::new();
        }
        let shadow = Shadow::of(text);
        let stretches = self.stretches(&shadow, text, scope);
        stretches.into_iter().filter_map(|stretch| self.finding(&stretch)).collect()
    }

    /// Carries the policy out on a text. In shadow mode the text stays as it is.
    #[must_use]
    pub fn redact(&self, text: &str, scope: Scope, names: &mut Pseudonyms) -> Redacted {
        let findings = self.scan(text, scope);
        if self.settings.mode != Mode::Enforce {
            return Redacted { text: text.to_owned(), findings, blocked: false };
        }
        if findings.iter().any(|finding| finding.action == Action::Block) {
            return Redacted { text: String::new(), findings, blocked: true };
        }
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for finding in findings.iter().filter(|finding| self.acts_on(finding.kind)) {
            let (start, end) = (finding.span.start as usize, finding.span.end as usize);
            out.push_str(text.get(at..start).unwrap_or(""));
            names.replace(
                &mut out,
                finding.kind,
                finding.action,
                finding.span.of(text),
                end - start,
            );
            at = end;
        }
        out.push_str(text.get(at..).unwrap_or(""));
        Redacted { text: out, findings, blocked: false }
    }

    /// Every single finding of a text, in order.
    pub(crate) fn raw<'g>(&'g self, shadow: &Shadow<'_>, scope: Scope) -> Vec<Raw<'g>> {
        let mut view = View::new(shadow);
        if scope == Scope::Secrets {
            self.secrets.detect(&mut view);
        } else {
            self.everything.detect(&mut view);
            detect::numbers(&mut view);
            for custom in &self.custom {
                custom.detect(&mut view);
            }
            if self.settings.names {
                words::detect(&mut view);
            }
            if scope.has(Group::Injection) {
                inject::detect(&mut view);
            }
            detect::hidden(shadow, &mut view.found);
            view.found.retain(|raw| scope.has(raw.rule.kind.group()));
        }
        self.canaries.detect(&mut view, &CANARY);
        self.allow.allow(&mut view);
        let mut found = view.found;
        found.retain(|raw| !self.is_allowed_host(shadow, raw));
        order(&mut found);
        drop_spoken_for(&mut found);
        found
    }

    /// The stretches of a text in order. What is acted upon does not overlap; what is only flagged
    /// does not overlap within its family, so that a flag never shields a secret inside of it.
    fn stretches<'g>(&'g self, shadow: &Shadow<'_>, text: &str, scope: Scope) -> Vec<Stretch<'g>> {
        let mut lanes: BTreeMap<Option<Group>, Resolver<'g>> = BTreeMap::new();
        let mut all = Vec::new();
        for raw in self.raw(shadow, scope) {
            let lane = (!self.acts_on(raw.rule.kind)).then(|| raw.rule.kind.group());
            all.extend(lanes.entry(lane).or_default().take(raw, Part::whole(text)));
        }
        all.extend(lanes.into_values().filter_map(|lane| lane.open));
        all.sort_by_key(|stretch| (stretch.start, !self.acts_on(stretch.rule.kind)));
        let mut covered = 0;
        all.retain(|stretch| {
            let acts = self.acts_on(stretch.rule.kind);
            if acts {
                covered = stretch.end.max(covered);
            }
            acts || stretch.end > covered
        });
        all
    }

    /// Whether something of this kind is changed in a text.
    pub(crate) fn acts_on(&self, kind: Kind) -> bool {
        !matches!(self.action(kind), Action::Allow | Action::Flag)
    }

    /// The finding of a stretch, unless the policy allows it.
    pub(crate) fn finding(&self, stretch: &Stretch<'_>) -> Option<Finding> {
        let action = self.action(stretch.rule.kind);
        (action != Action::Allow).then(|| Finding {
            kind: stretch.rule.kind,
            span: TextRange::new(stretch.start, stretch.end),
            severity: stretch.rule.severity,
            rule: stretch.rule.id.clone().into_owned(),
            reason: stretch.rule.reason.clone().into_owned(),
            action,
        })
    }

    /// Whether it is a link to a host that is allowed.
    fn is_allowed_host(&self, shadow: &Shadow<'_>, raw: &Raw<'_>) -> bool {
        if !matches!(raw.rule.kind, Kind::Link | Kind::Image) {
            return false;
        }
        let (start, end) = (shadow.position(raw.start), shadow.position(raw.end));
        let address = shadow.text().get(start..end).unwrap_or("");
        let Some(host) = host_of(address) else { return false };
        self.settings.allowed_hosts.iter().any(|allowed| match allowed.strip_prefix("*.") {
            Some(parent) => host
                .strip_suffix(parent)
                .is_some_and(|below| below.ends_with('.') || below.is_empty()),
            None => host.eq_ignore_ascii_case(allowed),
        })
    }
}
