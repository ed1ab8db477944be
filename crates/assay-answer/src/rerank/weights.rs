//! Weights of the reranker, with and without vectors. Written by `training/reranker/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [-7.3251, -7.2295];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
pub(super) const WEIGHTS: [(&str, [f32; 2]); 22] = [
    ("fused", [6.7524, 7.0436]),
    ("keyword", [-0.3007, -0.7198]),
    ("keyword_rank", [-1.3116, -0.9914]),
    ("cosine_below_best", [1.4789, 0.0000]),
    ("cosine_span", [-0.0929, 0.0000]),
    ("vector_rank", [-0.7906, 0.0000]),
    ("cover", [0.3599, -0.2462]),
    ("cover_text", [0.5067, 0.1128]),
    ("cover_title", [0.5668, 1.9519]),
    ("cover_rare", [0.6739, 1.0267]),
    ("window_narrow", [0.6992, 1.1512]),
    ("window_wide", [0.7291, 0.7445]),
    ("sentence", [0.5672, 0.5638]),
    ("sentence_two", [0.5125, 0.4941]),
    ("pairs", [0.5549, 0.8845]),
    ("pairs_text", [0.6880, 0.2216]),
    ("numbers", [0.4533, 0.2566]),
    ("names", [-0.0342, 0.1824]),
    ("frequency", [-0.1194, 0.0319]),
    ("near_leaders", [1.5828, 0.0000]),
    ("cover_below_best", [0.2109, -0.1391]),
    ("sentence_below_best", [0.2760, 0.2780]),
];
