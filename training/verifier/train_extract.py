"""Fits the extractive answerer: cross-validation by page title, then the weights as a Rust table.

Usage: train_extract.py CASES FEATURES_WITH_VECTORS FEATURES_WITHOUT [WEIGHTS_RS]
"""
import json, re, sys, zlib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

CRATE = "../../crates/assay-answer/src/extract"
TEXT = open(CRATE + "/features.rs").read()
NAMES = lambda name: re.findall(r'"(\w+)"', re.search(name + r": \[&str; \d+\] = \[(.*?)\];", TEXT, re.S).group(1))
CONSTANT = lambda name: float(re.search(rf"const {name}: \w+ = ([\d.]+);", open(CRATE + ".rs").read()).group(1))
ANSWERABLE, CHOSEN, MOST = CONSTANT("ANSWERABLE_MIN"), CONSTANT("CHOSEN_MIN"), int(CONSTANT("SENTENCES_MAX"))
C_ANSWER, C_SENTENCE = 0.03, 0.03
cases = json.load(open(sys.argv[1] + "/labels.json"))
answerable = np.array([case["answerable"] for case in cases])
group = np.array([zlib.crc32(case["title"].encode()) % 100003 for case in cases])
owner = np.array([i for i, case in enumerate(cases) for _ in case["evidence"]])
first = np.array([g for case in cases for g in case["gold"][0]])
union = np.array([max(gold[k] for gold in case["gold"]) for case in cases for k in range(len(case["evidence"]))])
inside = answerable[owner] == 1


def fit(x, y, c):
    mean, scale = x.mean(0), x.std(0)
    scale[scale < 1e-6] = 1e9
    inner = LogisticRegression(C=c, max_iter=5000).fit((x - mean) / scale, y)
    raw = inner.coef_[0] / scale
    return raw, inner.intercept_[0] - (raw * mean).sum()


def predict(model, x):
    return 1 / (1 + np.exp(-(x @ model[0] + model[1])))


def calibration_error(p, y, bins=10):
    at = np.minimum((p * bins).astype(int), bins - 1)
    return sum((at == b).mean() * abs(p[at == b].mean() - y[at == b].mean()) for b in range(bins) if (at == b).any())


def evaluate(whole, single, rounds=5):
    scores, picks = [], []
    for seed in range(rounds):
        fold = np.random.RandomState(seed).permutation(100003)[group] % 10
        p, q = np.zeros(len(cases)), np.zeros(len(owner))
        for k in range(10):
            train = fold != k
            p[~train] = predict(fit(whole[train], answerable[train], C_ANSWER), whole[~train])
            rows = train[owner] & inside
            q[~train[owner]] = predict(fit(single[rows], union[rows], C_SENTENCE), single[~train[owner]])
        abstain = p < ANSWERABLE
        scores.append([roc_auc_score(answerable, p), answerable[abstain].size and (answerable[abstain] == 0).mean(),
                       abstain[answerable == 0].mean(), calibration_error(p, answerable)])
        for threshold in (CHOSEN, 0.5, 0.6):
            chosen = np.zeros(len(owner), bool)
            for i in np.flatnonzero(answerable):
                mine = np.flatnonzero(owner == i)
                order = mine[np.argsort(-q[mine])]
                chosen[[at for rank, at in enumerate(order[:MOST]) if rank == 0 or q[at] >= threshold]] = True
            answered = inside & ~abstain[owner]
            picks.append([threshold, first[inside & chosen].mean(), chosen[inside & (first == 1)].mean(),
                          union[inside & chosen].mean(), chosen[inside & (union == 1)].mean(),
                          union[answered & chosen].mean()])
    print("abstention: AUC %.3f, precision %.3f, recall %.3f, ECE %.3f" % tuple(np.mean(scores, 0)))
    picks = np.array(picks)
    for threshold in sorted(set(picks[:, 0])):
        row = picks[picks[:, 0] == threshold].mean(0)
        print("sentences from %.2f: first annotator P %.3f R %.3f, any annotator P %.3f R %.3f" % tuple(row[:5]))


tables = []
for title, path in (("with vectors", sys.argv[2]), ("without vectors", sys.argv[3])):
    rows = [json.loads(line) for line in open(path)]
    whole, single = np.array([row[0] for row in rows]), np.array([s for row in rows for s in row[1]])
    print("==", title)
    evaluate(whole, single)
    tables.append((fit(whole, answerable, C_ANSWER), fit(single[inside], union[inside], C_SENTENCE)))


def rust(name, doc, at, names):
    (a, bias_a), (b, bias_b) = tables[0][at], tables[1][at]
    rows = "".join(f'    ("{n}", [{x:.4f}, {y:.4f}]),\n' for n, x, y in zip(names, a, b))
    return (f"/// Constant terms of [`{name}`].\npub(super) const {name}_BIAS: [f32; 2] = [{bias_a:.4f}, {bias_b:.4f}];\n\n"
            f"/// {doc}\n#[rustfmt::skip]\npub(super) const {name}: [(&str, [f32; 2]); {len(names)}] = [\n{rows}];\n")


if len(sys.argv) > 4:
    open(sys.argv[4], "w").write(
        "//! Weights of the extractive answerer, with and without vectors. Written by\n"
        "//! `training/verifier/train_extract.py`.\n\n"
        + rust("ANSWER", "Whether a passage answers a question.", 0, NAMES("ANSWER")) + "\n"
        + rust("SENTENCE", "Whether a sentence of a passage that answers belongs to the answer.", 1, NAMES("SENTENCE")))
