//! A meter that counts tokens and refuses nothing.

use std::sync::{Arc, Mutex};

use assay_gateway::meter::{
    Call, Ending, Estimate, Measured, Meter, Refused, Reservation, Reserving,
};

#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<Mutex<Totals>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    pub(crate) open: u64,
    pub(crate) settled: u64,
    pub(crate) refunded: u64,
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
}

impl Counter {
    pub(crate) fn totals(&self) -> Totals {
        *self.0.lock().unwrap()
    }
}

impl Meter for Counter {
    fn reserve<'a>(&'a self, _: Call<'a>, _: Estimate) -> Reserving<'a> {
        self.0.lock().unwrap().open += 1;
        let counted: Box<dyn Reservation> = Box::new(self.clone());
        Box::pin(std::future::ready(Ok(counted)))
    }

    fn price(&self, _: &str, _: Option<&str>, _: &str, _: &Estimate) -> Option<u64> {
        None
    }

    fn cached(&self, _: &Call<'_>, _: &Measured) -> Result<u64, Refused> {
        Ok(0)
    }
}

impl Reservation for Counter {
    fn settle(self: Box<Self>, measured: &Measured, _: Ending) -> Option<u64> {
        let mut totals = self.0.lock().unwrap();
        totals.open -= 1;
        totals.settled += 1;
        totals.prompt_tokens += measured.prompt_tokens;
        totals.completion_tokens += measured.completion_tokens;
        None
    }

    fn refund(self: Box<Self>) {
        let mut totals = self.0.lock().unwrap();
        totals.open -= 1;
        totals.refunded += 1;
    }
}
