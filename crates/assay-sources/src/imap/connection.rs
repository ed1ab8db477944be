//! A connection to a mail server: commands and their answers, bounded in bytes and time.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use assay_core::{Deadline, Secret};
use imap_proto::{AttributeValue, Response, ResponseCode, Status};
use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use crate::MAX_FILES;

/// Time for a connection, and without a byte.
const IDLE: Duration = Duration::from_secs(20);
/// Bytes of the answer to a command that lists no messages.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// Bytes of the list of all messages of a folder.
const LIST_BYTES_MAX: u64 = 64 << 20;
/// Opening parentheses in one answer, literals apart. The parser calls itself for what is inside
/// of some, so their number bounds its stack; what we ask for has three.
const OPENINGS_MAX: usize = 64;
/// Characters of what the server says that are shown.
const SAID_MAX: usize = 300;

/// Why a command has no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The server said no; the connection can be used on.
    #[error("{0}")]
    Refused(String),
    /// The connection is of no more use.
    #[error("the connection to the mail server broke: {0}")]
    Broken(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // A server that closes with words of ours unread resets the connection: it ended, too.
        let ended = [
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::BrokenPipe,
            io::ErrorKind::UnexpectedEof,
        ];
        if ended.contains(&error.kind()) {
            return Self::Broken("it ended".to_owned());
        }
        Self::Broken(error.to_string())
    }
}

/// A message as it was sent.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    /// When it came in, as the server writes it.
    pub(super) date: Option<String>,
}

/// A connection.
pub(super) struct Connection {
    stream: BufReader<Stream>,
    /// Time for one command.
    time: Duration,
    /// Commands sent; the number is the tag.
    sent: u32,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("sent", &self.sent).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects to the first of the addresses that answers, and reads the greeting.
    pub(super) fn open(
        addresses: &[SocketAddr],
        host: &str,
        tls: Option<Arc<ClientConfig>>,
        time: Duration,
    ) -> Result<Self, Failure> {
        let mut last = Failure::Broken("the host has no address".to_owned());
        for address in addresses {
            match TcpStream::connect_timeout(address, IDLE) {
                Ok(tcp) => {
                    let tcp = Timed { tcp, deadline: Deadline::after(time) };
                    let stream = BufReader::new(Stream::new(tcp, host, tls)?);
                    let mut connection = Self { stream, time, sent: 0 };
                    connection.greeting()?;
                    return Ok(connection);
                }
                Err(error) => last = error.into(),
            }
        }
        Err(last)
    }

    fn greeting(&mut self) -> Result<(), Failure> {
        let mut budget = ANSWER_BYTES_MAX;
        let bytes = self.answer(&mut budget)?;
        match Response::parse(&bytes) {
            Ok((_, Response::Data { status: Status::Ok | Status::PreAuth, .. })) => Ok(()),
            _ => Err(Failure::Broken("the server does not greet as a mail server".to_owned())),
        }
    }

    /// Signs in. User and password are sent as literals, so that any character may be in them.
    pub(super) fn sign_in(&mut self, user: &str, password: &Secret) -> Result<(), Failure> {
        let parts = ["LOGIN ", user, " ", password.expose()];
        self.command(&parts, ANSWER_BYTES_MAX, &mut |_| {})
    }

    /// Says goodbye; what becomes of it does not matter.
    pub(super) fn sign_out(&mut self) {
        let _ = self.command(&["LOGOUT"], ANSWER_BYTES_MAX, &mut |_| {});
    }

    /// Opens a folder for reading and gives the validity of its numbers.
    pub(super) fn examine(&mut self, folder: &str) -> Result<u32, Failure> {
        let mut validity = None;
        self.command(&["EXAMINE ", folder], ANSWER_BYTES_MAX, &mut |response| {
            if let Response::Data { outcome, .. } = response
                && let Some(ResponseCode::UidValidity(number)) = outcome.code
            {
                validity = Some(number);
            }
        })?;
        let missing = || Failure::Refused("the folder has no lasting message numbers".to_owned());
        validity.ok_or_else(missing)
    }

