//! Instructions in disguise: base64 and hex, ROT13, backwards, letters apart; and phrases of scripts
//! without spaces.

use std::{borrow::Cow, sync::LazyLock};

use aho_corasick::AhoCorasick;

use super::{
    ENCODED, LIKELY_FROM, MACHINE, found_at,
    patterns::PHRASES,
    rule_of,
    words::{Word, words},
};
use crate::{Kind, Shadow, detect::bytes, view::View};

/// Characters of an encoded run at least: shorter ones hold no instruction.
const RUN_LEAST: usize = 24;
/// Encoded runs that are decoded at most, and characters of one.
const RUNS_MAX: usize = 64;
const RUN_MOST: usize = 4_096;
/// Bytes at the start of a text that are read turned: only a text that is turned as a whole is found
/// so, and its start tells.
const TURNED_BYTES: usize = 64 << 10;
/// Letters that stand alone in a row at least to be read as one text.
const APART_LEAST: usize = 8;

static PHRASES_FOLDED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let folded: Vec<Cow<'_, str>> =
        PHRASES.iter().map(|(_, text)| Cow::Owned(Shadow::of(text).text().to_owned())).collect();
    AhoCorasick::new(folded.iter().map(AsRef::as_ref)).ok()
});

pub(super) fn detect(view: &mut View<'_>, words: &[Word]) {
    phrases(view);
    runs(view);
    turned(view, words);
    apart(view, words);
}

fn phrases(view: &mut View<'_>) {
    if view.text.is_ascii() {
        return;
    }
    let Some(phrases) = PHRASES_FOLDED.as_ref() else { return };
    let hits: Vec<_> = phrases
        .find_iter(view.text)
        .map(|hit| (hit.start(), hit.end(), hit.pattern().as_usize()))
        .collect();
    for (start, end, phrase) in hits {
        let kind = PHRASES.get(phrase).map_or(Kind::Override, |(kind, _)| *kind);
        view.found(start, end, rule_of(kind));
    }
}

/// Whether a text holds a pattern that is proof by itself.
fn is_instruction(text: &[u8]) -> bool {
    let words = words(text);
    let hits = MACHINE.run(text, &words);
    hits.iter().any(|hit| MACHINE.pattern(hit.pattern).is_some_and(|p| p.weight >= LIKELY_FROM))
}

/// Runs of base64 or hex that decode to an instruction.
fn runs(view: &mut View<'_>) {
    let text = view.text;
    let (mut at, mut left) = (0, RUNS_MAX);
    while let Some(least) = text.get(at..at + RUN_LEAST).filter(|_| left > 0) {
        // From the end: no run that is long enough begins before a byte of none.
        if let Some(last) = least.iter().rposition(|&byte| !bytes::is_base64(byte)) {
            at += last + 1;
            continue;
        }
        left -= 1;
        let rest = text.get(at..).unwrap_or(&[]);
        let length = bytes::run(rest, bytes::is_base64);
        let run = rest.get(..length.min(RUN_MOST)).unwrap_or(&[]);
        let decoded = [base64(run), hex(run)];
        if decoded.iter().flatten().any(|decoded| is_instruction(decoded)) {
            let range = view.shadow.original(at, at + length);
            found_at(view, range.start as usize, range.end as usize, &ENCODED);
        }
        at += length;
    }
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        (bits, count) = (bits << 6 | u32::from(value), count + 6);
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xff).unwrap_or(0));
        }
    }
    readable(out)
}

fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.chunks_exact(2).map(|pair| {
        let &[high, low] = pair else { return None };
        u8::try_from(digit(high)? * 16 + digit(low)?).ok()
    });
    readable(pairs.collect::<Option<Vec<u8>>>()?)
}

/// Only what is text was encoded text.
fn readable(decoded: Vec<u8>) -> Option<Vec<u8>> {
    let printable =
        decoded.iter().filter(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    (printable.count() * 10 >= decoded.len() * 9).then_some(decoded)
}

/// The text in ROT13 and backwards, word positions kept.
fn turned(view: &mut View<'_>, words: &[Word]) {
    // Both leave few of the common short words of a language; that alone makes it worth a look.
    let most = words.len() / 12;
    let common = words.iter().filter(|word| is_common(view.text.get(word.start()..word.end())));
    if words.len() < 3 || common.take(most + 1).count() > most {
        return;
    }
    let start = view.text.get(..TURNED_BYTES.min(view.text.len())).unwrap_or(&[]);
    let rotated: Vec<u8> = start.iter().map(|&byte| rot13(byte)).collect();
    let reversed: Vec<u8> = start.iter().rev().copied().collect();
    if is_instruction(&rotated) || is_instruction(&reversed) {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
        view.found(first.start(), last.end(), &ENCODED);
    }
}

fn is_common(word: Option<&[u8]>) -> bool {
    let Some(word) = word.filter(|word| word.len() <= 3) else { return false };
    let mut lower = [0; 3];
    for (to, from) in lower.iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
    }
    matches!(
        &lower,
        b"the"
            | b"a\0\0"
            | b"to\0"
            | b"of\0"
            | b"and"
            | b"in\0"
            | b"is\0"
            | b"for"
            | b"it\0"
            | b"on\0"
            | b"you"
            | b"de\0"
            | b"la\0"
            | b"que"
    )
}

fn rot13(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
        _ => byte,
    }
}

/// Runs of single letters: `i g n o r e`. Words are told apart by wider gaps.
fn apart(view: &mut View<'_>, words: &[Word]) {
    let mut at = 0;
    while at < words.len() {
        let run =
            words.get(at..).unwrap_or(&[]).iter().take_while(|word| word.end() - word.start() == 1);
        let length = run.count();
        if length >= APART_LEAST {
            let letters = words.get(at..at + length).unwrap_or(&[]);
            let mut joined = Vec::with_capacity(length * 2);
            for (index, word) in letters.iter().enumerate() {
                let before = index.checked_sub(1).and_then(|before| letters.get(before));
                if before.is_some_and(|before| word.start() - before.end() > 1) {
                    joined.push(b' ');
                }
                joined.push(view.at(word.start()));
            }
            if let (Some(first), Some(last), true) =
                (letters.first(), letters.last(), is_instruction(&joined))
            {
                view.found(first.start(), last.end(), &ENCODED);
            }
        }
        at += length.max(1);
    }
}
