//! The row functions of an encoder as plain loops over 16 lanes. Each level compiles them once with
//! its own instructions, so they are written for the vectoriser: no branches, no calls.

use super::{LANES, matrix::Grid};

/// Gain and bias of a layer normalisation.
#[derive(Debug)]
pub(crate) struct LayerNorm {
    pub(crate) gain: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    /// Added to the variance.
    pub(crate) epsilon: f32,
}

/// Adding and taking away 1.5 * 2^23 rounds an f32 below 2^22 to an integer, ties to even, and
/// leaves that integer in the low bits in between.
const ROUNDING: f32 = 12_582_912.0;

/// `a * b + c`, in one rounding where the level has FMA (elsewhere that would be a library call).
#[inline(always)]
fn multiply_add<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// e^x for x <= 0 with a relative error near 2e-7: x = n ln 2 + r, the Taylor series of degree 6
/// on |r| <= ln 2 / 2, and n put into the exponent. Below -87 the result is the smallest normal
/// number or so.
#[inline(always)]
fn exp<const FMA: bool>(x: f32) -> f32 {
    let x = if x > -87.0 { x } else { -87.0 };
    let shifted = x * std::f32::consts::LOG2_E + ROUNDING;
    let n = shifted - ROUNDING;
    // ln 2 in two parts, the first exact in few bits, so that n * ln 2 loses nothing.
    let r = multiply_add::<FMA>(n, -0.693_359_4, x);
    let r = multiply_add::<FMA>(n, 2.121_944_4e-4, r);
    let mut p = 1.0 / 720.0;
    for c in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = multiply_add::<FMA>(p, r, c);
    }
    // The low bits of `shifted` hold n; what the shift pushes out is the rounding constant.
    p * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

/// The error function after Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26;
/// absolute error below 2e-7.
#[inline(always)]
fn erf<const FMA: bool>(x: f32) -> f32 {
    let magnitude = x.abs();
    let t = 1.0 / multiply_add::<FMA>(0.327_591_1, magnitude, 1.0);
    let mut p = 1.061_405_4;
    for c in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        p = multiply_add::<FMA>(p, t, c);
    }
    (1.0 - p * t * exp::<FMA>(-magnitude * magnitude)).copysign(x)
}

#[inline(always)]
pub(super) fn gelu<const FMA: bool>(values: &mut [f32]) {
    for x in values {
        *x = 0.5 * *x * (1.0 + erf::<FMA>(*x * std::f32::consts::FRAC_1_SQRT_2));
    }
}

/// Folds a row lane by lane, then the lanes: the order that vectors need, the same at every level.
#[inline(always)]
fn fold(
    values: &[f32],
    start: f32,
    step: impl Fn(f32, f32) -> f32,
    join: fn(f32, f32) -> f32,
) -> f32 {
    let mut lanes = [start; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = step(*lane, *value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane = step(*lane, *value);
    }
    lanes.into_iter().reduce(join).unwrap_or(start)
}

#[inline(always)]
fn max(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

#[inline(always)]
fn min(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

#[inline(always)]
fn add(a: f32, b: f32) -> f32 {
    a + b
}

#[inline(always)]
pub(super) fn softmax<const FMA: bool>(values: &mut [f32], scale: f32) {
    let top = fold(values, f32::NEG_INFINITY, max, max) * scale;
    for x in &mut *values {
        *x = exp::<FMA>(*x * scale - top);
    }
    let factor = 1.0 / fold(values, 0.0, add, add);
    for x in values {
        *x *= factor;
    }
}

#[inline(always)]
pub(super) fn add_and_normalize<const FMA: bool>(row: &mut [f32], added: &[f32], norm: &LayerNorm) {
    for (x, y) in row.iter_mut().zip(added) {
        *x += y;
    }
    let count = row.len() as f32;
    let mean = fold(row, 0.0, add, add) / count;
    let square = |sum, x| multiply_add::<FMA>(x - mean, x - mean, sum);
    let variance = fold(row, 0.0, square, add) / count;
    let factor = 1.0 / (variance + norm.epsilon).sqrt();
    for ((x, gain), bias) in row.iter_mut().zip(&norm.gain).zip(&norm.bias) {
        *x = multiply_add::<FMA>((*x - mean) * factor, *gain, *bias);
    }
}

/// Maps the range of the row, widened to hold 0, onto 0..=255 so that 0 stays exact.
#[inline(always)]
pub(super) fn quantize(row: &[f32], out: &mut [u8]) -> Grid {
    let low = fold(row, 0.0, min, min);
    let high = fold(row, 0.0, max, max);
    let range = high - low;
    let scale = if range > 0.0 { range / 255.0 } else { 1.0 };
    let factor = 1.0 / scale;
    let zero = (-low * factor + ROUNDING) - ROUNDING;
    for (byte, value) in out.iter_mut().zip(row) {
        let scaled = min(max(value * factor + zero, 0.0), 255.0);
        *byte = (scaled + ROUNDING).to_bits() as u8;
    }
    Grid { scale, zero: zero as i32 }
}
