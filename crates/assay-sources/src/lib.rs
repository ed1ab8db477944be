#![doc = include_str!("../README.md")]

mod error;
mod folder;
mod git;
mod imap;
mod net;
mod pattern;
mod run;
mod s3;
mod settings;
mod source;
mod state;
mod web;

pub use error::SourceError;
pub use folder::{FolderSettings, FolderWatch, Wake};
pub use git::GitSettings;
pub use imap::ImapSettings;
pub use s3::S3Settings;
pub use settings::{
    Limits, MAX_FILES, SettingProblem, SourceContext, SourcePolicy, SourceSettings,
};
pub use source::{Change, Problem, Progress, Reply, Sink, Source, SourceFile};
pub use state::SourceState;
pub use web::WebSettings;

#[cfg(test)]
mod testing;
