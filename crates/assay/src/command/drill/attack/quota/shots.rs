//! The tries: what is sent, by family and variant. Written for Assay.

use reqwest::Method;

/// One request of a try. In bodies and headers `{name}` and `{id}` are those of its tenant.
pub(super) struct Shot {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// Which of the tenant's keys is shown, in which header and how.
    pub(super) key: usize,
    pub(super) shown: &'static str,
    pub(super) scheme: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    /// Whether the client hangs up behind the first bytes of the answer.
    pub(super) leaves: bool,
}

/// A kind of attack.
pub(super) struct Family {
    pub(super) name: &'static str,
    /// Whether its requests are under way together.
    pub(super) at_once: bool,
}

type Shots = fn(variant: usize) -> Vec<Shot>;

const fn family(name: &'static str, at_once: bool) -> Family {
    Family { name, at_once }
}

/// Attacks on the tokens of a tenant.
pub(super) const FAMILIES: &[(Family, Shots)] = &[
    (family("many at once", true), |variant| {
        let limit = 50 + 10 * variant;
        (0..32).map(|n| chat(&asked(n, &format!("\"max_tokens\":{limit}")))).collect()
    }),
    (family("streams left in the middle", false), |variant| {
        let limit = 300 + 10 * variant;
        let body = |n| asked(n, &format!("\"max_tokens\":{limit},\"stream\":true"));
        (0..40).map(|n| Shot { leaves: true, ..chat(&body(n)) }).collect()
    }),
    (family("many streams left at once", true), |variant| {
        let limit = 100 + 10 * variant;
        let body = |n| asked(n, &format!("\"max_tokens\":{limit},\"stream\":true"));
        (0..32).map(|n| Shot { leaves: true, ..chat(&body(n)) }).collect()
    }),
    (family("huge limits", false), |variant| limits(variant, HUGE)),
    (family("limits that are none", false), |variant| limits(variant, ODD)),
    (family("two limits", false), |variant| {
        let pairs: Vec<String> = LIMITS
            .iter()
            .flat_map(|one| LIMITS.iter().map(move |two| (*one, *two)))
            .flat_map(|(one, two)| {
                let escaped = two.replace('_', "\\u005f");
                [
                    format!("\"{one}\":1,\"{two}\":4000"),
                    format!("\"{one}\":4000,\"{two}\":1"),
                    format!("\"{one}\":1,\"{escaped}\":4000"),
                    format!("\"{escaped}\":4000,\"{one}\":1"),
                ]
            })
            .collect();
        let pair = pairs.get(variant % pairs.len()).map_or("", String::as_str);
        (0..6).map(|n| chat(&asked(n, pair))).collect()
    }),
    (family("many answers", false), |variant| {
        let (limit, n) = (100 + 100 * (variant % 3), CHOICES.get(variant / 3).unwrap_or(&"16"));
        (0..8).map(|m| chat(&asked(m, &format!("\"max_tokens\":{limit},\"n\":{n}")))).collect()
    }),
    (family("other names of the model", true), |variant| {
        let shot = |n: usize| {
            let model = MODELS.get((variant + n) % MODELS.len()).unwrap_or(&"drill");
            chat(&asked(n, "\"max_tokens\":200").replace("\"drill\"", &format!("\"{model}\"")))
        };
        (0..24).map(shot).collect()
    }),
    (family("headers", true), |variant| {
        let shot = |n: usize| Shot {
            headers: vec![header(variant, n), header(variant + 7, n)],
            ..chat(&asked(n, "\"max_tokens\":200"))
        };
        (0..24).map(shot).collect()
    }),
    (family("many keys and users", true), |variant| {
        let shot = |n: usize| {
            let user = format!("\"max_tokens\":150,\"user\":\"user {variant}-{n}\"");
            Shot { key: n, ..chat(&asked(n, &user)) }
        };
        (0..32).map(shot).collect()
    }),
    (family("past the cache", true), |variant| {
        let shot = |n: usize| {
            let (name, value) = CACHE.get((variant + n) % CACHE.len()).unwrap_or(&("age", "0"));
            // The same question in pairs, so that some are joined and some are not.
            let body = asked(n / 2, "\"max_tokens\":200");
            Shot { headers: vec![(*name, (*value).to_owned())], ..chat(&body) }
        };
        (0..24).map(shot).collect()
    }),
    (family("all dialects", true), |variant| {
        let shot = |n: usize| match n % 3 {
            0 => chat(&asked(n, "\"max_tokens\":200")),
            1 => Shot { path: "/v1/messages", ..chat(&asked(n + variant, "\"max_tokens\":200")) },
            _ => Shot {
                path: "/v1/responses",
                body: format!(
                    "{{\"model\":\"drill\",\"input\":\"[[{{name}}]] {n}\",\"max_output_tokens\":200}}"
                ),
                ..chat("")
            },
        };
        (0..24).map(shot).collect()
    }),
];

