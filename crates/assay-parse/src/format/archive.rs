//! What archives have in common: the list of their entries and the unpacking of each, under one
//! limit.
//!
//! Left out are folders, links and devices, and what programs leave behind unasked: entries below
//! `__MACOSX`, names that start with a dot, `Thumbs.db` and `desktop.ini`.

use assay_core::Origin;

use crate::{
    BlockKind, Member, ParseError, ProblemCode,
    builder::{Builder, Place},
    inline::Inline,
    parse::Input,
};
pub(crate) use budget::{Budget, Metered, reason};
pub(crate) use name::{Names, file_name};

mod budget;
mod name;
#[cfg(test)]
pub(crate) mod tests;

/// Most entries that are read of one archive.
pub(crate) const ENTRIES_MAX: usize = 100_000;

/// Gets each file of an archive: its name as written, and its content or why it has none. Says
/// whether to go on.
pub(crate) type Visit<'a> =
    dyn FnMut(&str, Result<&mut dyn std::io::Read, ParseError>) -> Result<bool, ParseError> + 'a;

/// Goes through the files of an archive in order.
pub(crate) type Walk = fn(&Input, &mut Visit<'_>) -> Result<(), ParseError>;

/// The list of the files, so that an archive is found by what it holds.
pub(crate) fn parse(walk: Walk, input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut names = Names::default();
    let mut count = 0;
    let outcome = walk(input, &mut |name, content| {
        input.check_time()?;
        let Some(path) = names.give(name) else { return Ok(true) };
        if count == ENTRIES_MAX {
            let message = format!("only the first {ENTRIES_MAX} files were read");
            out.problem(ProblemCode::Limit, message, None);
            return Ok(false);
        }
        count += 1;
        if let Err(error) = content {
            out.problem(ProblemCode::Damaged, format!("`{path}`: {error}"), None);
        }
        let text = Inline::plain(path.as_str());
        let place = Place { origin: Some(Origin::Part { path }), ..Place::default() };
        out.block(BlockKind::ListItem { depth: 0, ordered: false }, &text, place);
        Ok(!out.is_full())
    });
    match outcome {
        Err(error @ (ParseError::Malformed { .. } | ParseError::TooLarge { .. })) if count > 0 => {
            let code = match error {
                ParseError::TooLarge { .. } => ProblemCode::Limit,
                _ => ProblemCode::Damaged,
            };
            out.problem(code, format!("what follows was not read: {error}"), None);
            Ok(())
        }
        outcome => outcome,
    }
}

/// Unpacks the files one after the other.
pub(crate) fn members(
    walk: Walk,
    input: &Input,
    send: &dyn Fn(Result<Member, ParseError>) -> bool,
) -> Result<(), ParseError> {
    let mut names = Names::default();
    let mut budget = Budget::new(input);
    let mut count = 0;
    walk(input, &mut |name, content| {
        let Some(path) = names.give(name) else { return Ok(true) };
        count += 1;
        if count > ENTRIES_MAX {
            return Ok(false);
        }
        match content.and_then(|content| budget.read(content, input)) {
            Ok(bytes) => Ok(send(Ok(Member { path, media_type: None, bytes }))),
            Err(ParseError::Malformed { reason }) => {
                Ok(send(Err(ParseError::malformed(format_args!("`{path}`: {reason}")))))
            }
            Err(ParseError::Encrypted) => Ok(send(Err(ParseError::Encrypted))),
            Err(error) => Err(error),
        }
    })
}
