//! Weights of the verifier, with and without vectors. Written by `training/verifier/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [-5.4825, -5.4925];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
pub(super) const WEIGHTS: [(&str, [f32; 2]); 24] = [
    ("cos1", [-0.8487, 0.0000]),
    ("cos_window", [0.0000, 0.0000]),
    ("cos_union", [-0.8487, 0.0000]),
    ("cover_best", [0.2038, 0.1998]),
    ("cover_two", [0.5086, 0.5122]),
    ("cover_union", [0.6565, 0.6592]),
    ("cover_page", [0.5966, 0.5993]),
    ("soft_best", [0.2405, 0.2369]),
    ("soft_union", [0.8463, 0.8502]),
    ("soft_page", [0.6984, 0.7027]),
    ("bigrams_page", [0.2652, 0.2648]),
    ("missing_page", [-0.0299, -0.0302]),
    ("near", [0.0492, 0.0495]),
    ("near_second", [0.4888, 0.4894]),
    ("run", [0.7973, 0.7969]),
    ("near_conflict", [-2.7254, -2.7250]),
    ("numbers_union", [1.0479, 1.0468]),
    ("numbers_absent", [-0.5789, -0.5784]),
    ("units_wrong", [-1.1742, -1.1741]),
    ("dates_union", [0.4233, 0.4223]),
    ("dates_absent", [-0.9541, -0.9539]),
    ("names_union", [0.9569, 0.9586]),
    ("names_absent", [-0.2197, -0.2187]),
    ("claim_words", [0.0035, 0.0035]),
];
