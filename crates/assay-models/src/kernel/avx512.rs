//! AVX-512 with VNNI: groups of up to 8 rows and 3 tiles keep 24 sums in registers, so that each
//! loaded block of weights serves 8 rows and each loaded input 3 tiles.

use std::arch::x86_64::{
    __m512, __m512i, _MM_HINT_T1, _mm_prefetch, _mm512_add_ps, _mm512_cvtepi32_ps,
    _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_load_ps, _mm512_load_si512, _mm512_loadu_ps,
    _mm512_loadu_si512, _mm512_mask_storeu_ps, _mm512_mul_ps, _mm512_mullo_epi32,
    _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_si512, _mm512_sub_epi32,
};

use super::{
    LANES,
    matrix::{F32Block, F32Matrix, F32Rows, Grid, I8Block, I8Matrix, QuantizedRows},
    rows::{self, LayerNorm},
};

/// Tiles of one group.
const TILES: usize = 3;

/// Calls `$group::<ROWS, TILES>` for the largest group that fits; gives the rows done.
macro_rules! largest_group {
    ($rows:expr, $tiles:expr, $group:ident($($argument:expr),*)) => {
        match ($rows, $tiles) {
            (8.., 3) => { $group::<8, 3>($($argument),*); 8 }
            (8.., 2) => { $group::<8, 2>($($argument),*); 8 }
            (8.., _) => { $group::<8, 1>($($argument),*); 8 }
            (4.., 3) => { $group::<4, 3>($($argument),*); 4 }
            (4.., 2) => { $group::<4, 2>($($argument),*); 4 }
            (4.., _) => { $group::<4, 1>($($argument),*); 4 }
            (2.., 3) => { $group::<2, 3>($($argument),*); 2 }
            (2.., 2) => { $group::<2, 2>($($argument),*); 2 }
            (2.., _) => { $group::<2, 1>($($argument),*); 2 }
            (_, 3) => { $group::<1, 3>($($argument),*); 1 }
            (_, 2) => { $group::<1, 2>($($argument),*); 1 }
            (_, _) => { $group::<1, 1>($($argument),*); 1 }
        }
    };
}

