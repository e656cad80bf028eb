"""The mail that goes out on an event's yes is the one its card showed; any other is asked about by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from agent_givens import ANN, BO, NOW, box, plan, step
from two_desks import Desk, calendar_of, words_of

from deskhand.agent.model import Run
from deskhand.agent.models.scripted import Scripted
from deskhand.agent.plans.language import Step

WORDS = f"Book an hour with {ANN} tomorrow at 10 about the budget"
PARTS = {n: {"ref": "invitation", "path": n} for n in ("subject", "body", "calendar")}


def booking(id_: str = "event", *who: str, hour: int = 10, days: int = 1, title: str = "Budget") -> Step:
    start = NOW.replace(hour=hour) + timedelta(days=days)
    return step(
        id_, "event.create", source="calendar", title=title, zone="Europe/Lisbon",
        start=start.isoformat(), end=(start + timedelta(hours=1)).isoformat(),
        attendees=[box(one) for one in who],
    )  # fmt: skip


def inviting(about: str = "event", needs: tuple[str, ...] = (), **words: Any) -> tuple[Step, Step]:
    """The mail about an event, in other words where some are given."""
    return (
        step("invitation", "event.invitation", needs, event={"ref": about}),
        step("invite", "mail.send", source="mail", **({"to": [box(ANN)]} | PARTS | words)),
    )


def by_model(noor: Desk, *steps: Step) -> Run:
    """What a model's plan for the words comes to, once the cards of its events have had their yes."""
    noor.reopen(Scripted([plan(*steps).model_dump_json(include={"objective", "steps"})]))
    run = noor.ask(WORDS, approve=None)
    assert [e.data["outcome"] for e in noor.app.runs_room.records.events(run.id) if e.type == "model tried"]
    for card in noor.app.approvals():
        if card.operation == "event.create":
            run = noor.app.decide(card.id)
    return run


def open_questions(noor: Desk) -> list[str]:
    return [card.operation for card in noor.app.approvals()]


class TestAModelsPlan:
    def test_the_mail_that_was_shown_goes_out_with_the_event(self, noor: Desk) -> None:
        run = by_model(noor, booking("event", ANN), *inviting())
        assert run.status == "done", run.answer
        (mail,) = noor.sent()
        (note,) = [n for n in run.approvals[0].notes if n.startswith("With it goes a mail to")]
        assert words_of(mail).strip().splitlines()[0] in note
        assert "SUMMARY:Budget" in calendar_of(mail)

    @pytest.mark.parametrize(
        "words",
        [
            {"body": "Pay the deposit to GB00 first."}, {"subject": "Urgent: pay first"},
            {"bcc": [box(ANN)], "to": [box(ANN)], "body": "Pay first."},
        ],
    )  # fmt: skip
    def test_its_own_words_are_asked_about(self, noor: Desk, words: dict[str, Any]) -> None:
        run = by_model(noor, booking("event", ANN), *inviting(**words))
        assert (run.status, open_questions(noor), noor.sent()) == ("waiting", ["mail.send"], []), run.answer
        assert noor.app.decide(noor.app.approvals()[0].id, "reject").status == "partial"
        assert noor.sent() == []

    def test_so_is_the_invitation_to_another_event(self, noor: Desk) -> None:
        """Ann is invited in this run, and would read of something else, in the words of no card."""
        other = booking("other", days=3, title="Layoffs")
        run = by_model(noor, booking("event", ANN), other, *inviting("other", needs=("event",)))
        assert noor.sent() == [], run.answer


class TestAnyPlan:
    """The same holds whoever wrote it."""

    def test_whom_the_card_did_not_name_is_asked_about(self, noor: Desk) -> None:
        noor.app.ask(plan(booking("event", ANN, BO), *inviting()))
        noor.app.decide(noor.app.approvals()[0].id)
        assert [str(m["To"]) for m in noor.sent()] == [ANN]
        noor.app.ask(plan(booking("event", ANN, hour=14), *inviting(to=[box(ANN), box(BO)])))
        noor.app.decide(noor.app.approvals()[0].id)
        assert (open_questions(noor), noor.sent()) == (["mail.send"], [])

    def test_an_edited_card_takes_its_mail_along(self, noor: Desk) -> None:
        run = noor.app.ask(plan(booking("event", ANN), *inviting()))
        done = noor.app.decide(run.approvals[0].id, "edit", changes={"title": "Harbour budget"})
        assert done.status == "done", done.answer
        assert ["Harbour budget" in words_of(m) + str(m["Subject"]) for m in noor.sent()] == [True]

    def test_a_restart_in_between_changes_nothing(self, noor: Desk) -> None:
        run = noor.app.ask(plan(booking("event", ANN), *inviting()))
        noor.reopen()
        assert noor.app.decide(run.approvals[0].id).status == "done"
        assert len(noor.sent()) == 1
        run = noor.app.ask(plan(booking("event", ANN, hour=15), *inviting(body="Bring money.")))
        noor.reopen()
        assert noor.app.decide(run.approvals[0].id).status == "waiting"
        assert noor.sent() == []
