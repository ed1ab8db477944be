//! The counters of all budgets, in memory: where a call is let through or refused.

use std::{collections::HashMap, sync::Arc};

use assay_core::BudgetId;

use super::{Alert, Budget, BudgetStatus, CounterStatus, Dimension, Taken};
use crate::{Labels, LedgerError};

/// Counters at most. Budgets for each user can be asked for by any number of names.
const COUNTERS_MAX: usize = 100_000;

type CounterKey = (BudgetId, Vec<Arc<str>>);

/// What is counted in one window.
#[derive(Debug, Default)]
struct Counter {
    start_ms: i64,
    end_ms: i64,
    spent: u64,
    reserved: u64,
    refused: u64,
    /// The highest share that was told in this window.
    told: u8,
}

/// What was used of one counter, as the ledger says.
#[derive(Debug)]
pub(crate) struct Used {
    pub(crate) values: Vec<Arc<str>>,
    pub(crate) spent: u64,
}

/// An amount that a call under way holds of a counter.
#[derive(Debug)]
pub(crate) struct Hold {
    key: CounterKey,
    start_ms: i64,
    amount: u64,
}

/// Budgets and counters.
#[derive(Debug, Default)]
pub(crate) struct Book {
    budgets: HashMap<BudgetId, Arc<Budget>>,
    /// Budgets that name a value of a dimension, under the first they name.
    named: HashMap<(Dimension, String), Vec<BudgetId>>,
    /// Budgets that name none.
    general: Vec<BudgetId>,
    counters: HashMap<CounterKey, Counter>,
    alerts: Vec<Alert>,
}

impl Book {
    /// Puts a budget in, or another version in its place; counters stay as they are.
    pub(crate) fn put(&mut self, budget: Arc<Budget>) {
        self.unlist(budget.id);
        match budget.spec.fixed().next() {
            Some((dimension, value)) => {
                self.named.entry((dimension, value.to_owned())).or_default().push(budget.id);
            }
            None => self.general.push(budget.id),
        }
        self.budgets.insert(budget.id, budget);
    }

    pub(crate) fn remove(&mut self, id: BudgetId) {
        self.unlist(id);
        self.budgets.remove(&id);
        self.counters.retain(|key, _| key.0 != id);
        self.alerts.retain(|alert| alert.budget != id);
    }

    /// Whether a hold is of a budget.
    pub(crate) fn is_of(hold: &Hold, id: BudgetId) -> bool {
        hold.key.0 == id
    }

    pub(crate) fn get(&self, id: BudgetId) -> Option<Arc<Budget>> {
        self.budgets.get(&id).cloned()
    }

    pub(crate) fn budgets(&self) -> impl Iterator<Item = &Arc<Budget>> {
        self.budgets.values()
    }

    /// Sets what a counter has used, as read back from the ledger, and the share that was told.
    pub(crate) fn load(&mut self, id: BudgetId, used: Used, told: u8, now_ms: i64) {
        let Some(budget) = self.budgets.get(&id).cloned() else { return };
        let key = (id, used.values);
        let counter = counter(&mut self.counters, key.clone(), &budget, now_ms);
        counter.spent = used.spent;
        counter.told = told;
        let limit = budget.limit_at(now_ms);
        if let Some(percent) = passed(&budget, counter.spent, limit) {
            self.alerts.extend(tell(&budget, &key.1, counter, percent, limit, now_ms));
        }
    }

    /// Takes what a call may come to from every budget it falls under, or from none.
    pub(crate) fn reserve(
        &mut self,
        labels: &Labels,
        taken: &Taken,
        now_ms: i64,
    ) -> Result<Vec<Hold>, LedgerError> {
        let mut holds = Vec::new();
        for budget in self.matching(labels) {
            let Some(values) = budget.counter_of(labels) else { continue };
            let key = (budget.id, values);
            self.make_room(&key, now_ms)?;
            let amount = taken.of(budget.measure);
            let limit = budget.limit_at(now_ms);
            let counter = counter(&mut self.counters, key.clone(), &budget, now_ms);
            let used = counter.spent.saturating_add(counter.reserved);
            // What takes nothing, such as a free model of a money budget, is never refused.
            if amount > 0 && used.saturating_add(amount) > limit {
                counter.refused += 1;
                let refusal =
                    LedgerError::over_budget(&budget, limit, used, amount, counter.end_ms);
                let alert = tell(&budget, &key.1, counter, 100, limit, now_ms);
                self.alerts.extend(alert);
                return Err(refusal);
            }
            holds.push(Hold { key, start_ms: counter.start_ms, amount });
        }
        for hold in &holds {
            if let Some(counter) = self.counters.get_mut(&hold.key) {
                counter.reserved = counter.reserved.saturating_add(hold.amount);
            }
        }
        Ok(holds)
    }

