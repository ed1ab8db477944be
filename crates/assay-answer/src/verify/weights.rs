//! Weights of the verifier, with and without vectors. Written by `training/verifier/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [-6.1870, -5.4383];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
pub(super) const WEIGHTS: [(&str, [f32; 2]); 24] = [
    ("cos1", [0.6931, 0.0000]),
    ("cos_window", [0.2385, 0.0000]),
    ("cos_union", [0.8076, 0.0000]),
    ("cover_best", [0.0872, 0.2048]),
    ("cover_two", [0.5459, 0.5220]),
    ("cover_union", [0.6557, 0.6625]),
    ("cover_page", [0.5469, 0.5956]),
    ("soft_best", [0.1266, 0.2416]),
    ("soft_union", [0.8357, 0.8523]),
    ("soft_page", [0.6532, 0.6971]),
    ("bigrams_page", [0.1242, 0.2678]),
    ("missing_page", [-0.0328, -0.0304]),
    ("near", [-0.0716, 0.0640]),
    ("near_second", [0.3176, 0.4751]),
    ("run", [0.6545, 0.7907]),
    ("near_conflict", [-2.7663, -2.7336]),
    ("numbers_union", [1.1375, 1.0074]),
    ("numbers_absent", [-0.5545, -0.5665]),
    ("units_wrong", [-1.2088, -1.1917]),
    ("dates_union", [0.5912, 0.4240]),
    ("dates_absent", [-0.8721, -0.9555]),
    ("names_union", [0.6543, 0.9383]),
    ("names_absent", [-0.2446, -0.2222]),
    ("claim_words", [-0.0002, 0.0034]),
];
