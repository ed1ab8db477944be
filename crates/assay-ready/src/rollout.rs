//! Rollouts: traffic goes from one deployment to another in steps, each of which lasts for its time
//! and its sample, while the new deployment is compared with the old one over the same window.
//!
//! What to do next is [`next`], a pure function; [`carry_out`] does it in a [`World`], which is a proxy
//! and two deployments, or a simulation. A proxy that exists splits the traffic: see [`Router`].

pub mod argo;
mod carry_out;
mod compare;
mod exact;
mod journal;
mod live;
mod machine;
mod plan;
mod quality;
mod reading;
mod router;
mod triggers;
mod watching;

pub use carry_out::{Ended, World, carry_out};
pub use compare::{Comparison, Finding, compare};
pub use journal::{Entry, Journal};
pub use live::{Asking, Live};
pub use machine::{Input, Order, State, next};
pub use plan::{Limits, Place, Plan, Proxy, Questions, Step};
pub use quality::{Ask, Asked};
pub use reading::{Reading, Served, Who, Window};
pub use router::{Router, Weights, router};
pub use triggers::{Trigger, triggers};
pub use watching::Pair;

#[cfg(test)]
mod tests;
