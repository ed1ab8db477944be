//! Embeddings from a provider.

use serde::{Deserialize, Serialize};

use crate::{Endpoint, GatewayError};

#[derive(Serialize)]
struct WireRequest<'a> {
    model: &'a str,
    input: &'a [&'a str],
    encoding_format: &'static str,
}

#[derive(Deserialize)]
struct WireResponse {
    data: Vec<WireEmbedding>,
}

#[derive(Deserialize)]
struct WireEmbedding {
    index: usize,
    embedding: Vec<f32>,
}

impl Endpoint {
    /// One vector for each text, in the order of the texts, as the provider gives it.
    ///
    /// # Errors
    /// When the provider cannot be reached, refuses, or leaves a text without a vector.
    pub async fn embeddings(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, GatewayError> {
        let body = WireRequest { model: self.model(), input: texts, encoding_format: "float" };
        let response = self.post("embeddings", &body).await?;
        let answer: WireResponse = self.read_json(response).await?;
        let mut vectors = vec![Vec::new(); texts.len()];
        for item in answer.data {
            if let Some(place) = vectors.get_mut(item.index) {
                *place = item.embedding;
            }
        }
        match vectors.iter().position(Vec::is_empty) {
            None => Ok(vectors),
            Some(index) => Err(self.malformed(format!("text {index} got no vector"))),
        }
    }
}
