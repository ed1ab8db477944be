//! One module for each format.

pub(crate) mod archive;
pub(crate) mod docx;
pub(crate) mod epub;
pub(crate) mod html;
pub(crate) mod mail;
pub(crate) mod markdown;
pub(crate) mod mbox;
pub(crate) mod msg;
pub(crate) mod pdf;
pub(crate) mod tar;
pub(crate) mod text;
pub(crate) mod zip;
