//! Embeddings for Assay's own use.

use serde::{Deserialize, Serialize};

use crate::{
    Dialect, GatewayError, ReplyBody,
    own::{OwnModel, Purpose},
};

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

impl OwnModel {
    /// One vector for each text, in the order of the texts, as the provider gives it.
    ///
    /// # Errors
    /// When no target answers, a budget refuses, or a text is left without a vector.
    pub async fn embed(
        &self,
        purpose: Purpose<'_>,
        texts: &[&str],
    ) -> Result<Vec<Vec<f32>>, GatewayError> {
        let body = WireRequest { model: &self.name, input: texts, encoding_format: "float" };
        let reply = self.call(Dialect::Embeddings, purpose, &body).await?;
        let ReplyBody::Whole(bytes) = reply.body else {
            return Err(self.malformed("it is a stream"));
        };
        let answer: WireResponse =
            serde_json::from_slice(&bytes).map_err(|error| self.malformed(error.to_string()))?;
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
