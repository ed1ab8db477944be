//! Which cells of the expected tables a parse has where they belong.

use std::collections::HashMap;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The tokens of a cell.
type Cell = Vec<String>;
/// Rows of cells.
type Grid = Vec<Vec<Cell>>;

/// Most pairs that are weighed to find the best ones; longer sequences are paired as they stand.
const PAIRS_MAX: usize = 4_000_000;

/// The share of the cells of the tables of one Markdown text that the tables of another have in the
/// same place, 0 to 1; none where the first has no table with text.
///
/// Tables are paired in order, then their columns, then their rows, each so that most cells agree:
/// a missing row or column costs its own cells alone. Cells agree when their text does, without
/// formatting, list marks, case and white space between words and marks. Empty cells do not count.
#[must_use]
pub fn table_cells(expected: &str, got: &str) -> Option<f64> {
    let (expected, got) = (tables(expected), tables(got));
    let cells: usize = expected.iter().map(filled).sum();
    if cells == 0 {
        return None;
    }
    let agree = |e: usize, g: usize| Some(agreeing(expected.get(e)?, got.get(g)?));
    let pairs = align(expected.len(), got.len(), |e, g| agree(e, g).unwrap_or(0));
    let right: usize = pairs.iter().filter_map(|&(e, g)| agree(e, g)).sum();
    #[expect(clippy::cast_precision_loss, reason = "counts of cells are far below 2^52")]
    let share = right as f64 / cells as f64;
    Some(share)
}

fn filled(table: &Grid) -> usize {
    table.iter().flatten().filter(|cell| !cell.is_empty()).count()
}

/// How many cells of two tables agree, once their columns and rows are paired.
fn agreeing(expected: &Grid, got: &Grid) -> usize {
    let same = |e: (usize, usize), g: (usize, usize)| {
        let cell = cell(expected, e).filter(|cell| !cell.is_empty());
        usize::from(cell.is_some() && cell == self::cell(got, g))
    };
    let columns =
        align(width(expected), width(got), |e, g| shared(column(expected, e), column(got, g)));
    let in_rows = |row: usize, other: usize| -> usize {
        columns.iter().map(|&(e, g)| same((row, e), (other, g))).sum()
    };
    align(expected.len(), got.len(), in_rows).iter().map(|&(e, g)| in_rows(e, g)).sum()
}

fn cell(grid: &Grid, (row, column): (usize, usize)) -> Option<&Cell> {
    grid.get(row)?.get(column)
}

/// The cells of a column that hold text.
fn column(grid: &Grid, column: usize) -> impl Iterator<Item = &Cell> {
    grid.iter().filter_map(move |row| row.get(column)).filter(|cell| !cell.is_empty())
}

/// How many cells two columns share, in whatever order.
fn shared<'a>(
    left: impl Iterator<Item = &'a Cell>,
    right: impl Iterator<Item = &'a Cell>,
) -> usize {
    let mut counts: HashMap<&Cell, usize> = HashMap::new();
    left.for_each(|cell| *counts.entry(cell).or_default() += 1);
    right
        .filter(|cell| {
            counts.get_mut(cell).is_some_and(|count| {
                let is_left = *count > 0;
                *count = count.saturating_sub(1);
                is_left
            })
        })
        .count()
}

fn width(grid: &Grid) -> usize {
    grid.iter().map(Vec::len).max().unwrap_or(0)
}

/// The pairs of two sequences, in order, whose weights sum up to the most; pairs of weight 0 are
/// left out.
fn align(left: usize, right: usize, weight: impl Fn(usize, usize) -> usize) -> Vec<(usize, usize)> {
    if left.saturating_mul(right) > PAIRS_MAX {
        return (0..left.min(right)).map(|at| (at, at)).collect();
    }
    // best[i][j]: the most that the first i and the first j give.
    let mut best = vec![vec![0; right + 1]; left + 1];
    let at = |best: &[Vec<usize>], i: usize, j: usize| {
        best.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0)
    };
    for i in 0..left {
        for j in 0..right {
            let paired = at(&best, i, j) + weight(i, j);
            let most = paired.max(at(&best, i, j + 1)).max(at(&best, i + 1, j));
            if let Some(cell) = best.get_mut(i + 1).and_then(|row| row.get_mut(j + 1)) {
                *cell = most;
            }
        }
    }
    let (mut i, mut j) = (left, right);
    let mut pairs = Vec::new();
    while i > 0 && j > 0 {
        let here = at(&best, i, j);
        if here == at(&best, i - 1, j) {
            i -= 1;
        } else if here == at(&best, i, j - 1) {
            j -= 1;
        } else {
            (i, j) = (i - 1, j - 1);
            pairs.push((i, j));
        }
    }
    pairs.reverse();
    pairs
}

/// The tables of a Markdown text.
fn tables(markdown: &str) -> Vec<Grid> {
    let mut tables: Vec<Grid> = Vec::new();
    let mut cell: Option<String> = None;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Table(_)) => tables.push(Grid::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                tables.last_mut().into_iter().for_each(|table| table.push(Vec::new()));
            }
            Event::Start(Tag::TableCell) => cell = Some(String::new()),
            Event::End(TagEnd::TableCell) => {
                let row = tables.last_mut().and_then(|table| table.last_mut());
                row.into_iter().for_each(|row| row.push(tokens(cell.as_deref().unwrap_or(""))));
                cell = None;
            }
            Event::Text(text) | Event::Code(text) => {
                cell.iter_mut().for_each(|cell| cell.push_str(&text));
            }
            // `<br>` and the like divide words.
            Event::InlineHtml(_) => cell.iter_mut().for_each(|cell| cell.push(' ')),
            _ => {}
        }
    }
    tables
}

/// Runs of letters and digits in lower case, and every other character alone; without the marks of
/// headings and list items and what is left of unbalanced emphasis.
fn tokens(cell: &str) -> Cell {
    let mut tokens = Vec::new();
    let is_mark = |word: &&str| {
        word.chars().all(|c| matches!(c, '-' | '*' | '#' | '•' | '●' | '◦' | '▪' | '‣'))
    };
    for word in cell.to_lowercase().split_whitespace().filter(|word| !is_mark(word)) {
        let mut run = String::new();
        for c in word.chars().filter(|c| !matches!(c, '*' | '_' | '~')).map(typed) {
            if c.is_alphanumeric() {
                run.push(c);
                continue;
            }
            if !run.is_empty() {
                tokens.push(std::mem::take(&mut run));
            }
            tokens.push(c.to_string());
        }
        if !run.is_empty() {
            tokens.push(run);
        }
    }
    tokens
}

/// The character of a keyboard for one of typesetting.
fn typed(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        c => c,
    }
}
