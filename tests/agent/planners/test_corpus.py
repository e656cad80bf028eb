"""What people say, and the plan it becomes: `corpus.toml`, row by row."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from deskhand.agent.planners.rules import plan
from deskhand.agent.plans.language import Plan, Unclear
from deskhand.agent.profile import Known

CORPUS: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("corpus.toml").read_text("utf-8")
)

_NOTICE = ("event.notice", "mail.send")
SIGNATURES: dict[str, tuple[str, ...]] = {
    "summarise": ("item.find", "item.summarise"),
    "changes": ("item.find", "document.changes"),
    "changed": ("document.changed",),
    "book": ("slots.find", "event.create"),
    "free": ("slots.find",),
    "move": ("event.find", "event.shift", "event.update", *_NOTICE),
    "book_parts": ("slots.find", "event.create"),
    "skip": (
        "event.find",
        "event.whose",
        "event.cancel",
        *_NOTICE,
        "invitation.reply",
        "mail.send",
        "event.respond",
    ),
    "cancel_series": (
        "event.list",
        "event.cancel",
        *_NOTICE,
        "invitation.reply",
        "mail.send",
        "event.respond",
    ),
    "who_free": ("calendar.free",),
    "anew": ("event.find", "event.shift", "event.update", *_NOTICE),
    "cancel": ("event.find", "event.cancel", *_NOTICE),
    "agenda": ("calendar.agenda",),
    "waiting": ("threads.waiting",),
    "draft": ("mail.draft",),
    "send": ("mail.send",),
    "nudge": ("mail.nudge", "mail.send"),
    "thank": ("item.find", "mail.compose_reply", "mail.send"),
    "to_askers": ("item.find", "message.list", "document.askers", "mail.send"),
    "file_attachments": ("message.list", "attachments.place", "file.copy", "attachments.filed"),
    "tell_people": ("event.find", "event.people", "mail.send"),
    "reply": ("item.find", "mail.compose_reply", "mail.send"),
    "reply_draft": ("item.find", "mail.compose_reply", "mail.draft"),
    "forward": ("item.find", "mail.compose_forward", "mail.send"),
    "digest": ("digest.compose", "digest.told"),
    "digest_mail": ("digest.compose", "mail.send", "digest.told"),
    "digest_file": ("digest.compose", "file.create", "digest.told"),
    "schedule_add": ("schedule.add",),
    "schedule_list": ("schedule.list",),
    "schedule_pause": ("schedule.pause",),
    "schedule_resume": ("schedule.resume",),
    "schedule_remove": ("schedule.remove",),
    "question": ("question.answer",),
    "limited": ("slots.find", "event.create"),
    "limited_more": ("slots.find", "event.create"),
    "limited_find": ("slots.find",),
    "anchored": ("event.find", "slots.find", "event.create"),
    "anchored_find": ("event.find", "slots.find"),
    "cancel_all": (
        "event.list",
        "event.cancel",
        *_NOTICE,
        "invitation.reply",
        "mail.send",
        "event.respond",
    ),
    "decline_all": ("event.list", "invitation.reply", "mail.send", "event.respond"),
    "move_all": ("event.list", "event.shift", "event.update", *_NOTICE),
    "answer": ("invitation.find", "invitation.reply", "mail.send", "event.respond"),
    "another": ("invitation.find", "invitation.reply", "mail.send"),
    "resize": ("event.find", "event.shift", "event.update", *_NOTICE),
    "resize_following": ("event.find", "event.shift", "event.update", *_NOTICE, *_NOTICE),
    "book_series": ("slots.find", "event.create"),
    "find_series": ("slots.find",),
    "free_own": ("slots.find",),
    "each": ("slots.together", "event.create", "event.invitation", "mail.send"),
    "anchored_between": ("event.find", "event.find", "slots.find"),
}
ROWS = [(goal, row) for goal, rows in CORPUS.items() for row in rows if goal != "unclear"]


def test_there_are_enough_to_mean_something() -> None:
    assert len(ROWS) + len(CORPUS["unclear"]) >= 250
    assert {*CORPUS} == {*SIGNATURES, "unclear"}


@pytest.mark.parametrize(("goal", "row"), ROWS, ids=lambda v: v["say"] if isinstance(v, dict) else "")
def test_a_request_becomes_the_plan_that_was_meant(goal: str, row: dict[str, Any], known: Known) -> None:
    made = plan(row["say"], known)
    assert isinstance(made, Plan), made
    ops = tuple(s.op for s in made.steps)
    wanted = SIGNATURES[goal]
    if wanted[-1] == "event.create" and row.get("people", []):
        wanted += ("event.invitation", "mail.send")
    assert ops == wanted
    for name, value in row.items():
        if name not in ("say", "origin"):
            assert _seen(made, name) == _expected(name, value), name
    if "origin" in row:
        assert made.steps[-1].origins["to"] == row["origin"]


@pytest.mark.parametrize("row", CORPUS["unclear"], ids=lambda r: r["say"])
def test_what_is_unclear_is_asked(row: dict[str, Any], known: Known) -> None:
    made = plan(row["say"], known)
    assert isinstance(made, Unclear), made
    assert row["message"] in made.message
    if "choices" in row:
        assert len(made.choices) == row["choices"]


EVENT = "“Budget review” on 2026-11-26 at 10:00"
CHOOSING = [(g, row) for g, row in ROWS if g in ("move", "resize", "resize_following", "anew")]


@pytest.mark.parametrize(("goal", "row"), CHOOSING, ids=lambda v: v["say"] if isinstance(v, dict) else "")
def test_a_choice_among_events_asks_for_just_the_same_change(
    goal: str, row: dict[str, Any], known: Known
) -> None:
    asked = plan(row["say"], known)
    assert isinstance(asked, Plan)
    chosen = plan(asked.steps[0].args["template"].format(EVENT), known)
    assert isinstance(chosen, Plan), chosen
    assert chosen.steps[0].args["about"] == "Budget review"
    assert _changes(chosen) == _changes(asked)


@pytest.mark.parametrize("say", [r["say"] for g, r in ROWS if g == "cancel"])
def test_all_of_a_stretch_are_cancelled_by_a_wish_that_is_planned(say: str, known: Known) -> None:
    asked = plan(say, known)
    assert isinstance(asked, Plan)
    if every := asked.steps[0].args.get("every"):
        made = plan(every.format("“Budget review”"), known)
        assert isinstance(made, Plan), made
        assert made.steps[0].op == "event.list"
        assert made.steps[0].args["start"] == asked.steps[0].args["start"]


@pytest.mark.parametrize("row", CORPUS["unclear"], ids=lambda r: r["say"])
def test_a_choice_does_not_lead_back_to_its_question(row: dict[str, Any], known: Known) -> None:
    asked = plan(row["say"], known)
    for choice in asked.choices if isinstance(asked, Unclear) else ():
        made = plan(choice, known)
        assert isinstance(made, Plan) or made.message != asked.message, choice


def _changes(made: Plan) -> dict[str, Any]:
    """How an event changes, whichever it is: lengths of time in seconds."""
    args = {k: v for k, v in made.steps[1].args.items() if k != "event"}
    if "days" in args:
        args["seconds"] = args.pop("days") * 86_400
    return args


def _seen(made: Plan, name: str) -> object:
    """A literal argument, by its name or by `op.name`, as the corpus writes it."""
    op, _, argument = name.rpartition(".")
    found = [s.args[argument] for s in made.steps if argument in s.args and op in ("", s.op)]
    literal = [v for v in found if not (isinstance(v, dict) and "ref" in v)]
    assert literal, f"no argument {name} in {made.steps}"
    return _plain(literal[0])


def _plain(value: object) -> object:
    if isinstance(value, dict) and "address" in value:
        value = value["address"]
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None).isoformat()[:16]
        except ValueError:
            return value.split("@", 1)[0] if value.count("@") == 1 and " " not in value else value
    return value


def _expected(name: str, value: object) -> object:
    if isinstance(value, str) and name.rpartition(".")[2] in ("since", "until", "day"):
        return f"{value}T00:00"
    return value
