//! The kernels in plain Rust: the meaning of the others, and what other CPUs run.

use super::{
    LANES,
    matrix::{F32Matrix, F32Rows, Grid, I8Matrix, QuantizedRows},
    rows::{self, LayerNorm},
};

pub(super) fn multiply_i8(rows: &QuantizedRows, matrix: &I8Matrix, out: &mut [f32]) {
    for tile in 0..matrix.tiles() {
        let finish = matrix.finish(tile);
        let blocks = &matrix.blocks_from(tile)[..matrix.quads()];
        for row in 0..rows.len() {
            let (quads, _) = rows.bytes_from(row)[..rows.stride()].as_chunks::<4>();
            let mut sums = [0_i32; LANES];
            for (block, quad) in blocks.iter().zip(quads) {
                for (sum, weights) in sums.iter_mut().zip(&block.0) {
                    for (weight, byte) in weights.iter().zip(quad) {
                        *sum += i32::from(*weight) * i32::from(*byte);
                    }
                }
            }
            let grid = rows.grid(row);
            let start = row * matrix.outputs() + tile * LANES;
            for (lane, slot) in out[start..start + finish.width].iter_mut().enumerate() {
                let sum = sums[lane] - grid.zero * finish.sums[lane];
                *slot = sum as f32 * (grid.scale * finish.scales[lane]) + finish.bias[lane];
            }
        }
    }
}

pub(super) fn multiply_f32(
    rows: F32Rows<'_>,
    matrix: &F32Matrix<'_>,
    out: &mut [f32],
    stride: usize,
) {
    for tile in 0..matrix.tiles() {
        let blocks = &matrix.blocks[tile * matrix.inputs..(tile + 1) * matrix.inputs];
        for row in 0..rows.count {
            let inputs = &rows.values[row * rows.stride..][..matrix.inputs];
            let mut sums = matrix.bias(tile).0;
            for (block, input) in blocks.iter().zip(inputs) {
                for (sum, weight) in sums.iter_mut().zip(&block.0) {
                    *sum += weight * input;
                }
            }
            let width = matrix.width(tile);
            let start = row * stride + tile * LANES;
            out[start..start + width].copy_from_slice(&sums[..width]);
        }
    }
}

pub(super) fn quantize(row: &[f32], out: &mut [u8]) -> Grid {
    rows::quantize(row, out)
}

pub(super) fn gelu(values: &mut [f32]) {
    rows::gelu::<false>(values);
}

pub(super) fn softmax(values: &mut [f32], scale: f32) {
    rows::softmax::<false>(values, scale);
}

pub(super) fn add_and_normalize(row: &mut [f32], added: &[f32], norm: &LayerNorm) {
    rows::add_and_normalize::<false>(row, added, norm);
}
