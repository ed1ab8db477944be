//! Shares and quantiles, judged by exact bounds.

use super::{Judged, number, said, with_unit};
use crate::{
    bound::{lower, tries_needed, upper},
    check::{Comparison, Expect},
    observation::quantile,
    verdict::Verdict,
};

/// A share of tries. `equal` compares what was seen, because a list that was gone through whole is
/// not a sample; everything else asks the bound.
pub(super) fn of_share(expect: &Expect, count: u64, of: u64, limit: f64) -> Judged {
    let seen = format!("{count} of {of}");
    let share = count as f64 / of as f64;
    let wanted = percent(limit);
    match expect.is {
        Comparison::Equal => said(expect, (share - limit).abs() < f64::EPSILON, &seen, &wanted),
        Comparison::NotEqual => said(expect, (share - limit).abs() >= f64::EPSILON, &seen, &wanted),
        Comparison::AtMost | Comparison::Below => bounded(expect, count, of, limit, &seen, "≤"),
        // That a share is at least so much is that the rest is at most the rest.
        Comparison::AtLeast | Comparison::Above => {
            bounded(expect, of - count.min(of), of, 1.0 - limit, &seen, "≥")
        }
        Comparison::Matches | Comparison::MatchesNot => Judged::new(
            &expect.of,
            Verdict::Error,
            format!("`{}` is a share and has no pattern", expect.of),
        ),
    }
}

/// Whether a share of misses is at most `limit`: yes, no, or too few tries to tell.
fn bounded(
    expect: &Expect,
    misses: u64,
    of: u64,
    limit: f64,
    seen: &str,
    relation: &str,
) -> Judged {
    let (most, least) = (upper(misses, of), lower(misses, of));
    let wanted = percent(if relation == "≤" { limit } else { 1.0 - limit });
    let bound = if relation == "≤" {
        format!("at most {} with 95 %", percent(most))
    } else {
        format!("at least {} with 95 %", percent(1.0 - most))
    };
    let says = format!("{} {seen}, {bound}, wanted {relation} {wanted}", expect.of);
    if most <= limit {
        return Judged::new(&expect.of, Verdict::Pass, says);
    }
    if least > limit {
        return Judged::new(&expect.of, Verdict::Fail, says);
    }
    let judged = Judged::new(&expect.of, Verdict::Inconclusive, says);
    match tries_needed(misses, limit) {
        Some(tries) => judged.needing(format!("need {tries} tries for {relation} {wanted} (95 %)")),
        None => judged.needing("no number of tries shows a share of nothing: compare with `equal`"),
    }
}

/// Measurements: with a quantile, the share that passes the limit; without one, each of them.
pub(super) fn of_samples(expect: &Expect, samples: &[f64], limit: f64, unit: &str) -> Judged {
    let over = samples.iter().filter(|sample| !holds(expect.is, **sample, limit)).count() as u64;
    let of = samples.len() as u64;
    let Some(share) = expect.quantile else {
        let worst = samples.iter().copied().max_by(|a, b| badness(expect.is, *a, *b));
        let worst = with_unit(worst.unwrap_or(f64::NAN), unit);
        let seen = format!("{worst} (worst of {of})");
        return said(expect, over == 0, &seen, &with_unit(limit, unit));
    };
    let middle = with_unit(quantile(samples, share), unit);
    at_quantile(expect, share, over, over, of, &middle, &with_unit(limit, unit))
}

/// A histogram tells of a limit between two bounds only what holds on either side of it.
pub(super) fn of_histogram(
    expect: &Expect,
    le: &[f64],
    at_most: &[u64],
    of: u64,
    limit: f64,
    unit: &str,
) -> Judged {
    let buckets = || le.iter().zip(at_most);
    let below =
        buckets().filter(|(bound, _)| **bound <= limit).map(|(_, count)| *count).next_back();
    let above = buckets().find(|(bound, _)| **bound >= limit).map(|(_, count)| *count);
    let most_over = of.saturating_sub(below.unwrap_or(0));
    let least_over = above.map_or(0, |above| of.saturating_sub(above));
    let share = expect.quantile.unwrap_or(1.0);
    let reached = buckets().find(|(_, count)| **count as f64 >= share * of as f64);
    let middle = reached.map_or_else(
        || "above the last bucket".to_owned(),
        |(bound, _)| format!("≤ {}", with_unit(*bound, unit)),
    );
    if share >= 1.0 {
        let says = format!("{} {middle}, wanted {}", expect.of, with_unit(limit, unit));
        let verdict = match (most_over, least_over) {
            (0, _) => Verdict::Pass,
            (_, 0) => Verdict::Inconclusive,
            _ => Verdict::Fail,
        };
        return Judged::new(&expect.of, verdict, says);
    }
    at_quantile(expect, share, most_over, least_over, of, &middle, &with_unit(limit, unit))
}

/// The quantile is inside the limit when the share outside it is at most the rest.
fn at_quantile(
    expect: &Expect,
    share: f64,
    most_over: u64,
    least_over: u64,
    of: u64,
    middle: &str,
    limit: &str,
) -> Judged {
    let rest = 1.0 - share;
    let name = format!("P{}", number((share * 1_000.0).round() / 10.0));
    let says = format!("{} {name} {middle}, wanted {limit} ({of} measured)", expect.of);
    // A quantile from the outside of a limit and one from its inside are the same share.
    if upper(most_over, of) <= rest {
        return Judged::new(&expect.of, Verdict::Pass, says);
    }
    if lower(least_over, of) > rest {
        return Judged::new(&expect.of, Verdict::Fail, says);
    }
    let judged = Judged::new(&expect.of, Verdict::Inconclusive, says);
    let tries = tries_needed(most_over, rest)
        .map(|tries| format!("need {tries} measurements for {name} (95 %)"));
    judged.needing(tries.unwrap_or_default())
}

fn holds(is: Comparison, value: f64, limit: f64) -> bool {
    match is {
        Comparison::AtMost => value <= limit,
        Comparison::Below => value < limit,
        Comparison::AtLeast => value >= limit,
        Comparison::Above => value > limit,
        Comparison::Equal => (value - limit).abs() < f64::EPSILON,
        Comparison::NotEqual => (value - limit).abs() >= f64::EPSILON,
        Comparison::Matches | Comparison::MatchesNot => false,
    }
}

/// Which of two values is further from what is wanted.
fn badness(is: Comparison, a: f64, b: f64) -> std::cmp::Ordering {
    match is {
        Comparison::AtLeast | Comparison::Above => b.total_cmp(&a),
        _ => a.total_cmp(&b),
    }
}

/// A share as a percentage.
fn percent(share: f64) -> String {
    format!("{} %", number((share * 100_000.0).round() / 1_000.0))
}
