//! What a first question would find cold is touched before anybody asks.

use assay_core::TenantScope;

use crate::{AnswerError, Engine, Listing, Question, SearchMode, SearchQuery, WriterChoice};

/// Characters of a sentence that is asked for.
const ASKED_CHARS: usize = 160;
/// What is looked for where nothing has been taken in.
const WORDS: &str = "What is written here about the first document?";

/// A part that is cold after a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarmPart {
    /// What looks at texts before they are read: its tables are unpacked at their first use.
    Guard,
    /// The index, the records, the model of the vectors, the reranker.
    Search,
    /// What reads passages, weighs sentences and checks claims.
    Answer,
}

impl WarmPart {
    /// All, in the order in which they are warmed.
    pub const ALL: [Self; 3] = [Self::Guard, Self::Search, Self::Answer];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guard => "guard",
            Self::Search => "search",
            Self::Answer => "answer",
        }
    }
}

impl Engine {
    /// Touches what a first question to a tenant would find cold. No model is called that others run,
    /// and no public source is asked.
    ///
    /// # Errors
    /// When the part fails.
    pub async fn warm_up(&self, scope: &TenantScope, part: WarmPart) -> Result<(), AnswerError> {
        match part {
            WarmPart::Guard => self.guarded_text(scope, None, WORDS).await.map(|_| ()),
            WarmPart::Search => {
                for mode in [SearchMode::Hybrid, SearchMode::Reranked] {
                    let query = SearchQuery { mode, ..own_query(WORDS) };
                    self.search(scope, &query).await?;
                }
                Ok(())
            }
            WarmPart::Answer => {
                let Some(text) = self.own_sentence(scope).await? else { return Ok(()) };
                let question = Question {
                    sources: vec!["files".to_owned()],
                    writer: WriterChoice::Extractive,
                    ..Question::new(text)
                };
                self.ask(scope, &question).await.map(|_| ())
            }
        }
    }

    /// The beginning of a passage of the newest document: asked for, it takes the way of a question that
    /// is answered. None where nothing can be found.
    async fn own_sentence(&self, scope: &TenantScope) -> Result<Option<String>, AnswerError> {
        let listing = Listing { limit: 1, ..Listing::default() };
        let documents = self.documents(scope, listing).await?;
        let Some(document) = documents.first() else { return Ok(None) };
        let found = self.search(scope, &own_query(&document.latest.name)).await?;
        let passage = found.passages.first().map(|found| found.passage.text.as_str());
        Ok(passage.map(|text| text.chars().take(ASKED_CHARS).collect()))
    }
}

/// Looks at files alone: nothing is asked of others before somebody asks a question.
fn own_query(text: &str) -> SearchQuery {
    let sources = vec!["files".to_owned()];
    SearchQuery { sources, limit: 1, ..SearchQuery::new(text) }
}

#[cfg(test)]
mod tests {
    //! What is warmed is what a question goes through.

    use std::{sync::Arc, time::Duration};

    use assay_core::SystemClock;

    use super::*;
    use crate::{EngineSettings, Upload};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_question_that_warms_is_answered_and_a_folder_without_files_is_warm_too() {
        let folder = tempfile::tempdir().unwrap();
        let settings = EngineSettings::new(folder.path());
        let engine = Engine::open(settings, Arc::new(SystemClock)).unwrap();
        let scope = TenantScope::built_in();
        for part in WarmPart::ALL {
            engine.warm_up(&scope, part).await.unwrap();
        }
        assert_eq!(engine.own_sentence(&scope).await.unwrap(), None);
        let bytes =
            b"# Pumps\n\nThe new pump in hall four moves 340 litres of water a minute.\n".to_vec();
        let upload = Upload { bytes, name: "pumps.md".to_owned(), ..Upload::default() };
        let task = engine.receive(&scope, upload).await.unwrap().task.unwrap();
        engine.job(&scope, task, Duration::from_secs(30)).await.unwrap();
        engine.settle(&scope).await.unwrap();
        let text = engine.own_sentence(&scope).await.unwrap().unwrap();
        let answer = engine.ask(&scope, &Question::new(text)).await.unwrap();
        assert!(!answer.claims.is_empty(), "sentences were weighed and claims checked: {answer:?}");
        let before = engine.lane_totals().lanes["keyword"].completed;
        for part in WarmPart::ALL {
            engine.warm_up(&scope, part).await.unwrap();
        }
        // Two searches, the one for a sentence, and the question.
        assert_eq!(engine.lane_totals().lanes["keyword"].completed - before, 4);
        engine.close(Duration::from_secs(5));
    }
}
