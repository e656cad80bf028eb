"""A mailbox of several pages at Gmail: within the quota, newest first, and taken up where it broke off."""

from __future__ import annotations

import signal
from itertools import islice
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT
from contracts import NOW, current, pass_over
from crashing import forked
from fakes import myworld
from gmail_givens import arrives, asked, batching, gets, ids, mailbox, seed, sync_and_die, token
from google_givens import Google

from deskhand.agent.app import App
from deskhand.connectors import _google
from deskhand.connectors._google_account import opened
from deskhand.connectors._google_quota import Bucket
from deskhand.connectors.gmail import opened_with
from deskhand.connectors.model import Change, Cursor, Failed, Item

MANY = [seed(f"n{n:03d}", f"Note {n:03d}", day=1 + n // 12) for n in range(230)]
pytestmark = pytest.mark.parametrize("google", [myworld.office(emails=MANY)], indirect=True)


def test_no_minute_of_a_first_sync_takes_more_than_the_quota(google: Google, tmp_path: Path) -> None:
    """Units, not calls: 5 for a message or a list, 1 for the profile and the labels."""
    now = 0.0
    spent: list[tuple[float, int]] = []

    class Counted(Bucket):
        def take(self, units: int) -> None:
            super().take(units)
            spent.append((now, units))

    def pause(seconds: float) -> None:
        nonlocal now
        now += seconds

    batching(google)  # which are so many messages each
    quota = Counted(600, burst=250, ticks=lambda: now, pause=pause)  # a tenth of Gmail's, for 230 messages
    account = opened("gmail", source="mail", place="ana@example.org", token=token(google), quota=quota)
    gmail = opened_with(account, source="mail", state=tmp_path / "state")
    assert len(pass_over(gmail)[0]) == 230
    assert quota.spent == 230 * 5 + 2 * 5 + 2 * 1  # two lists: of all, and of spam
    for at, _ in spent:
        assert sum(u for t, u in spent if at <= t < at + 60) <= 600 + 4 * 5
    assert now > 60
    (said,) = gmail.quota()
    assert (said.limit, said.of) == (600, "units in the last minute")
    assert said.used == sum(u for t, u in spent if t > now - 60)
    gmail.close()


def test_a_first_sync_is_newest_first_and_goes_on_at_the_last_page(google: Google, tmp_path: Path) -> None:
    first = mailbox(google, tmp_path / "state")
    seen: list[Change] = []
    for change in islice(first.changes(None), 215):
        seen.append(change)
    first.close()
    dates = [c.at for c in seen if isinstance(c, Item)]
    assert dates == sorted(dates, reverse=True)
    (cursor,) = (c for c in seen if isinstance(c, Cursor))
    assert (cursor.done, cursor.expected) == (200, 230)
    new = arrives(google, "Meanwhile")
    google.front.seen.clear()
    again = mailbox(google, tmp_path / "other")
    changes, last = pass_over(again, cursor)
    assert len(gets(google)) == 31
    assert gets(google)[0] == new
    together = current([*seen[: seen.index(cursor)], *changes])
    assert together.keys() == current(pass_over(again)[0]).keys()
    assert (last.done, last.expected) == (31, 31)
    again.close()


def test_a_first_sync_asks_for_fifty_messages_by_one_request(google: Google, tmp_path: Path) -> None:
    alone = mailbox(google, tmp_path / "alone")
    expected = [c for c in pass_over(alone)[0] if isinstance(c, Item)]
    alone.close()
    assert len(gets(google)) == 230
    assert batches(google) == 1, "it takes no batch, and is not asked for another"
    inner = batching(google)
    google.front.seen.clear()
    together = mailbox(google, tmp_path / "together")
    assert pass_over(together)[0] == expected
    together.close()
    assert batches(google) == 5
    assert sorted(line for line in asked(google) if line.startswith("GET")) == [
        "GET labels", "GET messages", "GET messages", "GET profile",
    ]  # fmt: skip
    assert sorted(inner) == sorted(f"GET messages/{i.ref.native}" for i in expected)


def batches(google: Google) -> int:
    """How many were sent."""
    return google.front.seen.count(("POST", "/batch"))


def test_each_message_of_a_batch_is_judged_alone(google: Google, tmp_path: Path) -> None:
    """What was refused for now is asked for alone; what is gone, is gone; and the others are read."""
    there = ids(google)
    later, gone, refused = (there[f"Note {n}"] for n in ("005", "010", "020"))
    batching(google, {later: 429, gone: 404, refused: 403})
    google.front.seen.clear()
    gmail = mailbox(google, tmp_path / "state")
    changes, _ = pass_over(gmail)
    gmail.close()
    assert gets(google) == [later]
    assert [c.ref.native for c in changes if isinstance(c, Failed)] == [refused]
    assert {c.ref.native for c in changes if isinstance(c, Item)} == set(there.values()) - {gone, refused}


def test_messages_that_are_too_much_for_one_answer_come_alone(
    google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_google, "_BATCH_BYTES", 2_000)
    batching(google)
    gmail = mailbox(google, tmp_path / "state")
    assert len(pass_over(gmail)[0]) == 230
    gmail.close()
    assert len(gets(google)) == 230


@pytest.mark.crash
def test_a_first_sync_that_is_killed_goes_on_at_the_last_page(google: Google, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / "token").write_text(token(google), "utf-8")
    (tmp_path / "token").chmod(0o600)
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        app.add("gmail", "ana@example.org", options={"token": f"file:{tmp_path / 'token'}"})
    child = forked(sync_and_die, str(home), google.front.port, str(google.authorities))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    google.front.seen.clear()
    with App.open(home, now=NOW, environ=ENVIRONMENT) as app:
        (passed,) = app.sync(embed=0).passes
        assert (passed.error, passed.tally.added) == ("", 30)
        assert app.sources()[0].items == 230
    assert len(gets(google)) == 30
