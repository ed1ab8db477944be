//! Weights of the verifier, with and without vectors. Written by `training/verifier/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [-6.187, -5.438];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
#[expect(clippy::approx_constant, reason = "a fitted weight may come near any constant")]
pub(super) const WEIGHTS: [(&str, [f32; 2]); 24] = [
    ("cos1", [0.693, 0.000]),
    ("cos_window", [0.238, 0.000]),
    ("cos_union", [0.808, 0.000]),
    ("cover_best", [0.087, 0.205]),
    ("cover_two", [0.546, 0.522]),
    ("cover_union", [0.656, 0.662]),
    ("cover_page", [0.547, 0.596]),
    ("soft_best", [0.127, 0.242]),
    ("soft_union", [0.836, 0.852]),
    ("soft_page", [0.653, 0.697]),
    ("bigrams_page", [0.124, 0.268]),
    ("missing_page", [-0.033, -0.030]),
    ("near", [-0.072, 0.064]),
    ("near_second", [0.318, 0.475]),
    ("run", [0.654, 0.791]),
    ("near_conflict", [-2.766, -2.734]),
    ("numbers_union", [1.137, 1.007]),
    ("numbers_absent", [-0.554, -0.567]),
    ("units_wrong", [-1.209, -1.192]),
    ("dates_union", [0.591, 0.424]),
    ("dates_absent", [-0.872, -0.956]),
    ("names_union", [0.654, 0.938]),
    ("names_absent", [-0.245, -0.222]),
    ("claim_words", [-0.000, 0.003]),
];
