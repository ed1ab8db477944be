//! The format of a file by its content; the name only decides between kinds of text.

use crate::{FileHint, MediaType, ParseError, decode};

/// Leading bytes of formats that are known but not read, so that the refusal can name them.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ\x90", "application/x-msdownload"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"\0asm", "application/wasm"),
];

/// Names that only one office format uses inside its zip archive.
const ZIP_PARTS: &[(&[u8], &str)] = &[
    (b"xl/workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (
        b"ppt/presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (b"mimetypeapplication/epub+zip", "application/epub+zip"),
];

/// Finds the format.
pub(crate) fn detect(bytes: &[u8], hint: &FileHint<'_>) -> Result<MediaType, ParseError> {
    let head = bytes.get(..1024).unwrap_or(bytes);
    if contains(head, b"%PDF-") {
        return Ok(MediaType::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return zip(bytes);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return ole(bytes);
    }
    if let Some((_, media_type)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return unsupported(media_type);
    }
    if !decode::is_text(bytes) {
        return unsupported("application/octet-stream");
    }
    Ok(text(bytes, hint))
}

/// Names of the archive's files stand in its local headers as plain bytes.
fn zip(bytes: &[u8]) -> Result<MediaType, ParseError> {
    let other = ZIP_PARTS.iter().find(|(part, _)| contains(bytes, part));
    match other {
        _ if contains(bytes, b"word/") => Ok(MediaType::Docx),
        Some((_, media_type)) => unsupported(media_type),
        None => unsupported("application/zip"),
    }
}

/// Office wraps encrypted documents in the container of its older, binary formats.
fn ole(bytes: &[u8]) -> Result<MediaType, ParseError> {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if contains(bytes, &name) {
        return Err(ParseError::Encrypted);
    }
    unsupported("application/x-ole-storage")
}

fn text(bytes: &[u8], hint: &FileHint<'_>) -> MediaType {
    let sample = bytes.get(..16 << 10).unwrap_or(bytes);
    let decoded = decode::decode(sample, hint.charset());
    let extension = hint.extension();
    let by_name = match extension.as_deref() {
        Some("md" | "markdown" | "mdown" | "mkd" | "mdx") => Some(MediaType::Markdown),
        Some("html" | "htm" | "xhtml") => Some(MediaType::Html),
        Some(_) => Some(MediaType::Text),
        None => None,
    };
    let by_type = match hint.essence().as_deref() {
        Some("text/markdown" | "text/x-markdown") => Some(MediaType::Markdown),
        Some("text/html" | "application/xhtml+xml") => Some(MediaType::Html),
        _ => None,
    };
    match by_type.or(by_name) {
        Some(MediaType::Markdown) => MediaType::Markdown,
        _ if starts_as_html(&decoded.text) => MediaType::Html,
        Some(MediaType::Html) if decoded.text.contains('<') => MediaType::Html,
        None if reads_as_markdown(&decoded.text) => MediaType::Markdown,
        _ => MediaType::Text,
    }
}

fn starts_as_html(text: &str) -> bool {
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    while let Some(comment) = rest.strip_prefix("<!--").or_else(|| rest.strip_prefix("<?xml")) {
        let Some((_, after)) = comment.split_once('>') else { return false };
        rest = after.trim_start();
    }
    let start: String = rest.chars().take(14).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<head>", "<body", "<title>"]
        .iter()
        .any(|tag| start.starts_with(tag))
}

/// Several marks of Markdown together; one alone also stands in plain text.
fn reads_as_markdown(text: &str) -> bool {
    let heading = text.lines().any(|line| {
        let rest = line.trim_start_matches('#');
        (1..=6).contains(&(line.len() - rest.len())) && rest.starts_with(' ')
    });
    let fence = text.lines().filter(|line| line.starts_with("```")).count() >= 2;
    let link = text.contains("](");
    let rule = text.lines().any(|line| line.starts_with('|') && line.contains("--"));
    [heading, fence, link, rule].into_iter().filter(|mark| *mark).count() >= 2
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    let mut rest = haystack;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = rest.get(at..).unwrap_or_default();
        if rest.starts_with(needle) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

fn unsupported(media_type: &str) -> Result<MediaType, ParseError> {
    Err(ParseError::Unsupported { media_type: media_type.to_owned() })
}
