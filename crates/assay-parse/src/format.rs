//! One module for each format, and what several of them share.

mod cells;
pub(crate) mod docx;
pub(crate) mod html;
pub(crate) mod markdown;
mod numeral;
pub(crate) mod odf;
mod ooxml;
pub(crate) mod pdf;
pub(crate) mod pptx;
mod reading_order;
pub(crate) mod text;
pub(crate) mod xml;
