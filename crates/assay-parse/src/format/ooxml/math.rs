//! Office formulas (OMML) as LaTeX.

use super::math_symbol::{command, is_function};
use crate::format::part::Element;

/// The LaTeX of a formula.
pub(crate) fn latex(element: &Element) -> String {
    let mut out = String::new();
    children(element, &mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn children(element: &Element, out: &mut String) {
    for child in element.children() {
        node(child, out);
    }
}

/// The LaTeX of a part of a structure; nothing when the part is not there.
fn part(element: &Element, name: &str) -> String {
    element.child(name).map(latex).unwrap_or_default()
}

fn node(element: &Element, out: &mut String) {
    let base = || part(element, "m:e");
    let sub = || part(element, "m:sub");
    let sup = || part(element, "m:sup");
    let text = match element.name.as_str() {
        "m:r" => run(element),
        "m:f" => fraction(element),
        "m:sSup" => format!("{}^{{{}}}", base(), sup()),
        "m:sSub" => format!("{}_{{{}}}", base(), sub()),
        "m:sSubSup" => format!("{}_{{{}}}^{{{}}}", base(), sub(), sup()),
        "m:sPre" => format!("{{}}_{{{}}}^{{{}}}{}", sub(), sup(), base()),
        "m:rad" => root(element),
        "m:d" => delimited(element),
        "m:nary" => operator(element),
        "m:func" => format!("{}({})", name(element.child("m:fName")), base()),
        "m:limLow" => limit(element, '_'),
        "m:limUpp" => limit(element, '^'),
        "m:acc" => format!("{}{{{}}}", accent(character(element, "m:accPr", "\u{302}")), base()),
        "m:bar" => format!("\\overline{{{}}}", base()),
        "m:groupChr" => group(element),
        "m:m" => matrix(element),
        "m:eqArr" => rows(element.children().filter(|child| child.name == "m:e").map(latex)),
        name if name.ends_with("Pr") => return,
        _ => return children(element, out),
    };
    out.push_str(&text);
}

/// The characters of a run; known signs become commands.
fn run(element: &Element) -> String {
    let text: String =
        element.children().filter(|child| child.name == "m:t").map(Element::text).collect();
    let is_text = element.child("m:rPr").is_some_and(|p| p.is_on("m:nor"));
    if is_text && text.trim().contains(' ') {
        return format!("\\text{{{text}}}");
    }
    let mut out = String::new();
    for c in text.chars() {
        match command(c) {
            Some(command) => out.push_str(&format!(" {command} ")),
            None => out.push(c),
        }
    }
    out
}

fn fraction(element: &Element) -> String {
    let (over, under) = (part(element, "m:num"), part(element, "m:den"));
    match element.child("m:fPr").and_then(|p| p.child("m:type")).and_then(|t| t.attribute("m:val"))
    {
        Some("noBar") => format!("\\genfrac{{}}{{}}{{0pt}}{{}}{{{over}}}{{{under}}}"),
        Some("lin") => format!("{over}/{under}"),
        _ => format!("\\frac{{{over}}}{{{under}}}"),
    }
}

fn root(element: &Element) -> String {
    let (degree, base) = (part(element, "m:deg"), part(element, "m:e"));
    if degree.is_empty() {
        format!("\\sqrt{{{base}}}")
    } else {
        format!("\\sqrt[{degree}]{{{base}}}")
    }
}

fn delimited(element: &Element) -> String {
    let sign = |name, default| property(element, "m:dPr", name).unwrap_or(default);
    let (open, close, between) =
        (sign("m:begChr", "("), sign("m:endChr", ")"), sign("m:sepChr", "|"));
    let parts: Vec<String> =
        element.children().filter(|child| child.name == "m:e").map(latex).collect();
    let side = |sign: &str| match sign {
        "" => ".".to_owned(),
        "{" | "}" => format!("\\{sign}"),
        _ => sign.chars().next().and_then(command).map_or_else(|| sign.to_owned(), str::to_owned),
    };
    format!("\\left{}{}\\right{}", side(open), parts.join(between), side(close))
}

fn operator(element: &Element) -> String {
    let sign = property(element, "m:naryPr", "m:chr").unwrap_or("∫");
    let command = sign.chars().next().and_then(command).unwrap_or(sign);
    let (sub, sup) = (part(element, "m:sub"), part(element, "m:sup"));
    let sup = if sup.is_empty() { String::new() } else { format!("^{{{sup}}}") };
    let sup = if sub.is_empty() && sup.is_empty() { "^{}".to_owned() } else { sup };
    format!("{command}_{{{sub}}}{sup}{}", part(element, "m:e"))
}

/// The name of a function, with what stands below or above it.
fn name(element: Option<&Element>) -> String {
    let Some(element) = element else { return String::new() };
    let text = latex(element);
    if is_function(&text) { format!("\\{text}") } else { text }
}

fn limit(element: &Element, sign: char) -> String {
    let (base, limit) = (name(element.child("m:e")), part(element, "m:lim"));
    match sign {
        '_' => format!("{base}_{{{limit}}}"),
        _ => format!("\\overset{{{limit}}}{{{base}}}"),
    }
}

fn group(element: &Element) -> String {
    let base = part(element, "m:e");
    match property(element, "m:groupChrPr", "m:chr") {
        Some("\u{23de}") => format!("\\overbrace{{{base}}}"),
        Some("\u{2192}") => format!("\\overrightarrow{{{base}}}"),
        _ => format!("\\underbrace{{{base}}}"),
    }
}

fn matrix(element: &Element) -> String {
    let lines = element.children().filter(|child| child.name == "m:mr").map(|row| {
        let cells = row.children().filter(|child| child.name == "m:e").map(latex);
        cells.collect::<Vec<_>>().join(" & ")
    });
    rows(lines)
}

fn rows(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    format!("\\begin{{matrix}}{}\\end{{matrix}}", lines.join(" \\\\ "))
}

fn accent(sign: Option<char>) -> &'static str {
    match sign {
        Some('\u{303}') => "\\tilde",
        Some('\u{304}' | '\u{305}') => "\\bar",
        Some('\u{20d7}') => "\\vec",
        Some('\u{307}') => "\\dot",
        Some('\u{308}') => "\\ddot",
        _ => "\\hat",
    }
}

fn character(element: &Element, properties: &str, default: &str) -> Option<char> {
    property(element, properties, "m:chr").unwrap_or(default).chars().next()
}

/// The `m:val` of a property.
fn property<'a>(element: &'a Element, properties: &str, name: &str) -> Option<&'a str> {
    element.child(properties)?.child(name)?.attribute("m:val")
}
