//! Where a passage of a public page comes from, and why it stands where it does.

use std::sync::Arc;

use assay_core::VersionId;
use assay_store::WebText;
use assay_web::ProviderName;

use crate::FoundPassage;

/// What is said of a passage of a public page besides the passage itself.
#[derive(Debug, Clone)]
pub struct WebOrigin {
    /// Who gave it.
    pub provider: ProviderName,
    /// Who wrote it, as far as the provider says.
    pub author: Option<String>,
    /// Under which licence, as far as the provider says.
    pub licence: Option<String>,
    /// When the page was last changed, in milliseconds since 1970.
    pub changed_ms: Option<i64>,
    /// When it was fetched, in milliseconds since 1970.
    pub fetched_ms: i64,
    /// How well its words and meaning fit the question, 0 to 1; its rank is the product with the
    /// next three.
    pub relevance: f32,
    /// More than 1 for sources that many people check.
    pub credibility: f32,
    /// More than 1 for what changed in the last 30 days.
    pub recency: f32,
    /// Less than 1 when more of the same source stands above it.
    pub diversity: f32,
    /// The whole text of the page, which the passage's offsets count in.
    pub(crate) text: Arc<str>,
}

/// The texts of the pages among `shown`, each once, that `is_new` wants.
pub(super) fn texts(
    shown: &[FoundPassage],
    mut is_new: impl FnMut(VersionId) -> bool,
) -> Vec<WebText> {
    let mut texts: Vec<WebText> = Vec::new();
    for found in shown {
        let (passage, Some(origin)) = (&found.passage, &found.web) else { continue };
        let known = texts.iter().any(|text| text.version == passage.version);
        if known || !is_new(passage.version) {
            continue;
        }
        texts.push(WebText {
            version: passage.version,
            document: passage.document,
            provider: origin.provider.as_str().to_owned(),
            url: passage.source_key.clone(),
            title: passage.title.clone().unwrap_or_default(),
            author: origin.author.clone(),
            licence: origin.licence.clone(),
            changed_ms: origin.changed_ms,
            fetched_ms: origin.fetched_ms,
            text: origin.text.to_string(),
        });
    }
    texts
}
