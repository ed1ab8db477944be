//! The entry: limits, the panic boundary and the choice of the format.

use std::{
    any::Any,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
    thread,
};

use assay_core::{Deadline, ParseLimits};

use crate::{FileHint, MediaType, ParseError, Parsed, builder::Builder, detect, format};

/// Parsers recurse along the nesting of a file, which is limited; this holds the deepest that
/// [`ParseLimits::nesting`] lets through. Pages of a stack that are not touched cost no memory.
const STACK_BYTES: usize = 256 << 20;

/// The content of a file, shared with parsers that keep it.
#[derive(Debug)]
pub(crate) struct Bytes(Box<[u8]>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// What a format parser gets.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) bytes: Arc<Bytes>,
    pub(crate) charset: Option<String>,
    pub(crate) limits: ParseLimits,
    pub(crate) deadline: Deadline,
}

impl Input {
    /// An error once the time is up; loops over the file call this.
    pub(crate) fn check_time(&self) -> Result<(), ParseError> {
        if self.deadline.has_passed() { Err(self.timed_out()) } else { Ok(()) }
    }

    fn timed_out(&self) -> ParseError {
        ParseError::TimedOut { seconds: self.limits.time.as_secs() }
    }
}

/// Reads a file into blocks.
///
/// The work runs on a thread of its own, so that deep nesting has a stack to recurse on, a panic
/// in a parser is caught, and a parser that does not come back is given up when
/// [`ParseLimits::time`] is over.
///
/// # Errors
///
/// When the file as a whole cannot be used; a damaged part is a problem of the result.
pub fn parse(
    bytes: &[u8],
    hint: &FileHint<'_>,
    limits: &ParseLimits,
) -> Result<Parsed, ParseError> {
    let size = bytes.len() as u64;
    if size > limits.file_bytes {
        return Err(ParseError::TooLarge { bytes: size, limit: limits.file_bytes });
    }
    if bytes.is_empty() {
        return Err(ParseError::Empty);
    }
    let media_type = detect::detect(bytes, hint)?;
    let input = Arc::new(Input {
        bytes: Arc::new(Bytes(bytes.into())),
        charset: hint.charset().map(str::to_owned),
        limits: limits.clone(),
        deadline: Deadline::after(limits.time),
    });
    run(media_type, &input)
}

fn run(media_type: MediaType, input: &Arc<Input>) -> Result<Parsed, ParseError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let work = Arc::clone(input);
    let body = move || {
        let result = catch_unwind(AssertUnwindSafe(|| parse_as(media_type, &work)));
        // The receiver is gone when the time was up: nobody wants the result any more.
        let _ = sender.send(result.unwrap_or_else(|panic| Err(of_panic(&*panic))));
    };
    thread::Builder::new()
        .name(format!("parse {media_type}"))
        .stack_size(STACK_BYTES)
        .spawn(body)
        .map_err(|error| ParseError::malformed(format_args!("no thread to read it: {error}")))?;
    match receiver.recv_timeout(input.deadline.left()) {
        Ok(result) => result,
        Err(_) => Err(input.timed_out()),
    }
}

fn parse_as(media_type: MediaType, input: &Input) -> Result<Parsed, ParseError> {
    let mut out = Builder::new(&input.limits);
    match media_type {
        MediaType::Pdf => format::pdf::parse(input, &mut out)?,
        MediaType::Docx => format::docx::parse(input, &mut out)?,
        MediaType::Html => format::html::parse(input, &mut out)?,
        MediaType::Markdown => format::markdown::parse(input, &mut out)?,
        MediaType::Text => format::text::parse(input, &mut out)?,
    }
    Ok(out.finish(media_type))
}

fn of_panic(panic: &(dyn Any + Send)) -> ParseError {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    ParseError::Malformed { reason: message.unwrap_or_else(|| "the parser gave up".to_owned()) }
}
