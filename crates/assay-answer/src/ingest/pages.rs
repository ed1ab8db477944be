//! Pages without text: their pictures are read, page by page, each a step that is not repeated
//! after a crash.

use std::{path::PathBuf, sync::OnceLock};

use assay_core::{ErrorChain, ParseLimits};
use assay_models::ocr::{GreyImage, Line, Reader, ReaderSettings};
use assay_parse::{FileHint, Parsed, Problem, ProblemCode, ReadLine, add_read_lines, page_images};
use assay_tasks::{TaskContext, TaskFailure};

use super::{LARGE, handler::Ingest};
use crate::{PartState, jobs::READING};

/// The models that read pictures, loaded when the first page needs them.
pub(crate) struct PageReader {
    folder: PathBuf,
    reader: OnceLock<Option<Reader>>,
}

impl PageReader {
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self { folder, reader: OnceLock::new() }
    }

    /// How it is, as far as that shows without loading the models.
    pub(crate) fn state(&self) -> PartState {
        match self.reader.get() {
            Some(Some(_)) => PartState::Ready,
            Some(None) => PartState::Degraded,
            None if self.folder.is_dir() => PartState::Ready,
            None => PartState::Absent,
        }
    }

    /// The reader; `None` where its models are absent or damaged, which the log says once.
    fn get(&self) -> Option<&Reader> {
        let load = || match Reader::load(&self.folder, &ReaderSettings::default()) {
            Ok(reader) => Some(reader),
            Err(error) => {
                let error = ErrorChain(&error);
                tracing::warn!(%error, "pictures are not read; `assay models pull ocr` fetches what it takes");
                None
            }
        };
        self.reader.get_or_init(load).as_ref()
    }
}

/// A file whose pages are to be read.
pub(super) struct Pages<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) hint: FileHint<'a>,
    pub(super) limits: &'a ParseLimits,
}

impl Ingest {
    /// The document with what its pictures of text say. Without models it stays as it is, its
    /// problems included.
    pub(super) fn read_pages(
        &self,
        context: &TaskContext<'_>,
        file: &Pages<'_>,
        mut parsed: Parsed,
    ) -> Result<Parsed, TaskFailure> {
        let pages = parsed.pages_to_read();
        let total = pages.len() as u64;
        if pages.is_empty() {
            return Ok(parsed);
        }
        context.progress(0, Some(total), READING)?;
        let Some(reader) = self.pages.get() else { return Ok(parsed) };
        // A page takes seconds: many small scans would hold up every note behind them.
        if context.queue() != LARGE {
            return Err(TaskFailure::Moved { queue: LARGE.to_owned() });
        }
        for (done, page) in (0..).zip(pages) {
            context.progress(done, Some(total), READING)?;
            let step = format!("read page {page}");
            let read = context.step(&step, || Ok(read_page(reader, file, page)))?;
            match read {
                Ok(lines) => parsed = add_read_lines(parsed, page, &lines),
                Err(message) => parsed.problems.push(Problem {
                    code: ProblemCode::Damaged,
                    message,
                    page: Some(page),
                }),
            }
        }
        Ok(parsed)
    }
}

/// The lines of one page, or why it cannot be read.
fn read_page(reader: &Reader, file: &Pages<'_>, page: u32) -> Result<Vec<ReadLine>, String> {
    let mut images = page_images(file.bytes, &file.hint, file.limits, &[page])
        .map_err(|error| ErrorChain(&error).to_string())?;
    let image = images.next().ok_or("the page is not there")?;
    let image = image.map_err(|error| ErrorChain(&error).to_string())?;
    let grey = GreyImage::new(image.width as usize, image.height as usize, image.pixels);
    let lines = reader
        .read(&grey.ok_or("the picture is empty")?)
        .map_err(|error| ErrorChain(&error).to_string())?;
    Ok(lines.into_iter().map(|line| placed(line, image.scale)).collect())
}

/// The line in points of the page.
fn placed(line: Line, scale: f32) -> ReadLine {
    let corners = line.corners.map(|corner| corner.map(|pixels| pixels / scale));
    ReadLine { text: line.text, corners, confidence: line.confidence }
}
