//! Stemming by language.
//!
//! A term says which stemmer made it (`de haus`, `en hous`). A passage has terms of its own
//! language; a query is read by every stemmer that the index holds terms of. So each passage meets
//! the query as if all were in its language, and a stem of one language is never taken for one of
//! another.

use frostem::{Algorithm, Stemmer};

use super::{
    fold,
    split::{self, is_spaceless},
    stop,
};

/// How words of one language become terms.
#[derive(Clone, Copy)]
pub(crate) struct Stemming {
    /// BCP 47 code of the language; what its terms begin with.
    pub(crate) code: &'static str,
    algorithm: Option<Algorithm>,
    script: Script,
}

/// The letters of a word, as far as stemmers tell them apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Devanagari,
    Greek,
    Tamil,
    /// Numbers, characters of scripts without spaces, scripts without a stemmer.
    Other,
}

const fn by(code: &'static str, algorithm: Algorithm, script: Script) -> Stemming {
    Stemming { code, algorithm: Some(algorithm), script }
}

const fn plain(code: &'static str, script: Script) -> Stemming {
    Stemming { code, algorithm: None, script }
}

/// One of them first of its script: for words in a passage of another script or of no known
/// language.
const STEMMINGS: &[Stemming] = &[
    by("en", Algorithm::English, Script::Latin),
    by("ca", Algorithm::Catalan, Script::Latin),
    by("cs", Algorithm::Czech, Script::Latin),
    by("da", Algorithm::Danish, Script::Latin),
    by("de", Algorithm::German, Script::Latin),
    by("es", Algorithm::Spanish, Script::Latin),
    by("fi", Algorithm::Finnish, Script::Latin),
    by("fr", Algorithm::French, Script::Latin),
    by("hu", Algorithm::Hungarian, Script::Latin),
    by("id", Algorithm::Indonesian, Script::Latin),
    by("it", Algorithm::Italian, Script::Latin),
    by("nl", Algorithm::Dutch, Script::Latin),
    by("no", Algorithm::Norwegian, Script::Latin),
    by("pl", Algorithm::Polish, Script::Latin),
    by("pt", Algorithm::Portuguese, Script::Latin),
    by("ro", Algorithm::Romanian, Script::Latin),
    by("sv", Algorithm::Swedish, Script::Latin),
    by("tr", Algorithm::Turkish, Script::Latin),
    plain("l-", Script::Latin),
    by("ru", Algorithm::Russian, Script::Cyrillic),
    plain("c-", Script::Cyrillic),
    by("ar", Algorithm::Arabic, Script::Arabic),
    plain("a-", Script::Arabic),
    by("hi", Algorithm::Hindi, Script::Devanagari),
    plain("d-", Script::Devanagari),
    by("el", Algorithm::Greek, Script::Greek),
    by("ta", Algorithm::Tamil, Script::Tamil),
];

/// For words that no stemmer is for; every index has it.
pub(crate) const OTHER: Stemming = plain("--", Script::Other);

/// Languages without a stemmer here whose script has one for another language, which would cut
/// wrongly.
const UNSTEMMED: &[(Script, &[&str])] = &[
    (
        Script::Latin,
        &[
            "af", "ak", "az", "cy", "eo", "et", "hr", "jv", "la", "lt", "lv", "sk", "sl", "sn",
            "tk", "tl", "uz", "vi", "zu",
        ],
    ),
    (Script::Cyrillic, &["be", "bg", "mk", "sr", "uk"]),
    (Script::Arabic, &["fa", "ur"]),
    (Script::Devanagari, &["mr", "ne"]),
];

/// The stemmings of the words of one passage, by their script.
pub(crate) struct Passage<'a> {
    language: &'a str,
    latin: Stemming,
}

impl<'a> Passage<'a> {
    /// For a passage of a language (a BCP 47 code, empty when not known).
    pub(crate) fn new(language: &'a str) -> Self {
        let language = match language.split(['-', '_']).next() {
            Some("nb" | "nn") => "no",
            language => language.unwrap_or_default(),
        };
        Self { language, latin: of_script(Script::Latin, language) }
    }

