//! Configurations that cannot work are told, each with its place.

use super::GatewaySettings;

fn problems(settings: serde_json::Value) -> Vec<(String, String)> {
    let settings: GatewaySettings = serde_json::from_value(settings).unwrap();
    settings.problems().into_iter().map(|found| (found.path.join("."), found.what)).collect()
}

#[test]
fn names_that_lead_nowhere_and_circles_are_told() {
    let target = serde_json::json!([{ "provider": "local", "model": "m" }]);
    let found = problems(serde_json::json!({
        "providers": { "local": { "base_url": "http://127.0.0.1:1/v1", "models": ["m"] },
                       "odd": { "base_url": "ftp://x", "max_in_flight": 0 },
                       "none": {} },
        "routes": { "a": { "targets": target, "fallbacks": ["b"] },
                    "b": { "targets": target, "fallbacks": ["a", "nowhere"] },
                    "empty": { "targets": [] },
                    "lost": { "targets": [{ "provider": "gone", "model": "m" }] } },
        "aliases": { "one": "two", "two": "one", "right": "a", "direct": "local/m",
                     "wrong": "local/other" },
    }));
    let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        [
            "providers.none",
            "providers.odd.base_url",
            "providers.odd.max_in_flight",
            "routes.a.fallbacks",
            "routes.b.fallbacks",
            "routes.b.fallbacks",
            "routes.empty",
            "routes.lost.targets",
            "aliases.one",
            "aliases.two",
            "aliases.wrong",
        ],
        "{found:#?}"
    );
}

#[test]
fn the_default_is_sound() {
    assert_eq!(GatewaySettings::default().problems(), []);
}
