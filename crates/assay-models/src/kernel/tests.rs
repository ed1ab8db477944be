//! Every level computes what the portable one does: exactly in int8, within rounding in f32.

use proptest::prelude::*;

use super::{matrix::Grid, *};

/// Numbers that look random, from a seed, in -1..1.
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn i8_matrix(seed: u64, inputs: usize, outputs: usize) -> I8Matrix {
    let mut matrix = I8Matrix::new(inputs, outputs);
    for output in 0..outputs {
        matrix.set_output(output, &numbers(seed + output as u64, inputs));
    }
    matrix.set_bias(0, &numbers(seed ^ 7, outputs));
    matrix
}

fn quantized(isa: Isa, rows: &[f32], inputs: usize) -> QuantizedRows {
    let mut quantized = QuantizedRows::default();
    quantized.clear(inputs);
    for row in rows.chunks_exact(inputs) {
        isa.quantize(row, &mut quantized);
    }
    quantized
}

fn f32_blocks(values: &[f32], inputs: usize) -> Vec<F32Block> {
    let outputs = values.len() / inputs;
    let mut blocks = vec![F32Block([0.0; LANES]); outputs.div_ceil(LANES) * inputs];
    for (output, row) in values.chunks_exact(inputs).enumerate() {
        for (input, value) in row.iter().enumerate() {
            blocks[output / LANES * inputs + input].0[output % LANES] = *value;
        }
    }
    blocks
}

/// The plain product, in f64.
fn product(rows: &[f32], weights: &[f32], inputs: usize) -> Vec<f32> {
    let dot = |a: &[f32], b: &[f32]| {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
    };
    let row = |row| weights.chunks_exact(inputs).map(move |output| dot(row, output));
    rows.chunks_exact(inputs).flat_map(row).collect()
}

fn assert_near(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (index, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{index}: {a} is not {b}");
    }
}

fn portable() -> Isa {
    Isa(Level::Portable)
}

proptest! {
    #[test]
    fn int8_products_are_the_same_at_every_level(
        seed in 0_u64..1_000_000, rows in 1_usize..20, inputs in 1_usize..70, outputs in 1_usize..70,
    ) {
        let matrix = i8_matrix(seed, inputs, outputs);
        let rows = numbers(seed ^ 3, rows * inputs);
        let compute = |isa: Isa| {
            let quantized = quantized(isa, &rows, inputs);
            let mut out = vec![0.0; quantized.len() * outputs];
            isa.multiply_i8(&quantized, &matrix, &mut out);
            out
        };
        let expected = compute(portable());
        for isa in Isa::available() {
            prop_assert_eq!(&compute(isa), &expected);
        }
    }

    #[test]
    fn f32_products_are_right_at_every_level(
        seed in 0_u64..1_000_000, rows in 1_usize..20, inputs in 1_usize..70, outputs in 1_usize..70,
        gap in 0_usize..5,
    ) {
        let weights = numbers(seed, outputs * inputs);
        let values = numbers(seed ^ 3, rows * inputs);
        let expected = product(&values, &weights, inputs);
        let blocks = f32_blocks(&weights, inputs);
        let matrix = F32Matrix { inputs, outputs, blocks: &blocks, bias: &[] };
        let stride = outputs + gap;
        for isa in Isa::available() {
            let mut out = vec![9.0; rows * stride];
            let values = F32Rows { values: &values, count: rows, stride: inputs };
            isa.multiply_f32(values, &matrix, &mut out, stride);
            for (row, expected) in out.chunks_exact(stride).zip(expected.chunks_exact(outputs)) {
                assert_near(&row[..outputs], expected, 1e-5);
                prop_assert!(row[outputs..].iter().all(|x| *x == 9.0), "wrote between the rows");
            }
        }
    }

    #[test]
    fn row_functions_agree(seed in 0_u64..1_000_000, length in 1_usize..100, size in 0.01_f32..50.0) {
        let row: Vec<f32> = numbers(seed, length).iter().map(|x| x * size).collect();
        let added = numbers(seed ^ 5, length);
        let norm =
            LayerNorm { gain: numbers(1, length), bias: numbers(2, length), epsilon: 1e-6 };
        let compute = |isa: Isa| {
            let (mut gelu, mut softmax, mut normal) = (row.clone(), row.clone(), row.clone());
            isa.gelu(&mut gelu);
            isa.softmax(&mut softmax, 0.3);
            isa.add_and_normalize(&mut normal, &added, &norm);
            [gelu, softmax, normal]
        };
        let expected = compute(portable());
        for isa in Isa::available() {
            for (found, expected) in compute(isa).iter().zip(&expected) {
                assert_near(found, expected, 2e-5);
            }
        }
    }

    #[test]
    fn quantizing_loses_at_most_half_a_step(seed in 0_u64..1_000_000, length in 1_usize..100) {
        let row = numbers(seed, length);
        for isa in Isa::available() {
            let rows = quantized(isa, &row, length);
            let Grid { scale, zero } = rows.grid(0);
            for (byte, value) in rows.bytes_from(0).iter().zip(&row) {
                let back = (i32::from(*byte) - zero) as f32 * scale;
                prop_assert!((back - value).abs() <= scale * 0.51, "{value} became {back}");
            }
        }
    }
}

