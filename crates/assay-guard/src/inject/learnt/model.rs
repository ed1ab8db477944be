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
    let at = bucket * BUCKET_BYTES;
    let Some(bucket) = WEIGHTS.get(at..at + BUCKET_BYTES) else { return (0, 0) };
    let (marks, weights) = bucket.split_at(SLOTS);
    let (prompt, document) = weights.split_at(SLOTS);
    let found = marks.iter().zip(prompt.iter().zip(document)).find(|(own, _)| **own == mark);
    let signed = |byte: &u8| i32::from(byte.cast_signed());
    found.map_or((0, 0), |(_, (prompt, document))| (signed(prompt), signed(document)))
}
