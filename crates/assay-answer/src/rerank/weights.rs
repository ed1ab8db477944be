//! Weights of the reranker, with and without vectors. Written by `training/reranker/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [0.0, 0.0];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
pub(super) const WEIGHTS: [(&str, [f32; 2]); 22] = [
    ("fused", [1.0000, 1.0000]),
    ("keyword", [0.0000, 0.0000]),
    ("keyword_rank", [0.0000, 0.0000]),
    ("cosine_below_best", [0.0000, 0.0000]),
    ("cosine_span", [0.0000, 0.0000]),
    ("vector_rank", [0.0000, 0.0000]),
    ("cover", [0.0000, 0.0000]),
    ("cover_text", [0.0000, 0.0000]),
    ("cover_title", [0.0000, 0.0000]),
    ("cover_rare", [0.0000, 0.0000]),
    ("window_narrow", [0.0000, 0.0000]),
    ("window_wide", [0.0000, 0.0000]),
    ("sentence", [0.0000, 0.0000]),
    ("sentence_two", [0.0000, 0.0000]),
    ("pairs", [0.0000, 0.0000]),
    ("pairs_text", [0.0000, 0.0000]),
    ("numbers", [0.0000, 0.0000]),
    ("names", [0.0000, 0.0000]),
    ("frequency", [0.0000, 0.0000]),
    ("near_leaders", [0.0000, 0.0000]),
    ("cover_below_best", [0.0000, 0.0000]),
    ("sentence_below_best", [0.0000, 0.0000]),
];
