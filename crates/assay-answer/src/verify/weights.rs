//! Weights of the verifier, with and without vectors. Written by `training/verifier/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [-6.2035, -5.4925];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
pub(super) const WEIGHTS: [(&str, [f32; 2]); 24] = [
    ("cos1", [0.6771, 0.0000]),
    ("cos_window", [0.2595, 0.0000]),
    ("cos_union", [0.7941, 0.0000]),
    ("cover_best", [0.0868, 0.1998]),
    ("cover_two", [0.5316, 0.5122]),
    ("cover_union", [0.6410, 0.6592]),
    ("cover_page", [0.5557, 0.5993]),
    ("soft_best", [0.1343, 0.2369]),
    ("soft_union", [0.8373, 0.8502]),
    ("soft_page", [0.6646, 0.7027]),
    ("bigrams_page", [0.1236, 0.2648]),
    ("missing_page", [-0.0330, -0.0302]),
    ("near", [-0.0854, 0.0495]),
    ("near_second", [0.2777, 0.4894]),
    ("run", [0.6616, 0.7969]),
    ("near_conflict", [-2.7588, -2.7250]),
    ("numbers_union", [1.1720, 1.0468]),
    ("numbers_absent", [-0.5675, -0.5784]),
    ("units_wrong", [-1.1900, -1.1741]),
    ("dates_union", [0.5881, 0.4223]),
    ("dates_absent", [-0.8679, -0.9539]),
    ("names_union", [0.6515, 0.9586]),
    ("names_absent", [-0.2427, -0.2187]),
    ("claim_words", [-0.0001, 0.0035]),
];
