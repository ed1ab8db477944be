"""Builds the cases of the verifier: claim, evidence, label, group and set.

Usage: prepare.py DATA OUT. The seed is fixed, so that the cases are the same every time.
"""
import collections, json, os, random, re, sys
from planted import KINDS, names_of
from tokenised import plain

DATA, OUT = sys.argv[1] + "/", sys.argv[2] + "/"
os.makedirs(OUT, exist_ok=True)
rng = random.Random(20)
cases, sources = [], []


def rows(name):
    return [json.loads(line) for line in open(DATA + name)]


def sentences(text):
    return [s.strip() for s in re.split(r"(?<=[a-z\d)\"][.!?]) +(?=[A-Z\"])", text) if s.strip()]


def add(kind, group, claim, evidence, label, **more):
    evidence = [e for e in evidence if e.strip()]
    cases.append(dict(set=kind, group=group, claim=claim.strip(), evidence=evidence, label=label, **more))


for row in rows("wice/claims.jsonl"):
    evidence = [s.strip() for s in row["evidence"]]
    group = "w" + row["meta"]["claim_title"]
    supported = row["label"] == "supported"
    add("wice", group, row["claim"], evidence, int(supported), part=row["label"])
    for s in random.Random(row["meta"]["id"]).sample(evidence, min(12, len(evidence))):
        if 60 < len(s) < 260 and s[-1] in '.!"' and s[0].isupper():
            sources.append((group, s, evidence, "wice-page"))
    if supported:
        sources.append((group, row["claim"].strip(), evidence, "wice-claim"))
seen = set()
for row in rows("scifact/evidence.train.jsonl"):
    evidence = [s.strip() for s in row["sentences"]]
    group = "s" + row["doc_id"]
    add("scifact", group, row["claim"], evidence, int(row["label"] == "SUPPORT"), part=row["label"])
    if row["doc_id"] not in seen:
        seen.add(row["doc_id"])
        sources += [(group, s, evidence, "scifact-page") for s in evidence if 60 < len(s) < 300]
for row in rows("clapnq/answerable.jsonl"):
    evidence = [plain(s) for s in row["passages"][0]["sentences"]]
    group = "c" + row["passages"][0]["title"]
    output = row["output"][0]
    for s in sentences(output["answer"]):
        if len(s) > 40:
            add("clapnq", group, s, evidence, 1, part="answer")
            sources.append((group, s, evidence, "clapnq-answer"))
    # A sentence of a passage is not supported by the rest of it.
    for s in map(plain, output["selected_sentences"]):
        if len(evidence) > 3:
            add("leaveout", group, s, [e for e in evidence if e != s], 0, part="leaveout")
    sources += [(group, s, evidence, "clapnq-page") for s in evidence if 50 < len(s) < 300 and s[-1] in '."']

names = {}
for group, _, evidence, _ in sources:
    if group not in names:
        names[group] = sorted({m.group() for e in evidence for m in names_of(e)})
every = sorted({name for some in names.values() for name in some})
rng.shuffle(sources)
quota = {(kind, origin): 130 if origin.endswith("page") else 60
         for kind in KINDS for origin in sorted({s[3] for s in sources})}
untouched = set()
for group, sentence, evidence, origin in sources:
    for kind in sorted(KINDS, key=lambda _: rng.random()):
        if quota[kind, origin] <= 0:
            continue
        pool = names[group] if rng.random() < 0.6 and len(names[group]) > 3 else every
        changed = KINDS[kind](sentence, rng, pool)
        if not changed or changed == sentence:
            continue
        quota[kind, origin] -= 1
        alone = rng.random() < 0.25 and origin.endswith("page")
        given = [sentence] if alone else evidence
        add("planted", group, changed, given, 0, part=kind, source=origin)
        if (sentence, alone) not in untouched:
            untouched.add((sentence, alone))
            add("planted", group, sentence, given, 1, part="untouched", source=origin)
        break

texts = sorted({text for case in cases for text in [case["claim"], *case["evidence"]]})
at = {text: index for index, text in enumerate(texts)}
print(len(cases), "cases,", len(texts), "texts", collections.Counter((c["set"], c["part"]) for c in cases))
json.dump(texts, open(OUT + "texts.json", "w"))
with open(OUT + "verify.jsonl", "w") as out:
    for case in cases:
        out.write(json.dumps(dict(claim=at[case["claim"]], evidence=[at[e] for e in case["evidence"]])) + "\n")
with open(OUT + "labels.jsonl", "w") as out:
    for case in cases:
        out.write(json.dumps({key: value for key, value in case.items() if key != "evidence"}) + "\n")
