//! Vectors as small integers: one byte a dimension in the index, two in the query.

mod dot;

/// Longer vectors could overflow the 32-bit sum of products; no embedding model comes near.
pub(super) const DIMENSIONS_MAX: usize = 65_536;

/// The direction of `vector` in bytes: the largest component becomes 127 or -127.
///
/// The length is not kept, since only cosines are asked for. The rounding moves a cosine of
/// 384 dimensions by 0.0004 (root mean square).
pub(super) fn quantize(vector: &[f32]) -> Vec<i8> {
    let factor = factor(vector, 127.0);
    #[expect(clippy::cast_possible_truncation, reason = "at most 127 by the factor")]
    vector.iter().map(|value| (f64::from(*value) * factor).round() as i8).collect()
}

/// A query ready to be compared with rows of bytes.
pub(super) struct Query {
    codes: Vec<i16>,
    scale: f32,
    dot: dot::Dot,
}

impl Query {
    /// Rounds to 16 bits, or to what keeps the sum of products within 32 bits: the error of the
    /// query is far below that of the rows.
    #[expect(clippy::cast_precision_loss, reason = "a dimension is far below 2^52")]
    pub(super) fn new(vector: &[f32]) -> Self {
        let largest = f64::from(i32::MAX) / (127.0 * vector.len().max(1) as f64);
        let factor = factor(vector, largest.floor().min(f64::from(i16::MAX)));
        #[expect(clippy::cast_possible_truncation, reason = "at most i16::MAX by the factor")]
        let codes: Vec<i16> =
            vector.iter().map(|value| (f64::from(*value) * factor).round() as i16).collect();
        let scale = inverse_norm(codes.iter().map(|code| f64::from(*code)));
        Self { codes, scale, dot: dot::fastest() }
    }

    /// The cosine between the query and a row, whose scale is [`row_scale`].
    pub(super) fn cosine(&self, row: &[i8], row_scale: f32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "24 bits of a sum are enough for a score")]
        let dot = (self.dot)(row, &self.codes) as f32;
        dot * self.scale * row_scale
    }
}

/// One over the length of the row, by which a dot product becomes a cosine.
pub(super) fn row_scale(row: &[i8]) -> f32 {
    inverse_norm(row.iter().map(|code| f64::from(*code)))
}

fn factor(vector: &[f32], largest: f64) -> f64 {
    let peak = vector.iter().fold(0.0_f64, |peak, value| peak.max(f64::from(*value).abs()));
    if peak > 0.0 { largest / peak } else { 0.0 }
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is what is wanted")]
fn inverse_norm(values: impl Iterator<Item = f64>) -> f32 {
    let norm = values.map(|value| value * value).sum::<f64>().sqrt();
    if norm > 0.0 { (1.0 / norm) as f32 } else { 0.0 }
}
