"""What a deployment talks to, in this process: a provider of models, a receiver of alerts that
acknowledges, and a receiver of traces. Each listens on a free port of the loopback address."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The code of a test alert, as `assay drill delivery` writes it.
CODE = re.compile(r"code where the drill waits: ([0-9a-f]{8})")
# Traces that are kept; the oldest go first.
TRACES_MAX = 5_000
ANSWER = "The second trial took place in Oslo."
USAGE = {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28}


class Peer:
    """A server in threads; `answer(method, path, body)` gives status, type and bytes."""

    def __init__(self):
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                status, kind, answer = peer.answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.address}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def as_json(value, status=200):
    return status, "application/json", json.dumps(value).encode()


# How Assay shows passages and the question to a model that writes.
PASSAGE = re.compile(r"<passage-(\w+) (\d+): [^\n]*>\n(.*?)\n</passage-\1>", re.S)
QUESTION = re.compile(r"<question-\w+>\n(.*?)\n</question-", re.S)


def written(body):
    """The sentence of the passages that has most words of the question, and where it stands; the same
    answer to whatever else is asked."""
    texts = [message.get("content") or "" for message in body.get("messages", [])]
    prompt = "\n".join(text for text in texts if isinstance(text, str))
    asked = QUESTION.search(prompt)
    words = set(re.findall(r"\w{3,}", asked[1].lower())) if asked else set()
    sentences = [(sentence.strip(), number) for _, number, text in PASSAGE.findall(prompt)
                 for sentence in re.split(r"(?<=[.!?])\s", text) if sentence.strip()]
    if not asked or not sentences:
        return ANSWER
    held = lambda one: len(words & set(re.findall(r"\w{3,}", one[0].lower())))
    best = max(sentences, key=held)
    return f"{best[0]} [{best[1]}]" if held(best) else "NOT IN THE SOURCES"


class Provider(Peer):
    """A model that copies from what it is shown, in the dialect of OpenAI."""

    def answer(self, method, path, body):
        if path.endswith("/models"):
            return as_json({"object": "list", "data": [{"id": "plain", "object": "model"}]})
        request = json.loads(body or b"{}")
        streams = request.get("stream")
        choice = {"index": 0, "finish_reason": "stop"}
        choice["delta" if streams else "message"] = {"role": "assistant", "content": written(request)}
        kind = "chat.completion.chunk" if streams else "chat.completion"
        whole = {"id": "walk", "object": kind, "created": 1, "model": "plain", "choices": [choice],
                 "usage": USAGE}
        if streams:
            text = f"data: {json.dumps(whole)}\n\ndata: [DONE]\n\n"
            return 200, "text/event-stream", text.encode()
        return as_json(whole)


class Alerts(Peer):
    """Takes notices as Alertmanager posts them, and hands the codes of test alerts over: it stands for
    the person who reads them."""

    def __init__(self):
        self.notices, self.codes, self.has_code = [], [], threading.Condition()
        super().__init__()

    def answer(self, method, path, body):
        notice = json.loads(body or b"{}")
        with self.has_code:
            for alert in notice.get("alerts", []):
                self.notices.append((alert["labels"].get("alertname"), alert["status"]))
                code = CODE.search(alert.get("annotations", {}).get("summary", ""))
                if code and alert["status"] == "firing":
                    self.codes.append(code[1])
                    self.has_code.notify_all()
        return as_json({})

    def read(self, count, seconds):
        """Codes, as soon as there are so many, or when the time is over."""
        with self.has_code:
            self.has_code.wait_for(lambda: len(set(self.codes)) >= count, seconds)
            return sorted(set(self.codes))


class Traces(Peer):
    """Takes OTLP over HTTP in JSON, and gives the spans of a trace back as Tempo does. It keeps them in
    memory: it shows that spans arrive, and is no backend to run."""

    def __init__(self):
        self.spans, self.lock = {}, threading.Lock()
        super().__init__()

    def answer(self, method, path, body):
        with self.lock:
            if path == "/v1/traces":
                for resource in json.loads(body).get("resourceSpans", []):
                    for scope in resource.get("scopeSpans", []):
                        for span in scope.get("spans", []):
                            self.spans.setdefault(span["traceId"].lower(), []).append(span)
                while len(self.spans) > TRACES_MAX:
                    self.spans.pop(next(iter(self.spans)))
                return as_json({})
            if path == "/metrics":
                count = sum(map(len, self.spans.values()))
                return 200, "text/plain", f"otel_receiver_spans {count}\n".encode()
            found = self.spans.get(path.rpartition("/")[2].lower())
        if found is None:
            return as_json({"message": "no such trace"}, 404)
        return as_json({"batches": [{"scopeSpans": [{"spans": found}]}]})
