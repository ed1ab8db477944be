//! Good tokens pass; everything that is wrong with a token is refused, each thing by itself.

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::json;

use super::{token::TOKEN_MAX, *};

const NOW_MS: i64 = 1_760_000_000_000;
const NOW: i64 = NOW_MS / 1_000;

/// The public part of an RSA key that was thrown away, and the token that it signed.
const RSA_N: &str = "\
     yF7g3rNWOv23ViE7wl5hT3tq_PYbPYee7LV7L8CkK6XSupWGMLzOpSXOBZfJBebetBthem2OpTcSQCj5Uynj\
     zTQsS3yjc5eqvmhLSMGXAHvYv6XVDnIxmlCx_g7q7r4gZtxqVuJGxr69c2gG8i4mA8j8DQgsTmPYVIQW30s8\
     OW4GIsv5NLqTiXLPYGctdfdqe7HeuwXqHAlt5BNRyLokbRe6TqdKWDNEYjk3qBSczNbNHHSs-v1ZsKxwdIHq\
     xXVhdwNP_CQsKgp4ndq3F7INa7tGaqXi3_NpGPp-uDjPbdSlIAhbZSGW_33ZO3yz5oT7-nokz-Tg4fjWaECC\
     4l4YHw";
const RSA_TOKEN: &str = "\
     eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50Z\
     XN0IiwiYXVkIjoiYXNzYXkiLCJzdWIiOiJhZGEiLCJleHAiOjE3NjAwMDA2MDB9.aCGVn8xWcvHRa3n2oemq\
     ZHIVyh5PduAg-NBQWRIdRmQTg-B3gtuTCtiaBWgVS21SWddSoLQqySA7oLR4j2w3S6vZJYknn06_hxZXT2qQ\
     -Uu9Z_DCKWMGtk4uCS8LXb_59doDXhEnHV5l8ETtLexqjUVTO7u9Gp_bLTeIVi4d5XuS5oHa14-VsGrw507k\
     _2K70dwcG9-yiVkRknKTJ8gc6FMnf1KRMPToOhExbBaKl3Oqz3oVzu0gbzmFJv2NErjJntil7Fs7XUJMla2w\
     BUecFmBM0dsMNYl7BTPJI0R5NxqONppUoC2W52xT8zuC-e6X-5g0JWjcS9yMPorvxd6ZyQ";

/// An issuer with an Ed25519 key `e`, a P-256 key `p` and an RSA key `r`.
struct Rig {
    issuers: Issuers,
    ed: Ed25519KeyPair,
    ec: EcdsaKeyPair,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn rig() -> Rig {
    let random = SystemRandom::new();
    let ed = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let rule = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let written = EcdsaKeyPair::generate_pkcs8(rule, &random).unwrap();
    let ec = EcdsaKeyPair::from_pkcs8(rule, written.as_ref(), &random).unwrap();
    let point = ec.public_key().as_ref();
    let set = json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "kid": "e", "x": b64(ed.public_key().as_ref()) },
        { "kty": "EC", "crv": "P-256", "kid": "p", "x": b64(&point[1..33]), "y": b64(&point[33..]) },
        { "kty": "RSA", "kid": "r", "alg": "RS256", "n": RSA_N, "e": "AQAB" },
        { "kty": "oct", "kid": "s", "k": "c2VjcmV0" },
    ]});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    std::fs::write(&file, set.to_string()).unwrap();
    let settings = IssuerSettings {
        issuer: "https://issuer.test".to_owned(),
        audience: "assay".to_owned(),
        algorithms: vec![Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256],
        jwks_file: file.clone(),
        ..IssuerSettings::default()
    };
    let issuers = Issuers::open(&[settings], NOW_MS).unwrap();
    Rig { issuers, ed, ec, file, _folder: folder }
}

fn claims() -> Value {
    json!({ "iss": "https://issuer.test", "aud": "assay", "sub": "ada", "exp": NOW + 600 })
}

impl Rig {
    fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            b64(header.to_string().as_bytes()),
            b64(claims.to_string().as_bytes())
        );
        let signature = match header["alg"].as_str() {
            Some("ES256") => {
                self.ec.sign(&SystemRandom::new(), signed.as_bytes()).unwrap().as_ref().to_vec()
            }
            _ => self.ed.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", b64(&signature))
    }

    fn good(&self) -> String {
        self.token(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": "e" }), &claims())
    }

    fn refusal(&self, token: &str) -> String {
        self.issuers.check(token, NOW_MS).unwrap_err().to_string()
    }

    fn with_claim(&self, name: &str, value: Value) -> Result<Claims, IdentityError> {
        let mut claims = claims();
        claims[name] = value;
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": "e" });
        self.issuers.check(&self.token(&header, &claims), NOW_MS)
    }

    fn with_header(&self, header: Value) -> String {
        self.refusal(&self.token(&header, &claims()))
    }
}