    /// Gives holds back and counts what was used in their place.
    pub(crate) fn settle(&mut self, holds: &[Hold], taken: &Taken, now_ms: i64) {
        for hold in holds {
            let Some(counter) = self.counters.get_mut(&hold.key) else { continue };
            // The window of the reservation may be over; its counter began at nothing again then.
            if counter.start_ms != hold.start_ms {
                continue;
            }
            let Some(budget) = self.budgets.get(&hold.key.0) else { continue };
            counter.reserved = counter.reserved.saturating_sub(hold.amount);
            counter.spent = counter.spent.saturating_add(taken.of(budget.measure));
            let limit = budget.limit_at(now_ms);
            if let Some(percent) = passed(budget, counter.spent, limit) {
                self.alerts.extend(tell(budget, &hold.key.1, counter, percent, limit, now_ms));
            }
        }
    }

    /// Holds of a call under way of a budget that was set after it had begun.
    pub(crate) fn hold(
        &mut self,
        id: BudgetId,
        labels: &Labels,
        taken: &Taken,
        now_ms: i64,
    ) -> Option<Hold> {
        let budget = self.budgets.get(&id).cloned()?;
        let key = (id, budget.counter_of(labels)?);
        let amount = taken.of(budget.measure);
        let counter = counter(&mut self.counters, key.clone(), &budget, now_ms);
        counter.reserved = counter.reserved.saturating_add(amount);
        Some(Hold { key, start_ms: counter.start_ms, amount })
    }

    /// The alerts since the last call.
    pub(crate) fn take_alerts(&mut self) -> Vec<Alert> {
        std::mem::take(&mut self.alerts)
    }

    /// How a budget stands, with at most `counters_max` counters, the fullest first.
    pub(crate) fn status(
        &self,
        budget: &Arc<Budget>,
        counters_max: usize,
        now_ms: i64,
    ) -> BudgetStatus {
        let limit = budget.limit_at(now_ms);
        let own = self
            .counters
            .iter()
            .filter(|(key, counter)| key.0 == budget.id && now_ms < counter.end_ms);
        let mut counters: Vec<_> = own
            .map(|(key, counter)| {
                let mut status = CounterStatus {
                    values: budget.spec.each().zip(key.1.iter().cloned()).collect(),
                    start_ms: counter.start_ms,
                    end_ms: counter.end_ms,
                    spent: counter.spent,
                    reserved: counter.reserved,
                    refused: counter.refused,
                    projected: 0,
                    exhausted_ms: None,
                };
                status.project(limit, now_ms);
                status
            })
            .collect();
        counters.sort_by(|a, b| b.spent.cmp(&a.spent).then_with(|| a.values.cmp(&b.values)));
        counters.truncate(counters_max);
        BudgetStatus { budget: Arc::clone(budget), limit, counters }
    }

    /// The budgets that may be for a call.
    fn matching(&self, labels: &Labels) -> Vec<Arc<Budget>> {
        let named = Dimension::ALL.into_iter().filter_map(|dimension| {
            if self.named.is_empty() {
                return None;
            }
            self.named.get(&(dimension, labels.get(dimension)?.to_string()))
        });
        let ids = named.flatten().chain(&self.general);
        ids.filter_map(|id| self.budgets.get(id).cloned()).collect()
    }

    fn make_room(&mut self, key: &CounterKey, now_ms: i64) -> Result<(), LedgerError> {
        if self.counters.len() < COUNTERS_MAX || self.counters.contains_key(key) {
            return Ok(());
        }
        self.counters.retain(|_, counter| now_ms < counter.end_ms);
        if self.counters.len() < COUNTERS_MAX { Ok(()) } else { Err(LedgerError::Counters) }
    }

    fn unlist(&mut self, id: BudgetId) {
        self.general.retain(|listed| *listed != id);
        self.named.retain(|_, ids| {
            ids.retain(|listed| *listed != id);
            !ids.is_empty()
        });
    }
}

/// The counter of now: at nothing when its window is over.
fn counter<'a>(
    counters: &'a mut HashMap<CounterKey, Counter>,
    key: CounterKey,
    budget: &Budget,
    now_ms: i64,
) -> &'a mut Counter {
    let counter = counters.entry(key).or_default();
    if now_ms >= counter.end_ms {
        let (start_ms, end_ms) = budget.spec.window.around(now_ms);
        *counter = Counter { start_ms, end_ms, ..Counter::default() };
    }
    counter
}

/// The highest share that was passed.
fn passed(budget: &Budget, spent: u64, limit: u64) -> Option<u8> {
    let is_passed = |percent: &&u8| {
        u128::from(spent) * 100 >= u128::from(limit) * u128::from(**percent) && spent > 0
    };
    budget.spec.alerts().iter().filter(is_passed).max().copied()
}

/// The alert of a share, once a window.
fn tell(
    budget: &Budget,
    values: &[Arc<str>],
    counter: &mut Counter,
    percent: u8,
    limit: u64,
    now_ms: i64,
) -> Option<Alert> {
    if percent <= counter.told || !budget.spec.alerts().contains(&percent) {
        return None;
    }
    counter.told = percent;
    let values: Vec<&str> = values.iter().map(|value| &**value).collect();
    Some(Alert {
        budget: budget.id,
        name: budget.spec.name.clone(),
        counter: values.join(","),
        window_ms: counter.start_ms,
        percent,
        spent: counter.spent,
        limit,
        at_ms: now_ms,
    })
}
