//! What the styles of cells make of numbers.

use std::collections::HashMap;

use super::named;
use crate::format::{part::Element, sheet::value::Shown};

/// For each cell style how it shows numbers.
pub(super) struct Styles(Vec<Shown>);

impl Styles {
    /// From the root of the part, if there is one.
    pub(super) fn of(root: Option<&Element>) -> Self {
        let Some(root) = root else { return Self(Vec::new()) };
        let codes: HashMap<&str, Shown> = named(root, "numFmt")
            .filter_map(|format| {
                let code = Shown::of_code(format.attribute("formatCode")?);
                Some((format.attribute("numFmtId")?, code))
            })
            .collect();
        let styles = named(root, "cellXfs").flat_map(Element::children).map(|style| {
            let id = style.attribute("numFmtId").unwrap_or("0");
            let known = || Shown::of_known(id.parse().unwrap_or(0));
            codes.get(id).copied().unwrap_or_else(known)
        });
        Self(styles.collect())
    }

    /// How the style of this number shows numbers.
    pub(super) fn get(&self, style: usize) -> Shown {
        self.0.get(style).copied().unwrap_or(Shown::Number)
    }
}
