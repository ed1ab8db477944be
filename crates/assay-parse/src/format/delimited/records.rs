//! The records of delimited text, one at a time and with bounded buffers.

use std::ops::Range;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::dialect::Dialect;

/// Most fields of a record; spreadsheets have as many columns.
const FIELDS_MAX: usize = 16_384;
/// Most bytes of a record. Longer ones come of a quote that never ends.
const RECORD_MAX: usize = 4 << 20;

/// Reads one record after the other.
pub(super) struct Records<'a> {
    reader: Reader,
    text: &'a str,
    /// How far `text` is read.
    at: usize,
    buffer: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
    /// The bytes of the text that the record stands in, its line break included.
    pub(super) range: Range<usize>,
}

/// What came next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A record.
    Record,
    /// Nothing.
    End,
    /// A record with too many fields.
    Wide,
    /// A record with too many bytes.
    Long,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str, dialect: &Dialect) -> Self {
        let reader =
            ReaderBuilder::new().delimiter(dialect.delimiter).quoting(dialect.quoting).build();
        let at = dialect.skip;
        let buffer = vec![0; 1 << 10];
        Self { reader, text, at, buffer, ends: vec![0; 64], fields: 0, range: at..at }
    }

    /// Reads the next record.
    pub(super) fn step(&mut self) -> Step {
        let (mut bytes, mut fields) = (0, 0);
        let start = self.at;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let output = self.buffer.get_mut(bytes..).unwrap_or_default();
            let ends = self.ends.get_mut(fields..).unwrap_or_default();
            let (result, read, written, ended) = self.reader.read_record(rest, output, ends);
            self.at += read;
            bytes += written;
            fields += ended;
            match result {
                // Asked again without input, the reader gives what it still holds.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if bytes >= RECORD_MAX => return Step::Long,
                ReadRecordResult::OutputFull => self.buffer.resize(self.buffer.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if fields >= FIELDS_MAX => return Step::Wide,
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::End => return Step::End,
                ReadRecordResult::Record => {
                    self.fields = fields;
                    self.range = start..self.at;
                    return Step::Record;
                }
            }
        }
    }

    /// The fields of the record.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().take(self.fields).map(move |end| {
            let field = self.buffer.get(start..*end).unwrap_or_default();
            start = *end;
            // Fields end at characters of one byte, hence are whole.
            std::str::from_utf8(field).unwrap_or_default()
        })
    }
}
