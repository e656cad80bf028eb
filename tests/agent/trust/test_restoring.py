"""What is undone is as it was, byte for byte, in real sources; where it cannot be undone it is told why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from agent_givens import BO, ENVIRONMENT, NOW, plan, step
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from deskhand.agent.app import App
from deskhand.agent.errors import Refusal
from deskhand.agent.model import Run
from deskhand.connectors.errors import Transient
from deskhand.connectors.model import Item
from deskhand.connectors.operations import OPERATIONS

EVENT = """BEGIN:VEVENT\r
UID:{0}@example.org\r
DTSTAMP:20261101T000000Z\r
SUMMARY:{0}\r
X-STRANGE;X-P="a:b":kept\r
DTSTART:202611{1}T100000Z\r
DTEND:202611{1}T110000Z\r
END:VEVENT\r
"""
END = b"END:VCALENDAR\r\n"
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{0}END:VCALENDAR\r\n"
MAIL = (
    b"From: Bo <bo@example.org>\nTo: noor@example.org\nSubject: Winch %d\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 +0000\n"
    b"Message-ID: <w%d@example.org>\n\nIt is repaired.\n"
)


class Office:
    """A mailbox, a calendar and a folder on disk, and a home that is connected to them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.moment = NOW
        self.app = App.open(root / "home", now=lambda: self.moment, environ=ENVIRONMENT)
        if not self.app.settings.sources:
            for folder in ("mail/cur", "mail/new", "mail/tmp", "mail/.Archive/cur", "mail/.Archive/new",
                           "mail/.Archive/tmp", "papers"):  # fmt: skip
                (root / folder).mkdir(parents=True)
            for n in (1, 2):
                (root / "mail" / "cur" / f"{n}.m:2,{'S' * (n - 1)}").write_bytes(MAIL % (n, n))
                (root / "papers" / f"{n}.md").write_bytes(b"line\r\n" * n)
            events = EVENT.format("Budget", 24) + EVENT.format("Review", 25)
            (root / "calendar.ics").write_bytes(CALENDAR.format(events).encode())
            for kind, place in (("maildir", "mail"), ("ics", "calendar.ics"), ("files", "papers")):
                self.app.add(kind, str(root / place), alias=place.partition(".")[0])
        self.app.sync(embed=0)

    def looks(self) -> dict[str, bytes]:
        """Every file that somebody else can see; events without the mark of who wrote them, in any order."""
        made = {}
        for path in sorted(self.root.rglob("*")):
            part = path.relative_to(self.root).as_posix()
            if path.is_file() and not part.startswith("home/") and "deskhand" not in path.name:
                lines = path.read_bytes().splitlines(keepends=True)
                data = b"".join(x for x in lines if not x.startswith(b"X-DESKHAND-EFFECT"))
                made[part] = b"BEGIN:VEVENT".join(sorted(data.replace(END, b"").split(b"BEGIN:VEVENT")))
        return made

    def items(self, source: str) -> list[Item]:
        found = self.app.archive.find(sources=[source], kinds=["message", "event", "document"])
        return sorted(found, key=lambda i: str(i.ref))

    def do(self, op: str, **args: Any) -> Run:
        run = self.app.ask(plan(step("write", op, **args)), approve=True, fresh=False)
        assert run.status == "done", run.answer
        self.app.sync(embed=0)
        return run


def copied(made: Path, root: Path) -> Office:
    shutil.copytree(made, root)
    config = root / "home" / "config.toml"
    config.write_text(config.read_text("utf-8").replace(str(made), str(root)), "utf-8")
    return Office(root)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("office") / "made"
    Office(root).app.close()
    return root


@pytest.fixture
def office(made: Path, tmp_path: Path) -> Iterator[Office]:
    office = copied(made, tmp_path / "office")
    yield office
    office.app.close()


def at(item: Item) -> dict[str, Any]:
    return {"source": item.ref.source, "ref": str(item.ref), "version": item.version}


def of(item: Item) -> dict[str, Any]:
    return {"source": item.ref.source, "ref": str(item.ref)}


def hour(n: int) -> dict[str, str]:
    """An hour on a day of its own."""
    start = NOW + timedelta(days=10 + n)
    return {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}


