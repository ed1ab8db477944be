//! The arithmetic: matrix products in int8 and f32 and the row functions of an encoder, each in a
//! portable, an AVX2 and an AVX-512 (VNNI) version, chosen when the program runs.
//!
//! This module and its children are the only place with `unsafe` code; its interface is safe.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod matrix;
mod portable;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use matrix::{F32Block, F32Matrix, F32Rows, I8Matrix, LANES, QuantizedRows};
pub(crate) use rows::LayerNorm;

/// The instructions that the kernels may use. A value above `Portable` proves that this CPU has
/// them, because only [`Isa::detect`] and [`Isa::available`] make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Isa(Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Calls the version of a kernel that belongs to the level.
macro_rules! dispatch {
    ($isa:expr, $kernel:ident($($argument:expr),*)) => {
        match $isa.0 {
            Level::Portable => portable::$kernel($($argument),*),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Isa` of this level exists only where the CPU has AVX2 and FMA.
            Level::Avx2 => unsafe { avx2::$kernel($($argument),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Isa` of this level exists only where the CPU has AVX-512 F, BW, DQ, VL
            // and VNNI, which include AVX2 and FMA.
            Level::Avx512 => unsafe { avx512::$kernel($($argument),*) },
        }
    };
}

impl Isa {
    /// The fastest level of this CPU.
    pub(crate) fn detect() -> Self {
        Self::available().next_back().unwrap_or(Self(Level::Portable))
    }

    /// All levels of this CPU, the portable one first.
    pub(crate) fn available() -> impl DoubleEndedIterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let levels = {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni");
            [(Level::Portable, true), (Level::Avx2, avx2), (Level::Avx512, avx512)]
        };
        #[cfg(not(target_arch = "x86_64"))]
        let levels = [(Level::Portable, true)];
        levels.into_iter().filter(|(_, present)| *present).map(|(level, _)| Self(level))
    }

    /// `out = rows * matrix^T + bias` in int8 with exact i32 sums; `out` holds
    /// `rows.len() * matrix.outputs()` values. Equal bit for bit at every level.
    pub(crate) fn multiply_i8(self, rows: &QuantizedRows, matrix: &I8Matrix, out: &mut [f32]) {
        assert_eq!(rows.stride(), matrix.quads() * 4, "rows and matrix differ in inputs");
        assert!(out.len() >= rows.len() * matrix.outputs(), "the output is too small");
        dispatch!(self, multiply_i8(rows, matrix, out));
    }

    /// `out = rows * matrix^T + bias` in f32; row `i` of the result starts at `i * stride` of
    /// `out`. Levels differ in the last bits, because FMA rounds once.
    pub(crate) fn multiply_f32(
        self,
        rows: F32Rows<'_>,
        matrix: &F32Matrix<'_>,
        out: &mut [f32],
        stride: usize,
    ) {
        rows.check(matrix.inputs);
        matrix.check();
        assert!(stride >= matrix.outputs, "result rows overlap");
        let needed = rows.count.saturating_sub(1) * stride + matrix.outputs;
        assert!(rows.count == 0 || out.len() >= needed, "the output is too small");
        dispatch!(self, multiply_f32(rows, matrix, out, stride));
    }

    /// Appends one row, quantised to 8 bits over its own range. Equal at every level.
    pub(crate) fn quantize(self, row: &[f32], rows: &mut QuantizedRows) {
        rows.push_with(row, |row, out| dispatch!(self, quantize(row, out)));
    }

    /// `x = gelu(x)`, the exact form with the error function.
    pub(crate) fn gelu(self, values: &mut [f32]) {
        dispatch!(self, gelu(values));
    }

    /// `x = exp(scale * x) / sum(exp(scale * x))`, the largest value taken out first.
    pub(crate) fn softmax(self, values: &mut [f32], scale: f32) {
        dispatch!(self, softmax(values, scale));
    }

    /// `row = normalised(row + added) * gain + bias`; all four have one length.
    pub(crate) fn add_and_normalize(self, row: &mut [f32], added: &[f32], norm: &LayerNorm) {
        dispatch!(self, add_and_normalize(row, added, norm));
    }
}
