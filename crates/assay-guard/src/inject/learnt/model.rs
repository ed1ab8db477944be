//! The table of weights.

/// Buckets of the table.
pub(crate) const BUCKETS: usize = 1 << 14;
/// Features that a bucket holds.
pub(crate) const SLOTS: usize = 4;
/// Bytes of a bucket: the marks of its features, their weights in a prompt, those in a document.
pub(crate) const BUCKET_BYTES: usize = 3 * SLOTS;
/// Steps of a weight.
pub(crate) const STEPS: f32 = 24.0;

/// Written by `training/guard/fit`. Only features that count are in it: what is not known weighs
/// nothing, except for one in about a hundred that has the mark of another.
static WEIGHTS: &[u8] = include_bytes!("weights.bin");

/// Where a feature stands: its bucket, and its mark in it, which is never zero.
pub(crate) fn place(feature: u32) -> (usize, u8) {
    let mark = u8::try_from(feature >> 24).unwrap_or(0).max(1);
    (feature as usize % BUCKETS, mark)
}

/// Weights of a feature, in a prompt and in a document, in steps.
pub(crate) fn weights(feature: u32) -> (i32, i32) {
    let (bucket, mark) = place(feature);
    let bucket = WEIGHTS.get(bucket * BUCKET_BYTES..).and_then(|rest| rest.first_chunk());
    let Some(bucket): Option<&[u8; BUCKET_BYTES]> = bucket else { return (0, 0) };
    let [m0, m1, m2, m3, ..] = *bucket;
    // All marks are compared at once: a byte of `other` is zero where the mark is the same, and the
    // lowest such byte is told by the lowest bit that is left.
    let other = u32::from_le_bytes([m0, m1, m2, m3]) ^ (u32::from(mark) * 0x0101_0101);
    let same = other.wrapping_sub(0x0101_0101) & !other & 0x8080_8080;
    if same == 0 {
        return (0, 0);
    }
    let slot = (same.trailing_zeros() / 8) as usize;
    let weight = |column: usize| {
        bucket.get(column * SLOTS + slot).map_or(0, |weight| i32::from(weight.cast_signed()))
    };
    (weight(1), weight(2))
}