CHANGES: dict[str, Callable[[Office, int], Run | None]] = {
    "file.create": lambda o, n: o.do("file.create", source="papers", path=f"new/{n}.md", text="new\n"),
    "file.replace": lambda o, n: _one(o, "papers", n, lambda i: o.do("file.replace", **at(i), text=f"{n}\n")),
    "file.trash": lambda o, n: _one(o, "papers", n, lambda i: o.do("file.trash", **at(i))),
    "mail.flag": lambda o, n: _one(
        o, "mail", n, lambda i: o.do("mail.flag", **of(i), add=["flagged"], remove=["seen"])
    ),
    "mail.move": lambda o, n: _one(o, "mail", n, lambda i: o.do("mail.move", **of(i), folder="Archive")),
    "mail.trash": lambda o, n: _one(o, "mail", n, lambda i: o.do("mail.trash", **of(i))),
    "event.create": lambda o, n: o.do(
        "event.create", source="calendar", title=f"New {n}", zone="UTC", **hour(n)
    ),
    "event.update": lambda o, n: _one(
        o, "calendar", n, lambda i: o.do("event.update", **at(i), title=f"Costs {n}")
    ),
    "event.cancel": lambda o, n: _one(o, "calendar", n, lambda i: o.do("event.cancel", **at(i))),
}


def _one(office: Office, source: str, n: int, do: Callable[[Item], Run]) -> Run | None:
    """Do it to one of what a source holds; None where it holds nothing any more."""
    found = office.items(source)
    return do(found[n % len(found)]) if found else None


@pytest.mark.long
@settings(
    max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)  # fmt: skip
@example([("mail.move", 3), ("file.create", 0), ("file.replace", 3), ("mail.trash", 1)])
@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 3)), min_size=2, max_size=4))
def test_whatever_was_done_and_undone_leaves_no_trace(
    tmp_path_factory: pytest.TempPathFactory, made: Path, changes: list[tuple[str, int]]
) -> None:
    office = copied(made, tmp_path_factory.mktemp("one") / "office")
    try:
        before = office.looks()
        done = [CHANGES[name](office, which + 4 * n) for n, (name, which) in enumerate(changes)]
        for run in reversed(done):
            if run is None or not [e for e in run.effects if e.inverse]:
                continue  # it changed nothing that was not so already
            undone = office.app.undo(run.id, approve=True)
            assert undone.status == "done", undone.answer
        assert office.looks() == before
    finally:
        office.app.close()


class TestAgain:
    def test_an_undo_is_undone_and_that_too(self, office: Office) -> None:
        before = office.looks()
        (event, _) = office.items("calendar")
        run = office.do("event.update", **at(event), title="Costs")
        after = office.looks()
        for n in range(4):
            run = office.app.undo(run.id, approve=True)
            assert run.status == "done", run.answer
            assert office.looks() == (after if n % 2 else before)

    def test_a_file_that_was_changed_and_changed_back_in_another_second_is_as_it_was_left(
        self, office: Office
    ) -> None:
        before, path = office.looks(), office.root / "papers" / "a.md"
        made = office.do("file.create", source="papers", path="a.md", text="one")
        os.utime(path, (0, 0))  # the time of a file stands in its version
        office.app.sync(embed=0)
        (paper,) = (i for i in office.items("papers") if i.title == "a.md")
        changed = office.do("file.replace", **at(paper), text="two")
        assert office.app.undo(changed.id, approve=True).status == "done"
        os.utime(path, (9, 9))
        assert office.app.undo(made.id, approve=True).status == "done"
        assert office.looks() == before

    @pytest.mark.parametrize("fails", [False, True])
    def test_the_last_goes_first_and_what_cannot_be_stops_the_rest(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, fails: bool
    ) -> None:
        run = office.app.ask(
            plan(
                step("a", "file.create", source="papers", path="a.md", text="x"),
                step("b", "file.create", ("a",), source="papers", path="b.md", text="x"),
            ),
            fresh=False,
        )
        papers = office.app.connections.connector("papers")
        perform, asked = papers.perform, list[str]()

        def performs(op: Any, **rest: Any) -> Any:
            asked.append(op.ref.native)
            if fails:
                raise Transient("The folder is out of reach.")
            return perform(op, **rest)

        monkeypatch.setattr(papers, "perform", performs)
        undone = office.app.undo(run.id)
        left = {p.name for p in (office.root / "papers").iterdir()} - {"1.md", "2.md"}
        if fails:
            assert ({*asked}, undone.status, left) == ({"b.md"}, "failed", {"a.md", "b.md"})
        else:
            assert (asked, undone.status, left) == (["b.md", "a.md"], "done", set())

    def test_twice_says_so_and_by_which_run(self, office: Office) -> None:
        run = office.do("file.create", source="papers", path="a.md", text="x")
        undone = office.app.undo(run.id)
        with pytest.raises(Refusal, match=f"What {run.id} did was undone already by {undone.id}."):
            office.app.undo(run.id)


