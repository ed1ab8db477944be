//! The format `chat/completions`: requests that pass through, requests made from the common form,
//! answers and streams put right.

mod answer;
mod calls;
mod chunk;
mod parts;
mod request;
mod usage;

pub(crate) use answer::put_right;
pub(crate) use chunk::{Chunks, cut};
pub(crate) use parts::{PartReader, parts_of};
pub(crate) use request::{Fit, pass, write};
pub(crate) use usage::usage_of;
