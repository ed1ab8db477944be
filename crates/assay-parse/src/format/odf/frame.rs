//! Frames and shapes: text boxes, tables, pictures, charts, formulas.

use super::{body::Walker, line, math, table};
use crate::{
    BlockKind, ParseError, ProblemCode,
    format::{
        ooxml::is_picture_name,
        part::Element,
        reading_order::{self, Area},
    },
    inline::Inline,
};

/// Whether an element is a frame or shape.
pub(super) fn is_shape(name: &str) -> bool {
    matches!(
        name,
        "draw:frame"
            | "draw:g"
            | "draw:a"
            | "draw:custom-shape"
            | "draw:rect"
            | "draw:ellipse"
            | "draw:circle"
            | "draw:polygon"
            | "draw:polyline"
            | "draw:regular-polygon"
            | "draw:path"
            | "draw:line"
            | "draw:connector"
            | "draw:caption"
            | "draw:measure"
    )
}

/// Where a shape stands; for a group, all of its shapes.
pub(super) fn area(shape: &Element) -> Option<Area> {
    if matches!(shape.name.as_str(), "draw:g" | "draw:a") {
        return shape.children().filter_map(area).reduce(Area::union);
    }
    let length = |name| shape.attribute(name).and_then(points);
    Area::at(length("svg:x")?, length("svg:y")?, length("svg:width")?, length("svg:height")?)
}

/// A length such as `2.5cm` in points.
fn points(length: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 6] = [
        ("cm", 28.346_457),
        ("mm", 2.834_645_7),
        ("in", 72.0),
        ("pt", 1.0),
        ("pc", 12.0),
        ("px", 0.75),
    ];
    let (unit, size) = UNITS.iter().find(|(unit, _)| length.ends_with(unit))?;
    Some(length.strip_suffix(unit)?.parse::<f64>().ok()? * size)
}

/// Whether there is something to read in a shape, so that it takes part in the order.
pub(super) fn has_content(shape: &Element) -> bool {
    const CONTENT: [&str; 5] = ["text:p", "text:h", "table:table", "draw:image", "draw:object"];
    let is_content = |element: &Element| CONTENT.contains(&element.name.as_str());
    is_shape(&shape.name) && shape.descendants().any(is_content)
}

impl Walker<'_, '_> {
    /// Shapes in the order in which people read them.
    pub(super) fn shapes<'e>(
        &mut self,
        shapes: impl Iterator<Item = &'e Element>,
    ) -> Result<(), ParseError> {
        let shapes = shapes.filter(|shape| has_content(shape));
        let placed = shapes.map(|shape| (area(shape), shape)).collect();
        reading_order::sort(placed).into_iter().try_for_each(|shape| self.shape(shape))
    }

    /// What a frame or shape holds; other elements hold nothing.
    pub(super) fn shape(&mut self, shape: &Element) -> Result<(), ParseError> {
        match shape.name.as_str() {
            "draw:frame" => self.frame(shape),
            "draw:g" | "draw:a" => self.shapes(shape.children()),
            name if is_shape(name) => {
                self.blocks(shape)?;
                self.finish();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A frame holds one thing in several forms, the best first.
    fn frame(&mut self, frame: &Element) -> Result<(), ParseError> {
        for content in frame.children() {
            match content.name.as_str() {
                "draw:text-box" => {
                    self.blocks(content)?;
                    self.finish();
                }
                "table:table" => self.table(content)?,
                "draw:object" => {
                    if !self.object(content)? {
                        self.picture(frame, None);
                    }
                }
                "draw:image" => self.picture(frame, Some(content)),
                _ => continue,
            }
            break;
        }
        Ok(())
    }

    /// A picture, with what is written about it. One that is not in the file shows nothing.
    fn picture(&mut self, frame: &Element, image: Option<&Element>) {
        self.finish();
        let alt = frame.child("svg:desc").or_else(|| frame.child("svg:title"));
        let alt = alt.map(Element::text).unwrap_or_default();
        let alt = Some(alt.trim()).filter(|alt| !alt.is_empty() && !is_picture_name(alt));
        let href = image.and_then(|image| image.attribute("xlink:href"));
        let is_outside = href.is_some_and(|href| href.contains("://") || href.starts_with("../"));
        let is_there = href.is_none_or(|href| self.archive.holds(href.trim_start_matches("./")));
        if !is_there && !is_outside {
            let message = format!("the picture `{}` is missing", href.unwrap_or(""));
            self.out.problem(ProblemCode::Damaged, message, self.place.page);
        }
        if is_there || alt.is_some() {
            self.block(BlockKind::Picture, &Inline::plain(alt.unwrap_or("")));
        }
    }

    /// An embedded chart, sheet or formula; whether it gave anything.
    fn object(&mut self, object: &Element) -> Result<bool, ParseError> {
        let Some(folder) = object.attribute("xlink:href") else { return Ok(false) };
        let name = format!("{}/content.xml", folder.trim_start_matches("./"));
        let Some(content) = self.archive.tree(&name, self.out)? else {
            return Ok(false);
        };
        self.finish();
        if matches!(content.name.as_str(), "math" | "math:math") {
            let latex = math::latex(&content);
            self.block(BlockKind::Formula, &Inline::plain(latex.as_str()));
            return Ok(!latex.is_empty());
        }
        let is_chart = content.find("chart:chart").is_some();
        if let Some(title) = content.find("chart:title") {
            self.block(BlockKind::Caption, &line::flat(title, self.styles));
        }
        for sheet in content.descendants().filter(|element| element.name == "table:table") {
            let grid = table::grid(sheet, self.styles, self.input)?;
            self.out.table(grid, self.place.clone());
        }
        if is_chart {
            self.block(BlockKind::Picture, &Inline::default());
        }
        Ok(true)
    }
}
