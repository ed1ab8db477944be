#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod address;
pub mod bucket;
mod guard;
mod http;
pub mod xml;

pub use guard::{Blocked, Guard, InvalidHost};
pub use http::{Answer, Get, Http, HttpError, Post, SetupError, unpack};
pub use reqwest::{Method, Url, header};
