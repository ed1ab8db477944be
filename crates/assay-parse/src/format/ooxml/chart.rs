//! Charts: their title and the numbers they show, as a table.

use crate::{
    BlockKind,
    builder::{Builder, Grid, Place},
    format::xml::Element,
    inline::Inline,
};

/// Most points of a series that are written out.
const POINTS_MAX: usize = 1_000;

/// Adds the title and the data of a chart.
pub(crate) fn add(chart: &Element, place: &Place, out: &mut Builder) {
    if let Some(title) = chart.find("c:title") {
        let texts = title.descendants().filter(|element| element.name == "a:t");
        let text: String = texts.map(Element::text).collect();
        out.block(BlockKind::Caption, &Inline::plain(text), place.clone());
    }
    let series: Vec<&Element> = chart.descendants().filter(|e| e.name == "c:ser").collect();
    let Some(first) = series.first() else { return };
    let categories = points(first, &["c:cat", "c:xVal"]);
    let columns: Vec<Vec<String>> =
        series.iter().map(|series| points(series, &["c:val", "c:yVal"])).collect();
    let names = series.iter().map(|series| points(series, &["c:tx"]).concat());
    let mut rows: Vec<Vec<Inline>> =
        vec![std::iter::once(String::new()).chain(names).map(Inline::plain).collect()];
    let length = columns.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..length {
        let value = |column: &Vec<String>| column.get(at).cloned().unwrap_or_default();
        let row = std::iter::once(value(&categories)).chain(columns.iter().map(value));
        rows.push(row.map(Inline::plain).collect());
    }
    out.table(Grid { header_rows: 1, rows, sheet: None }, place.clone());
    out.block(BlockKind::Picture, &Inline::default(), place.clone());
}

/// The cached points of the first part found.
fn points(series: &Element, parts: &[&str]) -> Vec<String> {
    let Some(part) = parts.iter().find_map(|name| series.child(name)) else { return Vec::new() };
    let mut points: Vec<String> = Vec::new();
    for point in part.descendants().filter(|element| element.name == "c:pt") {
        let at = point.attribute("idx").and_then(|at| at.parse::<usize>().ok());
        let at = at.unwrap_or(points.len());
        if at >= POINTS_MAX {
            break;
        }
        points.resize(points.len().max(at + 1), String::new());
        if let (Some(slot), Some(value)) = (points.get_mut(at), point.child("c:v")) {
            *slot = shown(&value.text());
        }
    }
    points
}

/// A number as programs show it: files hold `4.4000000000000004` for 4.4.
fn shown(value: &str) -> String {
    const SCALE: f64 = 1e9;
    match value.parse::<f64>() {
        Ok(number) if number.abs() < 1e6 => ((number * SCALE).round() / SCALE).to_string(),
        _ => value.to_owned(),
    }
}
