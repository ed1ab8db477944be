//! What a call holds until it is known what it came to.

use std::sync::Arc;

use assay_core::{CallId, NanoUsd};

use crate::{
    Outcome, Usage,
    call::End,
    ledger::Inner,
    prices::{Price, PriceRow},
};

/// A call that was let through. Whoever holds it says how the call ended; one that is dropped
/// without a word is charged in full, as [`Outcome::Abandoned`].
#[derive(Debug)]
#[must_use = "a reservation that is dropped is charged in full"]
pub struct Reservation {
    ledger: Arc<Inner>,
    id: CallId,
    price: Arc<Price>,
    reserved: NanoUsd,
    is_over: bool,
}

impl Reservation {
    pub(crate) const fn new(
        ledger: Arc<Inner>,
        id: CallId,
        price: Arc<Price>,
        reserved: NanoUsd,
    ) -> Self {
        Self { ledger, id, price, reserved, is_over: false }
    }

    /// The call's id in the ledger.
    #[must_use]
    pub const fn id(&self) -> CallId {
        self.id
    }

    /// What is held.
    #[must_use]
    pub const fn reserved(&self) -> NanoUsd {
        self.reserved
    }

    /// The price that will be charged.
    #[must_use]
    pub fn price(&self) -> &PriceRow {
        &self.price.row
    }

    /// The call came to an end, by itself ([`Outcome::Completed`]), because the provider broke off
    /// ([`Outcome::Cut`]) or because the client left ([`Outcome::Cancelled`]). Gives its cost.
    /// `is_estimated` says that the provider did not tell the usage and it was counted here.
    pub fn settle(mut self, usage: Usage, ending: Ending, is_estimated: bool) -> NanoUsd {
        let cost = self.price.row.pricing.cost(&usage);
        let outcome = ending.outcome();
        self.end(|_, settled_ms| End {
            settled_ms,
            outcome,
            usage,
            is_estimated,
            cost,
            saved: NanoUsd::ZERO,
        });
        cost
    }

    /// The call failed and the provider charges nothing for it: all is given back.
    pub fn refund(mut self) {
        self.end(|_, settled_ms| End {
            settled_ms,
            outcome: Outcome::Failed,
            usage: Usage::default(),
            is_estimated: false,
            cost: NanoUsd::ZERO,
            saved: NanoUsd::ZERO,
        });
    }

    fn end(&mut self, end: impl FnOnce(&crate::call::Call, i64) -> End) {
        if !std::mem::replace(&mut self.is_over, true) {
            self.ledger.settle(self.id, end);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.end(End::abandoned);
    }
}

/// How a call ended that used something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself.
    Completed,
    /// The provider broke off.
    Cut,
    /// The client left.
    Cancelled,
}

impl Ending {
    const fn outcome(self) -> Outcome {
        match self {
            Self::Completed => Outcome::Completed,
            Self::Cut => Outcome::Cut,
            Self::Cancelled => Outcome::Cancelled,
        }
    }
}
