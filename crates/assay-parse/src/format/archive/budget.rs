//! How much may be unpacked, and readers that keep to it.

use std::io::{self, Read};

use crate::{ParseError, parse::Input};

/// Bytes unpacked between looks at the clock.
const CHUNK: u64 = 1 << 20;
/// Most bytes that one packed byte may stand for; text of logs reaches some 50, a bomb 1000.
const RATIO_MAX: u64 = 200;
/// Bytes that are unpacked whatever the ratio.
const ALWAYS: u64 = 64 << 20;

/// What is left of the bytes that a file may unpack to.
#[derive(Debug)]
pub(crate) struct Budget {
    used: u64,
    limit: u64,
}

impl Budget {
    /// The limit that the caller sets, or less where the file is too small to be honest about it.
    pub(crate) fn new(input: &Input) -> Self {
        let by_ratio = (input.bytes.len() as u64).saturating_mul(RATIO_MAX).max(ALWAYS);
        Self { used: 0, limit: input.limits.unpacked_bytes.min(by_ratio) }
    }

    /// All that a reader gives.
    pub(crate) fn read(
        &mut self,
        reader: &mut dyn Read,
        input: &Input,
    ) -> Result<Vec<u8>, ParseError> {
        let mut bytes = Vec::new();
        loop {
            input.check_time()?;
            let size = (&mut *reader).take(CHUNK).read_to_end(&mut bytes).map_err(reason)?;
            if size == 0 {
                return Ok(bytes);
            }
            self.take(size)?;
        }
    }

    fn take(&mut self, size: usize) -> Result<(), ParseError> {
        self.used = self.used.saturating_add(size as u64);
        if self.used > self.limit {
            return Err(ParseError::TooLarge { bytes: self.used, limit: self.limit });
        }
        Ok(())
    }
}

/// A reader under a budget, for parsers that read for themselves.
pub(crate) struct Metered<'a, R> {
    inner: R,
    budget: Budget,
    input: &'a Input,
}

impl<'a, R> Metered<'a, R> {
    pub(crate) fn new(inner: R, input: &'a Input) -> Self {
        Self { inner, budget: Budget::new(input), input }
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.check_time().map_err(io::Error::other)?;
        let size = self.inner.read(buffer)?;
        self.budget.take(size).map_err(io::Error::other)?;
        Ok(size)
    }
}

/// The error of a [`Metered`] reader, or the fault in the data.
pub(crate) fn reason(error: io::Error) -> ParseError {
    error.downcast::<ParseError>().unwrap_or_else(ParseError::malformed)
}
