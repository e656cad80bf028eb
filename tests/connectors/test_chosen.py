"""What of a source is read is chosen in the same words for all, and may be chosen otherwise later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contracts import NOW, current, pass_over
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors import connect
from deskhand.connectors._chosen import Choice, Chosen, is_marked
from deskhand.connectors.archive import Archive
from deskhand.connectors.errors import Misconfigured
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Change, Cursor, Failed, Item, ItemRef
from deskhand.connectors.sync import sync

DAY = datetime(2026, 1, 1, tzinfo=UTC)
FOLDERS = ("INBOX", "Work", "Work/Old", "Workshop", "")

_THINGS = st.lists(
    st.tuples(st.sampled_from(FOLDERS), st.integers(-3, 3), st.sampled_from(["a.md", "b.log"])), max_size=8
)
_CHOICES = st.builds(
    dict,
    folders=st.sampled_from(["", "work", "INBOX, Work/*", "W*"]),
    exclude=st.sampled_from(["", "work/old", "*.log", "inbox"]),
    since=st.sampled_from(["", "2026-01-01"]),
)


def box(things: list[tuple[str, int, str]]) -> Memory:
    made = Memory("box")
    for n, (folder, days, name) in enumerate(things):
        at = DAY + timedelta(days=days)
        made.add("document", f"{folder}/{n}{name}", title=name, text=f"{n}", at=at, folder=folder)
    return made


def chosen(memory: Memory, **given: Any) -> Chosen:
    return Chosen(memory, Choice.of(given))


@given(_THINGS, _CHOICES, _CHOICES)
def test_what_is_there_is_what_is_chosen_also_after_another_choice(
    things: list[tuple[str, int, str]], first: dict[str, str], then: dict[str, str]
) -> None:
    memory = box(things)
    before, cursor = pass_over(chosen(memory, **first))
    after, _ = pass_over(chosen(memory, **then), cursor)
    wanted = Choice.of(then)
    assert set(current([*before, *after])) == {str(r) for r, i in memory.items.items() if wanted.takes(i)}


@given(_THINGS, _CHOICES)
def test_a_pass_over_what_did_not_change_is_one_cursor(
    things: list[tuple[str, int, str]], choice: dict[str, str]
) -> None:
    source = chosen(box(things), **choice)
    _, cursor = pass_over(source)
    changes, after = pass_over(source, cursor)
    assert (changes, after.value) == ([], cursor.value)


@pytest.mark.parametrize(
    ("given_", "folder", "native", "read"),
    [
        ({"folders": "work"}, "Work", "x", True),
        ({"folders": "work"}, "Work/Old", "x", True),
        ({"folders": "work"}, "Workshop", "x", False),
        ({"folders": "work"}, "", "x", False),
        ({"exclude": "Work/"}, "Work/Old", "x", False),
        ({"exclude": "*.log"}, "Work", "Work/today.LOG", False),
        ({"exclude": "drafts"}, "Work", "Work/drafts.md", True),
        ({"folders": ["Work", "INBOX"], "exclude": ["*/Old"]}, "Work/Old", "x", False),
        ({}, "anything", "x", True),
    ],
)
def test_patterns(given_: dict[str, Any], folder: str, native: str, read: bool) -> None:
    item = Memory("box").add("document", native, title="", text="", at=NOW, folder=folder)
    assert Choice.of(given_).takes(item) is read


def test_of_a_series_its_last_time_counts() -> None:
    since = Choice.of({"since": "2026-01-01"})
    memory = Memory("box")
    for native, until, read in (
        ("over", DAY - timedelta(days=1), False),
        ("goes on", DAY + timedelta(days=9), True),
        ("for ever", None, True),
    ):
        start = DAY - timedelta(days=99)
        item = memory.add("event", native, title="", text="", at=start, start=start, until=until)
        assert since.takes(item) is read, native


def test_a_moved_thing_that_is_no_longer_chosen_goes_with_its_old_address(tmp_path: Path) -> None:
    memory = Memory("box")
    old = memory.add("document", "Work/a", title="a", text="a", at=NOW, folder="Work")
    source = chosen(memory, folders="Work")
    archive = Archive.open(tmp_path / "archive.db")
    archive.register("box", "memory")
    sync(source, archive, now=lambda: NOW)
    assert [i.ref for i in archive.find()] == [old.ref]
    memory.items.pop(old.ref)
    memory.add("document", "Private/a", title="a", text="a", at=NOW, folder="Private", was=old.ref)
    sync(source, archive, now=lambda: NOW)
    assert archive.find() == []
    archive.close()


class Failing(Memory):
    """Two things of it cannot be read."""

    def changes(self, since: Cursor | None) -> Iterator[Change]:
        yield Failed(ItemRef(self.source, "document", "Private/a.pdf"), "broken")
        yield Failed(ItemRef(self.source, "event", "x@example.org"), "broken")
        yield from super().changes(since)


def test_what_could_not_be_read_and_is_not_chosen_is_not_told_but_a_meeting_is() -> None:
    for choice in ({"folders": "Work"}, {"exclude": "private"}):
        failed = [c.ref.kind for c in pass_over(chosen(Failing("box"), **choice))[0] if isinstance(c, Failed)]
        assert failed == ["event"]


class TestConnecting:
    def test_any_kind_takes_them_and_one_that_chooses_by_itself_is_asked(self, tmp_path: Path) -> None:
        (tmp_path / "papers/old").mkdir(parents=True)
        for name in ("a.md", "b.log", "old/c.md"):
            (tmp_path / "papers" / name).write_text(f"# {name}\n", "utf-8")
        given_ = {"place": str(tmp_path / "papers"), "exclude": "old,*.log"}
        source = connect("files", source="papers", state=tmp_path / "state", **given_)
        assert isinstance(source, Chosen)
        changes, cursor = pass_over(source)
        assert [c.ref.native for c in changes if isinstance(c, Item)] == ["a.md"]
        source.close()
        plain = connect("files", source="papers", state=tmp_path / "state", place=str(tmp_path / "papers"))
        assert not isinstance(plain, Chosen)
        assert is_marked(cursor)
        plain.close()
        imap = connect(
            "imap", source="mail", state=tmp_path / "mail", place="ana@example.org", host="x.invalid",
            folders="INBOX", since="2024-01-01",
        )  # fmt: skip
        assert not isinstance(imap, Chosen), "it lists no folder in vain"
        imap.close()

    def test_a_day_that_is_none_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "papers").mkdir()
        with pytest.raises(Misconfigured, match="since must be a day like 2024-01-31, not 'June'"):
            connect("files", source="p", state=tmp_path, place=str(tmp_path / "papers"), since="June")
        with pytest.raises(Misconfigured, match=r"files has no option 'folder' \(did you mean 'folders'\?\)"):
            connect("files", source="p", state=tmp_path, place=str(tmp_path / "papers"), folder="x")
