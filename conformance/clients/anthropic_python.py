"""The official client of Anthropic for Python."""

import anthropic
from suite import ASSAY, CITIES, MESSAGES, SCHEMA, case, left, model, raises

client = anthropic.Anthropic(base_url=ASSAY, api_key="unused", max_retries=0)
TOOLS = [{"name": "weather", "input_schema": SCHEMA}]


def ask(script, messages=MESSAGES, **further):
    return client.messages.create(
        model=model(script), max_tokens=2000, messages=messages, **further)


def stream(script, **further):
    """The final message of a stream, and its text on the way."""
    with client.messages.stream(
            model=model(script), max_tokens=2000, messages=MESSAGES, **further) as events:
        text = "".join(events.text_stream)
        return events.get_final_message(), text


def says_hello(script):
    """Plain and streamed."""
    answer = ask(script)
    assert answer.content[0].text == "hello" and answer.stop_reason == "end_turn", answer
    message, text = stream(script)
    assert text == "hello" and message.content[0].text == "hello", message
    assert message.stop_reason == "end_turn", message


@case("models")
def _():
    # The page is ended by `limit`, which has to be more than there are.
    assert model("text") in [found.id for found in client.models.list(limit=1000)]


@case("plain")
def _():
    answer = ask("text")
    assert answer.content[0].text == "hello" and answer._request_id
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (11, 7)


@case("stream")
def _():
    message, text = stream("text")
    assert text == "hello" and message.usage.output_tokens == 7
    kinds = [event.type for event in ask("text", stream=True) if event.type != "ping"]
    assert kinds[0] == "message_start" and kinds[-2:] == ["message_delta", "message_stop"], kinds


def inputs(message):
    assert message.stop_reason == "tool_use", message
    calls = [block for block in message.content if block.type == "tool_use"]
    assert len({call.id for call in calls}) == len(calls)
    return [call.input for call in calls]


for script in ["calls-bare", "calls-ids", "calls-objects", "claude-calls"]:
    expected = CITIES[:1] if script == "calls-objects" else CITIES

    @case(script)
    def _():
        assert inputs(ask(script, tools=TOOLS)) == expected
        assert inputs(stream(script, tools=TOOLS)[0]) == expected


for script in ["usage-odd", "filter-first", "finish", "finish-missing", "line-ends", "keep-alives",
               "no-done", "gzip"]:
    case(script)(lambda: says_hello(script))


@case("error-text")
def _():
    assert "no such size" in raises(anthropic.BadRequestError, lambda: ask("error-text")).message


@case("error-page")
def _():
    error = raises(anthropic.InternalServerError, lambda: ask("error-page"))
    assert error.status_code == 502 and "<html" not in error.message


@case("error-200")
def _():
    error = raises(anthropic.InternalServerError, lambda: ask("error-200"))
    assert "in disguise" in error.message


@case("utf8")
def _():
    assert stream("utf8")[1] == "Grüße, 世界 👋"


@case("params-new")
def _():
    assert ask("params-new").content[0].text == "hello"


@case("params-old")
def _():
    answer = client.messages.with_raw_response.create(
        model=model("params-old"), max_tokens=9, messages=MESSAGES, system="be brief",
        extra_body={"top_k": 3})
    assert answer.parse().content[0].text == "hello"
    assert answer.headers["x-assay-dropped"] == "top_k", answer.headers


@case("model-name")
def _():
    assert ask("text").model == model("text") and stream("claude-text")[0].model == model(
        "claude-text")


@case("leave")
def _():
    with client.messages.stream(
            model=model("endless"), max_tokens=9, messages=MESSAGES) as events:
        next(events.text_stream)
    left("endless")


@case("limited")
def _():
    error = raises(anthropic.RateLimitError, lambda: ask("limited"))
    assert error.response.headers["retry-after"] == "17"
    assert error.body["error"]["type"] == "rate_limit_error", error.body


@case("busy-once")
def _():
    assert ask("busy-once").content[0].text == "hello"


def image(script, size):
    source = {"type": "base64", "media_type": "image/png", "data": "A" * size}
    return ask(script, [{"role": "user", "content": [{"type": "image", "source": source}]}])


@case("image")
def _():
    assert image("image", 8 << 20).content[0].text == "seen"


@case("image-large")
def _():
    error = raises(anthropic.APIStatusError, lambda: image("image", 25 << 20))
    assert error.status_code == 413, error
    assert error.body["error"]["type"] == "request_too_large", error.body


for script in ["cut", "ends-early", "stall", "error-mid", "claude-busy"]:
    case(script)(lambda: raises(anthropic.APIError, lambda: stream(script)))


@case("error-first")
def _():
    error = raises(anthropic.InternalServerError, lambda: ask("error-first", stream=True))
    assert error.status_code == 503, error


@case("wrong")
def _():
    error = raises(anthropic.BadRequestError, lambda: ask("wrong"))
    assert error.body["error"]["type"] == "invalid_request_error"


@case("context")
def _():
    assert "8192" in raises(anthropic.BadRequestError, lambda: ask("context", stream=True)).message


@case("key-refused")
def _():
    error = raises(anthropic.InternalServerError, lambda: ask("key-refused"))
    assert error.status_code == 502


@case("tool-schema")
def _():
    tools = [{"name": "f", "input_schema": {"type": "banana"}}]
    error = raises(anthropic.BadRequestError, lambda: ask("tool-schema", tools=tools))
    assert "type must be object" in error.message


@case("unknown-model")
def _():
    error = raises(anthropic.NotFoundError, lambda: ask("nothing"))
    assert error.body["error"]["type"] == "not_found_error"


@case("two-turns")
def _():
    message = ask("two-turns", tools=TOOLS)
    results = [{"type": "tool_result", "tool_use_id": block.id, "content": "warm"}
               for block in message.content if block.type == "tool_use"]
    answer = ask("two-turns", [*MESSAGES, {"role": "assistant", "content": message.content},
                               {"role": "user", "content": results}], tools=TOOLS)
    assert answer.content[0].text == "It is warm", answer


@case("thinking")
def _():
    thinking = {"type": "enabled", "budget_tokens": 1024}
    for message in [ask("claude-thinking", thinking=thinking),
                    stream("claude-thinking", thinking=thinking)[0]]:
        assert message.content[0].signature == "EqQBCkYIBxgCKkDx+/==", message
        again = ask("claude-thinking",
                    [*MESSAGES, {"role": "assistant", "content": message.content}, *MESSAGES],
                    thinking=thinking)
        assert again.content[1].text == "hello"


@case("count-tokens")
def _():
    for script in ["text", "claude-text"]:
        count = client.messages.count_tokens(model=model(script), messages=MESSAGES)
        assert count.input_tokens > 0


case("claude")(lambda: says_hello("claude-text"))


@case("claude-wrong")
def _():
    assert "too large" in raises(anthropic.BadRequestError, lambda: ask("claude-wrong")).message
