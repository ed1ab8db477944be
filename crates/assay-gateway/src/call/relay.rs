//! A stream on its way from the provider to the caller.
//!
//! Nothing goes to the caller before the first frame that shows that the model answers: until then
//! a failure is a failed attempt, and another target may be tried. After it, a failure is an error
//! frame, and the end of an answer is never written.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use reqwest::Response;
use tokio::{
    runtime::Handle,
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};

use super::{
    flow::Flow,
    held::Held,
    read::{self, Unpacker},
};
use crate::{
    cache::Recorder,
    common::Part,
    dialect::{Dialect, Writer, error_frame},
    fault::{Fault, FaultKind},
    gateway::Frames,
    registry::Target,
    sse::{EVENT_BYTES_MAX, EventReader},
};

/// Bytes held back at most before the first frame that shows that the model answers.
const HELD_BYTES_MAX: usize = 256 << 10;
/// Bytes gathered at most before they are sent on.
const GATHERED_BYTES_MAX: usize = 64 << 10;
/// How long the end of a connection is waited for, so that it can be used again.
const DRAIN: Duration = Duration::from_secs(1);

/// A stream that a caller reads, with what it holds.
struct Reading {
    relay: Box<Relay>,
    held: Held,
    _permit: OwnedSemaphorePermit,
}

impl Reading {
    /// The caller has left: what the provider wrote until the connection to it was closed counts,
    /// whether anybody reads it or not.
    async fn leave(mut self) {
        self.relay.recorder = None;
        let gathered = self.relay.gather(&mut Vec::new()).await;
        self.held.note(self.relay.flow.usage(), self.relay.flow.text_bytes());
        if gathered.is_ok() && self.relay.is_over {
            self.relay.settle(&mut self.held);
        }
        drop(self.relay);
        // The connection closes when its task gets its turn; what is held is settled behind that.
        tokio::task::yield_now().await;
    }
}

/// Whoever reads a stream; it may be dropped in the middle.
struct Reader(Option<Reading>);

impl Drop for Reader {
    fn drop(&mut self) {
        let left = self.0.take().filter(|reading| reading.held.is_open());
        // Where nothing runs any more, what is held is settled as it stands.
        if let (Some(reading), Ok(runtime)) = (left, Handle::try_current()) {
            runtime.spawn(reading.leave());
        }
    }
}

/// One stream.
pub(super) struct Relay {
    response: Option<Response>,
    unpacker: Option<Unpacker>,
    events: EventReader,
    flow: Flow,
    target: Arc<Target>,
    dialect: Dialect,
    idle: Duration,
    end: Instant,
    is_over: bool,
    /// Takes the answer down for a cache.
    recorder: Option<Recorder>,
}

impl Relay {
    pub(super) fn new(
        response: Response,
        flow: Flow,
        target: &Arc<Target>,
        dialect: Dialect,
        end: Instant,
    ) -> Self {
        Self {
            response: Some(response),
            unpacker: None,
            events: EventReader::default(),
            flow,
            target: Arc::clone(target),
            dialect,
            idle: target.provider.idle,
            end,
            is_over: false,
            recorder: None,
        }
    }

    /// The whole body, where the provider does not stream.
    pub(super) async fn whole_body(&mut self) -> Result<Bytes, Fault> {
        let name = self.target.provider.name.clone();
        match self.response.take() {
            Some(response) => read::body(&name, response, self.idle, self.end).await,
            None => Ok(Bytes::new()),
        }
    }

    /// A whole answer as the frames of a stream.
    pub(super) fn replay(&mut self, writer: &mut Writer, parts: Vec<Part>) -> Vec<u8> {
        let mut out = Vec::new();
        for part in parts {
            writer.part(part, &mut out);
        }
        writer.end(&mut out);
        self.is_over = true;
        out
    }

