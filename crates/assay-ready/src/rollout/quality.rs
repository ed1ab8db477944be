//! The same labelled questions, asked of the baseline and of the canary: does the canary answer worse?
//!
//! Each question is asked once of both in a step, so the answers are pairs. What counts are the questions
//! that one of them answers right and the other does not: lost ones and gained ones.

use serde::{Deserialize, Serialize};

use super::{compare::Finding, exact, plan::Questions, reading::Who};
use crate::{bound::upper_at, verdict::Verdict};

/// Chance of being wrong of each of the two bounds of a pass: 95 % for both together.
const EACH: f64 = 0.025;

/// What is asked, and how an answer is judged.
pub trait Ask {
    /// How many questions there are whose right answer is known.
    fn count(&self) -> usize;
    /// Asks one, counted from 0, of the deployment at `url`: whether the answer is right. One that takes
    /// too long or fails on the server's side is not.
    ///
    /// # Errors
    /// In words, when it cannot be asked: nobody answers, or the question is refused.
    fn is_right(&self, url: &str, number: usize) -> Result<bool, String>;
}

/// How the questions of a step were answered so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Questions there are.
    pub of: u64,
    /// Asked of both.
    pub asked: u64,
    /// Answered right by the baseline.
    pub right: u64,
    /// Of these, those that the canary does not answer right.
    pub lost: u64,
    /// Answered right by the canary alone.
    pub gained: u64,
    /// What the baseline could not be asked, once; such questions show nothing.
    pub refused: Option<String>,
}

impl Asked {
    /// Asks the next question of both, where there is one; whether there are further ones.
    pub(super) fn ask_next(
        &mut self,
        count: usize,
        mut ask: impl FnMut(Who, usize) -> Result<bool, String>,
    ) -> bool {
        self.of = count as u64;
        let number = usize::try_from(self.asked).unwrap_or(count);
        if number < count {
            let baseline = ask(Who::Baseline, number);
            self.note(baseline, ask(Who::Canary, number).unwrap_or(false));
        }
        self.asked < self.of
    }

    /// Notes the answers to a question. A canary that cannot be asked what the baseline answers is worse.
    fn note(&mut self, baseline: Result<bool, String>, canary: bool) {
        self.asked += 1;
        match baseline {
            Ok(baseline) => {
                self.right += u64::from(baseline);
                self.lost += u64::from(baseline && !canary);
                self.gained += u64::from(canary && !baseline);
            }
            Err(why) => self.refused = Some(why),
        }
    }

    /// Whether all were asked.
    pub(super) const fn is_whole(&self) -> bool {
        self.of > 0 && self.asked >= self.of
    }

    /// What they show.
    #[must_use]
    pub fn finding(&self, questions: &Questions) -> Finding {
        let finding = |verdict, says: String| Finding::new("answers", verdict, says);
        let Self { of, asked, right, lost, gained, .. } = *self;
        if let Some(why) = &self.refused {
            return finding(
                Verdict::Error,
                format!("answers: the baseline cannot be asked: {why}"),
            );
        }
        if of == 0 {
            let says = "answers: no question has a known answer: nothing to compare";
            return finding(Verdict::Error, says.to_owned());
        }
        if !self.is_whole() {
            return finding(
                Verdict::Inconclusive,
                format!("answers: {asked} of {of} questions were asked"),
            );
        }
        // Both are shares of what the baseline answers right: nothing else can be lost.
        let effect = (lost as f64 - gained as f64) / right.max(1) as f64;
        let chance = exact::sign(lost, lost + gained);
        let least_gained = 1.0 - upper_at(of - right - gained, of - right, EACH);
        let most =
            upper_at(lost, right, EACH) - least_gained * (of - right) as f64 / right.max(1) as f64;
        let says = format!(
            "answers: of {right} questions of {of} that the baseline answers right the canary loses {lost}, and gains \
             {gained}: {:.1} % fewer (chance {chance:.1e}), at most {:.1} % with 95 %, accepted {:.1} %",
            effect * 100.0,
            most * 100.0,
            questions.worse * 100.0
        );
        if chance <= questions.chance && effect > questions.worse {
            finding(Verdict::Fail, says)
        } else if right < questions.sample {
            finding(
                Verdict::Inconclusive,
                format!(
                    "{says}; {right} right answers are too few, {} are needed",
                    questions.sample
                ),
            )
        } else if most <= questions.worse {
            finding(Verdict::Pass, says)
        } else {
            finding(Verdict::Inconclusive, says)
        }
    }
}

