//! The guard itself: scan, redact, put back.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use assay_core::TextRange;

use crate::{
    Action, Finding, Group, GuardSettings, GuardSetupError, Kind, Mode, OnFailure, Place,
    PlaceSettings, Pseudonyms, Rule, Shadow,
    custom::{self, CANARY, Custom, Entries},
    detect::{self, Anchors, host_of},
    inject,
    place::Policy,
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

/// Looks at texts. Cheap to clone, costly to make.
#[derive(Clone)]
pub struct Guard {
    policy: Policy,
    rules: Arc<Rules>,
}

/// What all places share.
struct Rules {
    settings: GuardSettings,
    everything: Arc<Anchors>,
    secrets: Arc<Anchors>,
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
    /// Whether the text may not pass as a whole.
    pub blocked: bool,
    /// Whether it could not be looked at: it is too long, or the guard failed.
    pub failed: bool,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("mode", &self.policy.mode).finish_non_exhaustive()
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
        let everything = Anchors::new(|_| true).map_err(internal)?;
        let secrets = Anchors::new(|group| group == Group::Secret).map_err(internal)?;
        Self::of(settings, Arc::new(everything), Arc::new(secrets))
    }

    /// A guard with other settings that shares with this one what is large.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn like(&self, settings: GuardSettings) -> Result<Self, GuardSetupError> {
        let Rules { everything, secrets, .. } = self.rules.as_ref();
        Self::of(settings, Arc::clone(everything), Arc::clone(secrets))
    }

    fn of(
        settings: GuardSettings,
        everything: Arc<Anchors>,
        secrets: Arc<Anchors>,
    ) -> Result<Self, GuardSetupError> {
        let rules = Rules {
            everything,
            secrets,
            custom: custom::rules(&settings)?,
            allow: Entries::new("allow", &settings.allow)?,
            canaries: Entries::new("canaries", &settings.canaries)?,
            settings,
        };
        let settings = &rules.settings;
        let policy = Policy::of(settings.mode, &settings.actions, &PlaceSettings::default(), None);
        Ok(Self { policy, rules: Arc::new(rules) })
    }

    /// The guards of the tenants that have settings of their own, by the name or id they stand
    /// under.
    ///
    /// # Errors
    /// As [`Self::new`], of the first that cannot be made.
    pub fn of_tenants(&self) -> Result<BTreeMap<String, Self>, GuardSetupError> {
        let settings = self.settings();
        let made = settings.tenants.iter().map(|(tenant, own)| {
            let guard = self.like(settings.with(own)).map_err(|error| GuardSetupError {
                place: format!("tenants.{tenant}.{}", error.place),
                ..error
            })?;
            Ok((tenant.clone(), guard))
        });
        made.collect()
    }

    /// The same rules with the policy of a place.
    #[must_use]
    pub fn at(&self, place: Place) -> Self {
        let settings = &self.rules.settings;
        let usual = PlaceSettings::default();
        let here = settings.places.get(&place).unwrap_or(&usual);
        let policy = Policy::of(settings.mode, &settings.actions, here, Some(place));
        Self { policy, rules: Arc::clone(&self.rules) }
    }

    /// The same guard for texts of any length: somebody waits for this one.
    #[must_use]
    pub fn unlimited(&self) -> Self {
        let mut policy = self.policy.clone();
        policy.bytes_max = usize::MAX;
        Self { policy, rules: Arc::clone(&self.rules) }
    }

    /// Whether actions are carried out.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.policy.mode
    }

    /// Whether a text may leave otherwise than it came.
    #[must_use]
    pub fn changes_texts(&self) -> bool {
        self.policy.mode == Mode::Enforce && Kind::ALL.iter().any(|kind| self.acts_on(*kind))
    }

    /// What is done about a text that cannot be looked at.
    #[must_use]
    pub fn on_failure(&self) -> OnFailure {
        self.policy.on_failure
    }

    /// The settings it was made with.
    #[must_use]
    pub fn settings(&self) -> &GuardSettings {
        &self.rules.settings
    }

    /// Every rule, those of the configuration last.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> + '_ {
        let built_in = crate::built_in_rules().map(|rule| -> &Rule { rule });
        built_in.chain(self.rules.custom.iter().map(|custom| custom.rule))
    }

    /// What the policy says of a kind.
    #[must_use]
    pub fn action(&self, kind: Kind) -> Action {
        self.policy.action(kind)
    }

    /// Finds everything in a text, in order. Findings that are acted upon do not overlap.
    #[must_use]
    pub fn scan(&self, text: &str, scope: Scope) -> Vec<Finding> {
        if self.policy.mode == Mode::Off {
            return Vec::new();
        }
        let shadow = Shadow::of(text);
        let stretches = self.stretches(&shadow, text, scope);
        stretches.into_iter().filter_map(|stretch| self.finding(&stretch)).collect()
    }

    /// Carries the policy out on a text. In shadow mode the text stays as it is.
    #[must_use]
    pub fn redact(&self, text: &str, scope: Scope, names: &mut Pseudonyms) -> Redacted {
        if text.len() > self.policy.bytes_max && self.policy.mode != Mode::Off {
            return self.unread(text);
        }
        // A guard that fails is no reason for the work behind it to fail, unless it is to be.
        let scanned = catch_unwind(AssertUnwindSafe(|| self.scan(text, scope)));
        let Ok(findings) = scanned else { return self.unread(text) };
        let passes = |text: &str, findings| Redacted {
            text: text.to_owned(),
            findings,
            blocked: false,
            failed: false,
        };
        if self.policy.mode != Mode::Enforce {
            return passes(text, findings);
        }
        if findings.iter().any(|finding| finding.action == Action::Block) {
            return Redacted { blocked: true, ..passes("", findings) };
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
        Redacted { text: out, findings, blocked: false, failed: false }
    }

    /// The same for a text behind another, such as a value behind the name of its field. What was
    /// found counts bytes of `text`.
    #[must_use]
    pub fn redact_behind(
        &self,
        context: &str,
        text: &str,
        scope: Scope,
        names: &mut Pseudonyms,
    ) -> Redacted {
        if context.is_empty() {
            return self.redact(text, scope, names);
        }
        let mut redacted = self.redact(&format!("{context}{text}"), scope, names);
        match redacted.text.strip_prefix(context) {
            Some(rest) => redacted.text = rest.to_owned(),
            None if redacted.blocked => {}
            // Something of the context itself would go: the text is judged alone.
            None => return self.redact(text, scope, names),
        }
        redacted.findings.retain(|finding| finding.span.end as usize > context.len());
        for finding in &mut redacted.findings {
            let back = |at: u32| (at as usize).saturating_sub(context.len());
            let (start, end) = (back(finding.span.start), back(finding.span.end));
            finding.span = TextRange::new(start, end);
        }
        redacted
    }

    /// A text that could not be looked at.
    fn unread(&self, text: &str) -> Redacted {
        let blocked =
            self.policy.on_failure == OnFailure::Closed && self.policy.mode == Mode::Enforce;
        let text = if blocked { String::new() } else { text.to_owned() };
        Redacted { text, findings: Vec::new(), blocked, failed: true }
    }

    /// Every single finding of a text, in order.
    pub(crate) fn raw(&self, shadow: &Shadow<'_>, scope: Scope) -> Vec<Raw> {
        let mut view = View::new(shadow);
        if scope == Scope::Secrets {
            self.rules.secrets.detect(&mut view);
        } else {
            self.rules.everything.detect(&mut view);
            detect::numbers(&mut view);
            for custom in &self.rules.custom {
                custom.detect(&mut view);
            }
            if self.rules.settings.names {
                words::detect(&mut view);
            }
            if scope.has(Group::Injection) {
                inject::detect(&mut view);
            }
            detect::hidden(shadow, &mut view.found);
            view.found.retain(|raw| scope.has(raw.rule.kind.group()));
        }
        self.rules.canaries.detect(&mut view, &CANARY);
        self.rules.allow.allow(&mut view);
        let mut found = view.found;
        found.retain(|raw| !self.is_allowed_host(shadow, raw));
        order(&mut found);
        drop_spoken_for(&mut found);
        found
    }

    /// The stretches of a text in order. What is acted upon does not overlap; what is only flagged
    /// does not overlap within its family, so that a flag never shields a secret inside of it.
    fn stretches(&self, shadow: &Shadow<'_>, text: &str, scope: Scope) -> Vec<Stretch> {
        let mut lanes: BTreeMap<Option<Group>, Resolver> = BTreeMap::new();
        let mut all = Vec::new();
        for raw in self.raw(shadow, scope) {
            let lane = (!self.acts_on(raw.rule.kind)).then(|| raw.rule.kind.group());
            all.extend(lanes.entry(lane).or_default().take(raw, Part::whole(text)));
        }
        all.extend(lanes.into_values().filter_map(|lane| lane.open));
        all.retain(|stretch| !stretch.weak);
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

    /// The finding of a stretch, unless it is none or the policy allows it.
    pub(crate) fn finding(&self, stretch: &Stretch) -> Option<Finding> {
        let action = self.action(stretch.rule.kind);
        (action != Action::Allow && !stretch.weak).then(|| Finding {
            kind: stretch.rule.kind,
            span: TextRange::new(stretch.start, stretch.end),
            severity: stretch.rule.severity,
            rule: &stretch.rule.id,
            reason: &stretch.rule.reason,
            action,
        })
    }

    /// Whether it is a link to a host that is allowed.
    fn is_allowed_host(&self, shadow: &Shadow<'_>, raw: &Raw) -> bool {
        let allowed = &self.rules.settings.allowed_hosts;
        if allowed.is_empty() || !matches!(raw.rule.kind, Kind::Link | Kind::Image) {
            return false;
        }
        let (start, end) = (shadow.position(raw.start), shadow.position(raw.end));
        let address = shadow.text().get(start..end).unwrap_or("");
        let Some(host) = host_of(address) else { return false };
        allowed.iter().any(|allowed| match allowed.strip_prefix("*.") {
            Some(parent) => host
                .strip_suffix(parent)
                .is_some_and(|below| below.ends_with('.') || below.is_empty()),
            None => host.eq_ignore_ascii_case(allowed),
        })
    }
}
