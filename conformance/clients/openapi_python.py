"""Checks answers and each event of streams against the public descriptions of OpenAI and Anthropic."""

import json
import os
import urllib.error
import urllib.request
from pathlib import Path

import jsonschema_rs
from suite import ASSAY, MESSAGES, SCHEMA, model

SPECS = {name: json.loads((Path(os.environ["SPECS"]) / f"{name}.json").read_text())
         for name in ["openai", "anthropic"]}
validators = {}
TOOL = {"name": "weather", "parameters": SCHEMA}
FORMAT = {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}

PLAIN = ["text", "calls-bare", "calls-ids", "calls-objects", "finish", "finish-missing", "choices",
         "logprobs", "digits", "json", "filter-first", "usage-odd", "keep-alives", "line-ends",
         "utf8", "gzip", "claude-text", "claude-calls", "claude-thinking"]
ERRORS = ["wrong", "limited", "error-text", "error-page", "error-200", "error-first", "context",
          "key-refused", "tool-schema", "nothing", "claude-wrong"]
BROKEN = ["cut", "ends-early", "error-mid", "claude-busy"]


def validator(spec, name):
    """What checks against a schema of a description."""
    if (spec, name) not in validators:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema",
                  "$ref": f"#/components/schemas/{name}", "components": SPECS[spec]["components"]}
        validators[spec, name] = jsonschema_rs.validator_for(schema)
    return validators[spec, name]


def check(spec, name, body):
    """What is wrong with a body; nothing when it keeps to the schema."""
    problems = list(validator(spec, name).iter_errors(body))
    return "\n".join(f"{name}: {problem.message[:300]} at {problem.instance_path}\n"
                     f"  in {json.dumps(body)[:500]}" for problem in problems[:3])


def named(spec, path, kind):
    """The schema that a description gives for a path and a type of content."""
    answer = SPECS[spec]["paths"][path]["post"]["responses"]["200"]
    return answer["content"][kind]["schema"]["$ref"].rsplit("/", 1)[1]


def send(path, body, base=ASSAY):
    data = json.dumps(body).encode() if body else None
    headers = {"content-type": "application/json", "anthropic-version": "2023-06-01"}
    request = urllib.request.Request(base + path, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def frames(text):
    """The data of each event, which has to be one line each. Blocks of comments are no events."""
    for event in text.removesuffix("\n\n").split("\n\n"):
        lines = [line for line in event.split("\n") if not line.startswith(":")]
        if not lines:
            continue
        fields = dict(line.split(": ", 1) for line in lines)
        yield fields["data"] if fields["data"] == "[DONE]" else json.loads(fields["data"])


# A route: the path here and in the description, and the body of a request.
ROUTES = {
    "chat": ("openai", "/v1/chat/completions", "/chat/completions", lambda script: {
        "messages": MESSAGES, "n": 2 if script == "choices" else 1,
        "tools": [{"type": "function", "function": TOOL}],
        **({"response_format": FORMAT} if script == "json" else {})}),
    "responses": ("openai", "/v1/responses", "/responses", lambda _script: {
        "input": "hi", "tools": [{"type": "function", **TOOL}]}),
    "messages": ("anthropic", "/v1/messages", "/v1/messages", lambda _script: {
        "messages": MESSAGES, "max_tokens": 2000,
        "tools": [{"name": "weather", "input_schema": SCHEMA}]}),
}


def plain(route, body):
    spec, path, described, _ = ROUTES[route]
    status, text = send(path, body)
    if status != 200:
        return f"{status}: {text[:500]}"
    return check(spec, named(spec, described, "application/json"), json.loads(text))


def stream(route, body, broken=False):
    spec, path, described, _ = ROUTES[route]
    _, text = send(path, {**body, "stream": True})
    # The description leaves pings out of the events of a stream.
    seen = [event for event in frames(text) if event != {"type": "ping"}]
    name = named(spec, described, "text/event-stream") if spec == "openai" else "MessageStreamEvent"
    if broken and route != "responses":
        # That the last event is an error is not in the description, its shape is.
        return check(spec, "ErrorResponse", seen[-1]) or events(spec, name, seen[:-1])
    if route == "chat" and seen.pop() != "[DONE]":
        return "no [DONE]"
    return events(spec, name, seen)


def events(spec, name, seen):
    return next(filter(None, (check(spec, name, event) for event in seen)), "")


def refused(route, script, body):
    spec, path, _, _ = ROUTES[route]
    status, text = send(path, {**body, "stream": script == "error-first"})
    if status < 400:
        return f"{status}: {text[:500]}"
    return check(spec, "ErrorResponse", json.loads(text))


def vectors(script):
    body = {"model": model(script), "input": ["a", "b"]}
    return check("openai", "CreateEmbeddingResponse", json.loads(send("/v1/embeddings", body)[1]))


def counted(script):
    body = {"model": model(script), "messages": MESSAGES}
    text = send("/v1/messages/count_tokens", body)[1]
    return check("anthropic", "CountMessageTokensResponse", json.loads(text))


def say(name, find):
    try:
        wrong = find()
    except Exception as error:
        wrong = repr(error)
    print(json.dumps([name, wrong]), flush=True)


say("models", lambda: check("openai", "ListModelsResponse", json.loads(send("/v1/models", None)[1])))
say("embeddings", lambda: vectors("vectors-floats"))
for script in ["text", "claude-text"]:
    say(f"count_tokens {script}", lambda: counted(script))
for route, (_, _, _, make) in ROUTES.items():
    for script in PLAIN:
        if script == "choices" and route != "chat":
            continue
        body = {"model": f"{script}@{route}", **make(script)}
        say(f"{route} {script}", lambda: plain(route, body))
        say(f"{route} {script}, streamed", lambda: stream(route, body))
    for script in BROKEN:
        body = {"model": f"{script}@{route}", **make(script)}
        say(f"{route} {script}, streamed", lambda: stream(route, body, broken=True))
    for script in ERRORS:
        body = {"model": f"{script}@{route}", **make(script)}
        if script == "tool-schema":
            broken = json.loads(json.dumps(body["tools"]).replace('"object"', '"banana"'))
            body["tools"] = broken
        say(f"{route} {script}", lambda: refused(route, script, body))


def raw(script, streamed):
    """Whether what the provider sends by itself keeps to the description."""
    body = {"model": script, "stream": streamed, **ROUTES["chat"][3](script)}
    try:
        _, text = send("/v1/chat/completions", body, os.environ["UPSTREAM"])
        if not streamed:
            return not check("openai", "CreateChatCompletionResponse", json.loads(text))
        name = "CreateChatCompletionStreamResponse"
        return not events("openai", name, [part for part in frames(text) if part != "[DONE]"])
    except Exception:
        return False


ours = [(script, streamed) for script in PLAIN if not script.startswith("claude")
        for streamed in (False, True)]
kept = sum(raw(script, streamed) for script, streamed in ours)
print(f"{kept} of {len(ours)} answers of the provider kept to the description by themselves")
