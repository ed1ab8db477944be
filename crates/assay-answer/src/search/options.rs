//! What a search may be asked for beside words: conditions, order, grouping, counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AnswerError, Condition};

/// Results of one search at most.
pub const RESULTS_MAX: usize = 50;
/// The last result that paging reaches: what each lane ranks.
pub const LAST_RESULT: usize = 100;
/// Fields that are counted at most, and values of each.
pub const FACET_FIELDS_MAX: usize = 20;
/// Values of a field that are shown at most.
pub const FACET_VALUES_MAX: usize = 100;

/// What one result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GroupBy {
    /// A passage.
    #[default]
    Passage,
    /// A document: its best passage, joined with neighbours that were found too, and the others.
    Document,
}

impl std::str::FromStr for GroupBy {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        match text {
            "document" => Ok(Self::Document),
            "passage" => Ok(Self::Passage),
            _ => Err(AnswerError::Invalid {
                what: format!("`{text}` is nothing that results are grouped by"),
                hint: "use `document` or `passage`",
            }),
        }
    }
}

/// What a search may be asked for beside words; the default asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct SearchOptions {
    /// Only passages that this holds for.
    pub filter: Option<Condition>,
    /// Results that are passed over.
    pub offset: usize,
    /// Only passages of at least this score, 0 to 1.
    pub min_score: Option<f32>,
    /// What one result is.
    pub group_by: GroupBy,
    /// How much relevance counts against variety, 0 to 1; none for relevance alone.
    pub diversify: Option<f32>,
    /// Weights in place of those that the collections set.
    pub weights: Option<SearchSettings>,
    /// Fields whose values are counted.
    pub facet_fields: Vec<String>,
    /// Values of each that are shown; 10 when 0.
    pub facet_values: usize,
    /// Whether each result tells where its score comes from.
    pub explain: bool,
}

impl SearchOptions {
    pub(super) fn check(&self, limit: usize) -> Result<(), AnswerError> {
        let invalid = |what, hint| Err(AnswerError::Invalid { what, hint });
        if !(1..=RESULTS_MAX).contains(&limit) {
            return invalid(
                format!("limit {limit} is not 1 to {RESULTS_MAX}"),
                "ask for fewer results, or narrow the query",
            );
        }
        if self.offset.saturating_add(limit) > LAST_RESULT {
            return invalid(
                format!("offset {} and limit {limit} go past {LAST_RESULT}", self.offset),
                "narrow the query or add a filter: what comes later is not ranked",
            );
        }
        let share = |name, value: Option<f32>| match value {
            Some(value) if !(0.0..=1.0).contains(&value) => {
                invalid(format!("{name} {value} is not 0 to 1"), "use a number from 0 to 1")
            }
            _ => Ok(()),
        };
        share("min_score", self.min_score)?;
        share("diversification_lambda", self.diversify)?;
        if self.facet_fields.len() > FACET_FIELDS_MAX || self.facet_values > FACET_VALUES_MAX {
            return invalid(
                format!("more than {FACET_FIELDS_MAX} facet fields or {FACET_VALUES_MAX} values"),
                "ask for fewer facets",
            );
        }
        if self.facet_fields.iter().any(|field| crate::filter::canonical(field) == "page") {
            return invalid(
                "the page belongs to a passage, and facets count documents".to_owned(),
                "leave `page` out of the facet fields",
            );
        }
        Ok(())
    }
}

/// How results are weighed: of a collection, or of one request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchSettings {
    /// Share of the vector score in the fused score, 0 to 1; that of the installation when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector_weight: Option<f32>,
    /// How newer documents come first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recency: Option<Recency>,
    /// What weighs more or less, such as sources of authority and kinds of files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<WeightRule>,
}

/// How newer documents come first: the scores of both lanes are multiplied by
/// `1 + weight * 0.5^(age / half_life)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recency {
    /// Days after which half of the weight is left.
    pub half_life_days: f32,
    /// What a document of today gains, 0 to 10.
    pub weight: f32,
}

/// Documents whose score is multiplied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightRule {
    /// Which ones: a condition as in a filter, text or JSON.
    pub when: serde_json::Value,
    /// By what, 0.1 to 10.
    pub weight: f32,
}

/// How often the values of one field occur.
#[derive(Debug, Clone, PartialEq)]
pub struct Facet {
    /// The most frequent first.
    pub values: Vec<FacetValue>,
    /// Documents that were counted, those without a value included.
    pub total_docs: u64,
    /// Different values, those not shown included.
    pub distinct_values: u64,
}

/// One value of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// Documents that have it.
    pub count: u64,
    /// Their share of all that were counted, in percent.
    pub percentage: f64,
}

/// Facets by the name of their field.
pub type Facets = BTreeMap<String, Facet>;
