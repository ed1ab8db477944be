"""Fits the extractive answerer: cross-validation by page title, then the weights as a Rust table.

Usage: train_extract.py CASES [WEIGHTS_RS]. CASES holds `with.jsonl` and `without.jsonl`, the features
of its cases, and the same of its folder `others`.
"""
import json, re, sys, zlib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

CRATE = "../../crates/assay-answer/src/extract"
TEXT = open(CRATE + "/features.rs").read()
NAMES = lambda name: re.findall(r'"(\w+)"', re.search(name + r": \[&str; \d+\] = \[(.*?)\];", TEXT, re.S).group(1))
CONSTANT = lambda name: float(re.search(rf"const {name}: \w+ = ([\d.]+);", open(CRATE + ".rs").read()).group(1))
ANSWERABLE = [float(x) for x in re.search(r"ANSWERABLE_MIN: \[f32; 2\] = \[([\d., ]+)\]", open(CRATE + ".rs").read()).group(1).split(",")]
CHOSEN, MOST = CONSTANT("CHOSEN_MIN"), int(CONSTANT("SENTENCES_MAX"))
C_ANSWER, C_SENTENCE = 0.03, 0.03
cases = json.load(open(sys.argv[1] + "/labels.json"))
answerable = np.array([case["answerable"] for case in cases])
group = np.array([zlib.crc32(case["title"].encode()) % 100003 for case in cases])
owner = np.array([i for i, case in enumerate(cases) for _ in case["evidence"]])
first = np.array([g for case in cases for g in case["gold"][0]])
union = np.array([max(gold[k] for gold in case["gold"]) for case in cases for k in range(len(case["evidence"]))])
inside = answerable[owner] == 1
# Other passages weigh together as much as the question's own one.
owners = np.array(json.load(open(sys.argv[1] + "/others/owners.json")))
others_weight = len(cases) / len(owners)


def fit(x, y, c, w=None):
    mean, scale = x.mean(0), x.std(0)
    scale[scale < 1e-6] = 1e9
    inner = LogisticRegression(C=c, max_iter=5000).fit((x - mean) / scale, y, sample_weight=w)
    raw = inner.coef_[0] / scale
    return raw, inner.intercept_[0] - (raw * mean).sum()


def predict(model, x):
    return 1 / (1 + np.exp(-(x @ model[0] + model[1])))


def calibration_error(p, y, bins=10):
    at = np.minimum((p * bins).astype(int), bins - 1)
    return sum((at == b).mean() * abs(p[at == b].mean() - y[at == b].mean()) for b in range(bins) if (at == b).any())


def fit_answer(own, others):
    """Does a passage answer: own passages as judged, those of other questions never do."""
    return fit(np.vstack([own[0], others]), np.r_[own[1], np.zeros(len(others))], C_ANSWER,
               np.r_[np.ones(len(own[0])), np.full(len(others), others_weight)])


def evaluate(whole, single, others, threshold, rounds=5):
    """Asks every question over its own and the other passages; the likeliest one answers."""
    scores, picks, curve = [], [], []
    for seed in range(rounds):
        fold = np.random.RandomState(seed).permutation(100003)[group] % 10
        p, q, rival = np.zeros(len(cases)), np.zeros(len(owner)), np.zeros(len(cases))
        for k in range(10):
            train = fold != k
            model = fit_answer((whole[train], answerable[train]), others[train[owners[:, 0]]])
            p[~train] = predict(model, whole[~train])
            test = ~train[owners[:, 0]]
            np.maximum.at(rival, owners[test, 0], predict(model, others[test]))
            rows = train[owner] & inside
            q[~train[owner]] = predict(fit(single[rows], union[rows], C_SENTENCE), single[~train[owner]])
        best = np.maximum(p, rival)
        for cut in np.arange(0.35, 0.7, 0.05):
            abstain = best < cut
            answered = ~abstain & (answerable == 1)
            curve.append([cut, (answerable[abstain] == 0).mean(), abstain[answerable == 0].mean(),
                          (p >= rival)[answered].mean(), answered[answerable == 1].mean()])
        abstain = best < threshold
        scores.append([roc_auc_score(answerable, best), (answerable[abstain] == 0).mean(),
                       abstain[answerable == 0].mean(), calibration_error(best, answerable)])
        for cut in (CHOSEN, 0.5, 0.6):
            chosen = np.zeros(len(owner), bool)
            for i in np.flatnonzero(answerable):
                mine = np.flatnonzero(owner == i)
                order = mine[np.argsort(-q[mine])]
                chosen[[at for rank, at in enumerate(order[:MOST]) if rank == 0 or q[at] >= cut]] = True
            answered = inside & ~abstain[owner]
            picks.append([cut, first[inside & chosen].mean(), chosen[inside & (first == 1)].mean(),
                          union[inside & chosen].mean(), chosen[inside & (union == 1)].mean(),
                          union[answered & chosen].mean()])
    print("abstention: AUC %.3f, precision %.3f, recall %.3f, ECE %.3f" % tuple(np.mean(scores, 0)))
    curve = np.array(curve)
    for cut in sorted(set(curve[:, 0])):
        print("  from %.2f: abstention P %.3f R %.3f; answered %.3f of the answerable, out of their own passage %.3f" % tuple(
            curve[curve[:, 0] == cut].mean(0)[[0, 1, 2, 4, 3]]))
    picks = np.array(picks)
    for threshold in sorted(set(picks[:, 0])):
        row = picks[picks[:, 0] == threshold].mean(0)
        print("sentences from %.2f: first annotator P %.3f R %.3f, any annotator P %.3f R %.3f" % tuple(row[:5]))


tables = []
for title, name, threshold in (("with vectors", "with", ANSWERABLE[0]), ("without vectors", "without", ANSWERABLE[1])):
    rows = [json.loads(line) for line in open(f"{sys.argv[1]}/{name}.jsonl")]
    whole, single = np.array([row[0] for row in rows]), np.array([s for row in rows for s in row[1]])
    others = np.array([json.loads(line)[0] for line in open(f"{sys.argv[1]}/others/{name}.jsonl")])
    print("==", title)
    evaluate(whole, single, others, threshold)
    tables.append((fit_answer((whole, answerable), others), fit(single[inside], union[inside], C_SENTENCE)))


def rust(name, doc, at, names):
    (a, bias_a), (b, bias_b) = tables[0][at], tables[1][at]
    rows = "".join(f'    ("{n}", [{x:.4f}, {y:.4f}]),\n' for n, x, y in zip(names, a, b))
    return (f"/// Constant terms of [`{name}`].\npub(super) const {name}_BIAS: [f32; 2] = [{bias_a:.4f}, {bias_b:.4f}];\n\n"
            f"/// {doc}\n#[rustfmt::skip]\npub(super) const {name}: [(&str, [f32; 2]); {len(names)}] = [\n{rows}];\n")


if len(sys.argv) > 2:
    open(sys.argv[2], "w").write(
        "//! Weights of the extractive answerer, with and without vectors. Written by\n"
        "//! `training/verifier/train_extract.py`.\n\n"
        + rust("ANSWER", "Whether a passage answers a question.", 0, NAMES("ANSWER")) + "\n"
        + rust("SENTENCE", "Whether a sentence of a passage that answers belongs to the answer.", 1, NAMES("SENTENCE")))