#[test]
fn int8_products_are_near_the_real_ones() {
    let (inputs, outputs) = (384, 48);
    let matrix = i8_matrix(11, inputs, outputs);
    let weights: Vec<f32> = (0..outputs).flat_map(|o| numbers(11 + o as u64, inputs)).collect();
    let rows = numbers(5, 3 * inputs);
    let bias = numbers(11 ^ 7, outputs);
    let mut expected = product(&rows, &weights, inputs);
    for row in expected.chunks_exact_mut(outputs) {
        row.iter_mut().zip(&bias).for_each(|(x, bias)| *x += bias);
    }
    let mut out = vec![0.0; 3 * outputs];
    portable().multiply_i8(&quantized(portable(), &rows, inputs), &matrix, &mut out);
    // Sums of 384 products of size 1/3 with an error of 1/500 in each factor.
    assert_near(&out, &expected, 0.2);
}

#[test]
fn row_functions_match_known_values() {
    let mut values = [-3.0, -1.0, 0.0, 0.5, 2.0];
    portable().gelu(&mut values);
    // From the definition x * Phi(x).
    assert_near(&values, &[-0.004_049_7, -0.158_655_3, 0.0, 0.345_731_2, 1.954_499_7], 1e-6);
    let mut values = [1.0, 2.0, 3.0];
    portable().softmax(&mut values, 1.0);
    assert_near(&values, &[0.090_030_6, 0.244_728_5, 0.665_240_96], 1e-6);
    let mut far = [0.0, -1000.0];
    portable().softmax(&mut far, 1.0);
    assert_near(&far, &[1.0, 0.0], 1e-6);
    let norm = LayerNorm { gain: vec![1.0; 2], bias: vec![0.5; 2], epsilon: 0.0 };
    let mut row = [1.0, 2.0];
    portable().add_and_normalize(&mut row, &[0.0, 1.0], &norm);
    assert_near(&row, &[-0.5, 1.5], 1e-6);
}

#[test]
fn rows_of_equal_values_quantize() {
    for value in [0.0, 2.5, -2.5] {
        let rows = quantized(portable(), &[value; 5], 5);
        let Grid { scale, zero } = rows.grid(0);
        let back = (i32::from(rows.bytes_from(0)[0]) - zero) as f32 * scale;
        assert!((back - value).abs() < 1e-5, "{value} became {back}");
    }
}

#[test]
#[should_panic(expected = "the output is too small")]
fn a_short_output_is_refused() {
    let matrix = i8_matrix(1, 8, 20);
    Isa::detect().multiply_i8(&quantized(portable(), &[0.0; 8], 8), &matrix, &mut [0.0; 19]);
}
