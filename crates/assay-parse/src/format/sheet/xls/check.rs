//! What `calamine` would allocate for a workbook, found before it does.

use crate::{ParseError, parse::Input};

/// Bytes of a value or a formula; each is laid out for every place up to the last one.
const CELL_BYTES: u64 = 24;
/// Rows and columns that the format allows; room for as many as are stated is reserved at once.
const STATED_MAX: u64 = 65_536 * 256;
/// Records of sheets are read at most so many times: several may state the same place.
const ROUNDS_MAX: usize = 4;

const EOF: u16 = 0x000a;
const BOUND_SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const FORMULA: u16 = 0x0006;
const SEVERAL: u16 = 0x00bd;
/// Records of one cell or of several in one row: the two kinds of labels, number, boolean or error,
/// one and several short numbers, text with formats.
const CELLS: [u16; 7] = [0x00fd, 0x0204, 0x0203, 0x0205, 0x027e, SEVERAL, 0x00d6];

/// An error when the sheets would take more memory than parts may unpack to.
pub(super) fn check(workbook: &[u8], input: &Input) -> Result<(), ParseError> {
    let limit = input.limits.unpacked_bytes;
    let mut bytes = 0_u64;
    let mut left = workbook.len().saturating_mul(ROUNDS_MAX);
    for (_, bound) in records(workbook).take_while(|(kind, _)| *kind != EOF).filter(is_sheet) {
        input.check_time()?;
        let start = u32_at(bound, 0).unwrap_or(0) as usize;
        let (mut values, mut formulas) = (Extent::default(), Extent::default());
        for (kind, data) in records(workbook.get(start..).unwrap_or_default()) {
            left = left.saturating_sub(data.len() + 4);
            if left == 0 {
                return Err(ParseError::malformed("its sheets overlap"));
            }
            match kind {
                EOF => break,
                DIMENSIONS if stated(data) > STATED_MAX => {
                    return Err(ParseError::malformed("a sheet states an impossible size"));
                }
                FORMULA => {
                    values.add(kind, data);
                    formulas.add(kind, data);
                }
                kind if CELLS.contains(&kind) => values.add(kind, data),
                _ => {}
            }
        }
        let cells = values.cells().saturating_add(formulas.cells());
        bytes = bytes.saturating_add(cells.saturating_mul(CELL_BYTES));
        if bytes > limit {
            return Err(ParseError::TooLarge { bytes, limit });
        }
    }
    Ok(())
}

fn is_sheet(record: &(u16, &[u8])) -> bool {
    record.0 == BOUND_SHEET
}

/// The rectangle around some cells.
#[derive(Default)]
struct Extent(Option<[u16; 4]>);

impl Extent {
    fn add(&mut self, kind: u16, data: &[u8]) {
        let (Some(row), Some(first)) = (u16_at(data, 0), u16_at(data, 2)) else { return };
        // A record of several cells ends with its last column.
        let several = kind == SEVERAL;
        let last = data.len().checked_sub(2).filter(|_| several).and_then(|at| u16_at(data, at));
        let last = last.unwrap_or(first).max(first);
        let [top, left, bottom, right] = self.0.unwrap_or([row, first, row, last]);
        self.0 = Some([top.min(row), left.min(first), bottom.max(row), right.max(last)]);
    }

    fn cells(&self) -> u64 {
        let Some([top, left, bottom, right]) = self.0 else { return 0 };
        (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1)
    }
}

/// Cells of the rectangle that a sheet states.
fn stated(data: &[u8]) -> u64 {
    let (rows, columns) = if data.len() == 10 {
        let at = |at| u64::from(u16_at(data, at).unwrap_or(0));
        (at(2).wrapping_sub(at(0)), at(6).saturating_sub(at(4)))
    } else {
        let row = |at| u64::from(u32_at(data, at).unwrap_or(0));
        (row(4).wrapping_sub(row(0)), u64::from(u16_at(data, 10).unwrap_or(0)))
    };
    rows.saturating_mul(columns.max(1))
}

/// The records from the start of some bytes: kind and data.
fn records(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let kind = u16_at(rest, 0)?;
        let end = usize::from(u16_at(rest, 2)?) + 4;
        let data = rest.get(4..end)?;
        rest = rest.get(end..).unwrap_or_default();
        Some((kind, data))
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}
