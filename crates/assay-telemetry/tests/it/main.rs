//! Rules over numbers.

#[cfg(test)]
mod rules;
