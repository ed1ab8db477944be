//! The order of public pages, and their place among the passages of files.

use std::collections::HashMap;

use assay_core::DocumentId;
use assay_web::ProviderName;

use super::words::Asked;
use crate::FoundPassage;

/// A passage shorter than this says little.
const SHORT_CHARS: usize = 50;
const SHORT: f32 = 0.7;
/// What many people check counts a little more.
const CHECKED: f32 = 1.1;
/// What changed in the last 30 days counts a little more.
const RECENT: f32 = 1.2;
const RECENT_MS: i64 = 30 * 24 * 3_600 * 1_000;
/// What each further page of one provider loses, and each further passage of one page.
const SAME_PROVIDER: f32 = 0.95;
const SAME_PAGE: f32 = 0.5;
/// Weight of the meaning against the words of the question.
const MEANING: f32 = 0.5;
/// The cosine of a passage that none was computed for, when others have one: that of two texts
/// about different things.
const NO_COSINE: f32 = 0.1;

/// Puts passages of public pages in order and among those of files, and keeps `limit` of all.
///
/// The scores of the two are not comparable, so the next passage is always the one that fits the
/// question better by one measure that is taken of both: the share of the question's words, rare
/// ones first, and the cosine. The order inside each kind stays.
pub(crate) fn merge(
    question: &str,
    files: Vec<FoundPassage>,
    mut web: Vec<FoundPassage>,
    now_ms: i64,
    limit: usize,
) -> Vec<FoundPassage> {
    let measured = relevance(question, files.iter().chain(&web));
    let (file_relevance, web_relevance) = measured.split_at(files.len());
    for (found, relevance) in web.iter_mut().zip(web_relevance) {
        weigh(found, *relevance, now_ms);
    }
    let mut files = files.into_iter().zip(file_relevance.iter().copied()).peekable();
    let mut web = in_order(web).into_iter().peekable();
    let mut merged = Vec::with_capacity(limit);
    while merged.len() < limit {
        let web_first = match (files.peek(), web.peek()) {
            (Some((_, relevance)), Some((_, rank))) => rank > relevance,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => break,
        };
        if web_first {
            merged.extend(web.next().map(|(found, rank)| FoundPassage { score: rank, ..found }));
        } else {
            merged.extend(files.next().map(|(found, _)| found));
        }
    }
    level(&mut merged);
    merged
}

/// Makes the scores fall along the order: a passage of a public page gets no more than the one
/// before it, and no less than the next one of a file.
fn level(merged: &mut [FoundPassage]) {
    let mut below = 0.0_f32;
    for found in merged.iter_mut().rev() {
        if found.web.is_none() {
            below = below.max(found.score);
        } else {
            found.score = found.score.max(below);
        }
    }
    let mut above = 1.0_f32;
    for found in merged.iter_mut() {
        found.score = found.score.min(above);
        above = found.score;
    }
}

/// How well each passage fits the question, 0 to 1.
fn relevance<'a>(
    question: &str,
    passages: impl Iterator<Item = &'a FoundPassage> + Clone,
) -> Vec<f32> {
    let asked = Asked::of(question);
    let found: Vec<Vec<bool>> = passages
        .clone()
        .map(|found| {
            let passage = &found.passage;
            let title = passage.title.as_ref().unwrap_or(&passage.name);
            let headings = passage.heading_path.join(" ");
            asked.found_in(&format!("{title}\n{headings}\n{}", passage.text))
        })
        .collect();
    let weights = rarity(&found);
    let total: f32 = weights.iter().sum();
    let has_cosines = passages.clone().any(|found| found.vector_score.is_some());
    let relevance = found.iter().zip(passages).map(|(has, found)| {
        let covered = weights.iter().zip(has).filter(|(_, has)| **has).map(|(weight, _)| weight);
        let covered = if total > 0.0 { covered.sum::<f32>() / total } else { 0.0 };
        if !has_cosines {
            return covered;
        }
        let cosine = found.vector_score.unwrap_or(NO_COSINE).clamp(0.0, 1.0);
        (1.0 - MEANING) * covered + MEANING * cosine
    });
    relevance.collect()
}

/// The weight of each word of the question: `ln(1 + passages / passages with it)`, so that what
/// stands everywhere decides little.
fn rarity(found: &[Vec<bool>]) -> Vec<f32> {
    let words = found.first().map_or(0, Vec::len);
    let passages = found.len() as f32;
    let holding = |word: usize| {
        let holding = found.iter().filter(|has| has.get(word).copied().unwrap_or(false)).count();
        holding.max(1) as f32
    };
    (0..words).map(|word| (passages / holding(word)).ln_1p()).collect()
}

/// Sets the factors that do not depend on what stands above.
fn weigh(found: &mut FoundPassage, relevance: f32, now_ms: i64) {
    let is_short = found.passage.text.chars().count() < SHORT_CHARS;
    let Some(origin) = &mut found.web else { return };
    origin.relevance = if is_short { relevance * SHORT } else { relevance };
    let is_checked = matches!(origin.provider, ProviderName::Wikipedia | ProviderName::Mdn);
    origin.credibility = if is_checked { CHECKED } else { 1.0 };
    let is_recent = origin.changed_ms.is_some_and(|at| (0..RECENT_MS).contains(&(now_ms - at)));
    origin.recency = if is_recent { RECENT } else { 1.0 };
}

/// The passages by the product of their factors, best first; each choice makes the rest of its page
/// and of its provider a little less welcome.
fn in_order(mut rest: Vec<FoundPassage>) -> Vec<(FoundPassage, f32)> {
    let mut providers: HashMap<ProviderName, i32> = HashMap::new();
    let mut pages: HashMap<DocumentId, i32> = HashMap::new();
    let mut ordered = Vec::with_capacity(rest.len());
    loop {
        for found in &mut rest {
            let page = pages.get(&found.passage.document).copied().unwrap_or(0);
            let Some(origin) = &mut found.web else { continue };
            let provider = providers.get(&origin.provider).copied().unwrap_or(0);
            origin.diversity = SAME_PROVIDER.powi(provider) * SAME_PAGE.powi(page);
        }
        let best = rest.iter().map(rank).enumerate().reduce(|best, next| {
            // The first of equals: the provider's own order.
            if next.1 > best.1 { next } else { best }
        });
        let Some((place, rank)) = best else { return ordered };
        let found = rest.remove(place);
        *pages.entry(found.passage.document).or_default() += 1;
        if let Some(origin) = &found.web {
            *providers.entry(origin.provider).or_default() += 1;
        }
        ordered.push((found, rank));
    }
}

fn rank(found: &FoundPassage) -> f32 {
    found.web.as_ref().map_or(0.0, |origin| {
        origin.relevance * origin.credibility * origin.recency * origin.diversity
    })
}

#[cfg(test)]
mod tests;
