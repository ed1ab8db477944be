//! Plain answers: put right where they pass through, written anew where they do not.

use crate::{
    common::{Completion, Part},
    dialect::{Dialect, Head, Writer, embeddings},
    fault::Fault,
    fields::Fields,
    meter::{Measured, Operation},
    provider::{Wire, chat_wire, gemini_wire, messages_wire},
    registry::Target,
    request::Request,
    schema,
};

/// The answer as the caller is to see it, and what the provider counted.
pub(super) fn answer(
    request: &Request<'_>,
    target: &Target,
    head: &Head,
    passes: bool,
    body: &[u8],
) -> Result<(Vec<u8>, Option<Measured>), Fault> {
    let model = request.model.as_ref();
    match request.dialect {
        Dialect::Embeddings => embeddings::put_right(body, model, request.encoding),
        Dialect::CountTokens => counted(body),
        Dialect::Messages if passes => messages_wire::put_right(body, model),
        Dialect::Chat if passes => {
            let answer = chat_wire::put_right(body, model, &head.seed)?;
            check_schema(request, target, &answer.0)?;
            Ok(answer)
        }
        _ => {
            let parts = parts(target.wire(), body, &head.seed)?;
            let completion = Completion::of(parts);
            let usage = Some(completion.usage).filter(|usage| usage.exact);
            let whole = Writer::new(request.dialect, head.clone()).whole(&completion);
            Ok((whole.into_bytes(), usage))
        }
    }
}

/// A plain answer as parts.
pub(super) fn parts(wire: Wire, body: &[u8], seed: &str) -> Result<Vec<Part>, Fault> {
    let (parts, _) = match wire {
        Wire::Chat => chat_wire::parts_of(body, seed)?,
        Wire::Messages => messages_wire::parts_of(body)?,
        Wire::Gemini => gemini_wire::parts_of(body, seed)?,
    };
    Ok(parts)
}

/// The answer of `count_tokens`: nothing is used by counting.
fn counted(body: &[u8]) -> Result<(Vec<u8>, Option<Measured>), Fault> {
    let fields = Fields::read(body)
        .map_err(|error| Fault::malformed(format!("the answer cannot be read: {error}")))?;
    if fields.get("input_tokens").is_none() {
        return Err(Fault::malformed("the answer holds no `input_tokens`"));
    }
    Ok((body.to_vec(), Some(Measured { exact: true, ..Measured::default() })))
}

/// Checks an answer against what the target could not be asked to keep to.
fn check_schema(request: &Request<'_>, target: &Target, body: &[u8]) -> Result<(), Fault> {
    let keywords = &target.settings.schema_without;
    let format = request.fields.get("response_format");
    let (false, Some(format), Operation::Chat) =
        (keywords.is_empty(), format, request.needs.operation)
    else {
        return Ok(());
    };
    let (parts, _) = chat_wire::parts_of(body, "")?;
    let completion = Completion::of(parts);
    let broken = completion
        .choices
        .iter()
        .filter(|choice| choice.calls.is_empty())
        .find_map(|choice| schema::broken(format, &choice.text, keywords));
    match broken {
        Some(what) => {
            Err(Fault::malformed(format!("the answer does not keep to the schema: {what}")))
        }
        None => Ok(()),
    }
}
