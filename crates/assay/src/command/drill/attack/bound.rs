//! The exact confidence bound of a share.

/// Probability that the true share lies below the upper bound.
const CONFIDENCE: f64 = 0.975;

/// The upper end of the two-sided Clopper–Pearson interval of 95 % for `count` of `of`
/// (Clopper and Pearson, 1934): the share at which so few would be seen one time in 40.
pub(super) fn upper(count: usize, of: usize) -> f64 {
    if count >= of {
        return 1.0;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(count, of, middle) > 1.0 - CONFIDENCE { low = middle } else { high = middle }
    }
    high
}

/// The chance of at most `count` of `of` when each has the chance `share`.
fn at_most(count: usize, of: usize, share: f64) -> f64 {
    let (of_one, of_other) = (share.ln(), (-share).ln_1p());
    let mut log_choose = 0.0;
    let mut sum = 0.0;
    for k in 0..=count {
        if k > 0 {
            log_choose += ((of - k + 1) as f64).ln() - (k as f64).ln();
        }
        sum += (log_choose + k as f64 * of_one + (of - k) as f64 * of_other).exp();
    }
    sum
}

#[cfg(test)]
mod tests {
    //! Against values of tables.

    use super::upper;

    #[test]
    fn bounds_are_those_of_clopper_and_pearson() {
        for (count, of, expected) in
            [(0, 300, 0.0122), (5, 100, 0.1128), (30, 300, 0.1397), (1, 1, 1.0)]
        {
            let bound = upper(count, of);
            assert!((bound - expected).abs() < 2e-3, "{count} of {of}: {bound}");
        }
    }
}
