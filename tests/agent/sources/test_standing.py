"""How sources stand: when one that fails is asked again, how far it came, which answers lack something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import ENVIRONMENT, ME, NOW

from deskhand.agent.app import App
from deskhand.agent.desk.desk import Desk
from deskhand.agent.terminal import show_standing
from deskhand.agent.terminal.output import Screen
from deskhand.connectors.errors import Misconfigured, SourceError, Transient, Unauthorized
from deskhand.connectors.health import FIRST_PAUSE, Quota
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Change, Cursor, FreeBusy, Participant

AWAY = "cloud.example.org cannot be reached."


@dataclass
class Far(Memory):
    """A source on the network: it fails as it is told to, after a page."""

    source: str = "mail"
    fails: SourceError | None = None
    first: bool = False
    """It gives one thing before."""
    asked: int = 0
    used: tuple[Quota, ...] = field(default_factory=tuple)

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        self.asked += 1
        if self.fails is not None:
            if self.first:
                yield next(c for c in super().changes(since) if not isinstance(c, Cursor))
            yield Cursor("0", 200, 5000)
            raise self.fails
        yield from super().changes(since)

    def free_busy(self, addresses: Sequence[str], *, start: datetime, end: datetime) -> dict[str, FreeBusy]:
        if self.fails is not None:
            raise self.fails
        return super().free_busy(addresses, start=start, end=end)

    def quota(self) -> Sequence[Quota]:
        return self.used


class Place:
    """An open home with such a source, at a moment that moves."""

    def __init__(self, root: Path) -> None:
        self.root, self.moment, self.far = root, NOW, Far()
        self.app = self._open()

    def _open(self) -> App:
        app = App.open(self.root, now=self.now, environ=ENVIRONMENT)
        app.plug(self.far, kind="imap")
        app.connections._passes._draw = lambda: 0.5
        return app

    def now(self) -> datetime:
        return self.moment

    def reopen(self) -> None:
        self.app.close()
        self.app = self._open()

    def told(self) -> dict[str, object]:
        (one,) = self.told_all()["sources"]
        return dict(one)

    def told_all(self) -> dict[str, Any]:
        return Desk(self.app, None).call("sources", {})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "home")
    yield place
    place.app.close()


def test_a_source_that_fails_again_and_again_is_left_alone_over_restarts(place: Place) -> None:
    place.far.fails = Transient(AWAY)
    for asked in (1, 2, 3, 3, 3):
        (one,) = place.app.sync(embed=0).passes
        assert (place.far.asked, one.error) == (asked, AWAY)
    assert (one.rests, one.due) == (True, NOW + FIRST_PAUSE * 0.75)
    place.reopen()
    assert place.app.sync(embed=0).passes[0].rests
    assert place.far.asked == 3
    told = place.told()
    assert (told["failed"], told["rests"], told["error"]) == (3, True, AWAY)
    assert told["reached"] == {"done": 200, "expected": 5000}
    assert told["next_try"] == (NOW + FIRST_PAUSE * 0.75).isoformat()


def test_every_place_says_the_same_minute_of_its_next_try(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Due at 08:00:45 it is asked again at 08:01."""
    place.far.fails = Transient(AWAY)
    desk, screen = Desk(place.app, None), Screen(zone="UTC")
    for _ in range(3):
        synced = desk.call("sync", {})
    show_standing.synced(screen, synced)
    assert "Next try Sun 22 Nov 2026 08:01, or now: deskhand sync mail" in capsys.readouterr().out
    show_standing.sources(screen, desk.call("sources", {}))
    assert "left alone until Sun 22 Nov 2026 08:01; ask it now" in capsys.readouterr().out
    assert any("It is asked again Sun 22 Nov, 08:01" in n for n in place.app.search("boat").notes)


def test_a_first_pass_that_was_cut_off_says_how_much_is_there(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen(zone="UTC")
    show_standing.sources(screen, place.told_all())
    assert "0 items, never synced" in capsys.readouterr().out
    place.far.add("message", "one", title="Boat", text="At seven.", at=NOW, folder="INBOX")
    place.far.fails = Transient(AWAY)
    place.far.first = True
    place.app.sync(embed=0)
    show_standing.sources(screen, place.told_all())
    said = capsys.readouterr().out
    assert "1 item so far, not read to its end yet; goes on there with: deskhand sync mail" in said
    assert "never" not in said


def test_what_one_that_cannot_be_opened_can_do_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "papers").mkdir()
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        app.add("files", str(tmp_path / "papers"))
    (tmp_path / "papers").rename(tmp_path / "moved")
    with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
        show_standing.sources(Screen(), Desk(app, None).call("sources", {}))
    said = capsys.readouterr().out
    assert "can do: nothing while it cannot be opened" in said
    assert "problem: There is no folder" in said, "although no sync has failed yet"


