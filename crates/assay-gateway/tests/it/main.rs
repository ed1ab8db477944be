//! The gateway over scripted providers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod counter;
mod providers;
