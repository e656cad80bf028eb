"""Settings about language models: which are asked, in what order, and how each is reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field, field_validator

from deskhand.config.people import Section
from deskhand.config.secrets import LookUp


class Guest(Section):
    """A language model, in the words of LangChain, and how it is reached."""

    name: str = ""
    """"openai:gpt-4.1-mini", "anthropic:...", "ollama:..."; empty: none."""
    base_url: str = ""
    """Of a server that speaks as OpenAI does; empty: the provider's own."""
    api_key: str = ""
    """Where the key is: "secret:NAME", "env:NAME" ... Empty: where the provider's library looks for it."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 60.0
    """Seconds from the question to the end of the answer."""
    private: bool = False
    """The server is in your own network, though its name does not say so (`nas`, `nas.local` and 192.168.1.5
    do)."""
    options: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Further options of the model: temperature, max_tokens."""

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if name and not re.fullmatch(r"[a-z][a-z0-9_]*:\S+", name):
            raise ValueError(
                f"{name[:80]!r} is no model; write provider and model, like 'openai:gpt-4.1-mini'"
            )
        return name

    @field_validator("base_url")
    @classmethod
    def _reached(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://\S+", url):
            raise ValueError(f"{url[:80]!r} is no address of a server; it begins with http:// or https://")
        return url

    def key(self, look_up: LookUp) -> str:
        """The key itself. :raises ConfigError: it is not where it should be."""
        return look_up(self.api_key)


def _within(name: str, value: object) -> Iterator[tuple[str, object]]:
    """A setting, and what lies in it however deep, by name: `default_headers` has `Authorization`."""
    if isinstance(value, dict):
        for inner, one in value.items():
            yield from _within(str(inner), one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _within(name, one)
    else:
        yield name, value


class Model(Guest):
    """The language model that plans beside the rules. Off unless it has a name."""

    fallbacks: tuple[str | Guest, ...] = ()
    """Who is asked where it fails, in this order: a name alone is reached as the one above is."""
    writes: bool = False
    """Whether it may put summaries, drafts and digests into prose: then it is sent what they are made of."""

    @property
    def guests(self) -> tuple[Guest, ...]:
        """Every model, in the order they are asked."""
        if not self.name:
            return ()
        first = Guest.model_validate(self.model_dump(exclude={"fallbacks", "writes"}))
        return (first, *(self._like(first, f) if isinstance(f, str) else f for f in self.fallbacks))

    def settings(self) -> Iterator[tuple[list[str], str, object]]:
        """Every setting of every model that could hold a secret, with its place in [model]."""
        for guest in (self, *(f for f in self.fallbacks if isinstance(f, Guest))):
            for name, value in {
                "base_url": guest.base_url,
                "api_key": guest.api_key,
                **guest.options,
            }.items():
                for inner, one in _within(name, value):
                    place = name if name in ("base_url", "api_key") else "options"
                    yield [place] if guest is self else ["fallbacks"], inner, one

    @field_validator("fallbacks")
    @classmethod
    def _each_named(cls, fallbacks: tuple[str | Guest, ...]) -> tuple[str | Guest, ...]:
        for one in fallbacks:
            if not (Guest(name=one) if isinstance(one, str) else one).name:
                raise ValueError("each needs a name")
        return fallbacks

    @staticmethod
    def _like(first: Guest, name: str) -> Guest:
        """A model by its name alone: of another provider, neither server nor key are the same."""
        same = name.partition(":")[0] == first.name.partition(":")[0]
        return first.model_copy(
            update={"name": name} | ({} if same else {"base_url": "", "api_key": "", "private": False})
        )