/// The caller has checked that inputs and the size of `out` fit.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
pub(super) fn multiply_i8(rows: &QuantizedRows, matrix: &I8Matrix, out: &mut [f32]) {
    for tile in (0..matrix.tiles()).step_by(TILES) {
        let tiles = TILES.min(matrix.tiles() - tile);
        let mut row = 0;
        while row < rows.len() {
            row += largest_group!(rows.len() - row, tiles, group_i8(rows, row, matrix, tile, out));
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
fn group_i8<const ROWS: usize, const TILES: usize>(
    rows: &QuantizedRows,
    row: usize,
    matrix: &I8Matrix,
    tile: usize,
    out: &mut [f32],
) {
    let (stride, quads) = (rows.stride(), matrix.quads());
    let bytes = rows.bytes_from(row);
    let blocks = matrix.blocks_from(tile);
    assert!(bytes.len() >= ROWS * stride && stride == quads * 4);
    assert!(blocks.len() >= TILES * quads);
    // SAFETY: the two assertions above are what `sums_i8` asks for.
    let sums: [[__m512i; TILES]; ROWS] =
        unsafe { sums_i8(bytes.as_ptr(), stride, blocks.as_ptr(), quads) };
    for (r, sums) in sums.iter().enumerate() {
        let grid = rows.grid(row + r);
        for (t, sum) in sums.iter().enumerate() {
            let start = (row + r) * matrix.outputs() + (tile + t) * LANES;
            finish_i8(*sum, grid, matrix, tile + t, &mut out[start..]);
        }
    }
}

/// The sums of `ROWS` rows and `TILES` tiles.
///
/// # Safety
/// `bytes` must hold `ROWS * stride` bytes, `stride >= 4 * quads`, and `blocks` must hold
/// `TILES * quads` blocks.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
unsafe fn sums_i8<const ROWS: usize, const TILES: usize>(
    bytes: *const u8,
    stride: usize,
    blocks: *const I8Block,
    quads: usize,
) -> [[__m512i; TILES]; ROWS] {
    let mut sums = [[_mm512_setzero_si512(); TILES]; ROWS];
    for quad in 0..quads {
        let mut weights = [_mm512_setzero_si512(); TILES];
        for (t, weight) in weights.iter_mut().enumerate() {
            // SAFETY: t < TILES and quad < quads; blocks are aligned to 64 bytes by their type.
            *weight = unsafe { _mm512_load_si512(blocks.add(t * quads + quad).cast()) };
            // A prefetch past the end does nothing.
            _mm_prefetch::<_MM_HINT_T1>(blocks.wrapping_add((t + TILES) * quads + quad).cast());
        }
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: r < ROWS and 4 * quad + 4 <= stride.
            let input = unsafe { bytes.add(r * stride + 4 * quad).cast::<i32>().read_unaligned() };
            let input = _mm512_set1_epi32(input);
            for (sum, weight) in sums.iter_mut().zip(&weights) {
                *sum = _mm512_dpbusd_epi32(*sum, input, *weight);
            }
        }
    }
    sums
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
fn finish_i8(sum: __m512i, grid: Grid, matrix: &I8Matrix, tile: usize, out: &mut [f32]) {
    let finish = matrix.finish(tile);
    // SAFETY: the three slices hold LANES values.
    let (sums, scales, bias) = unsafe {
        (
            _mm512_loadu_si512(finish.sums.as_ptr().cast()),
            _mm512_loadu_ps(finish.scales.as_ptr()),
            _mm512_loadu_ps(finish.bias.as_ptr()),
        )
    };
    let zeros = _mm512_mullo_epi32(_mm512_set1_epi32(grid.zero), sums);
    let value = _mm512_cvtepi32_ps(_mm512_sub_epi32(sum, zeros));
    let scale = _mm512_mul_ps(_mm512_set1_ps(grid.scale), scales);
    // Two roundings on purpose: the result equals that of the levels without FMA.
    store(_mm512_add_ps(_mm512_mul_ps(value, scale), bias), finish.width, out);
}

/// Stores the first `width` lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
fn store(value: __m512, width: usize, out: &mut [f32]) {
    assert!(width <= LANES && width <= out.len());
    let mask = ((1_u32 << width) - 1) as u16;
    // SAFETY: only the first `width` lanes are written, and `out` has them.
    unsafe { _mm512_mask_storeu_ps(out.as_mut_ptr(), mask, value) };
}

/// The caller has checked the sizes of the rows, the matrix and `out`.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
pub(super) fn multiply_f32(
    rows: F32Rows<'_>,
    matrix: &F32Matrix<'_>,
    out: &mut [f32],
    stride: usize,
) {
    for tile in (0..matrix.tiles()).step_by(TILES) {
        let tiles = TILES.min(matrix.tiles() - tile);
        let mut row = 0;
        while row < rows.count {
            row += largest_group!(
                rows.count - row,
                tiles,
                group_f32(rows, row, matrix, tile, out, stride)
            );
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
fn group_f32<const ROWS: usize, const TILES: usize>(
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
    assert!(blocks.len() >= TILES * matrix.inputs);
    let mut sums = [[_mm512_set1_ps(0.0); TILES]; ROWS];
    for t in 0..TILES {
        // SAFETY: a block is 16 aligned floats.
        let bias = unsafe { _mm512_load_ps(matrix.bias(tile + t).0.as_ptr()) };
        for sums in &mut sums {
            sums[t] = bias;
        }
    }
    // SAFETY: the two assertions above are what `add_products_f32` asks for.
    unsafe {
        add_products_f32(&mut sums, values.as_ptr(), rows.stride, blocks.as_ptr(), matrix.inputs);
    }
    for (r, sums) in sums.iter().enumerate() {
        for (t, sum) in sums.iter().enumerate() {
            let start = (row + r) * stride + (tile + t) * LANES;
            store(*sum, matrix.width(tile + t), &mut out[start..]);
        }
    }
}

/// Adds the products of `ROWS` rows and `TILES` tiles to the sums.
///
/// # Safety
/// `values` must hold `ROWS` rows of `inputs` values, `stride` apart, and `blocks` must hold
/// `TILES * inputs` blocks.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
unsafe fn add_products_f32<const ROWS: usize, const TILES: usize>(
    sums: &mut [[__m512; TILES]; ROWS],
    values: *const f32,
    stride: usize,
    blocks: *const F32Block,
    inputs: usize,
) {
    for input in 0..inputs {
        let mut weights = [_mm512_set1_ps(0.0); TILES];
        for (t, weight) in weights.iter_mut().enumerate() {
            // SAFETY: t < TILES and input < inputs; blocks are aligned to 64 bytes by their type.
            *weight = unsafe { _mm512_load_ps(blocks.add(t * inputs + input).cast()) };
        }
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: r < ROWS and input < inputs.
            let value = _mm512_set1_ps(unsafe { *values.add(r * stride + input) });
            for (sum, weight) in sums.iter_mut().zip(&weights) {
                *sum = _mm512_fmadd_ps(value, *weight, *sum);
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
pub(super) fn quantize(row: &[f32], out: &mut [u8]) -> Grid {
    rows::quantize(row, out)
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
pub(super) fn gelu(values: &mut [f32]) {
    rows::gelu::<true>(values);
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
pub(super) fn softmax(values: &mut [f32], scale: f32) {
    rows::softmax::<true>(values, scale);
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]
pub(super) fn add_and_normalize(row: &mut [f32], added: &[f32], norm: &LayerNorm) {
    rows::add_and_normalize::<true>(row, added, norm);
}
