//! The keys that the provider signs with.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rand::{SecureRandom, SystemRandom},
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RsaKeyPair,
    },
};
use serde_json::{Value, json};

use super::Script;

/// An RSA key that protects nothing: `ring` cannot make one.
const RSA: &str = include_str!("rsa.b64");

/// A key of each kind.
#[derive(Debug)]
pub struct Keys {
    /// What their names end in.
    mark: String,
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Keys {
    /// New keys of P-256 and Ed25519 beside the RSA key, all under new names.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn make() -> Result<Self, String> {
        let random = SystemRandom::new();
        let mut seed = [0; 32];
        random.fill(&mut seed).map_err(|error| error.to_string())?;
        let rule = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let ec = EcdsaKeyPair::generate_pkcs8(rule, &random).map_err(|error| error.to_string())?;
        let text: String = RSA.split_whitespace().collect();
        let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
        Ok(Self {
            mark: seed.iter().take(4).map(|byte| format!("{byte:02x}")).collect(),
            rsa: RsaKeyPair::from_pkcs8(&bytes).map_err(|error| error.to_string())?,
            ec: EcdsaKeyPair::from_pkcs8(rule, ec.as_ref(), &random)
                .map_err(|error| error.to_string())?,
            ed: Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|error| error.to_string())?,
        })
    }

    /// The public keys as a JSON Web Key Set.
    #[must_use]
    pub fn set(&self) -> Value {
        let rsa: rsa::PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        let point = self.ec.public_key().as_ref();
        let half = |range: std::ops::Range<usize>| b64(point.get(range).unwrap_or_default());
        json!({ "keys": [
            { "kty": "RSA", "use": "sig", "kid": self.kid("RS256"), "n": b64(&rsa.n), "e": b64(&rsa.e) },
            { "kty": "EC", "crv": "P-256", "kid": self.kid("ES256"), "x": half(1..33), "y": half(33..65) },
            { "kty": "OKP", "crv": "Ed25519", "kid": self.kid("EdDSA"),
              "x": b64(self.ed.public_key().as_ref()) },
        ]})
    }

    /// A signed token.
    #[must_use]
    pub fn sign(&self, script: &Script, claims: &Value) -> String {
        let header = json!({ "alg": script.signs, "typ": "JWT", "kid": self.kid(script.signs) });
        let part = |value: &Value, over: &Value| b64(laid(value, over).to_string().as_bytes());
        let signed = format!("{}.{}", part(&header, &script.header), part(claims, &script.claims));
        let random = SystemRandom::new();
        let signature = match script.signs {
            "ES256" => self.ec.sign(&random, signed.as_bytes()).map(|it| it.as_ref().to_vec()),
            "EdDSA" => Ok(self.ed.sign(signed.as_bytes()).as_ref().to_vec()),
            _ => {
                let mut made = vec![0; self.rsa.public().modulus_len()];
                self.rsa
                    .sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut made)
                    .map(|()| made)
            }
        };
        // Without a signature nothing that a test expects would hold.
        format!("{signed}.{}", b64(&signature.unwrap_or_default()))
    }

    fn kid(&self, kind: &str) -> String {
        format!("{kind}-{}", self.mark)
    }
}

/// The first value with the fields of the second put over its own.
fn laid(under: &Value, over: &Value) -> Value {
    let mut laid = under.clone();
    let (Value::Object(fields), Value::Object(over)) = (&mut laid, over) else { return laid };
    for (name, value) in over {
        match value {
            Value::Null => fields.remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    laid
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
