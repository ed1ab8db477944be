//! The fields of one document, small: names are numbers, values are shared.

use std::{collections::HashMap, sync::Arc};

use assay_core::{CollectionId, timestamp};
use assay_store::CatalogueDocument;
use serde_json::Value as Json;

use super::{Held, HeldCollection};
use crate::filter::{Subject, Value};

/// Levels of metadata that become names with dots.
const LEVELS_MAX: usize = 4;
/// Values of one document that are kept; more are data, not metadata.
const VALUES_MAX: usize = 512;
/// Names of fields that a tenant's documents may have together.
const NAMES_MAX: usize = 10_000;

/// A document in the catalogue.
pub(super) struct Entry {
    pub(super) collection: CollectionId,
    /// The access list that goes before that of the collection.
    pub(super) list: Option<i64>,
    /// Passages that searches find.
    pub(super) passages: u32,
    /// Bytes of its text.
    pub(super) text_bytes: u32,
    /// When it was written, changed or received, in milliseconds since 1970.
    date_ms: i64,
    /// Whether its passages stand on pages.
    has_pages: bool,
    /// Sorted by name.
    fields: Box<[(u32, Arc<Value>)]>,
}

impl Entry {
    pub(super) fn new(document: &CatalogueDocument, names: &mut Names, pool: &mut Pool) -> Self {
        let mut builder = Builder { names, pool, fields: Vec::new() };
        builder.add("document", &document.id.to_string());
        builder.add("name", &document.name);
        builder.add("title", document.title.as_deref().unwrap_or(&document.name));
        builder.add("path", &document.source_key);
        builder.add("size", &document.size.to_string());
        let received = timestamp(document.received_ms).to_string();
        builder.add("received", &received);
        if let Some(domain) = domain(&document.source_key) {
            builder.add("domain", &domain);
        }
        if let Some(media_type) = &document.media_type {
            builder.add("media_type", media_type);
        }
        if let Some(pages) = document.pages {
            builder.add("pages", &pages.to_string());
        }
        for tag in &document.tags {
            builder.add("tags", tag);
        }
        for (name, value) in &document.metadata {
            // What the parser found beside the usual fields stands in `custom`.
            let prefix = if name == "custom" { "metadata" } else { &format!("metadata.{name}") };
            builder.add_json(prefix, value, 0);
        }
        let date = builder.derive_date(&document.metadata).unwrap_or(received);
        builder.add("date", &date);
        let date_ms = Value::new(&date).time.map_or(document.received_ms, |(start, _)| start);
        let mut fields = builder.fields;
        fields.sort_by_key(|(name, _)| *name);
        Self {
            collection: document.collection,
            list: document.list,
            passages: document.passages,
            text_bytes: document.text_bytes,
            date_ms,
            has_pages: document.pages.is_some(),
            fields: fields.into(),
        }
    }

    pub(super) fn values(&self, name: u32) -> impl Iterator<Item = &Arc<Value>> {
        let start = self.fields.partition_point(|(other, _)| *other < name);
        let rest = self.fields.get(start..).unwrap_or_default();
        rest.iter().take_while(move |(other, _)| *other == name).map(|(_, value)| value)
    }
}

struct Builder<'a> {
    names: &'a mut Names,
    pool: &'a mut Pool,
    fields: Vec<(u32, Arc<Value>)>,
}

impl Builder<'_> {
    fn add(&mut self, name: &str, text: &str) {
        if self.fields.len() < VALUES_MAX
            && !text.is_empty()
            && let Some(name) = self.names.number(name)
        {
            self.fields.push((name, self.pool.value(text)));
        }
    }

    fn add_json(&mut self, name: &str, value: &Json, level: usize) {
        match value {
            Json::Null => {}
            Json::String(text) => self.add(name, text),
            Json::Number(_) | Json::Bool(_) => self.add(name, &value.to_string()),
            Json::Array(values) => {
                values.iter().for_each(|value| self.add_json(name, value, level));
            }
            Json::Object(members) if level < LEVELS_MAX => {
                for (member, value) in members {
                    self.add_json(&format!("{name}.{}", member.to_lowercase()), value, level + 1);
                }
            }
            Json::Object(_) => {}
        }
    }

    /// The date that is told or found, and the year of it unless the metadata has one.
    fn derive_date(&mut self, metadata: &serde_json::Map<String, Json>) -> Option<String> {
        let text = |name: &str| match metadata.get(name)? {
            Json::String(text) => Some(text.clone()),
            Json::Number(year) => Some(year.to_string()),
            _ => None,
        };
        let mut dates = ["date", "created", "modified"].into_iter().filter_map(text);
        let date = dates.find(|date| Value::new(date).time.is_some())?;
        if !metadata.contains_key("year") {
            let year: String = date.chars().take(4).collect();
            self.add("metadata.year", &year);
        }
        Some(date)
    }
}

/// The host of an address, without `www.`.
fn domain(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let host = host.split(':').next()?.to_lowercase();
    Some(host.strip_prefix("www.").unwrap_or(&host).to_owned())
}

/// Names of fields and their numbers.
#[derive(Default)]
pub(super) struct Names(HashMap<Box<str>, u32>);

impl Names {
    fn number(&mut self, name: &str) -> Option<u32> {
        let name = name.to_lowercase();
        let next = u32::try_from(self.0.len()).ok()?;
        match self.0.get(name.as_str()) {
            Some(number) => Some(*number),
            None if self.0.len() < NAMES_MAX => Some(*self.0.entry(name.into()).or_insert(next)),
            None => None,
        }
    }

    pub(super) fn known(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied()
    }
}

/// Values that several documents share are kept once.
#[derive(Default)]
pub(super) struct Pool {
    values: HashMap<Box<str>, Arc<Value>>,
    /// Size after the last tidying.
    tidied: usize,
}

impl Pool {
    fn value(&mut self, text: &str) -> Arc<Value> {
        if let Some(value) = self.values.get(text) {
            return Arc::clone(value);
        }
        let value = Arc::new(Value::new(text));
        self.values.insert(text.into(), Arc::clone(&value));
        value
    }

    /// Forgets values that no document has any more, when there may be many.
    pub(super) fn tidy(&mut self) {
        if self.values.len() > 2 * self.tidied + 1_000 {
            self.values.retain(|_, value| Arc::strong_count(value) > 1);
            self.tidied = self.values.len();
        }
    }
}

/// A document as a search sees it.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(super) entry: &'a Entry,
    pub(crate) collection: &'a HeldCollection,
    pub(super) held: &'a Held,
}

impl<'a> Seen<'a> {
    /// When it was written, changed or received, in milliseconds since 1970.
    pub(crate) fn date_ms(self) -> i64 {
        self.entry.date_ms
    }

    /// The document alone: its pages are open.
    pub(crate) fn document(self) -> impl Subject + 'a {
        let page = if self.entry.has_pages { None } else { Some(None) };
        On { seen: self, page }
    }

    /// A passage of it.
    pub(crate) fn passage(self, page: Option<&'a Value>) -> impl Subject + 'a {
        On { seen: self, page: Some(page) }
    }
}

struct On<'a> {
    seen: Seen<'a>,
    page: Option<Option<&'a Value>>,
}

impl Subject for On<'_> {
    fn each(&self, field: &str, see: &mut dyn FnMut(&Value)) {
        if field == "collection" {
            return see(&self.seen.collection.name);
        }
        if let Some(name) = self.seen.held.names.known(field) {
            self.seen.entry.values(name).for_each(|value| see(value));
        }
    }

    fn page(&self) -> Option<Option<&Value>> {
        self.page
    }
}
