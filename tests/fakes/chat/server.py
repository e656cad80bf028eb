"""A chat server that speaks as OpenAI does and says what a test tells it: on loopback, on a free port.

Each request takes the next of its answers and is kept, so that a test can look at what really went out.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

Answer = Callable[["Call"], None]
_CHUNK = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}


class Call(BaseHTTPRequestHandler):
    """One request while it is answered."""

    server: _Server
    body: dict[str, Any]

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.body = json.loads(raw)
        chat = self.server.chat
        with chat.lock:
            chat.requests.append(self.body)
            chat.raw.append(raw)
            chat.keys.append(self.headers.get("Authorization", ""))
            answer = chat.answers.pop(0) if chat.answers else fails(500, "the script is over")
        with suppress(ConnectionError):
            answer(self)

    def event(self, delta: Mapping[str, Any], finish: str | None = None) -> None:
        """One event of a stream."""
        choice = {"index": 0, "delta": dict(delta), "finish_reason": finish}
        self.data(json.dumps(_CHUNK | {"choices": [choice]}))

    def data(self, text: str) -> None:
        self.wfile.write(f"data: {text}\n\n".encode("utf-8", "surrogatepass"))
        self.wfile.flush()

    def begin(self) -> None:
        """Begin a stream."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

    def part(self, text: str) -> None:
        """A part of the answer: of the arguments, where a tool was asked for."""
        tools = self.body.get("tools")
        call = {"index": 0, "function": {"arguments": text}}
        self.event({"tool_calls": [call]} if tools else {"content": text})

    def opening(self) -> None:
        """What stands before the first part."""
        if tools := self.body.get("tools"):
            function = {"name": tools[0]["function"]["name"], "arguments": ""}
            call = {"index": 0, "id": "t1", "type": "function", "function": function}
            self.event({"role": "assistant", "tool_calls": [call]})
        else:
            self.event({"role": "assistant", "content": ""})

    def ending(self, finish: str = "", tokens: tuple[int, int] | None = (7, 3)) -> None:
        self.event({}, finish or ("tool_calls" if self.body.get("tools") else "stop"))
        if tokens and self.body.get("stream_options", {}).get("include_usage"):
            usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
            self.data(json.dumps(_CHUNK | {"choices": [], "usage": usage}))
        self.data("[DONE]")

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    chat: Chat

    def process_request(self, request: Any, client_address: Any) -> None:
        self.chat.connections += 1
        super().process_request(request, client_address)


class Chat:
    """The server. `with Chat(says("...")) as chat: ... chat.url, chat.requests`."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []
        self.raw: list[bytes] = []
        self.keys: list[str] = []
        """The Authorization headers."""
        self.connections = 0
        self.lock, self.closing = threading.Lock(), threading.Event()
        self._server = _Server(("127.0.0.1", 0), Call)
        self._server.chat = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Chat:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


def says(text: str, *, finish: str = "", size: int = 400, tokens: tuple[int, int] | None = (7, 3)) -> Answer:
    """Answers with this text, in parts of `size` characters."""

    def answer(call: Call) -> None:
        call.begin()
        call.opening()
        for part in _cut(text, size):
            call.part(part)
        call.ending(finish, tokens)

    return answer


def refuses(why: str = "I cannot help with that.") -> Answer:
    """Answers with a refusal."""

    def answer(call: Call) -> None:
        call.begin()
        call.event({"role": "assistant", "refusal": why})
        call.ending()

    return answer


def fails(status: int, message: str, *, code: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """Answers with an error."""

    def answer(call: Call) -> None:
        error = {"error": {"message": message, "type": "error", "param": None, "code": code or None}}
        body = json.dumps(error).encode()
        call.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            call.send_header(name, value)
        call.send_header("Content-Length", str(len(body)))
        call.end_headers()
        call.wfile.write(body)

    return answer


def silent(call: Call) -> None:
    """Takes the request and never answers."""
    call.server.chat.closing.wait(30)


def stalls(text: str) -> Answer:
    """Begins to answer, and never goes on."""

    def answer(call: Call) -> None:
        call.begin()
        call.opening()
        call.part(text)
        call.server.chat.closing.wait(30)

    return answer


def drips(call: Call) -> None:
    """Keeps the line open with comments, and says nothing (a read never takes long)."""
    call.begin()
    while not call.server.chat.closing.wait(0.02):
        call.wfile.write(b": still there\n\n")
        call.wfile.flush()


def endless(call: Call) -> None:
    """Answers without an end."""
    call.begin()
    call.opening()
    while not call.server.chat.closing.is_set():
        call.part("x" * 10_000)


def breaks_off(text: str) -> Answer:
    """Begins to answer, and hangs up."""

    def answer(call: Call) -> None:
        call.begin()
        call.opening()
        call.part(text)

    return answer


def _cut(text: str, size: int) -> Iterator[str]:
    return (text[n : n + size] for n in range(0, len(text), size))


def messages(request: Mapping[str, Any]) -> Sequence[str]:
    """What was said to the model in a request, message by message."""
    return [m["content"] for m in request["messages"]]
