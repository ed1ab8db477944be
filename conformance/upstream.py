"""A provider that does what providers do wrong: the name of the model says which.

`GET /left` tells how many callers left each model in the middle of its answer.
"""

import asyncio
import base64
import collections
import gzip
import json
import struct

CUT = "the connection breaks"
HOLD = "silence"
CASES = {}
left = collections.Counter()


def case(name):
    def keep(function):
        CASES[name] = function
        return function

    return keep


class Answer:
    """A status, headers, and a body in pieces, each a chunk of its own."""

    def __init__(self, status, body, headers=None, stream=False):
        self.status, self.stream = status, stream
        kind = "text/event-stream" if stream else "application/json"
        self.headers = {"content-type": kind, **(headers or {})}
        self.pieces = body if stream else [as_bytes(body)]


def as_bytes(body):
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def stream(frames, done=True, headers=None):
    pieces = [f if f in (CUT, HOLD) or isinstance(f, (bytes, float)) else frame(f) for f in frames]
    return Answer(200, pieces + ([b"data: [DONE]\n\n"] if done else []), headers, stream=True)


def frame(data):
    return b"data: " + as_bytes(data) + b"\n\n"


# What OpenAI would send.

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


def answer(text=None, finish="stop", **message):
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **message},
              "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion", "created": 7, "model": "real-2024",
            "choices": [choice], "usage": USAGE}


def chunk(delta=None, finish=None, index=0, **fields):
    choice = {"index": index, "delta": delta or {}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "real-2024",
            "choices": [choice], **fields}


def said(*words):
    yield chunk({"role": "assistant", "content": ""})
    for word in words:
        yield chunk({"content": word})


def ended(request, finish="stop"):
    yield chunk({}, finish)
    if (request.get("stream_options") or {}).get("include_usage"):
        yield {**chunk(), "choices": [], "usage": USAGE}


def error(status, code, message="no", headers=None, kind="invalid_request_error", param=None):
    problem = {"message": message, "type": kind, "param": param, "code": code}
    return Answer(status, {"error": problem}, headers)


def hello(request, *words):
    words = words or ("hel", "lo")
    if request.get("stream"):
        return stream([*said(*words), *ended(request)])
    return Answer(200, answer("".join(words)))


@case("text")
def _(request):
    if request.get("stream"):
        return hello(request)
    return Answer(200, {**answer("hello"), "x_new": {"a": 1}},
                  {"x-ratelimit-remaining-requests": "9"})


# The twenty pitfalls.

CITIES = ["Oslo", "Rome"]


def arguments(city):
    return json.dumps({"city": city})


@case("calls-bare")
def _(request):
    calls = [{"function": {"name": "weather", "arguments": arguments(city)}} for city in CITIES]
    if request.get("stream"):
        frames = [chunk({"tool_calls": [call]}) for call in calls]
        return stream([*said(), *frames, *ended(request)])
    return Answer(200, answer("", tool_calls=calls))


@case("calls-ids")
def _(request):
    """The identifier in each fragment, and the index 0 for each call."""
    if not request.get("stream"):
        calls = [{"id": "same", "type": "function",
                  "function": {"name": "weather", "arguments": arguments(city)}} for city in CITIES]
        return Answer(200, answer(None, "tool_calls", tool_calls=calls))
    frames = [
        chunk({"tool_calls": [{"index": 0, "id": city, "type": "function",
                               "function": {"name": "weather", "arguments": part}}]})
        for city in CITIES for part in (arguments(city)[:5], arguments(city)[5:])]
    return stream([*said(), *frames, *ended(request, "tool_calls")])


@case("usage-odd")
def _(request):
    if not request.get("stream"):
        return Answer(200, answer("hello"))
    inside = [chunk({"content": "hello"}, usage={**USAGE, "completion_tokens": 1}),
              chunk({}, "stop")]
    last = [{"id": "c1", "object": "chat.completion.chunk", "usage": USAGE},
            {"id": "c1", "choices": None, "usage": USAGE}]
    return stream([*inside, *last])


