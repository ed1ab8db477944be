//! Server-sent events: bytes in any cut to events.

/// Bytes that one event may have: an image that a model draws comes as one.
pub(crate) const EVENT_BYTES_MAX: usize = 8 << 20;

/// One event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// The field `event`; empty when there is none.
    pub(crate) name: String,
    /// The fields `data`, joined by a blank in place of the newline: the data is JSON, where both
    /// are the same, and it goes out again on one line. Not checked to be UTF-8: what reads it does
    /// that.
    pub(crate) data: Vec<u8>,
}

/// One event was longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Collects bytes until events are complete. Comments, `id` and `retry` are left out.
#[derive(Debug, Default)]
pub(crate) struct EventReader {
    buffer: Vec<u8>,
    /// Bytes of the buffer that were taken.
    taken: usize,
    /// Bytes after `taken` that hold no line end.
    searched: usize,
    event: Event,
    has_data: bool,
    /// Whether the first line was seen, before which a byte order mark may stand.
    begun: bool,
}

impl EventReader {
    /// Takes more bytes; [`EventReader::next`] gives what they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next event that is complete.
    ///
    /// # Errors
    /// [`TooLong`] when an event passes the limit, complete or not.
    pub(crate) fn next(&mut self) -> Result<Option<Event>, TooLong> {
        loop {
            let rest = self.buffer.get(self.taken..).unwrap_or_default();
            let unsearched = rest.get(self.searched..).unwrap_or_default();
            let Some(found) = memchr::memchr(b'\n', unsearched) else {
                self.searched = rest.len();
                return self.within(rest.len()).map(|()| None);
            };
            let end = self.searched + found;
            let line = rest.get(..end).unwrap_or_default();
            let is_over = take(line, &mut self.event, &mut self.has_data, &mut self.begun);
            self.taken += end + 1;
            self.searched = 0;
            self.within(0)?;
            if is_over && let Some(event) = self.dispatch() {
                return Ok(Some(event));
            }
        }
    }

    /// What is left when no byte follows: servers leave the last blank line out.
    pub(crate) fn last(&mut self) -> Option<Event> {
        let rest = self.buffer.split_off(self.taken.min(self.buffer.len()));
        self.buffer.clear();
        (self.taken, self.searched) = (0, 0);
        take(&rest, &mut self.event, &mut self.has_data, &mut self.begun);
        self.dispatch()
    }

    fn dispatch(&mut self) -> Option<Event> {
        let event = std::mem::take(&mut self.event);
        std::mem::take(&mut self.has_data).then_some(event)
    }

    fn within(&self, waiting: usize) -> Result<(), TooLong> {
        let length = self.event.data.len() + waiting;
        if length > EVENT_BYTES_MAX { Err(TooLong) } else { Ok(()) }
    }
}

/// Takes one line; whether it is the blank one that ends an event.
fn take(line: &[u8], event: &mut Event, has_data: &mut bool, begun: &mut bool) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = match std::mem::replace(begun, true) {
        false => line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line),
        true => line,
    };
    if line.is_empty() {
        return true;
    }
    let colon = memchr::memchr(b':', line).unwrap_or(line.len());
    let (name, value) = line.split_at(colon);
    let value = value.get(1..).unwrap_or_default();
    let value = value.strip_prefix(b" ").unwrap_or(value);
    match name {
        b"data" => {
            if std::mem::replace(has_data, true) {
                event.data.push(b' ');
            }
            let start = event.data.len();
            event.data.extend_from_slice(value);
            if memchr::memchr(b'\r', value).is_some() {
                // Some readers take it for the end of a line.
                let added = event.data.iter_mut().skip(start);
                added.filter(|byte| **byte == b'\r').for_each(|byte| *byte = b' ');
            }
        }
        b"event" => event.name = String::from_utf8_lossy(value).into_owned(),
        _ => {}
    }
    false
}

#[cfg(test)]
mod tests;
