//! Cards, accounts, and numbers that only the words before them explain.

use super::Run;
use crate::{
    Kind, Rule, Severity,
    detect::{
        bytes::{self, Words},
        check,
    },
    view::View,
};

static CARD: Rule = Rule::built_in(
    "card",
    Kind::Card,
    Severity::High,
    "The number of a payment card can be charged. 13 to 19 digits of a known scheme that pass Luhn.",
    &["my card 4111 1111 1111 1111 was lost", "5210402405591275"],
);
static IBAN: Rule = Rule::built_in(
    "iban",
    Kind::Iban,
    Severity::High,
    "A bank account number. The length of its country and the check digits mod 97.",
    &["IBAN DE89 3704 0044 0532 0130 00", "gb29nwbk60161331926819"],
);
static LICENCE: Rule = Rule::built_in(
    "driver_licence",
    Kind::DriverLicence,
    Severity::High,
    "The number of a driving licence. Letters and digits behind words that name it.",
    &["My driver's license number is 425700624"],
);
static PASSPORT: Rule = Rule::built_in(
    "passport",
    Kind::Passport,
    Severity::High,
    "The number of a passport. Letters and digits behind words that name it.",
    &["passport number C01X00T47"],
);
static MEDICAL: Rule = Rule::built_in(
    "medical_record",
    Kind::MedicalRecord,
    Severity::High,
    "A medical record or health insurance number. Digits behind words that name it.",
    &["MRN: 00482917", "patient id 1029384"],
);

pub(super) const RULES: &[&Rule] = &[&CARD, &IBAN, &LICENCE, &PASSPORT, &MEDICAL];

/// Length of an IBAN by country; SWIFT IBAN registry, release 99.
const IBAN_LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 \
    CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 \
    HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 \
    MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 \
    SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

pub(super) fn card(view: &mut View<'_>, run: &Run) -> bool {
    let length = run.end - run.start;
    if !(length == 4 || (13..=19).contains(&length)) || !run.stands_apart(view) {
        return false;
    }
    let groups = run.groups.within(24);
    let sizes: &[&[u8]] =
        &[&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 2]];
    let count = match sizes.iter().find(|sizes| groups.begins(sizes, b" -")) {
        Some(sizes) => sizes.len(),
        None if length >= 13
            && groups.lengths().first().is_some_and(|&first| usize::from(first) == length) =>
        {
            1
        }
        None => return false,
    };
    let (digits, end) = (groups.digits(count), groups.end(count));
    if !known_scheme(digits) || !check::luhn(digits) || bytes::is_word(view.at(end)) {
        return false;
    }
    view.found(run.start, end, &CARD);
    true
}

/// Whether a scheme gives out numbers of this beginning and length (ISO/IEC 7812, public ranges).
fn known_scheme(digits: &[u8]) -> bool {
    let first =
        |count: usize| digits.iter().take(count).fold(0u32, |n, &digit| n * 10 + u32::from(digit));
    let length = digits.len();
    match first(1) {
        4 => matches!(length, 13 | 16 | 19),
        5 => {
            (51..=55).contains(&first(2)) && length == 16
                || first(2) != 59 && (16..=19).contains(&length)
        }
        2 => (2221..=2720).contains(&first(4)) && length == 16,
        3 => {
            matches!(first(2), 34 | 37) && length == 15
                || matches!(first(2), 30 | 36 | 38 | 39) && (14..=19).contains(&length)
                || (3528..=3589).contains(&first(4)) && (16..=19).contains(&length)
        }
        6 => (13..=19).contains(&length),
        _ => false,
    }
}

pub(super) fn iban(view: &mut View<'_>, run: &Run) -> bool {
    let text = run.text(view);
    let country = match text {
        [a, b, c, d, ..] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            if !c.is_ascii_digit() || !d.is_ascii_digit() {
                return false;
            }
            [a.to_ascii_uppercase(), b.to_ascii_uppercase()]
        }
        _ => return false,
    };
    let wanted = IBAN_LENGTHS.split_whitespace().find_map(|entry| {
        let (code, length) = entry.split_at_checked(2)?;
        (code.as_bytes() == country).then(|| length.parse::<usize>().ok())?
    });
    let Some(wanted) = wanted else { return false };
    let mut plain = Vec::with_capacity(wanted);
    let mut at = run.start;
    while plain.len() < wanted && at < run.window.right {
        let byte = view.at(at);
        match byte {
            b' ' | b'-' if view.at(at + 1).is_ascii_alphanumeric() => {}
            _ if byte.is_ascii_alphanumeric() => plain.push(byte.to_ascii_uppercase()),
            _ => return false,
        }
        at += 1;
    }
    if plain.len() < wanted || !check::iban(&plain) || view.at(at).is_ascii_alphanumeric() {
        return false;
    }
    view.found(run.start, at, &IBAN);
    true
}

/// Words, one of which must be there, and others, one of which must be there as well.
type Named = (Words, Option<Words>);

/// Words that name numbers without a check digit, some only beside others.
const NAMED: [(&Rule, &[Named]); 3] = [
    (
        &LICENCE,
        &[
            (Words::new(&["driver", "driving", "fuhrerschein"]), None),
            (Words::new(&["permis"]), Some(Words::new(&["de conduire"]))),
            (Words::new(&["licencia"]), Some(Words::new(&["de conducir"]))),
        ],
    ),
    (
        &PASSPORT,
        &[(Words::new(&["passport", "reisepass", "pasaporte", "passeport", "passaporto"]), None)],
    ),
    (
        &MEDICAL,
        &[
            (Words::new(&["mrn ", "medicare"]), None),
            (Words::new(&["medical"]), Some(Words::new(&["record"]))),
            (Words::new(&["patient"]), Some(Words::new(&["id", "no"]))),
            (Words::new(&["health"]), Some(Words::new(&["insurance"]))),
        ],
    ),
];

/// All that begin: without any of them nothing is named.
const NAMING: Words = Words::new(&[
    "driver",
    "driving",
    "fuhrerschein",
    "permis",
    "licencia",
    "passport",
    "reisepass",
    "pasaporte",
    "passeport",
    "passaporto",
    "mrn ",
    "medicare",
    "medical",
    "patient",
    "health",
]);

/// Numbers without a check digit that words before them name.
pub(super) fn in_context(view: &mut View<'_>, run: &Run) -> bool {
    let text = run.text(view);
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    if !run.has_words || !(6..=18).contains(&text.len()) || digits < 5 || digits * 2 < text.len() {
        return false;
    }
    let near = view.slice(run.start.saturating_sub(48).max(run.window.left), run.start);
    if !NAMING.are_in(near) {
        return false;
    }
    let found = NAMED.iter().find(|(_, words)| {
        words.iter().any(|(first, second)| {
            first.are_in(near) && second.is_none_or(|second| second.are_in(near))
        })
    });
    let Some((rule, _)) = found else { return false };
    view.found(run.start, run.end, rule);
    true
}
