//! Runs a model on a few threads.

use std::sync::Arc;

use rten::{Model, RunOptions, ThreadPool};
use rten_tensor::NdTensor;

use crate::ModelError;

/// Why a model gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    #[error(transparent)]
    Run(#[from] rten::RunError),
    #[error("the output of the model has another shape than expected")]
    Shape,
}

impl From<RunError> for ModelError {
    fn from(error: RunError) -> Self {
        Self::Recognise { source: Box::new(error) }
    }
}

/// A model with its thread pool.
pub(super) struct Runner {
    model: Model,
    options: RunOptions,
}

impl Runner {
    pub(super) fn new(model: Model, threads: usize) -> Self {
        let pool = Arc::new(ThreadPool::with_num_threads(threads));
        let options = RunOptions::default().with_thread_pool(Some(pool));
        Self { model, options }
    }

    /// The output for one input.
    pub(super) fn run<const IN: usize, const OUT: usize>(
        &self,
        input: NdTensor<f32, IN>,
    ) -> Result<NdTensor<f32, OUT>, RunError> {
        let output = self.model.run_one(input.into(), Some(self.options.clone()))?;
        output.try_into().map_err(|_| RunError::Shape)
    }
}