class TestRefused:
    def test_a_file_that_somebody_wrote_to_since(self, office: Office) -> None:
        run = office.do("file.create", source="papers", path="a.md", text="x")
        (office.root / "papers" / "a.md").write_text("somebody's", "utf-8")
        with pytest.raises(Refusal, match=r"cannot be taken back any more .*: a\.md was changed"):
            office.app.undo(run.id)
        assert (office.root / "papers" / "a.md").read_text("utf-8") == "somebody's"

    def test_an_event_that_was_moved_since_says_where_to(self, office: Office) -> None:
        (event, _) = office.items("calendar")
        run = office.do("event.update", **at(event), title="Costs")
        file = office.root / "calendar.ics"
        file.write_bytes(file.read_bytes().replace(b"20261124T1", b"20261126T1"))
        # By hand, so its DTSTAMP still says when Deskhand wrote it: when it was moved nobody knows.
        with pytest.raises(Refusal, match=r"It was moved to Thu 26 Nov, .* since then\.$"):
            office.app.undo(run.id)

    def test_what_another_run_changed_names_that_run(self, office: Office) -> None:
        (event, _) = office.items("calendar")
        first = office.do("event.update", **at(event), title="Costs")
        (event, _) = office.items("calendar")
        second = office.do("event.update", **at(event), title="Money")
        with pytest.raises(Refusal, match=f"{second.id} changed it since.*deskhand undo {second.id}"):
            office.app.undo(first.id)
        assert office.app.undo(second.id, approve=True).status == "done"
        assert office.app.undo(first.id, approve=True).status == "done"

    def test_what_is_gone_since(self, office: Office) -> None:
        (paper, _) = office.items("papers")
        run = office.do("file.replace", **at(paper), text="new")
        (office.root / "papers" / "1.md").unlink()
        with pytest.raises(Refusal, match="is not there any more"):
            office.app.undo(run.id)

    def test_of_two_the_other_is_taken_back_and_the_rest_is_told(self, office: Office) -> None:
        run = office.app.ask(
            plan(
                step("a", "file.create", source="papers", path="a.md", text="x"),
                step("b", "file.create", source="papers", path="b.md", text="x"),
            ),
            fresh=False,
        )
        (office.root / "papers" / "a.md").write_text("somebody's", "utf-8")
        undone = office.app.undo(run.id)
        assert undone.status == "done"
        assert "a.md was changed since then." in undone.answer
        assert sorted(p.name for p in (office.root / "papers").iterdir()) == ["1.md", "2.md", "a.md"]
        assert {e.step: e.state for e in office.app.run(run.id).effects} == {"a": "done", "b": "undone"}

    def test_one_effect_of_a_run(self, office: Office) -> None:
        run = office.app.ask(
            plan(
                step("a", "file.create", source="papers", path="a.md", text="x"),
                step("b", "file.create", source="papers", path="b.md", text="x"),
            ),
            fresh=False,
        )
        office.app.undo(next(e.key for e in run.effects if e.step == "a")[:8])
        assert sorted(p.name for p in (office.root / "papers").iterdir()) == ["1.md", "2.md", "b.md"]


def test_what_others_are_in_is_asked_about_and_its_card_says_so(office: Office) -> None:
    run = office.do(
        "event.create", source="calendar", title="New", zone="UTC", attendees=[{"address": BO}], **hour(0)
    )
    asked = office.app.undo(run.id)
    (card,) = [a for a in asked.approvals if a.state == "pending"]
    assert (asked.status, card.undo) == ("waiting", "R2")


def _paper(office: Office) -> dict[str, str]:
    paper = office.items("papers")[0]
    return {"ref": str(paper.ref), "version": paper.version}


