"""Asks the health by gRPC and follows a job over WebSocket, with the clients of other people.

Usage: probes.py ASSAY, by the Python of what install.sh installs.
"""

import asyncio
import json
import sys
import tempfile
import urllib.request
from pathlib import Path

import grpc
import websockets

from run import line, running

HEALTH = "/grpc.health.v1.Health"
SERVING = b"\x08\x01"
UNKNOWN = b"\x08\x03"


def question(service):
    return b"\x0a" + bytes([len(service)]) + service.encode()


def probe(address):
    """What a probe of a platform asks: once, and again and again."""
    with grpc.insecure_channel(address) as channel:
        check = channel.unary_unary(f"{HEALTH}/Check")
        for service in ["", "ready", "live"]:
            answer = check(question(service), timeout=10)
            assert answer == SERVING, (service, answer)
        for service, code in [("nobody", grpc.StatusCode.NOT_FOUND)]:
            try:
                check(question(service), timeout=10)
                raise AssertionError(f"{service} is served")
            except grpc.RpcError as error:
                assert error.code() == code, error
        try:
            channel.unary_unary("/grpc.health.v1.Health/List")(b"", timeout=10)
            raise AssertionError("List is served")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error
        watch = channel.unary_stream(f"{HEALTH}/Watch")
        for service, state in [("ready", SERVING), ("nobody", UNKNOWN)]:
            call = watch(question(service), timeout=10)
            assert next(call) == state, service
            call.cancel()
    print("probes: gRPC health holds for grpcio", grpc.__version__)


async def follow(url):
    """A job from its beginning to its end."""
    def post(path, body, kind):
        request = urllib.request.Request(url + path, body, {"content-type": kind})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    post("/v1/tasks/drain", b"{}", "application/json")
    mark = "probe"
    part = (f'--{mark}\r\ncontent-disposition: form-data; name="file"; filename="note.md"\r\n\r\n'
            f"One pump moves 90 litres.\r\n--{mark}--\r\n")
    accepted = post("/documents/upload", part.encode(), f"multipart/form-data; boundary={mark}")
    address = f"{url.replace('http', 'ws', 1)}/v1/jobs/{accepted['job_id']}/ws"
    states = []
    async with websockets.connect(address, compression="deflate") as socket:
        states.append(json.loads(await socket.recv())["state"])
        await (await socket.ping())
        post("/v1/tasks/resume", b"{}", "application/json")
        try:
            while True:
                states.append(json.loads(await socket.recv())["state"])
        except websockets.ConnectionClosedOK as closed:
            assert closed.rcvd.code == 1000, closed
    assert states[0] == "queued" and states[-1] == "done", states
    print("probes: a job was followed by websockets", websockets.__version__)


def main():
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        with running([sys.argv[1], "serve", "--port", "0", "--data-dir", work / "data"],
                     work / "log") as server:
            url = next((word for word in line(server).split() if word.startswith("http://")), None)
            if url is None:
                sys.exit(f"Assay did not start:\n{(work / 'log').read_text()}")
            probe(url.removeprefix("http://"))
            asyncio.run(follow(url))


if __name__ == "__main__":
    main()
