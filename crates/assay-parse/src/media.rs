//! The formats that are read, and what the caller knows of a file beforehand.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A format that this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MediaType {
    /// Portable Document Format.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// Office Open XML text document.
    #[serde(rename = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    Docx,
    /// HTML or XHTML.
    #[serde(rename = "text/html")]
    Html,
    /// CommonMark with the GitHub extensions.
    #[serde(rename = "text/markdown")]
    Markdown,
    /// Text without markup, in any encoding.
    #[serde(rename = "text/plain")]
    Text,
}

impl MediaType {
    /// The name registered with IANA, such as `application/pdf`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Html => "text/html",
            Self::Markdown => "text/markdown",
            Self::Text => "text/plain",
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the sender says about a file. It only decides where the content leaves a choice, such as
/// between Markdown and plain text.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileHint<'a> {
    /// The file name.
    pub name: Option<&'a str>,
    /// The `Content-Type`, with or without parameters.
    pub media_type: Option<&'a str>,
}

impl FileHint<'_> {
    /// The part of the name after the last dot, in lower case.
    pub(crate) fn extension(&self) -> Option<String> {
        let (_, extension) = self.name?.rsplit_once('.')?;
        Some(extension.to_ascii_lowercase())
    }

    /// The media type without parameters, in lower case.
    pub(crate) fn essence(&self) -> Option<String> {
        let essence = self.media_type?.split(';').next()?;
        Some(essence.trim().to_ascii_lowercase())
    }

    /// The `charset` parameter of the media type.
    pub(crate) fn charset(&self) -> Option<&str> {
        let parameters = self.media_type?.split(';').skip(1);
        parameters
            .filter_map(|parameter| parameter.trim().split_once('='))
            .find(|(name, _)| name.eq_ignore_ascii_case("charset"))
            .map(|(_, value)| value.trim_matches(['"', ' ']))
    }
}
