//! How near a parse comes to the expected Markdown.

mod table;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use table::table_cells;

/// F1 of the bags of tokens of two texts, 0 to 1. A token is a run of letters and digits in lower
/// case. Two texts without tokens are equal.
#[must_use]
pub fn token_f1(expected: &str, got: &str) -> f64 {
    let expected = bag(expected);
    let got = bag(got);
    let total: usize = expected.values().sum::<usize>() + got.values().sum::<usize>();
    if total == 0 {
        return 1.0;
    }
    let shared: usize =
        expected.iter().map(|(token, count)| *count.min(got.get(token).unwrap_or(&0))).sum();
    // Precision is shared / got, recall is shared / expected; their harmonic mean is this.
    #[expect(clippy::cast_precision_loss, reason = "counts of tokens are far below 2^52")]
    let f1 = 2.0 * shared as f64 / total as f64;
    f1
}

fn bag(text: &str) -> HashMap<String, usize> {
    let mut bag = HashMap::new();
    let text = text.to_lowercase();
    for token in text.split(|c: char| !c.is_alphanumeric()).filter(|token| !token.is_empty()) {
        *bag.entry(token.to_owned()).or_default() += 1;
    }
    bag
}
