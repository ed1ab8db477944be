#![doc = include_str!("../README.md")]

mod builder;
mod decode;
mod detect;
mod document;
mod error;
mod format;
mod inline;
mod language;
mod markdown;
mod media;
mod metadata;
mod meter;
mod page_image;
mod parse;
mod passage;
mod recognised;
pub mod score;
mod sentence;
mod unpack;

pub use document::{
    Block, BlockKind, Link, Member, Parsed, Problem, ProblemCode, SheetArea, Table,
};
pub use error::ParseError;
pub use language::{language, language_within};
pub use markdown::to_markdown;
pub use media::{FileHint, MediaType};
pub use metadata::Metadata;
pub use meter::PagesRead;
pub use page_image::{PageImage, page_images};
pub use parse::{members, parse, parse_watched, recognise};
pub use passage::{Passage, PassageKind, PassageSettings, passages};
pub use recognised::{ReadLine, add_read_lines};
pub use sentence::sentences;
