//! A line to a dependency that can be made slow, cut, dead or silent while it is in use: a TCP proxy inside
//! the drill.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};

/// What the slow line adds to each part of an answer.
const SLOW: Duration = Duration::from_millis(4_000);

/// What becomes of what goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing: it passes.
    None,
    /// Connections end as soon as they are there.
    Dead,
    /// Answers end in their middle.
    Cut,
    /// Answers come late.
    Slow,
    /// Nothing is answered.
    Silent,
}

impl Fault {
    /// All but none.
    pub(super) const ALL: [Self; 4] = [Self::Dead, Self::Cut, Self::Slow, Self::Silent];

    fn of(number: u8) -> Self {
        let at = usize::from(number).checked_sub(1);
        at.and_then(|at| Self::ALL.get(at)).copied().unwrap_or(Self::None)
    }

    fn number(self) -> u8 {
        let at = Self::ALL.iter().position(|it| *it == self);
        at.map_or(0, |at| u8::try_from(at + 1).unwrap_or(0))
    }
}

/// A line, for as long as the process lives.
pub(super) struct Line {
    pub(super) address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    fault: AtomicU8,
    /// Connections that were made.
    made: AtomicU64,
}

impl State {
    fn fault(&self) -> Fault {
        Fault::of(self.fault.load(Ordering::SeqCst))
    }
}

impl Line {
    /// A line to an address.
    pub(super) fn to(upstream: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || join(stream, upstream, &shared));
            }
        });
        Ok(Self { address, state })
    }

    /// Makes a fault, or heals it; what is under way feels it with its next part.
    pub(super) fn make(&self, fault: Fault) {
        self.state.fault.store(fault.number(), Ordering::SeqCst);
    }

    /// Connections so far.
    pub(super) fn made(&self) -> u64 {
        self.state.made.load(Ordering::SeqCst)
    }
}

/// Carries one connection until an end of it closes.
fn join(client: TcpStream, upstream: SocketAddr, state: &State) {
    state.made.fetch_add(1, Ordering::SeqCst);
    if state.fault() == Fault::Dead {
        return;
    }
    let Ok(server) = TcpStream::connect(upstream) else { return };
    let (Ok(client_again), Ok(server_again)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    std::thread::scope(|scope| {
        scope.spawn(|| carry(client, &server, state, false));
        carry(server_again, &client_again, state, true);
    });
}

/// Carries bytes one way.
fn carry(mut from: TcpStream, mut to: &TcpStream, state: &State, is_answer: bool) {
    let mut buffer = vec![0; 1 << 14];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let part = buffer.get(..count).unwrap_or_default();
        let part = match state.fault() {
            Fault::None => part,
            Fault::Dead => break,
            Fault::Silent => continue,
            Fault::Slow if is_answer => {
                std::thread::sleep(SLOW);
                part
            }
            Fault::Cut if is_answer => {
                let _ = to.write_all(part.get(..count / 2).unwrap_or_default());
                break;
            }
            Fault::Slow | Fault::Cut => part,
        };
        if to.write_all(part).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    //! What passes, what does not, and what heals.

    use super::*;

    /// Answers each byte with the same one, ten times.
    fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut byte = [0];
                    while let Ok(1) = stream.read(&mut byte) {
                        stream.write_all(&byte.repeat(10)).unwrap();
                    }
                });
            }
        });
        address
    }

    fn asked(line: &Line) -> usize {
        let mut stream = TcpStream::connect(line.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let _ = stream.write_all(b"x");
        let mut all = [0; 10];
        let mut got = 0;
        while got < all.len() {
            match stream.read(&mut all[got..]) {
                Ok(count @ 1..) => got += count,
                _ => break,
            }
        }
        got
    }

    #[test]
    fn faults_are_made_and_healed() {
        let line = Line::to(echo()).unwrap();
        for (fault, expected) in [
            (Fault::None, 10),
            (Fault::Dead, 0),
            (Fault::Cut, 5),
            (Fault::Silent, 0),
            (Fault::Slow, 0),
            (Fault::None, 10),
        ] {
            line.make(fault);
            assert_eq!(asked(&line), expected, "{fault:?}");
        }
        assert_eq!(line.made(), 6);
    }
}
