#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod attention;
mod batch;
pub mod catalog;
mod config;
mod cross;
mod embedder;
mod embedding;
mod encoder;
mod entail;
mod error;
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "vector instructions; every other module is safe code")
)]
mod kernel;
mod linear;
pub mod ocr;
mod pull;
mod seal;
mod settings;
mod tokens;
mod weights;

pub use cross::CrossEncoder;
pub use embedder::Embedder;
pub use entail::{Entailer, Entailment};
pub use error::ModelError;
pub use pull::{PackageFile, PullProgress, package_file, pull, verify};
pub use seal::{check_file, seal};
pub use settings::{EmbedderSettings, Pooling, Precision, TextRole};
