//! The package of an office file: its parts, and the relationships between them.

use std::collections::HashMap;

use crate::{ParseError, builder::Builder, format::part::Element, parse::Input, unpack::Archive};

/// An opened package.
pub(crate) struct Package<'a> {
    archive: Archive<'a>,
}

/// The relationships of one part.
#[derive(Debug, Default)]
pub(crate) struct Relationships {
    list: Vec<Relationship>,
    /// Places in the list.
    by_id: HashMap<String, usize>,
}

#[derive(Debug)]
struct Relationship {
    id: String,
    kind: String,
    target: String,
    is_external: bool,
}

impl<'a> Package<'a> {
    pub(crate) fn open(input: &'a Input) -> Result<Self, ParseError> {
        Ok(Self { archive: Archive::open(input)? })
    }

    /// The part that holds the document, with its name; `usual` where the package does not say
    /// which it is.
    pub(crate) fn main_part(
        &mut self,
        usual: &str,
        out: &mut Builder,
    ) -> Result<(String, Element), ParseError> {
        let root = self.relationships("", out)?;
        let target = root.of_kind("officeDocument").next();
        let name = target.filter(|name| self.archive.holds(name)).unwrap_or(usual);
        match self.part(name, out)? {
            Some(part) => Ok((name.to_owned(), part)),
            None => Err(ParseError::malformed(format_args!("its part `{name}` cannot be read"))),
        }
    }

    /// The tree of a part; none when there is no such part or, as a problem, when it is damaged.
    pub(crate) fn part(
        &mut self,
        name: &str,
        out: &mut Builder,
    ) -> Result<Option<Element>, ParseError> {
        self.archive.tree(name, out)
    }

    /// The bytes of a part; none when there is no such part or, as a problem, when it is damaged.
    pub(crate) fn bytes(
        &mut self,
        name: &str,
        out: &mut Builder,
    ) -> Result<Option<Vec<u8>>, ParseError> {
        self.archive.bytes(name, out)
    }

    /// Whether there is a part of this name.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.archive.holds(name)
    }

    /// Reads what the package says about itself.
    pub(crate) fn metadata(&mut self, out: &mut Builder) -> Result<(), ParseError> {
        let Some(core) = self.part("docProps/core.xml", out)? else { return Ok(()) };
        for field in core.children() {
            match field.name.as_str() {
                "dc:title" => out.title = Some(field.text()),
                "dc:subject" => out.metadata.take_custom("subject", &field.text()),
                "cp:revision" => {}
                name => {
                    let bare = name.rsplit(':').next().unwrap_or(name);
                    out.metadata.take(bare, &field.text());
                }
            }
        }
        Ok(())
    }

    /// The relationships of a part, of the package itself for no name.
    pub(crate) fn relationships(
        &mut self,
        part: &str,
        out: &mut Builder,
    ) -> Result<Relationships, ParseError> {
        let (folder, file) = part.rsplit_once('/').map_or(("", part), |(f, n)| (f, n));
        let slash = if folder.is_empty() { "" } else { "/" };
        let root = self.part(&format!("{folder}{slash}_rels/{file}.rels"), out)?;
        let children = root.iter().flat_map(Element::children);
        let entries = children.filter_map(|element| {
            let target = element.attribute("Target")?;
            let is_external = element.attribute("TargetMode") == Some("External");
            let target = if is_external { target.to_owned() } else { resolved(folder, target) };
            Some(Relationship {
                id: element.attribute("Id")?.to_owned(),
                kind: element.attribute("Type")?.rsplit('/').next()?.to_owned(),
                target,
                is_external,
            })
        });
        let list: Vec<Relationship> = entries.collect();
        let ids = list.iter().enumerate().map(|(at, entry)| (entry.id.clone(), at));
        Ok(Relationships { by_id: ids.collect(), list })
    }
}

impl Relationships {
    /// The targets of a kind, such as `styles`.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.with_ids(kind).map(|(_, target)| target)
    }

    /// Ids and targets of a kind.
    pub(crate) fn with_ids(&self, kind: &str) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.list.iter().filter(move |entry| entry.kind == kind);
        entries.map(|entry| (entry.id.as_str(), entry.target.as_str()))
    }

    /// The target of an id.
    pub(crate) fn target(&self, id: &str) -> Option<&str> {
        self.get(id).map(|entry| entry.target.as_str())
    }

    /// The target of an id that leads out of the package.
    pub(crate) fn url(&self, id: &str) -> Option<&str> {
        self.get(id).filter(|entry| entry.is_external).map(|entry| entry.target.as_str())
    }

    fn get(&self, id: &str) -> Option<&Relationship> {
        self.list.get(*self.by_id.get(id)?)
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