#[test]
fn tokens_of_each_kind_of_key_pass() {
    let rig = rig();
    let ada = Claims { user: "ada".to_owned(), tenant: None };
    assert_eq!(rig.issuers.check(&rig.good(), NOW_MS).unwrap(), ada);
    let ec = rig.token(&json!({ "alg": "ES256", "typ": "at+jwt", "kid": "p" }), &claims());
    assert_eq!(rig.issuers.check(&ec, NOW_MS).unwrap(), ada);
    assert_eq!(rig.issuers.check(RSA_TOKEN, NOW_MS).unwrap(), ada);
    // Without a name the key is the only one that fits.
    let unnamed = rig.token(&json!({ "alg": "EdDSA", "typ": "JWT" }), &claims());
    assert_eq!(rig.issuers.check(&unnamed, NOW_MS).unwrap(), ada);
}

#[test]
fn algorithms_and_keys_are_the_issuers() {
    let rig = rig();
    let refused = "the token's algorithm is not allowed";
    for alg in ["none", "None", "HS256", "RS512", "PS256", "ES384", "eddsa", ""] {
        assert_eq!(
            rig.with_header(json!({ "alg": alg, "typ": "JWT", "kid": "e" })),
            refused,
            "{alg}"
        );
    }
    let unknown = "the token's key is not known";
    // A key of another type than the algorithm's is none, whatever it is called.
    for kid in ["p", "r", "s", "x", "../e"] {
        assert_eq!(
            rig.with_header(json!({ "alg": "EdDSA", "typ": "JWT", "kid": kid })),
            unknown,
            "{kid}"
        );
    }
    assert_eq!(rig.with_header(json!({ "alg": "RS256", "typ": "JWT", "kid": "e" })), unknown);
    let unsigned = rig.good().rsplit_once('.').unwrap().0.to_owned() + ".";
    assert_eq!(rig.refusal(&unsigned), "the token's signature is wrong");
    let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
    let signed = rig.good().rsplit_once('.').unwrap().0.to_owned();
    let forged = format!("{signed}.{}", b64(other.sign(signed.as_bytes()).as_ref()));
    assert_eq!(rig.refusal(&forged), "the token's signature is wrong");
}

#[test]
fn a_token_cannot_bring_its_own_key() {
    let rig = rig();
    let other = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
    let own = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(other.public_key().as_ref()) });
    for (name, value) in [
        ("jwk", own),
        ("jku", json!("http://127.0.0.1:1/jwks")),
        ("x5u", json!("file:///etc/passwd")),
        ("x5c", json!(["AA=="])),
    ] {
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": "e", name: value });
        let signed = format!(
            "{}.{}",
            b64(header.to_string().as_bytes()),
            b64(claims().to_string().as_bytes())
        );
        let forged = format!("{signed}.{}", b64(other.sign(signed.as_bytes()).as_ref()));
        assert_eq!(rig.refusal(&forged), "the token's signature is wrong", "{name}");
    }
    let critical =
        json!({ "alg": "EdDSA", "typ": "JWT", "kid": "e", "crit": ["b64"], "b64": false });
    assert_eq!(rig.with_header(critical), "the token needs what is not supported");
    for typ in [json!(null), json!("logout+jwt"), json!("secevent+jwt")] {
        let header = json!({ "alg": "EdDSA", "typ": typ, "kid": "e" });
        assert_eq!(rig.with_header(header), "the token is of another type");
    }
}

