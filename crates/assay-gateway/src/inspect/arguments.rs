//! JSON whose strings and numbers are texts of an answer, each with a filter of its own: the
//! arguments of a tool call, in pieces or whole.

use std::sync::Arc;

use super::{
    Inspection, TextFilter,
    walk::{Step, Value, Visitor, Walk},
};

/// Hands every value to a filter of its own, behind the name of its field.
pub(super) struct Values {
    inspection: Arc<dyn Inspection>,
    filter: Option<Box<dyn TextFilter>>,
    refusal: Option<String>,
}

impl Values {
    pub(super) fn new(inspection: &Arc<dyn Inspection>) -> Self {
        Self { inspection: Arc::clone(inspection), filter: None, refusal: None }
    }

    pub(super) fn refusal(&self) -> Option<String> {
        let current = self.filter.as_ref().and_then(|filter| filter.refusal());
        self.refusal.clone().or(current)
    }
}

impl Visitor for Values {
    fn open(&mut self, path: &[Step], _: Value) -> bool {
        self.filter = Some(self.inspection.answered(&context(path)));
        true
    }

    fn piece(&mut self, piece: &str) -> String {
        self.filter.as_mut().map(|filter| filter.push(piece)).unwrap_or_default()
    }

    fn close(&mut self) -> String {
        let Some(mut filter) = self.filter.take() else { return String::new() };
        let rest = filter.finish();
        self.refusal = self.refusal.take().or_else(|| filter.refusal());
        rest
    }
}

/// What stands before a value: the name of the field that it is in.
pub(super) fn context(path: &[Step]) -> String {
    let name = path.iter().rev().find_map(|step| match step {
        Step::Field(name) => Some(name),
        Step::Element(_) => None,
    });
    name.map(|name| format!("\"{name}\": \"")).unwrap_or_default()
}

/// The arguments of a tool call as they come.
pub(super) struct Arguments(Walk<Values>);

impl Arguments {
    pub(super) fn new(inspection: &Arc<dyn Inspection>) -> Self {
        Self(Walk::new(Values::new(inspection)))
    }
}

impl TextFilter for Arguments {
    fn push(&mut self, piece: &str) -> String {
        self.0.push(piece)
    }

    fn finish(&mut self) -> String {
        self.0.finish()
    }

    fn refusal(&self) -> Option<String> {
        self.0.visitor.refusal()
    }
}
