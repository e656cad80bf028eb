"""Any LangChain chat model behind our port. The one file that imports langchain, and only once it is asked.

The answer is streamed by a thread of its own, so that time and size are bounded whatever the other side does:
a stall in the middle, a byte a minute, an answer without an end.
"""

from __future__ import annotations

import json
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib.util import find_spec
from queue import Empty, Full, Queue
from time import monotonic
from typing import Any

from deskhand.agent.models import LARGEST, Failure, Manner, Message, Outcome, Said, Shape
from deskhand.agent.models._errors import classified
from deskhand.connectors.errors import Forbidden

_METHODS = {Manner.SCHEMA: "json_schema", Manner.TOOL: "function_calling"}
_CUT_OFF = frozenset({"length", "max_tokens", "MAX_TOKENS"})
_WITHHELD = frozenset({"content_filter", "refusal", "SAFETY", "PROHIBITED_CONTENT"})
_HANDED = {"openai": ("http_client", "http_async_client")}
"""By provider: the arguments by which its class takes clients for HTTP; we make no async calls."""
_SERVERS = {"openai": "https://api.openai.com"}
_NO_KEY = "not-needed"
"""Sent to a server of the person's own that wants none: never a key that lies about for somebody else."""


@dataclass(frozen=True)
class LangChain:
    """A chat model by LangChain's name for it: "openai:gpt-4.1-mini", "anthropic:...", "ollama:..."."""

    name: str
    base_url: str = ""
    """Of an OpenAI-compatible server; empty: the provider's own."""
    key: Callable[[], str] = lambda: ""
    """The API key, asked for when it is first needed; empty: what the provider's library finds.
    :raises ValueError: it is not where it should be."""
    timeout: float = 60.0
    """Seconds from the question to the end of the answer."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further options of the model: temperature, max_tokens."""
    private: bool = False
    """The server is in the person's own network, though its name does not say so."""

    def ask(self, messages: Sequence[Message], *, shape: Shape | None = None, manner: Manner) -> Said:
        """See `Model.ask`."""
        answer = _Answer(self.name)
        for part in self._parts([(m.role, _whole(m.text)) for m in messages], shape, manner):
            answer.take(part)
        return answer.said()

    @property
    def provider(self) -> str:
        """Who serves it: "openai"."""
        return self.name.partition(":")[0]

    @property
    def here(self) -> bool:
        """Whether it is on this very machine: only where its address is set, and says so."""
        if not self.base_url:
            return False
        from deskhand.connectors._hosts import host_of

        try:
            return host_of(self.base_url).loopback
        except Forbidden:
            return False

    @cached_property
    def _chat(self) -> Any:
        """The model of LangChain. :raises Failure: it cannot be made; says what to install or to set."""
        if find_spec("langchain") is None:
            raise self._not_installed()
        from langchain.chat_models import init_chat_model

        # What a provider lacks is an outcome that is told with the run, not a line between the answers.
        warnings.filterwarnings("ignore", category=UserWarning, module="langchain")
        given = dict(self.options) | {"timeout": self.timeout, "max_retries": 0}
        if self.base_url:
            given["base_url"] = self.base_url
        try:
            given |= self._way_out()
            if key := self.key() or (_NO_KEY if self.base_url else ""):
                given["api_key"] = key
            if self.provider == "openai":
                given.setdefault("stream_usage", True)
                if self.base_url:  # a compatible server knows the older interface
                    given.setdefault("use_responses_api", False)
            return init_chat_model(self.name, **given)
        except ImportError as error:
            raise self._not_installed(str(error)) from None
        except Forbidden as error:
            raise Failure(Outcome.UNUSABLE, f"{self.name} was not asked: {error}") from None
        except Exception as error:
            # Each provider refuses settings with exceptions of its own; their text may repeat a key.
            told = isinstance(error, ValueError) and "api_key" not in str(error)
            why = str(error).partition("\n")[0][:200].rstrip(".") if told else type(error).__name__
            raise Failure(Outcome.UNUSABLE, f"{self.name} cannot be set up: {why}.") from None

    def _way_out(self) -> dict[str, Any]:
        """What makes the provider's library go out by our client alone, to its own host or the server that
        was set. :raises Forbidden: there is none."""
        url = self.base_url or _SERVERS.get(self.provider, "")
        if self.provider not in _HANDED:
            return {}  # its library brings a client of its own (docs/egress.md)
        from deskhand.connectors._egress import Limits, client, closed
        from deskhand.connectors._hosts import host_of

        limits = Limits(seconds=self.timeout, silent=self.timeout, redirects=0)
        ours, never = _HANDED[self.provider]
        return {ours: client([host_of(url, private=self.private)], limits=limits), never: closed()}

    def _not_installed(self, why: str = "") -> Failure:
        """:param why: what LangChain says, which knows the packages of its providers."""
        named = re.search(r"langchain-[\w-]+", why)
        package = named[0] if named else f"langchain-{self.provider}"
        extra = "'deskhand[openai]'" if self.provider == "openai" else f"langchain {package}"
        said = f"{self.name} needs a package that is not installed; say: pip install {extra}"
        return Failure(Outcome.UNUSABLE, said)

    def _parts(self, messages: list[tuple[str, str]], shape: Shape | None, manner: Manner) -> Iterator[Any]:
        """The parts of the answer as they come. :raises Failure: it ends otherwise, or takes too long."""
        chat = self._chat  # made before the time counts: its imports take seconds, once
        parts: Queue[Any] = Queue(maxsize=64)
        over = threading.Event()
        begin = partial(self._begun, chat, messages, shape, manner)
        work = threading.Thread(target=_stream, args=(begin, parts, over), daemon=True)
        until = monotonic() + self.timeout
        work.start()
        try:
            while True:
                try:
                    part = parts.get(timeout=max(0.0, until - monotonic()))
                except Empty:
                    raise Failure(
                        Outcome.TIMEOUT, f"{self.name} did not answer within {self.timeout:g} seconds."
                    ) from None
                if isinstance(part, _End):
                    return
                if isinstance(part, Failure):
                    raise part
                if isinstance(part, Exception):
                    raise classified(part, self.name, shaped=shape is not None and manner != Manner.TEXT)
                yield part
        finally:
            over.set()

    def _begun(
        self, chat: Any, messages: list[tuple[str, str]], shape: Shape | None, manner: Manner
    ) -> Iterator[Any]:
        if shape is None or manner is Manner.TEXT:
            return iter(chat.stream(messages))
        schema = {"title": shape.name, "description": shape.description, **shape.schema}
        try:
            made = chat.with_structured_output(schema, method=_METHODS[manner], include_raw=True)
        except (NotImplementedError, ValueError, TypeError):
            raise Failure(Outcome.UNSUPPORTED, f"{self.name} cannot be asked by {manner.value}.") from None
        # Its first part is the model alone; the rest would parse, and parsing is ours.
        return iter(getattr(made, "first", made).stream(messages))