@case("filter-first")
def _(request):
    if not request.get("stream"):
        return hello(request)
    first = {"id": "", "object": "", "created": 0, "model": "", "choices": [],
             "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}
    return stream([first, *said("hel", "lo"), *ended(request)])


@case("finish")
def _(request):
    if request.get("stream"):
        return stream([*said("hel", "lo"), *ended(request, "eos")])
    return Answer(200, answer("hello", "eos_token"))


@case("finish-missing")
def _(request):
    if request.get("stream"):
        return stream([*said("hel", "lo")])
    body = answer("hello")
    del body["choices"][0]["finish_reason"]
    return Answer(200, body)


@case("calls-objects")
def _(request):
    calls = [{"id": "t1", "function": {"name": "weather", "arguments": {"city": city}}}
             for city in CITIES[:1]]
    if request.get("stream"):
        return stream([chunk({"role": "assistant", "content": "", "tool_calls": calls}),
                       *ended(request, "stop")])
    return Answer(200, answer("", tool_calls=calls))


@case("error-text")
def _(_request):
    return Answer(400, {"error": "no such size"})


@case("error-page")
def _(_request):
    page = "<html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"
    return Answer(502, page, {"content-type": "text/html"})


@case("error-200")
def _(_request):
    return Answer(200, {"error": {"message": "in disguise"}})


@case("line-ends")
def _(request):
    """A mark at the start, CRLF, data in several lines, and no blank line at the end."""
    if not request.get("stream"):
        return hello(request)
    frames = [json.dumps(part, indent=1) for part in [*said("hel", "lo"), *ended(request)]]
    events = [b"".join(b"data: " + line.encode() + b"\r\n" for line in text.split("\n"))
              for text in frames]
    return stream([b"\xef\xbb\xbf" + events[0] + b"\r\n", *[e + b"\r\n" for e in events[1:]],
                   b"data: [DONE]"], done=False)


@case("keep-alives")
def _(request):
    if not request.get("stream"):
        return hello(request)
    frames = [*said("hel", "lo"), *ended(request)]
    kept = [piece for part in frames
            for piece in (b": OPENROUTER PROCESSING\n\n", b":\nretry: 3000\nevent: message\n"
                          + frame(part))]
    return stream(kept)


TEXT = "Grüße, 世界 👋"


@case("utf8")
def _(request):
    if not request.get("stream"):
        return hello(request, TEXT)
    frames = [json.dumps(part, ensure_ascii=False) for part in [*said(TEXT), *ended(request)]]
    data = b"".join(frame(part) for part in frames)
    return stream([data[at:at + 1] for at in range(len(data))])


@case("no-done")
def _(request):
    if not request.get("stream"):
        return hello(request)
    return stream([*said("hel", "lo"), *ended(request)], done=False)


@case("gzip")
def _(request):
    packed = {"content-encoding": "gzip"}
    if not request.get("stream"):
        return Answer(200, gzip.compress(as_bytes(answer("hello"))), packed)
    data = b"".join(map(frame, [*said("hel", "lo"), *ended(request)])) + b"data: [DONE]\n\n"
    return stream([gzip.compress(data)], done=False, headers=packed)


@case("json")
def _(request):
    return hello(request, '{"name":"Oslo",', '"people":717710}')


@case("json-tools")
def _(request):
    """Calls no tool while there is a schema to keep to."""
    if request.get("response_format"):
        return hello(request, '{"name":"Oslo","people":1}')
    return CASES["calls-bare"](request)


@case("json-keywords")
def _(request):
    if "minLength" in json.dumps(request.get("response_format")):
        return error(400, "invalid_schema", "minLength is not supported")
    return hello(request, '{"name":"Oslo","people":717710}')


@case("params-new")
def _(request):
    """A model of OpenAI that reasons."""
    if "max_tokens" in request:
        return error(400, "unsupported_parameter", "use max_completion_tokens", param="max_tokens")
    return hello(request)


@case("params-old")
def _(request):
    """Mistral, which refuses what it does not know."""
    roles = {message["role"] for message in request["messages"]}
    known = {"model", "messages", "max_tokens", "stream", "temperature", "tools", "random_seed"}
    if "developer" in roles or set(request) - known:
        return error(422, None, f"extra fields: {set(request) - known}")
    return hello(request)


@case("endless")
def _(_request):
    words = [part for _ in range(2000) for part in (chunk({"content": "x"}), 0.02)]
    return stream([*said(), *words])


@case("limited")
def _(_request):
    return error(429, "rate_limit_exceeded", "slow down", {"retry-after": "17"}, "requests")


@case("busy-once")
def _(request):
    busy["count"] += 1
    if busy["count"] % 2:
        return error(503, None, "busy", {"retry-after": "0"}, "server_error")
    return hello(request)


busy = collections.Counter()


@case("choices")
def _(request):
    if request.get("stream"):
        return stream([chunk({"role": "assistant", "content": "a"}),
                       chunk({"role": "assistant", "content": "b"}, index=1),
                       chunk({"content": "c"}), chunk({}, "stop"), chunk({}, "stop", index=1)])
    body = answer("ac")
    body["choices"].append({**answer("b")["choices"][0], "index": 1})
    return Answer(200, body)


LOGPROBS = {"content": [{"token": "hello", "logprob": -0.5, "bytes": [104], "top_logprobs": [
    {"token": "hello", "logprob": -0.5, "bytes": [104]}]}], "refusal": None}


@case("logprobs")
def _(request):
    if request.get("stream"):
        part = chunk({"role": "assistant", "content": "hello"})
        part["choices"][0]["logprobs"] = LOGPROBS
        return stream([part, *ended(request)])
    body = answer("hello")
    body["choices"][0]["logprobs"] = LOGPROBS
    return Answer(200, body)


@case("digits")
def _(request):
    """Numbers that a float would change."""
    text = json.dumps(answer("hello")).replace('"id": "c1"', '"x_n": 12345678901234567890.10')
    if request.get("stream"):
        text = json.dumps(chunk({"content": "hello"}, "stop"))
        return stream([text.replace('"created": 7', '"created": 7, "x_n": 12345678901234567890.10')])
    return Answer(200, text)


@case("image")
def _(request):
    return hello(request, "seen" if "image_url" in json.dumps(request)[:2000] else "unseen")


# Faults.


@case("cut")
def _(_request):
    return stream([*said("half"), CUT], done=False)


@case("ends-early")
def _(_request):
    """Ended as HTTP has it, in the middle of a frame."""
    return stream([*said("half"), b'data: {"choices": [{"de'], done=False)


@case("stall")
def _(_request):
    return stream([*said("half"), HOLD], done=False)


@case("error-mid")
def _(_request):
    return stream([*said("half"), {"error": {"message": "no room", "code": 503}}])


@case("error-first")
def _(_request):
    return stream([{"error": {"message": "no room", "code": 503}}])


@case("wrong")
def _(_request):
    return error(400, "invalid_value", param="n")


@case("context")
def _(_request):
    return error(400, "context_length_exceeded",
                 "This model's maximum context length is 8192 tokens.", param="messages")


@case("key-refused")
def _(_request):
    return error(401, "invalid_api_key", "Incorrect API key provided")


@case("tool-schema")
def _(request):
    for tool in request.get("tools") or []:
        parameters = tool.get("function", {}).get("parameters")
        if not isinstance(parameters, dict) or parameters.get("type") != "object":
            return error(400, "invalid_function_parameters", "type must be object",
                         param="tools[0].function.parameters")
    return hello(request)


@case("two-turns")
def _(request):
    """Calls a tool, and says what the tool answered."""
    results = [m for m in request["messages"] if m["role"] == "tool"]
    if not results:
        return CASES["calls-ids"](request)
    found = results[-1]["content"]
    if not isinstance(found, str):
        found = "".join(part["text"] for part in found)
    return hello(request, "It is ", found)


@case("writer")
def _(request):
    """What the examples of the documentation ask."""
    if request.get("tools"):
        return CASES["two-turns"](request)
    return CASES["json" if request.get("response_format") else "text"](request)


@case("vectors")
def _(request):
    floats = [0.5, -1.0, 2.0]
    inputs = request["input"]
    count = len(inputs) if isinstance(inputs, list) and not isinstance(inputs[0], int) else 1
    if request.get("encoding_format") == "base64":
        floats = base64.b64encode(struct.pack("<3f", *floats)).decode()
    items = [{"object": "embedding", "index": at, "embedding": floats} for at in range(count)]
    return Answer(200, {"object": "list", "model": "real", "data": items,
                        "usage": {"prompt_tokens": 1, "total_tokens": 1}})


@case("vectors-floats")
def _(request):
    """Ignores the encoding that was asked for."""
    return CASES["vectors"]({**request, "encoding_format": "float"})


# What Anthropic would send.


def event(kind, **data):
    data = {"type": kind, **data}
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()


def blocks(*contents, finish="end_turn", request, cut=()):
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "real-2024",
               "stop_sequence": None, "stop_details": None, "container": None}
    usage = {"input_tokens": 11, "output_tokens": 7, "cache_creation": None,
             "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
             "inference_geo": None, "server_tool_use": None, "service_tier": "standard",
             "output_tokens_details": None}
    if not request.get("stream"):
        return Answer(200, {**message, "content": list(contents), "stop_reason": finish,
                            "usage": usage})
    pieces = [event("message_start", message={**message, "content": [], "stop_reason": None,
                                              "usage": {**usage, "output_tokens": 1}}),
              event("ping")]
    for index, block in enumerate(contents):
        empty, deltas = opened(block)
        pieces.append(event("content_block_start", index=index, content_block=empty))
        pieces += [event("content_block_delta", index=index, delta=delta) for delta in deltas]
        pieces.append(event("content_block_stop", index=index))
    if cut:
        return stream([*pieces[:4], *cut], done=False)
    delta = {key: None for key in ["stop_sequence", "stop_details", "container"]}
    counted = {key: value for key, value in usage.items()
               if key not in ("cache_creation", "inference_geo", "service_tier")}
    return stream([*pieces, event("message_delta", delta={**delta, "stop_reason": finish},
                                  usage=counted), event("message_stop")], done=False)


