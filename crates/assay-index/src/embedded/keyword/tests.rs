//! Scores, identifiers and damage in the keyword index.

use tantivy::indexer::NoMergePolicy;
use tempfile::TempDir;

use super::*;
use crate::contract::passage;

fn open(folder: &TempDir) -> Keyword {
    Keyword::open(&folder.path().join("keyword"), &IndexSettings::default(), None).unwrap()
}

fn filled(folder: &TempDir, texts: &[&str]) -> Keyword {
    let keyword = open(folder);
    let changes: Vec<_> = (1..)
        .zip(texts)
        .map(|(id, text)| IndexChange::Put(Box::new(passage(id, id, 1, text, None))))
        .collect();
    keyword.apply(&changes, 1).unwrap();
    keyword
}

fn search(keyword: &Keyword, query: &str) -> Vec<u128> {
    let hits = keyword.search(query, &Filter::default(), 10).unwrap();
    hits.iter().map(|hit| hit.passage.as_u128()).collect()
}

#[test]
fn scores_follow_the_formula() {
    let folder = TempDir::new().unwrap();
    let keyword = filled(&folder, &["pump pump valve", "valve", "ledger page"]);
    let hits = keyword.search("pump", &Filter::default(), 10).unwrap();
    // One of three passages holds the word, twice; it has 3 words, the average is 2.
    let idf = (1.0_f32 + (3.0 - 1.0 + 0.5) / (1.0 + 0.5)).ln();
    let Bm25 { k1, b } = keyword.bm25;
    let expected = idf * 2.0 * (k1 + 1.0) / (2.0 + k1 * (1.0 - b + b * 3.0 / 2.0));
    assert!((hits[0].score - expected).abs() < 1e-4, "{} {expected}", hits[0].score);
}

#[test]
fn identifiers_are_found_whole_and_in_part() {
    let folder = TempDir::new().unwrap();
    let keyword = filled(
        &folder,
        &[
            "failed with ERR_CONN-42 today",
            "upgrade to 1.2.3 now",
            "call getUserName()",
            "東京都庁",
        ],
    );
    for (query, expected) in [
        ("ERR_CONN-42", 1),
        ("err_conn_42", 1),
        ("conn", 1),
        ("1.2.3", 2),
        ("getusername", 3),
        ("user name", 3),
        ("京都", 4),
        ("東", 4),
    ] {
        assert_eq!(search(&keyword, query), [expected], "{query}");
    }
}

#[test]
fn segments_stay_few() {
    let folder = TempDir::new().unwrap();
    let keyword = open(&folder);
    for id in 1..=40 {
        let change = IndexChange::Put(Box::new(passage(id, id, 1, "word", None)));
        keyword.apply(&[change], id as u64).unwrap();
    }
    keyword.close();
    let keyword = open(&folder);
    let segments = keyword.searcher().segment_readers().len();
    assert!(segments < 10, "{segments} segments");
    assert_eq!(keyword.len(), 40);
    assert_eq!(keyword.position(), 40);
}

/// A process that was killed before it merged leaves segments that the next one merges while it
/// takes in its first changes; see `Keyword::start_writer`.
#[test]
fn the_first_removal_after_a_start_survives_a_merge() {
    let put = |id| IndexChange::Put(Box::new(passage(id, id, 1, "word", None)));
    let remove = |id| IndexChange::RemovePassage(PassageId::from_u128(id));
    let folder = TempDir::new().unwrap();
    let keyword = open(&folder);
    for (position, ids) in (1..).zip([1..5_u128, 5..9, 9..13, 13..16]) {
        keyword.apply(&ids.map(put).collect::<Vec<_>>(), position).unwrap();
        keyword.writer.lock().unwrap().as_ref().unwrap().set_merge_policy(Box::new(NoMergePolicy));
    }
    keyword.apply(&[remove(13)], 5).unwrap();
    keyword.close();

    let keyword = open(&folder);
    assert_eq!(keyword.searcher().segment_readers().len(), 4);
    keyword.apply(&[remove(14), put(16)], 6).unwrap();
    keyword.close();
    let left: Vec<_> = open(&folder).passages().unwrap().iter().map(|id| id.as_u128()).collect();
    assert_eq!(left, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16]);
}