def test_it_is_asked_when_a_person_names_it_and_when_its_time_has_come(place: Place) -> None:
    place.far.fails = Transient(AWAY)
    for _ in range(3):
        place.app.sync(embed=0)
    answer = Desk(place.app, None).call("sync", {"sources": ["mail"]})
    assert (place.far.asked, answer["sources"][0]["rests"]) == (4, False)
    place.moment += timedelta(minutes=2)
    place.far.fails = None
    (one,) = place.app.sync(embed=0).passes
    assert (place.far.asked, one.error, one.rests) == (5, "", False)
    assert (place.told()["failed"], place.told()["next_try"], place.told()["reached"]) == (0, None, None)


@pytest.mark.parametrize("error", [Transient("Too many.", after=600), Unauthorized("No such password.")])
def test_whoever_wants_to_be_left_alone_is_at_once(place: Place, error: SourceError) -> None:
    place.far.fails = error
    for _ in range(3):
        place.app.sync(embed=0)
    assert place.far.asked == 1


def test_what_was_used_is_told(place: Place) -> None:
    place.far.used = (Quota(250, 6000, "units in the last minute"),)
    place.app.sync(embed=0)
    assert place.told()["quota"] == [{"used": 250, "limit": 6000, "of": "units in the last minute"}]


class TestPartialAnswers:
    def test_a_search_says_which_source_is_behind(self, place: Place) -> None:
        place.app.sync(embed=0)
        assert not [n for n in place.app.search("boat").notes if "mail" in n]
        place.far.fails = Transient(AWAY)
        place.app.sync(embed=0)
        said = "Of mail nothing newer than Sun 22 Nov, 08:00 is known (cloud.example.org cannot be reached). "
        assert said + "Once that is mended: deskhand sync mail" in place.app.search("boat").notes
        assert not [n for n in place.app.search("boat", sources=["other"]).notes if "mail" in n]
        for _ in range(2):
            place.app.sync(embed=0)
        resting = said + "It is asked again Sun 22 Nov, 08:01; sooner with: deskhand sync mail"
        assert resting in place.app.search("boat").notes, place.app.search("boat").notes

    def test_one_that_was_never_read_is_named(self, place: Place) -> None:
        assert "mail was not read to its end yet: deskhand sync mail" in place.app.search("boat").notes

    def test_whatever_reads_says_which_source_is_behind_and_since_when(self, tmp_path: Path) -> None:
        kinds = {"mail": "imap", "work": "caldav", "papers": "files"}
        far = {alias: Far(alias) for alias in kinds}
        bo = (Participant("from", "bo@example.org", "Bo Test"), Participant("to", ME))
        far["mail"].add("message", "m", title="Budget", text="It is 52.", at=NOW, people=bo, folder="INBOX")
        far["papers"].add("document", "a.md", title="Harbour", text="We decided on 32 lenses.", at=NOW)
        wishes = {
            "what did we decide about the harbour?": {"mail", "work", "papers"},
            "what is on my calendar tomorrow?": {"work"},
            "when am I free tomorrow?": {"work"},
            "is bo@example.org free tomorrow at 14:00?": {"work"},
            "summarise the last mail from Bo": {"mail"},
            "what is waiting for my answer?": {"mail"},
            "what did Bo write this week?": {"mail"},
            "what changed in the harbour document?": {"papers"},
            "send me a digest": {"mail", "work", "papers"},
        }
        with App.open(tmp_path, now=NOW, environ=ENVIRONMENT) as app:
            for alias, source in far.items():
                app.plug(source, kind=kinds[alias])
            app.sync(embed=0)
            for source in far.values():
                source.fails = Transient(AWAY)
            app.sync(embed=0)
            told = {wish: app.ask(wish, fresh=False).answer for wish in wishes}
            told["a digest"] = app.digest().answer
            told["slots"] = " ".join(Desk(app, None).call("slots", {"words": "tomorrow"})["notes"])
            told["people"] = " ".join(Desk(app, None).call("people", {})["notes"])
        wishes |= {"a digest": {"mail", "work", "papers"}, "slots": {"work"}, "people": {"mail", "work"}}
        assert "papers" not in told["people"]
        for wish, behind in wishes.items():
            answer = " ".join(told[wish].split())
            for alias in behind:
                known = f"Of {alias} nothing newer than Sun 22 Nov, 08:00 is known ({AWAY[:-1]})"
                assert known in answer, (wish, answer)
            for knows_nobody in ("mail", "papers"):
                assert f"{knows_nobody} could not be asked" not in answer


class TestOneSource:
    def test_all_about_it(self, tmp_path: Path) -> None:
        (tmp_path / "papers").mkdir()
        (tmp_path / "papers/a.md").write_text("# A\n")
        with App.open(tmp_path / "home", now=NOW, environ=ENVIRONMENT) as app:
            app.add("files", str(tmp_path / "papers"), options={"ignore": "*.tmp"})
            app.sync(embed=0)
            (one,) = Desk(app, None).call("sources", {"source": "documents"})["sources"]
        assert (one["items"], one["versions"], one["attachments"]) == (1, 1, 0)
        assert one["options"] == {"ignore": "*.tmp"}
        assert one["bytes"] > 0

    def test_one_that_is_not_there(self, place: Place) -> None:
        from deskhand.agent.sources.standing import sources

        with pytest.raises(Misconfigured, match=r"no source called 'mial' \(did you mean 'mail'\?\)"):
            sources(place.app, "mial")
