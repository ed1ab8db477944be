//! One module for each format, and what several of them share.

pub(crate) mod archive;
mod cells;
pub(crate) mod code;
pub(crate) mod data;
pub(crate) mod delimited;
pub(crate) mod docx;
pub(crate) mod epub;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod mail;
pub(crate) mod markdown;
pub(crate) mod mbox;
pub(crate) mod msg;
mod numeral;
pub(crate) mod odf;
mod ooxml;
pub(crate) mod part;
pub(crate) mod pdf;
pub(crate) mod picture;
pub(crate) mod pptx;
mod reading_order;
pub(crate) mod sheet;
pub(crate) mod tar;
pub(crate) mod text;
pub(crate) mod xml;
pub(crate) mod yaml;
pub(crate) mod zip;
