//! Numbers by which states and tax offices know people.

use super::Run;
use crate::{
    Rule,
    detect::{
        bytes::{self, Words},
        check,
    },
    view::View,
};

mod rules;

pub(super) use rules::RULES;
use rules::*;

/// Numbers whose shape and check digits are proof enough.
pub(super) fn shaped(view: &mut View<'_>, run: &Run) -> bool {
    if !run.stands_apart(view) {
        return false;
    }
    let found = letters(view, run).or_else(|| grouped(run));
    let Some((end, rule)) = found else { return false };
    if bytes::is_word(view.at(end)) {
        return false;
    }
    view.found(run.start, end, rule);
    true
}

/// Shapes with letters in them.
fn letters(view: &View<'_>, run: &Run) -> Option<(usize, &'static Rule)> {
    let text = run.text(view);
    let number = |part: &[u8]| std::str::from_utf8(part).ok()?.parse::<u32>().ok();
    let rule = match text {
        [body @ .., letter] if body.len() == 8 && letter.is_ascii_alphabetic() => match body {
            [b'X' | b'x' | b'Y' | b'y' | b'Z' | b'z', rest @ ..] => {
                let first = u32::from(body.first()?.to_ascii_uppercase() - b'X');
                check::dni(first * 10_000_000 + number(rest)?, *letter).then_some(&ES_NIE)
            }
            _ if body.iter().all(u8::is_ascii_digit) => {
                check::dni(number(body)?, *letter).then_some(&ES_DNI)
            }
            _ if fits(text, b"AA999999A") && nino_prefix(text) => Some(&GB_NINO),
            _ => None,
        },
        _ if text.len() == 16 && check::codice_fiscale(text) => Some(&IT_CODICE_FISCALE),
        _ if text.len() == 10 && fits(text, b"AAAAA9999A") && indian_pan(text) => Some(&IN_PAN),
        [body @ .., check] if body.len() == 17 && body.iter().all(u8::is_ascii_digit) => {
            chinese(body, *check).then_some(&CN_RESIDENT)
        }
        _ => None,
    };
    if let Some(rule) = rule {
        return Some((run.end, rule));
    }
    spaced_nino(view, run)
}

/// `AB 12 34 56 C`.
fn spaced_nino(view: &View<'_>, run: &Run) -> Option<(usize, &'static Rule)> {
    let text = view.slice(run.start, (run.start + 13).min(run.window.right));
    let shapes: [&[u8]; 2] = [b"AA 99 99 99 A", b"AA 999999 A"];
    let shape = shapes.iter().find(|shape| fits(text, shape))?;
    let text = text.get(..shape.len())?;
    nino_prefix(text).then_some((run.start + shape.len(), &GB_NINO))
}

/// Whether `text` begins with the shape: `A` a letter, `9` a digit, else the byte itself.
fn fits(text: &[u8], shape: &[u8]) -> bool {
    text.len() >= shape.len()
        && text.iter().zip(shape).all(|(byte, shape)| match shape {
            b'A' => byte.is_ascii_alphabetic(),
            b'9' => byte.is_ascii_digit(),
            _ => byte == shape,
        })
}

