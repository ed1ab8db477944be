//! The rules of the workspace, executed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rules;
