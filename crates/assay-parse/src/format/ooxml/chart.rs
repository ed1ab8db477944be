//! Charts: their title and the numbers they show, as a table.

use crate::{
    BlockKind,
    builder::{Builder, Grid, Place},
    format::part::Element,
    inline::Inline,
};

/// Most points of a series that are written out.
const POINTS_MAX: usize = 1_000;

/// Kinds of charts by the element that holds the series.
const KINDS: &[(&str, &str)] = &[
    ("areaChart", "Area chart"),
    ("barChart", "Bar chart"),
    ("bubbleChart", "Bubble chart"),
    ("doughnutChart", "Doughnut chart"),
    ("lineChart", "Line chart"),
    ("pieChart", "Pie chart"),
    ("radarChart", "Radar chart"),
    ("scatterChart", "Scatter chart"),
    ("stockChart", "Stock chart"),
    ("surfaceChart", "Surface chart"),
];

/// Adds the title, the kind and the data of a chart. Programs differ in the prefix of its
/// elements.
pub(crate) fn add(chart: &Element, place: &Place, out: &mut Builder) {
    if let Some(title) = named(chart, "title").next() {
        let text: String = named(title, "t").map(Element::text).collect();
        out.block(BlockKind::Caption, &Inline::plain(text), place.clone());
    }
    let kind = KINDS.iter().find(|(name, _)| named(chart, name).next().is_some());
    if let Some((_, kind)) = kind {
        out.block(BlockKind::Paragraph, &Inline::plain(*kind), place.clone());
    }
    let series: Vec<&Element> = named(chart, "ser").collect();
    let Some(first) = series.first() else { return };
    let categories = points(first, &["cat", "xVal"]);
    let columns: Vec<Vec<String>> =
        series.iter().map(|series| points(series, &["val", "yVal"])).collect();
    let names = series.iter().map(|series| points(series, &["tx"]).concat());
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

fn named<'a>(element: &'a Element, name: &str) -> impl Iterator<Item = &'a Element> {
    element.descendants().filter(move |element| element.local_name() == name)
}

/// The cached points of the first part found.
fn points(series: &Element, parts: &[&str]) -> Vec<String> {
    let part = parts.iter().find_map(|name| series.children().find(|c| c.local_name() == *name));
    let Some(part) = part else { return Vec::new() };
    let mut points: Vec<String> = Vec::new();
    for point in named(part, "pt") {
        let at = point.attribute("idx").and_then(|at| at.parse::<usize>().ok());
        let at = at.unwrap_or(points.len());
        if at >= POINTS_MAX {
            break;
        }
        points.resize(points.len().max(at + 1), String::new());
        if let (Some(slot), Some(value)) = (points.get_mut(at), named(point, "v").next()) {
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
