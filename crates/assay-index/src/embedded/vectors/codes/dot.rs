//! The sum of products of a row of bytes and a query of 16-bit numbers, in the widest registers
//! that the CPU has. Every version gives the same exact sum.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "vector instructions and loads; the interface is safe")
)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _mm_loadu_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_setzero_si256, _mm256_storeu_si256, _mm512_add_epi32, _mm512_cvtepi8_epi16,
    _mm512_loadu_si512, _mm512_madd_epi16, _mm512_reduce_add_epi32, _mm512_setzero_si512,
};

/// Adds up `row[i] * query[i]`. The caller keeps the sum within 32 bits.
pub(super) type Dot = fn(row: &[i8], query: &[i16]) -> i32;

/// The fastest version that this CPU can run.
pub(super) fn fastest() -> Dot {
    available().last().unwrap_or(portable)
}

/// The versions that this CPU can run, the fastest last.
fn available() -> impl Iterator<Item = Dot> {
    #[cfg(target_arch = "x86_64")]
    let wide = [
        is_x86_feature_detected!("avx2").then_some(avx2 as Dot),
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw"))
            .then_some(avx512 as Dot),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let wide: [Option<Dot>; 0] = [];
    std::iter::once(portable as Dot).chain(wide.into_iter().flatten())
}

fn portable(row: &[i8], query: &[i16]) -> i32 {
    row.iter().zip(query).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

#[cfg(target_arch = "x86_64")]
fn avx2(row: &[i8], query: &[i16]) -> i32 {
    #[target_feature(enable = "avx2")]
    fn run(row: &[i8], query: &[i16]) -> i32 {
        let (row_blocks, row_rest) = row.as_chunks::<16>();
        let (query_blocks, query_rest) = query.as_chunks::<16>();
        let mut sums = _mm256_setzero_si256();
        for (row, query) in row_blocks.iter().zip(query_blocks) {
            // SAFETY: both point to arrays of 16 elements: 16 and 32 bytes.
            let (row, query) = unsafe {
                (_mm_loadu_si128(row.as_ptr().cast()), _mm256_loadu_si256(query.as_ptr().cast()))
            };
            let products = _mm256_madd_epi16(_mm256_cvtepi8_epi16(row), query);
            sums = _mm256_add_epi32(sums, products);
        }
        let mut lanes = [0_i32; 8];
        // SAFETY: `lanes` has the 32 bytes of a register.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sums) };
        lanes.iter().sum::<i32>() + portable(row_rest, query_rest)
    }
    // SAFETY: `available` gives this version out only where the CPU has AVX2.
    unsafe { run(row, query) }
}

#[cfg(target_arch = "x86_64")]
fn avx512(row: &[i8], query: &[i16]) -> i32 {
    #[target_feature(enable = "avx512f,avx512bw")]
    fn run(row: &[i8], query: &[i16]) -> i32 {
        let (row_blocks, row_rest) = row.as_chunks::<32>();
        let (query_blocks, query_rest) = query.as_chunks::<32>();
        let mut sums = _mm512_setzero_si512();
        for (row, query) in row_blocks.iter().zip(query_blocks) {
            // SAFETY: both point to arrays of 32 elements: 32 and 64 bytes.
            let (row, query) = unsafe {
                (_mm256_loadu_si256(row.as_ptr().cast()), _mm512_loadu_si512(query.as_ptr().cast()))
            };
            let products = _mm512_madd_epi16(_mm512_cvtepi8_epi16(row), query);
            sums = _mm512_add_epi32(sums, products);
        }
        _mm512_reduce_add_epi32(sums) + portable(row_rest, query_rest)
    }
    // SAFETY: `available` gives this version out only where the CPU has AVX-512 F and BW.
    unsafe { run(row, query) }
}

#[cfg(test)]
mod tests {
    //! All versions give the sum of the definition.

    use proptest::prelude::*;

    use super::available;

    proptest! {
        #[test]
        fn every_version_gives_the_same_sum(
            pairs in prop::collection::vec((any::<i8>(), -16_000_i16..16_000), 0..600),
        ) {
            let (row, query): (Vec<i8>, Vec<i16>) = pairs.into_iter().unzip();
            let sum: i64 = row.iter().zip(&query).map(|(a, b)| i64::from(*a) * i64::from(*b)).sum();
            for dot in available() {
                prop_assert_eq!(i64::from(dot(&row, &query)), sum);
            }
        }
    }
}
