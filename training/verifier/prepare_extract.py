"""Builds the cases of the extractive answerer from CLAPnq.

Usage: prepare_extract.py DATA OUT. Each question meets its own passage, and the passages of other
questions that a keyword search would rank next: those never hold the answer.
"""
import collections, json, math, os, re, sys
from tokenised import plain

DATA, OUT = sys.argv[1] + "/clapnq/", sys.argv[2] + "/"
os.makedirs(OUT, exist_ok=True)
cases = []
for name, answerable in (("answerable", 1), ("unanswerable", 0)):
    for line in open(DATA + name + ".jsonl"):
        row = json.loads(line)
        passage = row["passages"][0]
        keep = [s for s in passage["sentences"] if plain(s)]
        gold = [[int(s in output["selected_sentences"]) for s in keep] for output in row["output"]]
        cases.append(dict(question=row["input"], title=passage["title"], evidence=[plain(s) for s in keep],
                          gold=gold, answerable=answerable))
texts = sorted({text for case in cases for text in [case["question"], *case["evidence"]]})
at = {text: index for index, text in enumerate(texts)}
json.dump(texts, open(OUT + "texts.json", "w"))
json.dump(cases, open(OUT + "labels.json", "w"))
with open(OUT + "extract.jsonl", "w") as out:
    for case in cases:
        out.write(json.dumps(dict(claim=at[case["question"]], evidence=[at[e] for e in case["evidence"]])) + "\n")

OTHERS = 7
words = lambda text: set(re.findall(r"\w+", text.lower()))
pages = [words(" ".join(case["evidence"])) for case in cases]
known = collections.Counter(word for page in pages for word in page)
owners = []
os.makedirs(OUT + "others", exist_ok=True)
with open(OUT + "others/extract.jsonl", "w") as out:
    for number, case in enumerate(cases):
        asked = words(case["question"])
        score = lambda page: sum(math.log(len(cases) / known[word]) for word in asked & page)
        ranked = sorted(range(len(cases)), key=lambda other: (-score(pages[other]), other))
        ranked = [other for other in ranked if cases[other]["title"] != case["title"]]
        for other in ranked[:OTHERS]:
            owners.append([number, other])
            out.write(json.dumps(dict(claim=at[case["question"]], evidence=[at[e] for e in cases[other]["evidence"]])) + "\n")
json.dump(owners, open(OUT + "others/owners.json", "w"))
for name in ("texts.json", "vectors.f32"):
    if not os.path.lexists(OUT + "others/" + name):
        os.symlink("../" + name, OUT + "others/" + name)
