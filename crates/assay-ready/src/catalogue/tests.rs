//! The checklist that the program brings is sound, and what is wrong with another one is told.

use super::*;

#[test]
fn the_checklist_is_sound() {
    let catalogue = Catalogue::load(None).unwrap();
    assert_eq!(catalogue.checks.len(), 250);
    let automatic = catalogue.checks.iter().filter(|check| check.is_automatic()).count();
    assert!(automatic >= 224, "{automatic} are decided without a person");
    assert_eq!(catalogue.profiles.len(), 9);
}

fn problems(checks: &str, profile: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("checks", checks), ("profiles", profile)] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        std::fs::write(folder.path().join(name).join("own.toml"), text).unwrap();
    }
    Catalogue::load(Some(folder.path())).unwrap_err().to_string()
}

const CHECK: &str = r#"
[[check]]
id = "OWN-01"
title = "It holds"
class = ["attested"]
role = "operations"
severity = "minor"
when = "before"
method = "somebody looks"
threshold = "none"
remedy = "look"
sources = ""
"#;

#[test]
fn two_equal_ids_are_refused() {
    let text = format!("section = \"Own\"\n{CHECK}{CHECK}");
    assert!(problems(&text, "").contains("two checks are called `OWN-01`"));
}

#[test]
fn a_profile_with_an_unknown_check_is_refused() {
    let said = problems("section = \"Own\"", "checks = [\"NOT-99\"]");
    assert!(said.contains("there is no check `NOT-99`"), "{said}");
    let said = problems("section = \"Own\"", "[thresholds]\nHLT-01 = { never = 1 }");
    assert!(said.contains("expects nothing of `never`"), "{said}");
}

#[test]
fn a_check_that_nothing_decides_is_refused() {
    let text = format!("section = \"Own\"\n{}", CHECK.replace("attested", "automatic"));
    assert!(problems(&text, "").contains("nothing decides it"));
}
