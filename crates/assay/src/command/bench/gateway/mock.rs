//! A provider that answers at once, the same every time: plainly, or in 24 frames of one write each.
//! Streams of the model `held-model` stay open after their second frame.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Frames with text of one stream; role, end and usage are three of the 24.
const WORDS: usize = 21;

const HEAD: &str = r#"{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"mock-model-2026","service_tier":"default","system_fingerprint":"fp_1","choices":"#;

/// Serves until the process ends.
pub(super) fn serve(listener: TcpListener) {
    let Ok(listener) = listener.into_std() else { return };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return;
    };
    runtime.block_on(async move {
        let Ok(listener) = TcpListener::from_std(listener) else { return };
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream));
        }
    });
}

async fn connection(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (plain, frames) = (plain(), frames());
    let mut read = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        read.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let Some(streams) = whole(&read) else { continue };
        let is_held = String::from_utf8_lossy(&read).contains("held-model");
        read.clear();
        if !streams {
            stream.write_all(plain.as_bytes()).await?;
            continue;
        }
        let kept = if is_held { 2 } else { frames.len() };
        for frame in frames.iter().take(kept) {
            stream.write_all(frame.as_bytes()).await?;
        }
    }
}

/// Whether a request wants a stream, when it is whole.
fn whole(read: &[u8]) -> Option<bool> {
    let text = String::from_utf8_lossy(read);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let length: usize = length.parse().ok()?;
    (body.len() >= length).then(|| body.contains("\"stream\":true"))
}

fn plain() -> String {
    let text = "A gateway stands between programs and models. ".repeat(6);
    let body = format!(
        r#"{{"id":"chatcmpl-bench","object":"chat.completion","created":1760000000,"model":"mock-model-2026","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}","refusal":null,"annotations":[]}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":48,"completion_tokens":54,"total_tokens":102,"prompt_tokens_details":{{"cached_tokens":0}}}},"service_tier":"default","system_fingerprint":"fp_1"}}"#
    );
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn frames() -> Vec<String> {
    let choice = |delta: &str, finish: &str| {
        format!(
            r#"{HEAD}[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{finish}}}],"usage":null}}"#
        )
    };
    let usage = r#"[],"usage":{"prompt_tokens":48,"completion_tokens":21,"total_tokens":69}}"#;
    let mut data = vec![choice(r#"{"role":"assistant","content":"","refusal":null}"#, "null")];
    data.extend((0..WORDS).map(|word| choice(&format!(r#"{{"content":" word{word}"}}"#), "null")));
    data.push(choice("{}", "\"stop\""));
    data.push(format!("{HEAD}{usage}"));
    let mut frames: Vec<String> = data
        .into_iter()
        .map(|data| {
            let event = format!("data: {data}\n\n");
            format!("{:x}\r\n{event}\r\n", event.len())
        })
        .collect();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                transfer-encoding: chunked\r\n\r\n";
    if let Some(first) = frames.first_mut() {
        first.insert_str(0, head);
    }
    if let Some(last) = frames.last_mut() {
        last.push_str("e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
    }
    frames
}
