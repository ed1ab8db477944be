//! `embeddings`: vectors in the encoding that the caller asked for, whatever the provider sends.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{
    fault::Fault,
    fields::{Change, Fields, elements, quoted, text_of},
    meter::Measured,
    provider::chat_wire::usage_of,
};

/// How vectors are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// An array of numbers.
    Float,
    /// 32-bit floats, the lowest byte first, in base64.
    Base64,
}

impl Encoding {
    /// The encoding that a request asks for.
    ///
    /// # Errors
    /// When it is neither of the two.
    pub(crate) fn asked(fields: &Fields<'_>) -> Result<Self, Fault> {
        match fields.text("encoding_format").as_deref() {
            None | Some("float") => Ok(Self::Float),
            Some("base64") => Ok(Self::Base64),
            Some(other) => Err(Fault::request(format!(
                "`{other}` is not an encoding format: use `float` or `base64`"
            ))
            .param("encoding_format")),
        }
    }
}

/// The answer as the caller is to see it, and what the provider counted.
///
/// # Errors
/// When it holds no vectors.
pub(crate) fn put_right(
    body: &[u8],
    model: &str,
    encoding: Encoding,
) -> Result<(Vec<u8>, Option<Measured>), Fault> {
    let fields = Fields::read(body)
        .map_err(|error| Fault::malformed(format!("the answer cannot be read: {error}")))?;
    if fields.get("error").is_some() {
        return Err(Fault::inside(body));
    }
    let data = fields
        .get("data")
        .and_then(elements)
        .ok_or_else(|| Fault::malformed("the answer holds no vectors"))?;
    let mut changes = vec![("model", Change::json(quoted(model)))];
    let mut right = Vec::with_capacity(data.len());
    let mut is_changed = false;
    for item in &data {
        let changed = vector(item.get(), encoding)?;
        is_changed |= changed.is_some();
        right.push(changed.unwrap_or_else(|| item.get().to_owned()));
    }
    if is_changed {
        changes.push(("data", Change::json(format!("[{}]", right.join(",")))));
    }
    let mut out = Vec::with_capacity(body.len() + 32);
    fields.write(&changes, &mut out);
    Ok((out, fields.get("usage").and_then(usage_of)))
}

/// An item in the other encoding; `None` when it has the right one.
fn vector(json: &str, encoding: Encoding) -> Result<Option<String>, Fault> {
    let bad = || Fault::malformed("a vector of the answer cannot be read");
    let item = Fields::of(json).map_err(|_| bad())?;
    let vector = item.get("embedding").ok_or_else(bad)?;
    let right = match (vector.starts_with('"'), encoding) {
        (true, Encoding::Base64) | (false, Encoding::Float) => return Ok(None),
        (true, Encoding::Float) => {
            let text = text_of(vector).ok_or_else(bad)?;
            let bytes = BASE64_STANDARD.decode(text.as_bytes()).map_err(|_| bad())?;
            let (numbers, rest) = bytes.as_chunks::<4>();
            if !rest.is_empty() {
                return Err(bad());
            }
            let numbers: Vec<f32> = numbers.iter().map(|four| f32::from_le_bytes(*four)).collect();
            serde_json::to_string(&numbers).map_err(|_| bad())?
        }
        (false, Encoding::Base64) => {
            let numbers: Vec<f32> = serde_json::from_str(vector).map_err(|_| bad())?;
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            quoted(&BASE64_STANDARD.encode(bytes))
        }
    };
    Ok(Some(item.with(&[("embedding", Change::json(right))])))
}