/// Prefixes and suffixes that HMRC gives out (NIM39110).
fn nino_prefix(text: &[u8]) -> bool {
    let upper: Vec<u8> = text.iter().map(u8::to_ascii_uppercase).collect();
    let (first, second) = (upper.first().copied().unwrap_or(0), upper.get(1).copied().unwrap_or(0));
    let last = upper.iter().rev().find(|byte| byte.is_ascii_alphabetic()).copied().unwrap_or(0);
    let refused: [&[u8]; 7] = [b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"];
    !b"DFIQUV".contains(&first)
        && !b"DFIQUVO".contains(&second)
        && !refused.contains(&[first, second].as_slice())
        && (b'A'..=b'D').contains(&last)
        && text.iter().any(u8::is_ascii_uppercase)
}

/// The fourth letter of a PAN names the kind of holder.
fn indian_pan(text: &[u8]) -> bool {
    text.iter().all(|byte| !byte.is_ascii_lowercase())
        && text.get(3).is_some_and(|byte| b"ABCFGHJLPT".contains(byte))
}

fn chinese(body: &[u8], last: u8) -> bool {
    let digits: Vec<u8> = body.iter().map(|byte| byte - b'0').collect();
    let number = |from: usize, to: usize| {
        digits.get(from..to).unwrap_or(&[]).iter().fold(0u32, |n, &digit| n * 10 + u32::from(digit))
    };
    (1900..2100).contains(&number(6, 10))
        && (1..=12).contains(&number(10, 12))
        && (1..=31).contains(&number(12, 14))
        && (last.is_ascii_digit() || last.eq_ignore_ascii_case(&b'X'))
        && check::mod_11_2(&digits, last)
}

/// Digits in groups that only one country writes so.
fn grouped(run: &Run) -> Option<(usize, &'static Rule)> {
    let groups = run.groups.within(32);
    let length = run.end - run.start;
    let end = |count: usize| groups.end(count);
    if groups.begins(&[3, 2, 4], b"-") {
        let rule = us_social_security(groups.digits(3));
        return rule.filter(|_| groups.lengths().len() == 3).map(|rule| (end(3), rule));
    }
    if groups.begins(&[3, 3, 3, 2], b".-") && groups.separators().starts_with(b"..-") {
        return check::cpf(groups.digits(4)).then(|| (end(4), &BR_CPF));
    }
    if groups.begins(&[2, 3, 3, 4, 2], b"./-") && groups.separators().starts_with(b"../-") {
        return check::cnpj(groups.digits(5)).then(|| (end(5), &BR_CNPJ));
    }
    if groups.begins(&[3, 4, 4, 2], b".") && groups.digits(1) == [7, 5, 6] {
        return check::ean13(groups.digits(4)).then(|| (end(4), &CH_AHV));
    }
    if groups.begins(&[4, 4, 4], b" -") && groups.lengths().len() == 3 && length == 4 {
        let digits = groups.digits(3);
        let proper = digits.first().is_some_and(|&digit| digit >= 2) && check::verhoeff(digits);
        return proper.then(|| (end(3), &IN_AADHAAR));
    }
    let french = if length == 15 {
        Some(1)
    } else if groups.begins(&[1, 2, 2, 2, 3, 3, 2], b" ") {
        Some(7)
    } else {
        None
    };
    let count = french?;
    let digits = groups.digits(count);
    let month = digits.get(3..5).map_or(0, |m| m.iter().fold(0, |n, &digit| n * 10 + digit));
    let proper = matches!(digits.first(), Some(1 | 2)) && (1..=12).contains(&month);
    (proper && check::nir(digits)).then(|| (end(count), &FR_NIR))
}

/// Areas, groups and serials that the administration gives out; 9xx are numbers of the tax office.
fn us_social_security(digits: &[u8]) -> Option<&'static Rule> {
    let number = |from: usize, to: usize| {
        digits.get(from..to).unwrap_or(&[]).iter().fold(0u32, |n, &digit| n * 10 + u32::from(digit))
    };
    let (area, group, serial) = (number(0, 3), number(3, 5), number(5, 9));
    match area {
        _ if group == 0 || serial == 0 => None,
        0 | 666 => None,
        900.. => Some(&US_ITIN),
        _ => Some(&US_SSN),
    }
}

/// Numbers that need a word beside them: their check digit alone fits one number in ten.
pub(super) fn in_context(view: &mut View<'_>, run: &Run) -> bool {
    let length = run.end - run.start;
    if !(2..=14).contains(&length) || !run.text(view).iter().all(u8::is_ascii_digit) {
        return false;
    }
    if !run.has_words || !run.stands_apart(view) {
        return false;
    }
    let groups = run.groups.within(24);
    for count in (1..=groups.lengths().len().min(5)).rev() {
        let digits = groups.digits(count);
        if CONTEXT_SIZES >> digits.len() & 1 == 0 {
            continue;
        }
        let end = groups.end(count);
        let fitting =
            CONTEXT.iter().filter(|(_, size, check, _)| digits.len() == *size && check(digits));
        for (rule, _, _, words) in fitting {
            if run.near(view, end, words) && !bytes::is_word(view.at(end)) {
                view.found(run.start, end, rule);
                return true;
            }
        }
    }
    false
}

type InContext = (&'static Rule, usize, fn(&[u8]) -> bool, Words);

/// The lengths that numbers of [`CONTEXT`] have, a bit each.
const CONTEXT_SIZES: u32 = {
    let (mut sizes, mut at) = (0, 0);
    while at < CONTEXT.len() {
        sizes |= 1 << CONTEXT[at].1;
        at += 1;
    }
    sizes
};

const CONTEXT: &[InContext] = &[
    (
        &DE_STEUER_ID,
        11,
        check::mod_11_10,
        Words::new(&["steuer", "tax", "tin ", "idnr", "identifikation"]),
    ),
    (&NL_BSN, 9, check::bsn, Words::new(&["bsn ", "burgerservice", "sofi"])),
    (&GB_NHS, 10, check::nhs, Words::new(&["nhs"])),
    (&BR_CPF, 11, check::cpf, Words::new(&["cpf "])),
    (&BR_CNPJ, 14, check::cnpj, Words::new(&["cnpj "])),
    (&IN_AADHAAR, 12, check::verhoeff, Words::new(&["aadhaar", "aadhar", "uidai"])),
    (&PL_PESEL, 11, check::pesel, Words::new(&["pesel"])),
    (&CA_SIN, 9, check::luhn, Words::new(&["sin ", "social insurance"])),
    (&AU_TFN, 9, check::tfn, Words::new(&["tfn ", "tax file"])),
    (
        &US_SSN,
        9,
        |digits| us_social_security(digits).is_some(),
        Words::new(&["ssn", "social security", "socialsecurity"]),
    ),
];
