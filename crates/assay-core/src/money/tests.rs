//! Amounts keep every digit, there and back.

use super::NanoUsd;

#[test]
fn amounts_are_written_with_their_digits_and_read_back() {
    for (nanos, text) in [
        (0, "0"),
        (1, "0.000000001"),
        (2_500, "0.0000025"),
        (1_000_000_000, "1"),
        (12_500_000_000, "12.5"),
        (i64::MAX as u64, "9223372036.854775807"),
    ] {
        let amount = NanoUsd::from_nanos(nanos);
        assert_eq!(amount.to_string(), text);
        assert_eq!(text.parse(), Ok(amount));
        assert_eq!(format!("${text}").parse(), Ok(amount));
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in ["", ".", "-1", "1e3", "1,5", "0.0000000001", "9223372036.854775808", "NaN", "$"] {
        assert!(text.parse::<NanoUsd>().is_err(), "{text}");
    }
    assert_eq!(".5".parse(), Ok(NanoUsd::from_nanos(500_000_000)));
}

#[test]
fn sums_stop_at_the_end() {
    assert_eq!(NanoUsd::MAX.plus(NanoUsd::MAX), NanoUsd::MAX);
    assert_eq!(NanoUsd::from_nanos(u64::MAX), NanoUsd::MAX);
    assert_eq!(NanoUsd::ZERO.minus(NanoUsd::MAX), NanoUsd::ZERO);
}