#[cfg(test)]
mod tests {
    //! Worse, not worse, too few, nothing to compare.

    use proptest::prelude::*;

    use super::*;

    fn asked(of: u64, right: u64, lost: u64, gained: u64) -> Asked {
        Asked { of, asked: of, right, lost, gained, refused: None }
    }

    fn verdict(asked: &Asked) -> Verdict {
        asked.finding(&Questions::default()).verdict
    }

    #[test]
    fn four_verdicts() {
        assert_eq!(verdict(&asked(100, 90, 0, 0)), Verdict::Pass);
        assert_eq!(verdict(&asked(100, 90, 20, 0)), Verdict::Fail);
        // As many lost as gained is noise; many of either are needed to show so little.
        assert_eq!(verdict(&asked(100, 80, 5, 5)), Verdict::Inconclusive);
        assert_eq!(verdict(&asked(2_000, 1_600, 40, 40)), Verdict::Pass);
        // A few lost ones may be chance.
        assert_eq!(verdict(&asked(100, 90, 6, 0)), Verdict::Inconclusive);
        for few in [1, 10, 49, 71] {
            assert_eq!(verdict(&asked(few, few, 0, 0)), Verdict::Inconclusive, "{few}");
        }
        // Nothing can be lost where nothing was right.
        assert_eq!(verdict(&asked(500, 0, 0, 0)), Verdict::Inconclusive);
        assert_eq!(verdict(&asked(0, 0, 0, 0)), Verdict::Error);
        let refused = Asked { refused: Some("it answers 401".to_owned()), ..asked(100, 90, 0, 0) };
        assert_eq!(verdict(&refused), Verdict::Error);
        assert_eq!(verdict(&Asked { asked: 99, ..asked(100, 90, 0, 0) }), Verdict::Inconclusive);
    }

    #[test]
    fn each_question_is_asked_once() {
        let mut all = Asked::default();
        let mut order = Vec::new();
        let mut next = || {
            all.ask_next(8, |who, number| {
                order.push((who, number));
                // The canary is refused what the baseline answers; that is worse.
                if who == Who::Canary && number == 4 {
                    Err("404".to_owned())
                } else {
                    Ok(number != 5)
                }
            })
        };
        assert!((0..7).all(|_| next()));
        assert!(!next() && !next());
        assert_eq!(all, asked(8, 7, 1, 0));
        let expected: Vec<_> =
            (0..8).flat_map(|number| [(Who::Baseline, number), (Who::Canary, number)]).collect();
        assert_eq!(order, expected);
    }

    proptest! {
        #[test]
        fn what_loses_more_than_is_accepted_never_passes(
            right in 1_u64..400, wrong in 0_u64..400, lost in 0_u64..400, gained in 0_u64..400,
        ) {
            let all = asked(right + wrong, right, lost.min(right), gained.min(wrong));
            let finding = all.finding(&Questions::default());
            let effect = (all.lost as f64 - all.gained as f64) / right as f64;
            prop_assert!(finding.verdict != Verdict::Pass || effect <= 0.05, "{}", finding.says);
            prop_assert!(finding.verdict != Verdict::Pass || right >= 50, "{}", finding.says);
            prop_assert!(finding.verdict != Verdict::Fail || effect > 0.05, "{}", finding.says);
        }
    }
}
