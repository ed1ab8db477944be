//! One file per property of the engine.

#[cfg(test)]
mod beside;
#[cfg(test)]
mod cancel;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod duplicate;
#[cfg(test)]
mod fence;
#[cfg(test)]
mod model;
#[cfg(test)]
mod order;
#[cfg(test)]
mod poison;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod retry;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tenant;
#[cfg(test)]
mod timeout;
#[cfg(test)]
mod turn;
#[cfg(test)]
mod unknown;
#[cfg(test)]
mod upgrade;
#[cfg(test)]
mod webhook;
#[cfg(test)]
mod worker;
