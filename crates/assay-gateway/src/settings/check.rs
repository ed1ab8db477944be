//! What is wrong with a configuration, each problem with the key that it stands at.

use std::collections::BTreeSet;

use super::GatewaySettings;
use crate::registry::{BUILT_IN, EXTRACTIVE};

/// Aliases followed at most, which is also the depth of fallbacks.
const DEPTH_MAX: usize = 16;

/// Something wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The keys that lead to it, below the section of the gateway.
    pub path: Vec<String>,
    /// What is wrong.
    pub what: String,
}

impl GatewaySettings {
    /// Everything that cannot work: names that lead nowhere, circles, limits of nothing.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |path: &[&str], what: String| {
            let path = path.iter().map(|key| (*key).to_owned()).collect();
            problems.push(Problem { path, what });
        };
        for (key, what) in self.cache.problems() {
            say(&["cache", key], what);
        }
        if self.attempts_max == 0 {
            say(&["attempts_max"], "must be at least 1".to_owned());
        }
        for (name, provider) in &self.providers {
            let here = ["providers", name.as_str()];
            if name.is_empty() || name.contains('/') || name == BUILT_IN {
                say(
                    &here,
                    format!(
                        "`{name}` cannot name a provider: it is empty, holds a `/` or is taken"
                    ),
                );
            }
            match (&provider.base_url, provider.kind.base_url()) {
                (None, None) => say(&here, format!("`{name}` needs a `base_url`")),
                (Some(url), _) if !is_http(url) => {
                    say(&["providers", name, "base_url"], format!("`{url}` is not an HTTP URL"));
                }
                _ => {}
            }
            for (key, number) in [
                ("max_in_flight", provider.max_in_flight as u64),
                ("first_seconds", provider.first_seconds),
                ("idle_seconds", provider.idle_seconds),
                ("total_seconds", provider.total_seconds),
            ] {
                if number == 0 {
                    say(&["providers", name, key], "must be at least 1".to_owned());
                }
            }
        }
        for (name, route) in &self.routes {
            if route.targets.is_empty() {
                say(&["routes", name], format!("the route `{name}` has no targets"));
            }
            for target in &route.targets {
                let is_own = target.provider == BUILT_IN
                    && [BUILT_IN, EXTRACTIVE].contains(&target.model.as_str());
                if !is_own && !self.providers.contains_key(&target.provider) {
                    let what = format!("there is no provider `{}`", target.provider);
                    say(&["routes", name, "targets"], what);
                }
                if target.weight == 0 {
                    say(&["routes", name, "targets"], "a weight must be at least 1".to_owned());
                }
            }
            if let Some(shadow) = &route.shadow {
                if !self.providers.contains_key(&shadow.provider) {
                    let what = format!("there is no provider `{}`", shadow.provider);
                    say(&["routes", name, "shadow"], what);
                }
                if !(1..=100).contains(&shadow.percent) {
                    say(&["routes", name, "shadow"], "`percent` is 1 to 100".to_owned());
                }
            }
            if route.hedge_ms == Some(0) {
                say(&["routes", name, "hedge_ms"], "must be at least 1".to_owned());
            }
            for next in &route.fallbacks {
                if !self.routes.contains_key(next) {
                    let what = format!("there is no route `{next}` to fall back to");
                    say(&["routes", name, "fallbacks"], what);
                }
            }
            if let Some(circle) = self.circle(name) {
                let what = format!("the fallbacks go in a circle: {circle}");
                say(&["routes", name, "fallbacks"], what);
            }
        }
        for (alias, meant) in &self.aliases {
            let here = ["aliases", alias.as_str()];
            if self.routes.contains_key(alias) {
                say(&here, format!("`{alias}` is the name of a route as well"));
            }
            match self.meant(alias) {
                None => say(&here, format!("`{alias}` leads in a circle, by way of `{meant}`")),
                Some(end) if !self.leads_somewhere(end) => {
                    say(
                        &here,
                        format!("`{alias}` leads to `{end}`, and there is no such route or model"),
                    );
                }
                Some(_) => {}
            }
        }
        problems
    }

    /// What a name stands for once no alias is left; `None` for a circle.
    pub(crate) fn meant<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let mut name = name;
        for _ in 0..DEPTH_MAX {
            match self.aliases.get(name) {
                Some(next) => name = next,
                None => return Some(name),
            }
        }
        None
    }

    /// Whether a name is a route, an alias or a model that a provider lets callers name.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.meant(name).is_some_and(|name| self.leads_somewhere(name))
    }

    /// Whether a name is a route or a model that a provider lets callers name.
    fn leads_somewhere(&self, name: &str) -> bool {
        let listed = |(provider, model): (&str, &str)| {
            let provider = self.providers.get(provider);
            provider.is_some_and(|provider| {
                provider.models.iter().any(|listed| listed == "*" || listed == model)
            })
        };
        self.routes.contains_key(name) || name.split_once('/').is_some_and(listed)
    }

    /// A circle of fallbacks that begins and ends at a route.
    fn circle(&self, start: &str) -> Option<String> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![vec![start]];
        while let Some(path) = waiting.pop() {
            let fallbacks = path.last().and_then(|last| self.routes.get(*last));
            for next in fallbacks.map_or(&[][..], |route| &route.fallbacks) {
                if next == start {
                    return Some(format!("{} → {start}", path.join(" → ")));
                }
                if seen.insert(next.as_str()) {
                    let mut path = path.clone();
                    path.push(next);
                    waiting.push(path);
                }
            }
        }
        None
    }
}

fn is_http(url: &str) -> bool {
    reqwest::Url::parse(url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