/// Attacks on how often a key and a tenant may ask.
pub(super) const RATE_FAMILIES: &[(Family, Shots)] = &[
    (family("a rate and headers", true), |variant| {
        let shot =
            |n: usize| Shot { headers: vec![header(variant, n), header(variant + 7, n)], ..look() };
        (0..60).map(shot).collect()
    }),
    (family("a rate and many keys", true), |variant| {
        let keys = 1 + variant % 12;
        (0..150).map(|n| Shot { key: n % keys, ..look() }).collect()
    }),
    (family("a rate and ways to show a key", true), |variant| {
        let shot = |n: usize| {
            let (shown, scheme) =
                SHOWN.get((variant + n) % SHOWN.len()).unwrap_or(&("x-api-key", ""));
            Shot { shown, scheme, ..look() }
        };
        (0..60).map(shot).collect()
    }),
];

/// Ordinary calls.
pub(super) const BENIGN: fn(usize) -> Shot = |twin| {
    let limit = 50 + 20 * twin;
    let shot = chat(&asked(twin, &format!("\"max_tokens\":{limit},\"user\":\"ann\"")));
    match twin % 5 {
        1 => Shot { headers: vec![("x-forwarded-for", "192.0.2.7".to_owned())], ..shot },
        2 => Shot { headers: vec![("x-tenant-id", "{name}".to_owned())], ..shot },
        3 => chat(&asked(twin, &format!("\"max_tokens\":{limit},\"stream\":true"))),
        4 => Shot { shown: "x-api-key", scheme: "", path: "/v1/messages", ..shot },
        _ => shot,
    }
};

const LIMITS: [&str; 3] = ["max_tokens", "max_completion_tokens", "max_output_tokens"];
const HUGE: &[&str] = &[
    "2001",
    "5000",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e18",
    "1e308",
];
const ODD: &[&str] = &[
    "-1",
    "-9223372036854775808",
    "0",
    "-0.0",
    "0.5",
    "1.5e3",
    "\"4000\"",
    "\"-1\"",
    "null",
    "[]",
    "{}",
    "true",
];
const CHOICES: &[&str] =
    &["2", "8", "16", "128", "129", "-1", "1000000000", "\"16\"", "16.0", "18446744073709551615"];
const MODELS: &[&str] = &[
    "drill",
    "mock/m",
    "mock/other",
    "MOCK/m",
    "Drill",
    "mock/m:free",
    "mock/m-2024-08-06",
    "mock/ m",
    "mock//m",
    " drill",
    "mock/m\\u0000",
    "mock/\\u200bm",
    "mock/../m",
    "*",
    "mock/*",
];
const CACHE: &[(&str, &str)] = &[
    ("cache-control", "no-cache"),
    ("cache-control", "no-store"),
    ("x-assay-cache", "off"),
    ("cache-control", "max-age=0"),
    ("pragma", "no-cache"),
    ("age", "100"),
];
/// Ways to show a key.
const SHOWN: &[(&str, &str)] = &[
    ("authorization", "Bearer "),
    ("authorization", "bearer "),
    ("authorization", "BEARER "),
    ("x-api-key", ""),
    ("X-Api-Key", " "),
    ("authorization", "Bearer  "),
];

fn chat(body: &str) -> Shot {
    Shot {
        method: Method::POST,
        path: "/v1/chat/completions",
        key: 0,
        shown: "authorization",
        scheme: "Bearer ",
        headers: Vec::new(),
        body: body.to_owned(),
        leaves: false,
    }
}

/// A request that costs nothing and counts.
fn look() -> Shot {
    Shot { method: Method::GET, path: "/v1/models", ..chat("") }
}

/// A question with the name of its try, and further fields.
fn asked(number: usize, fields: &str) -> String {
    format!(
        "{{\"model\":\"drill\",\"messages\":[{{\"role\":\"user\",\"content\":\"[[{{name}}]] {number}\"}}],\
         {fields}}}"
    )
}

/// Six requests with the limits of a list, from `variant` on, under each of the names in turn.
fn limits(variant: usize, values: &[&str]) -> Vec<Shot> {
    let shot = |n: usize| {
        let (name, value) = (LIMITS.get(variant % 3), values.get((variant / 3 + n) % values.len()));
        let field = format!("\"{}\":{}", name.unwrap_or(&""), value.unwrap_or(&"0"));
        chat(&asked(n, &field))
    };
    (0..6).map(shot).collect()
}

/// A header that might make the request look like another client's or tenant's.
fn header(variant: usize, number: usize) -> (&'static str, String) {
    match variant % 15 {
        0 => ("x-forwarded-for", format!("198.51.100.{}", number % 250)),
        1 => ("forwarded", format!("for=198.51.100.{};proto=https", number % 250)),
        2 => ("x-real-ip", format!("198.51.100.{}", number % 250)),
        3 => ("x-client-ip", format!("10.0.0.{}", number % 250)),
        4 => ("x-tenant-id", "{name}".to_owned()),
        5 => ("x-tenant-id", "{id}".to_owned()),
        6 => ("x-tenant-id", format!("tenant-{number}")),
        7 => ("x-tenant-id", String::new()),
        8 => ("cookie", format!("assay_tenant=tenant-{number}")),
        9 => ("x-user-id", format!("user-{number}")),
        10 => ("x-organisation-id", format!("organisation-{number}")),
        11 => ("x-request-id", format!("00000000-0000-7000-8000-{number:012}")),
        12 => ("idempotency-key", format!("{number}")),
        13 => ("x-original-url", format!("/v1/models?{number}")),
        _ => ("x-http-method-override", "GET".to_owned()),
    }
}
