//! The files attached to a mail, and mails attached as a whole.

use std::{
    io::{Cursor, Write},
    path::Path,
};

use cfb::CompoundFile;

use super::store::{INNER_MAIL_HEADER, MAIL_HEADER, Object, PART_HEADER, PROPERTIES, Store};
use crate::{
    MediaType, Member, ParseError,
    format::{
        archive::{Names, file_name},
        mail::PICTURE_MIN,
    },
};

const CONTENT: u16 = 0x3701;
const CONTENT_ID: u16 = 0x3712;
const MEDIA_TYPE: u16 = 0x370e;
/// Long name, short name, name to display.
const NAMES: [u16; 3] = [0x3707, 0x3704, super::id::DISPLAY_NAME];

/// Hands over the attachments. Objects of other programs and links to files are none.
pub(super) fn attachments(
    store: &mut Store<'_>,
    send: &dyn Fn(Result<Member, ParseError>) -> bool,
) -> Result<(), ParseError> {
    let mut names = Names::default();
    for (number, path) in store.storages("/", "__attach_version1.0_")?.iter().enumerate() {
        let object = store.object(path, PART_HEADER)?;
        let mut name = file_name(&super::first(store, &object, &NAMES)?);
        let inner = format!("{}__substg1.0_{CONTENT:04X}000D", object.path);
        let (bytes, media_type) = if store.file.is_stream(format!("{inner}/{PROPERTIES}")) {
            if !name.to_ascii_lowercase().ends_with(".msg") {
                name = format!("{}.msg", if name.is_empty() { "mail" } else { &name });
            }
            (mail(store, &inner)?, Some(MediaType::Msg.as_str().to_owned()))
        } else {
            let Some(bytes) = store.binary(&object, CONTENT)? else { continue };
            let media_type = store.text(&object, MEDIA_TYPE)?.filter(|name| name.contains('/'));
            if is_layout(store, &object, &name, media_type.as_deref(), bytes.len())? {
                continue;
            }
            (bytes, media_type)
        };
        if name.is_empty() {
            name = format!("attachment {}", number + 1);
        }
        if !send(Ok(Member { path: names.unique(name), media_type, bytes })) {
            break;
        }
    }
    Ok(())
}

/// Whether it is a small picture that only the text shows.
fn is_layout(
    store: &mut Store<'_>,
    object: &Object,
    name: &str,
    media_type: Option<&str>,
    size: usize,
) -> Result<bool, ParseError> {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let by_name = extension.and_then(|extension| MediaType::of_extension(&extension));
    let is_picture = media_type.is_some_and(|name| name.starts_with("image/"))
        || by_name.is_some_and(MediaType::is_picture);
    let is_shown = store.text(object, CONTENT_ID)?.is_some_and(|id| !id.is_empty());
    Ok(is_picture && is_shown && size < PICTURE_MIN)
}

/// A mail inside a mail as a file of its own, which has a longer header before its properties.
fn mail(store: &mut Store<'_>, path: &str) -> Result<Vec<u8>, ParseError> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).map_err(ParseError::malformed)?;
    let entries = store.file.walk_storage(path).map_err(ParseError::malformed)?;
    let entries: Vec<_> =
        entries.map(|entry| (entry.path().to_owned(), entry.is_storage())).collect();
    for (from, is_storage) in entries {
        store.input.check_time()?;
        let Ok(relative) = from.strip_prefix(path) else { continue };
        let to = Path::new("/").join(relative);
        if is_storage {
            // The root is there already.
            if !relative.as_os_str().is_empty() {
                file.create_storage(&to).map_err(ParseError::malformed)?;
            }
            continue;
        }
        let Some(mut bytes) = store.stream(&from.to_string_lossy())? else { continue };
        if relative == Path::new(PROPERTIES) {
            let at = INNER_MAIL_HEADER.min(bytes.len());
            bytes.splice(at..at, [0; MAIL_HEADER - INNER_MAIL_HEADER]);
        }
        let mut stream = file.create_stream(&to).map_err(ParseError::malformed)?;
        stream.write_all(&bytes).map_err(ParseError::malformed)?;
    }
    file.flush().map_err(ParseError::malformed)?;
    Ok(file.into_inner().into_inner())
}
