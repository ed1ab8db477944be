//! Tables of questions: a line of headings, then one question a line (RFC 4180).

use serde_json::{Map, Value};

/// Fields that hold several texts in one cell, parted by `;` or `|`.
const LISTS: [&str; 4] = ["documents", "document", "collections", "collection"];
/// Fields that hold several texts parted by `|` alone, because answers hold semicolons.
const ANSWERS: [&str; 2] = ["answer", "answers"];

/// Reads the rows. Columns are parted by tabs, or by the comma or semicolon that parts the
/// headings.
pub(super) fn read(text: &str, tabs: bool) -> Result<Vec<Value>, String> {
    let first = text.lines().next().unwrap_or("");
    let separator = match (tabs, first.contains(',')) {
        (true, _) => '\t',
        (false, true) => ',',
        (false, false) => ';',
    };
    let mut rows = rows(text, separator)?.into_iter();
    let headings: Vec<String> = match rows.next() {
        Some(row) => row.iter().map(|heading| heading.trim().to_lowercase()).collect(),
        None => return Ok(Vec::new()),
    };
    if !headings.iter().any(|heading| heading == "question" || heading == "query") {
        return Err("no column is headed `question`".to_owned());
    }
    let items = (2..).zip(rows).map(|(number, row)| {
        if row.len() > headings.len() {
            return Err(format!("row {number} has more cells than there are headings"));
        }
        let fields = headings.iter().zip(row).filter(|(heading, _)| !heading.is_empty());
        let fields: Map<String, Value> =
            fields.map(|(heading, cell)| (heading.clone(), value(heading, &cell))).collect();
        Ok(Value::Object(fields))
    });
    items.collect()
}

fn value(heading: &str, cell: &str) -> Value {
    if LISTS.contains(&heading) {
        cell.split([';', '|']).collect()
    } else if ANSWERS.contains(&heading) {
        cell.split('|').collect()
    } else {
        Value::from(cell)
    }
}

/// The rows that are not blank.
fn rows(text: &str, separator: char) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            c if quoted => cell.push(c),
            c if c == separator => row.push(std::mem::take(&mut cell)),
            '\n' => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' => {}
            c => cell.push(c),
        }
    }
    if quoted {
        return Err("a quoted cell is never closed".to_owned());
    }
    row.push(cell);
    rows.push(row);
    rows.retain(|row| row.iter().any(|cell| !cell.trim().is_empty()));
    Ok(rows)
}
