"""A configured model from the settings to the trace, over a real HTTP server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ANN, ENVIRONMENT, ME, NOW, STRANGER, House
from fakes.chat.server import Chat, fails, messages, says

from deskhand.agent.app import App
from deskhand.connectors.model import Participant, Relation

CANARY = "xylocarp"
AGENDA = json.dumps({
    "objective": "Tell what is on tomorrow",
    "steps": [{
        "id": "day", "op": "calendar.agenda", "purpose": "look at tomorrow",
        "args": {"start": "2026-11-23T00:00:00+00:00", "end": "2026-11-24T00:00:00+00:00"},
    }],
})  # fmt: skip


@contextmanager
def desk(house: House, chat: Chat, **more: str) -> Iterator[App]:
    """The house, with the chat server as its model."""
    house.app.close()
    given = {"NAME": "openai:some-model", "BASE_URL": chat.url, "TIMEOUT": "20"} | more
    environ = ENVIRONMENT | {n if "__" in n else f"DESKHAND_MODEL__{n}": v for n, v in given.items()}
    with App.open(house.root, now=lambda: NOW, environ=environ) as app:
        app.plug(house.memory)
        app.sync(embed=0)
        yield app


def tried(app: App, run: str) -> list[dict[str, Any]]:
    return [e.data for e in app.runs_room.records.events(run) if e.type == "model tried"]


def test_a_request_is_planned_by_the_model_and_carried_out(house: House) -> None:
    with Chat(says(AGENDA)) as chat, desk(house, chat) as app:
        run = app.ask("what will tomorrow bring, in short?", fresh=False)
        assert (run.status, run.plan and run.plan.objective) == ("done", "Tell what is on tomorrow.")
        (told,) = tried(app, run.id)
    assert told.pop("ms") >= 0
    assert told == {
        "model": "openai:some-model", "manner": "json schema", "outcome": "answered", "tokens": [7, 3]
    }  # fmt: skip


def test_nothing_out_of_any_source_is_in_any_request(house: House) -> None:
    """Each field of each item that a stranger can write holds a canary."""
    who = (
        Participant("from", STRANGER, f"{CANARY} from"),
        Participant("to", ME),
        Participant("cc", f"{CANARY}@example.net"),
    )
    given = {
        "title": f"{CANARY} title", "text": f"{CANARY} text", "folder": f"{CANARY} folder",
        "author": f"{CANARY} author", "note": f"{CANARY} note",
        "link": f"https://{CANARY}.example.net", "flags": (CANARY,),
        "relations": (Relation("mentions", f"{CANARY}-related"),),
    }  # fmt: skip
    data = {"message_id": f"<{CANARY}@example.net>", "quoted": CANARY, "signature": CANARY}
    house.know(ANN)
    house.message(f"{CANARY}-mail", people=who, data=data, **given)
    at = NOW + timedelta(days=1)
    event = {"location": CANARY, "comments": {STRANGER: CANARY}, "uid": CANARY}
    invited = (Participant("organizer", STRANGER, CANARY), Participant("attendee", ME))
    house.memory.add(
        "event", f"{CANARY}-event", at=NOW, start=at, end=at + timedelta(hours=1),
        until=at + timedelta(hours=1), people=invited, data=event, **given,
    )  # fmt: skip
    house.memory.add("document", f"{CANARY}-paper", at=NOW, data={"mime": CANARY}, **given)
    house.memory.add("attachment", f"{CANARY}-file", at=NOW, data={"mime": CANARY}, **given)
    request = "what will tomorrow bring, in short?"
    with Chat(says("{}"), says("nothing"), says(AGENDA), says(AGENDA)) as chat, desk(house, chat) as app:
        run = app.ask(request, fresh=False)
        assert CANARY in run.answer, "the canary was there to be read"
        app.ask(request, fresh=False)
    assert len(chat.raw) == 4
    for raw in chat.raw:
        assert CANARY not in raw.decode().casefold()
        assert STRANGER not in raw.decode()
    assert ANN in messages(chat.requests[0])[1]


def test_show_tells_every_try(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    from deskhand.agent.desk import shapes
    from deskhand.agent.terminal import show

    wrong = json.dumps(
        {"objective": "Look.", "steps": [{"id": "a", "op": "calender.agenda", "purpose": "x"}]}
    )
    fallbacks = '["openai:other"]'
    answers = fails(429, "slow down", headers={"Retry-After": "90"}), says(wrong), says(AGENDA)
    with Chat(*answers) as chat, desk(house, chat, FALLBACKS=fallbacks) as app:
        run = app.ask("what will tomorrow bring, in short?", fresh=False)
        found = app.runs_room.records.events(run.id)
        events = [shapes.event(replace_ms(e)) for e in found]
        show.whole(show.Screen(), shapes.run(run, whole=True) | {"events": events})
    lines = [line.partition("08:00  ")[2] or line.strip() for line in capsys.readouterr().out.splitlines()]
    start = lines.index("model tried openai:some-model (json schema): quota, 5 ms")
    assert lines[start : start + 5] == [
        "model tried openai:some-model (json schema): quota, 5 ms",
        "openai:some-model takes no more requests just now (HTTP 429).",
        "model tried openai:other (json schema): bad schema, 5 ms, 7 tokens in, 3 out",
        "step a, op: there is no operation “calender.agenda”. Did you mean “calendar.agenda”?",
        "model tried openai:other (json schema): answered, 5 ms, 7 tokens in, 3 out",
    ]
    assert [r["model"] for r in chat.requests] == ["some-model", "other", "other"]


def replace_ms(event: Any) -> Any:
    """The same event, as long as it takes in a test that is read."""
    return event.model_copy(update={"data": event.data | {"ms": 5}}) if "ms" in event.data else event


def test_a_dead_model_costs_nothing_but_its_time(house: House) -> None:
    with Chat() as chat:
        pass
    with desk(house, chat) as app:
        run = app.ask("what is on my calendar tomorrow", fresh=False)
        assert run.status == "done"
        assert [t["outcome"] for t in tried(app, run.id)] == ["unreachable"]


def test_a_key_that_is_missing_stops_nothing(house: House) -> None:
    with Chat() as chat, desk(house, chat, API_KEY="env:NO_SUCH_KEY") as app:
        run = app.ask("what is on my calendar tomorrow", fresh=False)
        assert run.status == "done"
        (told,) = tried(app, run.id)
    assert told["outcome"] == "cannot be used"
    assert told["said"].endswith("The environment variable NO_SUCH_KEY is not set.")
    assert chat.requests == []


def test_what_stands_in_its_way_is_told_by_the_doctor(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deskhand.agent.home.guests.find_spec", lambda name: None)
    more = {"API_KEY": "env:NO_SUCH_KEY", "FALLBACKS": '["mistralai:x"]'}
    with Chat() as chat, desk(house, chat, **more) as app:
        assert [p for p in app.check() if p.startswith("model")] == [
            "model openai:some-model: a package is not installed; say: pip install 'deskhand[openai]'",
            "model openai:some-model: The environment variable NO_SUCH_KEY is not set.",
            "model mistralai:x: a package is not installed; "
            "say: pip install langchain and the package of its provider",
        ]
    assert chat.requests == []


def test_a_provider_that_knows_no_schema_is_asked_by_tool_call(house: House) -> None:
    unknown = "'response_format' of type 'json_schema' is not supported with this model"
    with Chat(fails(400, unknown), says(AGENDA)) as chat, desk(house, chat) as app:
        run = app.ask("what will tomorrow bring, in short?", fresh=False)
        told = [(t["manner"], t["outcome"]) for t in tried(app, run.id)]
    assert told == [("json schema", "not supported"), ("tool", "answered")]
    assert chat.requests[1]["tools"][0]["function"]["name"] == "plan"


def test_a_plan_by_a_model_asks_before_it_sends(house: House) -> None:
    mail = {"source": "memory", "to": [{"address": ANN}], "subject": "Late", "body": "I am late."}
    step = {"id": "mail", "op": "mail.send", "args": mail, "purpose": "tell Ann", "origins": {"body": "user"}}
    plan = json.dumps({"objective": "Tell Ann", "steps": [step], "approve": True})
    house.know(ANN)
    with Chat(says(plan)) as chat, desk(house, chat) as app:
        run = app.ask("let Ann know I won't make it in time", fresh=False)
        assert run.status == "waiting"
        (approval,) = run.approvals
        origins = {a.name: a.trust for a in approval.shown}
    assert (origins["to"], origins["body"]) == ("contact", "assistant")
    assert house.performed() == []


def test_what_may_be_sent_unasked_does_not_cover_what_a_model_planned(house: House) -> None:
    step = {"id": "mail", "op": "mail.send", "purpose": "tell Ann", "args": {
        "source": "memory", "to": [{"address": ANN}], "subject": "Late", "body": "I am late.",
    }}  # fmt: skip
    house.know(ANN)
    alone = {"DESKHAND_POLICY__SEND_ALONE": "true"}
    plan = says(json.dumps({"objective": "Tell Ann", "steps": [step]}))
    with Chat(plan, fails(401, "no")) as chat, desk(house, chat, **alone) as app:
        assert app.ask("let Ann know I won't make it", fresh=False).status == "waiting"
        assert house.performed() == []
        assert app.ask(f"mail {ANN} that I am late", fresh=False).status == "done"  # by the rules
        assert house.performed() == ["mail.send"]


def test_with_none_configured_nothing_of_it_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from deskhand.agent.app import App\n"
        f"with App.open({str(tmp_path / 'h')!r}, environ={ENVIRONMENT!r}) as app: app.plan('what is on')\n"
        "sys.exit(any(m.startswith(('langchain.', 'langchain_openai', 'openai', 'deskhand.agent.models')) "
        "for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# What it writes

THREAD = json.dumps({
    "objective": "Summarise the thread",
    "steps": [
        {"id": "found", "op": "item.find", "purpose": "find it", "args": {"about": "winch"}},
        {"id": "told", "op": "item.summarise", "purpose": "sum it up", "args": {"item": {"ref": "found"}}},
    ],
})  # fmt: skip
REPLY = json.dumps({
    "objective": "Draft a reply",
    "steps": [
        {"id": "found", "op": "item.find", "purpose": "find it", "args": {"about": "winch"}},
        {"id": "text", "op": "mail.compose_reply", "purpose": "write", "args": {"message": {"ref": "found"}}},
        {"id": "draft", "op": "mail.draft", "purpose": "keep it", "args": {"source": "memory"} | {
            n: {"ref": "text", "path": n} for n in ("to", "cc", "subject", "body", "answers")
        }},
    ],
})  # fmt: skip
DIGEST = json.dumps(
    {
        "objective": "Your day",
        "steps": [{"id": "day", "op": "digest.compose", "purpose": "put it together", "args": {}}],
    }
)


@pytest.fixture
def winch(house: House) -> House:
    house.know(ANN)
    house.message(
        "winch", sender=ANN, title="The winch", text="The winch is broken. Can you call Bo on Tuesday?"
    )
    return house


def wrote(app: App, run: str) -> list[dict[str, Any]]:
    return [e.data for e in app.runs_room.records.events(run) if e.type == "written"]


def test_a_summary_is_written_out_of_the_thread_and_held_to_it(winch: House) -> None:
    with (
        Chat(says(THREAD), says("Ann says that the winch is broken [1].")) as chat,
        desk(winch, chat, WRITES="true") as app,
    ):
        run = app.ask("in short: what about the winch?", fresh=False)
        assert run.brief is not None
        assert "Ann says that the winch is broken. [1]" in run.answer
        assert "Written by openai:some-model for the assistant" in run.answer
        assert [str(c.ref) for c in run.citations] == ["memory:message:winch"]
        assert wrote(app, run.id) == [{"step": "told", "by": "openai:some-model", "why": ""}]
    asked = chat.requests[1]
    assert not {"tools", "response_format"} & asked.keys(), "it holds no operations"
    assert "Can you call Bo on Tuesday?" in json.dumps(asked)


def test_what_is_not_borne_out_is_not_used_and_the_trace_says_why(winch: House) -> None:
    lies = says("Ann sold the winch for 900 EUR [1].")
    with Chat(says(THREAD), lies, lies, lies) as chat, desk(winch, chat, WRITES="true") as app:
        run = app.ask("in short: what about the winch?", fresh=False)
        assert (run.status, "900" in run.answer) == ("done", False)
        assert "The winch is broken." in run.answer
        (told,) = wrote(app, run.id)
    assert told["by"] == ""
    assert told["why"].startswith("No model wrote what its sources bear out.")


def test_without_the_persons_leave_no_word_of_a_source_goes_out(winch: House) -> None:
    with Chat(says(THREAD)) as chat, desk(winch, chat) as app:
        run = app.ask("in short: what about the winch?", fresh=False)
        assert (run.status, wrote(app, run.id)) == ("done", [])
    assert len(chat.requests) == 1


def test_a_reply_without_words_is_drafted_and_never_sent_alone(winch: House) -> None:
    said = says("Thank you, Ann [1]. Bo gets a call on Tuesday [1].")
    with (
        Chat(says(REPLY), said) as chat,
        desk(winch, chat, WRITES="true", DESKHAND_POLICY__SEND_ALONE="true") as app,
    ):
        run = app.ask("answer Ann about the winch", fresh=False)
        assert run.status == "done", run.answer
        assert "Written by openai:some-model for the assistant" in run.answer
    (effect,) = run.effects
    assert effect.arguments["body"].startswith("Thank you, Ann.\nBo gets a call on Tuesday.\n")
    assert "[1]" not in effect.arguments["body"]


def test_a_digest_begins_with_what_was_written_and_keeps_the_rest(winch: House) -> None:
    with (
        Chat(says(DIGEST), says("Ann asks you to call Bo on Tuesday [1].")) as chat,
        desk(winch, chat, WRITES="true") as app,
    ):
        run = app.ask("my day in short please", fresh=False)
        assert run.answer.index("Ann asks you to call Bo on Tuesday.") < run.answer.index(
            "Waiting for your answer"
        )
        assert wrote(app, run.id)[0]["by"] == "openai:some-model"
