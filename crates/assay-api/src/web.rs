//! Texts of public pages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Attribution;

/// The text of a public page as it was shown, for a citation to be opened.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WebTextResponse {
    /// This text of this page, as citations name it.
    pub version_id: String,
    /// The page.
    pub document_id: String,
    /// The public source.
    pub provider: String,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// When the page was last changed, as far as the source says.
    pub changed_at: Option<String>,
    /// Who wrote it and under which licence.
    pub attribution: Attribution,
    /// The text that offsets of citations count in.
    pub text: String,
}
