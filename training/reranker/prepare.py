"""Writes the corpora as files to take in, and the queries with what people judged relevant.

Usage: prepare.py DATA OUT

OUT/scifact/*.html, OUT/wiki/*.html: documents. OUT/<corpus>.queries.jsonl, one line each: `set`,
`id`, `query`, and `relevant`: file name -> sentences that decide (an empty list: the whole file).
"""
import html, json, os, re, sys

data, out = sys.argv[1:3]
lines = lambda path: [json.loads(line) for line in open(f"{data}/{path}")]


def write(corpus, name, title, body):
    os.makedirs(f"{out}/{corpus}", exist_ok=True)
    head = f'<!doctype html><html><head><meta charset="utf-8"><title>{html.escape(title)}</title></head><body>'
    with open(f"{out}/{corpus}/{name}.html", "w") as file:
        file.write(f"{head}<h1>{html.escape(title)}</h1>{body}</body></html>")


def paragraph(text):
    return f"<p>{html.escape(text)}</p>"


def queries(corpus, rows):
    with open(f"{out}/{corpus}.queries.jsonl", "w") as file:
        for kind, name, query, relevant in rows:
            file.write(json.dumps({"set": kind, "id": str(name), "query": query, "relevant": relevant}) + "\n")


def page(sentences):
    """A cited web page: its title and its body, headings where the crawl marks them."""
    title, body, run = "", [], []
    for sentence in sentences + ["# "]:
        meta = re.match(r"\(meta data\) TITLE: (.*)", sentence)
        if meta:
            title = title or meta[1]
        elif sentence.startswith("#"):
            if run:
                body.append(paragraph(" ".join(run)))
            body.append(f"<h2>{html.escape(sentence.lstrip('# '))}</h2>" if sentence.strip("# ") else "")
            run = []
        else:
            run.append(sentence)
    return title or "page", "".join(body)


# SciFact: claims and abstracts. A claim's abstract is relevant as a whole.
for line in lines("scifact/corpus.jsonl"):
    write("scifact", line["_id"], line["title"], paragraph(line["text"]))
judged = {}
for row in open(f"{data}/scifact/qrels.train.tsv").read().splitlines()[1:]:
    query, document, grade = row.split("\t")
    if float(grade) > 0:
        judged.setdefault(query, {})[f"{document}.html"] = []
queries("scifact", [("scifact", q["_id"], q["text"], judged[q["_id"]]) for q in lines("scifact/queries.train.jsonl") if q["_id"] in judged])

# CLAPnq and WiCE share a corpus: passages of Wikipedia among pages that Wikipedia cites.
rows = []
for kind in ("answerable", "unanswerable"):
    for line in lines(f"clapnq/{kind}.jsonl"):
        name = f"{kind}-{line['id']}"
        write("wiki", name, line["passages"][0]["title"], paragraph(line["passages"][0]["text"]))
        if kind == "answerable":
            rows.append(("clapnq", line["id"], line["input"], {f"{name}.html": []}))
for number, line in enumerate(lines("wice/claims.jsonl")):
    title, body = page(line["evidence"])
    write("wiki", f"wice-{number}", title, body)
    if line["label"] != "not_supported":
        deciding = sorted({at for group in line["supporting_sentences"] for at in group})
        sentences = [line["evidence"][at] for at in deciding]
        rows.append(("wice", number, line["claim"], {f"wice-{number}.html": sentences}))
queries("wiki", rows)
