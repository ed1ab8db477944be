"""The agents of OpenAI (openai-agents), over chat completions and over responses."""

import openai
from agents import (Agent, ModelSettings, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner,
                    function_tool)
from pydantic import BaseModel
from suite import ASSAY, case, model

client = openai.AsyncOpenAI(base_url=f"{ASSAY}/v1", api_key="unused", max_retries=0)
KINDS = {"": OpenAIChatCompletionsModel, "responses-": OpenAIResponsesModel}


class City(BaseModel):
    name: str
    people: int


@function_tool
def weather(city: str) -> str:
    """What the weather is in a city."""
    return "warm"


def agent(script, kind=OpenAIChatCompletionsModel, **further):
    return Agent(name="a", model=kind(model=model(script), openai_client=client), **further)


async def streamed(script, **further):
    run = Runner.run_streamed(agent(script, **further), "hi")
    async for _ in run.stream_events():
        pass
    return run.final_output


async def raises(kind, work):
    try:
        found = await work
    except kind as error:
        return error
    raise AssertionError(f"no {kind} but {found!r}")


@case("plain")
async def _():
    run = await Runner.run(agent("text"), "hi")
    assert run.final_output == "hello" and run.raw_responses[0].usage.total_tokens == 18


@case("stream")
async def _():
    assert await streamed("text") == "hello"


for script in ["filter-first", "finish", "finish-missing", "line-ends", "keep-alives", "no-done",
               "gzip", "usage-odd"]:
    @case(script)
    async def _():
        assert (await Runner.run(agent(script), "hi")).final_output == "hello"
        assert await streamed(script) == "hello"


@case("utf8")
async def _():
    assert await streamed("utf8") == "Grüße, 世界 👋"


@case("usage-last")
async def _():
    run = Runner.run_streamed(
        agent("text", model_settings=ModelSettings(include_usage=True)), "hi")
    async for _ in run.stream_events():
        pass
    assert run.raw_responses[0].usage.total_tokens == 18


@case("json")
async def _():
    expected = City(name="Oslo", people=717710)
    for kind in KINDS.values():
        run = await Runner.run(agent("json", kind, output_type=City), "hi")
        assert run.final_output == expected
    assert await streamed("json", output_type=City) == expected


@case("params-new")
async def _():
    run = await Runner.run(
        agent("params-new", model_settings=ModelSettings(max_tokens=5)), "hi")
    assert run.final_output == "hello"


for name, kind in KINDS.items():
    @case(f"{name}calls" if name else "two-turns")
    async def _():
        run = await Runner.run(agent("two-turns", kind, tools=[weather]), "hi")
        assert run.final_output == "It is warm" and len(run.raw_responses) == 2
        assert await streamed("two-turns", kind=kind, tools=[weather]) == "It is warm"


for script in ["cut", "ends-early", "stall", "error-mid", "claude-busy"]:
    @case(script)
    async def _():
        await raises(openai.APIError, streamed(script))


@case("error-first")
async def _():
    error = await raises(openai.InternalServerError, streamed("error-first"))
    assert error.status_code == 503


@case("limited")
async def _():
    error = await raises(openai.RateLimitError, Runner.run(agent("limited"), "hi"))
    assert error.code == "rate_limit_exceeded"


@case("wrong")
async def _():
    error = await raises(openai.BadRequestError, Runner.run(agent("wrong"), "hi"))
    assert error.code == "invalid_value"


@case("unknown-model")
async def _():
    error = await raises(openai.NotFoundError, Runner.run(agent("nothing"), "hi"))
    assert error.code == "model_not_found"


@case("responses")
async def _():
    run = await Runner.run(agent("text", OpenAIResponsesModel), "hi")
    assert run.final_output == "hello"


@case("responses-stream")
async def _():
    assert await streamed("text", kind=OpenAIResponsesModel) == "hello"


@case("responses-cut")
async def _():
    await raises(openai.APIError, streamed("cut", kind=OpenAIResponsesModel))


@case("claude")
async def _():
    assert (await Runner.run(agent("claude-text"), "hi")).final_output == "hello"
    assert await streamed("claude-text") == "hello"
