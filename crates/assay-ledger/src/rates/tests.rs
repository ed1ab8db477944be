//! What calls come to, against sums made by hand.

use assay_core::NanoUsd;
use proptest::prelude::*;

use super::{LongContext, Pricing, Rates};
use crate::Usage;

/// Claude Sonnet's prices of 2025: 3, 15, 0.30, 3.75 dollars a million; twice above 200,000.
fn sonnet() -> Pricing {
    let rates = |times: u64| Rates {
        input: times * 3_000_000_000,
        output: times * 15_000_000_000,
        cache_read: Some(times * 300_000_000),
        cache_write: Some(times * 3_750_000_000),
        ..Rates::default()
    };
    let long = Some(LongContext { above: 200_000, rates: rates(2) });
    Pricing { rates: rates(1), per_call: NanoUsd::ZERO, long }
}

#[test]
fn a_call_comes_to_the_sum_of_its_parts() {
    let usage = Usage {
        input: 1_000,
        cache_read: 10_000,
        cache_write: 100,
        cache_write_long: 7,
        output: 500,
        ..Usage::default()
    };
    // 3,000,000 + 3,000,000 + 375,000 + 26,250 (as cache_write) + 7,500,000 nano-dollars.
    assert_eq!(sonnet().cost(&usage), NanoUsd::from_nanos(13_901_250));
}

#[test]
fn a_long_call_is_charged_as_a_whole() {
    assert_eq!(sonnet().cost(&Usage::tokens(200_000, 0)).nanos(), 600_000_000);
    assert_eq!(sonnet().cost(&Usage::tokens(200_001, 0)).nanos(), 1_200_006_000);
}

#[test]
fn parts_of_a_nano_dollar_are_rounded_up_once() {
    // 37.5 nano-dollars a token, as Gemini 1.5 Flash 8B's input was.
    let rates = Rates { input: 37_500_000, output: 37_500_000, ..Rates::default() };
    let pricing = Pricing { rates, ..Pricing::default() };
    assert_eq!(pricing.cost(&Usage::tokens(1, 0)).nanos(), 38);
    assert_eq!(pricing.cost(&Usage::tokens(1, 1)).nanos(), 75);
    assert_eq!(pricing.cost(&Usage::default()), NanoUsd::ZERO);
    assert!(!pricing.is_free());
}

proptest! {
    #[test]
    fn more_use_never_costs_less(input in 0_u64..1_000_000, output in 0_u64..1_000_000, more in 0_u64..1000) {
        let base = sonnet().cost(&Usage::tokens(input, output));
        prop_assert!(sonnet().cost(&Usage::tokens(input + more, output)) >= base);
        prop_assert!(sonnet().cost(&Usage::tokens(input, output + more)) >= base);
    }

    #[test]
    fn no_use_of_a_price_is_free(any: u64, rate in 1_u64..) {
        let pricing = Pricing { rates: Rates { input: rate, ..Rates::default() }, ..Pricing::default() };
        prop_assert!(pricing.cost(&Usage::tokens(any, 0)).is_zero() == (any == 0));
    }
}