    /// The numbers of all messages of the open folder, and their sizes.
    pub(super) fn messages(&mut self) -> Result<BTreeMap<u32, u32>, Failure> {
        let mut messages = BTreeMap::new();
        self.command(&["UID FETCH 1:* (UID RFC822.SIZE)"], LIST_BYTES_MAX, &mut |response| {
            let Response::Fetch(_, attributes) = response else { return };
            let (mut number, mut size) = (None, 0);
            for attribute in attributes {
                match attribute {
                    AttributeValue::Uid(uid) => number = Some(uid),
                    AttributeValue::Rfc822Size(bytes) => size = bytes,
                    _ => {}
                }
            }
            messages.extend(number.map(|number| (number, size)));
        })?;
        if messages.len() > MAX_FILES {
            return Err(Failure::Refused(format!("the folder has more than {MAX_FILES} messages")));
        }
        Ok(messages)
    }

    /// A message; `None` when it is not there any more.
    pub(super) fn message(
        &mut self,
        number: u32,
        bytes_max: u64,
    ) -> Result<Option<Message>, Failure> {
        let mut found = None;
        let command = format!("UID FETCH {number} (UID INTERNALDATE BODY.PEEK[])");
        let budget = bytes_max + ANSWER_BYTES_MAX;
        self.command(&[&command], budget, &mut |response| {
            let Response::Fetch(_, attributes) = response else { return };
            let (mut uid, mut date, mut body) = (None, None, None);
            for attribute in attributes {
                match attribute {
                    AttributeValue::Uid(number) => uid = Some(number),
                    AttributeValue::InternalDate(text) => date = Some(text.into_owned()),
                    AttributeValue::BodySection { data, .. } => body = data,
                    _ => {}
                }
            }
            if let Some(body) = body.filter(|_| uid == Some(number)) {
                found = Some(Message { bytes: body.into_owned(), date });
            }
        })?;
        Ok(found)
    }