#[test]
fn an_index_of_another_format_is_started_anew() {
    let folder = TempDir::new().unwrap();
    let keyword = filled(&folder, &["words"]);
    keyword.close();
    let path = folder.path().join("keyword").join("meta.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(FORMAT, "assay-keyword-0:")).unwrap();
    let keyword = open(&folder);
    assert_eq!((keyword.position(), keyword.len()), (0, 0));
    assert!(search(&keyword, "words").is_empty());
}

#[test]
fn a_whole_identifier_ranks_above_its_parts() {
    let folder = TempDir::new().unwrap();
    let keyword = filled(
        &folder,
        &[
            "reset the conn of the err handler, then reset the conn again: err, conn, reset",
            "the browser shows ERR_CONN_RESET when the far side hangs up in the middle of it all",
            "borrowed twice gives E0502, says the compiler in its explanation of the message",
            "RFC 2119 tells what must and should mean",
            "call foo::bar_baz or write to ops@example.org about SN-44-B/7 in /etc/app/main.conf",
        ],
    );
    for (query, expected) in [
        ("ERR_CONN_RESET", 2),
        ("E0502", 3),
        ("RFC2119", 4),
        ("rfc-2119", 4),
        ("foo::bar_baz", 5),
        ("bar_baz", 5),
        ("ops@example.org", 5),
        ("SN-44-B/7", 5),
        ("main.conf", 5),
    ] {
        assert_eq!(search(&keyword, query).first(), Some(&expected), "{query}");
    }
}

fn of_language(id: u128, language: &str, text: &str) -> IndexChange {
    let passage = passage(id, id, 1, text, None);
    IndexChange::Put(Box::new(crate::IndexedPassage {
        language: Some(language.to_owned()),
        ..passage
    }))
}

#[test]
fn short_queries_find_their_language_among_others() {
    let folder = TempDir::new().unwrap();
    let keyword = open(&folder);
    let changes = [
        of_language(1, "en", "The turbines were serviced by two mechanics in the old hall."),
        of_language(2, "de", "Die Häuser am Hafen werden von der Stadt verwaltet."),
        of_language(3, "de", "Eine Erklärung zum Datenschutz liegt jedem Vertrag bei."),
        of_language(4, "es", "Las informaciones sobre los trenes se publican cada mañana."),
        of_language(5, "fr", "L'entreprise publie les comptes rendus de ses réunions."),
        of_language(6, "zh", "图书馆每天上午九点开门，星期一休息。"),
        of_language(7, "ja", "図書館は月曜日に休みます。"),
        of_language(8, "ko", "도서관은 월요일에 문을 닫습니다."),
        of_language(9, "ru", "Книги выдают читателям на две недели."),
        of_language(10, "ar", "تفتح المكتبة أبوابها في الصباح."),
        of_language(11, "hi", "पुस्तकालय की किताबें दो सप्ताह के लिए मिलती हैं।"),
        of_language(12, "pl", "Książki wypożycza się na dwa tygodnie."),
    ];
    keyword.apply(&changes, 1).unwrap();
    for (query, expected) in [
        ("turbine service", 1),
        ("Haus Hafen", 2),
        ("Haeuser", 2),
        ("Datenschutzerklärung", 3),
        ("informacion tren", 4),
        ("entreprise réunion", 5),
        ("图书馆什么时候开门", 6),
        ("図書館の休み", 7),
        ("도서관 월요일", 8),
        ("книга читатель", 9),
        ("مكتبة الصباح", 10),
        ("किताब", 11),
        ("książka na tydzień", 12),
        ("ｔｕｒｂｉｎｅ", 1),
    ] {
        assert_eq!(search(&keyword, query).first(), Some(&expected), "{query}");
    }
    let respelled = keyword.respelled("Datenschutzerklärung", &Filter::default()).unwrap();
    assert_eq!(respelled[0].taken, "datenschutz erklärung");
}
