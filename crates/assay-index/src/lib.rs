#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

#[cfg(feature = "contract")]
pub mod contract;
mod embedded;
mod error;
pub mod fuse;
mod passage;

pub use embedded::{EmbeddedIndex, IndexSettings, has_phrase};
pub use error::IndexError;
pub use passage::{
    AllowedSet, Filter, Hit, IdHasher, IndexChange, IndexStats, IndexedPassage, PassageIndex,
    Readable, Respelling, TermScore,
};
