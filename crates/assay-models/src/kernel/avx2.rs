//! AVX2 with FMA: groups of up to 4 rows and one tile, which is two registers of 8 lanes.

use std::arch::x86_64::{
    __m256, __m256i, _mm256_abs_epi8, _mm256_add_epi32, _mm256_add_ps, _mm256_cvtepi32_ps,
    _mm256_fmadd_ps, _mm256_load_ps, _mm256_load_si256, _mm256_loadu_ps, _mm256_loadu_si256,
    _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_mul_ps, _mm256_mullo_epi32, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_setzero_si256, _mm256_sign_epi8,
    _mm256_storeu_ps,
};

use super::{
    LANES,
    matrix::{F32Block, F32Matrix, F32Rows, Grid, I8Block, I8Matrix, QuantizedRows},
    rows::{self, LayerNorm},
};

/// Turns the sign bit of four bytes: 0..=255 becomes -128..=127.
const SIGN_BITS: i32 = 0x8080_8080_u32.cast_signed();

/// Calls `$group::<ROWS>` for the largest group that fits; gives the rows done.
macro_rules! largest_group {
    ($rows:expr, $group:ident($($argument:expr),*)) => {
        match $rows {
            4.. => { $group::<4>($($argument),*); 4 }
            2.. => { $group::<2>($($argument),*); 2 }
            _ => { $group::<1>($($argument),*); 1 }
        }
    };
}

/// The caller has checked that inputs and the size of `out` fit.
#[target_feature(enable = "avx2,fma")]
pub(super) fn multiply_i8(rows: &QuantizedRows, matrix: &I8Matrix, out: &mut [f32]) {
    for tile in 0..matrix.tiles() {
        let mut row = 0;
        while row < rows.len() {
            row += largest_group!(rows.len() - row, group_i8(rows, row, matrix, tile, out));
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn group_i8<const ROWS: usize>(
    rows: &QuantizedRows,
    row: usize,
    matrix: &I8Matrix,
    tile: usize,
    out: &mut [f32],
) {
    let (stride, quads) = (rows.stride(), matrix.quads());
    let bytes = rows.bytes_from(row);
    let blocks = matrix.blocks_from(tile);
    assert!(bytes.len() >= ROWS * stride && stride == quads * 4 && blocks.len() >= quads);
    // SAFETY: the assertion above is what `sums_i8` asks for.
    let sums: [[__m256i; 2]; ROWS] =
        unsafe { sums_i8(bytes.as_ptr(), stride, blocks.as_ptr(), quads) };
    for (r, sums) in sums.iter().enumerate() {
        let start = (row + r) * matrix.outputs() + tile * LANES;
        finish_i8(*sums, rows.grid(row + r), matrix, tile, &mut out[start..]);
    }
}

/// The sums of `ROWS` rows and one tile, over bytes moved to -128..=127.
///
/// Products of bytes are taken as |input| * (weight with the sign of the input): the instruction
/// wants one unsigned side, and 2 * 128 * 127 fits the 16 bits in which it adds pairs.
///
/// # Safety
/// `bytes` must hold `ROWS * stride` bytes, `stride >= 4 * quads`, and `blocks` must hold `quads`
/// blocks.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn sums_i8<const ROWS: usize>(
    bytes: *const u8,
    stride: usize,
    blocks: *const I8Block,
    quads: usize,
) -> [[__m256i; 2]; ROWS] {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
    for quad in 0..quads {
        // SAFETY: quad < quads; a block is two aligned registers.
        let weights = unsafe {
            let block = blocks.add(quad).cast::<__m256i>();
            [_mm256_load_si256(block), _mm256_load_si256(block.add(1))]
        };
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: r < ROWS and 4 * quad + 4 <= stride.
            let input = unsafe { bytes.add(r * stride + 4 * quad).cast::<i32>().read_unaligned() };
            let input = _mm256_set1_epi32(input ^ SIGN_BITS);
            let magnitude = _mm256_abs_epi8(input);
            for (sum, weight) in sums.iter_mut().zip(&weights) {
                let pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(*weight, input));
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
            }
        }
    }
    sums
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn finish_i8(sums: [__m256i; 2], grid: Grid, matrix: &I8Matrix, tile: usize, out: &mut [f32]) {
    let finish = matrix.finish(tile);
    // The bytes were moved by -128, so the zero point is too.
    let shift = _mm256_set1_epi32(128 - grid.zero);
    let mut values = [_mm256_setzero_ps(); 2];
    for (half, value) in values.iter_mut().enumerate() {
        // SAFETY: the three slices hold LANES values, and half < 2.
        let (weight_sums, scales, bias) = unsafe {
            (
                _mm256_loadu_si256(finish.sums.as_ptr().add(8 * half).cast()),
                _mm256_loadu_ps(finish.scales.as_ptr().add(8 * half)),
                _mm256_loadu_ps(finish.bias.as_ptr().add(8 * half)),
            )
        };
        let sum = _mm256_add_epi32(sums[half], _mm256_mullo_epi32(shift, weight_sums));
        let scale = _mm256_mul_ps(_mm256_set1_ps(grid.scale), scales);
        // Two roundings on purpose: the result equals that of the levels without FMA.
        *value = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sum), scale), bias);
    }
    store(values, finish.width, out);
}

