//! Every style on the sources it has to cope with: whole, without parts, hostile.

use proptest::prelude::*;

use super::{
    Author, Bibliography, BibliographyStyle, Date, Reference, ReferenceKind, authors, bibtex,
};

fn named(names: &[&str]) -> Vec<Author> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn day(text: &str) -> Option<Date> {
    Some(text.parse().unwrap())
}

fn page() -> Reference {
    Reference {
        title: "How tides work".to_owned(),
        authors: named(&["Ana M. Silva", "van der Berg, Jan-Piet"]),
        issued: day("2020-09-03"),
        container: "Ocean Notes".to_owned(),
        url: "https://www.ocean.example/tides?a=1&b=2".to_owned(),
        accessed: day("2026-11-21"),
        ..Reference::default()
    }
}

fn article() -> Reference {
    Reference {
        kind: ReferenceKind::Article,
        title: "Early dexamethasone in \"severe\" cases".to_owned(),
        authors: named(&["Lind, J.", "King, Martin Luther, Jr.", "World Health Organization"]),
        issued: day("2021-05"),
        container: "Journal of Trials".to_owned(),
        volume: "12".to_owned(),
        issue: "3".to_owned(),
        pages: "45-67".to_owned(),
        doi: "https://doi.org/10.1000/xyz_1".to_owned(),
        ..Reference::default()
    }
}

fn bare() -> Reference {
    Reference {
        title: "Opening hours".to_owned(),
        url: "https://museum.example/".to_owned(),
        accessed: day("2026-11-21"),
        ..Reference::default()
    }
}

fn book() -> Reference {
    Reference {
        kind: ReferenceKind::Book,
        title: "The sea".to_owned(),
        authors: named(&["Ludwig van Beethoven"]),
        issued: day("1999"),
        publisher: "Harbour Press".to_owned(),
        ..Reference::default()
    }
}

fn entry(style: &str, reference: Reference) -> String {
    let style = style.parse().unwrap();
    Bibliography::new(style, &[reference]).entries.remove(0).text
}

#[test]
fn apa() {
    let expected = "Silva, A. M., & van der Berg, J.-P. (2020, September 3). How tides work. \
        Ocean Notes. https://www.ocean.example/tides?a=1&b=2";
    assert_eq!(entry("apa", page()), expected);
    let expected = "Lind, J., King, M. L., Jr., & World Health Organization. (2021). Early \
        dexamethasone in \"severe\" cases. Journal of Trials, 12(3), 45–67. \
        https://doi.org/10.1000/xyz_1";
    assert_eq!(entry("apa", article()), expected);
    let expected =
        "Opening hours. (n.d.). Retrieved November 21, 2026, from https://museum.example/";
    assert_eq!(entry("apa", bare()), expected);
    assert_eq!(entry("apa", book()), "van Beethoven, L. (1999). The sea. Harbour Press.");
}

