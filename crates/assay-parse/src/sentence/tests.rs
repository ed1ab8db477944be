//! Sentence ends in several languages, and what must hold for any text.

use proptest::prelude::*;

use super::*;

mod languages;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let got: Vec<&str> = sentences(text).into_iter().map(|range| range.of(text)).collect();
    assert_eq!(got, expected);
}

#[test]
fn plain_sentences_end_at_their_marks() {
    check("One. Two! Three? Four", &["One.", "Two!", "Three?", "Four"]);
    check("Wait... What?! Yes.", &["Wait...", "What?!", "Yes."]);
    check("", &[]);
    check("  \n ", &[]);
}

#[test]
fn abbreviations_go_on() {
    for text in [
        "Dr. Smith met Mr. J. R. Jones in St. Louis.",
        "See Fig. 3 and Eq. 4, e.g. Section 2, i.e. Table 1.",
        "Smith et al. (2019) found it, cf. Jones vs. Brown.",
        "It lies on p. 12 of no. 4, approx. 3 km away.",
        "The U.S. Army left at 5 p.m. Eastern time.",
        "The value of 3.14 is in version 1.2.3 at https://a.example/b.c?d=1.",
        "The firm (Acme Inc.) was sold.",
        "He waited... and left.",
    ] {
        check(text, &[text]);
    }
}

#[test]
fn a_mark_may_end_a_sentence_after_an_abbreviation() {
    check(
        "They moved to the U.S. The war went on.",
        &["They moved to the U.S.", "The war went on."],
    );
    check("He said no. Then he left.", &["He said no.", "Then he left."]);
    check("Take vitamin C. Then rest.", &["Take vitamin C.", "Then rest."]);
    check(
        "Cells were counted by Lee et al. The rest died.",
        &["Cells were counted by Lee et al.", "The rest died."],
    );
}

#[test]
fn closing_quotes_belong_to_the_sentence() {
    check("“Stop!” He ran. (He fell.) End.", &["“Stop!”", "He ran.", "(He fell.)", "End."]);
    check("\"Why?\" she asked.", &["\"Why?\" she asked."]);
    check("iOS runs. mRNA does not.", &["iOS runs.", "mRNA does not."]);
}

#[test]
fn other_scripts() {
    check("我来了。你呢？好！", &["我来了。", "你呢？", "好！"]);
    check("他说：「走吧。」然后走了。", &["他说：「走吧。」", "然后走了。"]);
    check("هل أنت بخير؟ نعم.", &["هل أنت بخير؟", "نعم."]);
    check("यह पहला है। यह दूसरा है।", &["यह पहला है।", "यह दूसरा है।"]);
}

#[test]
fn lines_and_lists() {
    check("A line\nthat goes on. Next\n\nPara", &["A line\nthat goes on.", "Next", "Para"]);
    check("1. First step\n2. Second step", &["1. First step", "2. Second step"]);
    check("Buy:\n- milk\n- bread", &["Buy:", "- milk", "- bread"]);
    check("a | b\n1 | 2", &["a | b", "1 | 2"]);
}

proptest! {
    #[test]
    fn every_character_is_in_one_sentence(text in "(\\PC|[.!?。 \n\"'A-Za-z0-9]){0,200}") {
        let ranges = sentences(&text);
        let mut at = 0;
        for range in &ranges {
            let (start, end) = (range.start as usize, range.end as usize);
            prop_assert!(at <= start && start < end);
            prop_assert!(text[at..start].trim().is_empty());
            prop_assert_eq!(text[start..end].trim(), &text[start..end]);
            at = end;
        }
        prop_assert!(text[at..].trim().is_empty());
    }

    /// Abbreviations, numbers, quotes and marks in any order and language.
    #[test]
    fn pieces_of_any_language_are_covered(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let ranges = sentences(&text);
        let mut at = 0;
        for range in &ranges {
            prop_assert!(text.get(range.start as usize..range.end as usize).is_some());
            prop_assert!(text.get(at..range.start as usize).is_some_and(|gap| gap.trim().is_empty()));
            at = range.end as usize;
        }
        prop_assert!(text[at..].trim().is_empty());
        for number in ["3.5", "1.000,50", "v1.2.3", "1 234,56", "10:30"] {
            for (start, _) in text.match_indices(number) {
                let inside = |range: &&TextRange| {
                    (range.start as usize..range.end as usize).contains(&start)
                };
                let range = ranges.iter().find(inside).unwrap();
                prop_assert!(range.end as usize >= start + number.len(), "{number} in {text}");
            }
        }
    }
}

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        " ",
        " ",
        "\n",
        "\n\n",
        ". ",
        ".",
        "! ",
        "? ",
        "… ",
        "...",
        "。",
        "！",
        "؟ ",
        "۔ ",
        "। ",
        "॥",
        "z. B. ",
        "d.h. ",
        "p. ej. ",
        "EE. UU. ",
        "т. е. ",
        "г. ",
        "m.in. ",
        "dr hab. ",
        "Ex.mo ",
        "3.5",
        "1.000,50",
        "v1.2.3",
        "1 234,56",
        "10:30",
        "3. Mai ",
        "Nr. 5",
        "2024. 3. 15. ",
        "J. ",
        "Smith",
        "word",
        "Wort",
        "слово",
        "字",
        "か",
        "عربي",
        "शब्द",
        "한국",
        "https://a.b/c.d",
        "a@b.example",
        "«",
        "»",
        " »",
        "„",
        "“",
        "”",
        "「",
        "」",
        "(",
        ")",
        "¿",
        "¡",
        "—",
        "\u{202f}",
        "1) ",
        "- ",
        "* ",
        "é\u{301}",
        "\u{200f}",
    ])
}
