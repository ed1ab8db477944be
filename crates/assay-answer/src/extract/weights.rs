//! Weights of the extractive answerer, with and without vectors. Written by
//! `training/verifier/train_extract.py`.

/// Constant terms of [`ANSWER`].
pub(super) const ANSWER_BIAS: [f32; 2] = [-3.9142, -1.1311];

/// Whether a passage answers a question.
#[rustfmt::skip]
pub(super) const ANSWER: [(&str, [f32; 2]); 23] = [
    ("cos1", [2.2119, 0.0000]),
    ("cos2", [1.9774, 0.0000]),
    ("cos3", [1.3161, 0.0000]),
    ("cos_mean", [3.5474, 0.0000]),
    ("cos_top_margin", [1.1844, 0.0000]),
    ("cover_best", [0.6422, 1.5871]),
    ("soft_best", [0.4810, 1.6539]),
    ("cover_page", [0.7818, 1.4156]),
    ("soft_page", [0.7768, 1.5939]),
    ("missing", [-0.0804, -0.1484]),
    ("names_missing", [-0.2173, -0.3058]),
    ("fits_best", [-0.2294, 0.0399]),
    ("fits_share", [-0.2729, -0.2019]),
    ("fits_cos", [1.0157, 0.0000]),
    ("odd_share", [-0.2370, -0.3433]),
    ("sentences_log", [-0.9760, -1.3002]),
    ("words_mean", [-0.0015, -0.0134]),
    ("question_words", [0.0636, 0.1521]),
    ("is_date", [-0.2646, -0.4039]),
    ("is_number", [-0.4818, -0.9892]),
    ("is_name", [0.0986, 0.1096]),
    ("is_cause", [0.2812, 0.2944]),
    ("is_definition", [0.1481, 0.2058]),
];

/// Constant terms of [`SENTENCE`].
pub(super) const SENTENCE_BIAS: [f32; 2] = [0.0470, -0.3006];

/// Whether a sentence of a passage that answers belongs to the answer.
#[rustfmt::skip]
pub(super) const SENTENCE: [(&str, [f32; 2]); 22] = [
    ("cos", [0.7420, 0.0000]),
    ("cos_rank", [-1.2489, 0.0000]),
    ("cos_below_best", [-0.3812, 0.0000]),
    ("cos_before", [-0.1373, 0.0000]),
    ("cos_after", [-0.4150, 0.0000]),
    ("cos_to_best", [0.3448, 0.0000]),
    ("cover", [0.3476, 0.8913]),
    ("soft", [-0.0054, 0.5822]),
    ("cover_rank", [-0.2505, -0.8553]),
    ("soft_around", [-0.0785, -0.0727]),
    ("only_here", [1.4345, 1.6791]),
    ("position", [-0.0319, -0.0383]),
    ("first", [0.2775, 0.6417]),
    ("last", [0.0244, 0.1522]),
    ("words", [0.0430, 0.0654]),
    ("short", [-0.0290, -0.1188]),
    ("fits", [0.1735, 0.1889]),
    ("fits_alone", [-0.4565, -0.5329]),
    ("pronoun", [-0.0657, -0.0710]),
    ("linked", [-0.5441, 0.0000]),
    ("cos_passage", [0.6700, 0.0000]),
    ("soft_passage", [-0.2873, -0.5071]),
];
