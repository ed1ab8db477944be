//! CSV and TSV: text with one record a line, as one table.
//!
//! Short rows are filled, long ones kept, blank rows and columns left out. The table knows for
//! each row its bytes in the file where the text is UTF-8; other encodings do not say which bytes
//! a character was made from.

use crate::{
    ParseError, ProblemCode, Table,
    builder::{Builder, Place},
    decode::decode,
    format::sheet::header_rows,
    inline::Inline,
    parse::Input,
};
use dialect::Dialect;
use records::{Records, Step};

mod dialect;
mod records;
#[cfg(test)]
mod tests;

/// Rows between two looks at the clock.
const ROWS_A_CHECK: usize = 1_024;
/// Rows that the header is looked for in.
const HEAD: usize = 4;

/// What has to be known of a file before its first row can be written.
#[derive(Default)]
struct Survey {
    /// For each column whether any row has text in it.
    used: Vec<bool>,
    /// The first rows.
    head: Vec<Vec<String>>,
}

/// Reads delimited text.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let decoded = decode(&input.bytes, input.charset.as_deref());
    if decoded.lossy {
        let message = format!("some bytes are not valid {} and were replaced", decoded.encoding);
        out.problem(ProblemCode::Encoding, message, None);
    }
    // UTF-8 is the file itself, less a byte order mark.
    let is_original = matches!(decoded.text, std::borrow::Cow::Borrowed(_));
    let offset = is_original.then(|| input.bytes.len() - decoded.text.len());
    let mut dialect = Dialect::of(&decoded.text);
    let mut survey = survey(&decoded.text, &dialect, input)?;
    if survey.is_none() {
        // One stray quote would make a single field of the rest of the file.
        dialect.quoting = false;
        survey = self::survey(&decoded.text, &dialect, input)?;
    }
    let survey = survey.unwrap_or_default();
    add(&decoded.text, &dialect, &survey, offset, input, out)
}

/// Looks at all records; none where quotes do not come in pairs.
fn survey(text: &str, dialect: &Dialect, input: &Input) -> Result<Option<Survey>, ParseError> {
    let mut records = Records::new(text, dialect);
    let mut survey = Survey::default();
    let mut number = 0_usize;
    loop {
        if number.is_multiple_of(ROWS_A_CHECK) {
            input.check_time()?;
        }
        number += 1;
        match records.step() {
            Step::Record => {}
            Step::Long if dialect.quoting => return Ok(None),
            Step::Long | Step::Wide | Step::End => return Ok(Some(survey)),
        }
        let mut width = 0;
        for (column, field) in records.fields().enumerate() {
            width = column + 1;
            if survey.used.len() < width {
                survey.used.push(false);
            }
            if let Some(used) = survey.used.get_mut(column).filter(|used| !**used) {
                *used = !field.trim().is_empty();
            }
        }
        if survey.head.len() < HEAD && width > 0 {
            survey.head.push(records.fields().map(str::to_owned).collect());
        }
    }
}

fn add(
    text: &str,
    dialect: &Dialect,
    survey: &Survey,
    offset: Option<usize>,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let header_rows = u32::try_from(header_rows(&survey.head)).unwrap_or(0);
    let mut table = Table { header_rows, ..Table::default() };
    let columns = survey.used.iter().filter(|used| **used).count();
    let mut row = vec![Inline::default(); columns];
    let mut records = Records::new(text, dialect);
    let mut starts = Vec::new();
    let (mut number, mut end) = (0_usize, 0);
    loop {
        if number.is_multiple_of(ROWS_A_CHECK) {
            input.check_time()?;
        }
        number += 1;
        match records.step() {
            Step::Record => {}
            Step::End => break,
            Step::Wide | Step::Long => {
                let message = format!("row {number} is too long, reading stopped there");
                out.problem(ProblemCode::Limit, message, None);
                break;
            }
        }
        fill(&mut row, &records, &survey.used);
        if row.iter().all(Inline::is_blank) {
            continue;
        }
        if !out.table_row(&mut table, &row) {
            break;
        }
        starts.push(records.range.start);
        end = records.range.end;
    }
    starts.push(end);
    let bytes = offset.map(|offset| {
        table.row_starts = starts.iter().map(|start| (start + offset) as u64).collect();
        starts.first().map_or(0, |start| start + offset)..end + offset
    });
    out.close_table(table, bytes.map(Place::bytes).unwrap_or_default());
    Ok(())
}

/// Puts the fields of the used columns into the cells.
fn fill(row: &mut [Inline], records: &Records<'_>, used: &[bool]) {
    row.iter_mut().for_each(|cell| cell.text.clear());
    let fields = records.fields().zip(used).filter(|(_, used)| **used);
    for (cell, (field, _)) in row.iter_mut().zip(fields) {
        cell.push_raw(field);
    }
}
