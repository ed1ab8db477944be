//! EPUB: the chapters of an electronic book in the order in which they are read.

use std::{collections::HashMap, io::Read};

use ::zip::{ZipArchive, result::ZipError};
use assay_core::Origin;

use super::{archive::Budget, html, part::Element};
use crate::{
    ParseError, ProblemCode,
    builder::{Builder, Place},
    decode::decode,
    parse::Input,
    unpack,
};

mod metadata;
mod path;
#[cfg(test)]
pub(crate) mod tests;
mod xhtml;

/// The package document lists the files of the book.
const CONTAINER: &str = "META-INF/container.xml";
/// Ways to scramble fonts, which hide no text.
const FONT_SCRAMBLERS: [&str; 2] =
    ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/// Reads a book. Tables of contents for programs are left out: they only repeat headings.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut book = Book::open(input)?;
    let name = book.package_document()?;
    let Some(package) = book.tree(&name)? else {
        return Err(ParseError::malformed(format_args!("its part `{name}` is missing")));
    };
    let encrypted = book.encrypted()?;
    metadata::read(&package, out);
    let chapters = chapters(&package, &name);
    let count = u32::try_from(chapters.len()).unwrap_or(u32::MAX);
    for (done, path) in (0..).zip(chapters) {
        input.meter.set_pages(done, count);
        if out.is_full() {
            break;
        }
        if encrypted.contains(&path) {
            return Err(ParseError::Encrypted);
        }
        match book.bytes(&path) {
            Ok(Some(bytes)) => {
                let markup = xhtml::as_html(&decode(&bytes, None).text);
                let origin = Some(Origin::Part { path });
                html::parse_markup_at(&markup, &Place { origin, ..Place::default() }, input, out)?;
            }
            Ok(None) => {
                let message = format!("the chapter `{path}` is missing");
                out.problem(ProblemCode::Damaged, message, None);
            }
            Err(ParseError::Malformed { reason }) => {
                let message = format!("the chapter `{path}` cannot be read: {reason}");
                out.problem(ProblemCode::Damaged, message, None);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The opened archive. Everything that it unpacks counts against one limit.
struct Book<'a> {
    archive: ZipArchive<std::io::Cursor<&'a [u8]>>,
    budget: Budget,
    input: &'a Input,
}

impl<'a> Book<'a> {
    fn open(input: &'a Input) -> Result<Self, ParseError> {
        Ok(Self { archive: unpack::open(&input.bytes)?, budget: Budget::new(input), input })
    }

    fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, ParseError> {
        match self.archive.by_name(name) {
            Ok(mut file) => self.budget.read(&mut file as &mut dyn Read, self.input).map(Some),
            Err(ZipError::FileNotFound) => Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                Err(ParseError::Encrypted)
            }
            Err(error) => Err(ParseError::malformed(error)),
        }
    }

    fn tree(&mut self, name: &str) -> Result<Option<Element>, ParseError> {
        let bytes = self.bytes(name)?;
        bytes.map(|bytes| Element::parse(&bytes, self.input)).transpose()
    }

    /// The path of the package document; the first of its kind where the container does not say.
    fn package_document(&mut self) -> Result<String, ParseError> {
        let container = self.tree(CONTAINER).or_else(|error| match error {
            ParseError::Malformed { .. } => Ok(None),
            error => Err(error),
        })?;
        let root = container.as_ref().and_then(|container| find(container, "rootfile"));
        if let Some(path) = root.and_then(|root| root.attribute("full-path")) {
            return Ok(path.to_owned());
        }
        let mut names = self.archive.file_names().flatten();
        let package = names.find(|name| name.ends_with(".opf"));
        package
            .map(|name| name.into_owned())
            .ok_or_else(|| ParseError::malformed("it has no list of its chapters"))
    }

    /// The files that cannot be read without a key.
    fn encrypted(&mut self) -> Result<Vec<String>, ParseError> {
        let Some(root) = self.tree("META-INF/encryption.xml")? else { return Ok(Vec::new()) };
        let entries = root.children().filter(|entry| local(entry) == "EncryptedData");
        let paths = entries.filter_map(|entry| {
            let method = find(entry, "EncryptionMethod")?.attribute("Algorithm")?;
            let target = find(entry, "CipherReference")?.attribute("URI")?;
            (!FONT_SCRAMBLERS.contains(&method)).then(|| path::resolved("", target))
        });
        Ok(paths.collect())
    }
}

/// The paths of the chapters in reading order.
fn chapters(package: &Element, name: &str) -> Vec<String> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    let items = package.descendants().filter(|element| local(element) == "item");
    let files: HashMap<&str, &Element> =
        items.filter_map(|item| Some((item.attribute("id")?, item))).collect();
    let references = package.descendants().filter(|element| local(element) == "itemref");
    let chapters = references.filter_map(|reference| {
        let item = files.get(reference.attribute("idref")?)?;
        let mut properties = item.attribute("properties").unwrap_or_default().split_whitespace();
        let media_type = item.attribute("media-type").unwrap_or("text/html");
        let is_markup = media_type.contains("html") || media_type.contains("dtbook");
        let is_chapter = is_markup && !properties.any(|property| property == "nav");
        is_chapter.then(|| path::resolved(folder, item.attribute("href").unwrap_or_default()))
    });
    chapters.collect()
}

/// The first element of a name at any depth, whatever its prefix.
fn find<'a>(root: &'a Element, name: &str) -> Option<&'a Element> {
    root.descendants().find(|element| local(element) == name)
}

fn local(element: &Element) -> &str {
    element.name.rsplit(':').next().unwrap_or_default()
}
