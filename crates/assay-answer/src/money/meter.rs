//! The ledger as the meter of the gateway.

use std::{sync::Arc, time::Duration};

use assay_core::{Clock, Coded, ErrorChain};
use assay_gateway::meter::{
    Call, Ending, Estimate, Measured, Meter, Operation, Refused, Reservation, Reserving, Why,
};
use assay_ledger::{CallKind, Caller, Ledger, LedgerError, NewCall, Usage};

/// Tokens that an answer may have when neither the request nor the price table says.
const OUTPUT_TOKENS_MAX: u64 = 16_384;
/// Tokens that an answer is reckoned with where the request does not limit it.
const USUAL_OUTPUT_TOKENS: u64 = 1_000;
/// How much larger than its estimate a prompt is reserved: the estimate is a quarter of its bytes,
/// and hardly a text has more tokens than half of them.
const PROMPT_MARGIN: u64 = 2;

/// Counts the calls of a gateway in a ledger.
pub(crate) struct LedgerMeter {
    ledger: Ledger,
    clock: Arc<dyn Clock>,
}

impl LedgerMeter {
    pub(crate) fn new(ledger: Ledger, clock: Arc<dyn Clock>) -> Self {
        Self { ledger, clock }
    }

    fn take(
        &self,
        call: &Call<'_>,
        estimate: Estimate,
    ) -> Result<Box<dyn Reservation>, LedgerError> {
        let output = match (call.operation, estimate.completion_tokens) {
            // Providers do not charge for it.
            (Operation::CountTokens, _) => return Ok(Box::new(Uncounted)),
            (Operation::Embeddings, _) => 0,
            (Operation::Chat, Some(tokens)) => tokens,
            (Operation::Chat, None) => self.output_max(call)?,
        };
        let usage = Usage::tokens(
            estimate.prompt_tokens.saturating_mul(PROMPT_MARGIN),
            output.saturating_mul(estimate.choices),
        );
        let held = self.ledger.reserve(&caller(call)?, &new_call(call, usage))?;
        Ok(Box::new(Held(held)))
    }

    fn output_max(&self, call: &Call<'_>) -> Result<u64, LedgerError> {
        let price = self.ledger.prices().find_as(call.provider, call.listed_as, call.model)?;
        Ok(price.row.max_output.unwrap_or(OUTPUT_TOKENS_MAX))
    }

    fn refused(&self, error: &LedgerError) -> Refused {
        let (why, retry_after) = match error {
            LedgerError::OverBudget { resets_ms, is_of_model, .. } => {
                let left = resets_ms.saturating_sub(self.clock.now_ms()).max(0).unsigned_abs();
                let why = if *is_of_model { Why::TargetBudget } else { Why::Budget };
                (why, Some(Duration::from_millis(left)))
            }
            LedgerError::UnknownModel { .. } => (Why::NoPrice, None),
            _ => {
                tracing::error!(error = %ErrorChain(error), "a call could not be recorded");
                (Why::Failed, None)
            }
        };
        let message = match error.hint() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        };
        Refused { message, retry_after, why }
    }
}

impl Meter for LedgerMeter {
    fn reserve<'a>(&'a self, call: Call<'a>, estimate: Estimate) -> Reserving<'a> {
        let taken = self.take(&call, estimate).map_err(|error| self.refused(&error));
        Box::pin(std::future::ready(taken))
    }

    fn price(
        &self,
        provider: &str,
        listed_as: Option<&str>,
        model: &str,
        estimate: &Estimate,
    ) -> Option<u64> {
        let price = self.ledger.prices().find_as(provider, listed_as, model).ok()?;
        let output = estimate.completion_tokens.unwrap_or(USUAL_OUTPUT_TOKENS);
        let usage = Usage::tokens(estimate.prompt_tokens, output.saturating_mul(estimate.choices));
        Some(price.row.pricing.cost(&usage).nanos())
    }

    fn cached(&self, call: &Call<'_>, measured: &Measured) -> Result<u64, Refused> {
        let usage = usage(measured);
        let noted = caller(call)
            .and_then(|caller| self.ledger.cached(&caller, &new_call(call, usage), usage));
        noted.map(|saved| saved.nanos()).map_err(|error| self.refused(&error))
    }
}

fn caller(call: &Call<'_>) -> Result<Caller, LedgerError> {
    let mut caller = Caller::new(call.scope);
    if let Some(key) = call.key {
        caller = caller.key(key)?;
    }
    if let Some(user) = call.user {
        caller = caller.user(user)?;
    }
    if let Some(end_user) = call.end_user {
        caller = caller.end_user(end_user)?;
    }
    Ok(caller)
}

fn new_call<'a>(call: &Call<'a>, estimate: Usage) -> NewCall<'a> {
    let kind = match call.operation {
        Operation::Embeddings => CallKind::Embeddings,
        Operation::Chat | Operation::CountTokens => CallKind::Chat,
    };
    NewCall {
        kind,
        provider: call.provider,
        listed_as: call.listed_as,
        model: call.model,
        estimate,
        request: call.request_id,
        query: call.query,
        document: call.document,
        attempt: call.attempt,
    }
}

/// The kinds of tokens of the ledger, which do not overlap.
fn usage(measured: &Measured) -> Usage {
    let cached = measured.cached_tokens.saturating_add(measured.cache_write_tokens);
    Usage {
        input: measured.prompt_tokens.saturating_sub(cached),
        cache_read: measured.cached_tokens,
        cache_write: measured.cache_write_tokens,
        output: measured.completion_tokens,
        ..Usage::default()
    }
}

/// A reservation of the ledger.
struct Held(assay_ledger::Reservation);

impl Reservation for Held {
    fn settle(self: Box<Self>, measured: &Measured, ending: Ending) -> Option<u64> {
        let ending = match ending {
            Ending::Completed => assay_ledger::Ending::Completed,
            Ending::Cut => assay_ledger::Ending::Cut,
            Ending::Cancelled => assay_ledger::Ending::Cancelled,
        };
        Some(self.0.settle(usage(measured), ending, !measured.exact).nanos())
    }

    fn refund(self: Box<Self>) {
        self.0.refund();
    }
}

/// What costs nothing and is not counted.
struct Uncounted;

impl Reservation for Uncounted {
    fn settle(self: Box<Self>, _: &Measured, _: Ending) -> Option<u64> {
        None
    }

    fn refund(self: Box<Self>) {}
}
