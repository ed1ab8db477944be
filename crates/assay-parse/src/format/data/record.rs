//! Records: which lists are tables, and what names a record.

use std::collections::HashMap;

use super::{Node, Value, line};

/// Most columns of a table.
const COLUMNS_MAX: usize = 40;
/// Bytes of the longest cell; longer texts read better in paragraphs.
const CELL_BYTES: usize = 200;
/// Keys whose value names a record, best first.
const NAMES: [&str; 8] = ["title", "name", "label", "heading", "subject", "id", "_id", "key"];

/// The number of header rows and the rows of a list that is a table: flat records with similar
/// keys, or lists of the same length.
pub(super) fn table(nodes: &[Node]) -> Option<(usize, Vec<Vec<String>>)> {
    if nodes.len() < 2 {
        return None;
    }
    let maps: Option<Vec<&[(String, Node)]>> = nodes.iter().map(flat_map).collect();
    match maps {
        Some(maps) => of_maps(&maps).map(|rows| (1, rows)),
        None => of_lists(nodes).map(|rows| (0, rows)),
    }
}

fn of_maps(maps: &[&[(String, Node)]]) -> Option<Vec<Vec<String>>> {
    let mut header: Vec<&str> = Vec::new();
    let mut columns: HashMap<&str, usize> = HashMap::new();
    for (key, _) in maps.iter().copied().flatten() {
        columns.entry(key).or_insert_with(|| {
            header.push(key);
            header.len() - 1
        });
        if header.len() > COLUMNS_MAX {
            return None;
        }
    }
    let cells: usize = maps.iter().map(|map| map.len()).sum();
    // Records with mostly different keys would leave a table of holes.
    if cells * 10 < maps.len() * header.len() * 6 {
        return None;
    }
    let width = header.len();
    let name = |key: &str| if key.is_empty() { "value".to_owned() } else { key.to_owned() };
    let mut rows = vec![header.into_iter().map(name).collect::<Vec<_>>()];
    for map in maps {
        let mut row = vec![String::new(); width];
        for (key, node) in *map {
            let Some(cell) = columns.get(key.as_str()).and_then(|at| row.get_mut(*at)) else {
                continue;
            };
            if !cell.is_empty() {
                // A repeated key.
                cell.push_str(", ");
            }
            cell.push_str(&line(node));
        }
        rows.push(row);
    }
    Some(rows)
}

fn of_lists(nodes: &[Node]) -> Option<Vec<Vec<String>>> {
    let rows = nodes.iter().map(|node| match &node.value {
        Value::List(cells) if cells.iter().all(is_cell) => Some(cells),
        _ => None,
    });
    let rows: Vec<&Vec<Node>> = rows.collect::<Option<_>>()?;
    let width = rows.first()?.len();
    let is_even = (2..=COLUMNS_MAX).contains(&width) && rows.iter().all(|row| row.len() == width);
    is_even.then(|| rows.iter().map(|row| row.iter().map(line).collect()).collect())
}

fn flat_map(node: &Node) -> Option<&[(String, Node)]> {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            entries.iter().all(|(_, node)| is_cell(node)).then_some(entries)
        }
        _ => None,
    }
}

/// Whether a value fits into a cell: a short text or a few of them.
fn is_cell(node: &Node) -> bool {
    let is_short = |node: &Node| match &node.value {
        Value::Scalar(text) => text.len() <= CELL_BYTES && !text.trim().contains('\n'),
        _ => false,
    };
    match &node.value {
        Value::List(nodes) => nodes.len() <= 8 && nodes.iter().all(is_short),
        _ => is_short(node),
    }
}

/// What names a record in a heading.
pub(super) fn name(node: &Node) -> Option<String> {
    let Value::Map(entries) = &node.value else { return None };
    let name = NAMES.iter().find_map(|name| {
        let (_, node) = entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        match &node.value {
            Value::Scalar(text) if !text.trim().is_empty() && text.len() <= 100 => {
                Some(text.clone())
            }
            _ => None,
        }
    });
    // Resources of Kubernetes keep their name in a field of that name.
    name.or_else(|| {
        let (_, metadata) = entries.iter().find(|(key, _)| key == "metadata")?;
        self::name(metadata)
    })
}
