//! The formats that are read, and what the caller knows of a file beforehand.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A format that this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum MediaType {
    /// Portable Document Format.
    Pdf,
    /// Office Open XML text document.
    Docx,
    /// Office Open XML presentation.
    Pptx,
    /// Office Open XML spreadsheet.
    Xlsx,
    /// Spreadsheet of Excel 97 to 2003.
    Xls,
    /// OpenDocument text.
    Odt,
    /// OpenDocument spreadsheet.
    Ods,
    /// OpenDocument presentation.
    Odp,
    /// Electronic book.
    Epub,
    /// HTML or XHTML.
    Html,
    /// CommonMark with the GitHub extensions.
    Markdown,
    /// Text without markup, in any encoding.
    Text,
    /// Table with commas or semicolons.
    Csv,
    /// Table with tabs.
    Tsv,
    /// One JSON value.
    Json,
    /// A JSON value a line.
    JsonLines,
    /// YAML documents.
    Yaml,
    /// XML of any vocabulary.
    Xml,
    /// Source code of a program.
    Code,
    /// One mail.
    Eml,
    /// One mail as Outlook writes it.
    Msg,
    /// A folder of mails.
    Mbox,
    /// Archive.
    Zip,
    /// Archive, also compressed with gzip.
    Tar,
    /// Picture.
    Png,
    /// Picture.
    Jpeg,
    /// Picture, with one or more pages.
    Tiff,
    /// Picture.
    Webp,
    /// Picture.
    Bmp,
    /// Picture.
    Gif,
}

/// What is known of a format: its registered name, further names in use, and the endings of file
/// names that mean it where the content leaves a choice.
struct Entry {
    media_type: MediaType,
    name: &'static str,
    aliases: &'static [&'static str],
    extensions: &'static [&'static str],
}

const fn entry(
    media_type: MediaType,
    name: &'static str,
    aliases: &'static [&'static str],
    extensions: &'static [&'static str],
) -> Entry {
    Entry { media_type, name, aliases, extensions }
}

/// Every format.
const ENTRIES: &[Entry] = &[
    entry(MediaType::Pdf, "application/pdf", &[], &["pdf"]),
    entry(
        MediaType::Docx,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &[],
        &["docx", "docm", "dotx"],
    ),
    entry(
        MediaType::Pptx,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &[],
        &["pptx", "pptm", "ppsx", "potx"],
    ),
    entry(
        MediaType::Xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &[],
        &["xlsx", "xlsm", "xltx"],
    ),
    entry(MediaType::Xls, "application/vnd.ms-excel", &[], &["xls"]),
    entry(MediaType::Odt, "application/vnd.oasis.opendocument.text", &[], &["odt", "ott"]),
    entry(MediaType::Ods, "application/vnd.oasis.opendocument.spreadsheet", &[], &["ods", "ots"]),
    entry(MediaType::Odp, "application/vnd.oasis.opendocument.presentation", &[], &["odp", "otp"]),
    entry(MediaType::Epub, "application/epub+zip", &[], &["epub"]),
    entry(MediaType::Html, "text/html", &["application/xhtml+xml"], &["html", "htm", "xhtml"]),
    entry(
        MediaType::Markdown,
        "text/markdown",
        &["text/x-markdown"],
        &["md", "markdown", "mdown", "mkd", "mdx"],
    ),
    entry(MediaType::Text, "text/plain", &[], &["txt", "text", "log"]),
    entry(MediaType::Csv, "text/csv", &["application/csv"], &["csv"]),
    entry(MediaType::Tsv, "text/tab-separated-values", &[], &["tsv", "tab"]),
    entry(MediaType::Json, "application/json", &["text/json"], &["json", "geojson"]),
    entry(
        MediaType::JsonLines,
        "application/jsonl",
        &["application/x-ndjson", "application/jsonlines", "application/x-jsonlines"],
        &["jsonl", "ndjson"],
    ),
    entry(
        MediaType::Yaml,
        "application/yaml",
        &["text/yaml", "text/x-yaml", "application/x-yaml"],
        &["yaml", "yml"],
    ),
    entry(
        MediaType::Xml,
        "application/xml",
        &["text/xml", "image/svg+xml", "application/rss+xml", "application/atom+xml"],
        &["xml", "svg", "rss", "atom", "rdf", "xsd", "xsl", "wsdl", "plist"],
    ),
    entry(MediaType::Code, "text/x-source", &[], &[]),
    entry(MediaType::Eml, "message/rfc822", &[], &["eml"]),
    entry(MediaType::Msg, "application/vnd.ms-outlook", &[], &["msg"]),
    entry(MediaType::Mbox, "application/mbox", &[], &["mbox"]),
    entry(MediaType::Zip, "application/zip", &["application/x-zip-compressed"], &["zip"]),
    entry(
        MediaType::Tar,
        "application/x-tar",
        &["application/gzip", "application/x-gtar"],
        &["tar", "tgz", "gz"],
    ),
    entry(MediaType::Png, "image/png", &[], &["png"]),
    entry(MediaType::Jpeg, "image/jpeg", &["image/jpg"], &["jpg", "jpeg"]),
    entry(MediaType::Tiff, "image/tiff", &[], &["tif", "tiff"]),
    entry(MediaType::Webp, "image/webp", &[], &["webp"]),
    entry(MediaType::Bmp, "image/bmp", &["image/x-ms-bmp"], &["bmp"]),
    entry(MediaType::Gif, "image/gif", &[], &["gif"]),
];

impl MediaType {
    /// The registered name, such as `application/pdf`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let entry = ENTRIES.iter().find(|entry| entry.media_type == self);
        entry.map_or("application/octet-stream", |entry| entry.name)
    }

    /// The format of a media type without parameters, in lower case.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let is = |entry: &&Entry| entry.name == name || entry.aliases.contains(&name);
        ENTRIES.iter().find(is).map(|entry| entry.media_type)
    }

    /// The format that the ending of a file name, in lower case, means.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        let entry = ENTRIES.iter().find(|entry| entry.extensions.contains(&extension));
        entry.map(|entry| entry.media_type)
    }

    /// Whether the content is text, so that the name has to decide between kinds of it.
    pub(crate) const fn is_text(self) -> bool {
        matches!(
            self,
            Self::Html
                | Self::Markdown
                | Self::Text
                | Self::Csv
                | Self::Tsv
                | Self::Json
                | Self::JsonLines
                | Self::Yaml
                | Self::Xml
                | Self::Code
                | Self::Eml
                | Self::Mbox
        )
    }

    /// Whether the file holds other files.
    #[must_use]
    pub const fn has_members(self) -> bool {
        matches!(self, Self::Eml | Self::Msg | Self::Mbox | Self::Zip | Self::Tar)
    }

    /// Whether the file is a picture whose words have to be recognised.
    #[must_use]
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Tiff | Self::Webp | Self::Bmp | Self::Gif)
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<MediaType> for &'static str {
    fn from(media_type: MediaType) -> Self {
        media_type.as_str()
    }
}

impl TryFrom<String> for MediaType {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::of_name(&name).ok_or_else(|| format!("`{name}` is not a format that is read"))
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
