//! Which terms text gives.

use proptest::prelude::*;

use super::*;

fn check(text: &str, expected: &[&str]) {
    assert_eq!(terms(&mut analyzer(), text), expected, "{text}");
}

#[test]
fn plain_words_are_folded_and_stemmed() {
    check("Running dogs, naïve Café!", &["run", "dog", "naiv", "cafe"]);
    check("STRASSE Straße", &["strass", "strass"]);
    check("Привет, мир", &["привет", "мир"]);
    check("...", &[]);
    check("", &[]);
}

#[test]
fn compounds_give_themselves_and_their_parts() {
    check("ERR_CONN-42", &["errconn42", "err", "conn", "42"]);
    check("1.2.3", &["1.2.3", "1", "2", "3"]);
    check("snake_case", &["snakecas", "snake", "case"]);
    check("getUserName", &["getusernam", "get", "user", "name"]);
    check("IL-6", &["il6", "il", "6"]);
    check("IL6", &["il6", "il", "6"]);
    check("a@b.example", &["a@b.exampl", "a", "b", "exampl"]);
    check("end. Next", &["end", "next"]);
    check("C++ -x", &["c", "x"]);
}

#[test]
fn scripts_without_spaces_give_characters_and_pairs() {
    check("東京都", &["東", "東京", "京", "京都", "都"]);
    check("Tokyo東京v2", &["tokyo", "東", "東京", "京", "v2", "v", "2"]);
    check("서울", &["서", "서울", "울"]);
}

#[test]
fn a_query_is_asked_without_stop_words_and_repeats() {
    let terms = QueryTerms::new();
    assert_eq!(terms.of("What does the pump do for the pumps?"), ["pump"]);
    assert_eq!(terms.of("to be or not"), ["not"]);
    assert_eq!(terms.of("the the of"), ["the", "of"]);
    let many: Vec<_> = (0..1_000_000).map(|number| format!("w{number}")).collect();
    assert_eq!(terms.of(&many.join(" ")).len(), QUERY_TERMS_MAX);
}

proptest! {
    #[test]
    fn any_text_gives_short_terms(text in "\\PC{0,200}") {
        for term in terms(&mut analyzer(), &text) {
            prop_assert!(!term.is_empty() && term.len() <= 8 * WORD_BYTES_MAX);
        }
    }

    #[test]
    fn any_text_is_found_by_itself(text in "[a-zA-Z0-9_.:/@' -]{0,80}") {
        let indexed: HashSet<_> = terms(&mut analyzer(), &text).into_iter().collect();
        prop_assert!(QueryTerms::new().of(&text).iter().all(|term| indexed.contains(term)));
    }
}
