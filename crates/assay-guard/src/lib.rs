#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod custom;
mod detect;
mod error;
pub mod eval;
mod finding;
mod guard;
mod inject;
mod kind;
mod place;
mod pseudonym;
mod resolve;
mod rule;
mod settings;
mod shadow;
mod stream;
mod tenant;
mod view;
mod words;

pub use error::GuardSetupError;
pub use finding::{Action, Finding, Severity};
pub use guard::{Guard, Redacted, Scope};
pub use kind::{Group, Kind};
pub use place::{OnFailure, Place, PlaceSettings};
pub use pseudonym::Pseudonyms;
pub use rule::Rule;
pub use settings::{ActionKey, Actions, GuardSettings, Mode, Pattern, RuleSettings};
pub use shadow::Shadow;
pub use stream::GuardStream;
pub use tenant::TenantGuardSettings;

/// Every rule that is built in.
pub fn built_in_rules() -> impl Iterator<Item = &'static Rule> {
    detect::rules()
        .chain(words::RULES.iter().chain(inject::RULES).copied())
        .chain([&custom::CANARY])
}

#[cfg(test)]
mod tests;
