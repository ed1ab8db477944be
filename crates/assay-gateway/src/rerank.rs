//! Reranking by a provider, in the shape that Cohere, Jina, Voyage and vLLM share.

use serde::{Deserialize, Serialize};

use crate::{Endpoint, GatewayError};

#[derive(Serialize)]
struct WireRequest<'a> {
    model: &'a str,
    query: &'a str,
    documents: &'a [&'a str],
    top_n: usize,
}

#[derive(Deserialize)]
struct WireResponse {
    results: Vec<WireResult>,
}

#[derive(Deserialize)]
struct WireResult {
    index: usize,
    relevance_score: f32,
}

impl Endpoint {
    /// How well each text answers the query, in the order of the texts: higher is better, the
    /// scale is the provider's own.
    ///
    /// # Errors
    /// When the provider cannot be reached, refuses, or leaves a text without a score.
    pub async fn rerank(&self, query: &str, texts: &[&str]) -> Result<Vec<f32>, GatewayError> {
        let body = WireRequest { model: self.model(), query, documents: texts, top_n: texts.len() };
        let response = self.post("rerank", &body).await?;
        let answer: WireResponse = self.read_json(response).await?;
        let mut scores = vec![None; texts.len()];
        for item in answer.results {
            let Some(place) = scores.get_mut(item.index) else {
                let reason = format!("it scores text {} of {}", item.index, texts.len());
                return Err(self.malformed(reason));
            };
            *place = Some(item.relevance_score).filter(|score| score.is_finite());
        }
        let missing = scores.iter().position(Option::is_none);
        match missing {
            None => Ok(scores.into_iter().flatten().collect()),
            Some(index) => Err(self.malformed(format!("text {index} got no score"))),
        }
    }
}
