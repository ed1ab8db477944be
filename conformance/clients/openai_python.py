"""The official client of OpenAI for Python."""

import base64
import json
import struct
from typing import Annotated

import openai
from pydantic import BaseModel, Field
from suite import ASSAY, CITIES, MESSAGES, SCHEMA, case, left, model, raises

client = openai.OpenAI(base_url=f"{ASSAY}/v1", api_key="unused", max_retries=0)
create = client.chat.completions.create
TOOLS = [{"type": "function",
          "function": {"name": "weather", "parameters": SCHEMA, "strict": True}}]


class City(BaseModel):
    name: Annotated[str, Field(min_length=2)]
    people: int


def ask(script, **further):
    return create(model=model(script), messages=MESSAGES, **further)


def stream(script, **further):
    return list(ask(script, stream=True, **further))


def words(chunks):
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def inputs(calls):
    assert all(call.id and call.type == "function" for call in calls), calls
    assert len({call.id for call in calls}) == len(calls), "identifiers are not unique"
    return [json.loads(call.function.arguments) for call in calls]


def says_hello(script):
    """Plain and streamed."""
    answer = ask(script).choices[0]
    assert (answer.message.content, answer.finish_reason) == ("hello", "stop"), answer
    chunks = stream(script)
    assert words(chunks) == "hello" and chunks[-1].choices[0].finish_reason == "stop", chunks
    with client.chat.completions.stream(model=model(script), messages=MESSAGES) as events:
        for _ in events:
            pass
        assert events.get_final_completion().choices[0].message.content == "hello"


@case("models")
def _():
    assert model("text") in [found.id for found in client.models.list()]


@case("plain")
def _():
    raw = client.chat.completions.with_raw_response.create(model=model("text"), messages=MESSAGES)
    answer = raw.parse()
    assert answer.choices[0].message.content == "hello" and answer.usage.total_tokens == 18
    assert answer.model_extra["x_new"] == {"a": 1}
    assert raw.headers["x-request-id"] and raw.headers["x-ratelimit-remaining-requests"] == "9"


@case("stream")
def _():
    chunks = stream("text")
    assert words(chunks) == "hello" and len({chunk.id for chunk in chunks}) == 1
    assert [chunk.choices[0].delta.role for chunk in chunks].count("assistant") == 1


for script in ["calls-bare", "calls-ids", "calls-objects"]:
    expected = CITIES[:1] if script == "calls-objects" else CITIES

    @case(script)
    def _():
        choice = ask(script, tools=TOOLS).choices[0]
        assert choice.finish_reason == "tool_calls" and choice.message.content is None, choice
        assert inputs(choice.message.tool_calls) == expected
        with client.chat.completions.stream(
                model=model(script), messages=MESSAGES, tools=TOOLS) as events:
            for _ in events:
                pass
            choice = events.get_final_completion().choices[0]
        assert inputs(choice.message.tool_calls) == expected, choice
        assert choice.finish_reason == "tool_calls", choice


@case("usage-odd")
def _():
    chunks = stream("usage-odd")
    assert all(chunk.usage is None and chunk.choices for chunk in chunks), chunks


@case("usage-last")
def _():
    for script in ["text", "usage-odd"]:
        chunks = stream(script, stream_options={"include_usage": True})
        assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == 18, chunks
        assert all(chunk.usage is None for chunk in chunks[:-1]), chunks


for script in ["filter-first", "finish", "finish-missing", "line-ends", "keep-alives", "no-done",
               "gzip"]:
    case(script)(lambda: says_hello(script))


@case("error-text")
def _():
    error = raises(openai.BadRequestError, lambda: ask("error-text"))
    assert "no such size" in error.message


@case("error-page")
def _():
    error = raises(openai.InternalServerError, lambda: ask("error-page"))
    assert error.status_code == 502 and "<html" not in error.message, error


@case("error-200")
def _():
    error = raises(openai.InternalServerError, lambda: ask("error-200"))
    assert "in disguise" in error.message


@case("utf8")
def _():
    assert words(stream("utf8")) == "Grüße, 世界 👋"


