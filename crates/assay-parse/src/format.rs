//! One module for each format, and what several of them share.

mod cells;
pub(crate) mod data;
pub(crate) mod delimited;
pub(crate) mod docx;
pub(crate) mod html;
pub(crate) mod markdown;
mod numeral;
mod ooxml;
pub(crate) mod pdf;
pub(crate) mod pptx;
mod reading_order;
pub(crate) mod sheet;
pub(crate) mod text;
mod xml;
pub(crate) mod yaml;
