"""Fits the verifier: cross-validation by source document, then the weights as a Rust table.

Usage: train.py CASES FEATURES_WITH_VECTORS FEATURES_WITHOUT [WEIGHTS_RS]
"""
import json, re, sys, zlib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

CRATE = "../../crates/assay-answer/src/verify/"
NAMES = re.findall(r'"(\w+)"', re.search(r"NAMES: \[&str; \d+\] = \[(.*?)\];", open(CRATE + "features.rs").read(), re.S).group(1))
CONSTANT = lambda name: float(re.search(rf"const {name}: f32 = ([\d.]+);", open(CRATE[:-1] + ".rs").read()).group(1))
SUPPORTED, REFUTED, REWORDED = map(CONSTANT, ("SUPPORTED_MIN", "REFUTED_MAX", "REWORDED_MAX"))
# How much a set counts in all, as a multiple of WiCE.
SETS = {"wice": 1.0, "planted": 1.0, "clapnq": 0.15, "leaveout": 0.15}
C = 0.03

cases = [json.loads(line) for line in open(sys.argv[1] + "/labels.jsonl")]
label = np.array([case["label"] for case in cases])
kind = np.array([case["set"] for case in cases])
part = np.array([case["part"] for case in cases])
source = np.array([case.get("source", "") for case in cases])
group = np.array([zlib.crc32(case["group"].encode()) % 100003 for case in cases])


def weights():
    """Of WiCE the classes weigh as they are, of the others alike."""
    result, size = np.zeros(len(cases)), (kind == "wice").sum()
    for name, share in SETS.items():
        for value in (0, 1):
            these = (kind == name) & (label == value)
            if these.any():
                prior = (label[kind == name] == value).mean() if name == "wice" else 0.5
                result[these] = share * prior * size / these.sum()
    return result


class Model:
    def fit(self, x, y, w):
        self.mean = np.average(x, axis=0, weights=w)
        self.scale = np.sqrt(np.average((x - self.mean) ** 2, axis=0, weights=w))
        self.scale[self.scale < 1e-6] = 1e9  # a constant feature gets no weight
        self.inner = LogisticRegression(C=C, max_iter=5000).fit((x - self.mean) / self.scale, y, sample_weight=w)
        return self

    def predict(self, x):
        return self.inner.predict_proba((x - self.mean) / self.scale)[:, 1]

    def table(self):
        raw = self.inner.coef_[0] / self.scale
        return raw, self.inner.intercept_[0] - (raw * self.mean).sum()


def balanced(p, y, threshold):
    yes = p >= threshold
    return (yes[y == 1].mean() + 1 - yes[y == 0].mean()) / 2


def calibration_error(p, y, bins=10):
    at = np.minimum((p * bins).astype(int), bins - 1)
    return sum((at == b).mean() * abs(p[at == b].mean() - y[at == b].mean()) for b in range(bins) if (at == b).any())


def load(path):
    rows = [json.loads(line) for line in open(path)]
    return np.array([row[0] for row in rows]), np.array([row[2] for row in rows]), np.array([row[3] for row in rows]), np.array([row[4] for row in rows])


def evaluate(x, contradicted, unfounded, reworded, rounds=5):
    w, out = weights(), []
    for seed in range(rounds):
        fold = np.random.RandomState(seed).permutation(100003)[group] % 10
        p = np.zeros(len(cases))
        for k in range(10):
            train = (fold != k) & (w > 0)
            p[fold == k] = Model().fit(x[train], label[train], w[train]).predict(x[fold == k])
        p = np.where(reworded, np.minimum(p, REWORDED), p)
        out.append(np.where(contradicted | unfounded, np.minimum(p, REFUTED), p))
    wice, mean = kind == "wice", lambda f: np.mean([f(p) for p in out])
    y = label[wice]
    print("WiCE: AUC %.3f, balanced accuracy %.3f (best threshold %.3f), ECE 10 bins %.3f, 5 bins %.3f" % (
        mean(lambda p: roc_auc_score(y, p[wice])), mean(lambda p: balanced(p[wice], y, SUPPORTED)),
        mean(lambda p: max(balanced(p[wice], y, t) for t in np.linspace(0.2, 0.6, 41))),
        mean(lambda p: calibration_error(p[wice], y)), mean(lambda p: calibration_error(p[wice], y, 5))))
    print("   by threshold:", " ".join(f"{t:.2f}:{mean(lambda p: balanced(p[wice], y, t)):.3f}" for t in np.arange(.26, .52, .03)))
    sci = kind == "scifact"
    print("SciFact (not trained on): AUC %.3f" % mean(lambda p: roc_auc_score(label[sci], p[sci])))
    print("CLAPnq: answers supported %.3f, sentences whose source was removed rejected %.3f" % (
        mean(lambda p: (p[kind == "clapnq"] >= SUPPORTED).mean()), mean(lambda p: (p[kind == "leaveout"] < SUPPORTED).mean())))
    print("planted errors, share flagged (not supported):")
    for name in sorted(set(source) - {""}):
        row = []
        for k in ("untouched", "number", "unit", "date", "name", "negation", "quantifier"):
            these = (source == name) & (part == k)
            if these.any():
                row.append("%s %.3f of %d" % (k, mean(lambda p: (p[these] < SUPPORTED).mean()), these.sum()))
        wrong = (source == name) & (kind == "planted") & (label == 0)
        print("  ", name, "|", ", ".join(row), "| all %.3f" % mean(lambda p: (p[wrong] < SUPPORTED).mean()))


tables = []
for title, path in (("with vectors", sys.argv[2]), ("without vectors", sys.argv[3])):
    print("==", title)
    x, *found = load(path)
    evaluate(x, *found)
    w = weights()
    tables.append(Model().fit(x[w > 0], label[w > 0], w[w > 0]).table())
if len(sys.argv) > 4:
    rows = "".join(f'    ("{n}", [{a:.3f}, {b:.3f}]),\n' for n, a, b in zip(NAMES, tables[0][0], tables[1][0]))
    open(sys.argv[4], "w").write(f"""//! Weights of the verifier, with and without vectors. Written by `training/verifier/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [{tables[0][1]:.3f}, {tables[1][1]:.3f}];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
#[expect(clippy::approx_constant, reason = "a fitted weight may come near any constant")]
pub(super) const WEIGHTS: [(&str, [f32; 2]); {len(NAMES)}] = [
{rows}];
""")
