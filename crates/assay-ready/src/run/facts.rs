//! Which conditions hold.

use std::net::IpAddr;

use serde_json::Value;

use crate::{catalogue::DECLARED, condition::Facts, deployment::Deployment, profile::Profile};

pub(super) fn facts(deployment: &Deployment<'_>, profile: &Profile) -> Facts {
    let mut facts: Facts = DECLARED
        .iter()
        .map(|name| ((*name).to_owned(), profile.uses.iter().any(|used| used == name)))
        .collect();
    let Some(config) = &deployment.config else { return facts };
    let text = |pointer: &str| config.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let has = |pointer: &str| {
        let found = config.pointer(pointer);
        found.is_some_and(|it| {
            it.as_array().is_some_and(|it| !it.is_empty())
                || it.as_object().is_some_and(|it| !it.is_empty())
        })
    };
    let is_loopback = text("/server/host").parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
    let mut set = |name: &str, holds: bool| facts.insert(name.to_owned(), holds);
    set("auth", text("/auth/mode") == "required");
    set("providers", has("/gateway/providers"));
    set("web", has("/web/providers"));
    set("tls", !text("/server/tls/certificate").is_empty());
    set("remote", !is_loopback);
    set("local_models", !text("/embedding/model").is_empty());
    set("subdomains", !text("/auth/domain").is_empty());
    facts
}
