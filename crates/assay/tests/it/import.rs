//! `assay gateway import`, as a person runs it.

use crate::support::Desk;

const LITELLM: &str = "model_list:
  - model_name: gpt-4o
    litellm_params: { model: openai/gpt-4o, api_key: os.environ/TEAM_KEY, rpm: 5 }
";

#[test]
fn a_litellm_file_becomes_a_configuration_that_is_accepted() {
    let desk = Desk::new();
    let file = desk.file("litellm.yaml", LITELLM);
    let out = desk.files().join("assay.toml");
    let arguments = ["gateway", "import", file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let written = desk.run(&arguments);
    assert_eq!(written.code, 0, "{written:?}");
    assert!(written.stderr.contains("`gpt-4o` rpm: "), "{written:?}");
    assert_eq!(desk.run(&arguments).code, 4, "a file that is there is not written over");
    let checked = desk.run(&["config", "check", "--config", out.to_str().unwrap()]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let shown = desk.run(&["gateway", "import", file.to_str().unwrap()]);
    assert!(shown.stdout.contains("api_key_env = \"TEAM_KEY\""), "{shown:?}");
    let json = desk.run(&["gateway", "import", file.to_str().unwrap(), "--json"]).json();
    assert_eq!(json["not_carried_over"][0]["place"], "model_list[0] `gpt-4o` rpm");
}

#[test]
fn a_file_of_something_else_ends_with_2() {
    let desk = Desk::new();
    for text in ["server: { port: 1 }", "model_list: [", "\u{0}"] {
        let file = desk.file("other.yaml", text);
        let refused = desk.run(&["gateway", "import", file.to_str().unwrap()]);
        assert_eq!(refused.code, 2, "{text}: {refused:?}");
    }
    assert_eq!(desk.run(&["gateway", "import", "nowhere.yaml"]).code, 2);
}
