//! Values come with their way; what is deep or broken is handed over as text.

use super::{Step, Value, Visitor, Walk};

/// Notes every value that it is given.
#[derive(Default)]
struct Notes {
    seen: Vec<(String, Value, String)>,
}

impl Visitor for Notes {
    fn open(&mut self, path: &[Step], value: Value) -> bool {
        let way: Vec<String> = path
            .iter()
            .map(|step| match step {
                Step::Field(name) => name.clone(),
                Step::Element(number) => number.to_string(),
            })
            .collect();
        self.seen.push((way.join("/"), value, String::new()));
        true
    }

    fn piece(&mut self, piece: &str) -> String {
        if let Some(last) = self.seen.last_mut() {
            last.2.push_str(piece);
        }
        piece.to_owned()
    }

    fn close(&mut self) -> String {
        String::new()
    }
}

fn walked(json: &str) -> (String, Vec<(String, Value, String)>) {
    let mut walk = Walk::new(Notes::default());
    let mut out: String = json.chars().map(|c| walk.push(&c.to_string())).collect();
    out.push_str(&walk.finish());
    (out, walk.visitor.seen)
}

#[test]
fn every_value_comes_with_its_way() {
    let (out, seen) = walked(r#"{"a": ["x\u00e9", 12], "b": {"c": "\ud83d\ude00"}, "d": null}"#);
    let seen: Vec<(&str, &str)> =
        seen.iter().map(|(way, _, text)| (way.as_str(), text.as_str())).collect();
    assert_eq!(seen, [("a/0", "xé"), ("a/1", "12"), ("b/c", "😀")]);
    assert_eq!(out, r#"{"a": ["xé", 12], "b": {"c": "😀"}, "d": null}"#);
}

#[test]
fn what_is_too_deep_or_broken_is_text() {
    let deep = "[".repeat(100_000);
    let (out, seen) = walked(&deep);
    assert_eq!(out, deep);
    assert_eq!((seen.len(), seen[0].1), (1, Value::Other));
    let (out, seen) = walked("plain words, {\"a\": 1");
    assert_eq!((out.as_str(), seen[0].1), ("plain words, {\"a\": 1", Value::Other));
    let (_, seen) = walked(r#""half \ud83d pair""#);
    assert_eq!(seen[0].2, "half \u{FFFD} pair");
}