class _End:
    """Stands behind the last part of an answer."""


def _stream(begin: Callable[[], Iterator[Any]], parts: Queue[Any], over: threading.Event) -> None:
    """Hand on the parts of an answer till it ends or nobody wants it any more."""

    def put(part: Any) -> None:
        while not over.is_set():
            try:
                return parts.put(part, timeout=0.5)
            except Full:
                continue

    try:
        from langsmith import tracing_context

        with tracing_context(enabled=False):  # what was asked goes to the model, and to nobody besides
            for part in begin():
                if over.is_set():
                    return
                put(part)
        put(_End())
    except Exception as error:
        # Whatever it is, it is for the thread that waits to judge.
        put(error)


class _Answer:
    """An answer while it comes in."""

    def __init__(self, model: str) -> None:
        self._model, self._size = model, 0
        self._texts: list[str] = []
        self._arguments: list[str] = []
        self._refusal = ""
        self._ended = ""
        self._counted: list[Mapping[str, int]] = []

    def take(self, part: Any) -> None:
        """Take one part. :raises Failure: it is more than anybody asked for."""
        message = part.get("raw") if isinstance(part, dict) else part
        if message is None:
            return
        self._add(self._texts, str(message.text))
        chunks = getattr(message, "tool_call_chunks", None)
        if chunks:
            for call in chunks:
                if not call.get("index"):  # one call was asked for; others are passed over
                    self._add(self._arguments, call.get("args") or "")
        else:
            calls = [*getattr(message, "tool_calls", ()), *getattr(message, "invalid_tool_calls", ())]
            for call in calls[:1]:
                args = call["args"]
                self._add(self._arguments, args if isinstance(args, str) else json.dumps(args))
        self._refusal = str(message.additional_kwargs.get("refusal") or "") or self._refusal
        told = message.response_metadata
        self._ended = str(told.get("finish_reason") or told.get("stop_reason") or "") or self._ended
        if usage := getattr(message, "usage_metadata", None):
            self._counted.append(usage)

    def said(self) -> Said:
        """The whole of it. :raises Failure: the model refused, or broke off."""
        if self._refusal or self._ended in _WITHHELD:
            raise Failure(Outcome.REFUSED, f"{self._model} refused to answer.")
        if self._ended in _CUT_OFF:
            raise Failure(Outcome.TOO_LONG, f"The answer of {self._model} broke off: it had no more room.")
        counted = [sum(int(u.get(n) or 0) for u in self._counted) for n in ("input_tokens", "output_tokens")]
        text = "".join(self._arguments) or "".join(self._texts)
        return Said(text, *counted) if self._counted else Said(text)

    def _add(self, to: list[str], text: str) -> None:
        self._size += len(text)
        if self._size > LARGEST:
            raise Failure(Outcome.TOO_LARGE, f"{self._model} answered with more than {LARGEST:,} characters.")
        if text:
            to.append(text)


def _whole(text: str) -> str:
    """Text without half characters, which no request can carry."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
