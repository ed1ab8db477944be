//! Precedence, and that every problem is told with its place.

use super::Config;

fn load(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("assay.toml");
    std::fs::write(&file, text).unwrap();
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(&file), variables).map_err(|told| told.message)
}

#[test]
fn a_variable_outranks_the_file() {
    let config = load(
        "[server]\nport = 1\n[answer]\ntotal_ms = 5000\n",
        &[("ASSAY_SERVER__PORT", "9000"), ("ASSAY_DATA_DIR", "/somewhere"), ("ASSAY_ELSE", "x")],
    )
    .unwrap();
    assert_eq!(config.server.port, 9000);
    assert_eq!(config.answer.total_ms, 5000);
    assert_eq!(config.data().to_str(), Some("/somewhere"));
}

#[test]
fn every_problem_is_told_at_once() {
    let message = load(
        "[server]\nprot = 1\nport = \"high\"\n[answer]\nlanes_ms = 9000\n",
        &[("ASSAY_ANSWER__NO_SUCH", "1")],
    )
    .unwrap_err();
    for expected in
        ["assay.toml:2", "prot", "assay.toml:3", "ASSAY_ANSWER__NO_SUCH", "answer.lanes_ms"]
    {
        assert!(message.contains(expected), "`{expected}` is not in: {message}");
    }
}

#[test]
fn variables_of_other_systems_count_where_nothing_else_does() {
    let variables =
        [("EMBEDDING_CACHE_SIZE", "7"), ("MAX_FILE_SIZE_MB", "3"), ("QUERY_CACHE_TTL", "5")];
    let config = load("[gateway.cache]\nsemantic_seconds = 9\n", &variables).unwrap();
    let answer = &config.answer;
    assert_eq!((answer.query_cache_entries, answer.file_bytes_max), (7, 3 << 20));
    assert_eq!(config.gateway.cache.semantic_seconds, 9, "the file outranks the variable");
    let both = [("EMBEDDING_CACHE_SIZE", "7"), ("ASSAY_ANSWER__QUERY_CACHE_ENTRIES", "8")];
    assert_eq!(load("", &both).unwrap().answer.query_cache_entries, 8);
    let message = load("", &[("QUERY_CACHE_SIZE", "many")]).unwrap_err();
    assert!(message.contains("QUERY_CACHE_SIZE") && message.contains("many"), "{message}");
}

#[test]
fn what_other_systems_call_their_database_level_provider_and_quota_counts() {
    let variables = [
        ("DATABASE_URL", "postgresql://u:hidden@db/x"),
        ("LOG_LEVEL", "WARNING"),
        ("LLM_PROVIDER", "Groq"),
        ("GROQ_API_KEY", "gsk"),
        ("QUOTA_DAILY_TOKENS", "1000"),
        ("GATEWAY_PORT", "9001"),
        ("RATE_LIMIT_BURST", "3"),
    ];
    let config = load("", &variables).unwrap();
    let url = config.database.url.as_ref().unwrap().expose();
    assert_eq!((url, config.log.filter.as_str()), ("postgresql://u:hidden@db/x", "warn"));
    assert_eq!((config.server.port, config.server.rates.client_burst), (9001, 3));
    let groq = &config.gateway.providers["groq"];
    assert_eq!(groq.api_key.as_ref().unwrap().expose(), "gsk");
    assert!(config.gateway.knows("groq/llama-3.3-70b-versatile"));
    assert_eq!(config.ledger.budgets[0].limit_tokens, Some(1000));
    let file =
        "[gateway.providers.groq]\nkind = \"groq\"\napi_key = \"own\"\n[log]\nfilter = \"debug\"\n";
    let config = load(file, &variables).unwrap();
    assert_eq!(config.gateway.providers["groq"].api_key.as_ref().unwrap().expose(), "own");
    assert_eq!(config.log.filter, "debug", "the file outranks the variable");
    for (name, value) in [
        ("DATABASE_URL", "mysql://u:hidden@db/x"),
        ("LOG_LEVEL", "loud"),
        ("LLM_PROVIDER", "nobody"),
        ("GATEWAY_PORT", "-1"),
    ] {
        let message = load("", &[(name, value)]).unwrap_err();
        assert!(message.contains(name) || message.contains("nobody"), "{message}");
        assert!(!message.contains("hidden"), "{message}");
    }
}

