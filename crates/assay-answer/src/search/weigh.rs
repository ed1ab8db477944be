//! What a document's date, source and kind do to its score.

use super::options::{Recency, SearchSettings};
use crate::{
    AnswerError, Condition,
    catalogue::Seen,
    filter::{PAGE, Truth},
};

/// Rules in one set of weights at most.
const RULES_MAX: usize = 32;
const DAY_MS: f64 = 86_400_000.0;

/// Settings that were checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weighting {
    pub(super) vector_weight: Option<f32>,
    recency: Option<Recency>,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    /// The condition as it was written.
    shown: String,
    when: Condition,
    weight: f32,
}

/// A factor of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Boost {
    /// `recency`, or the condition of a rule.
    pub reason: String,
    /// What the score was multiplied by.
    pub factor: f32,
}

impl Weighting {
    /// Checks settings.
    pub(crate) fn of(settings: &SearchSettings) -> Result<Self, AnswerError> {
        let within = |name: &str, value: f32, low: f32, high: f32| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(AnswerError::Invalid {
                what: format!("{name} {value} is not {low} to {high}"),
                hint: "weights near 1 change little; leave them out for none",
            })
        };
        if let Some(weight) = settings.vector_weight {
            within("vector_weight", weight, 0.0, 1.0)?;
        }
        if let Some(recency) = settings.recency {
            within("recency.half_life_days", recency.half_life_days, 0.01, 36_500.0)?;
            within("recency.weight", recency.weight, 0.0, 10.0)?;
        }
        if settings.weights.len() > RULES_MAX {
            return Err(AnswerError::Invalid {
                what: format!("{} weights, and {RULES_MAX} are allowed", settings.weights.len()),
                hint: "join rules of the same weight with `or`",
            });
        }
        let rules = settings.weights.iter().map(|rule| {
            within("weight", rule.weight, 0.1, 10.0)?;
            let when = Condition::from_json(&rule.when)?;
            if when.fields().contains(&PAGE) {
                return Err(AnswerError::Invalid {
                    what: "a weight cannot depend on `page`".to_owned(),
                    hint: "weights are of documents: use a field of the document",
                });
            }
            let shown = rule.when.as_str().map_or_else(|| rule.when.to_string(), str::to_owned);
            Ok(Rule { shown, when, weight: rule.weight })
        });
        Ok(Self {
            vector_weight: settings.vector_weight,
            recency: settings.recency,
            rules: rules.collect::<Result<_, _>>()?,
        })
    }

    /// The factors for a document at the time `now_ms`; none that is 1.
    pub(super) fn boosts(&self, document: Seen<'_>, now_ms: i64) -> Vec<Boost> {
        let mut boosts = Vec::new();
        if let Some(recency) = self.recency.filter(|recency| recency.weight > 0.0) {
            #[expect(clippy::cast_precision_loss, reason = "days, not milliseconds, count")]
            let days = (now_ms - document.date_ms()).max(0) as f64 / DAY_MS;
            #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
            let left = 0.5_f64.powf(days / f64::from(recency.half_life_days)) as f32;
            let factor = 1.0 + recency.weight * left;
            boosts.push(Boost { reason: "recency".to_owned(), factor });
        }
        let hold = |rule: &&Rule| rule.when.truth(&document.document()) == Truth::Yes;
        boosts.extend(
            self.rules
                .iter()
                .filter(hold)
                .map(|rule| Boost { reason: rule.shown.clone(), factor: rule.weight }),
        );
        boosts
    }
}
