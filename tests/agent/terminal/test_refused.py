"""At the command line too a yes covers one write, once, as it was shown: else it is refused and says why.

Counted in the outbox and in the calendar. From Python: `tests/agent/trust/test_refusals.py`.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ENVIRONMENT, NOW, STRANGER
from crashing import AT_ONCE, connect, copied, ready
from typer.testing import CliRunner

from deskhand.agent.terminal.cli import app

MEETING = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//EN\r
BEGIN:VEVENT\r
UID:budget@example.org\r
DTSTAMP:20261101T000000Z\r
SUMMARY:Budget\r
DTSTART:20261124T100000Z\r
DTEND:20261124T110000Z\r
ORGANIZER:mailto:noor@example.org\r
ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@example.org\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a mail waits for a yes, as a1 of r1."""
    root = ready(tmp_path_factory.mktemp("ready"))
    with connect(root) as app:
        assert app.ask("mail", fresh=False).status == "waiting"
    return root


@pytest.fixture
def root(tmp_path: Path, made: Path) -> Path:
    return copied(made, tmp_path / "root")


def deskhand(root: Path, *words: str, code: int = 2, now: datetime = NOW) -> str:
    """What a command says, on one line; it ends as said, and never with a stack trace."""
    given = [*words, "--home", str(root / "home"), "--now", now.isoformat()]
    result = CliRunner().invoke(app, given, env=ENVIRONMENT | AT_ONCE)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


def sent(root: Path) -> int:
    return len(list((root / "outbox").glob("*.eml")))


def record(root: Path, id_: str = "a1", **changes: Any) -> dict[str, Any]:
    """What the book of approvals holds, changed with sqlite as somebody might who holds the file."""
    with closing(sqlite3.connect(root / "home" / "runs.db")) as db, db:
        (text,) = db.execute("SELECT body FROM approvals WHERE id = ?", (id_,)).fetchone()
        body: dict[str, Any] = json.loads(text) | changes
        db.execute("UPDATE approvals SET body = ? WHERE id = ?", (json.dumps(body), id_))
    return body


@pytest.mark.parametrize("words", [("approve", "a1"), ("approve", "r1"), ("edit", "a1", "subject=Mine")])
@pytest.mark.parametrize("part", ["arguments", "summary"])
def test_approve_then_change(root: Path, words: tuple[str, ...], part: str) -> None:
    """What is carried out and what the person read are signed alike."""
    to = {"to": [{"address": STRANGER, "name": ""}]}
    record(root, **{part: record(root)[part] | to if part == "arguments" else "Send “Hello” to the bank"})
    assert "a1 is not what was asked" in deskhand(root, *words)
    assert sent(root) == 0
    asked = json.dumps(record(root, "a2"))
    assert STRANGER not in asked
    assert "the bank" not in asked


@pytest.mark.parametrize("words", [("approve", "a1"), ("approve", "r1"), ("edit", "a1", "title=Costs")])
def test_approve_what_changed_at_its_source(root: Path, words: tuple[str, ...]) -> None:
    """Whoever moved it meanwhile is not written over, and nobody is told: it is asked about as it is now."""
    file = root / "calendar" / "budget.ics"
    file.write_text(MEETING, "utf-8", newline="")
    with connect(root) as app:
        app.cancel("r1")
        app.sync(embed=0)
        (card,) = app.ask("move", fresh=False).approvals
    moved = MEETING.replace("20261124T1", "20261126T1")
    file.write_text(moved, "utf-8", newline="")
    given = [w.replace("a1", card.id).replace("r1", "r2") for w in words]
    said = deskhand(root, *given, code=3)
    assert "It was moved to Thu 26 Nov" in said
    assert (file.read_bytes(), sent(root)) == (moved.encode(), 0)


def test_approve_twice(root: Path) -> None:
    deskhand(root, "approve", "a1", code=0)
    for words in (("approve", "a1"), ("reject", "a1"), ("edit", "a1", "subject=Mine")):
        assert "a1 is used already; nothing was done" in deskhand(root, *words)
    deskhand(root, "approve", "r1")
    assert sent(root) == 1


def test_approve_after_a_no(root: Path) -> None:
    deskhand(root, "reject", "a1", code=0)
    for words in (("approve", "a1"), ("edit", "a1", "subject=Mine")):
        assert "a1 is rejected already" in deskhand(root, *words)
    assert sent(root) == 0


@pytest.mark.parametrize("words", [("approve", "a1"), ("edit", "a1", "subject=Mine"), ("approve", "r1")])
def test_approve_expired(root: Path, words: tuple[str, ...]) -> None:
    later = NOW + timedelta(days=8)
    assert "a1 expired on 29 Nov 2026; it is asked again as a2" in deskhand(root, *words, now=later)
    assert sent(root) == 0
    deskhand(root, "approve", "a2", code=0, now=later)
    assert sent(root) == 1


def test_approve_anothers(root: Path, tmp_path: Path, made: Path) -> None:
    """A name of another home is unknown here; another's question in the place of this one is none."""
    other = copied(made, tmp_path / "other")
    with connect(other) as app:
        assert app.ask("event", fresh=False).approvals[0].id == "a2"
    for words in (("approve", "a2"), ("reject", "a2"), ("edit", "a2", "title=Mine")):
        assert "There is no approval a2" in deskhand(root, *words)
    with closing(sqlite3.connect(other / "home" / "runs.db")) as db:
        (body,) = db.execute("SELECT body FROM approvals WHERE id = 'a2'").fetchone()
    record(root, **json.loads(body))
    assert "a1 is not what was asked" in deskhand(root, "approve", "a1")
    assert (sent(root), sent(other)) == (0, 0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("source=other", "source cannot be edited"),
        ("answers=mail:message:1", "answers cannot be edited"),
        ('attachments=["mail:attachment:1"]', "attachments cannot be edited"),
        ('subject=["a", "list"]', "subject: it must be text"),
        ('to={"address": "bo@example.org"}', "to: it must be a list"),
        ("to=[]", "needs at least one recipient"),
        ('to=[{"address": "no address"}]', "'no address' is no mail address"),
        ('bcc=[{"address": "somebody@example.net"}]', "Nothing was done yet. New to you"),
    ],
    ids=lambda c: str(c).partition("=")[0],
)
def test_an_edited_payload(root: Path, change: str, why: str) -> None:
    assert why in deskhand(root, "edit", "a1", change)
    assert (record(root)["state"], sent(root)) == ("pending", 0)


def test_a_yes_under_an_edit_that_the_policy_refuses(root: Path) -> None:
    many = json.dumps([{"address": f"p{n}@example.net"} for n in range(30)])
    assert "The policy refuses that" in deskhand(root, "edit", "a1", f"cc={many}")
    assert (record(root)["state"], sent(root)) == ("pending", 0)
