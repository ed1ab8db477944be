//! A checked text on the wire.

use std::time::Duration;

use assay_answer::{
    CheckedText, Disagreement, SourceText, Verdict,
    bibliography::{Bibliography, BibliographyStyle, Reference},
    marked, marks_of,
};
use assay_api::{
    BibliographyEntry, CitationsRequest, CitationsResponse, Claim, ClaimSummary, DisagreementSide,
    SourceCitation, SourceDisagreement,
};

use super::{claim, ms, now};

/// The contract of `/citations/process`.
const BUDGET: Duration = Duration::from_secs(2);
/// Characters of an excerpt.
const EXCERPT_CHARS: usize = 200;

/// How the caller wants the text back.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) style: BibliographyStyle,
    pub(crate) style_name: String,
    /// Marks as the style writes them, and not `[n]`.
    pub(crate) style_marks: bool,
}

/// The response; `references` are the sources as the bibliography knows them, in the order of the
/// request.
pub(crate) fn checked_text(
    request: CitationsRequest,
    references: &[Reference],
    checked: &CheckedText,
    wanted: Wanted,
) -> CitationsResponse {
    let claims: Vec<Claim> =
        checked.claims.iter().map(|found| claim(&request.text, found)).collect();
    let citations = citations(&request, checked, &claims);
    let cited: Vec<Reference> = checked
        .cited
        .iter()
        .filter_map(|source| references.get(*source))
        .map(|reference| Reference {
            accessed: reference.accessed.or(checked.day),
            ..reference.clone()
        })
        .collect();
    let listed = Bibliography::new(wanted.style, &cited);
    let in_style = wanted.style_marks.then_some(listed.entries.as_slice());
    let marks = marks_of(&request.text, &checked.claims, in_style);
    let partial = checked.unchecked > 0 || checked.unread > 0;
    let uncited = (0..request.sources.len()).filter(|source| !checked.cited.contains(source));
    CitationsResponse {
        cited_text: marked(&request.text, &marks),
        bibliography_entries: entries(&request, references, &citations, &listed),
        bibliography: listed.text,
        bibliography_style: wanted.style_name,
        confidence_scores: claims.iter().map(|claim| claim.confidence).collect(),
        overall_confidence: checked.confidence(),
        coverage: checked.coverage(),
        summary: summary(checked),
        disagreements: checked
            .disagreements
            .iter()
            .map(|found| disagreement(found, &request, &citations, &claims))
            .collect(),
        uncited_sources: uncited.collect(),
        notices: checked.notices.clone(),
        processing_time_ms: ms(checked.took),
        within_budget: checked.took <= BUDGET,
        status: if partial { "partial" } else { "success" }.to_owned(),
        text: request.text,
        claims,
        citations,
    }
}

fn citations(
    request: &CitationsRequest,
    checked: &CheckedText,
    claims: &[Claim],
) -> Vec<SourceCitation> {
    let timestamp = now();
    let citation = |citation: &assay_answer::SourceCitation| {
        let source = request.sources.get(citation.source)?;
        let (start, end) = citation.range.in_chars(source.words());
        Some(SourceCitation {
            number: citation.number,
            marker: format!("[{}]", citation.number),
            claim_index: citation.claim,
            claim_text: claims.get(citation.claim)?.text.clone(),
            source_index: citation.source,
            source_title: source.title.clone(),
            source_url: source.url.clone(),
            source_provider: source.provider.clone(),
            snippet: citation.range.of(source.words()).to_owned(),
            passage_start: start,
            passage_end: end,
            verdict: citation.verdict.as_str().to_owned(),
            confidence: citation.confidence,
            timestamp: timestamp.clone(),
        })
    };
    checked.citations.iter().filter_map(citation).collect()
}

fn summary(checked: &CheckedText) -> ClaimSummary {
    let count = |verdict| checked.claims.iter().filter(|claim| claim.verdict == verdict).count();
    ClaimSummary {
        total: checked.claims.len() + checked.unchecked,
        supported: count(Verdict::Supported),
        partial: count(Verdict::Partial),
        contradicted: count(Verdict::Contradicted),
        unsupported: count(Verdict::Unsupported),
        unchecked: checked.unchecked,
    }
}

fn entries(
    request: &CitationsRequest,
    references: &[Reference],
    citations: &[SourceCitation],
    listed: &Bibliography,
) -> Vec<BibliographyEntry> {
    let entry = |listed: &assay_answer::bibliography::ListedReference| {
        let own = || citations.iter().filter(|citation| citation.number == listed.number);
        let best = own().max_by(|a, b| a.confidence.total_cmp(&b.confidence))?;
        let source = request.sources.get(best.source_index)?;
        let reference = references.get(best.source_index)?;
        let language = source.language.clone();
        Some(BibliographyEntry {
            id: listed.number.to_string(),
            number: listed.number,
            source_index: best.source_index,
            title: source.title.clone(),
            url: source.url.clone(),
            domain: reference.domain(),
            author: reference.author_names(),
            published_at: reference.issued.map(|date| date.to_string()),
            excerpt: best.snippet.chars().take(EXCERPT_CHARS).collect(),
            relevance_score: best.confidence,
            authority_score: authority(&reference.domain()),
            accessibility: source.accessibility.clone(),
            language: language.or_else(|| SourceText::language_of(source.words())),
            word_count: source.words().split_whitespace().count(),
            citations_count: own().count(),
            formatted: listed.text.clone(),
            in_text: listed.in_text.clone(),
        })
    };
    listed.entries.iter().filter_map(entry).collect()
}

/// The weights of the contract, by the ending of the domain.
fn authority(domain: &str) -> f32 {
    let label = |label: &str| domain.split('.').skip(1).any(|part| part == label);
    if label("gov") {
        0.9
    } else if label("edu") {
        0.8
    } else if domain.ends_with(".org") {
        0.7
    } else {
        0.5
    }
}

fn disagreement(
    found: &Disagreement,
    request: &CitationsRequest,
    citations: &[SourceCitation],
    claims: &[Claim],
) -> SourceDisagreement {
    let side = |source: &usize, contradicts: bool| {
        let quote = citations.iter().find(|citation| {
            citation.claim_index == found.claim
                && citation.source_index == *source
                && (citation.verdict == "contradicted") == contradicts
        })?;
        Some(DisagreementSide {
            number: quote.number,
            source_index: *source,
            title: quote.source_title.clone(),
            published_at: request.sources.get(*source)?.published_at.clone(),
            quote: quote.snippet.clone(),
        })
    };
    let sides = |sources: &[usize], contradicts| {
        sources.iter().filter_map(|source| side(source, contradicts)).collect()
    };
    SourceDisagreement {
        claim_index: found.claim,
        claim_text: claims.get(found.claim).map(|claim| claim.text.clone()).unwrap_or_default(),
        kind: found.kind.as_str().to_owned(),
        severity: found.kind.severity().to_owned(),
        differs_in: found.differs_in.iter().map(|word| (*word).to_owned()).collect(),
        supporting: sides(&found.supporting, false),
        contradicting: sides(&found.contradicting, true),
    }
}
