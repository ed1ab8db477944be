#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod address;
mod guard;
mod http;

pub use guard::{Blocked, Guard, InvalidHost};
pub use http::{Answer, Get, Http, HttpError, Post, SetupError, unpack};
pub use reqwest::{Url, header};
