//! Objects with properties in a compound file: the mail, its recipients, its attachments.

use std::{collections::HashMap, io::Cursor};

use cfb::CompoundFile;
use encoding_rs::{Encoding, UTF_16LE};

use super::{File, id};
use crate::{ParseError, decode::decode, format::archive::Budget, parse::Input};

/// Bytes before the properties of the mail itself, of a mail inside it, of any other object.
pub(super) const MAIL_HEADER: usize = 32;
pub(super) const INNER_MAIL_HEADER: usize = 24;
pub(super) const PART_HEADER: usize = 8;
/// The stream that lists the properties of an object.
pub(super) const PROPERTIES: &str = "__properties_version1.0";
/// Most objects of a kind.
const OBJECTS_MAX: usize = 10_000;

/// An opened file. Streams may share their sectors, so that all that is read counts against one
/// limit.
pub(super) struct Store<'a> {
    pub(super) file: File<'a>,
    pub(super) input: &'a Input,
    budget: Budget,
}

/// The properties of one object that fit into the list itself; longer ones have a stream each.
pub(super) struct Object {
    /// The path of its storage, with a slash at the end.
    pub(super) path: String,
    values: HashMap<u32, u64>,
}

impl<'a> Store<'a> {
    pub(super) fn open(input: &'a Input) -> Result<Self, ParseError> {
        let file =
            CompoundFile::open(Cursor::new(&**input.bytes)).map_err(ParseError::malformed)?;
        Ok(Self { file, input, budget: Budget::new(input) })
    }

    /// The object of a storage; `header` is the size of what comes before its properties.
    pub(super) fn object(&mut self, path: &str, header: usize) -> Result<Object, ParseError> {
        let path = if path.ends_with('/') { path.to_owned() } else { format!("{path}/") };
        let list = self.stream(&format!("{path}{PROPERTIES}"))?.unwrap_or_default();
        let (entries, _) = list.get(header..).unwrap_or_default().as_chunks::<16>();
        let value = |entry: &[u8; 16]| {
            let [a, b, c, d, _, _, _, _, value @ ..] = *entry;
            (u32::from_le_bytes([a, b, c, d]), u64::from_le_bytes(value))
        };
        Ok(Object { path, values: entries.iter().map(value).collect() })
    }

    /// Storages below a path whose names start alike, in their order.
    pub(super) fn storages(&self, path: &str, start: &str) -> Result<Vec<String>, ParseError> {
        let entries = self.file.read_storage(path).map_err(ParseError::malformed)?;
        let named = entries.filter(|entry| entry.is_storage() && entry.name().starts_with(start));
        let path = path.trim_end_matches('/');
        let mut paths: Vec<String> =
            named.take(OBJECTS_MAX).map(|entry| format!("{path}/{}", entry.name())).collect();
        paths.sort();
        Ok(paths)
    }

    /// A text, in Unicode or the code page of the object.
    pub(super) fn text(&mut self, object: &Object, id: u16) -> Result<Option<String>, ParseError> {
        if let Some(bytes) = self.property(object, id, "001F")? {
            let (text, _) = UTF_16LE.decode_without_bom_handling(&bytes);
            return Ok(Some(text.trim_end_matches('\0').to_owned()));
        }
        let Some(bytes) = self.property(object, id, "001E")? else { return Ok(None) };
        let encoding = object.code_page(id::CODE_PAGE).map(Encoding::name);
        Ok(Some(decode(&bytes, encoding).text.trim_end_matches('\0').to_owned()))
    }

    /// The bytes of a property.
    pub(super) fn binary(
        &mut self,
        object: &Object,
        id: u16,
    ) -> Result<Option<Vec<u8>>, ParseError> {
        self.property(object, id, "0102")
    }

    fn property(
        &mut self,
        object: &Object,
        id: u16,
        kind: &str,
    ) -> Result<Option<Vec<u8>>, ParseError> {
        self.stream(&format!("{}__substg1.0_{id:04X}{kind}", object.path))
    }

    /// A whole stream; none when there is no such stream or it is damaged.
    pub(super) fn stream(&mut self, path: &str) -> Result<Option<Vec<u8>>, ParseError> {
        let Ok(mut stream) = self.file.open_stream(path) else { return Ok(None) };
        match self.budget.read(&mut stream, self.input) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ParseError::Malformed { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Object {
    /// A whole number.
    pub(super) fn number(&self, id: u16) -> Option<u32> {
        self.value(id, 0x0003).map(|value| value as u32)
    }

    /// A point in time, in 100 ns since 1601.
    pub(super) fn time(&self, id: u16) -> Option<u64> {
        self.value(id, 0x0040)
    }

    /// The encoding of a property that holds the number of a code page.
    pub(super) fn code_page(&self, id: u16) -> Option<&'static Encoding> {
        codepage::to_encoding(u16::try_from(self.number(id)?).ok()?)
    }

    fn value(&self, id: u16, kind: u16) -> Option<u64> {
        self.values.get(&(u32::from(id) << 16 | u32::from(kind))).copied()
    }
}
