//! The scores count what agrees and nothing else.

use super::{table_cells, token_f1};

fn share(expected: &str, got: &str) -> Option<f64> {
    table_cells(expected, got).map(|share| (share * 100.0).round() / 100.0)
}

const TABLE: &str = "| a | b |\n| - | - |\n| 1 | 2 |\n| 3 | |\n";

#[test]
fn the_same_table_is_right() {
    assert_eq!(share(TABLE, TABLE), Some(1.0));
    assert_eq!(share("no table", TABLE), None);
    assert_eq!(share("|  |\n|--|\n|  |\n", TABLE), None);
    assert_eq!(share(TABLE, ""), Some(0.0));
}

#[test]
fn formatting_does_not_count() {
    let expected = "| **Large** , *loud* | [x](y) |\n|-|-|\n| - one - two | &lt; 5 |\n";
    let got = "| Large, loud | x |\n|-|-|\n| one two | <5 |\n";
    assert_eq!(share(expected, got), Some(1.0));
    // A sign is no list mark, and numbers are not glued.
    assert_eq!(share("| a |\n|-|\n| -5 |\n", "| a |\n|-|\n| 5 |\n"), Some(0.5));
    assert_eq!(share("| a |\n|-|\n| 1 2 |\n", "| a |\n|-|\n| 12 |\n"), Some(0.5));
}

#[test]
fn a_missing_row_or_column_costs_its_own_cells() {
    let expected = "| a | b | c |\n|-|-|-|\n| 1 | 2 | 3 |\n| 4 | 5 | 6 |\n";
    assert_eq!(share(expected, "| a | b | c |\n|-|-|-|\n| 4 | 5 | 6 |\n"), Some(0.67));
    assert_eq!(share(expected, "| a | c |\n|-|-|\n| 1 | 3 |\n| 4 | 6 |\n"), Some(0.67));
    // Cells in other columns than the ones that they belong to are wrong.
    assert_eq!(
        share(expected, "| a | b | c |\n|-|-|-|\n| 2 | 3 | 1 |\n| 4 | 5 | 6 |\n"),
        Some(0.67)
    );
}

#[test]
fn tables_are_paired_in_order() {
    let two = format!("{TABLE}\ntext\n\n| x |\n|-|\n| y |\n");
    let first_only = share(&two, TABLE).unwrap();
    assert!((first_only - 0.71).abs() < 0.001, "{first_only}");
    assert_eq!(share(&two, "| x |\n|-|\n| y |\n"), Some(0.29));
}

#[test]
fn words_count_as_often_as_they_stand() {
    assert!((token_f1("a a b", "a b") - 0.8).abs() < 1e-9);
    assert!((token_f1("", "") - 1.0).abs() < 1e-9);
}
