//! A better model in the verifier's place: an entailment model from a folder, or a language model
//! behind an endpoint. When it fails or is late, the built-in verdict stands, with a note.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use assay_core::ErrorChain;
use assay_gateway::{Gateway, OwnModel, Purpose};
use assay_models::Entailer;

use crate::{
    AnswerError, Engine, VerifierSettings,
    engine::lock_mutex,
    verify::{Judgement, PARTIAL_MIN, SUPPORTED_MIN, Sentence, Verdict},
};

mod chat;

/// The name of the judge's own endpoint in the gateway.
pub(crate) const JUDGE: &str = "assay:judge";
/// After a failure the model is left alone for this long, so that a dead one costs one wait and
/// not one for each claim.
const REST: Duration = Duration::from_secs(10);
/// From this probability on an entailment model's label counts.
const LABEL_MIN: f32 = 0.5;

/// A model that judges claims.
pub(crate) struct Judge {
    model: Model,
    budget: Duration,
    /// Until when it is left alone, and why.
    resting: Mutex<Option<(Instant, String)>>,
}

enum Model {
    Chat(OwnModel),
    Entailment(Arc<Entailer>),
    /// It is set up but cannot be used, and why.
    Broken(String),
}

/// What a model says to a claim; sentences by their place among those that it was shown.
#[derive(Debug, PartialEq)]
struct Opinion {
    verdict: Verdict,
    confidence: f32,
    sentences: Vec<usize>,
}

impl Judge {
    /// The model of the settings, if they name one.
    pub(crate) fn open(
        settings: VerifierSettings,
        gateway: &Gateway,
        models: &Path,
    ) -> Option<Self> {
        let broken = |reason: String| {
            tracing::warn!(error = %reason, "the built-in verifier judges");
            Model::Broken(reason)
        };
        let model = if settings.endpoint.is_some() {
            Model::Chat(gateway.own_model(JUDGE))
        } else if settings.model.is_empty() {
            return None;
        } else {
            match Entailer::load(&models.join(&settings.model)) {
                Ok(entailer) => Model::Entailment(Arc::new(entailer)),
                Err(error) => broken(ErrorChain(&error).to_string()),
            }
        };
        let budget = Duration::from_millis(settings.claim_ms);
        Some(Self { model, budget, resting: Mutex::default() })
    }

    async fn opinion(
        &self,
        purpose: Purpose<'_>,
        claim: &str,
        shown: &[&str],
    ) -> Result<Opinion, String> {
        let resting = lock_mutex(&self.resting).clone();
        if let Some((_, reason)) = resting.filter(|(until, _)| Instant::now() < *until) {
            return Err(reason);
        }
        let work = async {
            match &self.model {
                Model::Chat(model) => chat::ask(model, purpose, claim, shown).await,
                Model::Entailment(entailer) => entailed(entailer, claim, shown).await,
                Model::Broken(reason) => Err(reason.clone()),
            }
        };
        let outcome = match tokio::time::timeout(self.budget, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(format!("it did not answer within {} ms", self.budget.as_millis())),
        };
        let failure = outcome.as_ref().err();
        *lock_mutex(&self.resting) = failure.map(|reason| (Instant::now() + REST, reason.clone()));
        outcome
    }
}

impl Engine {
    /// Judges a claim by its evidence: by the model that is set up, or by the built-in verifier
    /// when there is none or it failed; then the judgement has a note.
    pub(crate) async fn judge(
        &self,
        purpose: Purpose<'_>,
        claim: &Sentence<'_>,
        evidence: &[Sentence<'_>],
    ) -> Judgement {
        let mut judgement = self.verifier.check(claim, evidence);
        let Some(judge) = &self.judge else { return judgement };
        if judgement.is_verbatim() || judgement.nearest.is_empty() {
            return judgement;
        }
        let mut places = judgement.nearest.clone();
        places.sort_unstable();
        let shown: Vec<&str> =
            places.iter().filter_map(|at| evidence.get(*at)).map(|one| one.text).collect();
        match judge.opinion(purpose, claim.text, &shown).await {
            Ok(opinion) => {
                judgement.verdict = opinion.verdict;
                judgement.confidence = opinion.confidence;
                let named = opinion.sentences.iter().filter_map(|at| places.get(*at).copied());
                judgement.deciding = named.collect();
            }
            Err(reason) => {
                tracing::warn!(%reason, "the model that judges claims failed");
                let note = format!("the built-in verifier judged in place of the model: {reason}");
                judgement.note = Some(note);
            }
        }
        judgement
    }
}

/// Asks an entailment model about the sentences together and one by one: together they may hold
/// what none holds alone (as SummaC does with its maximum, Laban et al. 2022).
async fn entailed(
    entailer: &Arc<Entailer>,
    claim: &str,
    shown: &[&str],
) -> Result<Opinion, String> {
    let (entailer, claim) = (Arc::clone(entailer), claim.to_owned());
    let shown: Vec<String> = shown.iter().map(|text| (*text).to_owned()).collect();
    let work = move || {
        let mut whole = entailer.relation(&shown.join(" "), &claim)?;
        let mut ranked = Vec::new();
        for (at, sentence) in shown.iter().enumerate() {
            let alone = entailer.relation(sentence, &claim)?;
            whole.entails = whole.entails.max(alone.entails);
            whole.contradicts = whole.contradicts.max(alone.contradicts);
            ranked.push((at, alone));
        }
        Ok::<_, assay_models::ModelError>((whole, ranked))
    };
    let outcome = tokio::task::spawn_blocking(work).await.map_err(|_| AnswerError::Worker);
    let (whole, mut ranked) = outcome
        .map_err(|error| error.to_string())?
        .map_err(|error| ErrorChain(&error).to_string())?;
    let verdict = if whole.entails >= LABEL_MIN {
        Verdict::Supported
    } else if whole.contradicts >= LABEL_MIN {
        Verdict::Contradicted
    } else if whole.entails >= LABEL_MIN / 2.0 {
        Verdict::Partial
    } else {
        Verdict::Unsupported
    };
    let told = |relation: &assay_models::Entailment| match verdict {
        Verdict::Contradicted => relation.contradicts,
        _ => relation.entails,
    };
    ranked.sort_by(|(_, a), (_, b)| told(b).total_cmp(&told(a)));
    let sentences = match verdict {
        Verdict::Unsupported => Vec::new(),
        _ => ranked.iter().take(1).map(|(at, _)| *at).collect(),
    };
    Ok(Opinion { verdict, confidence: whole.entails, sentences })
}

/// A probability that fits its verdict: what is supported is at least as likely as the least that
/// counts as supported, and the other way round.
fn fitting(verdict: Verdict, probability: f32) -> f32 {
    let probability = if probability.is_finite() { probability.clamp(0.0, 1.0) } else { 0.5 };
    match verdict {
        Verdict::Supported => probability.max(SUPPORTED_MIN),
        Verdict::Partial => probability.min(SUPPORTED_MIN),
        Verdict::Contradicted | Verdict::Unsupported => probability.min(PARTIAL_MIN),
    }
}

#[cfg(test)]
mod tests;
