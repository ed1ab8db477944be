//! Source code: cut at definitions, each one block below a heading that names it, with the comments
//! that belong to it. The text stays as it is; no line that is not blank is left out.

use crate::{
    BlockKind, ParseError,
    builder::Builder,
    decode::{Decoded, decode},
    inline::Inline,
    parse::Input,
};
use language::Language;
use split::{Piece, pieces};

mod definition;
pub(crate) mod language;
mod mask;
mod split;
#[cfg(test)]
mod tests;

/// Reads source code. The name of the file tells the language.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let decoded = decode(&input.bytes, input.charset.as_deref());
    decoded.report(out);
    let first_line = decoded.text.lines().next().unwrap_or_default();
    let by_name = input.name.as_deref().and_then(Language::of_name);
    match by_name.or_else(|| Language::of_first_line(first_line)) {
        Some(language) => write(&decoded, language, input, out),
        None => plain(&decoded, None, input, out),
    }
}

/// Reads text whose lines matter as code without definitions.
pub(crate) fn plain(
    decoded: &Decoded<'_>,
    language: Option<&'static str>,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    write(decoded, &Language::plain(language.unwrap_or_default()), input, out)
}

fn write(
    decoded: &Decoded<'_>,
    language: &Language,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let origins = decoded.origins();
    let name = (!language.name.is_empty()).then(|| language.name.to_owned());
    for piece in pieces(&decoded.text, language, input)? {
        input.check_time()?;
        if out.is_full() {
            break;
        }
        match piece {
            Piece::Heading { level, text, range } => {
                let mut heading = Inline::default();
                heading.push(&text);
                out.block(BlockKind::Heading { level }, &heading, origins.place(range));
            }
            Piece::Code(range) => {
                let mut code = Inline::default();
                code.push_raw(decoded.text.get(range.clone()).unwrap_or_default());
                let kind = BlockKind::Code { language: name.clone() };
                out.block(kind, &code, origins.place(range));
            }
        }
    }
    Ok(())
}
