//! Server-sent events: bytes in any cut to the `data` of each event.

/// Bytes that one event may have.
const EVENT_BYTES_MAX: usize = 1 << 20;

/// Collects bytes until an event is complete. Only `data` fields are kept: the OpenAI protocol
/// uses no other.
#[derive(Debug, Default)]
pub(crate) struct EventReader {
    buffer: Vec<u8>,
    data: String,
}

/// One event was longer than the limit.
#[derive(Debug)]
pub(crate) struct TooLong;

impl EventReader {
    /// Takes more bytes and returns the events that they complete, in order.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut events = Vec::new();
        for byte in bytes {
            if *byte != b'\n' {
                self.buffer.push(*byte);
                if self.buffer.len() + self.data.len() > EVENT_BYTES_MAX {
                    return Err(TooLong);
                }
                continue;
            }
            let line = std::mem::take(&mut self.buffer);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                if !self.data.is_empty() {
                    events.push(std::mem::take(&mut self.data));
                }
            } else if let Some(value) = line.strip_prefix("data:") {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value.strip_prefix(' ').unwrap_or(value));
            }
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests;
