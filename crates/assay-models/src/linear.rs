//! A linear layer in the precision of the model.

use crate::{
    ModelError, Precision,
    kernel::{F32Block, F32Matrix, F32Rows, I8Matrix, Isa, LANES, QuantizedRows},
    weights::WeightFile,
};

/// Weights and bias of a linear layer, packed for the kernels.
#[derive(Debug)]
pub(crate) enum Linear {
    Int8 { inputs: usize, matrix: I8Matrix },
    F32 { inputs: usize, outputs: usize, blocks: Vec<F32Block>, bias: Vec<F32Block> },
}

impl Linear {
    /// Reads several layers with the same input as one; `names` lack `.weight` and `.bias`.
    pub(crate) fn read(
        weights: &mut WeightFile,
        precision: Precision,
        names: &[String],
        inputs: usize,
        outputs_each: usize,
    ) -> Result<Self, ModelError> {
        let mut linear = Self::new(precision, inputs, outputs_each * names.len());
        for (index, name) in names.iter().enumerate() {
            let first = index * outputs_each;
            let weight = format!("{name}.weight");
            weights.for_rows(&weight, [outputs_each, inputs], |row, values| {
                linear.set_output(first + row, values);
            })?;
            linear.set_bias(first, &weights.vector(&format!("{name}.bias"), outputs_each)?);
        }
        Ok(linear)
    }

    fn new(precision: Precision, inputs: usize, outputs: usize) -> Self {
        let tiles = outputs.div_ceil(LANES);
        let empty = F32Block([0.0; LANES]);
        match precision {
            Precision::Int8 => Self::Int8 { inputs, matrix: I8Matrix::new(inputs, outputs) },
            Precision::F32 => Self::F32 {
                inputs,
                outputs,
                blocks: vec![empty; tiles * inputs],
                bias: vec![empty; tiles],
            },
        }
    }

    fn set_output(&mut self, output: usize, values: &[f32]) {
        match self {
            Self::Int8 { matrix, .. } => matrix.set_output(output, values),
            Self::F32 { inputs, blocks, .. } => {
                let tile = &mut blocks[output / LANES * *inputs..][..*inputs];
                for (block, value) in tile.iter_mut().zip(values) {
                    block.0[output % LANES] = *value;
                }
            }
        }
    }

    fn set_bias(&mut self, first: usize, values: &[f32]) {
        match self {
            Self::Int8 { matrix, .. } => matrix.set_bias(first, values),
            Self::F32 { bias, .. } => {
                for (output, value) in (first..).zip(values) {
                    bias[output / LANES].0[output % LANES] = *value;
                }
            }
        }
    }

    pub(crate) const fn outputs(&self) -> usize {
        match self {
            Self::Int8 { matrix, .. } => matrix.outputs(),
            Self::F32 { outputs, .. } => *outputs,
        }
    }

    /// Applies the layer to `rows`, which lie one after the other; `quantized` is scratch.
    pub(crate) fn apply(
        &self,
        isa: Isa,
        rows: &[f32],
        quantized: &mut QuantizedRows,
        out: &mut [f32],
    ) {
        match self {
            Self::Int8 { inputs, matrix } => {
                quantized.clear(*inputs);
                for row in rows.chunks_exact(*inputs) {
                    isa.quantize(row, quantized);
                }
                isa.multiply_i8(quantized, matrix, out);
            }
            Self::F32 { inputs, outputs, blocks, bias } => {
                let count = rows.len() / inputs;
                let rows = F32Rows { values: rows, count, stride: *inputs };
                let matrix = F32Matrix { inputs: *inputs, outputs: *outputs, blocks, bias };
                isa.multiply_f32(rows, &matrix, out, *outputs);
            }
        }
    }
}