#[test]
fn the_root_key_comes_from_its_own_variable_and_never_from_the_file() {
    let config = load("", &[("ASSAY_ROOT_KEY", "hunter2")]).unwrap();
    assert_eq!(config.encryption.root_key.as_ref().unwrap().expose(), "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));
    let message = load("[encryption]\nroot_key = \"x\"\n", &[]).unwrap_err();
    assert!(message.contains("root_key"), "{message}");
}

#[test]
fn the_reference_page_shows_the_defaults() {
    let page = assay_testkit::workspace_root().join("docs/reference/configuration.md");
    let page = std::fs::read_to_string(page).unwrap();
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let shown = load(example, &[]).unwrap();
    assert_eq!(format!("{shown:#?}"), format!("{:#?}", Config::default()));
    for key in
        format!("{:#?}", Config::default()).lines().filter_map(|line| line.trim().split_once(':'))
    {
        assert!(page.contains(key.0), "`{}` is not on the page", key.0);
    }
}

#[test]
fn the_reference_page_shows_every_key_of_providers_and_routes() {
    let page = assay_testkit::workspace_root().join("docs/reference/configuration.md");
    let page = std::fs::read_to_string(page).unwrap();
    let example = page.split("```toml\n").nth(2).unwrap().split("```").next().unwrap();
    let shown = load(example, &[]).unwrap().gateway;
    let provider = format!("{:#?}", shown.providers["local"]);
    let route = format!("{:#?}", shown.routes["writer"]);
    for line in provider.lines().chain(route.lines()) {
        if let Some((key, _)) = line.trim().split_once(": ") {
            let key = key.trim_matches('"');
            assert!(
                example.contains(&format!("{key} =")) || key == "targets" || key == "x-team",
                "`{key}` is not on the page"
            );
        }
    }
}

#[test]
fn routes_that_lead_nowhere_are_told_with_their_line() {
    let target = "targets = [{ provider = \"p\", model = \"m\" }]";
    let text = format!(
        "[gateway.providers.p]\nbase_url = \"http://127.0.0.1:1/v1\"\n\
         [gateway.routes.a]\n{target}\nfallbacks = [\"b\"]\n\
         [gateway.routes.b]\n{target}\nfallbacks = [\"a\"]\n\
         [gateway.aliases]\nx = \"nowhere\"\n"
    );
    let message = load(&text, &[]).unwrap_err();
    for expected in [
        "assay.toml:5: the fallbacks go in a circle: a → b → a",
        "assay.toml:8",
        "assay.toml:10: `x` leads to `nowhere`",
    ] {
        assert!(message.contains(expected), "`{expected}` is not in: {message}");
    }
}

#[test]
fn keys_come_from_their_usual_variables() {
    let text = "[gateway.providers.a]\nkind = \"openai\"\n\
                [gateway.providers.b]\nkind = \"openai\"\napi_key = \"own\"\n\
                [gateway.providers.c]\nkind = \"openai\"\napi_key_env = \"OTHER\"\n";
    let config = load(text, &[("OPENAI_API_KEY", "usual"), ("OTHER", "other")]).unwrap();
    let key = |name: &str| config.gateway.providers[name].api_key.clone().unwrap();
    assert_eq!((key("a").expose(), key("b").expose()), ("usual", "own"));
    assert_eq!(key("c").expose(), "other");
}

#[test]
fn the_reference_page_shows_every_key_of_issuers_and_providers() {
    let page = assay_testkit::workspace_root().join("docs/reference/configuration.md");
    let page = std::fs::read_to_string(page).unwrap();
    let provider = format!("{:#?}", assay_identity::OidcSettings::default());
    let issuer = format!("{:#?}", assay_identity::IssuerSettings::default());
    for line in provider.lines().chain(issuer.lines()) {
        if let Some((key, _)) = line.trim().split_once(": ") {
            assert!(page.contains(&format!("| `{key}` |")), "`{key}` is not on the page");
        }
    }
}

#[test]
fn a_provider_of_logins_takes_its_secret_from_the_variable_that_it_names() {
    let text = "[auth]\npublic_url = \"https://a.test\"\n[[auth.oidc]]\nname = \"corp\"\n\
                issuer = \"https://id.test\"\nclient_id = \"assay\"\nclient_secret_env = \"CORP\"\n";
    let config = load(text, &[("CORP", "hidden")]).unwrap();
    assert_eq!(config.auth.oidc[0].client_secret.as_ref().unwrap().expose(), "hidden");
    assert!(!format!("{config:?}").contains("hidden"));
    let message = load(text, &[]).unwrap_err();
    assert!(message.contains("auth.oidc[0].client_secret_env: `CORP` is not set"), "{message}");
    let issuer = "[[auth.issuers]]\nissuer = \"x\"\njwks_uri = \"http://id.test/jwks\"\n";
    let message = load(issuer, &[]).unwrap_err();
    assert!(message.contains("auth.issuers[0].jwks_uri") && message.contains("https"), "{message}");
}
