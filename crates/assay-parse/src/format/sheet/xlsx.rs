//! XLSX. The parts are read here and not by `calamine`, which lets a small file take any amount
//! of memory: it trusts the stated number of shared strings, and copies fonts and number formats
//! into every cell style.

use crate::{
    ParseError, ProblemCode,
    builder::Builder,
    format::{
        ooxml::package::{Package, Relationships},
        part::Element,
    },
    parse::Input,
};
use strings::Strings;
use style::Styles;

use super::{add_content, add_heading, cells::Cells};

mod beside;
mod stream;
mod strings;
mod style;

/// What the cells of all sheets refer to.
struct Workbook {
    strings: Strings,
    styles: Styles,
    is_1904: bool,
}

/// Reads XLSX.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut package = Package::open(input)?;
    package.metadata(out)?;
    let (main, workbook) = package.main_part("xl/workbook.xml", out)?;
    let relationships = package.relationships(&main, out)?;
    let book = Workbook::read(&workbook, &relationships, &mut package, input, out)?;
    let count = u32::try_from(named(&workbook, "sheet").count()).unwrap_or(u32::MAX);
    for (done, sheet) in (0..).zip(named(&workbook, "sheet")) {
        input.meter.set_pages(done, count);
        let is_hidden = sheet.attribute("state").is_some_and(|state| state != "visible");
        if !is_hidden && !out.is_full() {
            add_sheet(sheet, &book, &relationships, &mut package, input, out)?;
        }
    }
    Ok(())
}

impl Workbook {
    fn read(
        root: &Element,
        relationships: &Relationships,
        package: &mut Package<'_>,
        input: &Input,
        out: &mut Builder,
    ) -> Result<Self, ParseError> {
        let target = |kind: &str| relationships.of_kind(kind).next();
        let styles = target("styles").map_or(Ok(None), |name| package.part(name, out))?;
        let strings = target("sharedStrings").map_or(Ok(None), |name| package.bytes(name, out))?;
        let properties = named(root, "workbookPr").next();
        let epoch = properties.and_then(|properties| properties.attribute("date1904"));
        Ok(Self {
            strings: Strings::read(&strings.unwrap_or_default(), input)?,
            styles: Styles::of(styles.as_ref()),
            is_1904: epoch.is_some_and(|epoch| matches!(epoch, "1" | "true")),
        })
    }
}

fn add_sheet(
    sheet: &Element,
    book: &Workbook,
    relationships: &Relationships,
    package: &mut Package<'_>,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let name = sheet.attribute("name").unwrap_or_default();
    let path = sheet.attribute("r:id").and_then(|id| relationships.target(id));
    let Some(content) = path.map_or(Ok(None), |path| package.bytes(path, out))? else {
        let message = format!("the sheet `{name}` is missing");
        out.problem(ProblemCode::Damaged, message, None);
        return Ok(());
    };
    let path = path.unwrap_or_default();
    let beside = package.relationships(path, out)?;
    let mut cells = Cells::new(input.limits.text_bytes);
    if let Some(reason) = stream::read(&content, book, &beside, &mut cells, input)? {
        let message = format!("the sheet `{name}` was read in part: {reason}");
        out.problem(ProblemCode::Damaged, message, None);
    }
    drop(content);
    let floats = beside::floats(&beside, package, out)?;
    if cells.len() > 0 || !floats.is_empty() {
        add_heading(name, out);
    }
    add_content(name, &mut cells, floats, input, out)?;
    beside::add_comments(name, &beside, package, out)
}

/// The elements of a name at any depth; programs differ in the prefix.
fn named<'a>(element: &'a Element, name: &str) -> impl Iterator<Item = &'a Element> {
    element.descendants().filter(move |element| element.local_name() == name)
}
