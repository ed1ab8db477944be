//! Texts to sentence vectors.

use std::{
    fmt,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
};

use sha2::{Digest, Sha256};

use crate::{
    EmbedderSettings, ModelError, Pooling, TextRole,
    batch::{groups, in_parallel, threads},
    config::{Architecture, Recipe},
    encoder::{Encoder, Scratch},
    kernel::Isa,
    tokens::{TokenReader, read_file},
    weights::WeightFile,
};

/// Sets of working memory that are kept for the next call.
const SCRATCHES_KEPT: usize = 16;

/// A sentence embedding model in memory. It is read-only: share it in an `Arc` and call it from
/// any number of threads.
pub struct Embedder {
    name: String,
    fingerprint: String,
    threads: usize,
    tokens: TokenReader,
    recipe: Recipe,
    encoder: Encoder,
    scratches: Mutex<Vec<Scratch>>,
}

impl Embedder {
    /// Loads the model of a folder with `config.json`, `tokenizer.json` and `model.safetensors`,
    /// and optionally the files that sentence-transformers adds.
    ///
    /// # Errors
    /// A file is missing, unreadable or malformed, or the architecture is not supported.
    pub fn load(folder: &Path, settings: &EmbedderSettings) -> Result<Self, ModelError> {
        Self::load_for(Isa::detect(), folder, settings)
    }

    pub(crate) fn load_for(
        isa: Isa,
        folder: &Path,
        settings: &EmbedderSettings,
    ) -> Result<Self, ModelError> {
        let architecture = Architecture::read(folder)?;
        let recipe = Recipe::read(folder, &architecture, settings)?;
        let tokenizer_path = folder.join("tokenizer.json");
        let tokenizer_bytes = read_file(&tokenizer_path)?;
        let mut weights = WeightFile::open(&folder.join("model.safetensors"))?;
        let (tokens, encoder) = thread::scope(|scope| {
            let tokens = scope.spawn(|| {
                TokenReader::read(&tokenizer_bytes, &tokenizer_path, architecture.vocab_size)
            });
            let encoder = Encoder::read(&mut weights, &architecture, settings.precision, isa);
            (tokens.join(), encoder)
        });
        let tokens = tokens.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let mut hash = weights.into_hash();
        hash.update(&tokenizer_bytes);
        hash.update(format!("{:?} {recipe:?}", settings.precision));
        Ok(Self {
            name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            fingerprint: short_hex(hash),
            threads: threads(settings.threads),
            tokens,
            recipe,
            encoder: encoder?,
            scratches: Mutex::default(),
        })
    }

    /// One vector of [`Self::dimension`] numbers for each text, in their order. A text gets the
    /// same vector alone and among others.
    ///
    /// # Errors
    /// The tokenizer refuses a text.
    pub fn embed(&self, texts: &[&str], role: TextRole) -> Result<Vec<Vec<f32>>, ModelError> {
        let sequences =
            in_parallel(self.threads, texts.len(), |index| self.ids(texts[index], role));
        let sequences = sequences.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut by_length: Vec<usize> = (0..texts.len()).collect();
        by_length.sort_by_key(|index| std::cmp::Reverse(sequences[*index].len()));
        let groups = groups(&by_length, |index| sequences[index].len());
        let embedded = in_parallel(self.threads, groups.len(), |group| {
            let group: Vec<&[u32]> = groups[group].iter().map(|i| &*sequences[*i]).collect();
            self.embed_group(&group)
        });
        let mut vectors = vec![Vec::new(); texts.len()];
        for (index, vector) in by_length.iter().zip(embedded.into_iter().flatten()) {
            vectors[*index] = vector;
        }
        Ok(vectors)
    }

    /// Numbers in a vector.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.encoder.hidden()
    }

    /// The name of the model: that of its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tokens of a text, special tokens included, without limit or prefix; 0 for a text that
    /// the tokenizer refuses.
    #[must_use]
    pub fn count_tokens(&self, text: &str) -> usize {
        self.tokens.ids(text, usize::MAX).map_or(0, |ids| ids.len())
    }

    /// Tokens of a text that count; see [`EmbedderSettings::max_tokens`].
    #[must_use]
    pub fn max_tokens(&self) -> usize {
        self.recipe.max_tokens
    }

    /// 16 hexadecimal digits over the weights, the tokenizer and the settings that change vectors:
    /// kept next to stored vectors, it tells that they were made by another model.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn ids(&self, text: &str, role: TextRole) -> Result<Vec<u32>, ModelError> {
        match self.recipe.prefix(role) {
            "" => self.tokens.ids(text, self.recipe.max_tokens),
            prefix => self.tokens.ids(&format!("{prefix}{text}"), self.recipe.max_tokens),
        }
    }

    fn embed_group(&self, sequences: &[&[u32]]) -> Vec<Vec<f32>> {
        let mut scratch = self.scratches().pop().unwrap_or_default();
        self.encoder.run(sequences, &mut scratch);
        let mut rows = scratch.rows.chunks_exact(self.dimension());
        let vectors =
            sequences.iter().map(|ids| self.pool(&mut rows.by_ref().take(ids.len()))).collect();
        let mut kept = self.scratches();
        if kept.len() < SCRATCHES_KEPT {
            kept.push(scratch);
        }
        vectors
    }

    /// Joins the token vectors of one sequence. All rows are consumed.
    fn pool(&self, rows: &mut dyn ExactSizeIterator<Item = &[f32]>) -> Vec<f32> {
        let mut vector = vec![0.0; self.dimension()];
        let share = match self.recipe.pooling {
            Pooling::Mean => 1.0 / rows.len() as f32,
            Pooling::Cls => 1.0,
        };
        for (index, row) in rows.enumerate() {
            if index == 0 || self.recipe.pooling == Pooling::Mean {
                for (sum, value) in vector.iter_mut().zip(row) {
                    *sum += share * value;
                }
            }
        }
        if self.recipe.normalize {
            let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            vector.iter_mut().for_each(|x| *x /= length);
        }
        vector
    }

    fn scratches(&self) -> std::sync::MutexGuard<'_, Vec<Scratch>> {
        // A panic elsewhere leaves at worst a set of memory behind whose content nobody reads.
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Embedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, fingerprint, .. } = self;
        write!(f, "Embedder({name}, {fingerprint})")
    }
}

fn short_hex(hash: Sha256) -> String {
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) mod tests;
