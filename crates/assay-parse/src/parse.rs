//! The entry: limits, the panic boundary and the choice of the format.

use std::{
    any::Any,
    ops::{ControlFlow, Deref},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use assay_core::{Deadline, ParseLimits};

use crate::{
    FileHint, MediaType, Member, PagesRead, ParseError, Parsed, builder::Builder, detect, format,
    meter::Meter,
};

/// Parsers recurse along the nesting of a file, which is limited; this holds the deepest that
/// [`ParseLimits::nesting`] lets through. Pages of a stack that are not touched cost no memory.
const STACK_BYTES: usize = 256 << 20;

/// Time between two looks at how far a parser is.
const WATCH_EVERY: Duration = Duration::from_millis(200);

/// The content of a file, shared with parsers that keep it.
#[derive(Debug)]
pub(crate) struct Bytes(pub(crate) Box<[u8]>);

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
    /// The file name, where one is known.
    pub(crate) name: Option<String>,
    pub(crate) charset: Option<String>,
    pub(crate) limits: ParseLimits,
    pub(crate) deadline: Deadline,
    /// How far the parser is, and whether it is to stop.
    pub(crate) meter: Meter,
}

impl Input {
    /// An error once the time is up or nobody wants the result; loops over the file call this.
    pub(crate) fn check_time(&self) -> Result<(), ParseError> {
        if self.meter.is_stopped() {
            return Err(ParseError::Stopped);
        }
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
    parse_watched(bytes, hint, limits, &mut |_| ControlFlow::Continue(()))
}

/// Reads a file into blocks as [`parse`] does, and calls `watch` several times a second with the
/// pages read so far, where the format has pages. It is not called for what is read at once.
///
/// # Errors
///
/// Those of [`parse`]; [`ParseError::Stopped`] after `watch` breaks off.
pub fn parse_watched(
    bytes: &[u8],
    hint: &FileHint<'_>,
    limits: &ParseLimits,
    watch: &mut dyn FnMut(Option<PagesRead>) -> ControlFlow<()>,
) -> Result<Parsed, ParseError> {
    let (media_type, input) = prepare(bytes, hint, limits)?;
    let results = spawn(media_type, &input, move |input, send| {
        send(parse_as(media_type, input));
    })?;
    loop {
        match results.recv_timeout(input.deadline.left().min(WATCH_EVERY)) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Timeout) if !input.deadline.has_passed() => {}
            Err(_) => return Err(input.timed_out()),
        }
        if watch(input.meter.pages()).is_break() {
            // The thread ends by itself at its next look at the time.
            input.meter.stop();
            return Err(ParseError::Stopped);
        }
    }
}

/// The files that a file contains: the entries of an archive, the attachments of a mail, the mails
/// of a mailbox. None for other formats. One is unpacked at a time, as the iterator is asked.
///
/// What [`parse`] says of the time and of panics holds here for the whole iteration; the size of
/// all entries together is limited by [`ParseLimits::unpacked_bytes`].
///
/// # Errors
///
/// When the file as a whole cannot be used. An entry that cannot be used is an error of its own in
/// the iteration; after [`ParseError::TimedOut`] and [`ParseError::TooLarge`] no more come.
pub fn members(
    bytes: &[u8],
    hint: &FileHint<'_>,
    limits: &ParseLimits,
) -> Result<impl Iterator<Item = Result<Member, ParseError>> + use<>, ParseError> {
    let (media_type, input) = prepare(bytes, hint, limits)?;
    let results = if media_type.has_members() {
        let work = move |input: &Input, send: &dyn Fn(Result<Member, ParseError>) -> bool| {
            if let Err(error) = members_as(media_type, input, send) {
                send(Err(error));
            }
        };
        Some(spawn(media_type, &input, work)?)
    } else {
        None
    };
    let mut results = results.into_iter().collect::<Vec<_>>();
    Ok(std::iter::from_fn(move || match results.last()?.recv_timeout(input.deadline.left()) {
        Ok(member) => Some(member),
        Err(RecvTimeoutError::Disconnected) => None,
        Err(RecvTimeoutError::Timeout) => {
            results.clear();
            Some(Err(input.timed_out()))
        }
    }))
}

pub(crate) fn prepare(
    bytes: &[u8],
    hint: &FileHint<'_>,
    limits: &ParseLimits,
) -> Result<(MediaType, Arc<Input>), ParseError> {
    let size = bytes.len() as u64;
    if size > limits.file_bytes {
        return Err(ParseError::TooLarge { bytes: size, limit: limits.file_bytes });
    }
    if bytes.is_empty() {
        return Err(ParseError::Empty);
    }
    let media_type = detect::detect(bytes, hint)?;
    let input = Input {
        bytes: Arc::new(Bytes(bytes.into())),
        name: hint.name.map(str::to_owned),
        charset: hint.charset().map(str::to_owned),
        limits: limits.clone(),
        deadline: Deadline::after(limits.time),
        meter: Meter::default(),
    };
    Ok((media_type, Arc::new(input)))
}

