//! Spreadsheets: XLSX and XLS with `calamine`, ODS by hand.
//!
//! Each sheet opens with a heading of its name. Its cells fall into regions, parted by blank rows
//! and columns; each region is a table. Values read as a person sees them; formulas give the
//! values that the program stored. Sheets that a person does not see are left out, hidden rows
//! and columns are not: filters hide those, and their cells are still part of the table.

use crate::{
    BlockKind, ParseError, ProblemCode, SheetArea, Table,
    builder::{Builder, Place},
    inline::Inline,
    parse::Input,
};
use cells::Cells;
use float::Float;
use region::Region;

mod cells;
mod event;
mod float;
mod header;
mod ods;
mod region;
#[cfg(test)]
mod tests;
mod value;
mod xls;
mod xlsx;

pub(crate) use header::header_rows;
pub(crate) use ods::parse as ods;
pub(crate) use xls::parse as xls;
pub(crate) use xlsx::parse as xlsx;

/// Rows that the header is looked for in.
const HEAD: u32 = 4;
/// Rows between two looks at the clock.
const ROWS_A_CHECK: u32 = 1_024;

/// Adds the heading of a sheet.
fn add_heading(name: &str, out: &mut Builder) {
    out.block(BlockKind::Heading { level: 2 }, &Inline::plain(name), Place::default());
}

/// Adds the tables of a sheet and what floats over them, from top to bottom.
fn add_content(
    name: &str,
    cells: &mut Cells,
    floats: Vec<Float>,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    cells.finish();
    let (regions, is_all) = region::regions(cells, input)?;
    if !is_all {
        let message = format!("only {} tables of the sheet `{name}` were read", regions.len());
        out.problem(ProblemCode::Limit, message, None);
    }
    let mut floats = floats.into_iter().peekable();
    for region in &regions {
        let is_above = |float: &Float| (float.row, float.column) < (region.top, region.left);
        while let Some(float) = floats.next_if(is_above) {
            float.add(out);
        }
        add_table(name, cells, region, input, out)?;
    }
    floats.for_each(|float| float.add(out));
    if cells.is_full() && !out.is_full() {
        let message = format!("the sheet `{name}` has too many cells, the last were left out");
        out.problem(ProblemCode::Limit, message, None);
    }
    Ok(())
}

fn add_table(
    name: &str,
    cells: &Cells,
    region: &Region,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let last = region.bottom.min(region.top.saturating_add(HEAD));
    let head: Vec<Vec<&str>> =
        (region.top..=last).map(|row| head_row(cells, region, row)).collect();
    let mut table = Table {
        header_rows: u32::try_from(header_rows(&head)).unwrap_or(0),
        area: Some(SheetArea {
            sheet: name.to_owned(),
            rows: (region.top..=region.bottom).collect(),
            columns: (region.left..=region.right).collect(),
        }),
        ..Table::default()
    };
    let mut row = vec![Inline::default(); region.width()];
    for at in region.top..=region.bottom {
        if at.is_multiple_of(ROWS_A_CHECK) {
            input.check_time()?;
        }
        row.iter_mut().for_each(|cell| *cell = Inline::default());
        for cell in cells.row(at, region.left, region.right) {
            if let Some(slot) = row.get_mut((cell.column - region.left) as usize) {
                *slot = cells.inline(cell);
            }
        }
        if !out.table_row(&mut table, &row) {
            break;
        }
    }
    out.close_table(table, Place::default());
    Ok(())
}

fn head_row<'a>(cells: &'a Cells, region: &Region, at: u32) -> Vec<&'a str> {
    let mut row = vec![""; region.width()];
    for cell in cells.row(at, region.left, region.right) {
        if let Some(slot) = row.get_mut((cell.column - region.left) as usize) {
            *slot = cells.text(cell);
        }
    }
    row
}
