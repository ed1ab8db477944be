//! The certificate that the server shows.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{Gathered, Session, Takes};
use crate::observation::{Observation, Value};

pub(super) fn gather(session: &Session<'_>, takes: &Takes) -> Gathered {
    let deployment = session.deployment;
    if !deployment.url.starts_with("https://") {
        return Gathered::missing("it is reached without TLS: give the https address with --url");
    }
    // The transport refuses a certificate that no authority of the system vouches for, or that is of
    // another name: an answer at all says that the chain is whole.
    let der = match session.get("/health/live") {
        Ok(response) => response.certificate,
        Err(why) => return Gathered::broken(why),
    };
    let Some((from, until)) = der.as_deref().and_then(validity) else {
        return Gathered::broken("the certificate that was shown cannot be read");
    };
    let artefact = session.keep(&format!("valid from {from} until {until}"));
    let days =
        |end: Timestamp, start: Timestamp| (end.as_second() - start.as_second()) as f64 / 86_400.0;
    let mut gathered = Gathered::default();
    for (name, word) in takes {
        let value = match word.as_str() {
            "days_left" => days(until, session.now),
            "days_valid" => days(until, from),
            _ => continue,
        };
        gathered.observations.push(Observation {
            unit: "d".to_owned(),
            artefact: artefact.clone(),
            ..Observation::new(name.as_str(), Value::Number(value))
        });
    }
    gathered
}

/// From when until when a certificate is valid: the first two times of its DER that stand one behind
/// the other (RFC 5280, 4.1.2.5), which nothing before them in a certificate does.
fn validity(der: &[u8]) -> Option<(Timestamp, Timestamp)> {
    (0..der.len()).find_map(|at| {
        let (from, next) = time(der.get(at..)?)?;
        let (until, _) = time(der.get(at + next..)?)?;
        Some((from, until))
    })
}

/// A UTCTime (`YYMMDDHHMMSSZ`) or GeneralizedTime (`YYYYMMDDHHMMSSZ`) and its length with the head.
fn time(der: &[u8]) -> Option<(Timestamp, usize)> {
    let (tag, length) = (*der.first()?, usize::from(*der.get(1)?));
    let text = std::str::from_utf8(der.get(2..2 + length)?).ok()?;
    let digits =
        text.strip_suffix('Z').filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()))?;
    let digits = match (tag, digits.len()) {
        (0x17, 12) if digits < "50" => format!("20{digits}"),
        (0x17, 12) => format!("19{digits}"),
        (0x18, 14) => digits.to_owned(),
        _ => return None,
    };
    let at = |from: usize, to: usize| digits.get(from..to)?.parse::<i8>().ok();
    let year = digits.get(..4)?.parse().ok()?;
    let moment =
        DateTime::new(year, at(4, 6)?, at(6, 8)?, at(8, 10)?, at(10, 12)?, at(12, 14)?, 0).ok()?;
    Some((moment.to_zoned(TimeZone::UTC).ok()?.timestamp(), 2 + length))
}

#[cfg(test)]
mod tests {
    //! Times as certificates have them.

    use super::*;

    #[test]
    fn the_two_times_of_a_certificate_are_found() {
        let mut der = vec![0x30, 0x82, 0x17, 0x03, 0x02, 0x01];
        der.extend([0x17, 13]);
        der.extend(b"260101000000Z");
        der.extend([0x18, 15]);
        der.extend(b"20510203040506Z");
        let (from, until) = validity(&der).unwrap();
        assert_eq!(from.to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(until.to_string(), "2051-02-03T04:05:06Z");
        assert!(validity(b"no certificate").is_none());
        assert!(validity(&der[..20]).is_none());
    }
}
