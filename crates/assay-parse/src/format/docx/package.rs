//! The zip archive around the parts, and the relationships between them.

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use super::xml::Element;
use crate::{ParseError, parse::Input};

/// An opened package. Everything that it unpacks counts against one limit.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    input: &'a Input,
    unpacked: u64,
}

/// The relationships of one part: ids, kinds, targets.
pub(crate) struct Relationships(Vec<(String, String, String)>);

impl<'a> Package<'a> {
    pub(crate) fn open(input: &'a Input) -> Result<Self, ParseError> {
        let bytes = Cursor::new(&**input.bytes);
        let archive = ZipArchive::new(bytes).map_err(ParseError::malformed)?;
        Ok(Self { archive, input, unpacked: 0 })
    }

    /// The name of the part that holds the document.
    pub(crate) fn main_part(&mut self) -> Result<String, ParseError> {
        let root = self.relationships("")?;
        let target = root.of_kind("officeDocument").next();
        Ok(target.unwrap_or("word/document.xml").to_owned())
    }

    /// The tree of a part; none when the package has no such part.
    pub(crate) fn part(&mut self, name: &str) -> Result<Option<Element>, ParseError> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        Element::parse(&bytes, self.input).map(Some)
    }

    /// The relationships of a part, of the package itself for no name.
    pub(crate) fn relationships(&mut self, part: &str) -> Result<Relationships, ParseError> {
        let (folder, file) = part.rsplit_once('/').map_or(("", part), |(f, n)| (f, n));
        let slash = if folder.is_empty() { "" } else { "/" };
        let root = self.part(&format!("{folder}{slash}_rels/{file}.rels"))?;
        let children = root.iter().flat_map(Element::children);
        let entries = children.filter_map(|element| {
            let kind = element.attribute("Type")?.rsplit('/').next()?;
            let target = element.attribute("Target")?;
            let is_external = element.attribute("TargetMode") == Some("External");
            let target = if is_external { target.to_owned() } else { resolved(folder, target) };
            Some((element.attribute("Id")?.to_owned(), kind.to_owned(), target))
        });
        Ok(Relationships(entries.collect()))
    }

    /// The content of a part; none when the package has no such part.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, ParseError> {
        self.input.check_time()?;
        let limit = self.input.limits.unpacked_bytes;
        let file = match self.archive.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(ParseError::Encrypted);
            }
            Err(error) => return Err(ParseError::malformed(error)),
        };
        let mut bytes = Vec::new();
        let room = limit.saturating_sub(self.unpacked);
        let read = file.take(room + 1).read_to_end(&mut bytes);
        self.unpacked += bytes.len() as u64;
        if self.unpacked > limit {
            return Err(ParseError::TooLarge { bytes: self.unpacked, limit });
        }
        match read {
            Ok(_) => Ok(Some(bytes)),
            // What was unpacked before the fault may still hold most of the text.
            Err(_) if !bytes.is_empty() => Ok(Some(bytes)),
            Err(error) => Err(ParseError::malformed(error)),
        }
    }
}

impl Relationships {
    /// The targets of a kind, such as `styles`.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.with_ids(kind).map(|(_, target)| target)
    }

    /// Ids and targets of a kind.
    pub(crate) fn with_ids(&self, kind: &str) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.0.iter().filter(move |(_, own, _)| own == kind);
        entries.map(|(id, _, target)| (id.as_str(), target.as_str()))
    }

    /// The target of an id.
    pub(crate) fn target(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|(own, _, _)| own == id).map(|(_, _, target)| target.as_str())
    }
}

/// A target relative to the folder of its part, as a name in the archive.
fn resolved(folder: &str, target: &str) -> String {
    let Some(relative) = target.strip_prefix('/') else {
        let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
        for step in target.split('/') {
            match step {
                ".." => {
                    path.pop();
                }
                "." | "" => {}
                _ => path.push(step),
            }
        }
        return path.join("/");
    };
    relative.to_owned()
}
