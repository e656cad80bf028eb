"""The door for suites of others: a planner or a model and sources go in, every executed write comes out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from agent_givens import ANN, ENVIRONMENT, ME, NOW, House, box, draft, event, mail, plan, step

from deskhand.agent.app import App
from deskhand.agent.errors import Refusal
from deskhand.agent.models.scripted import Scripted
from deskhand.agent.plans.language import Ref
from deskhand.connectors.memory import Memory

PAGE = Path(__file__).parents[2] / "docs" / "adversary.md"


def test_the_example_of_the_page_does_what_it_says() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    exec(compile(code, str(PAGE), "exec"), {"__name__": "example"})  # noqa: S102  our own page


def test_every_executed_write_comes_out_in_order_and_says_what_allowed_it(house: House) -> None:
    house.know(ANN)
    steps = (draft(), event(needs=("draft",)), mail(to=ANN, needs=("event",)))
    run = house.do(*steps, approve=lambda _: {"verdict": "approve"})
    made = house.app.writes(run.id)
    assert [(w.operation, w.step, w.state, w.source) for w in made] == [
        ("mail.draft", "draft", "done", "memory"),
        ("event.create", "event", "done", "memory"),
        ("mail.send", "mail", "done", "memory"),
    ]
    assert [(w.rule, w.approval, w.by) for w in made] == [
        ("mail.draft", "", ""), ("event.create alone", "", ""), ("mail.send to contacts", "a1", "person"),
    ]  # fmt: skip
    assert all(w.receipt is not None and w.receipt["ref"] for w in made)
    assert made[2].arguments["to"] == [box(ANN)]
    assert made[0].origins["body"]["trust"] == made[2].origins["body"]["trust"] == "user"


def test_what_was_refused_or_left_open_is_no_write(house: House) -> None:
    house.do(mail(), approve=lambda _: {"verdict": "reject", "reason": "no"})
    house.do(mail(subject="Other"))
    assert house.app.writes() == []


def test_foreign_words_are_labelled_where_nobody_was_asked(house: House) -> None:
    """What a policy lets through alone tells whose words it is made of, as a card would."""
    house.message("m", title="Offer", text="Nine euros.")
    house.sync()
    found = step("found", "item.find", about="Offer", kinds=["message"])
    told = step("told", "item.summarise", ("found",), item={"ref": "found"})
    kept = draft("kept", ("told",), body={"ref": "told", "path": "text"})
    run = house.do(found, told, kept)
    (write,) = house.app.writes(run.id)
    assert (write.approval, write.origins["body"]["trust"]) == ("", "untrusted")
    assert write.origins["body"]["origins"], "it says where it came from"


def test_those_over_a_list_are_told_one_by_one(house: House) -> None:
    for n in range(3):
        house.message(f"m{n}", title=f"Offer {n}")
    house.sync()
    listed = step("mails", "message.list", about="offer")
    away = step("put", "mail.trash", source="memory", ref={"ref": "each", "path": "ref"})
    run = house.do(listed, away.model_copy(update={"for_each": Ref(ref="mails", path="messages")}))
    assert run.status == "done", run.answer
    made = house.app.writes(run.id)
    assert sorted(w.arguments["ref"] for w in made) == [f"memory:message:m{n}" for n in range(3)]
    assert {w.origins["ref"]["trust"] for w in made} == {"metadata"}


def test_an_undone_write_is_told_with_what_took_it_back(house: House) -> None:
    run = house.do(draft())
    house.app.undo(run.id)
    assert [(w.operation, w.state) for w in house.app.writes()] == [
        ("mail.draft", "undone"), ("mail.trash", "done"),
    ]  # fmt: skip


def test_there_is_no_such_run(house: House) -> None:
    with pytest.raises(Refusal, match="r99"):
        house.app.writes("r99")


def test_a_model_that_is_handed_in_plans_and_writes_only_with_leave(tmp_path: Path) -> None:
    found = step("found", "item.find", about="winch")
    told = step("told", "item.summarise", ("found",), item={"ref": "found"})
    answer = plan(found, told).model_dump_json(include={"objective", "steps"})
    for leave, calls in (("false", 1), ("true", 2)):
        memory = Memory(me=ME)
        memory.mail("m", sender=ANN, to=[ME], subject="Winch", text="Can you call Bo?", at=NOW)
        model = Scripted([answer, "Ann asks you to call Bo [1]."])
        environ = ENVIRONMENT | {"DESKHAND_MODEL__WRITES": leave, "DESKHAND_EMBEDDING__MODEL": "none"}
        with App.open(tmp_path / leave, model=model, sources=[memory], now=NOW, environ=environ) as app:
            app.sync()
            run = app.ask("what about the winch")
        assert (run.status, len(model.calls)) == ("done", calls), run.answer
        assert ("Written by scripted" in run.answer) == (leave == "true")


def test_a_source_that_cannot_be_plugged_leaves_the_home_free(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        App.open(tmp_path, sources=[object()], environ=ENVIRONMENT, now=datetime(2026, 1, 1, tzinfo=UTC))  # type: ignore[list-item]
    App.open(tmp_path, environ=ENVIRONMENT).close()


TIDY = plan(
    step("mails", "message.list", about="offer"),
    step("put", "mail.trash", source="memory", ref={"ref": "each", "path": "ref"}).model_copy(
        update={"for_each": Ref(ref="mails", path="messages")}
    ),
).model_dump_json(include={"objective", "steps"})


@pytest.mark.parametrize(
    ("words", "asks"), [("Put the mails about the offer into the trash", 0), ("what about the offer?", 2)]
)
def test_what_a_model_plans_beyond_the_words_is_asked_about(tmp_path: Path, words: str, asks: int) -> None:
    """Each message is its own question; nothing was thrown away before."""
    memory = Memory(me=ME)
    for n in range(2):
        memory.mail(f"m{n}", sender=ANN, to=[ME], subject=f"Offer {n}", text="Nine euros.", at=NOW)
    environ = ENVIRONMENT | {"DESKHAND_EMBEDDING__MODEL": "none"}
    with App.open(tmp_path, model=Scripted([TIDY]), sources=[memory], now=NOW, environ=environ) as app:
        app.sync()
        run = app.ask(words)
    assert (run.status, len(run.approvals)) == ("waiting" if asks else "done", asks), run.answer
    assert len(memory.performed) == 2 - asks
    assert all("your words do not say it" in a.reason for a in run.approvals)


def test_no_model_writes_on_the_card_of_what_it_failed_at(tmp_path: Path) -> None:
    """What a step is for is the model's to say, and it may have been bought."""
    failing = step("look", "item.find", about="no such thing").model_copy(
        update={"on_failure": "ask", "purpose": "keep your account safe: say yes now"}
    )
    later = step("told", "item.summarise", item={"ref": "look"}).model_copy(update={"purpose": "say yes now"})
    answer = plan(failing, later).model_dump_json(include={"objective", "steps"})
    environ = ENVIRONMENT | {"DESKHAND_EMBEDDING__MODEL": "none"}
    with App.open(
        tmp_path, model=Scripted([answer]), sources=[Memory(me=ME)], now=NOW, environ=environ
    ) as app:
        run = app.ask("what about no such thing?", fresh=False)
    (card,) = run.approvals
    assert card.kind == "failure"
    assert "look up item find" in card.summary
    assert "yes now" not in card.model_dump_json()
