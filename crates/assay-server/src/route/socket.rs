//! Progress over WebSocket: each state of a job or a task as one message.

use std::{pin::pin, time::Duration};

use assay_answer::{AnswerError, Job};
use assay_core::ErrorCode;
use axum::{
    extract::{
        WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, close_code},
    },
    response::Response,
};
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use tokio::time::{Instant, interval_at, timeout};

use crate::{App, auth::Acting, failure::Failure, sockets::Seat};

/// A ping goes out this often; a client that has not answered the one before is gone.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Bytes of a message from a client: nothing but pings, pongs and a close is expected.
const MESSAGE_BYTES_MAX: usize = 1 << 10;
/// Bytes of the buffers of a connection.
const BUFFER_BYTES: usize = 4 << 10;
/// Bytes that may wait to be sent; a state of a job has fewer.
const WAITING_BYTES_MAX: usize = 1 << 20;
/// Time for a client to answer a close.
const GOODBYE: Duration = Duration::from_secs(2);
/// Bytes of a reason at most: the protocol's own limit.
const REASON_BYTES_MAX: usize = 123;

/// Sends the states as they come, and closes the connection after the last one.
///
/// # Errors
/// When as many WebSockets are open as there may be.
pub(super) fn follow<T: Serialize + 'static>(
    app: &Acting,
    upgrade: WebSocketUpgrade,
    states: impl Stream<Item = Result<Job, AnswerError>> + Send + 'static,
    shown: fn(Job) -> T,
) -> Result<Response, Failure> {
    let seat = app.sockets.seat(app.scope().tenant()).ok_or_else(|| {
        Failure::new(ErrorCode::TooManyRequests, "there are too many open WebSockets")
            .hint("close those that are not needed, or ask for the job with `wait_ms`")
    })?;
    let server = App::clone(app);
    let upgrade = upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(WAITING_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| tell(server, seat, socket, states, shown)))
}

/// Why a connection ends.
enum End {
    /// The other side is gone, or has closed it.
    Gone,
    /// We close it, with a code and a reason.
    Close(u16, String),
}

async fn tell<T: Serialize>(
    app: App,
    seat: Seat,
    mut socket: WebSocket,
    states: impl Stream<Item = Result<Job, AnswerError>>,
    shown: fn(Job) -> T,
) {
    if let End::Close(code, reason) = converse(&app, &mut socket, states, shown).await {
        let frame = CloseFrame { code, reason: reason.into() };
        // Who is gone need not be told.
        let _ = socket.send(Message::Close(Some(frame))).await;
    }
    // Until both sides have closed, so that neither close is lost.
    let _ = timeout(GOODBYE, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
    drop(seat);
}

async fn converse<T: Serialize>(
    app: &App,
    socket: &mut WebSocket,
    states: impl Stream<Item = Result<Job, AnswerError>>,
    shown: fn(Job) -> T,
) -> End {
    let (mut states, mut stopped) = (pin!(states), pin!(app.sockets.stopped()));
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    let mut is_answered = true;
    loop {
        let message = tokio::select! {
            () = &mut stopped => return End::Close(close_code::AWAY, "the server stops".to_owned()),
            state = states.next() => match state {
                None => return End::Close(close_code::NORMAL, "it has ended".to_owned()),
                Some(Err(error)) => {
                    let mut reason = Failure::from(error).message;
                    reason.truncate(reason.floor_char_boundary(REASON_BYTES_MAX));
                    return End::Close(close_code::ERROR, reason);
                }
                // These types hold nothing that JSON cannot carry.
                Some(Ok(job)) => {
                    Message::text(serde_json::to_string(&shown(job)).unwrap_or_default())
                }
            },
            _ = heartbeat.tick() => {
                if !is_answered {
                    return End::Gone;
                }
                is_answered = false;
                Message::Ping(Vec::new().into())
            }
            heard = socket.recv() => match heard {
                None | Some(Err(_) | Ok(Message::Close(_))) => return End::Gone,
                // A ping is answered below this.
                Some(Ok(Message::Pong(_) | Message::Ping(_))) => {
                    is_answered = true;
                    continue;
                }
                Some(Ok(Message::Text(_) | Message::Binary(_))) => {
                    let reason = "nothing is taken here".to_owned();
                    return End::Close(close_code::UNSUPPORTED, reason);
                }
            },
        };
        if socket.send(message).await.is_err() {
            return End::Gone;
        }
    }
}
