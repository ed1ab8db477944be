//! HAProxy's runtime API: a line, an answer, over its socket.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs as _},
    os::unix::net::UnixStream,
    time::Duration,
};

use super::{Router, Weights};
use crate::rollout::plan::Place;

/// Longest that it may take to answer.
const WAIT: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read.
const ANSWER_MAX: u64 = 64 * 1024;

pub(super) struct Haproxy {
    pub(super) socket: String,
    pub(super) backend: String,
    pub(super) names: Place<String>,
}

impl Haproxy {
    fn tell(&self, command: &str) -> Result<String, String> {
        let path = self.socket.starts_with('/');
        let answer = if path { self.over_file(command) } else { self.over_network(command) };
        answer.map_err(|error| format!("HAProxy at {}: {error}", self.socket))
    }

    fn over_file(&self, command: &str) -> std::io::Result<String> {
        let stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(WAIT))?;
        stream.set_write_timeout(Some(WAIT))?;
        exchange(stream, command)
    }

    fn over_network(&self, command: &str) -> std::io::Result<String> {
        let address = self.socket.to_socket_addrs()?.next();
        let address = address.ok_or_else(|| std::io::Error::other("no such address"))?;
        let stream = TcpStream::connect_timeout(&address, WAIT)?;
        stream.set_read_timeout(Some(WAIT))?;
        stream.set_write_timeout(Some(WAIT))?;
        exchange(stream, command)
    }
}

fn exchange(mut stream: impl Read + Write, command: &str) -> std::io::Result<String> {
    stream.write_all(format!("{command}\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(ANSWER_MAX).read_to_string(&mut answer)?;
    Ok(answer.trim().to_owned())
}

impl Router for Haproxy {
    fn split(&self, weights: Weights) -> Result<(), String> {
        // Who gets more comes first, so that the sum of the weights is never nothing.
        let mut named = weights.named(&self.names);
        named.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        for (name, weight) in named {
            let answer =
                self.tell(&format!("set server {}/{name} weight {weight}", self.backend))?;
            if !answer.is_empty() {
                return Err(format!(
                    "HAProxy says of the weight of {}/{name}: {answer}",
                    self.backend
                ));
            }
        }
        Ok(())
    }

    fn is_split(&self, weights: Weights) -> Result<bool, String> {
        for (name, weight) in weights.named(&self.names) {
            let answer = self.tell(&format!("get weight {}/{name}", self.backend))?;
            // `5 (initial 95)`
            let told = answer.split_whitespace().next().and_then(|it| it.parse::<u8>().ok());
            let told =
                told.ok_or_else(|| format!("HAProxy says of {}/{name}: {answer}", self.backend))?;
            if told != weight {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
