//! Weights of the extractive answerer, with and without vectors. Written by
//! `training/verifier/train_extract.py`.

/// Constant terms of [`ANSWER`].
pub(super) const ANSWER_BIAS: [f32; 2] = [-1.7611, 0.7692];

/// Whether a passage answers a question.
#[rustfmt::skip]
pub(super) const ANSWER: [(&str, [f32; 2]); 23] = [
    ("cos1", [1.5826, 0.0000]),
    ("cos2", [1.3474, 0.0000]),
    ("cos3", [0.9523, 0.0000]),
    ("cos_mean", [2.2936, 0.0000]),
    ("cos_top_margin", [0.3774, 0.0000]),
    ("cover_best", [0.5831, 0.9403]),
    ("soft_best", [0.4993, 0.8809]),
    ("cover_page", [0.6382, 0.8945]),
    ("soft_page", [0.6388, 0.9163]),
    ("missing", [-0.1029, -0.1543]),
    ("names_missing", [-0.3572, -0.5018]),
    ("fits_best", [-0.1789, -0.0316]),
    ("fits_share", [-0.2613, -0.2260]),
    ("fits_cos", [0.6243, 0.0000]),
    ("odd_share", [-0.1995, -0.4189]),
    ("sentences_log", [-1.1204, -1.2932]),
    ("words_mean", [0.0091, 0.0175]),
    ("question_words", [0.0428, 0.0554]),
    ("is_date", [-0.3219, -0.4409]),
    ("is_number", [-0.5988, -1.0144]),
    ("is_name", [0.0937, 0.0898]),
    ("is_cause", [0.2538, 0.2870]),
    ("is_definition", [0.3151, 0.4223]),
];

/// Constant terms of [`SENTENCE`].
pub(super) const SENTENCE_BIAS: [f32; 2] = [0.0475, -0.3001];

/// Whether a sentence of a passage that answers belongs to the answer.
#[rustfmt::skip]
pub(super) const SENTENCE: [(&str, [f32; 2]); 22] = [
    ("cos", [0.7421, 0.0000]),
    ("cos_rank", [-1.2489, 0.0000]),
    ("cos_below_best", [-0.3813, 0.0000]),
    ("cos_before", [-0.1374, 0.0000]),
    ("cos_after", [-0.4150, 0.0000]),
    ("cos_to_best", [0.3448, 0.0000]),
    ("cover", [0.3477, 0.8914]),
    ("soft", [-0.0053, 0.5823]),
    ("cover_rank", [-0.2505, -0.8553]),
    ("soft_around", [-0.0785, -0.0727]),
    ("only_here", [1.4345, 1.6791]),
    ("position", [-0.0319, -0.0383]),
    ("first", [0.2775, 0.6417]),
    ("last", [0.0244, 0.1521]),
    ("words", [0.0428, 0.0652]),
    ("short", [-0.0292, -0.1191]),
    ("fits", [0.1735, 0.1889]),
    ("fits_alone", [-0.4564, -0.5329]),
    ("pronoun", [-0.0657, -0.0710]),
    ("linked", [-0.5440, 0.0000]),
    ("cos_passage", [0.6700, 0.0000]),
    ("soft_passage", [-0.2872, -0.5071]),
];
