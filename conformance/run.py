"""Runs the official clients, unmodified, against a real Assay over a provider that misbehaves.

Usage: run.py ASSAY FOLDER [CLIENT...]   where FOLDER is what install.sh printed.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cases import CASES, PROVIDERS, TARGETS
from upstream import CASES as SCRIPTS

HERE = Path(__file__).parent
CLIENTS = ["openai-python", "openai-node", "anthropic-python", "anthropic-node",
           "langchain-python", "agents-python", "ai-sdk-node", "docs", "openapi-python"]
# Not a client: checks each answer against the public descriptions of the APIs.
SPECS = "openapi-python"
# Each route has names of its own there, so that the breakers of one are not those of another.
ROUTES = ["chat", "responses", "messages"]
# One client takes this many seconds at most.
LIMIT = 300


def main():
    assay, folder, *wanted = sys.argv[1:]
    folder = Path(folder)
    clients = [name for name in CLIENTS if not wanted or name in wanted]
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        shutil.copytree(HERE / "clients", work / "clients")
        (work / "node_modules").symlink_to(folder / "node_modules")
        with running([sys.executable, HERE / "upstream.py"]) as upstream:
            provider = f"http://127.0.0.1:{line(upstream).strip()}"
            (work / "assay.toml").write_text(configuration(provider, clients))
            with running([assay, "serve", "--port", "0", "--data-dir", work / "data",
                          "--config", work / "assay.toml"], work / "log") as server:
                words = line(server).split()
                url = next((word for word in words if word.startswith("http://")), None)
                if url is None:
                    sys.exit(f"Assay did not start:\n{(work / 'log').read_text()}")
                with ThreadPoolExecutor(3) as pool:
                    runs = {client: pool.submit(drive, client, url, provider, folder, work)
                            for client in clients}
                report({client: run.result() for client, run in runs.items()})


def configuration(provider, clients):
    """Assay over the provider, with a name for each script and client."""
    lines = ["[gateway.providers.up]", f'base_url = "{provider}/v1"', 'tier = "free"', 'models = ["*"]',
             "idle_seconds = 2", "",
             "[gateway.providers.anthropic]", 'kind = "anthropic"', 'api_key = "unused"',
             f'base_url = "{provider}/v1"', 'tier = "free"', ""]
    for kind in PROVIDERS.values():
        lines += [f"[gateway.providers.{kind}]", f'kind = "{kind}"', 'api_key = "unused"',
                  f'base_url = "{provider}/v1"', 'tier = "free"', ""]
    lines.append("[gateway.routes]")
    for script in SCRIPTS:
        usual = "anthropic" if script.startswith("claude") else "up"
        name = PROVIDERS.get(script, usual)
        further = f", {TARGETS[script]}" if script in TARGETS else ""
        for client in [*clients, *ROUTES]:
            model = f"{script}@{client}"
            target = f'provider = "{name}", model = "{model}"{further}'
            lines.append(f'"{model}" = {{ targets = [{{ {target} }}] }}')
    for name in ["writer", "vectors"]:
        lines.append(f'{name} = {{ targets = [{{ provider = "up", model = "{name}" }}] }}')
    return "\n".join(lines)


class running:
    """A process of ours, ended when the block is."""

    def __init__(self, command, log=None):
        self.command, self.log = command, log

    def __enter__(self):
        errors = open(self.log, "wb") if self.log else None
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=errors, text=True,
                                        start_new_session=True)
        return self.process

    def __exit__(self, *_):
        # The group: a wrapper that is ended alone leaves what it started behind.
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)


def line(process):
    return process.stdout.readline()


def drive(client, url, provider, folder, work):
    """What one client said of each case: name, and what was wrong or nothing."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(work), "ASSAY": url, "UPSTREAM": provider,
        "CLIENT": client, "SPECS": str(folder), "OPENAI_AGENTS_DISABLE_TRACING": "1",
        "LANGSMITH_TRACING": "false",
    }
    if client == "docs":
        return examples(url, folder, work, environment)
    node = client.endswith("-node")
    script = work / "clients" / (client.replace("-", "_") + (".mjs" if node else ".py"))
    program = folder / "python/bin" / ("node" if node else "python")
    try:
        done = subprocess.run([program, script], env=environment, cwd=work, capture_output=True,
                              text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return {"": f"took longer than {LIMIT} s"}
    lines = done.stdout.splitlines()
    found = dict(json.loads(text) for text in lines if text.startswith('["'))
    for text in lines:
        if not text.startswith('["'):
            print(f"{client}: {text}")
    unknown = [name for name in found if name not in CASES and client != SPECS]
    if unknown:
        found[""] = f"cases that cases.py does not know: {unknown}"
    if done.returncode or not found:
        found[""] = f"ended with {done.returncode}: {done.stderr[-2000:]}"
    return found


def examples(url, folder, work, environment):
    """Runs the pages about clients: the blocks of one language on one page are one program."""
    kinds = {"python": (".py", folder / "python/bin/python"),
             "js": (".mjs", folder / "python/bin/node"), "sh": (".sh", "sh")}
    found = {}
    for page in sorted((HERE.parent / "docs/clients").glob("*.md")):
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(), re.S | re.M)
        for kind in dict.fromkeys(kind for kind, _ in blocks):
            ending, program = kinds[kind]
            script = work / "clients" / f"page_{page.stem.replace('-', '_')}{ending}"
            text = "\n".join(code for language, code in blocks if language == kind)
            script.write_text(text.replace("http://127.0.0.1:8080", url))
            done = subprocess.run([program, *(["-e"] if kind == "sh" else []), script], cwd=work,
                                  env=environment, capture_output=True, text=True, timeout=LIMIT)
            found[f"{page.name} ({kind})"] = done.stderr[-2000:] if done.returncode else ""
    return found


def report(runs):
    """The table and what was wrong; ends the process with 1 when anything was."""
    specs = runs.pop(SPECS, None)
    pages = runs.pop("docs", {})
    print("".ljust(73), *runs)
    for name, meaning in CASES.items():
        marks = [mark(found.get(name, "absent")).center(len(client))
                 for client, found in runs.items()]
        if any(mark.strip() != "." for mark in marks):
            print(f"{name.ljust(17)}{meaning[:55].ljust(56)}", *marks)
    results = [(client, name, wrong) for client, found in runs.items()
               for name, wrong in found.items()]
    for name, wrong in pages.items():
        print(f"{mark(wrong).ljust(5)} docs/clients/{name}")
        results.append(("docs", name, wrong))
    if specs:
        print("\nAgainst the public descriptions of OpenAI and Anthropic:")
        for name, wrong in specs.items():
            print(f"  {mark(wrong).ljust(5)} {name}")
            results.append((SPECS, name, wrong))
    for client, name, wrong in results:
        if wrong:
            print(f"\nFAILED {client} {name}\n{wrong}")
    failed = sum(1 for *_, wrong in results if wrong)
    if specs:
        kept = sum(1 for wrong in specs.values() if not wrong)
        print(f"\n{kept} of {len(specs)} answers keep to the descriptions")
    print(f"\n{len(results) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def mark(wrong):
    return "." if wrong == "absent" else "FAIL" if wrong else "ok"


if __name__ == "__main__":
    main()