def opened(block):
    """A block as it starts, and the deltas that fill it."""
    match block["type"]:
        case "text":
            return {**block, "text": ""}, [{"type": "text_delta", "text": block["text"]}]
        case "thinking":
            return {**block, "thinking": "", "signature": ""}, [
                {"type": "thinking_delta", "thinking": block["thinking"]},
                {"type": "signature_delta", "signature": block["signature"]}]
        case _:
            parts = json.dumps(block["input"])
            return {**block, "input": {}}, [
                {"type": "input_json_delta", "partial_json": part}
                for part in ("", parts[:5], parts[5:])]


def text_block(text):
    return {"type": "text", "text": text, "citations": None}


@case("claude-text")
def _(request):
    return blocks(text_block("hello"), request=request)


@case("claude-calls")
def _(request):
    calls = [{"type": "tool_use", "id": f"toolu_{city}", "name": "weather",
              "caller": {"type": "direct"}, "input": {"city": city}} for city in CITIES]
    return blocks(*calls, finish="tool_use", request=request)


SIGNATURE = "EqQBCkYIBxgCKkDx+/=="


@case("claude-thinking")
def _(request):
    """Insists on getting its thoughts back as they were."""
    thinking = {"type": "thinking", "thinking": "let me see", "signature": SIGNATURE}
    if len(request["messages"]) > 1 and thinking not in request["messages"][1]["content"]:
        return claude_error(400, "invalid_request_error", "the thoughts were changed")
    return blocks(thinking, text_block("hello"), request=request)