#[test]
fn times_hold_with_a_minute_of_grace() {
    let rig = rig();
    let expired = "the token has expired";
    assert!(rig.with_claim("exp", json!(NOW - 59)).is_ok());
    assert_eq!(rig.with_claim("exp", json!(NOW - 60)).unwrap_err().to_string(), expired);
    // A clock that is ten minutes off, in both directions.
    assert_eq!(rig.with_claim("exp", json!(NOW - 600)).unwrap_err().to_string(), expired);
    assert!(rig.with_claim("nbf", json!(NOW + 60)).is_ok());
    for name in ["nbf", "iat"] {
        let early = rig.with_claim(name, json!(NOW + 600)).unwrap_err().to_string();
        assert_eq!(early, "the token is not valid yet");
    }
    for end in [json!("tomorrow"), json!(null), json!(1e300), json!([1]), json!(true)] {
        let malformed = rig.with_claim("exp", end).unwrap_err().to_string();
        assert_eq!(malformed, "the token's times are malformed");
    }
    assert!(rig.with_claim("exp", json!(i64::MIN)).is_err());
    assert!(rig.with_claim("exp", json!(NOW as f64 + 0.5)).is_ok());
    let mut endless = claims();
    endless.as_object_mut().unwrap().remove("exp");
    let endless = rig.token(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": "e" }), &endless);
    assert_eq!(rig.refusal(&endless), "the token has no end");
}

#[test]
fn a_token_is_for_us_from_whom_we_know_and_names_a_user() {
    let rig = rig();
    assert!(rig.with_claim("aud", json!(["other", "assay"])).is_ok());
    for audience in [json!("other"), json!([]), json!(null), json!("assay2"), json!({ "assay": 1 })]
    {
        let refused = rig.with_claim("aud", audience).unwrap_err().to_string();
        assert_eq!(refused, "the token is for somebody else");
    }
    for issuer in
        [json!("https://issuer.test/"), json!("https://other.test"), json!(null), json!(1)]
    {
        let refused = rig.with_claim("iss", issuer).unwrap_err().to_string();
        assert_eq!(refused, "the token's issuer is not known");
    }
    for user in [json!(""), json!(null), json!(7)] {
        assert_eq!(rig.with_claim("sub", user).unwrap_err().to_string(), "the token names no user");
    }
}

#[test]
fn malformed_and_oversized_tokens_are_refused() {
    let rig = rig();
    let long = rig.with_claim("x", json!("x".repeat(TOKEN_MAX))).unwrap_err().to_string();
    assert_eq!(long, "the token is too long");
    let good = rig.good();
    for token in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "e30.e30.",
        "é.é.é",
        &format!("{good}.x"),
        &format!(" {good}"),
    ] {
        assert!(rig.issuers.check(token, NOW_MS).is_err(), "{token}");
    }
    for cut in 0..good.len() {
        assert!(rig.issuers.check(&good[..cut], NOW_MS).is_err(), "{cut}");
    }
}

#[test]
fn keys_are_read_again_once_a_minute_at_most() {
    let rig = rig();
    let token = rig.token(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": "new" }), &claims());
    let written = std::fs::read_to_string(&rig.file).unwrap();
    std::fs::write(&rig.file, written.replace("\"e\"", "\"new\"")).unwrap();
    assert!(rig.issuers.check(&token, NOW_MS + 59_999).is_err());
    assert!(rig.issuers.check(&token, NOW_MS + 60_000).is_ok());
    // A set that cannot be read leaves the one before.
    std::fs::write(&rig.file, "{").unwrap();
    assert!(rig.issuers.check(&rig.good(), NOW_MS + 200_000).is_err());
    assert!(rig.issuers.check(&token, NOW_MS + 200_000).is_ok());
}

#[test]
fn an_issuer_that_names_tenants_names_one_in_each_token() {
    let Rig { issuers, ed, ec, file, _folder } = rig();
    let settings =
        IssuerSettings { tenant_claim: "org".to_owned(), ..issuers.0[0].settings.clone() };
    let issuers = Issuers::open(&[settings], NOW_MS).unwrap();
    let rig = Rig { issuers, ed, ec, file, _folder };
    assert_eq!(rig.with_claim("org", json!("acme")).unwrap().tenant.as_deref(), Some("acme"));
    assert_eq!(rig.refusal(&rig.good()), "the token names no tenant");
}

proptest! {
    #[test]
    fn a_changed_character_is_never_accepted(at in 0.0..1.0_f64, letter in "[A-Za-z0-9_-]") {
        let rig = rig();
        let mut token: Vec<char> = rig.good().chars().collect();
        let at = (at * token.len() as f64) as usize;
        let letter = letter.chars().next().unwrap();
        prop_assume!(token[at] != letter);
        token[at] = letter;
        let token: String = token.into_iter().collect();
        prop_assert!(rig.issuers.check(&token, NOW_MS).is_err());
    }

    #[test]
    fn no_text_makes_it_panic(token in ".{0,200}") {
        prop_assert!(rig().issuers.check(&token, NOW_MS).is_err());
    }
}
