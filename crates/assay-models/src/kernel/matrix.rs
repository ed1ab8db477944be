//! Matrices packed for the kernels: blocks of 16 outputs, so that one block is one vector register
//! and a product walks the memory in order.

/// Outputs in one block: the f32 or i32 lanes of a 512-bit register.
pub(crate) const LANES: usize = 16;

/// One input of 16 outputs.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct F32Block(pub(crate) [f32; LANES]);

/// Four inputs of 16 outputs, the operand of a VNNI instruction.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct I8Block(pub(crate) [[i8; 4]; LANES]);

/// A weight matrix in int8, one scale per output, in -127..=127.
#[derive(Debug)]
pub(crate) struct I8Matrix {
    outputs: usize,
    quads: usize,
    blocks: Vec<I8Block>,
    /// Per output, padded to whole tiles: value = weight * scale.
    scales: Vec<f32>,
    /// Per output: the sum of its weights, which takes the zero point of the rows out again.
    sums: Vec<i32>,
    bias: Vec<f32>,
}

impl I8Matrix {
    /// A matrix of zeros.
    pub(crate) fn new(inputs: usize, outputs: usize) -> Self {
        let (tiles, quads) = (outputs.div_ceil(LANES), inputs.div_ceil(4));
        Self {
            outputs,
            quads,
            blocks: vec![I8Block([[0; 4]; LANES]); tiles * quads],
            scales: vec![0.0; tiles * LANES],
            sums: vec![0; tiles * LANES],
            bias: vec![0.0; tiles * LANES],
        }
    }

    /// Sets the weights of one output.
    pub(crate) fn set_output(&mut self, output: usize, weights: &[f32]) {
        let largest = weights.iter().fold(0.0_f32, |largest, w| largest.max(w.abs()));
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        let (tile, lane) = (output / LANES, output % LANES);
        let blocks = &mut self.blocks[tile * self.quads..(tile + 1) * self.quads];
        let mut sum = 0;
        for (block, quad) in blocks.iter_mut().zip(weights.chunks(4)) {
            for (slot, weight) in block.0[lane].iter_mut().zip(quad) {
                *slot = (weight / scale).round() as i8;
                sum += i32::from(*slot);
            }
        }
        self.scales[output] = scale;
        self.sums[output] = sum;
    }

    /// Sets the bias of the outputs from `first` on.
    pub(crate) fn set_bias(&mut self, first: usize, bias: &[f32]) {
        self.bias[first..first + bias.len()].copy_from_slice(bias);
    }

    pub(crate) const fn outputs(&self) -> usize {
        self.outputs
    }

    /// Groups of four inputs.
    pub(crate) const fn quads(&self) -> usize {
        self.quads
    }

    pub(super) const fn tiles(&self) -> usize {
        self.sums.len() / LANES
    }

    /// The blocks of the tiles from `tile` on.
    pub(super) fn blocks_from(&self, tile: usize) -> &[I8Block] {
        &self.blocks[tile * self.quads..]
    }

    /// What turns the i32 sums of a tile into results.
    pub(super) fn finish(&self, tile: usize) -> I8Finish<'_> {
        let lanes = tile * LANES..(tile + 1) * LANES;
        I8Finish {
            scales: &self.scales[lanes.clone()],
            sums: &self.sums[lanes.clone()],
            bias: &self.bias[lanes],
            width: LANES.min(self.outputs - tile * LANES),
        }
    }
}

/// The per-output numbers of one tile; the slices hold [`LANES`] values.
pub(super) struct I8Finish<'a> {
    pub(super) scales: &'a [f32],
    pub(super) sums: &'a [i32],
    pub(super) bias: &'a [f32],
    /// Outputs that exist; the others are padding.
    pub(super) width: usize,
}

/// Rows in 8 bits, each with its own scale and zero point: value = (byte - zero) * scale.
#[derive(Debug, Default)]
pub(crate) struct QuantizedRows {
    stride: usize,
    bytes: Vec<u8>,
    grids: Vec<Grid>,
}

/// How the bytes of a row map to values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    pub(super) scale: f32,
    pub(super) zero: i32,
}

impl QuantizedRows {
    /// Empties it for rows of `inputs` values, keeping the memory.
    pub(crate) fn clear(&mut self, inputs: usize) {
        self.stride = inputs.div_ceil(4) * 4;
        self.bytes.clear();
        self.grids.clear();
    }

    pub(super) fn push_with(&mut self, row: &[f32], fill: impl FnOnce(&[f32], &mut [u8]) -> Grid) {
        assert!(row.len() <= self.stride, "the row is longer than announced");
        let start = self.bytes.len();
        self.bytes.resize(start + self.stride, 0);
        let out = &mut self.bytes[start..start + row.len()];
        self.grids.push(fill(row, out));
    }

    pub(crate) const fn len(&self) -> usize {
        self.grids.len()
    }

    pub(super) const fn stride(&self) -> usize {
        self.stride
    }

    /// The bytes of the rows from `row` on.
    pub(super) fn bytes_from(&self, row: usize) -> &[u8] {
        &self.bytes[row * self.stride..]
    }

    pub(super) fn grid(&self, row: usize) -> Grid {
        self.grids[row]
    }
}

/// Rows of f32 inside a larger slice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct F32Rows<'a> {
    /// The first row starts at 0.
    pub(crate) values: &'a [f32],
    pub(crate) count: usize,
    /// Distance between the starts of two rows.
    pub(crate) stride: usize,
}

impl F32Rows<'_> {
    pub(super) fn check(&self, inputs: usize) {
        let needed = self.count.saturating_sub(1) * self.stride + inputs;
        assert!(self.count == 0 || self.values.len() >= needed, "the rows are too short");
    }
}

/// A matrix in f32, borrowed: weights that stay, or keys and values packed for one head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct F32Matrix<'a> {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// `blocks[tile * inputs + input]`
    pub(crate) blocks: &'a [F32Block],
    /// One block a tile; empty for none.
    pub(crate) bias: &'a [F32Block],
}

impl F32Matrix<'_> {
    pub(super) fn check(&self) {
        let tiles = self.tiles();
        assert!(self.blocks.len() >= tiles * self.inputs, "too few blocks");
        assert!(self.bias.is_empty() || self.bias.len() >= tiles, "too little bias");
    }

    pub(super) const fn tiles(&self) -> usize {
        self.outputs.div_ceil(LANES)
    }

    pub(super) fn bias(&self, tile: usize) -> F32Block {
        self.bias.get(tile).copied().unwrap_or(F32Block([0.0; LANES]))
    }

    /// Outputs of a tile that exist; the others are padding.
    pub(super) fn width(&self, tile: usize) -> usize {
        LANES.min(self.outputs - tile * LANES)
    }
}
