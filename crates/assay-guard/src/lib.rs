#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod custom;
mod detect;
mod error;
mod finding;
mod guard;
mod kind;
mod pseudonym;
mod resolve;
mod rule;
mod settings;
mod shadow;
mod view;
mod words;

pub use error::GuardSetupError;
pub use finding::{Action, Finding, Severity};
pub use guard::{Guard, Redacted, Scope};
pub use kind::{Group, Kind};
pub use pseudonym::Pseudonyms;
pub use rule::Rule;
pub use settings::{Actions, GuardSettings, Mode, RuleSettings};
pub use shadow::Shadow;

/// Every rule that is built in.
pub fn built_in_rules() -> impl Iterator<Item = &'static Rule> {
    detect::rules().chain(words::RULES.iter().copied()).chain([&custom::CANARY])
}

#[cfg(test)]
mod tests;
