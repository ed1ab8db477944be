//! One module for each format, and what several of them share.

pub(crate) mod docx;
pub(crate) mod html;
pub(crate) mod markdown;
mod numeral;
mod ooxml;
pub(crate) mod pdf;
pub(crate) mod text;
mod xml;
