//! Self-attention of one sequence, in f32.

use crate::kernel::{F32Block, F32Matrix, F32Rows, Isa, LANES};

/// Queries handled at a time, so that their scores stay in the cache.
const QUERIES_AT_ONCE: usize = 64;

/// Memory that attention works in, kept between calls.
#[derive(Debug, Default)]
pub(crate) struct AttentionScratch {
    keys: Vec<F32Block>,
    values: Vec<F32Block>,
    scores: Vec<f32>,
}

/// Attends within one sequence. Each row of `projected` holds queries, keys and values, `hidden`
/// numbers each; each row of `out` gets `hidden` numbers.
pub(crate) fn attend(
    isa: Isa,
    heads: usize,
    hidden: usize,
    projected: &[f32],
    scratch: &mut AttentionScratch,
    out: &mut [f32],
) {
    let width = hidden / heads;
    let stride = 3 * hidden;
    let tokens = projected.len() / stride;
    let scores_stride = tokens.div_ceil(LANES) * LANES;
    let scale = 1.0 / (width as f32).sqrt();
    scratch.scores.resize(QUERIES_AT_ONCE.min(tokens) * scores_stride, 0.0);
    for head in 0..heads {
        let query_start = head * width;
        pack_keys(&projected[hidden + query_start..], stride, tokens, width, &mut scratch.keys);
        let values = &projected[2 * hidden + query_start..];
        pack_values(values, stride, tokens, width, &mut scratch.values);
        let keys = F32Matrix { inputs: width, outputs: tokens, blocks: &scratch.keys, bias: &[] };
        let values =
            F32Matrix { inputs: tokens, outputs: width, blocks: &scratch.values, bias: &[] };
        for first in (0..tokens).step_by(QUERIES_AT_ONCE) {
            let count = QUERIES_AT_ONCE.min(tokens - first);
            let queries =
                F32Rows { values: &projected[first * stride + query_start..], count, stride };
            isa.multiply_f32(queries, &keys, &mut scratch.scores, scores_stride);
            for row in scratch.scores.chunks_exact_mut(scores_stride).take(count) {
                isa.softmax(&mut row[..tokens], scale);
            }
            let weights = F32Rows { values: &scratch.scores, count, stride: scores_stride };
            isa.multiply_f32(weights, &values, &mut out[first * hidden + query_start..], hidden);
        }
    }
}

/// Packs keys as the matrix with one output a token.
fn pack_keys(keys: &[f32], stride: usize, tokens: usize, width: usize, out: &mut Vec<F32Block>) {
    out.clear();
    out.resize(tokens.div_ceil(LANES) * width, F32Block([0.0; LANES]));
    for (token, key) in keys.chunks(stride).enumerate() {
        let tile = &mut out[token / LANES * width..][..width];
        for (block, value) in tile.iter_mut().zip(key) {
            block.0[token % LANES] = *value;
        }
    }
}

/// Packs values as the matrix with one input a token.
fn pack_values(
    values: &[f32],
    stride: usize,
    tokens: usize,
    width: usize,
    out: &mut Vec<F32Block>,
) {
    out.clear();
    out.resize(width.div_ceil(LANES) * tokens, F32Block([0.0; LANES]));
    for (token, value) in values.chunks(stride).enumerate() {
        for (tile, lanes) in value[..width].chunks(LANES).enumerate() {
            out[tile * tokens + token].0[..lanes.len()].copy_from_slice(lanes);
        }
    }
}
