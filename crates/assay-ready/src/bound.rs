//! Exact confidence bounds of a share.
//!
//! Clopper and Pearson (1934): the bound is the share at which so few (or so many) would be seen one
//! time in twenty. The tail of the binomial is the regularised incomplete beta function, which is
//! computed by its continued fraction (Abramowitz and Stegun 26.5.8, by the method of Lentz).

/// One-sided chance of being wrong that is accepted: 95 % confidence.
const ALPHA: f64 = 0.05;
/// Most tries that are ever asked for.
const TRIES_MAX: u64 = 100_000_000;

/// The upper one-sided 95 % bound of a share that was seen `count` times `of`.
#[must_use]
pub fn upper(count: u64, of: u64) -> f64 {
    upper_at(count, of, ALPHA)
}

/// The same with another chance of being wrong.
pub(crate) fn upper_at(count: u64, of: u64, alpha: f64) -> f64 {
    if count >= of {
        return 1.0;
    }
    // P(X <= count) = I_{1-p}(of - count, count + 1), which falls with p.
    bisect(|p| incomplete_beta((of - count) as f64, count as f64 + 1.0, 1.0 - p) > alpha)
}

/// The lower one-sided 95 % bound of a share that was seen `count` times `of`.
#[must_use]
pub fn lower(count: u64, of: u64) -> f64 {
    if count == 0 || of == 0 {
        return 0.0;
    }
    1.0 - upper(of.saturating_sub(count), of)
}

/// How many tries show that a share is at most `limit`, when `count` hits were seen: none when no
/// number does.
#[must_use]
pub fn tries_needed(count: u64, limit: f64) -> Option<u64> {
    if limit <= 0.0 || limit >= 1.0 {
        return None;
    }
    let (mut low, mut high) = (count, count.max(1));
    while upper(count, high) > limit {
        low = high;
        high = high.checked_mul(2).filter(|high| *high <= TRIES_MAX)?;
    }
    while high - low > 1 {
        let middle = u64::midpoint(low, high);
        if upper(count, middle) > limit { low = middle } else { high = middle }
    }
    Some(high)
}

/// The largest `p` in 0..1 at which `holds`, which is true below and false above.
fn bisect(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if holds(middle) { low = middle } else { high = middle }
    }
    high
}

/// The regularised incomplete beta function.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut sum = d;
    for step in 1..100_000_u32 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        sum *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        sum *= d * c;
        if (d * c - 1.0).abs() < 1e-12 {
            break;
        }
    }
    sum
}

/// The logarithm of the gamma function (Lanczos, g = 7, nine terms).
pub(crate) fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let mut sum = 0.999_999_999_999_809_9;
    let mut place = x;
    for term in TERMS {
        place += 1.0;
        sum += term / place;
    }
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    //! Against values of tables and of scipy's `beta.ppf`.

    use super::*;

    #[test]
    fn bounds_are_those_of_clopper_and_pearson() {
        for (count, of, expected) in
            [(0, 50, 0.0582), (0, 20, 0.1391), (4, 100, 0.0892), (0, 59, 0.0495), (1, 1, 1.0)]
        {
            assert!((upper(count, of) - expected).abs() < 1e-4, "{count} of {of}");
        }
        assert!((lower(100, 100) - 0.9705).abs() < 1e-4);
        assert!((upper(10, 1_000_000) - 16.96e-6).abs() < 0.02e-6);
    }

    #[test]
    fn tries_are_those_that_the_bound_asks_for() {
        assert_eq!(tries_needed(0, 0.05), Some(59));
        assert_eq!(tries_needed(0, 0.001), Some(2_995));
        assert_eq!(tries_needed(0, 0.01), Some(299));
        assert_eq!(tries_needed(0, 0.0), None);
        for count in 0..5 {
            let tries = tries_needed(count, 0.05).unwrap();
            assert!(upper(count, tries) <= 0.05 && upper(count, tries - 1) > 0.05);
        }
    }
}
