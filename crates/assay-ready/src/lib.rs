#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod bound;
mod catalogue;
mod check;
mod condition;
mod deployment;
pub mod drill;
mod error;
pub mod evidence;
pub mod import;
mod judge;
mod observation;
pub mod people;
mod probe;
mod profile;
pub mod report;
pub mod rollout;
pub mod run;
pub mod selftest;
mod source;
mod store;
mod verdict;

pub use bound::{lower, tries_needed, upper};
pub use catalogue::Catalogue;
pub use check::{Blast, Check, Class, Comparison, Expect, Severity};
pub use deployment::{Deployment, Own, Request, Response, Transport};
pub use error::ReadyError;
pub use judge::{Judged, judge};
pub use observation::{Observation, Value};
pub use probe::fingerprint;
pub use probe::{As, Probe, Root, Step, Takes, Until, Upload};
pub use profile::Profile;
pub use run::{Outcome, Run};
pub use store::{Folder, Verified};
pub use verdict::Verdict;
