//! What conditions mean, and what they refuse, with the place and a hint.

use assay_core::Coded;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Fields with their values, and a page.
struct Sample {
    fields: Vec<(&'static str, Value)>,
    page: Option<Option<Value>>,
}

impl Subject for Sample {
    fn each(&self, field: &str, see: &mut dyn FnMut(&Value)) {
        self.fields.iter().filter(|(name, _)| *name == field).for_each(|(_, value)| see(value));
    }

    fn page(&self) -> Option<Option<&Value>> {
        self.page.as_ref().map(Option::as_ref)
    }
}

fn sample() -> Sample {
    let fields = [
        ("tags", "Finance"),
        ("tags", "2021"),
        ("metadata.language", "en"),
        ("metadata.pages_read", "12"),
        ("date", "2024-03-15"),
        ("name", "Report_v2.pdf"),
        ("metadata.year", "2024"),
        ("metadata.draft", "true"),
    ];
    let fields = fields.map(|(name, text)| (name, Value::new(text))).into();
    Sample { fields, page: Some(Some(Value::new("7"))) }
}

fn holds(text: &str) -> bool {
    Condition::from_text(text).unwrap().truth(&sample()) == Truth::Yes
}

#[test]
fn every_operator_says_yes_and_no() {
    for (yes, no) in [
        ("tags = finance", "tags = fin"),
        ("language != de", "language ne EN"),
        ("pages_read > 9", "pages_read gt 12"),
        ("pages_read >= 12", "pages_read gte 12.5"),
        ("pages_read < 100", "pages_read lt 12"),
        ("pages_read <= 12", "pages_read lte 11.9"),
        ("name contains report", "name contains draft"),
        ("name not contains draft", "tags not_contains nance"),
        ("name starts with REPORT", "name starts_with pdf"),
        ("name ends with .pdf", "name ends_with v2"),
        (r"name regex '^Report_v\d\.pdf$'", "name ~ '^report'"),
        ("tags in [legal, finance]", "tags in [legal, hr]"),
        ("tags not in (legal, hr)", "tags not_in [legal, 2021]"),
    ] {
        assert!(holds(yes), "{yes}");
        assert!(!holds(no), "{no}");
    }
}

#[test]
fn words_join_as_in_logic() {
    assert!(holds("tags = hr or language = en and not name contains draft"));
    assert!(!holds("(tags = hr or language = en) and name contains draft"));
    assert!(holds("NOT (tags = hr OR tags = legal)"));
    assert!(holds("not not tags = finance"));
}

#[test]
fn dates_are_stretches_of_time() {
    for yes in [
        "date >= 2024",
        "date = 2024-03",
        "date <= 2024-03",
        "date < 2024-03-16",
        "date = 2024-03-15",
        "date > 2024-02",
        "year >= 2020",
        "date > 2024-03-14T23:59:59Z",
    ] {
        assert!(holds(yes), "{yes}");
    }
    for no in ["date > 2024", "date < 2024-03", "date = 2024-04", "date > 2024-03", "date > banana"]
    {
        assert!(!holds(no), "{no}");
    }
}

#[test]
fn what_is_absent_is_null_and_unequal() {
    assert!(holds("author = null") && !holds("author != null"));
    assert!(holds("author != ada") && holds("author not in [ada]") && !holds("author < z"));
    assert!(holds("tags != null") && holds("draft = true"));
}

#[test]
fn pages_are_left_open_for_documents() {
    let open = Sample { page: None, ..sample() };
    let truth = |text: &str| Condition::from_text(text).unwrap().truth(&open);
    assert_eq!(truth("page = 7"), Truth::Depends);
    assert_eq!(truth("not page = 7 and tags = finance"), Truth::Depends);
    assert_eq!(truth("page = 7 and tags = hr"), Truth::No);
    assert_eq!(truth("page = 7 or tags = finance"), Truth::Yes);
    assert!(holds("page > 3") && !holds("page in [1, 2]"));
}

#[test]
fn json_and_text_are_one_language() {
    let text = "tags in [a, \"b c\"] and (date >= 2020 or not language = de)";
    let json = json!({ "and": [
        { "field": "tags", "op": "in", "value": ["a", "b c"] },
        { "OR": [
            { "field": "date", "operator": "gte", "value": 2020 },
            { "not": { "field": "language", "op": "eq", "value": "de" } },
        ]},
    ]});
    let from_text = Condition::from_text(text).unwrap();
    assert_eq!(from_text.key(), Condition::from_json(&json).unwrap().key());
    assert_eq!(from_text.key(), Condition::from_json(&json!(text)).unwrap().key());
    assert_eq!(from_text.fields(), ["tags", "date", "metadata.language"]);
}

#[test]
fn faults_of_a_text_say_where() {
    for (text, place) in [
        ("", "character 1: expected the name of a field, found the end"),
        ("tags", "character 5: expected an operator after `tags`, found the end"),
        ("tags is a", "character 6: expected an operator after `tags`, found `is`"),
        ("tags =", "character 7: expected a value"),
        ("tags in a", "character 9: expected a list in brackets, found `a`"),
        ("tags in [a", "character 11: expected `,` or `]`, found the end"),
        ("tags in [a,]", "character 12: expected a value of the list, found `]`"),
        ("tags = a tags = b", "character 10: expected `and`, `or` or the end, found `tags`"),
        ("(tags = a", "character 10: expected `)`, found the end"),
        ("größe > 'a", "character 9: a quote is opened and not closed"),
        ("tags ! a", "character 6: `!` is out of place"),
        ("tags > null", "character 8: null can only be compared for equality"),
        ("name regex '(a'", "character 12: `(a` is not a regular expression"),
        ("name regex '(?:a{1000}){1000}'", "character 12"),
    ] {
        let error = Condition::from_text(text).unwrap_err();
        assert!(error.to_string().contains(place), "{text}: {error}");
        assert!(error.hint().is_some_and(|hint| hint.len() > 10));
    }
}

#[test]
fn faults_of_json_say_where() {
    for (json, place) in [
        (json!([]), "filter: expected an object"),
        (json!({}), "filter: a test needs"),
        (json!({ "and": [] }), "filter.and: expected a list"),
        (json!({ "and": [{ "xor": [] }] }), "filter.and[0].xor: expected"),
        (json!({ "not": 3 }), "filter.not: expected an object"),
        (json!({ "field": "a", "op": "like", "value": 1 }), "filter.op: `like` is no operator"),
        (json!({ "field": "a", "op": "in", "value": 1 }), "filter.value: expected a list"),
        (json!({ "field": "a", "op": "eq", "value": {} }), "filter.value: expected a text"),
        (json!({ "field": 1, "op": "eq", "value": 1 }), "filter.field: expected a text"),
        (json!({ "field": "a", "op": "eq", "value": 1, "x": 1 }), "filter.x: unknown"),
        (json!({ "field": "a", "op": "regex", "value": "(" }), "filter.value: `(` is not a reg"),
    ] {
        let error = Condition::from_json(&json).unwrap_err();
        assert!(error.to_string().starts_with(place), "{json}: {error}");
    }
}

#[test]
fn size_and_depth_have_bounds() {
    let refused = |text: String| Condition::from_text(&text).unwrap_err().to_string();
    assert!(refused("(".repeat(100_000)).contains("allowed"));
    assert!(refused(format!("{}a = 1", "(".repeat(40))).contains("levels"));
    assert!(refused(format!("{}a = 1", "not ".repeat(40))).contains("levels"));
    assert!(refused(vec!["a = 1"; 65].join(" or ")).contains("tests"));
    assert!(refused(format!("a in [{}]", vec!["1"; 600].join(","))).contains("values"));
    assert!(refused(format!("a = '{}'", "x".repeat(2_000))).contains("bytes"));
    let mut deep = json!({ "field": "a", "op": "eq", "value": 1 });
    for _ in 0..40 {
        deep = json!({ "not": deep });
    }
    assert!(Condition::from_json(&deep).unwrap_err().to_string().contains("levels"));
}

proptest! {
    /// No text stops the parser, and what it reads can be asked.
    #[test]
    fn any_text_is_read_or_refused(text in "[a-c\\[\\](),'\"=<>!~ \\\\é-]{0,40}( and| or| not| in|)") {
        if let Ok(condition) = Condition::from_text(&text) {
            condition.truth(&sample());
        }
    }

    /// A quoted text is the text.
    #[test]
    fn quotes_keep_any_value(text in "\\PC{0,20}") {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let sample = Sample { fields: vec![("tags", Value::new(&text))], page: None };
        let condition = Condition::from_text(&format!("tags = \"{quoted}\"")).unwrap();
        prop_assert_eq!(condition.truth(&sample), Truth::Yes);
    }
}
