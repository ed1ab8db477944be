//! Parameters are numbered as SQLite numbers them, and nothing else is touched.

use super::numbered;

#[test]
fn parameters_are_numbered_and_texts_left_alone() {
    for (sql, expected) in [
        ("SELECT ?, ?", "SELECT $1, $2"),
        ("SELECT ?2, ?1, ?", "SELECT $2, $1, $3"),
        ("SELECT '?', \"?\", 'it''s ?', ?", "SELECT '?', \"?\", 'it''s ?', $1"),
        ("SELECT ?12 + ?3", "SELECT $12 + $3"),
        ("", ""),
    ] {
        assert_eq!(numbered(sql), expected);
    }
}
