//! One module for each format.

pub(crate) mod code;
pub(crate) mod data;
pub(crate) mod docx;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod pdf;
pub(crate) mod text;
pub(crate) mod xml;
pub(crate) mod yaml;
