//! What the XML office formats of Microsoft share: the package, charts, formulas.

pub(crate) mod chart;
pub(crate) mod math;
mod math_symbol;
pub(crate) mod package;