/// Stores the first `width` of 16 lanes.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(values: [__m256; 2], width: usize, out: &mut [f32]) {
    let mut lanes = F32Block([0.0; LANES]);
    // SAFETY: a block is 16 floats.
    unsafe {
        _mm256_storeu_ps(lanes.0.as_mut_ptr(), values[0]);
        _mm256_storeu_ps(lanes.0.as_mut_ptr().add(8), values[1]);
    }
    out[..width].copy_from_slice(&lanes.0[..width]);
}

/// The caller has checked the sizes of the rows, the matrix and `out`.
#[target_feature(enable = "avx2,fma")]
pub(super) fn multiply_f32(
    rows: F32Rows<'_>,
    matrix: &F32Matrix<'_>,
    out: &mut [f32],
    stride: usize,
) {
    for tile in 0..matrix.tiles() {
        let mut row = 0;
        while row < rows.count {
            row +=
                largest_group!(rows.count - row, group_f32(rows, row, matrix, tile, out, stride));
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn group_f32<const ROWS: usize>(
    rows: F32Rows<'_>,
    row: usize,
    matrix: &F32Matrix<'_>,
    tile: usize,
    out: &mut [f32],
    stride: usize,
) {
    let values = &rows.values[row * rows.stride..];
    let blocks = &matrix.blocks[tile * matrix.inputs..];
    assert!(values.len() >= (ROWS - 1) * rows.stride + matrix.inputs);
    assert!(blocks.len() >= matrix.inputs);
    let bias = matrix.bias(tile);
    // SAFETY: a block is two aligned registers.
    let bias = unsafe { [_mm256_load_ps(bias.0.as_ptr()), _mm256_load_ps(bias.0.as_ptr().add(8))] };
    let mut sums = [bias; ROWS];
    // SAFETY: the two assertions above are what `add_products_f32` asks for.
    unsafe {
        add_products_f32(&mut sums, values.as_ptr(), rows.stride, blocks.as_ptr(), matrix.inputs);
    }
    for (r, sums) in sums.iter().enumerate() {
        let start = (row + r) * stride + tile * LANES;
        store(*sums, matrix.width(tile), &mut out[start..]);
    }
}

/// Adds the products of `ROWS` rows and one tile to the sums.
///
/// # Safety
/// `values` must hold `ROWS` rows of `inputs` values, `stride` apart, and `blocks` must hold
/// `inputs` blocks.
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn add_products_f32<const ROWS: usize>(
    sums: &mut [[__m256; 2]; ROWS],
    values: *const f32,
    stride: usize,
    blocks: *const F32Block,
    inputs: usize,
) {
    for input in 0..inputs {
        // SAFETY: input < inputs; a block is two aligned registers.
        let weights = unsafe {
            let block = blocks.add(input).cast::<f32>();
            [_mm256_load_ps(block), _mm256_load_ps(block.add(8))]
        };
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: r < ROWS and input < inputs.
            let value = _mm256_set1_ps(unsafe { *values.add(r * stride + input) });
            for (sum, weight) in sums.iter_mut().zip(&weights) {
                *sum = _mm256_fmadd_ps(value, *weight, *sum);
            }
        }
    }
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn quantize(row: &[f32], out: &mut [u8]) -> Grid {
    rows::quantize(row, out)
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn gelu(values: &mut [f32]) {
    rows::gelu::<true>(values);
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn softmax(values: &mut [f32], scale: f32) {
    rows::softmax::<true>(values, scale);
}

#[target_feature(enable = "avx2,fma")]
pub(super) fn add_and_normalize(row: &mut [f32], added: &[f32], norm: &LayerNorm) {
    rows::add_and_normalize::<true>(row, added, norm);
}
