//! `responses` of OpenAI, without the state that OpenAI keeps between requests.

mod read;
mod write;

pub(super) use read::prompt;
pub(super) use write::{Writer, error_frame};

/// Fields of the request that an answer repeats.
pub(super) const ECHO: [&str; 11] = [
    "instructions",
    "max_output_tokens",
    "metadata",
    "parallel_tool_calls",
    "reasoning",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_p",
    "user",
];
