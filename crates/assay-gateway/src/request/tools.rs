//! Tools that are malformed, refused before a provider is asked: many answer with 500 to them, or
//! take them and never call one.

use crate::{
    dialect::Dialect,
    fault::Fault,
    fields::{Fields, elements},
};

/// Looks at the field `tools` of a request; tools that run at a provider are its own affair.
///
/// # Errors
/// When it is no array of tools, or a function has no name or a schema that is none.
pub(super) fn check(dialect: Dialect, json: &str) -> Result<(), Fault> {
    let wrong =
        |place: String, what: &str| Fault::request(format!("`{place}` {what}")).param(&place);
    let tools = elements(json).ok_or_else(|| wrong("tools".to_owned(), "is not an array"))?;
    for (number, tool) in tools.iter().enumerate() {
        let place = format!("tools[{number}]");
        let fields =
            Fields::of(tool.get()).map_err(|_| wrong(place.clone(), "is not an object"))?;
        let kind = fields.text("type");
        match (dialect, kind.as_deref()) {
            (Dialect::Chat, Some("function") | None) => {
                let inner = fields.get("function").and_then(|json| Fields::of(json).ok());
                let place = format!("{place}.function");
                let inner = inner.ok_or_else(|| wrong(place.clone(), "is missing or no object"))?;
                function(&inner, &place, "parameters")?;
            }
            (Dialect::Responses, Some("function")) => function(&fields, &place, "parameters")?,
            (Dialect::Messages | Dialect::CountTokens, Some("custom") | None) => {
                if fields.get("input_schema").is_none() {
                    return Err(wrong(format!("{place}.input_schema"), "is missing"));
                }
                function(&fields, &place, "input_schema")?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn function(fields: &Fields<'_>, place: &str, schema: &str) -> Result<(), Fault> {
    let name = fields.text("name").filter(|name| !name.is_empty()).ok_or_else(|| {
        let place = format!("{place}.name");
        Fault::request(format!("`{place}` is missing")).param(&place)
    })?;
    let Some(json) = fields.get(schema) else { return Ok(()) };
    malformed(json).map_or(Ok(()), |what| {
        let message = format!("the schema of the tool `{name}` is malformed: {what}");
        let fault = Fault::request(message).param(&format!("{place}.{schema}"));
        Err(Fault { code: Some("invalid_function_parameters".to_owned()), ..fault })
    })
}

/// What is wrong with the outermost level of a schema.
fn malformed(json: &str) -> Option<&'static str> {
    let Ok(schema) = Fields::of(json) else { return Some("it is not an object") };
    let is_other = schema.get("type").is_some_and(|kind| kind != "\"object\"");
    let is_none =
        |name: &str, start: char| schema.get(name).is_some_and(|json| !json.starts_with(start));
    match () {
        () if is_other => Some("type must be object"),
        () if is_none("properties", '{') => Some("properties must be an object"),
        () if is_none("required", '[') => Some("required must be an array"),
        () => None,
    }
}