#[test]
fn apa_names_nineteen_authors_and_the_last() {
    let names: Vec<String> = (0..25).map(|at| format!("Family{at:02}, G.")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let listed = entry("apa", Reference { authors: named(&names), ..page() });
    assert!(listed.contains("Family18, G., … Family24, G. (2020"), "{listed}");
    assert!(!listed.contains("Family19"), "{listed}");
}

#[test]
fn mla() {
    let expected = "Silva, Ana M., and Jan-Piet van der Berg. “How tides work.” Ocean Notes, \
        3 Sept. 2020, https://www.ocean.example/tides?a=1&b=2. Accessed 21 Nov. 2026.";
    assert_eq!(entry("mla", page()), expected);
    let expected = "Lind, J., et al. “Early dexamethasone in ‘severe’ cases.” Journal of Trials, \
        vol. 12, no. 3, May 2021, pp. 45–67, https://doi.org/10.1000/xyz_1.";
    assert_eq!(entry("mla", article()), expected);
    let expected = "“Opening hours.” https://museum.example/. Accessed 21 Nov. 2026.";
    assert_eq!(entry("mla", bare()), expected);
    assert_eq!(entry("mla", book()), "van Beethoven, Ludwig. The sea. Harbour Press, 1999.");
}

#[test]
fn chicago() {
    let expected = "Silva, Ana M., and Jan-Piet van der Berg. 2020. “How tides work.” Ocean \
        Notes. September 3, 2020. https://www.ocean.example/tides?a=1&b=2.";
    assert_eq!(entry("chicago", page()), expected);
    let expected = "Lind, J., Martin Luther King Jr., and World Health Organization. 2021. “Early \
        dexamethasone in ‘severe’ cases.” Journal of Trials 12 (3): 45–67. \
        https://doi.org/10.1000/xyz_1.";
    assert_eq!(entry("chicago", article()), expected);
    let expected = "“Opening hours.” n.d. Accessed November 21, 2026. https://museum.example/.";
    assert_eq!(entry("chicago", bare()), expected);
    assert_eq!(entry("chicago", book()), "van Beethoven, Ludwig. 1999. The sea. Harbour Press.");
}

#[test]
fn ieee() {
    let expected = "[1] A. M. Silva and J.-P. van der Berg, “How tides work,” Ocean Notes, Sept. \
        3, 2020. Accessed: Nov. 21, 2026. [Online]. Available: \
        https://www.ocean.example/tides?a=1&b=2";
    assert_eq!(entry("ieee", page()), expected);
    let expected = "[1] J. Lind, M. L. King Jr., and World Health Organization, “Early \
        dexamethasone in ‘severe’ cases,” Journal of Trials, vol. 12, no. 3, pp. 45–67, May 2021, \
        doi: 10.1000/xyz_1.";
    assert_eq!(entry("ieee", article()), expected);
    let expected = "[1] “Opening hours.” Accessed: Nov. 21, 2026. [Online]. Available: \
        https://museum.example/";
    assert_eq!(entry("ieee", bare()), expected);
    assert_eq!(entry("ieee", book()), "[1] L. van Beethoven, The sea. Harbour Press, 1999.");
}

#[test]
fn bibtex() {
    let hostile = Reference {
        title: "50% of {A} & B_1 $x$ ~ ^ \\ #".to_owned(),
        authors: named(&["Smith and Sons, John", "{Food and Drug Administration}"]),
        url: "https://x.example/a_b%20{c}#d".to_owned(),
        ..page()
    };
    // No word of the title has more than three letters: the whole of it makes the key.
    let expected = r"@misc{smithandsons202050ofab1x,
  title = {{50\% of \textbraceleft{}A\textbraceright{} \& B\_1 \$x\$ \textasciitilde{} \textasciicircum{} \textbackslash{} \#}},
  author = {{Smith and Sons}, John and {Food and Drug Administration}},
  howpublished = {Ocean Notes},
  url = {https://x.example/a_b%20%7Bc%7D#d},
  year = {2020},
  month = sep,
  day = {3},
  urldate = {2026-11-21}
}";
    assert_eq!(entry("bibtex", hostile), expected);
    assert_eq!(bibtex::keys(&[page(), page()]), ["silva2020tides", "silva2020tidesa"]);
}

#[test]
fn ris() {
    let lines: Vec<String> = entry("ris", article()).lines().map(str::to_owned).collect();
    let expected = [
        "TY  - JOUR",
        "TI  - Early dexamethasone in \"severe\" cases",
        "AU  - Lind, J.",
        "AU  - King, Martin Luther, Jr.",
        "AU  - World Health Organization",
        "PY  - 2021",
        "DA  - 2021/05",
        "T2  - Journal of Trials",
        "VL  - 12",
        "IS  - 3",
        "SP  - 45",
        "EP  - 67",
        "DO  - 10.1000/xyz_1",
        "ER  - ",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn markdown() {
    let expected = "1. Silva, Ana M.; van der Berg, Jan-Piet. [How tides work](https://www.ocean\
        .example/tides?a=1&b=2). Ocean Notes. 2020-09-03. Accessed 2026-11-21.";
    assert_eq!(entry("markdown", page()), expected);
    let script = Reference {
        title: "<b>[x](y)</b>".to_owned(),
        url: "javascript:alert(1)".to_owned(),
        ..Reference::default()
    };
    assert_eq!(entry("markdown", script), r"1. \<b\>\[x\](y)\</b\>, javascript:alert(1).");
}

#[test]
fn works_of_one_author_and_year_get_letters_and_lists_are_sorted() {
    let other = Reference { title: "Almanac".to_owned(), ..page() };
    let list = Bibliography::new(BibliographyStyle::Apa, &[page(), bare(), other]);
    let numbers: Vec<usize> = list.entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [2, 3, 1], "{list:?}");
    assert!(list.entries[1].text.contains("(2020a, September 3). Almanac."), "{list:?}");
    assert_eq!(list.entries[2].in_text, "Silva & van der Berg, 2020b");
    assert_eq!(list.entries[0].in_text, "“Opening hours,” n.d.");
}

#[test]
fn names_are_read_in_either_order() {
    let person = |family: &str, given: &str, suffix: &str| Author::Person {
        family: family.to_owned(),
        given: given.to_owned(),
        suffix: suffix.to_owned(),
    };
    let cases = [
        ("Vincent van Gogh", person("van Gogh", "Vincent", "")),
        ("García Márquez, Gabriel", person("García Márquez", "Gabriel", "")),
        ("Martin Luther King Jr.", person("King", "Martin Luther", "Jr.")),
        ("King, Jr., Martin", person("King", "Martin", "Jr.")),
        ("Plato", Author::Literal("Plato".to_owned())),
        ("王小明", Author::Literal("王小明".to_owned())),
        ("{Ada Lovelace}", Author::Literal("Ada Lovelace".to_owned())),
        ("Ministry of Health", Author::Literal("Ministry of Health".to_owned())),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse(), Ok(expected), "{text}");
    }
    assert_eq!(authors("Ana Silva and Jan Berg").len(), 2);
    assert_eq!(authors("Silva, A.; Berg, J. & Sons").len(), 2);
    assert_eq!(authors("Food and Drug Administration").len(), 1);
    assert_eq!(authors(" ").len(), 0);
}

#[test]
fn dates_are_days_of_the_calendar_or_refused() {
    for (text, shown) in
        [("2020", "2020"), ("2020-02-29", "2020-02-29"), ("2020-05-03T10:00:00Z", "2020-05-03")]
    {
        assert_eq!(text.parse::<Date>().unwrap().to_string(), shown);
    }
    for text in ["", "May", "20", "2020-13", "2021-02-29", "2020-1-1", "2020-05-03-1", "2020 x"] {
        assert!(text.parse::<Date>().is_err(), "{text}");
    }
}

proptest! {
    /// Whatever a source says of itself, each form stays a form that its reader can read.
    #[test]
    fn no_field_breaks_out(title in any::<String>(), author in any::<String>(), url in any::<String>()) {
        let reference = Reference {
            title,
            authors: authors(&author),
            url,
            publisher: author.clone(),
            ..Reference::default()
        };
        let list = |style: BibliographyStyle| {
            Bibliography::new(style, std::slice::from_ref(&reference)).entries.remove(0).text
        };
        let bibtex = list(BibliographyStyle::Bibtex);
        let mut depth = 0;
        for (at, c) in bibtex.char_indices() {
            depth += i32::from(c == '{') - i32::from(c == '}');
            prop_assert!(depth > 0 || c != '}' || at + 1 == bibtex.len(), "{bibtex}");
        }
        prop_assert_eq!(depth, 0, "{}", bibtex);
        for line in list(BibliographyStyle::Ris).split("\r\n").filter(|line| !line.is_empty()) {
            prop_assert!(line.get(2..6) == Some("  - ") && !line.contains('\n'), "{}", line);
        }
        let item: serde_json::Value = serde_json::from_str(&list(BibliographyStyle::CslJson)).unwrap();
        prop_assert!(item.is_object());
        for style in BibliographyStyle::NAMES {
            let style: BibliographyStyle = style.parse().unwrap();
            if !matches!(style, BibliographyStyle::Bibtex | BibliographyStyle::Ris) {
                prop_assert!(!list(style).contains(['\n', '\r']), "{}", list(style));
            }
        }
    }
}