    /// Sends a command, every second part of which is sent as a literal, and hands its answers to
    /// `take`.
    fn command(
        &mut self,
        parts: &[&str],
        mut budget: u64,
        take: &mut dyn FnMut(Response<'_>),
    ) -> Result<(), Failure> {
        self.sent += 1;
        let tag = format!("a{}", self.sent);
        self.stream.get_mut().timed().deadline = Deadline::after(self.time);
        let mut line = format!("{tag} ");
        for (index, part) in parts.iter().enumerate() {
            if index % 2 == 0 {
                line.push_str(part);
                continue;
            }
            line.push_str(&format!("{{{}}}\r\n", part.len()));
            self.send(&line)?;
            self.wait_for_leave(&tag, &mut budget)?;
            (*part).clone_into(&mut line);
        }
        line.push_str("\r\n");
        self.send(&line)?;
        loop {
            let bytes = self.answer(&mut budget)?;
            match Response::parse(&bytes) {
                Ok((_, Response::Done { tag: ours, status, outcome })) if ours.0 == tag => {
                    return done(status, outcome.information.as_deref());
                }
                Ok((_, Response::Data { status: Status::Bye, .. })) if parts != ["LOGOUT"] => {
                    return Err(Failure::Broken("the server ended it".to_owned()));
                }
                Ok((_, response)) => take(response),
                // Servers say more than any parser knows; a part of the list may be missing then,
                // which only an answer that is no message can be.
                Err(_) if bytes.starts_with(b"* ") && !has_fetch(&bytes) => {}
                Err(_) => return Err(Failure::Broken("an answer cannot be read".to_owned())),
            }
        }
    }

    /// Waits until the server wants the literal.
    fn wait_for_leave(&mut self, tag: &str, budget: &mut u64) -> Result<(), Failure> {
        loop {
            let bytes = self.answer(budget)?;
            match Response::parse(&bytes) {
                // Some servers send nothing after the plus sign.
                _ if bytes.starts_with(b"+") => return Ok(()),
                Ok((_, Response::Done { tag: ours, outcome, .. })) if ours.0 == tag => {
                    return Err(refused(outcome.information.as_deref()));
                }
                Ok(_) => {}
                Err(_) => return Err(Failure::Broken("an answer cannot be read".to_owned())),
            }
        }
    }

    fn send(&mut self, text: &str) -> Result<(), Failure> {
        let stream = self.stream.get_mut();
        stream.write_all(text.as_bytes())?;
        Ok(stream.flush()?)
    }

    /// Reads one answer: a line, and the literals that it announces with what follows them.
    fn answer(&mut self, budget: &mut u64) -> Result<Vec<u8>, Failure> {
        let mut answer = Vec::new();
        let mut openings = 0;
        loop {
            let start = answer.len();
            let read = self.stream.by_ref().take(*budget).read_until(b'\n', &mut answer)?;
            *budget -= read as u64;
            let line = answer.get(start..).unwrap_or_default();
            if !line.ends_with(b"\n") {
                let reason = if *budget == 0 { "the answer is too long" } else { "it ended" };
                return Err(Failure::Broken(reason.to_owned()));
            }
            openings += line.iter().filter(|&&byte| byte == b'(').count();
            if openings > OPENINGS_MAX {
                return Err(Failure::Broken("an answer is nested too deep".to_owned()));
            }
            let Some(length) = literal(line) else { return Ok(answer) };
            if length > *budget {
                return Err(Failure::Broken("the answer is too long".to_owned()));
            }
            *budget -= length;
            let read = self.stream.by_ref().take(length).read_to_end(&mut answer)?;
            if (read as u64) < length {
                return Err(Failure::Broken("it ended".to_owned()));
            }
        }
    }
}

fn done(status: Status, said: Option<&str>) -> Result<(), Failure> {
    if status == Status::Ok { Ok(()) } else { Err(refused(said)) }
}

fn refused(said: Option<&str>) -> Failure {
    let said: String = said.unwrap_or("no reason given").chars().take(SAID_MAX).collect();
    Failure::Refused(format!("the mail server refuses it: {said}"))
}

/// Whether an answer is about a message.
fn has_fetch(answer: &[u8]) -> bool {
    let start = answer.get(..40).unwrap_or(answer).to_ascii_uppercase();
    start.windows(6).any(|word| word == b" FETCH")
}

/// The length of the literal that a line ends with.
fn literal(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"}\r\n")?;
    let start = line.iter().rposition(|&byte| byte == b'{')?;
    let digits = line.get(start + 1..)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A TCP connection on which no call takes longer than is left of the time.
struct Timed {
    tcp: TcpStream,
    deadline: Deadline,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.deadline.left().min(IDLE);
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(Some(self.left()?))?;
        self.tcp.read(buffer)
    }
}

impl Write for Timed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(Some(self.left()?))?;
        self.tcp.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// With or without TLS.
enum Stream {
    Plain(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

impl Stream {
    fn new(tcp: Timed, host: &str, tls: Option<Arc<ClientConfig>>) -> Result<Self, Failure> {
        let Some(tls) = tls else { return Ok(Self::Plain(tcp)) };
        let broken = |error: &dyn std::fmt::Display| Failure::Broken(error.to_string());
        let name = ServerName::try_from(host.to_owned()).map_err(|error| broken(&error))?;
        let session = ClientConnection::new(tls, name).map_err(|error| broken(&error))?;
        Ok(Self::Tls(Box::new(StreamOwned::new(session, tcp))))
    }

    fn timed(&mut self) -> &mut Timed {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_mut(),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(buffer),
            Self::Tls(tls) => tls.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}
