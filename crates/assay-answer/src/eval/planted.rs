//! Does the verifier notice one wrong number, unit, name, date, denial or quantifier?

use assay_core::TenantScope;
use assay_gateway::Purpose;
use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use super::{Progress, metric};
use crate::{
    AnswerError, Engine,
    embed::{EmbeddedText, embedded},
    verify::{Sentence, Verdict},
};

mod plant;
mod sources;

pub use plant::Kind;
use plant::{Planted, Random, plant};
use sources::Page;

/// Words of a sentence that an error is planted in.
const WORDS: std::ops::RangeInclusive<usize> = 8..=60;
/// Sentences of one page at most, so that long pages do not outweigh the others.
const OF_ONE_PAGE: usize = 6;

/// What was noticed.
#[derive(Debug, Clone, Serialize)]
pub struct PlantedFigures {
    /// Errors in sentences that stand in the evidence word for word.
    pub verbatim: PlantedShare,
    /// Errors in claims that people judged as supported, in other words than the evidence.
    pub paraphrased: PlantedShare,
    /// The seed.
    pub seed: u64,
}

/// What was noticed of one sort of sentences.
#[derive(Debug, Clone, Serialize, Default)]
pub struct PlantedShare {
    /// Share of the errors whose sentence was not judged as supported.
    pub caught: f64,
    /// Share of the same sentences, without the error, that were not judged as supported.
    pub untouched_flagged: f64,
    /// Errors planted.
    pub planted: usize,
    /// By kind of error.
    pub by_kind: BTreeMap<Kind, Caught>,
    /// By rule of planting, worst kinds of wording easily seen.
    pub by_rule: BTreeMap<&'static str, Caught>,
}

/// Errors and how many of them were caught.
#[derive(Debug, Clone, Copy, Serialize, Default)]
pub struct Caught {
    /// Share caught.
    pub caught: f64,
    /// Of so many.
    pub planted: usize,
    #[serde(skip)]
    hits: usize,
}

impl Caught {
    fn add(&mut self, caught: bool) {
        self.planted += 1;
        self.hits += usize::from(caught);
        self.caught = metric::share(self.hits, self.planted);
    }
}

/// A sentence of a page with one error.
struct Case<'a> {
    page: &'a Page,
    sentence: &'a str,
    planted: Planted,
    kind: Kind,
}

/// Plants `count` errors, as many of each kind as the data allow, in sentences of the pages of
/// WiCE, SciFact or CLAPnq below `data`, and in the claims that are supported by them.
///
/// # Errors
/// When there is no data or the embedding model fails.
pub async fn planted(
    engine: &Engine,
    data: &Path,
    count: usize,
    seed: u64,
    progress: Progress<'_>,
) -> Result<PlantedFigures, AnswerError> {
    let pages = sources::read(data)?;
    let cases = cases(&pages, |page| &page.evidence, count, seed);
    let verbatim = judge(engine, &cases, progress).await?;
    let cases = self::cases(&pages, |page| &page.claims, count, seed);
    let paraphrased = judge(engine, &cases, progress).await?;
    Ok(PlantedFigures { verbatim, paraphrased, seed })
}

fn cases<'a>(
    pages: &'a [Page],
    of: impl Fn(&'a Page) -> &'a Vec<String>,
    count: usize,
    seed: u64,
) -> Vec<Case<'a>> {
    let mut random = Random::new(seed);
    let mut every: Vec<String> = pages.iter().flat_map(|page| page.names.clone()).collect();
    every.sort_unstable();
    every.dedup();
    let mut sources: Vec<(&Page, &str)> = Vec::new();
    for page in pages {
        let whole = |sentence: &&String| {
            WORDS.contains(&sentence.split_whitespace().count())
                && sentence.ends_with(['.', '!', '"', '”'])
        };
        let mut own: Vec<&String> = of(page).iter().filter(whole).collect();
        random.shuffle(&mut own);
        sources.extend(own.into_iter().take(OF_ONE_PAGE).map(|text| (page, text.as_str())));
    }
    random.shuffle(&mut sources);
    let mut left = BTreeMap::from(Kind::ALL.map(|kind| (kind, count.div_ceil(Kind::ALL.len()))));
    let mut cases = Vec::new();
    for (page, sentence) in sources {
        let mut kinds = Kind::ALL;
        random.shuffle(&mut kinds);
        let case = kinds.into_iter().filter(|kind| left.get(kind).is_some_and(|left| *left > 0));
        let case = case
            .filter_map(|kind| {
                Some((kind, plant(kind, sentence, &page.names, &every, &mut random)?))
            })
            .next();
        if let Some((kind, planted)) = case {
            left.entry(kind).and_modify(|left| *left -= 1);
            cases.push(Case { page, sentence, planted, kind });
        }
    }
    cases
}

async fn judge(
    engine: &Engine,
    cases: &[Case<'_>],
    progress: Progress<'_>,
) -> Result<PlantedShare, AnswerError> {
    let mut share = PlantedShare { planted: cases.len(), ..PlantedShare::default() };
    let (mut caught, mut flagged) = (0, 0);
    let scope = TenantScope::built_in();
    let purpose = Purpose::of(&scope);
    for (done, case) in cases.iter().enumerate() {
        let texts: Vec<&str> = case.page.evidence.iter().map(String::as_str).collect();
        let evidence = embedded(engine.embeddings.as_deref(), purpose, &texts).await?;
        let evidence: Vec<Sentence<'_>> = evidence.iter().map(EmbeddedText::sentence).collect();
        let texts = [case.planted.sentence.as_str(), case.sentence];
        let claims = embedded(engine.embeddings.as_deref(), purpose, &texts).await?;
        let mut doubted = Vec::new();
        for claim in &claims {
            let verdict = engine.judge(purpose, &claim.sentence(), &evidence).await.verdict;
            doubted.push(verdict != Verdict::Supported);
        }
        let &[noticed, refused] = doubted.as_slice() else { continue };
        caught += usize::from(noticed);
        flagged += usize::from(refused);
        share.by_kind.entry(case.kind).or_default().add(noticed);
        share.by_rule.entry(case.planted.rule).or_default().add(noticed);
        progress("judging planted errors", done + 1, cases.len());
    }
    share.caught = metric::share(caught, cases.len());
    share.untouched_flagged = metric::share(flagged, cases.len());
    Ok(share)
}

#[cfg(test)]
mod tests;
