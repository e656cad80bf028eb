"""Which writes of a model's plan the person's own words cover; the rest is asked about."""

from __future__ import annotations

from typing import Any

from deskhand.agent.planners._covered import uncovered
from deskhand.agent.planners._drafted import Words
from deskhand.agent.planners.rules import plan as rules
from deskhand.agent.plans.language import (
    Call,
    Contains,
    Equals,
    Every,
    Not,
    Plan,
    Ref,
    Some,
    Step,
)
from deskhand.agent.profile import Known

LISTED = {"for_each": Ref(ref="mails", path="messages")}


def step(id_: str, op: str, more: dict[str, Any] | None = None, **args: Any) -> Step:
    return Step(id=id_, op=op, args=args, purpose="do it", **(more or {}))


def asked(words: str, known: Known, *steps: Step) -> list[str]:
    """What is asked about, of a model's plan for these words."""
    made = Plan(request=words, objective="Do it.", steps=steps)
    return uncovered(made, Words(words, known), rules(words, known))


def put(**selects: Any) -> tuple[Step, Step]:
    """Mails found by something, and thrown away."""
    away = step("put", "mail.trash", LISTED, source="mail", ref={"ref": "each", "path": "ref"})
    return step("mails", "message.list", **selects), away


def test_what_the_words_say_is_covered(known: Known) -> None:
    assert asked("Put the mails about the raffle into the trash", known, *put(about="raffle")) == []


def test_a_write_that_the_words_do_not_speak_of_is_not(known: Known) -> None:
    assert asked("Flag the mails about the raffle", known, *put(about="raffle")) == ["put"]
    assert asked("what is new about the raffle?", known, *put(about="raffle")) == ["put"]


def test_nor_is_one_that_is_chosen_by_other_words(known: Known) -> None:
    words = "Put the mails about the raffle into the trash"
    assert asked(words, known, *put(about="invoices")) == ["put"]
    assert asked(words, known, *put(about="raffle", person="ann@example.org")) == ["put"]


def test_nor_is_one_that_is_picked_by_other_words_out_of_those_that_the_words_say(known: Known) -> None:
    words = "Put the mails about the raffle into the trash"
    title = Ref(ref="each", path="title")
    for where in (
        Contains(of=title, value="contract"), Equals(of=title, value="Contract"),
        Not(of=Contains(of=title, value="ticket")),
        Every(of=(Contains(of=title, value="raffle"), Some(of=(Contains(of=title, value="contract"),)))),
    ):  # fmt: skip
        found, away = put(about="raffle")
        picked = away.model_copy(update={"for_each": Ref(ref="mails", path="messages", where=where)})
        assert asked(words, known, found, picked) == ["put"], where
        one = {"ref": "mails", "path": "messages", "where": where.model_dump(mode="json"), "take": "first"}
        single = step("put", "mail.trash", source="mail", ref=one | {"then": "ref"})
        assert asked(words, known, found, single) == ["put"], where
    of_hers = Contains(of=title, value="raffle")
    found, away = put(about="raffle")
    picked = away.model_copy(update={"for_each": Ref(ref="mails", path="messages", where=of_hers)})
    assert asked(words, known, found, picked) == []


def test_nor_is_one_whose_choice_has_another_in_its_place(known: Known) -> None:
    """What is looked for where the first look finds nothing chooses as much."""
    words = "Put the mails about the raffle into the trash"
    found, away = put(about="raffle")
    other = Call(op="message.list", args={"about": "contract"})
    assert asked(words, known, found.model_copy(update={"fallback": other}), away) == ["put"]
    behind = step("else", "message.list", about="contract")
    via = Call(op="message.list", args={"about": {"ref": "else", "path": "messages[0].title"}})
    assert asked(words, known, behind, found.model_copy(update={"fallback": via}), away) == ["put"]


def test_nor_one_that_takes_everything_there_is(known: Known) -> None:
    assert asked("Put the mails about the raffle into the trash", known, *put(direction="in")) == ["put"]


def test_nor_one_that_only_waits_for_what_the_words_choose(known: Known) -> None:
    """A step beside it that looks for what was said, and whose find it leaves aside."""
    words = "Put the mails about the raffle into the trash"
    found, away = put(about="raffle")
    every = step("every", "message.list", direction="in")
    over = Ref(ref="every", path="messages")
    assert asked(
        words, known, found, every, away.model_copy(update={"for_each": over, "needs": ("mails",)})
    ) == ["put"]
    # Nor one whose choice is only handed on to a look that takes everything.
    counted = {"ref": "mails", "path": "count"}
    every = step("every", "message.list", direction="in", newest=counted)
    assert asked(words, known, found, every, away.model_copy(update={"for_each": over})) == ["put"]


def test_a_contact_may_be_called_by_her_name(known: Known) -> None:
    words = "Put the mails from Ann about the raffle into the trash"
    assert asked(words, known, *put(about="raffle", person="ann@example.org")) == []


def test_one_write_may_be_covered_and_another_not(known: Known) -> None:
    words = "Put the mails about the raffle into the trash"
    at = {"start": "2026-11-25T09:00:00+00:00", "end": "2026-11-25T10:00:00+00:00", "zone": "UTC"}
    more = step("note", "event.create", source="calendar", title="Pay GB00", **at)
    assert asked(words, known, *put(about="raffle"), more) == ["note"]


def test_what_only_reads_is_nobodys_question(known: Known) -> None:
    assert asked("hello there", known, step("day", "threads.waiting")) == []