@case("json")
def _():
    answer = client.chat.completions.parse(
        model=model("json"), messages=MESSAGES, response_format=City)
    assert answer.choices[0].message.parsed == City(name="Oslo", people=717710)
    with client.chat.completions.stream(
            model=model("json"), messages=MESSAGES, response_format=City) as events:
        parsed = events.get_final_completion().choices[0].message.parsed
    assert parsed == City(name="Oslo", people=717710)


@case("json-tools")
def _():
    answer = client.chat.completions.with_raw_response.parse(
        model=model("json-tools"), messages=MESSAGES, tools=TOOLS, response_format=City)
    assert inputs(answer.parse().choices[0].message.tool_calls) == CITIES
    assert answer.headers["x-assay-dropped"] == "response_format"


@case("json-keywords")
def _():
    answer = client.chat.completions.with_raw_response.parse(
        model=model("json-keywords"), messages=MESSAGES, response_format=City)
    assert answer.parse().choices[0].message.parsed.people == 717710
    assert "minLength" in answer.headers["x-assay-dropped"]


@case("params-new")
def _():
    assert ask("params-new", max_tokens=5).choices[0].message.content == "hello"


@case("params-old")
def _():
    answer = client.chat.completions.with_raw_response.create(
        model=model("params-old"), max_completion_tokens=5, seed=7, logit_bias={}, user="me",
        messages=[{"role": "developer", "content": "be brief"}, *MESSAGES])
    assert answer.headers["x-assay-dropped"] == "logit_bias,user", answer.headers


@case("model-name")
def _():
    raw = client.chat.completions.with_raw_response.create(model=model("text"), messages=MESSAGES)
    assert raw.parse().model == model("text") and raw.headers["x-assay-model"]
    assert {chunk.model for chunk in stream("text")} == {model("text")}


@case("hidden")
def _():
    chunks = stream("text")
    assert all(chunk.usage is None and chunk.choices for chunk in chunks), chunks


@case("leave")
def _():
    with ask("endless", stream=True) as chunks:
        next(chunks), next(chunks)
    left("endless")


@case("limited")
def _():
    error = raises(openai.RateLimitError, lambda: ask("limited"))
    assert error.code == "rate_limit_exceeded" and error.response.headers["retry-after"] == "17"


@case("busy-once")
def _():
    raw = client.chat.completions.with_raw_response.create(
        model=model("busy-once"), messages=MESSAGES)
    assert raw.parse().choices[0].message.content == "hello"


@case("choices")
def _():
    assert [choice.message.content for choice in ask("choices", n=2).choices] == ["ac", "b"]
    with client.chat.completions.stream(
            model=model("choices"), messages=MESSAGES, n=2) as events:
        choices = events.get_final_completion().choices
    assert [choice.message.content for choice in choices] == ["ac", "b"]


@case("logprobs")
def _():
    tokens = ask("logprobs", logprobs=True, top_logprobs=1).choices[0].logprobs.content
    assert tokens[0].top_logprobs[0].logprob == -0.5
    first = stream("logprobs", logprobs=True)[0].choices[0].logprobs.content
    assert first[0].token == "hello"


@case("digits")
def _():
    raw = client.chat.completions.with_raw_response.create(
        model=model("digits"), messages=MESSAGES)
    assert "12345678901234567890.10" in str(raw.text() if callable(raw.text) else raw.text)


def image(script, size):
    url = "data:image/png;base64," + "A" * size
    parts = [{"type": "image_url", "image_url": {"url": url}}]
    return create(model=model(script), messages=[{"role": "user", "content": parts}])


@case("image")
def _():
    assert image("image", 8 << 20).choices[0].message.content == "seen"


@case("image-large")
def _():
    error = raises(openai.APIStatusError, lambda: image("image", 25 << 20))
    assert (error.status_code, error.code) == (413, "too_large"), error


for script in ["cut", "ends-early", "stall", "error-mid"]:
    @case(script)
    def _():
        seen = []

        def read():
            for chunk in ask(script, stream=True):
                seen.append(chunk)

        raises(openai.APIError, read)
        assert words(seen) == "half", seen


@case("error-first")
def _():
    error = raises(openai.InternalServerError, lambda: ask("error-first", stream=True))
    assert error.status_code == 503 and "no room" in error.message, error


