//! Collections.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::SearchWeights;

/// Settings of a collection that differ from those of the installation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CollectionSettings {
    /// Tokens that a passage aims at, 20 to 2,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passage_tokens: Option<usize>,
    /// How its documents are weighed in searches.
    #[serde(skip_serializing_if = "SearchWeights::is_neutral")]
    pub search: SearchWeights,
}

/// A named set of documents.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CollectionResponse {
    /// Its name.
    pub name: String,
    /// Documents in it.
    pub documents: u64,
    /// What differs from the installation.
    pub settings: CollectionSettings,
    /// When it was created.
    pub created_at: String,
}

/// All collections.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CollectionListResponse {
    /// By name.
    pub collections: Vec<CollectionResponse>,
}

/// A collection to make.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectionRequest {
    /// Its name: at most 128 bytes, unique.
    pub name: String,
    /// What differs from the installation.
    #[serde(default)]
    pub settings: CollectionSettings,
    /// Who may read it; everybody of the tenant when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<crate::AccessRequest>,
}

/// What to change of a collection; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CollectionChange {
    /// Its new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its settings, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<CollectionSettings>,
}

/// How to remove a collection.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CollectionDeleteParams {
    /// Also when it holds documents, and them with it.
    pub documents: bool,
}

/// Documents that are being read again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadAgainResponse {
    /// How many were begun; each stays searchable as it is until its new version is ready.
    pub begun: u64,
}
