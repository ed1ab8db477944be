//! The format of a file by its content; the name only decides between kinds of text.

use crate::{FileHint, MediaType, ParseError, decode, format::code::language::Language, unpack};

/// Leading bytes of formats that are read.
const KNOWN: &[(&[u8], MediaType)] = &[
    (b"\x89PNG\r\n\x1a\n", MediaType::Png),
    (b"\xff\xd8\xff", MediaType::Jpeg),
    (b"GIF8", MediaType::Gif),
    (b"II*\0", MediaType::Tiff),
    (b"MM\0*", MediaType::Tiff),
    (b"\x1f\x8b", MediaType::Tar),
];

/// Leading bytes of formats that are known but not read, so that the refusal can name them.
const UNREAD: &[(&[u8], &str)] = &[
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

/// How names of files start that only one format uses inside its zip archive; the first file may
/// also state the format.
const ZIP_PARTS: &[(&[u8], MediaType)] = &[
    (b"mimetypeapplication/vnd.oasis.opendocument.text", MediaType::Odt),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", MediaType::Ods),
    (b"mimetypeapplication/vnd.oasis.opendocument.presentation", MediaType::Odp),
    (b"mimetypeapplication/epub+zip", MediaType::Epub),
    (b"META-INF/container.xml", MediaType::Epub),
    (b"word/document", MediaType::Docx),
    (b"xl/workbook", MediaType::Xlsx),
    (b"ppt/presentation", MediaType::Pptx),
    (b"word/", MediaType::Docx),
];

/// Names of streams that only one format uses inside the container of old office formats.
const OLE_PARTS: &[(&str, MediaType)] = &[
    ("__properties_version1.0", MediaType::Msg),
    ("Workbook", MediaType::Xls),
    ("Book", MediaType::Xls),
];

/// Finds the format.
pub(crate) fn detect(bytes: &[u8], hint: &FileHint<'_>) -> Result<MediaType, ParseError> {
    let head = bytes.get(..1024).unwrap_or(bytes);
    if contains(head, b"%PDF-") {
        return Ok(MediaType::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(zip(bytes));
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return ole(bytes);
    }
    if let Some((_, media_type)) = KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Ok(*media_type);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(MediaType::Webp);
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Ok(MediaType::Tar);
    }
    if let Some((_, media_type)) = UNREAD.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return unsupported(media_type);
    }
    // Two letters are no proof: the length that follows has to fit too.
    let stated = bytes.get(2..6).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes);
    if bytes.starts_with(b"BM") && stated.is_some_and(|size| u64::from(size) == bytes.len() as u64)
    {
        return Ok(MediaType::Bmp);
    }
    // A mail may hold attachments as they are.
    if hint.extension().is_some_and(|extension| extension == "eml" || extension == "mbox") {
        return Ok(text(bytes, hint));
    }
    if !decode::is_text(bytes) {
        return unsupported("application/octet-stream");
    }
    Ok(text(bytes, hint))
}

/// What a zip archive is by the names of its files. Without a directory that can be read, the names
/// in front of each file have to do; they may also stem from an archive inside the archive.
fn zip(bytes: &[u8]) -> MediaType {
    let head = bytes.get(..256).unwrap_or(bytes);
    let part = match unpack::open(bytes) {
        Ok(archive) => ZIP_PARTS.iter().find(|(part, _)| {
            part.starts_with(b"mimetype") && contains(head, part)
                || archive.file_names_raw().any(|name| name.starts_with(part))
        }),
        Err(_) => ZIP_PARTS.iter().find(|(part, _)| contains(bytes, part)),
    };
    part.map_or(MediaType::Zip, |(_, media_type)| *media_type)
}

/// Old office formats; the new ones are wrapped in their container when they are encrypted.
fn ole(bytes: &[u8]) -> Result<MediaType, ParseError> {
    let holds = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        contains(bytes, &name)
    };
    if holds("EncryptedPackage") {
        return Err(ParseError::Encrypted);
    }
    match OLE_PARTS.iter().find(|(name, _)| holds(name)) {
        Some((_, media_type)) => Ok(*media_type),
        None => unsupported("application/x-ole-storage"),
    }
}

/// Kinds of text. What the sender states wins where the content does not contradict it.
fn text(bytes: &[u8], hint: &FileHint<'_>) -> MediaType {
    let sample = bytes.get(..16 << 10).unwrap_or(bytes);
    let decoded = decode::decode(sample, hint.charset());
    let extension = hint.extension();
    let by_name = match hint.name.and_then(Language::of_name) {
        Some(_) => Some(MediaType::Code),
        None => extension.as_deref().and_then(MediaType::of_extension),
    };
    let by_type = hint.essence().as_deref().and_then(MediaType::of_name);
    // Browsers and mail programs call everything they do not know plain text.
    let stated = by_type.filter(|media_type| *media_type != MediaType::Text).or(by_name);
    match stated.filter(|media_type| media_type.is_text()) {
        Some(MediaType::Html) if decoded.text.contains('<') => MediaType::Html,
        Some(MediaType::Html | MediaType::Text) | None if starts_as_html(&decoded.text) => {
            MediaType::Html
        }
        Some(MediaType::Html) => MediaType::Text,
        Some(media_type) => media_type,
        None if opens_mail(&decoded.text) => MediaType::Eml,
        None if opens_mailbox(&decoded.text) => MediaType::Mbox,
        None if extension.is_none() && reads_as_markdown(&decoded.text) => MediaType::Markdown,
        None => unnamed(&decoded.text),
    }
}

/// Kinds of text that nobody states, where the content leaves no doubt.
fn unnamed(text: &str) -> MediaType {
    let text = text.trim();
    let opens_json = text.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('"'))
        || text.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', '[']));
    match () {
        () if text.starts_with("<?xml") => MediaType::Xml,
        () if opens_json => MediaType::Json,
        () if Language::of_first_line(text).is_some() => MediaType::Code,
        () => MediaType::Text,
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

/// Whether the text opens with several lines that stand above every mail, and nothing else.
fn opens_mail(text: &str) -> bool {
    const KNOWN: [&str; 9] = [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "received",
        "return-path",
        "mime-version",
        "delivered-to",
    ];
    let head = text.lines().take(100).take_while(|line| !line.trim().is_empty());
    let mut known = 0;
    for line in head.filter(|line| !line.starts_with([' ', '\t'])) {
        let Some((name, _)) = line.split_once(':') else { return false };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        known += usize::from(KNOWN.contains(&name.to_ascii_lowercase().as_str()));
    }
    known >= 3
}

/// Whether the text opens with the line that parts mails, and a mail.
fn opens_mailbox(text: &str) -> bool {
    let mail = text.strip_prefix("From ").and_then(|rest| rest.split_once('\n'));
    mail.is_some_and(|(_, mail)| opens_mail(mail))
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
