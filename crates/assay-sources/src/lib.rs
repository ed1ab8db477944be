#![doc = include_str!("../README.md")]

mod error;
mod folder;
mod net;
mod pattern;
mod run;
mod settings;
mod source;
mod state;
mod web;

pub use error::SourceError;
pub use folder::{FolderSettings, FolderWatch, Wake};
pub use settings::{
    Limits, MAX_FILES, SettingProblem, SourceContext, SourcePolicy, SourceSettings,
};
pub use source::{Change, Problem, Progress, Reply, Sink, Source, SourceFile};
pub use state::SourceState;
pub use web::WebSettings;

#[cfg(test)]
mod testing;