    /// Reads until the model answers; returns what was held back.
    pub(super) async fn open(&mut self, first: Instant) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        loop {
            let limit = first.min(self.end);
            let meaningful = self.step(limit, &mut out).await?;
            if meaningful || self.is_over || out.len() > HELD_BYTES_MAX {
                return Ok(out);
            }
        }
    }

    /// Reads once and appends what the caller gets; whether it shows that the model answers.
    async fn step(&mut self, limit: Instant, out: &mut Vec<u8>) -> Result<bool, Fault> {
        let name = &self.target.provider.name;
        let Some(response) = &mut self.response else {
            self.is_over = true;
            return Ok(false);
        };
        if self.unpacker.is_none() {
            self.unpacker = Some(Unpacker::of(response.headers())?);
        }
        match read::chunk(name, response, self.idle, limit).await? {
            Some(chunk) => self.take(chunk, out),
            None => self.finish(out),
        }
    }

    fn take(&mut self, chunk: Bytes, out: &mut Vec<u8>) -> Result<bool, Fault> {
        let chunk = match &mut self.unpacker {
            Some(unpacker) => unpacker.unpack(chunk, EVENT_BYTES_MAX)?,
            None => chunk,
        };
        self.events.push(&chunk);
        let mut meaningful = false;
        loop {
            let event = self.events.next().map_err(|_| {
                Fault::malformed(format!("a frame is longer than {EVENT_BYTES_MAX} bytes"))
            })?;
            let Some(event) = event else { return Ok(meaningful) };
            meaningful |= self.flow.take(&event, out)?;
            if self.flow.is_over() {
                self.flow.end(out)?;
                self.is_over = true;
                self.let_go();
                return Ok(true);
            }
        }
    }

    /// The provider has closed the stream.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<bool, Fault> {
        self.response = None;
        self.is_over = true;
        let mut meaningful = false;
        if let Some(event) = self.events.last() {
            meaningful = self.flow.take(&event, out)?;
        }
        self.flow.end(out)?;
        Ok(meaningful)
    }

    /// Reads the end of the connection, which is used again only when it was read to its end.
    fn let_go(&mut self) {
        let Some(mut response) = self.response.take() else { return };
        if matches!(response.chunk().now_or_never(), Some(Ok(None) | Err(_))) {
            return;
        }
        tokio::spawn(async move {
            let _ =
                timeout(DRAIN, async { while let Ok(Some(_)) = response.chunk().await {} }).await;
        });
    }

    /// The frames for the caller, `first` and what follows.
    pub(super) fn frames(
        mut self: Box<Self>,
        first: Vec<u8>,
        mut held: Held,
        permit: OwnedSemaphorePermit,
        recorder: Option<Recorder>,
    ) -> Frames {
        self.recorder = recorder;
        held.note(self.flow.usage(), self.flow.text_bytes());
        let first = (!first.is_empty()).then(|| Bytes::from(first));
        if let Some(first) = &first {
            self.record(first);
        }
        if self.is_over {
            self.settle(&mut held);
        }
        let reading = Reading { relay: self, held, _permit: permit };
        let state = (Reader(Some(reading)), first);
        Box::pin(stream::unfold(state, |(mut reader, first)| async move {
            if let Some(first) = first {
                return Some((first, (reader, None)));
            }
            let Reading { relay, held, .. } = reader.0.as_mut()?;
            let frames = relay.next(held).await?;
            Some((frames, (reader, None)))
        }))
    }

    /// The answer is whole: it is charged, and kept where it is to be.
    fn settle(&mut self, held: &mut Held) {
        let measured = self.flow.usage().unwrap_or_else(|| held.estimate(self.flow.text_bytes()));
        let cost = held.settle(measured);
        if let Some(recorder) = self.recorder.take() {
            recorder.finish(&self.target, measured, cost);
        }
    }

    fn record(&mut self, bytes: &Bytes) {
        if self.recorder.as_mut().is_some_and(|recorder| !recorder.push(bytes)) {
            self.recorder = None;
        }
    }

    /// The next frames for the caller; `None` after the last.
    async fn next(&mut self, held: &mut Held) -> Option<Bytes> {
        let mut out = Vec::new();
        while out.is_empty() {
            if self.is_over {
                return None;
            }
            let stepped = self.step(self.end, &mut out).await;
            let gathered = match stepped {
                Ok(_) => self.gather(&mut out).await,
                Err(fault) => Err(fault),
            };
            held.note(self.flow.usage(), self.flow.text_bytes());
            match gathered {
                Ok(()) => {}
                Err(fault) => self.break_off(&fault, held, &mut out),
            }
            if !out.is_empty() || self.is_over {
                break;
            }
        }
        let out = Bytes::from(out);
        self.record(&out);
        if self.is_over {
            self.settle(held);
        }
        (!out.is_empty()).then_some(out)
    }

    /// Takes what has arrived meanwhile, so that a burst is one write. The connection gives out one
    /// chunk at a time and reads the next when it gets its turn.
    async fn gather(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        let mut has_waited = false;
        while !self.is_over && out.len() < GATHERED_BYTES_MAX {
            let Some(response) = &mut self.response else { break };
            match response.chunk().now_or_never() {
                None if has_waited => break,
                None => {
                    has_waited = true;
                    tokio::task::yield_now().await;
                }
                Some(Ok(Some(chunk))) => {
                    has_waited = false;
                    self.take(chunk, out)?;
                }
                Some(Ok(None)) => {
                    self.finish(out)?;
                }
                Some(Err(_)) => {
                    let name = &self.target.provider.name;
                    let what = format!("the connection to the provider `{name}` broke off");
                    return Err(Fault::new(FaultKind::Cut, what));
                }
            }
        }
        Ok(())
    }

    fn break_off(&mut self, fault: &Fault, held: &mut Held, out: &mut Vec<u8>) {
        let (provider, model) = (&self.target.provider.name, self.target.model());
        tracing::warn!(provider, model, error = fault.kind.as_str(), "stream broke off");
        self.is_over = true;
        self.response = None;
        self.recorder = None;
        held.break_off(fault.kind);
        let now = std::time::Instant::now();
        if fault.kind.is_of_target()
            && let Ok(pass) = self.target.breaker.pass(now)
        {
            pass.failed(now);
        }
        out.extend_from_slice(&error_frame(self.dialect, fault, self.flow.sequence()));
    }
}
