//! The language of a text, from the letters and letter groups in it.

use whatlang::{Detector, Lang, Script};

use crate::{Block, BlockKind};

#[cfg(test)]
mod tests;

/// Bytes that are looked at; more do not change the guess.
const SAMPLE: usize = 4 << 10;
/// Blocks that the sample of a document is spread over.
const SAMPLE_BLOCKS: usize = 32;
/// Fewer letters are a name or a number, not a text. Scripts that write words with one or two
/// characters need fewer.
const LETTERS_MIN: usize = 24;
const LETTERS_MIN_CJK: usize = 6;
/// Languages that a text in doubt is taken to be in: among all, a sentence is easily mistaken for
/// one of a language with few speakers.
const FREQUENT: &[Lang] = &[
    Lang::Eng,
    Lang::Deu,
    Lang::Fra,
    Lang::Spa,
    Lang::Por,
    Lang::Ita,
    Lang::Nld,
    Lang::Pol,
    Lang::Swe,
    Lang::Dan,
    Lang::Fin,
    Lang::Ces,
    Lang::Hun,
    Lang::Ron,
    Lang::Tur,
    Lang::Vie,
    Lang::Ind,
    Lang::Rus,
    Lang::Ara,
    Lang::Pes,
    Lang::Urd,
    Lang::Hin,
    Lang::Heb,
    Lang::Cmn,
    Lang::Jpn,
    Lang::Kor,
];

/// The language of a text as a BCP 47 code such as `de`. None where the text is too short or may be
/// in one of several.
#[must_use]
pub fn language(text: &str) -> Option<&'static str> {
    let mut sample = words(text);
    let letters = sample.chars().filter(|c| c.is_alphabetic()).count();
    let cjk = sample.chars().filter(|c| is_cjk(*c)).count();
    if letters < LETTERS_MIN && cjk < LETTERS_MIN_CJK {
        return None;
    }
    // A word is one or two characters here and six in Latin letters.
    if cjk * 3 > letters - cjk {
        sample.retain(|c| !c.is_ascii_alphabetic());
    }
    let all = whatlang::detect(&sample)?;
    // Chinese and Japanese are told apart by the share of kana, however low the confidence.
    if all.is_reliable() || all.script() == Script::Mandarin {
        return Some(code(all.lang()));
    }
    // A text in doubt, mostly a short one, has the language that two methods agree on.
    let found = Detector::with_allowlist(FREQUENT.to_vec()).detect_lang(&sample)?;
    let other = whichlang::detect_language(&sample).three_letter_code();
    let is_russian = !sample.contains(['і', 'ї', 'є', 'ў', 'ј', 'љ', 'њ', 'ѓ']);
    if found == Lang::Rus && !is_russian {
        return None;
    }
    (found.code() == if other == "arb" { "ara" } else { other }).then(|| code(found))
}

/// The language of a part of a document that is in `document`. That it is the same is found out at a
/// tenth of the cost of [`language`], which has the word where it seems not to be.
#[must_use]
pub fn language_within(text: &str, document: Option<&str>) -> Option<&'static str> {
    let quick = match whichlang::detect_language(text).three_letter_code() {
        "arb" => Some(Lang::Ara),
        other => Lang::from_code(other),
    };
    let quick = quick.map(code);
    if quick.is_some() && quick == document { quick } else { language(text) }
}

/// The language of a document: what the file states, if the text does not contradict it, else what
/// a sample of its prose says.
pub(crate) fn of_document(text: &str, blocks: &[Block], stated: Option<&str>) -> Option<String> {
    let found = language(&sample(text, blocks));
    let stated = stated.map(str::trim).filter(|tag| is_tag(tag));
    let primary = |tag: &str| tag.split(['-', '_']).next().map(str::to_ascii_lowercase);
    match (stated, found) {
        (Some(stated), found) if found.is_none() || primary(stated).as_deref() == found => {
            primary(stated)
        }
        // Templates state English for everything; a text long enough to tell says it better.
        (_, found) => found.map(str::to_owned),
    }
}

