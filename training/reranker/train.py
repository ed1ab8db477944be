"""Fits the reranker: figures by cross-validation and by sets left out, then the weights as a Rust
table.

Usage: train.py WITH_1 WITH_2 -- WITHOUT_1 WITHOUT_2 [-- WEIGHTS_RS]

The files are what the example `reranking` writes, with vectors and without. The model is a linear
one, fitted as ListNet's top-one case: each relevant passage against all irrelevant ones of its
query, by softmax. The weights are drawn not to 0 but to the order of the fusion (PRIOR), so that
little data changes that order little.
"""
import json, re, sys, zlib
import numpy as np
from scipy.optimize import minimize

CRATE = "../../crates/assay-answer/src/rerank/"
NAMES = re.findall(r'"(\w+)"', re.search(r"NAMES: \[&str; \d+\] = \[(.*?)\];", open(CRATE + "features.rs").read(), re.S).group(1))
SETS = ["scifact", "clapnq", "wice"]
L2, PRIOR, FOLDS, SHUFFLES = 0.1, 2.0, 5, 2


def load(paths):
    queries = []
    for line in (line for path in paths for line in open(path)):
        kind, name, _, relevant, _, rows = json.loads(line)
        rows = sorted((row for row in rows if row[4]), key=lambda row: -row[2])
        if rows:
            queries.append({
                "set": kind, "id": name, "relevant": relevant, "documents": [row[0] for row in rows],
                "y": np.array([float(row[1]) for row in rows]), "fused": np.array([row[2] for row in rows]),
                "x": np.array([row[4] for row in rows])})
    return queries


def ndcg(query, scores):
    """nDCG@10: over documents, for WiCE over the passages of the one page that is right."""
    order = np.argsort(-scores, kind="stable")
    if query["set"] == "wice":
        gains, best = query["y"][order], max(1, int(query["y"].sum()))
    else:
        first = list(dict.fromkeys(query["documents"][at] for at in order))
        relevant = {query["documents"][at] for at in order if query["y"][at]}
        gains, best = np.array([float(name in relevant) for name in first]), query["relevant"]
    discounts = lambda n: 1 / np.log2(np.arange(2, n + 2))
    gains = gains[:10]
    return (gains * discounts(len(gains))).sum() / discounts(min(best, 10)).sum()


def mean(queries, scores, kind):
    return np.mean([ndcg(q, s) for q, s in zip(queries, scores) if q["set"] == kind])


def fit(queries):
    """Weights of the raw features; every set counts alike."""
    x = np.concatenate([q["x"] for q in queries])
    scale = x.std(axis=0)
    scale[scale < 1e-6] = 1e9  # a constant feature gets no weight
    queries = [q for q in queries if 0 < q["y"].sum() < len(q["y"])]
    counts = {kind: sum(q["set"] == kind for q in queries) for kind in SETS}
    rows, starts, weights, size = [], [], [], 0
    for q in queries:
        z = (q["x"] - x.mean(axis=0)) / scale
        wrong, right = z[q["y"] == 0], z[q["y"] > 0]
        for row in right:
            rows += [row[None], wrong]
            starts.append(size)
            weights.append(1 / counts[q["set"]] / len(right))
            size += 1 + len(wrong)
    z, starts, weights = np.concatenate(rows), np.array(starts), np.array(weights) / sum(weights)
    lengths = np.diff(np.append(starts, size))
    prior = np.zeros(z.shape[1])
    prior[NAMES.index("fused")] = PRIOR

    def loss(w):
        scores = z @ w
        top = np.maximum.reduceat(scores, starts)
        e = np.exp(scores - np.repeat(top, lengths))
        total = np.add.reduceat(e, starts)
        share = e * np.repeat(weights / total, lengths)
        share[starts] -= weights
        value = (weights * (np.log(total) + top - scores[starts])).sum() + L2 / 2 * ((w - prior) ** 2).sum()
        return value, z.T @ share + L2 * (w - prior)

    return minimize(loss, prior, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x / scale


def figures(queries):
    kinds = [kind for kind in SETS if any(q["set"] == kind for q in queries)]
    row = lambda scores: " ".join(f"{kind} {mean(queries, scores, kind):.4f}" for kind in kinds)
    print("queries:", " ".join(f"{kind} {sum(q['set'] == kind for q in queries)}" for kind in kinds))
    print("fusion:            ", row([q["fused"] for q in queries]))
    found = []
    for seed in range(SHUFFLES):
        fold = np.array([zlib.crc32(f"{q['set']} {q['id']} {seed}".encode()) % FOLDS for q in queries])
        scores = [None] * len(queries)
        for k in range(FOLDS):
            w = fit([q for q, f in zip(queries, fold) if f != k])
            for at in np.where(fold == k)[0]:
                scores[at] = queries[at]["x"] @ w
        found.append({kind: mean(queries, scores, kind) for kind in kinds})
        if seed == 0:
            print("better, worse than the fusion:", " ".join(
                f"{kind} {sum(d > 1e-9 for d in ds)}, {sum(d < -1e-9 for d in ds)}" for kind in kinds
                for ds in [[ndcg(q, s) - ndcg(q, q["fused"]) for q, s in zip(queries, scores) if q["set"] == kind]]))
    print("cross-validated:   ", " ".join(f"{kind} {np.mean([f[kind] for f in found]):.4f}" for kind in kinds))
    print("set left out:      ", " ".join(f"{kind} {mean(part, [q['x'] @ w for q in part], kind):.4f}" for kind in kinds
        for w in [fit([q for q in queries if q["set"] != kind])] for part in [[q for q in queries if q["set"] == kind]]))
    for train in kinds:
        w = fit([q for q in queries if q["set"] == train])
        print(f"{train} alone:".ljust(19), " ".join(f"{kind} {mean(queries, [q['x'] @ w for q in queries], kind):.4f}" for kind in kinds if kind != train))


groups = [[]]
for argument in sys.argv[1:]:
    groups.append([]) if argument == "--" else groups[-1].append(argument)
tables = []
for title, paths in zip(("with vectors", "without vectors"), groups):
    print("==", title)
    queries = load(paths)
    figures(queries)
    w = fit(queries)
    # The best candidate of a typical query is to stand near 0.8: only the order was fitted.
    bias = np.log(4) - np.mean([(q["x"] @ w).max() for q in queries])
    tables.append((w, bias))
if len(groups) > 2:
    rows = "".join(f'    ("{n}", [{a:.4f}, {b:.4f}]),\n' for n, a, b in zip(NAMES, tables[0][0], tables[1][0]))
    open(groups[2][0], "w").write(f"""//! Weights of the reranker, with and without vectors. Written by `training/reranker/train.py`.

/// Constant terms.
pub(super) const BIAS: [f32; 2] = [{tables[0][1]:.4f}, {tables[1][1]:.4f}];

/// Weight of each feature, in the order of `features::NAMES`.
#[rustfmt::skip]
pub(super) const WEIGHTS: [(&str, [f32; 2]); {len(NAMES)}] = [
{rows}];
""")
