//! The binary as a person uses it: processes, folders, exit codes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backup;
mod commands;
mod conversations;
mod encryption;
mod eval;
mod evidence;
mod guard;
mod hub;
mod import;
mod jobs;
mod kill;
mod library;
mod machine;
mod postgres;
mod ready;
mod rollout;
mod support;
mod tenants;
mod watching;
mod worker;
