//! Reads `model.safetensors` row by row, so that the file is never in memory as a whole.
//!
//! The format: 8 bytes with the length of a JSON header, the header with type, shape and place of
//! each tensor, then the data, little-endian, rows first.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::ModelError;

/// A header longer than this is refused before it is read.
const HEADER_BYTES_MAX: u64 = 64 << 20;
/// How much of a tensor is read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// How much of each row goes into the fingerprint: hashing everything would take longer than
/// loading, and no retraining leaves the start of every row as it was.
const ROW_BYTES_HASHED: usize = 64;

/// An open weight file.
pub(crate) struct WeightFile {
    path: PathBuf,
    file: File,
    data_start: u64,
    tensors: HashMap<String, Tensor>,
    /// What stands before the usual names, such as `bert.`.
    prefix: String,
    hash: Sha256,
}

#[derive(Debug, Clone, Deserialize)]
struct Tensor {
    dtype: Type,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum Type {
    F32,
    F16,
    BF16,
    /// Types that no weight has; tensors of such types may be there but are not read.
    #[serde(other)]
    Other,
}

impl Type {
    const fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
            Self::Other => 0,
        }
    }
}

impl WeightFile {
    pub(crate) fn open(path: &Path) -> Result<Self, ModelError> {
        let file = File::open(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ModelError::Missing { path: path.to_owned() },
            _ => ModelError::File { path: path.to_owned(), source },
        })?;
        let mut weights = Self {
            path: path.to_owned(),
            file,
            data_start: 0,
            tensors: HashMap::new(),
            prefix: String::new(),
            hash: Sha256::new(),
        };
        weights.read_header()?;
        Ok(weights)
    }

    fn read_header(&mut self) -> Result<(), ModelError> {
        let mut length = [0; 8];
        self.file.read_exact(&mut length).map_err(|source| self.access(source))?;
        let length = u64::from_le_bytes(length);
        if length > HEADER_BYTES_MAX {
            return Err(self.malformed(format!("its header of {length} bytes is too long")));
        }
        let mut header = vec![0; length as usize];
        self.file.read_exact(&mut header).map_err(|source| self.access(source))?;
        self.hash.update(&header);
        self.data_start = 8 + length;
        let entries: HashMap<String, serde_json::Value> =
            serde_json::from_slice(&header).map_err(|error| self.malformed(error.to_string()))?;
        for (name, entry) in entries.into_iter().filter(|(name, _)| name != "__metadata__") {
            let tensor =
                serde_json::from_value(entry).map_err(|error| self.malformed(error.to_string()))?;
            self.tensors.insert(name, tensor);
        }
        const FIRST: &str = "embeddings.word_embeddings.weight";
        let prefix = self.tensors.keys().find_map(|name| name.strip_suffix(FIRST));
        let prefix = prefix.map(str::to_owned);
        self.prefix = prefix.ok_or_else(|| self.malformed(format!("it has no `{FIRST}`")))?;
        Ok(())
    }

    /// Hands over the rows of a matrix one by one, as f32.
    pub(crate) fn for_rows(
        &mut self,
        name: &str,
        shape: [usize; 2],
        mut row_seen: impl FnMut(usize, &[f32]),
    ) -> Result<(), ModelError> {
        let (tensor, name) = self.find(name)?;
        let [rows, columns] = shape;
        let flat = rows == 1 && tensor.shape == [columns];
        let row_bytes = columns * tensor.dtype.size();
        let (start, end) = tensor.data_offsets;
        if !(flat || tensor.shape == shape) || row_bytes == 0 {
            let found = (tensor.dtype, &tensor.shape);
            return Err(self.malformed(format!("`{name}` is {found:?} instead of {shape:?}")));
        }
        if end.checked_sub(start) != Some((rows * row_bytes) as u64) {
            return Err(self.malformed(format!("`{name}` has the wrong length")));
        }
        self.seek(self.data_start.saturating_add(start))?;
        let rows_at_once = (CHUNK_BYTES / row_bytes).max(1);
        let mut bytes = vec![0; rows_at_once.min(rows) * row_bytes];
        let mut row = vec![0.0; columns];
        for first in (0..rows).step_by(rows_at_once) {
            let chunk = &mut bytes[..rows_at_once.min(rows - first) * row_bytes];
            self.file.read_exact(chunk).map_err(|source| self.access(source))?;
            for (offset, encoded) in chunk.chunks_exact(row_bytes).enumerate() {
                self.hash.update(&encoded[..row_bytes.min(ROW_BYTES_HASHED)]);
                decode(tensor.dtype, encoded, &mut row);
                row_seen(first + offset, &row);
            }
        }
        Ok(())
    }

    /// A vector of known length.
    pub(crate) fn vector(&mut self, name: &str, length: usize) -> Result<Vec<f32>, ModelError> {
        let mut values = Vec::new();
        self.for_rows(name, [1, length], |_, row| values.extend_from_slice(row))?;
        Ok(values)
    }

    /// From here on names stand for themselves: a head on the encoder has no prefix.
    pub(crate) fn leave_prefix(&mut self) {
        self.prefix.clear();
    }

    /// The hash of the header and of the start of each row read so far.
    pub(crate) fn into_hash(self) -> Sha256 {
        self.hash
    }

    fn find(&self, name: &str) -> Result<(Tensor, String), ModelError> {
        let name = format!("{}{name}", self.prefix);
        match self.tensors.get(&name) {
            Some(tensor) => Ok((tensor.clone(), name)),
            None => Err(self.malformed(format!("it has no `{name}`"))),
        }
    }

    fn seek(&mut self, position: u64) -> Result<(), ModelError> {
        self.file.seek(SeekFrom::Start(position)).map_err(|source| self.access(source))?;
        Ok(())
    }

    fn access(&self, source: io::Error) -> ModelError {
        if source.kind() == io::ErrorKind::UnexpectedEof {
            return self.malformed("it is cut off".to_owned());
        }
        ModelError::File { path: self.path.clone(), source }
    }

    fn malformed(&self, reason: String) -> ModelError {
        ModelError::Malformed { path: self.path.clone(), reason }
    }
}

fn decode(dtype: Type, encoded: &[u8], row: &mut [f32]) {
    match dtype {
        Type::F32 => {
            let (values, _) = encoded.as_chunks::<4>();
            for (slot, bytes) in row.iter_mut().zip(values) {
                *slot = f32::from_le_bytes(*bytes);
            }
        }
        Type::F16 | Type::BF16 => {
            let (values, _) = encoded.as_chunks::<2>();
            for (slot, bytes) in row.iter_mut().zip(values) {
                let bits = u16::from_le_bytes(*bytes);
                *slot = match dtype {
                    Type::F16 => half_to_f32(bits),
                    _ => f32::from_bits(u32::from(bits) << 16),
                };
            }
        }
        Type::Other => {}
    }
}

/// IEEE 754 binary16. The exponent and fraction are moved into place and the bias corrected by a
/// multiplication, which is exact for subnormal numbers too.
fn half_to_f32(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let magnitude = u32::from(bits & 0x7fff) << 13;
    let value = if bits & 0x7c00 == 0x7c00 {
        f32::from_bits(magnitude | 0x7f80_0000)
    } else {
        f32::from_bits(magnitude) * f32::from_bits((127 + 112) << 23)
    };
    f32::from_bits(value.to_bits() | sign)
}

#[cfg(test)]
mod tests;
