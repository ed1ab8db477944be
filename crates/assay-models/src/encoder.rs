//! The encoder: token ids in, token vectors out, for a ragged batch of sequences.

use crate::{
    ModelError, Precision,
    attention::{AttentionScratch, attend},
    config::Architecture,
    embedding::EmbeddingTable,
    kernel::{Isa, LayerNorm, QuantizedRows},
    linear::Linear,
    weights::WeightFile,
};

/// Rows that pass through the feed-forward part together, so that its wide result stays in the
/// cache.
const FEED_FORWARD_ROWS: usize = 64;

/// A BERT encoder with its weights.
#[derive(Debug)]
pub(crate) struct Encoder {
    isa: Isa,
    hidden: usize,
    heads: usize,
    words: EmbeddingTable,
    /// Position vectors from the first that a token can have, the vector of token type 0 added.
    positions: Vec<f32>,
    /// What the vector of token type 1 has over that of type 0; empty without a type 1.
    second_type: Vec<f32>,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    query_key_value: Linear,
    attention_out: Linear,
    attention_norm: LayerNorm,
    widen: Linear,
    narrow: Linear,
    out_norm: LayerNorm,
}

/// Memory that a forward pass works in, kept between calls.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    quantized: QuantizedRows,
    attention: AttentionScratch,
    projected: Vec<f32>,
    context: Vec<f32>,
    wide: Vec<f32>,
    /// The token vectors after [`Encoder::run`], one after the other.
    pub(crate) rows: Vec<f32>,
}

impl Encoder {
    pub(crate) fn read(
        weights: &mut WeightFile,
        architecture: &Architecture,
        precision: Precision,
        isa: Isa,
    ) -> Result<Self, ModelError> {
        let hidden = architecture.hidden_size;
        let layer = |index| Layer::read(weights, architecture, precision, index);
        let layers = (0..architecture.num_hidden_layers).map(layer).collect::<Result<_, _>>()?;
        let words = EmbeddingTable::read(
            weights,
            precision,
            "embeddings.word_embeddings.weight",
            [architecture.vocab_size, hidden],
        )?;
        let (positions, second_type) = positions(weights, architecture)?;
        Ok(Self {
            isa,
            hidden,
            heads: architecture.num_attention_heads,
            words,
            positions,
            second_type,
            norm: norm(weights, "embeddings.LayerNorm", architecture)?,
            layers,
        })
    }

    pub(crate) const fn hidden(&self) -> usize {
        self.hidden
    }

    /// Runs sequences of token ids and leaves their token vectors in `scratch.rows`. Ids must lie
    /// inside the vocabulary and sequences must not be longer than there are positions.
    pub(crate) fn run(&self, sequences: &[&[u32]], scratch: &mut Scratch) {
        self.run_pairs(sequences, &[], scratch);
    }

    /// The same for sequences whose tokens from `seconds[i]` on are of type 1; all of type 0 where
    /// `seconds` ends.
    pub(crate) fn run_pairs(&self, sequences: &[&[u32]], seconds: &[usize], scratch: &mut Scratch) {
        self.embed_tokens(sequences, seconds, scratch);
        for layer in &self.layers {
            layer.attend(self, sequences, scratch);
            layer.feed_forward(self.isa, scratch);
        }
    }

    fn embed_tokens(&self, sequences: &[&[u32]], seconds: &[usize], scratch: &mut Scratch) {
        let tokens: usize = sequences.iter().map(|sequence| sequence.len()).sum();
        scratch.rows.resize(tokens * self.hidden, 0.0);
        let rows = scratch.rows.chunks_exact_mut(self.hidden);
        let seconds = seconds.iter().copied().chain(std::iter::repeat(usize::MAX));
        let tokens = sequences.iter().zip(seconds).flat_map(|(sequence, second)| {
            let positions = self.positions.chunks_exact(self.hidden);
            let types = (0..).map(move |place| place >= second);
            sequence.iter().copied().zip(positions).zip(types)
        });
        for (row, ((id, position), is_second)) in rows.zip(tokens) {
            self.words.copy_row(id, row);
            if is_second {
                row.iter_mut().zip(&self.second_type).for_each(|(value, more)| *value += more);
            }
            self.isa.add_and_normalize(row, position, &self.norm);
        }
    }
}

