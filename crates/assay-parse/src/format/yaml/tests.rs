//! YAML: documents, aliases, damage and bounds.

use assay_core::ParseLimits;

use crate::{BlockKind, FileHint, Parsed, ProblemCode, parse, to_markdown};

fn read(text: &str) -> Parsed {
    let hint = FileHint { name: Some("a.yaml"), media_type: None };
    parse(text.as_bytes(), &hint, &ParseLimits::default()).unwrap()
}

#[test]
fn documents_become_lines() {
    let parsed =
        read("# note\nname: wéb\nports:\n  - 80\n  - 443\nversion: 1.10\n? [a, b]\n: key\n");
    assert_eq!(parsed.text, "name: wéb\nports: 80, 443\nversion: 1.10\na, b: key");
    assert_eq!(parsed.problems, []);
    let parsed = read("kind: A\n---\nkind: B\ntext: |\n  one\n  two\n---\nkind: C\n");
    assert_eq!(
        to_markdown(&parsed),
        "kind: A\n\n# 2\n\nkind: B\n\ntext: one\ntwo\n\n# 3\n\nkind: C"
    );
}

#[test]
fn aliases_are_resolved_where_they_stand() {
    let file = "base: &b\n  x: 1\ncopy: *b\nself: &s [*s]\n";
    let parsed = read(file);
    assert_eq!(parsed.text, "base.x: 1\ncopy.x: 1\nself: …");
}

#[test]
fn aliases_that_grow_are_bounded() {
    let mut bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..30 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    let parsed = read(&bomb);
    assert!(parsed.problems.iter().any(|problem| problem.code == ProblemCode::Limit));
    assert!(parsed.text.len() < 16 << 20);
}

#[test]
fn what_comes_before_damage_is_kept() {
    let parsed = read("a: 1\nb: [x, y\nc: }\n");
    assert!(parsed.text.starts_with("a: 1"));
    assert_eq!(parsed.problems.len(), 1);
    assert_eq!(parsed.problems[0].code, ProblemCode::Damaged);
    let parsed = read("@not yaml\n");
    assert_eq!(parsed.blocks[0].kind, BlockKind::Code { language: Some("yaml".to_owned()) });
}

#[test]
fn nesting_is_bounded() {
    for open in ["[", "{a: ", "- ", "? ", "a:\n "] {
        let parsed = read(&open.repeat(20_000));
        assert!(!parsed.problems.is_empty() || parsed.text.len() < 200_000, "{open:?}");
    }
}

#[test]
fn flipped_bytes_never_panic() {
    let file = "a: &x [1, {b: 'c'}]\nd: |\n  é\n  text\n? k\n: - *x\n  - !!str \"q\\u00e9\"\n---\n- >-\n x\n...\n";
    let mut state = 5_u64;
    for _ in 0..2_000 {
        let mut bytes = file.as_bytes().to_vec();
        for _ in 0..2 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(state >> 33).unwrap() % bytes.len();
            bytes[at] = file.as_bytes()[usize::from(state.to_be_bytes()[3]) % file.len()];
        }
        let hint = FileHint { name: Some("a.yaml"), media_type: None };
        let result = parse(&bytes, &hint, &ParseLimits::default());
        assert!(result.is_ok(), "{result:?} {bytes:?}");
    }
}

#[test]
fn named_values_inside_each_other_are_bounded() {
    let open: String = (0..200).map(|level| format!("&n{level} [")).collect();
    let text =
        format!("a: {open}{}{}\nb: *n199\nc: end\n", "word, ".repeat(20_000), "]".repeat(200));
    let parsed = read(&text);
    assert!(parsed.text.contains("c: end"));
    assert!(parsed.text.len() < 1 << 20);
}
