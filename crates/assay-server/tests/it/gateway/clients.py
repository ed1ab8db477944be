"""The official clients of OpenAI and Anthropic, unmodified, against Assay."""

import base64
import json
import struct
import sys

import anthropic
import openai
from pydantic import BaseModel

BASE = sys.argv[1]
passed = []


def check(name):
    def run(function):
        function()
        passed.append(name)

    return run


client = openai.OpenAI(base_url=f"{BASE}/v1", api_key="unused", max_retries=0)
MESSAGES = [{"role": "user", "content": "hi"}]
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}},
    "required": ["city"], "additionalProperties": False}, "strict": True}}]


class City(BaseModel):
    name: str
    people: int


@check("models are listed")
def _():
    assert "text" in [model.id for model in client.models.list()]


@check("a plain answer, its usage and the fields that nobody knows")
def _():
    raw = client.chat.completions.with_raw_response.create(model="text", messages=MESSAGES)
    answer = raw.parse()
    assert answer.choices[0].message.content == "hello"
    assert answer.usage.total_tokens == 18 and answer.model == "text"
    assert answer.model_extra["x_new"] == {"a": 1}
    assert raw.headers["x-request-id"] and raw.headers["x-ratelimit-remaining-requests"] == "9"


@check("a stream without usage")
def _():
    chunks = list(client.chat.completions.create(model="text", messages=MESSAGES, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "hello"
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.usage is None for chunk in chunks)
    assert [chunk.choices[0].delta.role for chunk in chunks].count("assistant") == 1


@check("a stream with usage, which comes last and alone")
def _():
    chunks = list(client.chat.completions.create(
        model="text", messages=MESSAGES, stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == 18


@check("the stream helper collects parallel calls whose fragments lack an index")
def _():
    with client.chat.completions.stream(model="calls", messages=MESSAGES, tools=TOOLS) as stream:
        for _event in stream:
            pass
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert [call.function.arguments for call in calls] == ['{"city":"Oslo"}', '{"city":"Rome"}']
    assert all(call.id for call in calls)


@check("parallel calls, plain")
def _():
    answer = client.chat.completions.create(model="calls", messages=MESSAGES, tools=TOOLS)
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls" and choice.message.content is None
    assert [call.function.name for call in choice.message.tool_calls] == ["weather", "weather"]


@check("an answer by a schema is parsed")
def _():
    answer = client.chat.completions.parse(
        model="json", messages=MESSAGES, response_format=City)
    assert answer.choices[0].message.parsed == City(name="Oslo", people=717710)


@check("an error as the first frame has a status")
def _():
    try:
        client.chat.completions.create(model="refused", messages=MESSAGES, stream=True)
    except openai.APIStatusError as error:
        assert error.status_code == 503, error
    else:
        raise AssertionError("no error")


@check("a stream that is cut raises")
def _():
    try:
        list(client.chat.completions.create(model="cut", messages=MESSAGES, stream=True))
    except openai.APIError:
        pass
    else:
        raise AssertionError("half an answer was taken for a whole one")


@check("an error of the provider keeps its class, code and parameter")
def _():
    try:
        client.chat.completions.create(model="wrong", messages=MESSAGES)
    except openai.BadRequestError as error:
        assert (error.code, error.param) == ("invalid_value", "n"), error
    else:
        raise AssertionError("no error")


@check("too many calls keep code and Retry-After")
def _():
    try:
        client.chat.completions.create(model="limited", messages=MESSAGES)
    except openai.RateLimitError as error:
        assert error.code == "rate_limit_exceeded"
        assert error.response.headers["retry-after"] == "17"
    else:
        raise AssertionError("no error")


@check("an unknown model is not found")
def _():
    try:
        client.chat.completions.create(model="nothing", messages=MESSAGES)
    except openai.NotFoundError as error:
        assert error.code == "model_not_found"
    else:
        raise AssertionError("no error")


@check("vectors in base64, which the client asks for by itself")
def _():
    raw = client.embeddings.with_raw_response.create(model="vectors", input=["a"])
    text = json.loads(raw.text() if callable(raw.text) else raw.text)["data"][0]["embedding"]
    assert struct.unpack("<3f", base64.b64decode(text)) == (0.5, -1.0, 2.0)
    assert raw.parse().data[0].embedding == [0.5, -1.0, 2.0]


@check("vectors of tokens, as numbers")
def _():
    answer = client.embeddings.create(model="vectors", input=[[1, 2]], encoding_format="float")
    assert answer.data[0].embedding == [0.5, -1.0, 2.0]


@check("a response")
def _():
    answer = client.responses.create(model="text", input="hi", instructions="be brief")
    assert answer.output_text == "hello" and answer.status == "completed"
    assert answer.usage.total_tokens == 18


@check("a response as a stream, by the helper that insists on its events")
def _():
    with client.responses.stream(model="text", input="hi") as stream:
        kinds = [event.type for event in stream]
        assert stream.get_final_response().output_text == "hello"
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed", kinds


@check("a response with calls")
def _():
    tool = {"type": "function", **TOOLS[0]["function"]}
    with client.responses.stream(model="calls", input="hi", tools=[tool]) as stream:
        for _event in stream:
            pass
        output = stream.get_final_response().output
    assert [item.arguments for item in output] == ['{"city":"Oslo"}', '{"city":"Rome"}']


@check("a response that is cut raises")
def _():
    try:
        list(client.responses.create(model="cut", input="hi", stream=True))
    except openai.APIError:
        pass
    else:
        raise AssertionError("half an answer was taken for a whole one")


claude = anthropic.Anthropic(base_url=BASE, api_key="unused", max_retries=0)


@check("a message")
def _():
    answer = claude.messages.create(model="text", max_tokens=9, messages=MESSAGES)
    assert answer.content[0].text == "hello" and answer.stop_reason == "end_turn"
    assert answer.usage.output_tokens == 7 and answer._request_id


@check("a message as a stream")
def _():
    with claude.messages.stream(model="text", max_tokens=9, messages=MESSAGES) as stream:
        assert "".join(stream.text_stream) == "hello"
        assert stream.get_final_message().usage.output_tokens == 7


@check("a message with calls as a stream")
def _():
    tool = {"name": "weather", "input_schema": TOOLS[0]["function"]["parameters"]}
    with claude.messages.stream(
        model="calls", max_tokens=9, messages=MESSAGES, tools=[tool]
    ) as stream:
        message = stream.get_final_message()
    assert [block.input for block in message.content] == [{"city": "Oslo"}, {"city": "Rome"}]
    assert message.stop_reason == "tool_use"


@check("a message that is cut raises")
def _():
    try:
        with claude.messages.stream(model="cut", max_tokens=9, messages=MESSAGES) as stream:
            stream.until_done()
    except anthropic.APIError:
        pass
    else:
        raise AssertionError("half an answer was taken for a whole one")


@check("tokens are counted")
def _():
    assert claude.messages.count_tokens(model="text", messages=MESSAGES).input_tokens > 0


@check("an unknown model is not found, in Anthropic's shape")
def _():
    try:
        claude.messages.create(model="nothing", max_tokens=9, messages=MESSAGES)
    except anthropic.NotFoundError as error:
        assert error.body["error"]["type"] == "not_found_error"
    else:
        raise AssertionError("no error")


print(f"openai {openai.__version__}, anthropic {anthropic.__version__}: {len(passed)} checks")
