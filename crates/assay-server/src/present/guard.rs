//! What the guard found, as the wire shows it.

use assay_api::{FindingCount, GuardNote, PassageFinding};
use assay_core::TextRange;

pub(crate) fn notes(notes: &[assay_answer::GuardNote]) -> Vec<GuardNote> {
    let note = |note: &assay_answer::GuardNote| GuardNote {
        place: note.place.as_str().to_owned(),
        kind: note.kind.as_str().to_owned(),
        severity: note.severity.as_str().to_owned(),
        action: note.action.as_str().to_owned(),
        count: note.count,
    };
    notes.iter().map(note).collect()
}

/// Findings with their places in characters of the passage.
pub(super) fn findings(passage: &assay_answer::StoredPassage) -> Vec<PassageFinding> {
    let finding = |finding: &assay_answer::PassageFinding| {
        let range = TextRange::new(finding.start as usize, finding.end as usize);
        let (start, end) = range.in_chars(&passage.text);
        let (kind, severity) = (finding.kind.clone(), finding.severity.clone());
        PassageFinding { kind, severity, rule: finding.rule.clone(), start, end }
    };
    passage.findings.iter().map(finding).collect()
}

pub(super) fn count(count: assay_answer::FindingCount) -> FindingCount {
    FindingCount { kind: count.kind, severity: count.severity, count: count.count }
}
