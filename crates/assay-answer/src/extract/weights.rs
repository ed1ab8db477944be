//! Placeholder.
pub(super) const ANSWER_BIAS: [f32; 2] = [0.0; 2];
pub(super) const ANSWER: [(&str, [f32; 2]); 23] = [("", [0.0; 2]); 23];
pub(super) const SENTENCE_BIAS: [f32; 2] = [0.0; 2];
pub(super) const SENTENCE: [(&str, [f32; 2]); 22] = [("", [0.0; 2]); 22];