impl Layer {
    fn read(
        weights: &mut WeightFile,
        architecture: &Architecture,
        precision: Precision,
        index: usize,
    ) -> Result<Self, ModelError> {
        let hidden = architecture.hidden_size;
        let wide = architecture.intermediate_size;
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let mut linear = |parts: &[&str], inputs, outputs| {
            let names: Vec<_> = parts.iter().map(|part| name(part)).collect();
            Linear::read(weights, precision, &names, inputs, outputs)
        };
        let projections = ["attention.self.query", "attention.self.key", "attention.self.value"];
        let query_key_value = linear(&projections, hidden, hidden)?;
        let attention_out = linear(&["attention.output.dense"], hidden, hidden)?;
        let widen = linear(&["intermediate.dense"], hidden, wide)?;
        let narrow = linear(&["output.dense"], wide, hidden)?;
        Ok(Self {
            query_key_value,
            attention_out,
            attention_norm: norm(weights, &name("attention.output.LayerNorm"), architecture)?,
            widen,
            narrow,
            out_norm: norm(weights, &name("output.LayerNorm"), architecture)?,
        })
    }

    fn attend(&self, encoder: &Encoder, sequences: &[&[u32]], scratch: &mut Scratch) {
        let Encoder { isa, hidden, heads, .. } = *encoder;
        let Scratch { quantized, attention, projected, context, rows, .. } = scratch;
        projected.resize(3 * rows.len(), 0.0);
        self.query_key_value.apply(isa, rows, quantized, projected);
        context.resize(rows.len(), 0.0);
        let mut start = 0;
        for sequence in sequences {
            let end = start + sequence.len() * hidden;
            let (own, out) = (&projected[3 * start..3 * end], &mut context[start..end]);
            attend(isa, heads, hidden, own, attention, out);
            start = end;
        }
        self.attention_out.apply(isa, context, quantized, projected);
        let added = projected.chunks_exact(hidden);
        for (row, added) in rows.chunks_exact_mut(hidden).zip(added) {
            isa.add_and_normalize(row, added, &self.attention_norm);
        }
    }

    fn feed_forward(&self, isa: Isa, scratch: &mut Scratch) {
        let hidden = self.narrow.outputs();
        let width = self.widen.outputs();
        let Scratch { quantized, context, wide, rows, .. } = scratch;
        for rows in rows.chunks_mut(FEED_FORWARD_ROWS * hidden) {
            wide.resize(rows.len() / hidden * width, 0.0);
            self.widen.apply(isa, rows, quantized, wide);
            isa.gelu(wide);
            self.narrow.apply(isa, wide, quantized, context);
            let added = context.chunks_exact(hidden);
            for (row, added) in rows.chunks_exact_mut(hidden).zip(added) {
                isa.add_and_normalize(row, added, &self.out_norm);
            }
        }
    }
}

fn norm(
    weights: &mut WeightFile,
    name: &str,
    architecture: &Architecture,
) -> Result<LayerNorm, ModelError> {
    let mut part = |part| weights.vector(&format!("{name}.{part}"), architecture.hidden_size);
    Ok(LayerNorm {
        gain: part("weight")?,
        bias: part("bias")?,
        epsilon: architecture.layer_norm_eps,
    })
}

/// The positions with token type 0, and what type 1 has over it.
fn positions(
    weights: &mut WeightFile,
    architecture: &Architecture,
) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
    let hidden = architecture.hidden_size;
    let mut token_type = vec![0.0; hidden];
    let mut second_type = Vec::new();
    let shape = [architecture.type_vocab_size, hidden];
    weights.for_rows("embeddings.token_type_embeddings.weight", shape, |row, values| {
        if row == 0 {
            token_type.copy_from_slice(values);
        } else if row == 1 {
            second_type = values.iter().zip(&token_type).map(|(a, b)| a - b).collect();
        }
    })?;
    let mut positions = Vec::with_capacity(architecture.max_tokens() * hidden);
    let shape = [architecture.max_position_embeddings, hidden];
    weights.for_rows("embeddings.position_embeddings.weight", shape, |row, values| {
        if row >= architecture.first_position() {
            positions.extend(values.iter().zip(&token_type).map(|(a, b)| a + b));
        }
    })?;
    Ok((positions, second_type))
}
