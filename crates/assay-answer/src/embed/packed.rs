//! Vectors of the sentences of one passage in few bytes: 8 bits a number, a scale for each vector.
//! The error of a cosine is below 0.005, which no verdict hangs on.

use super::Vector;

/// Bytes of a number of 32 bits.
const WORD: usize = 4;

/// The vectors as bytes: their count, their dimensions, then the scale and the numbers of each.
pub(crate) fn pack(vectors: &[Vec<f32>]) -> Vec<u8> {
    let dimensions = vectors.first().map_or(0, Vec::len);
    let word = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = Vec::with_capacity(2 * WORD + vectors.len() * (WORD + dimensions));
    bytes.extend(word(vectors.len()));
    bytes.extend(word(dimensions));
    for vector in vectors {
        let largest = vector.iter().fold(f32::MIN_POSITIVE, |most, x| most.max(x.abs()));
        let scale = largest / f32::from(i8::MAX);
        bytes.extend(scale.to_le_bytes());
        bytes.extend(vector.iter().map(|x| ((x / scale).round() as i8).cast_unsigned()));
    }
    bytes
}

/// The vectors that were packed; none when the bytes are not of that form.
pub(crate) fn unpack(bytes: &[u8]) -> Option<Vec<Vector>> {
    let word = |at: usize| {
        let bytes = bytes.get(at..at + WORD)?.first_chunk::<WORD>()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    let (count, dimensions) = (word(0)?, word(WORD)?);
    let bodies = bytes.get(2 * WORD..)?.chunks_exact(WORD.checked_add(dimensions)?);
    if bodies.len() != count || !bodies.remainder().is_empty() {
        return None;
    }
    let vectors = bodies.filter_map(|body| {
        let (scale, numbers) = body.split_first_chunk::<WORD>()?;
        let scale = f32::from_le_bytes(*scale);
        Some(numbers.iter().map(|byte| f32::from(byte.cast_signed()) * scale).collect())
    });
    Some(vectors.collect())
}

#[cfg(test)]
mod tests {
    //! What is packed comes back, near enough.

    use proptest::prelude::*;

    use super::{pack, unpack};

    proptest! {
        #[test]
        fn vectors_survive_packing(vectors in proptest::collection::vec(
            proptest::collection::vec(-1.0_f32..1.0, 8), 0..6)) {
            let back = unpack(&pack(&vectors)).unwrap();
            prop_assert_eq!(back.len(), vectors.len());
            for (vector, back) in vectors.iter().zip(&back) {
                for (x, y) in vector.iter().zip(back.iter()) {
                    prop_assert!((x - y).abs() <= 0.005, "{x} became {y}");
                }
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_fault(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = unpack(&bytes);
        }
    }
}
