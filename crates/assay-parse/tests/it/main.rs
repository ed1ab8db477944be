//! The parser over real files: what it gets right, and that no damage makes it panic or hang.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod corpus;
mod hostile;
mod mutation;
mod properties;
mod score;
