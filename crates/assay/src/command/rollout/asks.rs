//! The questions of a rollout, asked and judged as `assay eval questions` does.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use assay_answer::eval::{JudgedQuestion, read_questions};
use assay_ready::{
    ReadyError,
    rollout::{Ask, Questions},
};
use tokio::runtime::Handle;

use crate::{command::eval::is_right, connect::Connection};

/// Questions whose right answers are known.
pub(super) struct Asks {
    questions: Vec<JudgedQuestion>,
    collections: Vec<String>,
    longest: Duration,
    handle: Handle,
    /// By the address of the deployment.
    connections: RefCell<BTreeMap<String, Rc<Connection>>>,
}

impl Asks {
    /// Reads the file that a plan names. Questions of which nothing is known are left out.
    pub(super) fn read(of: &Questions, handle: &Handle) -> Result<Self, ReadyError> {
        let mut questions = read_questions(&of.file)
            .map_err(|error| ReadyError::bad("questions", error.to_string()))?;
        questions.retain(JudgedQuestion::is_judged);
        Ok(Self {
            questions,
            collections: of.collections.clone(),
            longest: Duration::from_secs_f64(of.seconds),
            handle: handle.clone(),
            connections: RefCell::default(),
        })
    }

    fn connection(&self, url: &str) -> anyhow::Result<Rc<Connection>> {
        let mut all = self.connections.borrow_mut();
        if let Some(connection) = all.get(url) {
            return Ok(Rc::clone(connection));
        }
        let connection = Rc::new(Connection::at(url)?);
        all.insert(url.to_owned(), Rc::clone(&connection));
        Ok(connection)
    }
}

impl Ask for Asks {
    fn count(&self) -> usize {
        self.questions.len()
    }

    fn is_right(&self, url: &str, number: usize) -> Result<bool, String> {
        let question = self.questions.get(number).ok_or("there is no such question")?;
        let words = |error: anyhow::Error| format!("{error:#}");
        let connection = self.connection(url).map_err(words)?;
        let asked = is_right(&connection, question, &self.collections, self.longest);
        self.handle.block_on(asked).map_err(words)
    }
}
