//! Bodies that a handler does not read to their end.
//!
//! A client that is still sending when the server closes the connection sees a broken pipe in place
//! of the answer that says why. So what is left of a refused body is read and thrown away, up to a
//! limit of bytes and time, while the answer is on its way.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::Request,
    http::header,
    response::Response,
};
use futures_util::{Stream, StreamExt};

/// Bodies up to this size are read in one go anyhow.
const SMALL: u64 = 64 << 10;
/// Bytes and time for what is left of a body.
const LEFT_BYTES_MAX: usize = 256 << 20;
const LEFT_TIME: Duration = Duration::from_secs(20);

/// Keeps the connection open until the client has sent what it was sending.
pub(crate) async fn drain<F>(request: Request, next: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let is_small = match length {
        Some(length) => length <= SMALL,
        None => !request.headers().contains_key(header::TRANSFER_ENCODING),
    };
    if is_small {
        return next(request).await;
    }
    let whole = |body: Body| Body::from_stream(Draining(Some(body.into_data_stream())));
    next(request.map(whole)).await
}

/// A body whose rest is read when it is dropped.
struct Draining(Option<BodyDataStream>);

impl Stream for Draining {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let polled = body.poll_next_unpin(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        polled
    }
}

impl Drop for Draining {
    fn drop(&mut self) {
        let (Some(mut body), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        runtime.spawn(tokio::time::timeout(LEFT_TIME, async move {
            let mut read = 0;
            while let Some(Ok(bytes)) = body.next().await {
                read += bytes.len();
                if read > LEFT_BYTES_MAX {
                    break;
                }
            }
        }));
    }
}