def _rewritten(office: Office) -> None:
    for path in (office.root / "papers").rglob("*.md"):
        path.write_text("somebody's", "utf-8")


def _put_back(office: Office) -> None:
    (office.root / "papers" / "1.md").write_text("somebody's", "utf-8")


def _moved_on(office: Office) -> None:
    """Whatever mail there is lies in the archive by now."""
    for path in [*(office.root / "mail").rglob("cur/*"), *(office.root / "mail").rglob("new/*")]:
        path.rename(office.root / "mail" / ".Archive" / "cur" / path.name)


def _deleted(office: Office) -> None:
    for path in (office.root / "mail").rglob("cur/*"):
        path.unlink()


def _renamed(office: Office) -> None:
    file = office.root / "calendar.ics"
    file.write_bytes(file.read_bytes().replace(b"SUMMARY:", b"SUMMARY:Somebody's "))


def _undone(office: Office, run: Run | None) -> Run:
    """What put it back: a write like any other, which may be taken back in its turn."""
    assert run is not None
    return office.app.undo(run.id, approve=True)


def _booked_again(office: Office) -> None:
    event = EVENT.format("Budget", 27).encode()
    file = office.root / "calendar.ics"
    file.write_bytes(file.read_bytes().replace(END, event + END))


DONE: dict[str, Callable[[Office], Run | None]] = {
    name: lambda o, _do=do: _do(o, 0) for name, do in CHANGES.items()
} | {
    "mail.draft": lambda o: o.do("mail.draft", source="mail", to=[{"address": BO}], subject="S", body="B"),
    "file.copy": lambda o: o.do("file.copy", source="papers", called="copy.md", content=_paper(o)),
    "file.restore": lambda o: _undone(o, CHANGES["file.replace"](o, 0)),
    "event.restore": lambda o: _undone(o, CHANGES["event.cancel"](o, 0)),
}
SINCE: list[tuple[str, Callable[[Office], None]]] = [
    ("file.create", _rewritten), ("file.replace", _rewritten), ("file.copy", _rewritten),
    ("file.trash", _put_back), ("mail.draft", _deleted), ("mail.flag", _moved_on),
    ("mail.move", _deleted), ("mail.trash", _moved_on), ("event.create", _renamed),
    ("event.update", _renamed), ("event.cancel", _booked_again), ("event.restore", _renamed),
    ("file.restore", _rewritten),
]  # fmt: skip
"""What was done, and what somebody does to it since."""

WITH_OTHERS = {"mail.send", "event.answered", "event.respond", "event.receive"}
"""Those are in `runs/test_overtaken.py`."""


def test_no_write_is_left_out() -> None:
    assert {name for name, _ in SINCE} | WITH_OTHERS == set(OPERATIONS)


@pytest.mark.parametrize(("name", "since"), SINCE, ids=[f"{n}, {s.__name__[1:]}" for n, s in SINCE])
def test_what_changed_since_stays_as_it_is_and_the_reason_is_told(
    office: Office, name: str, since: Callable[[Office], None]
) -> None:
    run = DONE[name](office)
    assert run is not None
    runs = [r.id for r in office.app.runs()]
    since(office)
    before = office.looks()
    if since is _moved_on and name != "mail.move":  # only its source knows that it lies elsewhere by now
        undone = office.app.undo(run.id, approve=True)
        assert (undone.status, "is not there any more" in undone.answer) == ("failed", True), undone.answer
    else:
        with pytest.raises(Refusal, match=r"cannot be taken back any more .*: .+\."):
            office.app.undo(run.id, approve=True)
        assert [r.id for r in office.app.runs()] == runs, "nothing was begun for it"
    assert office.looks() == before
    assert [(e.operation, e.state) for e in office.app.run(run.id).effects] == [(name, "done")]


@pytest.mark.parametrize("name", [name for name in DONE if not name.endswith(".restore")])
def test_each_is_taken_back(office: Office, name: str) -> None:
    before = office.looks()
    run = DONE[name](office)
    assert run is not None
    assert office.looks() != before or name == "mail.draft"
    undone = office.app.undo(run.id, approve=True)
    assert (undone.status, [e.state for e in office.app.run(run.id).effects]) == ("done", ["undone"])
    assert office.looks() == before
