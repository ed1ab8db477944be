//! Pronouns: what they stand for, where a simple rule tells, so that a claim can be checked apart.
//!
//! The rule: the pronoun opens the claim, the sentence before opens with its subject, and both agree
//! in number. Where it does not apply the claim keeps the sentence before it as its context.

use assay_core::TextRange;

use super::grammar::{Number, is_auxiliary, is_pronoun, subject, words};

/// A pronoun at the front of a claim and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Bytes of the pronoun.
    pub(crate) pronoun: usize,
    /// What it stands for, in the answer.
    pub(crate) antecedent: TextRange,
    /// Whether it owns something: `its`, `her`.
    owns: bool,
}

impl Reference {
    /// The claim with the antecedent in the place of the pronoun.
    pub(crate) fn put_into(&self, answer: &str, claim: &str) -> String {
        let antecedent = self.antecedent.of(answer);
        let rest = claim.get(self.pronoun..).unwrap_or("");
        let ending = match self.owns {
            true if antecedent.ends_with('s') => "'",
            true => "'s",
            false => "",
        };
        format!("{antecedent}{ending}{rest}")
    }
}

/// What the pronoun at the front of `claim` stands for, by the sentence at `before`, whose own
/// pronoun, if it opens with one, stands for `chained`.
pub(crate) fn resolve(
    answer: &str,
    before: TextRange,
    chained: Option<Reference>,
    claim: TextRange,
) -> Option<Reference> {
    let text = claim.of(answer);
    let own = words(text);
    let pronoun = own.first()?;
    let lower = pronoun.lower();
    let number = Number::of_pronoun(&lower)?;
    let owns = matches!(lower.as_str(), "his" | "her" | "its" | "their");
    let next = own.get(1)?.lower();
    if matches!(lower.as_str(), "this" | "these" | "those") && !is_auxiliary(&next) {
        // `This drug` names its noun itself.
        return None;
    }
    let says_that = own.iter().take(6).any(|word| matches!(word.lower().as_str(), "that" | "to"));
    if lower == "it" && is_auxiliary(&next) && says_that {
        // `It is known that …` stands for nothing.
        return None;
    }
    let antecedent = antecedent(answer, before, chained, number)?;
    Some(Reference { pronoun: pronoun.bare().len(), antecedent, owns })
}

/// The subject of the sentence at `before` when it agrees with `number`.
fn antecedent(
    answer: &str,
    before: TextRange,
    chained: Option<Reference>,
    number: Number,
) -> Option<TextRange> {
    let words = words(before.of(answer));
    let first = words.first()?.lower();
    if is_pronoun(&first) {
        let agrees = Number::of_pronoun(&first) == Some(number);
        return chained.filter(|_| agrees).map(|known| known.antecedent);
    }
    let subject = subject(&words)?;
    if subject.number != Some(number) {
        return None;
    }
    let last = words.get(subject.len - 1)?;
    let start = before.start as usize;
    Some(TextRange::new(start, start + last.range.end as usize))
}
