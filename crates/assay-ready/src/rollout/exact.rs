//! Exact tests: no approximation, so that ten errors are judged as well as ten thousand.

use crate::bound::ln_gamma;

/// Fisher's exact test, one-sided: the chance that at least `hits` of `tries` are hits, when the hits of
/// both groups together fall on all tries by lot.
pub(super) fn fisher(hits: u64, tries: u64, other_hits: u64, other_tries: u64) -> f64 {
    let (all, successes) = (tries + other_tries, hits + other_hits);
    let most = successes.min(tries);
    let ln = ln_choose(successes, hits) + ln_choose(all - successes, tries - hits)
        - ln_choose(all, tries);
    let mut term = ln.exp();
    let mut sum = term;
    for at in hits..most {
        let up = (successes - at) as f64 * (tries - at) as f64;
        // What is left of the failures; never negative, because `at` is at most `most`.
        let down = (at + 1) as f64 * ((all + at + 1) as f64 - successes as f64 - tries as f64);
        term *= up / down;
        sum += term;
        if term < sum * 1e-15 {
            break;
        }
    }
    sum.min(1.0)
}

/// The sign test, one-sided: the chance that at least `hits` of `tries` fall on one side of a coin.
pub(super) fn sign(hits: u64, tries: u64) -> f64 {
    let ln_half = tries as f64 * 0.5_f64.ln();
    let terms = (hits..=tries).map(|at| (ln_choose(tries, at) + ln_half).exp());
    terms.sum::<f64>().min(1.0)
}

fn ln_choose(of: u64, take: u64) -> f64 {
    let ln_factorial = |n: u64| ln_gamma(n as f64 + 1.0);
    ln_factorial(of) - ln_factorial(take) - ln_factorial(of - take)
}

#[cfg(test)]
mod tests {
    //! Against tables: Fisher's tea, and R's `fisher.test` and `binom.test`.

    use super::*;

    #[test]
    fn chances_are_those_of_the_tables() {
        let near = |seen: f64, expected: f64| {
            assert!((seen / expected - 1.0).abs() < 1e-6, "{seen} is not {expected}");
        };
        near(fisher(3, 4, 1, 4), 17.0 / 70.0);
        near(fisher(4, 4, 0, 4), 1.0 / 70.0);
        near(fisher(0, 100, 0, 100), 1.0);
        near(sign(8, 10), 56.0 / 1024.0);
        near(sign(0, 7), 1.0);
        // Twenty of 1,000 against 20 of 10,000, and sums that grow by the recurrence alone.
        assert!(fisher(20, 1_000, 20, 10_000) < 1e-9);
        assert!((0.4..0.8).contains(&fisher(10, 1_000, 100, 10_000)));
        assert!(fisher(3_000, 1_000_000, 2_990, 1_000_000) > 0.4);
    }
}
