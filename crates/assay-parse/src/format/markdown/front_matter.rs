//! The fields at the head of a Markdown file, in YAML or TOML.

use std::ops::Range;

use crate::{
    Metadata, ParseError, ProblemCode,
    builder::Builder,
    format::{
        data::{Node, Value, line},
        yaml,
    },
    parse::Input,
};

/// Reads the fields into the metadata. Front matter that cannot be read is a problem.
pub(super) fn yaml(text: &str, input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    for document in yaml::read(text, input, out)? {
        if let Value::Map(entries) = document.value {
            for (key, node) in &entries {
                take(key, node, out);
            }
        }
    }
    Ok(())
}

/// What [`yaml`] does, for TOML.
pub(super) fn toml(text: &str, out: &mut Builder) {
    match text.parse::<toml::Table>() {
        Ok(table) => {
            for (key, value) in table {
                take(&key, &node(value), out);
            }
        }
        Err(error) => {
            let message = format!("the front matter is not valid TOML: {}", error.message());
            out.problem(ProblemCode::Damaged, message, None);
        }
    }
}

/// A field; a nested one is known by its path.
fn take(key: &str, field: &Node, out: &mut Builder) {
    match &field.value {
        Value::Scalar(text) if key == "title" => out.title = Some(text.clone()),
        Value::Scalar(text) => out.metadata.take(key, text),
        Value::List(nodes) if Metadata::is_list(key) => {
            nodes.iter().for_each(|node| out.metadata.take(key, &name(node)));
        }
        Value::Map(_) if Metadata::is_list(key) => out.metadata.take(key, &name(field)),
        Value::List(_) => out.metadata.take_custom(key, &line(field)),
        Value::Map(entries) => {
            for (inner, node) in entries {
                take(&format!("{key}.{inner}"), node, out);
            }
        }
    }
}

/// An author may be a map with a name, an address and the like.
fn name(node: &Node) -> String {
    if let Value::Map(entries) = &node.value
        && let Some((_, name)) = entries.iter().find(|(key, _)| key == "name")
    {
        return line(name);
    }
    line(node)
}

fn node(value: toml::Value) -> Node {
    const NOWHERE: Range<usize> = 0..0;
    let value = match value {
        toml::Value::String(text) => Value::Scalar(text),
        toml::Value::Array(values) => Value::List(values.into_iter().map(node).collect()),
        toml::Value::Table(table) => {
            Value::Map(table.into_iter().map(|(key, value)| (key, node(value))).collect())
        }
        other => Value::Scalar(other.to_string()),
    };
    Node { range: NOWHERE, value }
}
