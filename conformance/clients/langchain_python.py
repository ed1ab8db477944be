"""LangChain's classes for OpenAI."""

import openai
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel
from suite import ASSAY, CITIES, case, left, model, raises


@tool
def weather(city: str) -> str:
    """What the weather is in a city."""
    return "warm"


class City(BaseModel):
    name: str
    people: int


def chat(script, **further):
    return ChatOpenAI(base_url=f"{ASSAY}/v1", api_key="unused", model=model(script),
                      max_retries=0, **further)


def stream(script, **further):
    """The sum of the chunks."""
    whole = None
    for part in chat(script, **further).stream("hi"):
        whole = part if whole is None else whole + part
    return whole


def says_hello(script):
    """Plain and streamed."""
    answer = chat(script).invoke("hi")
    assert answer.text == "hello" and answer.response_metadata["finish_reason"] == "stop", answer
    assert stream(script).text == "hello"


@case("plain")
def _():
    answer = chat("text").invoke("hi")
    assert answer.text == "hello" and answer.usage_metadata["total_tokens"] == 18


@case("stream")
def _():
    whole = stream("text")
    assert whole.text == "hello" and whole.response_metadata["finish_reason"] == "stop", whole


@case("usage-last")
def _():
    for script in ["text", "usage-odd"]:
        assert stream(script, stream_usage=True).usage_metadata["total_tokens"] == 18


for script in ["calls-bare", "calls-ids", "calls-objects", "claude-calls"]:
    expected = CITIES[:1] if script == "calls-objects" else CITIES

    @case(script)
    def _():
        bound = chat(script).bind_tools([weather])
        whole = None
        for part in bound.stream("hi"):
            whole = part if whole is None else whole + part
        for message in [bound.invoke("hi"), whole]:
            calls = message.tool_calls
            assert [call["args"] for call in calls] == expected, message
            assert len({call["id"] for call in calls}) == len(calls) and not (
                message.invalid_tool_calls)


for script in ["usage-odd", "filter-first", "finish", "finish-missing", "line-ends", "keep-alives",
               "no-done", "gzip"]:
    case(script)(lambda: says_hello(script))


@case("utf8")
def _():
    assert stream("utf8").text == "Grüße, 世界 👋"


@case("json")
def _():
    for method in ["json_schema", "json_mode"]:
        parsed = chat("json").with_structured_output(City, method=method).invoke("hi")
        assert parsed == City(name="Oslo", people=717710)


@case("params-new")
def _():
    assert chat("params-new", max_tokens=5).invoke("hi").text == "hello"


@case("leave")
def _():
    for _ in chat("endless").stream("hi"):
        break
    left("endless")


@case("busy-once")
def _():
    assert chat("busy-once").invoke("hi").text == "hello"


for script in ["cut", "ends-early", "stall", "error-mid", "claude-busy"]:
    case(script)(lambda: raises(openai.APIError, lambda: stream(script)))


@case("error-first")
def _():
    assert raises(openai.InternalServerError, lambda: stream("error-first")).status_code == 503


@case("limited")
def _():
    error = raises(openai.RateLimitError, lambda: chat("limited").invoke("hi"))
    assert error.code == "rate_limit_exceeded"


@case("wrong")
def _():
    error = raises(openai.BadRequestError, lambda: chat("wrong").invoke("hi"))
    assert error.code == "invalid_value"


@case("context")
def _():
    error = raises(openai.BadRequestError, lambda: chat("context").invoke("hi"))
    assert error.code == "context_length_exceeded"


@case("unknown-model")
def _():
    error = raises(openai.NotFoundError, lambda: chat("nothing").invoke("hi"))
    assert error.code == "model_not_found"


@case("two-turns")
def _():
    bound = chat("two-turns").bind_tools([weather])
    message = bound.invoke("hi")
    results = [ToolMessage(weather.invoke(call["args"]), tool_call_id=call["id"])
               for call in message.tool_calls]
    assert bound.invoke([HumanMessage("hi"), message, *results]).text == "It is warm"


@case("vectors")
def _():
    vectors = OpenAIEmbeddings(base_url=f"{ASSAY}/v1", api_key="unused", model=model("vectors"),
                               check_embedding_ctx_length=False)
    assert vectors.embed_documents(["a", "b"]) == [[0.5, -1.0, 2.0]] * 2


@case("responses")
def _():
    answer = chat("text", use_responses_api=True).invoke("hi")
    assert isinstance(answer, AIMessage) and answer.text == "hello", answer


@case("responses-stream")
def _():
    assert stream("text", use_responses_api=True).text == "hello"


case("claude")(lambda: says_hello("claude-text"))
