//! Which terms text gives.

use std::collections::HashSet;

use proptest::prelude::*;

use super::{
    language::{self, Stemming},
    query::{QUERY_WORDS_MAX, Query, has_phrase},
    *,
};

fn terms(text: &str, language: Option<&str>) -> Vec<String> {
    stems(&with_language(text, language)).into_iter().map(|(_, term)| term).collect()
}

fn stemming(term: &str) -> Stemming {
    language::all().find(|stemming| term.starts_with(stemming.code)).unwrap()
}

fn check(text: &str, language: &str, expected: &[&str]) {
    let found = terms(text, Some(language));
    let found: Vec<_> = found.iter().map(|term| &term[3..]).collect();
    assert_eq!(found, expected, "{text}");
}

fn english() -> Vec<Stemming> {
    vec![language::OTHER, stemming("en")]
}

fn asked(query: &str, present: &[Stemming]) -> Vec<String> {
    let words = Query::read(query, present).words;
    words.into_iter().flat_map(|word| word.terms).map(|asked| asked.term).collect()
}

#[test]
fn plain_words_are_folded_and_stemmed() {
    check("Running dogs, naïve Café!", "en", &["run", "dog", "naiv", "cafe"]);
    check("STRASSE Straße", "en", &["strass", "strass"]);
    check("Привет, мир", "en", &["привет", "мир"]);
    check("ｆｕｌｌ ｗｉｄｔｈ ﬁne", "en", &["full", "width", "fine"]);
    check("...", "en", &[]);
    check("", "en", &[]);
}

#[test]
fn inflected_words_of_a_language_have_one_term() {
    for (language, words) in [
        ("en", "valve valves"),
        ("de", "Haus Häuser Hauses Hauser Haeuser"),
        ("de", "Straße Straßen Strasse"),
        ("fr", "l’entreprise entreprises"),
        ("es", "información informaciones informacion"),
        ("pt", "informação informações informacao"),
        ("it", "città citta dell'città"),
        ("nl", "boek boeken"),
        ("pl", "książka książki książkę"),
        ("ru", "книга книги книгу книгой"),
        ("ar", "الكتاب كتاب كِتاب"),
        ("hi", "किताब किताबें किताबों"),
        ("tr", "kitap kitaplar"),
    ] {
        let words: Vec<HashSet<_>> = words
            .split_whitespace()
            .map(|word| terms(word, Some(language)).into_iter().collect())
            .collect();
        let common = words.iter().skip(1).all(|other| !words[0].is_disjoint(other));
        assert!(common, "{language}: {words:?}");
    }
}

#[test]
fn compounds_give_themselves_and_their_parts() {
    check("ERR_CONN-42", "en", &["errconn42", "err", "conn", "42"]);
    check("1.2.3", "en", &["1.2.3", "1", "2", "3"]);
    check("snake_case", "en", &["snakecas", "snake", "case"]);
    check("foo::bar_baz", "en", &["foo::barbaz", "foo", "bar", "baz"]);
    check("getUserName", "en", &["getusernam", "get", "user", "name"]);
    check("IL-6", "en", &["il6", "il", "6"]);
    check("IL6", "en", &["il6", "il", "6"]);
    check("a@b.example", "en", &["a@b.exampl", "a", "b", "exampl"]);
    check("1,234,567 or 1, 2", "en", &["1234567", "1", "234", "567", "or", "1", "2"]);
    check("end. Next", "en", &["end", "next"]);
    check("C++ -x", "en", &["c", "x"]);
}

#[test]
fn scripts_without_spaces_give_characters_and_pairs() {
    check("東京都", "ja", &["東", "東京", "京", "京都", "都"]);
    check("Tokyo東京v2", "ja", &["tokyo", "東", "東京", "京", "v2", "v", "2"]);
    check("서울", "ko", &["서", "서울", "울"]);
}

#[test]
fn a_query_is_asked_without_stop_words_and_repeats() {
    let asked = |query: &str| asked(query, &english());
    assert_eq!(asked("What does the pump do for the pumps?"), ["en pump"]);
    assert_eq!(asked("to be or not"), ["en not"]);
    assert_eq!(asked("the the of"), ["en the", "en of"]);
    assert_eq!(asked("\"to be\" or the pump"), ["en to", "en be", "en pump"]);
    let many: Vec<_> = (0..1_000_000).map(|number| format!("w{number}")).collect();
    assert_eq!(asked(&many.join(" ")).len(), QUERY_WORDS_MAX);
}

#[test]
fn a_query_is_read_by_every_language_of_the_index() {
    let mut present = english();
    present.push(stemming("de"));
    assert_eq!(asked("Turbinen", &present), ["en turbinen", "de turbin"]);
    // `war` is a stop word of German only, unless the query is German.
    assert_eq!(asked("war casualties", &present), ["en war", "en casualti", "de casualti"]);
    assert_eq!(asked("Wann war die Wahl?", &present), ["en wahl", "de wahl"]);
}

#[test]
fn what_stands_in_quotation_marks_is_a_phrase() {
    let phrases = |query: &str| {
        let phrases = Query::read(query, &english()).phrases;
        phrases.iter().map(|phrase| format!("{phrase:?}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(phrases("what is \"Single source\" here"), "[(0, \"single\"), (1, \"source\")]");
    assert_eq!(phrases("„Haus-Tür auf“"), "[(0, \"haustur\"), (2, \"auf\")]");
    assert_eq!(phrases("「東京」"), "[(0, \"東\"), (1, \"京\")]");
    for query in ["a 5\" pipe and a 3\" valve", "\"\" \" \"", "an open \" mark", "it's 'so'"] {
        assert!(!has_phrase(query), "{query}");
    }
}

fn any_language() -> impl Strategy<Value = Option<&'static str>> {
    proptest::sample::select(vec![None, Some("de"), Some("es"), Some("zh"), Some("uk"), Some("")])
}

proptest! {
    #[test]
    fn any_text_gives_short_terms(text in "\\PC{0,200}", language in any_language()) {
        for term in terms(&text, language) {
            prop_assert!(term.len() > 3 && term.len() <= 8 * split::WORD_BYTES_MAX);
        }
        prop_assert!(exact(&text).iter().all(|(_, word)| !word.is_empty()));
    }

    #[test]
    fn any_text_is_found_by_itself(
        text in "[a-zäöüßéA-Z0-9_.:/@',東京 -]{0,80}",
        language in any_language(),
    ) {
        let indexed: HashSet<_> = terms(&text, language).into_iter().collect();
        let present: Vec<_> = indexed.iter().map(|term| stemming(term)).collect();
        let found = asked(&text, &present);
        prop_assert!(found.iter().all(|term| indexed.contains(term)), "{:?} {:?}", found, indexed);
    }
}
