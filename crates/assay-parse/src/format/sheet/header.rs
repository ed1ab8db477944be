//! Which rows at the top of a table name its columns.

/// Most header rows.
const ROWS_MAX: usize = 3;

/// How many of the first rows of a table, given from its top, are its header. A header has no
/// values, only words and years; one that repeats a word in neighbouring columns, as merged cells
/// do, is followed by another.
pub(crate) fn header_rows<S: AsRef<str>>(rows: &[Vec<S>]) -> usize {
    let mut count = 0;
    // The last row that is known is not a header: something has to be named.
    for row in rows.iter().take(rows.len().saturating_sub(1).min(ROWS_MAX)) {
        if !names_columns(row) {
            break;
        }
        count += 1;
        if !repeats(row) {
            break;
        }
    }
    count
}

fn names_columns<S: AsRef<str>>(row: &[S]) -> bool {
    let mut cells = row.iter().map(|cell| cell.as_ref().trim()).filter(|cell| !cell.is_empty());
    let mut words = 0;
    let all = cells.all(|cell| {
        let is_word = !is_value(cell);
        words += usize::from(is_word);
        is_word || is_year(cell)
    });
    all && words > 0
}

fn repeats<S: AsRef<str>>(row: &[S]) -> bool {
    let mut pairs = row.iter().zip(row.iter().skip(1));
    pairs.any(|(one, other)| !one.as_ref().is_empty() && one.as_ref() == other.as_ref())
}

/// Numbers, dates, times, amounts of money.
fn is_value(cell: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || " .,:/+-%()TZ'$€£¥".contains(c);
    cell.contains(|c: char| c.is_ascii_digit()) && cell.chars().all(is_part)
}

fn is_year(cell: &str) -> bool {
    cell.len() == 4 && cell.parse::<u16>().is_ok_and(|year| (1900..2100).contains(&year))
}
