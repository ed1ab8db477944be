//! Conditions under which checks are asked.
//!
//! A condition is a fact, or several joined by ` and `; `not FACT` turns one round. Facts come from
//! the configuration (`auth`, `providers`, `web`, `tls`, `remote`, `local_models`) and from what a
//! profile declares to be there (`uses`). A fact that nobody knows leaves the check in: it is asked.

use std::collections::BTreeMap;

/// What is known about a deployment; absent is unknown.
pub(crate) type Facts = BTreeMap<String, bool>;

/// Facts that the configuration answers, with what it means that they do not hold.
const KNOWN: [(&str, &str); 20] = [
    ("auth", "nobody has to show a key (auth.mode = \"open\")"),
    ("providers", "no provider of models is configured"),
    ("web", "no public source is configured (web.providers)"),
    ("tls", "this server speaks no TLS itself (server.tls)"),
    ("remote", "only this machine can reach it (server.host is a loopback address)"),
    ("local_models", "no model runs here"),
    ("containers", "the profile says that it runs in no container (uses)"),
    ("kubernetes", "the profile says that it does not run on Kubernetes (uses)"),
    ("domain", "the profile says that it has no domain (uses)"),
    ("replicas", "the profile says that there is one instance (uses)"),
    ("redis", "the profile says that there is no Redis (uses)"),
    ("postgres", "the profile says that there is no PostgreSQL (uses)"),
    ("cdn", "the profile says that there is no CDN (uses)"),
    ("load_balancer", "the profile says that there is no load balancer (uses)"),
    ("accelerator", "the profile says that no accelerator is used (uses)"),
    ("business_system", "the profile says that no business system is connected (uses)"),
    ("training", "the profile says that no model is trained for this deployment (uses)"),
    ("extraction", "the profile says that no fields are extracted or documents classified (uses)"),
    ("subdomains", "no domain for tenants is configured (auth.domain)"),
    ("hosted", "the profile says that it does not run at a provider of clouds (uses)"),
];

/// The condition when it does not hold: in words. None when the check is asked.
pub(crate) fn unmet(condition: &str, facts: &Facts) -> Option<String> {
    for part in condition.split(" and ").map(str::trim).filter(|part| !part.is_empty()) {
        let (name, wanted) = match part.strip_prefix("not ") {
            Some(name) => (name, false),
            None => (part, true),
        };
        if facts.get(name).is_some_and(|fact| *fact != wanted) {
            let why = KNOWN.iter().find(|(known, _)| *known == name).map(|(_, why)| *why);
            return Some(match (wanted, why) {
                (true, Some(why)) => why.to_owned(),
                _ => format!("`{part}` does not hold"),
            });
        }
    }
    None
}

/// What is wrong with a condition.
pub(crate) fn problem(condition: &str) -> Option<String> {
    condition
        .split(" and ")
        .map(|part| part.trim().trim_start_matches("not "))
        .filter(|part| !part.is_empty())
        .find(|part| !KNOWN.iter().any(|(known, _)| known == part))
        .map(|part| format!("`{part}` is no condition"))
}