/// Pieces of the prose from all over the document. Tables and code are looked at only where there
/// is nothing else: names and numbers have no language.
fn sample(text: &str, blocks: &[Block]) -> String {
    let is_prose = |block: &&Block| {
        block.kind.is_content()
            && !matches!(block.kind, BlockKind::Table(_) | BlockKind::Code { .. })
            && !matches!(block.kind, BlockKind::Formula)
    };
    let mut chosen: Vec<&Block> = blocks.iter().filter(is_prose).collect();
    if chosen.is_empty() {
        chosen = blocks.iter().filter(|block| block.kind.is_content()).collect();
    }
    let step = chosen.len().div_ceil(SAMPLE_BLOCKS).max(1);
    let share = SAMPLE / chosen.len().clamp(1, SAMPLE_BLOCKS);
    let pieces = chosen.into_iter().step_by(step).map(|block| {
        let piece = block.range.of(text);
        piece.get(..piece.floor_char_boundary(share)).unwrap_or(piece)
    });
    pieces.collect::<Vec<_>>().join("\n")
}

/// The start of a text without addresses, names of files and numbers.
fn words(text: &str) -> String {
    let text = text.get(..text.floor_char_boundary(SAMPLE)).unwrap_or(text);
    let is_word = |word: &&str| {
        !word.contains(['@', '/', '\\', '_', '=', '<']) && word.contains(char::is_alphabetic)
    };
    text.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ")
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Whether a text has the form of a language tag.
fn is_tag(tag: &str) -> bool {
    let mut parts = tag.split(['-', '_']);
    parts.next().is_some_and(|first| matches!(first.len(), 2 | 3))
        && tag.len() <= 35
        && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !tag.starts_with(|c: char| c.is_ascii_digit())
}

/// The BCP 47 code: of two letters where there is one.
fn code(lang: Lang) -> &'static str {
    match lang.code() {
        "epo" => "eo",
        "eng" => "en",
        "rus" => "ru",
        "cmn" => "zh",
        "spa" => "es",
        "por" => "pt",
        "ita" => "it",
        "ben" => "bn",
        "fra" => "fr",
        "deu" => "de",
        "ukr" => "uk",
        "kat" => "ka",
        "ara" => "ar",
        "hin" => "hi",
        "jpn" => "ja",
        "heb" => "he",
        "yid" => "yi",
        "pol" => "pl",
        "amh" => "am",
        "jav" => "jv",
        "kor" => "ko",
        "nob" => "nb",
        "dan" => "da",
        "swe" => "sv",
        "fin" => "fi",
        "tur" => "tr",
        "nld" => "nl",
        "hun" => "hu",
        "ces" => "cs",
        "ell" => "el",
        "bul" => "bg",
        "bel" => "be",
        "mar" => "mr",
        "kan" => "kn",
        "ron" => "ro",
        "slv" => "sl",
        "hrv" => "hr",
        "srp" => "sr",
        "mkd" => "mk",
        "lit" => "lt",
        "lav" => "lv",
        "est" => "et",
        "tam" => "ta",
        "vie" => "vi",
        "urd" => "ur",
        "tha" => "th",
        "guj" => "gu",
        "uzb" => "uz",
        "pan" => "pa",
        "aze" => "az",
        "ind" => "id",
        "tel" => "te",
        "pes" => "fa",
        "mal" => "ml",
        "ori" => "or",
        "mya" => "my",
        "nep" => "ne",
        "sin" => "si",
        "khm" => "km",
        "tuk" => "tk",
        "aka" => "ak",
        "zul" => "zu",
        "sna" => "sn",
        "afr" => "af",
        "lat" => "la",
        "slk" => "sk",
        "cat" => "ca",
        "tgl" => "tl",
        "hye" => "hy",
        "cym" => "cy",
        other => other,
    }
}
