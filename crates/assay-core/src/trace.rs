//! Where in a trace the work of a thread stands.
//!
//! Who makes traces says so with [`TraceContext::enter`] and [`TraceContext::leave`]; who calls another
//! system reads [`TraceContext::current`]. Neither has to know the other.
//!
//! Source: <https://www.w3.org/TR/trace-context-1/>

use std::{cell::RefCell, fmt};

/// A place in a trace, as the header `traceparent` carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace; not 0.
    pub trace: u128,
    /// The span; 0 where there is none yet.
    pub span: u64,
    /// Whether whoever began the trace keeps it.
    pub sampled: bool,
}

thread_local! {
    static ENTERED: RefCell<Vec<TraceContext>> = const { RefCell::new(Vec::new()) };
}

impl TraceContext {
    /// Reads a `traceparent` header; none when it is not one, which is then as if it were absent.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        let flags = parts.next()?;
        let is_hex = |text: &str, length: usize| {
            text.len() == length
                && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        let is_right = is_hex(version, 2)
            && version != "ff"
            && (version != "00" || parts.next().is_none())
            && is_hex(trace, 32)
            && is_hex(span, 16)
            && is_hex(flags, 2);
        if !is_right {
            return None;
        }
        let trace = u128::from_str_radix(trace, 16).ok().filter(|trace| *trace != 0)?;
        let span = u64::from_str_radix(span, 16).ok().filter(|span| *span != 0)?;
        let sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        Some(Self { trace, span, sampled })
    }

    /// Where the work of this thread stands now; none while no trace is made.
    #[must_use]
    pub fn current() -> Option<Self> {
        ENTERED.with_borrow(|entered| entered.last().copied())
    }

    /// From now on the work of this thread stands here, until [`Self::leave`].
    pub fn enter(self) {
        ENTERED.with_borrow_mut(|entered| entered.push(self));
    }

    /// Back to where it stood before the last [`Self::enter`].
    pub fn leave() {
        ENTERED.with_borrow_mut(Vec::pop);
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

#[cfg(test)]
mod tests {
    //! The header is read as the specification has it, and places nest.

    use super::TraceContext;

    #[test]
    fn headers_are_read_back_and_wrong_ones_are_none() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let read = TraceContext::parse(header).unwrap();
        assert_eq!((read.to_string().as_str(), read.sampled), (header, true));
        let later = header.replace("00-4b", "01-4b") + "-what-comes";
        assert_eq!(TraceContext::parse(&later).unwrap().span, read.span);
        for wrong in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceContext::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn places_nest() {
        let place = |span| TraceContext { trace: 1, span, sampled: false };
        assert_eq!(TraceContext::current(), None);
        place(1).enter();
        place(2).enter();
        assert_eq!(TraceContext::current(), Some(place(2)));
        TraceContext::leave();
        assert_eq!(TraceContext::current(), Some(place(1)));
        TraceContext::leave();
        TraceContext::leave();
        assert_eq!(TraceContext::current(), None);
    }
}
