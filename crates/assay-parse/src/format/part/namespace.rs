//! The usual prefixes of namespaces. Programs may write others, and some do.

use quick_xml::events::BytesStart;

/// Most declarations that hold at one time.
const BINDINGS_MAX: usize = 200;

/// Namespaces and the prefixes that nearly all programs write for them; those of the strict form
/// of office files stand for the same.
const USUAL: &[(&str, &str)] = &[
    ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "w"),
    ("http://purl.oclc.org/ooxml/wordprocessingml/main", "w"),
    ("http://schemas.openxmlformats.org/presentationml/2006/main", "p"),
    ("http://purl.oclc.org/ooxml/presentationml/main", "p"),
    ("http://schemas.openxmlformats.org/drawingml/2006/main", "a"),
    ("http://purl.oclc.org/ooxml/drawingml/main", "a"),
    ("http://schemas.openxmlformats.org/drawingml/2006/chart", "c"),
    ("http://purl.oclc.org/ooxml/drawingml/chart", "c"),
    ("http://schemas.openxmlformats.org/drawingml/2006/diagram", "dgm"),
    ("http://purl.oclc.org/ooxml/drawingml/diagram", "dgm"),
    ("http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing", "wp"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "r"),
    ("http://purl.oclc.org/ooxml/officeDocument/relationships", "r"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/math", "m"),
    ("http://purl.oclc.org/ooxml/officeDocument/math", "m"),
    ("http://schemas.openxmlformats.org/markup-compatibility/2006", "mc"),
    ("http://schemas.openxmlformats.org/package/2006/relationships", ""),
    ("http://schemas.microsoft.com/office/drawing/2010/main", "a14"),
    ("urn:schemas-microsoft-com:vml", "v"),
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://www.w3.org/1999/xlink", "xlink"),
    ("http://www.w3.org/1998/Math/MathML", ""),
];

/// The declarations that hold at a place, but for those that agree with the usual prefixes.
#[derive(Debug, Default)]
pub(super) struct Namespaces(Vec<Binding>);

#[derive(Debug)]
struct Binding {
    depth: usize,
    written: String,
    usual: String,
}

impl Namespaces {
    /// Takes in what an element at this depth declares.
    pub(super) fn open(&mut self, start: &BytesStart<'_>, depth: usize) {
        for attribute in start.attributes().with_checks(false).flatten() {
            let key = attribute.key.as_ref();
            let written = match key.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) if rest.starts_with(':') => rest.trim_start_matches(':'),
                _ => continue,
            };
            let usual = usual(&attribute.value).unwrap_or(written);
            let is_news = usual != written || self.0.iter().any(|other| other.written == written);
            if is_news && self.0.len() < BINDINGS_MAX {
                let (written, usual) = (written.to_owned(), usual.to_owned());
                self.0.push(Binding { depth, written, usual });
            }
        }
    }

    /// Forgets what elements deeper than this have declared.
    pub(super) fn close(&mut self, depth: usize) {
        while self.0.last().is_some_and(|binding| binding.depth > depth) {
            self.0.pop();
        }
    }

    /// The name of an element under its usual prefix.
    pub(super) fn element(&self, name: &str) -> String {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        self.renamed(prefix, local).unwrap_or_else(|| name.to_owned())
    }

    /// The name of an attribute under its usual prefix; one without a prefix has no namespace.
    pub(super) fn attribute(&self, name: &str) -> String {
        let renamed = name.split_once(':').and_then(|(prefix, local)| self.renamed(prefix, local));
        renamed.unwrap_or_else(|| name.to_owned())
    }

    fn renamed(&self, prefix: &str, local: &str) -> Option<String> {
        let usual = &self.0.iter().rev().find(|binding| binding.written == prefix)?.usual;
        Some(if usual.is_empty() { local.to_owned() } else { format!("{usual}:{local}") })
    }
}

fn usual(namespace: &str) -> Option<&str> {
    let open_document = namespace.strip_prefix("urn:oasis:names:tc:opendocument:xmlns:");
    match open_document.and_then(|rest| rest.split(':').next()) {
        Some("drawing") => Some("draw"),
        Some("svg-compatible") => Some("svg"),
        Some("xsl-fo-compatible") => Some("fo"),
        Some("datastyle") => Some("number"),
        Some(same) => Some(same),
        None => USUAL.iter().find(|(own, _)| *own == namespace).map(|(_, prefix)| *prefix),
    }
}