    /// The stemming of a word.
    pub(crate) fn of(&self, word: &str) -> Stemming {
        match script(word) {
            Script::Latin => self.latin,
            Script::Other => OTHER,
            script => of_script(script, self.language),
        }
    }
}

fn of_script(script: Script, language: &str) -> Stemming {
    let mut of_script = STEMMINGS.iter().filter(|stemming| stemming.script == script);
    let named = of_script.clone().find(|stemming| stemming.code == language);
    let is_unstemmed =
        || UNSTEMMED.iter().any(|(of, codes)| *of == script && codes.contains(&language));
    named
        .or_else(|| if is_unstemmed() { of_script.next_back() } else { of_script.next() })
        .copied()
        .unwrap_or(OTHER)
}

/// Which of the stemmings in `present` a word of a query is read by.
pub(crate) fn of_query<'a>(
    word: &str,
    present: &'a [Stemming],
) -> impl Iterator<Item = &'a Stemming> {
    let script = script(word);
    present.iter().filter(move |stemming| stemming.script == script)
}

/// All stemmings.
pub(crate) fn all() -> impl Iterator<Item = Stemming> {
    STEMMINGS.iter().chain([&OTHER]).copied()
}

impl Stemming {
    /// The term of a lower-case word.
    pub(crate) fn term(self, word: &str) -> String {
        // English leaves accents to borrowed words, and its stemmer reads plain letters only.
        if self.code == "en" {
            self.tagged(&self.stem(&fold::fold(word)))
        } else {
            self.tagged(&fold::fold(&self.stem(word)))
        }
    }

    /// The term of the same word written without accents, where that is another one.
    pub(crate) fn bare_term(self, word: &str) -> Option<String> {
        if word.is_ascii() || self.algorithm.is_none() {
            return None;
        }
        let bare = self.term(&fold::fold(word));
        (bare != self.term(word)).then_some(bare)
    }

    /// Whether the word says so little in this language that a query is better asked without it.
    pub(crate) fn is_stop_word(self, word: &str) -> bool {
        stop::is_stop_word(self.code, word)
    }

    fn stem(self, word: &str) -> String {
        let prepared = self.prepared(word);
        let word = prepared.as_deref().unwrap_or(word);
        let stem = self.algorithm.map(|algorithm| Stemmer::new(algorithm).stem(word));
        stem.map_or_else(|| word.to_owned(), |stem| stem.into_owned())
    }

    /// Frequent endings that are often typed without the accent by which the stemmer knows them,
    /// and plurals that it takes for other words than their singulars (`ciudad`, `ciudades`).
    fn prepared(self, word: &str) -> Option<String> {
        let endings: &[(&str, &str)] = match self.code {
            "es" => &[
                ("cion", "ción"),
                ("sion", "sión"),
                ("xion", "xión"),
                ("dades", "dad"),
                ("tades", "tad"),
            ],
            "pt" => &[("cao", "ção"), ("coes", "ções"), ("soes", "sões")],
            _ => &[],
        };
        endings.iter().find_map(|(from, to)| {
            Some(word.strip_suffix(from)?.to_owned() + to).filter(|word| word.len() > 5)
        })
    }

    fn tagged(self, stem: &str) -> String {
        let stem = &stem[..stem.floor_char_boundary(2 * split::WORD_BYTES_MAX)];
        [self.code, " ", stem].concat()
    }
}

/// The script of a word's first letter.
fn script(word: &str) -> Script {
    let Some(first) = word.chars().find(|c| c.is_alphabetic()) else { return Script::Other };
    match first {
        c if is_spaceless(c) => Script::Other,
        'a'..='z' | 'A'..='Z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Script::Arabic,
        '\u{900}'..='\u{97f}' => Script::Devanagari,
        '\u{b80}'..='\u{bff}' => Script::Tamil,
        _ => Script::Other,
    }
}
