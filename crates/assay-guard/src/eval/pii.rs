//! Counts what was found against what is labelled.

use std::collections::BTreeMap;

use super::{Group, Guard, KindFigures, Labelled, PiiFigures, Scope, share};
use crate::Kind;

/// Labels of the data and the kinds that answer them. The data calls a web address a domain name,
/// and a form of address a part of the name.
const LABELS: &[(&str, &[Kind])] = &[
    ("PERSON", &[Kind::Person]),
    ("PREFIX", &[Kind::Person]),
    ("ADDRESS", &[Kind::Address]),
    ("STREET_ADDRESS", &[Kind::Address]),
    ("ZIP_CODE", &[Kind::Address]),
    ("LOCATION", &[Kind::Location]),
    ("GPE", &[Kind::Location]),
    ("ORGANIZATION", &[Kind::Organisation]),
    ("CREDIT_CARD", &[Kind::Card]),
    ("PHONE_NUMBER", &[Kind::Phone]),
    ("EMAIL_ADDRESS", &[Kind::Email]),
    ("US_SSN", &[Kind::NationalId]),
    ("IBAN_CODE", &[Kind::Iban]),
    ("DOMAIN_NAME", &[Kind::Url]),
    ("URL", &[Kind::Url]),
    ("IP_ADDRESS", &[Kind::Ip]),
    ("US_DRIVER_LICENSE", &[Kind::DriverLicence]),
    ("DATE_TIME", &[Kind::Date, Kind::BirthDate]),
    ("PASSPORT", &[Kind::Passport]),
];

/// What was counted so far.
#[derive(Default)]
pub(super) struct Counts {
    /// Characters labelled, found, both.
    chars: (usize, usize, usize),
    /// Spans labelled, labelled and found, found, found and labelled.
    kinds: BTreeMap<&'static str, [usize; 4]>,
}

impl Counts {
    pub(super) fn add(&mut self, guard: &Guard, text: &Labelled) {
        let findings = guard.scan(&text.text, Scope::Everything);
        let found: Vec<(usize, usize, Kind)> = findings
            .iter()
            .filter(|finding| finding.kind.group() == Group::Pii)
            .map(|finding| {
                let (start, end) = finding.span.in_chars(&text.text);
                (start, end, finding.kind)
            })
            .collect();
        for at in 0..text.text.chars().count() {
            let labelled = text.spans.iter().any(|(start, end, _)| (*start..*end).contains(&at));
            let seen = found.iter().any(|(start, end, _)| (*start..*end).contains(&at));
            self.chars.0 += usize::from(labelled);
            self.chars.1 += usize::from(seen);
            self.chars.2 += usize::from(labelled && seen);
        }
        for (label, kinds) in LABELS {
            let labels: Vec<_> = text.spans.iter().filter(|span| span.2 == *label).collect();
            let of_kind: Vec<_> =
                found.iter().filter(|finding| kinds.contains(&finding.2)).collect();
            let same = |a: (usize, usize), b: (usize, usize)| {
                let shared = a.1.min(b.1).saturating_sub(a.0.max(b.0));
                2 * shared >= a.1.max(b.1) - a.0.min(b.0) && shared > 0
            };
            let hit = labels
                .iter()
                .filter(|l| of_kind.iter().any(|f| same((l.0, l.1), (f.0, f.1))))
                .count();
            // Labels that share a kind, such as a name and its form of address, are no mistakes of
            // each other.
            let right = of_kind.iter().filter(|f| {
                text.spans.iter().any(|l| same((l.0, l.1), (f.0, f.1)) && answers(&l.2, f.2))
            });
            let counts = self.kinds.entry(label).or_default();
            let more = [labels.len(), hit, of_kind.len(), right.count()];
            for (count, more) in counts.iter_mut().zip(more) {
                *count += more;
            }
        }
    }

    pub(super) fn figures(&self) -> PiiFigures {
        let (labelled, found, both) = self.chars;
        let precision = share(both, found).unwrap_or(0.0);
        let recall = share(both, labelled).unwrap_or(0.0);
        let sum = precision + recall;
        let by_kind = self.kinds.iter().filter(|(_, counts)| counts.first() > Some(&0));
        PiiFigures {
            char_f1: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 },
            precision,
            recall,
            by_kind: by_kind
                .map(|(label, &[labelled, hit, found, right])| {
                    let figures = KindFigures {
                        labelled,
                        found,
                        precision: share(right, found),
                        recall: share(hit, labelled),
                    };
                    ((*label).to_owned(), figures)
                })
                .collect(),
        }
    }
}

fn answers(label: &str, kind: Kind) -> bool {
    LABELS.iter().any(|(name, kinds)| *name == label && kinds.contains(&kind))
}
