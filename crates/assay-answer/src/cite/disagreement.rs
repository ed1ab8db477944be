//! Sources that say opposite things to one claim.

use super::{
    judge::{Judged, Quote},
    reading::Sources,
};
use crate::{
    bibliography::Date,
    verify::{Mismatch, Verdict},
};

/// Sources this many days apart may both have been right in their time.
const APART_DAYS: u32 = 365;

/// Why sources may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisagreementKind {
    /// They state different facts.
    Factual,
    /// They were published more than a year apart: the facts may have changed.
    Temporal,
    /// They differ in how much they claim (`all` against `some`), not in what.
    Interpretation,
}

impl DisagreementKind {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Factual => "factual",
            Self::Temporal => "temporal",
            Self::Interpretation => "interpretation",
        }
    }

    /// `high` or `medium`.
    #[must_use]
    pub const fn severity(self) -> &'static str {
        match self {
            Self::Factual => "high",
            Self::Temporal | Self::Interpretation => "medium",
        }
    }
}

/// A claim that one source bears out and another contradicts.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// Place of the claim.
    pub claim: usize,
    /// Why they may differ.
    pub kind: DisagreementKind,
    /// Places of the sources that bear it out.
    pub supporting: Vec<usize>,
    /// Places of the sources that contradict it.
    pub contradicting: Vec<usize>,
    /// What differs, such as `number`; empty where only the wording tells.
    pub differs_in: Vec<&'static str>,
}

impl Judged {
    /// The disagreement of the sources about this claim, when there is one.
    pub(super) fn disagreement(
        &self,
        claim: usize,
        sources: &Sources,
        issued: &[Option<Date>],
    ) -> Option<Disagreement> {
        if !self.has_supporter || self.against.is_empty() {
            return None;
        }
        let supports = |quote: &&Quote| quote.verdict == Verdict::Supported;
        let supporting = distinct(self.for_it.iter().filter(supports), sources);
        let contradicting = distinct(self.against.iter(), sources);
        let date = |source: &usize| issued.get(*source).copied().flatten();
        let apart = supporting.iter().filter_map(date).any(|one| {
            let far = |other: Date| one.rough_days().abs_diff(other.rough_days()) > APART_DAYS;
            contradicting.iter().filter_map(date).any(far)
        });
        let kind = match self.mismatches.as_slice() {
            _ if apart => DisagreementKind::Temporal,
            [Mismatch::Quantifier] => DisagreementKind::Interpretation,
            _ => DisagreementKind::Factual,
        };
        let differs_in = self.mismatches.iter().map(|mismatch| word(*mismatch)).collect();
        Some(Disagreement { claim, kind, supporting, contradicting, differs_in })
    }
}

fn distinct<'a>(quotes: impl Iterator<Item = &'a Quote>, sources: &Sources) -> Vec<usize> {
    let mut distinct = Vec::new();
    for place in quotes.filter_map(|quote| sources.place(quote.sentence)) {
        if !distinct.contains(&place.source) {
            distinct.push(place.source);
        }
    }
    distinct
}

const fn word(mismatch: Mismatch) -> &'static str {
    match mismatch {
        Mismatch::Number => "number",
        Mismatch::Unit => "unit",
        Mismatch::Date => "date",
        Mismatch::Name => "name",
        Mismatch::Negation => "negation",
        Mismatch::Quantifier => "quantifier",
        Mismatch::Comparative => "comparative",
        Mismatch::Modality => "modality",
    }
}
