//! The table of word vectors, by far the largest tensor of a small model.

use crate::{ModelError, Precision, weights::WeightFile};

/// One vector a token of the vocabulary.
#[derive(Debug)]
pub(crate) enum EmbeddingTable {
    /// 8 bits a value, one scale a row.
    Int8 {
        width: usize,
        values: Vec<i8>,
        scales: Vec<f32>,
    },
    F32 {
        width: usize,
        values: Vec<f32>,
    },
}

impl EmbeddingTable {
    pub(crate) fn read(
        weights: &mut WeightFile,
        precision: Precision,
        name: &str,
        shape: [usize; 2],
    ) -> Result<Self, ModelError> {
        let width = shape[1];
        match precision {
            Precision::F32 => {
                let mut values = Vec::new();
                weights.for_rows(name, shape, |_, row| values.extend_from_slice(row))?;
                Ok(Self::F32 { width, values })
            }
            Precision::Int8 => {
                let (mut values, mut scales) = (Vec::new(), Vec::new());
                weights.for_rows(name, shape, |_, row| {
                    let largest = row.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
                    let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
                    values.extend(row.iter().map(|x| (x / scale).round() as i8));
                    scales.push(scale);
                })?;
                values.shrink_to_fit();
                Ok(Self::Int8 { width, values, scales })
            }
        }
    }

    /// Copies the vector of a token that lies inside the vocabulary.
    pub(crate) fn copy_row(&self, id: u32, out: &mut [f32]) {
        let id = id as usize;
        match self {
            Self::F32 { width, values } => {
                out.copy_from_slice(&values[id * width..(id + 1) * width]);
            }
            Self::Int8 { width, values, scales } => {
                let row = &values[id * width..(id + 1) * width];
                for (slot, value) in out.iter_mut().zip(row) {
                    *slot = f32::from(*value) * scales[id];
                }
            }
        }
    }
}
