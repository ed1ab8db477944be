"""Runs cases and says of each what was wrong, as a line of JSON."""

import asyncio
import inspect
import json
import os
import time
import traceback
import urllib.request

ASSAY = os.environ["ASSAY"]
MESSAGES = [{"role": "user", "content": "hi"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
          "additionalProperties": False}
CITIES = [{"city": "Oslo"}, {"city": "Rome"}]


def model(script):
    """The name by which this client asks for a script of the provider."""
    return f"{script}@{os.environ['CLIENT']}"


# One loop for all cases: a client keeps its connections, which belong to a loop.
loop = asyncio.Runner()


def case(name):
    def run(function):
        try:
            if inspect.iscoroutinefunction(function):
                loop.run(function())
            else:
                function()
            print(json.dumps([name, ""]), flush=True)
        except Exception:
            print(json.dumps([name, traceback.format_exc(limit=-3)]), flush=True)

    return run


def raises(kind, function):
    """The error of the kind that the function has to raise."""
    try:
        found = function()
    except kind as error:
        return error
    raise AssertionError(f"no {kind} but {found!r}")


def left(script):
    """Waits until the provider has seen the caller of a script leave."""
    for _ in range(100):
        with urllib.request.urlopen(f"{os.environ['UPSTREAM']}/left") as answer:
            if json.load(answer).get(model(script)):
                return
        time.sleep(0.05)
    raise AssertionError("the call goes on at the provider")
