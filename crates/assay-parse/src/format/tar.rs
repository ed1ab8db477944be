//! Tar archives, bare or in gzip, and single files in gzip.

use std::io::{Cursor, Read};

use ::tar::{Archive, EntryType};
use flate2::read::MultiGzDecoder;

use super::archive::{Metered, Visit, reason};
use crate::{ParseError, decode::decode, parse::Input};

#[cfg(test)]
pub(crate) mod tests;

const GZIP: &[u8] = b"\x1f\x8b";
/// Bytes of a header of an entry.
const BLOCK: u64 = 512;

/// Goes through the files of an archive; a single file in gzip is the only one.
pub(crate) fn walk(input: &Input, visit: &mut Visit<'_>) -> Result<(), ParseError> {
    if !input.bytes.starts_with(GZIP) {
        return entries(&**input.bytes, visit);
    }
    let decoder = MultiGzDecoder::new(&**input.bytes);
    let name = decoder.header().and_then(|header| header.filename());
    let name = name.map(|name| decode(name, None).text.into_owned());
    let mut content = Metered::new(decoder, input);
    let mut head = Vec::new();
    let outcome = (&mut content).take(BLOCK).read_to_end(&mut head);
    if head.is_empty() {
        outcome.map_err(reason)?;
    }
    let is_tar = head.get(257..262) == Some(b"ustar");
    let mut content = Cursor::new(head).chain(content);
    if is_tar {
        return entries(content, visit);
    }
    let name = name.or_else(|| inner_name(input)).unwrap_or_else(|| "content".to_owned());
    visit(&name, Ok(&mut content)).map(drop)
}

fn entries(content: impl Read, visit: &mut Visit<'_>) -> Result<(), ParseError> {
    let mut archive = Archive::new(content);
    for entry in archive.entries().map_err(reason)? {
        let mut entry = entry.map_err(reason)?;
        let kind = entry.header().entry_type();
        let is_file = kind.is_file() || kind.is_contiguous() || kind == EntryType::GNUSparse;
        let name = decode(&entry.path_bytes(), None).text.into_owned();
        if is_file && !name.ends_with('/') && !visit(&name, Ok(&mut entry))? {
            break;
        }
    }
    Ok(())
}

/// The name of the file in gzip without the ending that says so.
fn inner_name(input: &Input) -> Option<String> {
    let name = input.name.as_deref()?;
    let (stem, extension) = name.rsplit_once('.')?;
    let is_gzip = extension.eq_ignore_ascii_case("gz") && !stem.is_empty();
    is_gzip.then(|| stem.to_owned())
}