/// Runs `work` on a thread of its own. It hands results over one by one; `send` says whether
/// somebody still wants more.
pub(crate) fn spawn<T: Send + 'static>(
    media_type: MediaType,
    input: &Arc<Input>,
    work: impl FnOnce(&Input, &dyn Fn(Result<T, ParseError>) -> bool) + Send + 'static,
) -> Result<Receiver<Result<T, ParseError>>, ParseError> {
    let (sender, receiver) = mpsc::sync_channel(0);
    let input = Arc::clone(input);
    let body = move || {
        let send = |result| sender.send(result).is_ok();
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&input, &send)));
        if let Err(panic) = outcome {
            send(Err(of_panic(&*panic)));
        }
    };
    thread::Builder::new()
        .name(format!("parse {media_type}"))
        .stack_size(STACK_BYTES)
        .spawn(body)
        .map_err(|error| ParseError::malformed(format_args!("no thread to read it: {error}")))?;
    Ok(receiver)
}

fn parse_as(media_type: MediaType, input: &Input) -> Result<Parsed, ParseError> {
    let mut out = Builder::new(&input.limits);
    match media_type {
        MediaType::Pdf => format::pdf::parse(input, &mut out)?,
        MediaType::Docx => format::docx::parse(input, &mut out)?,
        MediaType::Pptx => format::pptx::parse(input, &mut out)?,
        MediaType::Odt | MediaType::Odp => format::odf::parse(input, &mut out)?,
        MediaType::Html => format::html::parse(input, &mut out)?,
        MediaType::Markdown => format::markdown::parse(input, &mut out)?,
        MediaType::Text => format::text::parse(input, &mut out)?,
        MediaType::Csv | MediaType::Tsv => format::delimited::parse(input, &mut out)?,
        MediaType::Xlsx => format::sheet::xlsx(input, &mut out)?,
        MediaType::Xls => format::sheet::xls(input, &mut out)?,
        MediaType::Ods => format::sheet::ods(input, &mut out)?,
        MediaType::Epub => format::epub::parse(input, &mut out)?,
        MediaType::Eml => format::mail::parse(input, &mut out)?,
        MediaType::Msg => format::msg::parse(input, &mut out)?,
        MediaType::Mbox => format::mbox::parse(input, &mut out)?,
        MediaType::Zip => format::archive::parse(format::zip::walk, input, &mut out)?,
        MediaType::Tar => format::archive::parse(format::tar::walk, input, &mut out)?,
        MediaType::Json => format::json::parse(input, &mut out)?,
        MediaType::JsonLines => format::json::parse_lines(input, &mut out)?,
        MediaType::Yaml => format::yaml::parse(input, &mut out)?,
        MediaType::Xml => format::xml::parse(input, &mut out)?,
        MediaType::Code => format::code::parse(input, &mut out)?,
        media_type if media_type.is_picture() => format::picture::parse(input, &mut out)?,
        other => return Err(ParseError::Unsupported { media_type: other.to_string() }),
    }
    Ok(out.finish(media_type))
}

/// Hands the files inside to `send` until it says that no more are wanted.
fn members_as(
    media_type: MediaType,
    input: &Input,
    send: &dyn Fn(Result<Member, ParseError>) -> bool,
) -> Result<(), ParseError> {
    match media_type {
        MediaType::Eml => format::mail::members(input, send),
        MediaType::Msg => format::msg::members(input, send),
        MediaType::Mbox => format::mbox::members(input, send),
        MediaType::Zip => format::archive::members(format::zip::walk, input, send),
        MediaType::Tar => format::archive::members(format::tar::walk, input, send),
        other => Err(ParseError::Unsupported { media_type: other.to_string() }),
    }
}

/// Whether a file is of a format that is read, by its content alone: a sender can be told at once. That
/// it can be read whole is another matter.
///
/// # Errors
/// [`ParseError::Unsupported`] when it is of none.
pub fn recognise(bytes: &[u8], hint: &FileHint<'_>) -> Result<(), ParseError> {
    let found = catch_unwind(AssertUnwindSafe(|| detect::detect(bytes, hint)));
    // What stumbles here is told by `parse`.
    found.map_or(Ok(()), |found| found.map(drop))
}

fn of_panic(panic: &(dyn Any + Send)) -> ParseError {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    ParseError::Malformed { reason: message.unwrap_or_else(|| "the parser gave up".to_owned()) }
}
