//! Formulas (MathML) as LaTeX.

use crate::format::part::Element;

/// The LaTeX of a formula.
pub(super) fn latex(element: &Element) -> String {
    let mut out = String::new();
    children(element, &mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn children(element: &Element, out: &mut String) {
    for child in element.children() {
        node(child, out);
    }
}

fn node(element: &Element, out: &mut String) {
    let part = |at: usize| {
        let mut part = String::new();
        if let Some(child) = element.children().nth(at) {
            node(child, &mut part);
        }
        part.trim().to_owned()
    };
    let inside = || latex(element);
    let text = match element.name.trim_start_matches("math:") {
        "mi" | "mn" | "mo" => format!("{} ", element.text().trim()),
        "mtext" => format!("\\text{{{}}}", element.text().trim()),
        "mfrac" => format!("\\frac{{{}}}{{{}}}", part(0), part(1)),
        "msqrt" => format!("\\sqrt{{{}}}", inside()),
        "mroot" => format!("\\sqrt[{}]{{{}}}", part(1), part(0)),
        "msup" | "mover" => format!("{}^{{{}}} ", part(0), part(1)),
        "msub" | "munder" => format!("{}_{{{}}} ", part(0), part(1)),
        "msubsup" | "munderover" => format!("{}_{{{}}}^{{{}}} ", part(0), part(1), part(2)),
        "mtable" => format!("\\begin{{matrix}}{}\\end{{matrix}}", rows(element)),
        "annotation" | "annotation-xml" => return,
        _ => return children(element, out),
    };
    out.push_str(&text);
}

fn rows(table: &Element) -> String {
    let row = |row: &Element| row.children().map(latex).collect::<Vec<_>>().join(" & ");
    table.children().map(row).collect::<Vec<_>>().join(" \\\\ ")
}
