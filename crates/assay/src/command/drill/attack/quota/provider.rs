//! A provider that does what it is told in the way that costs most, and counts the tokens.
//!
//! Of several limits it takes the highest, one that is no number above zero is none, and a model
//! without a limit writes [`UNLIMITED`] tokens: what gets past Assay is spent.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Tokens that a model writes when nothing limits it.
const UNLIMITED: u64 = 4_096;
/// Answers to one request at most.
const CHOICES_MAX: u64 = 16;
/// Tokens of one event of a stream, and the pause behind it.
const EVENT_TOKENS: u64 = 10;
const PAUSE: Duration = Duration::from_millis(5);
/// A token, with the blank behind it: four bytes, as in English.
const TOKEN: &str = "abc ";

/// Tokens that were read and written, by the name of the try that a request carries.
#[derive(Debug, Clone, Default)]
pub(super) struct Served(Arc<Mutex<HashMap<String, u64>>>);

impl Served {
    fn add(&self, name: &str, tokens: u64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(name.to_owned()).or_default() += tokens;
    }

    /// What was served to a try.
    pub(super) fn of(&self, name: &str) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied().unwrap_or(0)
    }
}

pub(super) async fn serve(listener: TcpListener, served: Served) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, served.clone()));
    }
}

async fn connection(mut stream: TcpStream, served: Served) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let Some((body, rest)) = whole(&read) else {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Ok(());
            }
            read.extend_from_slice(buffer.get(..count).unwrap_or_default());
            continue;
        };
        let order = Order::of(&body);
        read.drain(..rest);
        served.add(&order.name, order.prompt);
        if order.streams {
            write_stream(&mut stream, &order, &served).await?;
        } else {
            served.add(&order.name, order.writes);
            stream.write_all(plain(&order).as_bytes()).await?;
        }
    }
}

/// The body of a request and the bytes that it takes with its head, when it is whole.
fn whole(read: &[u8]) -> Option<(String, usize)> {
    let head = read.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(read.get(..head)?).to_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let end = head + length.trim().parse::<usize>().ok()?;
    Some((String::from_utf8_lossy(read.get(head..end)?).into_owned(), end))
}

/// What a request asks for.
struct Order {
    /// The try that it belongs to.
    name: String,
    prompt: u64,
    writes: u64,
    streams: bool,
}

impl Order {
    fn of(body: &str) -> Self {
        let Fields(fields) = serde_json::from_str(body).unwrap_or_default();
        let numbers = |names: &[&str]| {
            let named = fields.iter().filter(|(name, _)| names.contains(&name.as_str()));
            let all: Vec<Option<u64>> = named.map(|(_, value)| above_zero(value)).collect();
            all
        };
        let limits = numbers(&["max_tokens", "max_completion_tokens", "max_output_tokens"]);
        // A limit that cannot be read limits nothing.
        let limit = match limits.iter().any(Option::is_none) {
            true => UNLIMITED,
            false => limits.into_iter().flatten().max().unwrap_or(UNLIMITED).min(UNLIMITED),
        };
        let choices = numbers(&["n"]).into_iter().flatten().max().unwrap_or(1).min(CHOICES_MAX);
        let streams = fields.iter().any(|(name, value)| name == "stream" && *value == json!(true));
        let name = |text: &str| {
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            text.get(..end.unwrap_or(text.len())).unwrap_or_default().to_owned()
        };
        Self {
            name: body.split_once("[[").map_or_else(String::new, |(_, rest)| name(rest)),
            prompt: body.len() as u64 / TOKEN.len() as u64,
            writes: limit * choices,
            streams,
        }
    }
}

/// A number above zero, also one that is written as a text.
fn above_zero(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    (number >= 1.0).then_some(number as u64)
}

/// The fields of an object, those that stand twice twice.
#[derive(Debug, Default)]
struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields, M::Error> {
                let mut all = Vec::new();
                while let Some(field) = map.next_entry()? {
                    all.push(field);
                }
                Ok(Fields(all))
            }
        }
        deserializer.deserialize_map(All)
    }
}

fn usage(order: &Order, written: u64) -> Value {
    json!({ "prompt_tokens": order.prompt, "completion_tokens": written,
            "total_tokens": order.prompt + written })
}

fn words(tokens: u64) -> String {
    TOKEN.repeat(usize::try_from(tokens).unwrap_or(0))
}

fn plain(order: &Order) -> String {
    let body = json!({
        "id": "chatcmpl-drill", "object": "chat.completion", "created": 1_760_000_000, "model": "m",
        "choices": [{ "index": 0, "finish_reason": "stop",
                      "message": { "role": "assistant", "content": words(order.writes) } }],
        "usage": usage(order, order.writes),
    })
    .to_string();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Writes a stream until it ends or nobody reads it; only what was written counts.
async fn write_stream(
    stream: &mut TcpStream,
    order: &Order,
    served: &Served,
) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let mut written = 0;
    while written < order.writes {
        let tokens = EVENT_TOKENS.min(order.writes - written);
        let delta = json!({ "role": "assistant", "content": words(tokens) });
        write_event(stream, &chunk(&json!([{ "index": 0, "delta": delta }]), &Value::Null)).await?;
        written += tokens;
        served.add(&order.name, tokens);
        tokio::time::sleep(PAUSE).await;
    }
    let end = json!([{ "index": 0, "delta": {}, "finish_reason": "stop" }]);
    write_event(stream, &chunk(&end, &Value::Null)).await?;
    write_event(stream, &chunk(&json!([]), &usage(order, written))).await?;
    stream.write_all(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n").await
}

fn chunk(choices: &Value, usage: &Value) -> String {
    json!({ "id": "chatcmpl-drill", "object": "chat.completion.chunk", "created": 1_760_000_000,
            "model": "m", "choices": choices, "usage": usage })
    .to_string()
}

async fn write_event(stream: &mut TcpStream, data: &str) -> std::io::Result<()> {
    let event = format!("data: {data}\n\n");
    stream.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).await
}

#[cfg(test)]
mod tests {
    //! The provider takes what costs most.

    use super::{Order, UNLIMITED};

    #[test]
    fn the_highest_limit_is_taken_and_one_that_is_none_limits_nothing() {
        for (fields, writes) in [
            (r#""max_tokens":7"#, 7),
            (r#""max_tokens":1,"max_completion_tokens":900"#, 900),
            (r#""max_tokens":1,"max\u005ftokens":900"#, 900),
            (r#""max_tokens":7,"n":"3""#, 21),
            (r#""max_tokens":-1"#, UNLIMITED),
            (r#""max_tokens":0"#, UNLIMITED),
            (r#""stream":true"#, UNLIMITED),
        ] {
            let order = Order::of(&format!("{{\"messages\":\"[[try-7]] 1\",{fields}}}"));
            assert_eq!((order.name.as_str(), order.writes), ("try-7", writes), "{fields}");
        }
    }
}
