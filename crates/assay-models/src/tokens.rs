//! Texts to token ids.

use std::{fs, path::Path};

use tokenizers::Tokenizer;

use crate::ModelError;

/// The tokenizer of a model, with truncation and padding of its own switched off.
#[derive(Debug)]
pub(crate) struct TokenReader {
    tokenizer: Tokenizer,
}

impl TokenReader {
    /// Reads `tokenizer.json`, whose ids must lie below `vocabulary`.
    pub(crate) fn read(bytes: &[u8], path: &Path, vocabulary: usize) -> Result<Self, ModelError> {
        let malformed = |reason| ModelError::Malformed { path: path.to_owned(), reason };
        let mut tokenizer =
            Tokenizer::from_bytes(bytes).map_err(|error| malformed(error.to_string()))?;
        let largest = tokenizer.get_vocab(true).into_values().max().unwrap_or(0);
        if largest as usize >= vocabulary {
            return Err(malformed(format!("it has token {largest} of {vocabulary}")));
        }
        let _ = tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| malformed(error.to_string()))?;
        Ok(Self { tokenizer })
    }

    /// The ids of a text with special tokens around it, at most `max` of them: the middle is cut
    /// at its end, the closing special token stays.
    pub(crate) fn ids(&self, text: &str, max: usize) -> Result<Vec<u32>, ModelError> {
        let encoding = self.tokenizer.encode_fast(text, true);
        let encoding = encoding.map_err(|source| ModelError::Tokenize { source })?;
        let mut ids = encoding.get_ids().to_vec();
        if let (true, Some(last)) = (ids.len() > max, ids.last().copied()) {
            ids.truncate(max.saturating_sub(1));
            ids.push(last);
        }
        Ok(ids)
    }
}

/// Two texts as one sequence.
#[derive(Debug)]
pub(crate) struct Pair {
    /// The ids with special tokens.
    pub(crate) ids: Vec<u32>,
    /// Which text a token is of, as the tokenizer tells it.
    pub(crate) types: Vec<u32>,
}

impl TokenReader {
    /// The ids of two texts, at most `max` of them: the first text is cut at its end until both
    /// fit, and what still does not fit is cut off.
    pub(crate) fn pair(&self, first: &str, second: &str, max: usize) -> Result<Pair, ModelError> {
        let mut first = first;
        loop {
            let encoding = self.tokenizer.encode_fast((first, second), true);
            let encoding = encoding.map_err(|source| ModelError::Tokenize { source })?;
            let (ids, types) = (encoding.get_ids(), encoding.get_type_ids());
            let len = ids.len();
            if len <= max || first.is_empty() {
                let kept = len.min(max);
                let take = |all: &[u32]| all.iter().copied().take(kept).collect();
                return Ok(Pair { ids: take(ids), types: take(types) });
            }
            // At least a tenth goes, so that the loop ends.
            let kept = (first.len() * max / len).min(first.len() * 9 / 10);
            let end = (0..=kept).rev().find(|at| first.is_char_boundary(*at)).unwrap_or(0);
            first = first.get(..end).unwrap_or_default();
        }
    }
}

/// Reads the bytes of a file of the model.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, ModelError> {
    fs::read(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => ModelError::Missing { path: path.to_owned() },
        _ => ModelError::File { path: path.to_owned(), source },
    })
}
