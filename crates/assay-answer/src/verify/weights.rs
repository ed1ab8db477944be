//! Weights of the verifier, with and without vectors. Written by `training/verifier/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [-6.2070, -5.4697];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
pub(super) const WEIGHTS: [(&str, [f32; 2]); 24] = [
    ("cos1", [0.6710, 0.0000]),
    ("cos_window", [0.2386, 0.0000]),
    ("cos_union", [0.8181, 0.0000]),
    ("cover_best", [0.0835, 0.2004]),
    ("cover_two", [0.5392, 0.5143]),
    ("cover_union", [0.6516, 0.6599]),
    ("cover_page", [0.5462, 0.5966]),
    ("soft_best", [0.1233, 0.2373]),
    ("soft_union", [0.8336, 0.8502]),
    ("soft_page", [0.6539, 0.6991]),
    ("bigrams_page", [0.1210, 0.2639]),
    ("missing_page", [-0.0328, -0.0303]),
    ("near", [-0.0836, 0.0505]),
    ("near_second", [0.3240, 0.4862]),
    ("run", [0.6622, 0.7962]),
    ("near_conflict", [-2.7570, -2.7254]),
    ("numbers_union", [1.1727, 1.0468]),
    ("numbers_absent", [-0.5671, -0.5786]),
    ("units_wrong", [-1.1895, -1.1739]),
    ("dates_union", [0.5899, 0.4226]),
    ("dates_absent", [-0.8693, -0.9540]),
    ("names_union", [0.6591, 0.9407]),
    ("names_absent", [-0.2451, -0.2231]),
    ("claim_words", [-0.0001, 0.0035]),
];
