//! XLS with `calamine`.
//!
//! `calamine` follows the sector chains of the container wherever they lead and lays out every
//! cell up to the last one. So the stream of the workbook is taken out by `cfb`, which checks the
//! chains, its records are looked at, and `calamine` gets it in a container made anew.

use std::io::{Cursor, Read, Write};

use calamine::{Data, Reader, SheetType, SheetVisible, Xls, XlsError};
use cfb::CompoundFile;

use super::{
    add_content, add_heading,
    cells::{Area, Cells},
    value::{self, Shown},
};
use crate::{ParseError, ProblemCode, builder::Builder, parse::Input};

mod check;

/// Cells between two looks at the clock.
const CELLS_A_CHECK: usize = 4_096;

/// Reads XLS.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let workbook = stream(input)?;
    check::check(&workbook, input)?;
    let container = container(&workbook).map_err(ParseError::malformed)?;
    drop(workbook);
    let mut book: Xls<_> = Xls::new(Cursor::new(container)).map_err(|error| match error {
        XlsError::Password => ParseError::Encrypted,
        error => ParseError::malformed(error),
    })?;
    let is_1904 = book.has_1904_epoch();
    let sheets = book.sheets_metadata().to_vec();
    let count = u32::try_from(sheets.len()).unwrap_or(u32::MAX);
    for (done, sheet) in (0..).zip(sheets) {
        input.meter.set_pages(done, count);
        let is_shown = sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet;
        if !is_shown || out.is_full() {
            continue;
        }
        let name = sheet.name.as_str();
        match book.worksheet_range(name) {
            Ok(range) => {
                let mut cells = read(&range, is_1904, input)?;
                for area in book.merge_cells_by_sheet_name(name).unwrap_or_default() {
                    let ((top, left), (bottom, right)) = (area.start, area.end);
                    cells.merge(Area { top, left, bottom, right });
                }
                drop(range);
                if cells.len() > 0 {
                    add_heading(name, out);
                }
                add_content(name, &mut cells, Vec::new(), input, out)?;
            }
            Err(error) => {
                let message = format!("the sheet `{name}` could not be read: {error}");
                out.problem(ProblemCode::Damaged, message, None);
            }
        }
    }
    Ok(())
}

/// The stream that holds the workbook.
fn stream(input: &Input) -> Result<Vec<u8>, ParseError> {
    let bytes: &[u8] = &input.bytes;
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(ParseError::malformed)?;
    let name = if file.is_stream("/Workbook") { "/Workbook" } else { "/Book" };
    let stream = file.open_stream(name).map_err(ParseError::malformed)?;
    let mut content = Vec::new();
    // A stream is never longer than its file, whatever it says of itself.
    let read = stream.take(bytes.len() as u64).read_to_end(&mut content);
    match read {
        Err(error) if content.is_empty() => Err(ParseError::malformed(error)),
        _ => Ok(content),
    }
}

fn container(workbook: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new()))?;
    file.create_stream("/Workbook")?.write_all(workbook)?;
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

fn read(range: &calamine::Range<Data>, is_1904: bool, input: &Input) -> Result<Cells, ParseError> {
    let mut cells = Cells::new(input.limits.text_bytes);
    let (top, left) = range.start().unwrap_or_default();
    for (number, (row, column, data)) in range.used_cells().enumerate() {
        if number.is_multiple_of(CELLS_A_CHECK) {
            input.check_time()?;
        }
        let (Ok(row), Ok(column)) = (u32::try_from(row), u32::try_from(column)) else { continue };
        if !cells.push(top + row, left + column, &text(data, is_1904)) {
            break;
        }
    }
    Ok(cells)
}

fn text(data: &Data, is_1904: bool) -> String {
    match data {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => value::number(*number),
        Data::String(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value::boolean(*value).to_owned(),
        Data::DateTime(time) => {
            let shown = if time.is_duration() { Shown::Duration } else { Shown::DateTime };
            shown.text(time.as_f64(), is_1904)
        }
        Data::DateTimeIso(text) => value::iso_date(text),
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}