@case("wrong")
def _():
    error = raises(openai.BadRequestError, lambda: ask("wrong"))
    assert (error.code, error.param, error.type) == (
        "invalid_value", "n", "invalid_request_error")


@case("context")
def _():
    error = raises(openai.BadRequestError, lambda: ask("context", stream=True))
    assert error.code == "context_length_exceeded" and "8192" in error.message


@case("key-refused")
def _():
    error = raises(openai.InternalServerError, lambda: ask("key-refused"))
    assert error.status_code == 502, error


@case("tool-schema")
def _():
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "banana"}}}]
    error = raises(openai.BadRequestError, lambda: ask("tool-schema", tools=tools))
    assert error.code == "invalid_function_parameters" and error.param, error


@case("unknown-model")
def _():
    error = raises(openai.NotFoundError, lambda: ask("nothing"))
    assert error.code == "model_not_found"


@case("two-turns")
def _():
    message = ask("two-turns", tools=TOOLS).choices[0].message
    results = [{"role": "tool", "tool_call_id": call.id, "content": "warm"}
               for call in message.tool_calls]
    answer = create(model=model("two-turns"), messages=[*MESSAGES, message, *results], tools=TOOLS)
    assert answer.choices[0].message.content == "It is warm"


FLOATS = [0.5, -1.0, 2.0]

for script in ["vectors", "vectors-floats"]:
    @case(script)
    def _():
        raw = client.embeddings.with_raw_response.create(model=model(script), input=["a", "b"])
        first = json.loads(raw.text() if callable(raw.text) else raw.text)["data"][0]
        assert struct.unpack("<3f", base64.b64decode(first["embedding"])) == tuple(FLOATS)
        assert [item.embedding for item in raw.parse().data] == [FLOATS, FLOATS]


@case("token-arrays")
def _():
    answer = client.embeddings.create(
        model=model("vectors"), input=[[1, 2]], encoding_format="float")
    assert answer.data[0].embedding == FLOATS


@case("responses")
def _():
    answer = client.responses.create(model=model("text"), input="hi", instructions="be brief")
    assert answer.output_text == "hello" and answer.status == "completed"
    assert answer.usage.total_tokens == 18
    parsed = client.responses.parse(model=model("json"), input="hi", text_format=City)
    assert parsed.output_parsed == City(name="Oslo", people=717710)


@case("responses-stream")
def _():
    with client.responses.stream(model=model("text"), input="hi") as events:
        seen = list(events)
        assert events.get_final_response().output_text == "hello"
    assert (seen[0].type, seen[-1].type) == ("response.created", "response.completed"), seen
    numbers = [event.sequence_number for event in seen]
    assert numbers == sorted(set(numbers)), numbers


@case("responses-calls")
def _():
    tool = {"type": "function", **TOOLS[0]["function"]}
    with client.responses.stream(
            model=model("calls-bare"), input="hi", tools=[tool]) as events:
        output = events.get_final_response().output
    assert [json.loads(item.arguments) for item in output] == CITIES
    results = [{"type": "function_call_output", "call_id": item.call_id, "output": "warm"}
               for item in output]
    answer = client.responses.create(
        model=model("two-turns"), tools=[tool],
        input=[{"role": "user", "content": "hi"}, *output, *results])
    assert answer.output_text == "It is warm"


@case("responses-cut")
def _():
    raises(openai.APIError, lambda: list(
        client.responses.create(model=model("cut"), input="hi", stream=True)))


@case("claude")
def _():
    assert ask("claude-text").choices[0].message.content == "hello"
    assert words(stream("claude-text")) == "hello"


@case("claude-calls")
def _():
    with client.chat.completions.stream(
            model=model("claude-calls"), messages=MESSAGES, tools=TOOLS) as events:
        choice = events.get_final_completion().choices[0]
    assert inputs(choice.message.tool_calls) == CITIES and choice.finish_reason == "tool_calls"


@case("claude-busy")
def _():
    raises(openai.APIError, lambda: stream("claude-busy"))


@case("claude-wrong")
def _():
    error = raises(openai.BadRequestError, lambda: ask("claude-wrong"))
    assert "max_tokens: too large" in error.message
