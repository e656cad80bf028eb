"""Two people with a Deskhand each: invitations and answers travel between them as mail, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from two_desks import Desk


@pytest.fixture
def noor(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path / "noor", "Noor Haddad", "noor@example.org") as desk:
        yield desk


@pytest.fixture
def bo(tmp_path: Path) -> Iterator[Desk]:
    with Desk(tmp_path / "bo", "Bo Lind", "bo@example.org", zone="America/New_York") as desk:
        yield desk


def invited(noor: Desk, bo: Desk) -> None:
    run = noor.ask("book 45 minutes with bo@example.org on Tuesday at 15:00 about the budget")
    assert run.status == "done", run.answer
    bo.receive(*noor.sent())
    bo.sync()


@pytest.mark.parametrize(
    ("words", "noted"),
    [
        ("accept the invitation from noor@example.org", "ACCEPTED"),
        ("decline the invitation from noor@example.org", "DECLINED"),
        ("tentatively accept the invitation from noor@example.org", "TENTATIVE"),
    ],
)
def test_an_answer_comes_back_and_is_noted(noor: Desk, bo: Desk, words: str, noted: str) -> None:
    invited(noor, bo)
    answered = bo.ask(words)
    assert answered.status == "done", answered.answer
    noor.receive(*bo.sent())
    (run,) = noor.sync()
    assert noor.event("Budget")["ATTENDEE"].params["PARTSTAT"] == noted
    assert (run.status == "waiting") == (noted == "DECLINED")


def test_another_time_is_proposed_and_taken(noor: Desk, bo: Desk) -> None:
    invited(noor, bo)
    before = noor.event("Budget").decoded("DTSTART")
    # 11:00 in New York is 16:00 in Lisbon.
    run = bo.ask("propose another time for the invitation from noor@example.org: Tuesday at 11:00")
    assert run.status == "done", run.answer
    noor.receive(*bo.sent())
    (follow,) = noor.sync()
    (approval,) = [a for a in follow.approvals if a.state == "pending"]
    done = noor.app.decide(approval.id)
    assert done.status == "done", done.answer
    after = noor.event("Budget").decoded("DTSTART")
    assert (before.hour, after.hour) == (15, 16)
    assert noor.event("Budget")["SEQUENCE"] == 1


def test_what_is_cancelled_is_told(noor: Desk, bo: Desk) -> None:
    invited(noor, bo)
    run = noor.ask("cancel the budget on Tuesday")
    assert run.status == "done", run.answer
    (mail,) = noor.sent()
    assert "METHOD:CANCEL" in "".join(
        part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for part in mail.walk()
        if part.get_content_type() == "text/calendar"
    )
