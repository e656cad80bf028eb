"""A model behind the real LangChain adapter: whatever the other side does, an answer or a named failure."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from fakes.chat.server import (
    Answer,
    Chat,
    breaks_off,
    drips,
    endless,
    fails,
    messages,
    refuses,
    says,
    silent,
    stalls,
)

from deskhand.agent.models import LARGEST, Failure, Manner, Message, Outcome, Said, Shape
from deskhand.agent.models.langchain import LangChain

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
SHAPE = Shape("thing", "A thing.", SCHEMA)
WORDS = (Message("system", "be short"), Message("user", "hello"))


def guest(chat: Chat, **given: Any) -> LangChain:
    given = {"timeout": 20.0} | given
    return LangChain("openai:some-model", chat.url, **given)


def asked(*answers: Answer, manner: Manner = Manner.SCHEMA, **given: Any) -> Said:
    with Chat(*answers) as chat:
        return guest(chat, **given).ask(WORDS, shape=SHAPE, manner=manner)


def failure(*answers: Answer, manner: Manner = Manner.SCHEMA, **given: Any) -> Failure:
    with pytest.raises(Failure) as caught:
        asked(*answers, manner=manner, **given)
    return caught.value


@pytest.mark.parametrize("manner", Manner)
def test_it_gives_back_the_text_of_the_answer_and_what_was_counted(manner: Manner) -> None:
    assert asked(says('{"a": "b"}', size=3), manner=manner) == Said('{"a": "b"}', 7, 3)


def test_what_was_not_counted_is_not_known() -> None:
    assert asked(says("{}", tokens=None)) == Said("{}", None, None)


def test_each_manner_asks_for_the_shape_in_its_own_way() -> None:
    with Chat(*[says("{}")] * 4) as chat:
        model = guest(chat)
        for manner in Manner:
            model.ask(WORDS, shape=SHAPE, manner=manner)
        model.ask(WORDS, manner=Manner.TEXT)
    schema, tool, text, prose = chat.requests
    assert schema["response_format"]["json_schema"]["schema"] == SCHEMA
    assert tool["tools"][0]["function"]["parameters"] == SCHEMA
    assert tool["tool_choice"]["function"]["name"] == "thing"
    for plain in (text, prose):
        assert not plain.keys() & {"tools", "response_format"}
    assert messages(schema) == ["be short", "hello"]
    assert schema["model"] == "some-model"


def test_arguments_of_a_tool_come_as_they_were_written_broken_or_not() -> None:
    assert asked(says('{"a": "b"'), manner=Manner.TOOL).text == '{"a": "b"'


def test_half_characters_leave_as_a_sign_that_something_was_there() -> None:
    with Chat(says("{}")) as chat:
        guest(chat).ask([Message("user", "caf\udce9 \ud83d ok 😀")], manner=Manner.TEXT)
    assert messages(chat.requests[0]) == ["caf\ufffd \ufffd ok 😀"]


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        (refuses(), Outcome.REFUSED, "openai:some-model refused to answer."),
        (says("{", finish="content_filter"), Outcome.REFUSED, "openai:some-model refused to answer."),
        (says("{", finish="length"), Outcome.TOO_LONG, "openai:some-model cannot hold so much text."),
        (fails(400, "maximum context length is 8 tokens", code="context_length_exceeded"), Outcome.TOO_LONG,
         "openai:some-model cannot hold so much text."),
        (fails(400, "the request exceeds the available context size"), Outcome.TOO_LONG,
         "openai:some-model cannot hold so much text."),
        (fails(400, "response_format is not supported here"), Outcome.UNSUPPORTED,
         "openai:some-model cannot be asked in this manner (HTTP 400)."),
        (fails(400, "blocked by content policy"), Outcome.REFUSED, "openai:some-model refused to answer."),
        (fails(401, "Incorrect API key: sk-SECRET"), Outcome.DENIED,
         "openai:some-model did not accept the key (HTTP 401); look at api_key in [model]."),
        (fails(403, "no"), Outcome.DENIED,
         "openai:some-model did not accept the key (HTTP 403); look at api_key in [model]."),
        (fails(404, "no such model"), Outcome.UNUSABLE, "openai:some-model cannot be used (HTTP 404)."),
        (fails(500, "oops"), Outcome.SERVER, "openai:some-model failed (HTTP 500)."),
        (fails(503, "busy"), Outcome.SERVER, "openai:some-model failed (HTTP 503)."),
        (endless, Outcome.TOO_LARGE, f"openai:some-model answered with more than {LARGEST:,} characters."),
        (says("x" * 10_000_000, size=1_000_000), Outcome.TOO_LARGE,
         f"openai:some-model answered with more than {LARGEST:,} characters."),
    ],
    ids=lambda v: v.value if isinstance(v, Outcome) else "",
)  # fmt: skip
def test_every_failure_has_a_kind_and_a_sentence_of_ours(answer: Answer, outcome: Outcome, said: str) -> None:
    failed = failure(answer)
    assert (failed.outcome, str(failed)) == (outcome, said)


def test_an_answer_that_breaks_off_is_handed_on_as_far_as_it_came() -> None:
    assert asked(breaks_off('{"a"')) == Said('{"a"')  # whoever reads it finds no JSON, and says so


def test_in_words_alone_a_bad_request_is_no_question_of_manner() -> None:
    assert failure(fails(400, "no"), manner=Manner.TEXT).outcome is Outcome.UNUSABLE


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"Retry-After": "7"}, 7.0), ({}, None), ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None)],
)
def test_who_says_when_to_come_back_is_heard(headers: dict[str, str], wait: float | None) -> None:
    failed = failure(fails(429, "slow down", headers=headers))
    assert (failed.outcome, failed.wait) == (Outcome.QUOTA, wait)


def test_nobody_waits_where_nothing_is_left_to_spend() -> None:
    failed = failure(fails(429, "You exceeded your current quota", code="insufficient_quota"))
    assert (failed.outcome, str(failed)) == (
        Outcome.QUOTA,
        "Nothing is left to spend at openai:some-model (HTTP 429).",
    )
    assert failed.wait is not None
    assert failed.wait > 3600


@pytest.mark.parametrize("answer", [silent, stalls('{"a"'), drips], ids=["silent", "stalls", "drips"])
def test_the_wait_really_ends(answer: Answer) -> None:
    started = time.monotonic()
    failed = failure(answer, timeout=0.4)
    assert failed.outcome is Outcome.TIMEOUT
    assert time.monotonic() - started < 5


def test_a_server_that_is_not_there() -> None:
    with Chat() as chat:
        url = chat.url
    with pytest.raises(Failure) as caught:
        LangChain("openai:m", url, timeout=5).ask(WORDS, manner=Manner.TEXT)
    assert caught.value.outcome is Outcome.UNREACHABLE


def test_the_key_goes_to_the_provider_and_one_that_lies_about_goes_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-somebody-else")
    with Chat(says("{}"), says("{}")) as chat:
        guest(chat, key=lambda: "sk-mine").ask(WORDS, manner=Manner.TEXT)
        guest(chat).ask(WORDS, manner=Manner.TEXT)
    assert chat.keys == ["Bearer sk-mine", "Bearer not-needed"]


def test_a_key_that_is_not_there_is_said_when_it_is_needed() -> None:
    def missing() -> str:
        raise ValueError("The environment variable KEY is not set.")

    with Chat() as chat, pytest.raises(Failure) as caught:
        guest(chat, key=missing).ask(WORDS, manner=Manner.TEXT)
    assert caught.value.outcome is Outcome.UNUSABLE
    assert str(caught.value) == "openai:some-model cannot be set up: The environment variable KEY is not set."


def test_nothing_is_told_to_anybody_who_listens_in(monkeypatch: pytest.MonkeyPatch) -> None:
    from langchain_core.tracers.langchain import wait_for_all_tracers
    from langsmith.utils import get_env_var

    with Chat(says("{}")) as chat, Chat() as listener:
        for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
            monkeypatch.setenv(name, "true")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", listener.url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "x")
        get_env_var.cache_clear()
        try:
            guest(chat).ask(WORDS, manner=Manner.TEXT)
            wait_for_all_tracers()
        finally:
            get_env_var.cache_clear()
        assert len(chat.requests) == 1
        assert listener.connections == 0


@pytest.mark.parametrize(
    ("name", "absent", "said"),
    [
        ("openai:m", "langchain", "openai:m needs a package that is not installed; "
         "say: pip install 'deskhand[openai]'"),
        ("openai:m", "langchain_openai", "openai:m needs a package that is not installed; "
         "say: pip install 'deskhand[openai]'"),
        ("mistralai:m", "langchain_mistralai", "mistralai:m needs a package that is not installed; "
         "say: pip install langchain langchain-mistralai"),
        ("bedrock:m", "langchain_aws", "bedrock:m needs a package that is not installed; "
         "say: pip install langchain langchain-aws"),
    ],
)  # fmt: skip
def test_a_package_that_is_not_installed_is_named(
    name: str, absent: str, said: str, without: Callable[[str], None]
) -> None:
    without(absent)
    with pytest.raises(Failure) as caught:
        LangChain(name).ask(WORDS, manner=Manner.TEXT)
    assert (caught.value.outcome, str(caught.value)) == (Outcome.UNUSABLE, said)


def test_a_provider_nobody_knows() -> None:
    with pytest.raises(Failure) as caught:
        LangChain("nobody:m").ask(WORDS, manner=Manner.TEXT)
    assert caught.value.outcome is Outcome.UNUSABLE
    assert str(caught.value).startswith("nobody:m cannot be set up:")


def test_options_reach_the_model() -> None:
    with Chat(says("{}")) as chat:
        guest(chat, options={"temperature": 0.0}).ask(WORDS, manner=Manner.TEXT)
    assert chat.requests[0]["temperature"] == 0.0
    assert json.loads(chat.raw[0]) == chat.requests[0]
