//! What was reserved for an attempt, settled exactly once, also when nobody waits for it any more.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    fault::FaultKind,
    gateway::Inner,
    meter::{Ending, Measured, Operation, Reservation},
    registry::Target,
    request::Request,
};

/// A reservation and what is noted when it ends.
pub(crate) struct Held {
    inner: Arc<Inner>,
    target: Arc<Target>,
    operation: Operation,
    reservation: Option<Box<dyn Reservation>>,
    prompt_tokens: u64,
    start: Instant,
    /// Whether the request has left, so that the provider may have begun.
    is_sent: bool,
    /// What the stream is worth so far.
    so_far: Measured,
    /// Bytes of text that came, and the most that came at once.
    text_bytes: usize,
    piece_bytes: usize,
    /// When text came first, and when it was last looked for.
    begun: Option<Instant>,
    noted: Instant,
}

impl Held {
    pub(super) fn new(
        inner: &Arc<Inner>,
        target: &Arc<Target>,
        request: &Request<'_>,
        reservation: Box<dyn Reservation>,
    ) -> Self {
        Self {
            inner: Arc::clone(inner),
            target: Arc::clone(target),
            operation: request.needs.operation,
            reservation: Some(reservation),
            prompt_tokens: request.needs.prompt_tokens,
            start: Instant::now(),
            is_sent: false,
            so_far: Measured::default(),
            text_bytes: 0,
            piece_bytes: 0,
            begun: None,
            noted: Instant::now(),
        }
    }

    /// Counts what is sent beyond what the caller sent, such as the wish for usage in a stream.
    pub(super) const fn with_added(mut self, bytes: usize) -> Self {
        self.prompt_tokens += bytes.div_ceil(4) as u64;
        self
    }

    pub(super) const fn sent(&mut self) {
        self.is_sent = true;
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// What an answer of so many bytes is worth when the provider does not say.
    pub(super) const fn estimate(&self, bytes: usize) -> Measured {
        Measured {
            prompt_tokens: self.prompt_tokens,
            completion_tokens: bytes.div_ceil(4) as u64,
            cached_tokens: 0,
            cache_write_tokens: 0,
            reasoning_tokens: 0,
            exact: false,
        }
    }

    /// Notes how far a stream is, for the case that its reader leaves.
    pub(super) fn note(&mut self, usage: Option<Measured>, text_bytes: usize) {
        self.piece_bytes = text_bytes.saturating_sub(self.text_bytes).max(self.piece_bytes);
        self.text_bytes = text_bytes;
        self.noted = Instant::now();
        if text_bytes > 0 {
            self.begun.get_or_insert(self.noted);
        }
        // Some providers count when a stream begins and when it ends, and not what they wrote so far.
        let estimate = self.estimate(text_bytes);
        self.so_far = match usage {
            Some(usage) if usage.completion_tokens >= estimate.completion_tokens => usage,
            Some(usage) => {
                Measured { completion_tokens: estimate.completion_tokens, exact: false, ..usage }
            }
            None => estimate,
        };
    }

    /// Whether it is not settled yet.
    pub(super) const fn is_open(&self) -> bool {
        self.reservation.is_some()
    }

    /// Bytes that a provider may have written since it was last looked: what it writes in that time,
    /// and a piece that was on its way.
    fn unseen(&self) -> usize {
        let Some(begun) = self.begun else { return self.piece_bytes };
        let (took, since) = (self.noted - begun, self.noted.elapsed());
        let meanwhile = match took.as_micros() {
            0 => 0,
            took => self.text_bytes as u128 * since.as_micros() / took,
        };
        self.piece_bytes + usize::try_from(meanwhile).unwrap_or(self.text_bytes)
    }

    /// Ends it with what was used.
    /// Its cost in nano-dollars, where it is known.
    pub(super) fn settle(&mut self, measured: Measured) -> Option<u64> {
        self.end(&measured, "", Ending::Completed)
    }

    /// Ends it with what was used by an answer that broke off.
    pub(super) fn break_off(&mut self, kind: FaultKind) {
        let measured = self.so_far;
        self.end(&measured, kind.as_str(), Ending::Cut);
    }

    /// Ends it with nothing used.
    pub(super) fn refund(&mut self, kind: FaultKind) {
        let Some(reservation) = self.reservation.take() else { return };
        reservation.refund();
        self.conclude(&Measured::default(), kind.as_str(), false, None);
    }

    fn end(&mut self, measured: &Measured, error: &'static str, ending: Ending) -> Option<u64> {
        let cost = self.reservation.take()?.settle(measured, ending);
        self.conclude(measured, error, ending == Ending::Completed, cost);
        cost
    }

    fn conclude(&self, measured: &Measured, error: &'static str, ok: bool, cost: Option<u64>) {
        let took = self.elapsed();
        let target = &self.target;
        self.inner.metrics.note(&target.metrics, self.operation, error, took, measured, cost);
        let tokens = measured.prompt_tokens.saturating_add(measured.completion_tokens);
        target.provider.stats.note(Instant::now(), ok, took, tokens, cost);
        if ok {
            target.note_latency(took);
        }
        tracing::debug!(
            gen_ai.usage.input_tokens = measured.prompt_tokens,
            gen_ai.usage.output_tokens = measured.completion_tokens,
            error.type = error,
            "attempt ended"
        );
    }
}

impl Drop for Held {
    /// The caller left: what the provider has done until now is settled, nothing of it is given away.
    fn drop(&mut self) {
        if self.reservation.is_none() {
            return;
        }
        if !self.is_sent {
            self.refund(FaultKind::Cut);
            return;
        }
        if self.so_far == Measured::default() {
            self.so_far = self.estimate(0);
        }
        // The provider wrote it, and nobody will ever read it. Who leaves often would else get a piece
        // each time.
        let on_its_way = self.estimate(self.unseen()).completion_tokens;
        let completion_tokens = self.so_far.completion_tokens.saturating_add(on_its_way);
        let measured = Measured { completion_tokens, exact: false, ..self.so_far };
        self.end(&measured, "cancelled", Ending::Cancelled);
    }
}