@case("claude-busy")
def _(request):
    problem = {"type": "overloaded_error", "message": "Overloaded"}
    return blocks(text_block("half"), request=request, cut=[event("error", error=problem)])


@case("claude-wrong")
def _(_request):
    return claude_error(400, "invalid_request_error", "max_tokens: too large")


def claude_error(status, kind, message):
    return Answer(status, {"type": "error", "error": {"type": kind, "message": message},
                           "request_id": "req_1"}, {"request-id": "req_1"})


# The server.


async def serve(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            path = head[0].split(" ")[1]
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            if not await respond(path, body, reader, writer):
                return
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def respond(path, body, reader, writer):
    """Whether the connection can go on."""
    if path == "/left":
        found = Answer(200, dict(left))
    elif path.endswith("/count_tokens"):
        found = Answer(200, {"input_tokens": 5})
    else:
        request = json.loads(body)
        model = request["model"].split("@")[0]
        make = CASES.get(model)
        found = make(request) if make else error(404, "model_not_found")
    if not found.stream:
        head(writer, found, f"content-length: {len(found.pieces[0])}")
        writer.write(found.pieces[0])
        await writer.drain()
        return True
    head(writer, found, "transfer-encoding: chunked")
    gone = asyncio.create_task(reader.read(1))
    try:
        for piece in found.pieces:
            if piece is CUT:
                return False
            if piece is HOLD or isinstance(piece, float):
                await asyncio.wait([gone], timeout=30 if piece is HOLD else piece)
            else:
                writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                await writer.drain()
            if gone.done():
                left[request["model"]] += 1
                return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return False  # The byte that was waited for may be the start of a next request.
    finally:
        gone.cancel()


def head(writer, found, length):
    close = "connection: close\r\n" if found.stream else ""
    lines = "".join(f"{name}: {value}\r\n" for name, value in found.headers.items())
    writer.write(f"HTTP/1.1 {found.status} Scripted\r\n{lines}{close}{length}\r\n\r\n".encode())


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 26)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
