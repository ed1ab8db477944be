//! Numbers of price lists, read from their text without a float in between.

/// Decimal places between dollars a token and nano-dollars a million tokens.
pub const DOLLARS_A_TOKEN: i32 = 15;
/// Decimal places between dollars a million tokens and nano-dollars a million tokens.
pub const DOLLARS_A_MILLION: i32 = 9;

/// The number `text` times 10 to the power of `places`, rounded to the next whole number.
///
/// Lists
/// hold what other programs' floats left of a price, such as `2.4999999999999998e-07`; rounding at
/// a thousandth of a nano-dollar a token takes that back. `None` for what is no number, is
/// negative, or does not fit.
#[must_use]
pub fn scaled(text: &str, places: i32) -> Option<u64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, part].concat();
    if digits.is_empty() || digits.len() > 40 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction = i32::try_from(part.len()).ok()?;
    let shift = places.checked_add(exponent)?.checked_sub(fraction)?;
    let digits = digits.trim_start_matches('0');
    let length = i32::try_from(digits.len()).ok()?;
    if digits.is_empty() || length + shift < 0 {
        return Some(0);
    }
    if length + shift > 19 {
        return None;
    }
    if shift >= 0 {
        let zeros = usize::try_from(shift).ok()?;
        return format!("{digits}{}", "0".repeat(zeros)).parse().ok();
    }
    let (kept, rest) = digits.split_at_checked(usize::try_from(length + shift).ok()?)?;
    let kept: u64 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
    kept.checked_add(u64::from(rest.as_bytes().first().is_some_and(|digit| *digit >= b'5')))
}

/// Nano-dollars a million tokens as dollars a million tokens, for people: `2.5`.
#[must_use]
pub fn dollars_a_million(rate: u64) -> String {
    assay_core::NanoUsd::from_nanos(rate).to_string()
}
