//! Weights of the reranker, with and without vectors. Written by `training/reranker/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [-7.3995, -7.2392];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
pub(super) const WEIGHTS: [(&str, [f32; 2]); 22] = [
    ("fused", [6.9154, 6.9935]),
    ("keyword", [-0.1003, -0.5975]),
    ("keyword_rank", [-1.1299, -1.0687]),
    ("cosine_below_best", [1.6471, 0.0000]),
    ("cosine_span", [-0.2218, 0.0000]),
    ("vector_rank", [-0.9084, 0.0000]),
    ("cover", [0.1560, -0.4639]),
    ("cover_text", [0.2820, -0.2492]),
    ("cover_title", [0.8132, 2.3035]),
    ("cover_rare", [0.4723, 0.9323]),
    ("window_narrow", [0.7096, 1.3646]),
    ("window_wide", [0.8026, 0.9140]),
    ("sentence", [0.3418, 0.5260]),
    ("sentence_two", [0.5330, 0.5135]),
    ("pairs", [0.6424, 0.8244]),
    ("pairs_text", [0.6401, 0.3569]),
    ("numbers", [0.4521, 0.1961]),
    ("names", [0.1143, 0.2282]),
    ("frequency", [-0.3124, 0.2952]),
    ("near_leaders", [1.6303, 0.0000]),
    ("cover_below_best", [0.1007, -0.2823]),
    ("sentence_below_best", [0.1878, 0.2817]),
];
