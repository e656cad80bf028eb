"""An mbox file is read a piece at a time, and only what is new of it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from contracts import ConnectorContract, Write, current, pass_over
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskhand.connectors.errors import Misconfigured, Transient
from deskhand.connectors.mbox import Mbox, connect
from deskhand.connectors.model import Cursor, Item, ItemRef, Removed

LINE = "From bo@example.org Fri Nov 20 09:00:00 2026\n"


def letter(n: int, text: str = "", *, head: str = "") -> str:
    return (
        f"{LINE}From: Bo <bo@example.org>\nSubject: No {n}\nMessage-ID: <{n}@example.org>\n{head}"
        f"\n{text or f'Text {n}.'}\n\n"
    )


def with_file(n: int) -> str:
    parts = "--b\n\nSee.\n--b\nContent-Type: text/plain; name=n.txt\n\nNotes.\n--b--"
    return letter(n, parts, head="Content-Type: multipart/mixed; boundary=b\n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mail.mbox"


def open_(path: Path) -> Mbox:
    return connect(source="box", state=path.parent / "state", place=str(path))


def titles(mbox: Mbox, since: Cursor | None = None) -> list[str]:
    return [c.title for c in pass_over(mbox, since)[0] if isinstance(c, Item)]


class TestMbox(ConnectorContract):
    @pytest.fixture
    def connector(self, path: Path) -> Mbox:
        path.write_text(letter(1) + with_file(2) + letter(3) + letter(2) + letter(3))
        return open_(path)

    @pytest.fixture
    def writes(self, connector: Mbox) -> list[Write]:
        return []


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ("", 0),
        (letter(1), 1),
        (letter(1).rstrip("\n"), 1),
        ("From \nSubject: bare\n\nx\n\nFrom \nSubject: bare too\n\ny\n", 2),
        (letter(1, "Dear Bo,\n\nFrom my point of view it is 9:00 now.\n\nFrom here."), 1),
        (letter(1, f"no blank line before\n{LINE}is text"), 1),
        (letter(1).replace("\n", "\r\n") + letter(2).replace("\n", "\r\n"), 2),
        ("From - Mon Nov 23 08:00:00 2026\nSubject: a\n\nx\n\n" * 1 + letter(2), 2),
    ],
)
def test_messages_begin_where_they_should(path: Path, content: str, count: int) -> None:
    path.write_bytes(content.encode())
    assert len(titles(open_(path))) == count


def test_escaped_from_lines_read_as_they_were_written(path: Path) -> None:
    path.write_text(letter(1, "One\n>From here\n>>From there"))
    (item,) = pass_over(open_(path))[0]
    assert isinstance(item, Item)
    assert item.text + item.data["quoted"] == "One\nFrom here>From there"


def test_flags_are_those_of_the_status_fields_and_no_new_content(path: Path) -> None:
    path.write_text(letter(1))
    (fresh,) = pass_over(open_(path))[0]
    path.write_text(letter(1, head="Status: RO\nX-Status: AF\n"))
    (seen,) = pass_over(open_(path))[0]
    assert isinstance(fresh, Item)
    assert isinstance(seen, Item)
    assert (fresh.flags, seen.flags) == ((), ("answered", "flagged", "seen"))
    assert (fresh.ref, fresh.hash, fresh.version) == (seen.ref, seen.hash, seen.version)


def test_a_message_without_a_date_has_that_of_its_from_line(path: Path) -> None:
    path.write_text(letter(1))
    (item,) = pass_over(open_(path))[0]
    assert isinstance(item, Item)
    assert item.at == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_only_what_was_appended_is_read(path: Path) -> None:
    """The middle is overwritten with something else in between: nobody looks there."""
    path.write_text("".join(letter(n) for n in range(200)))
    mbox = open_(path)
    _, cursor = pass_over(mbox)
    content = path.read_text()
    path.write_text(content.replace("Text 100.", "TEXT 100.") + letter(1000) + with_file(1001))
    assert titles(mbox, cursor) == ["No 1000", "No 1001", "n.txt"]
    _, cursor = pass_over(mbox, cursor)
    assert pass_over(mbox, cursor)[0] == []


def test_a_message_that_was_still_being_written_is_read_again(path: Path) -> None:
    whole = letter(1) + letter(2, "A long text\n\nthat comes in two pieces.")
    mbox_path = path
    mbox_path.write_text(whole[:-25])
    mbox = open_(path)
    first, cursor = pass_over(mbox)
    path.write_text(whole + letter(3))
    changes, _ = pass_over(mbox, cursor)
    assert [c.title for c in changes if isinstance(c, Item)] == ["No 2", "No 3"]
    assert len(current([*first, *changes])) == 3
    assert not [c for c in changes if isinstance(c, Removed)]


def test_compaction_keeps_identities_and_removes_what_is_gone(path: Path) -> None:
    path.write_text(letter(1) + with_file(2) + letter(3))
    mbox = open_(path)
    first, cursor = pass_over(mbox)
    path.write_text(letter(1) + letter(3))
    changes, after = pass_over(mbox, cursor)
    gone = [str(c.ref) for c in changes if isinstance(c, Removed)]
    two = next(c for c in first if isinstance(c, Item) and c.title == "No 2").ref
    assert gone == [f"box:message:{two.native}", f"box:attachment:{two.native}#1"]
    before = {(i.ref, i.hash) for i in current(first).values()}
    assert {(i.ref, i.hash) for i in current(changes).values()} < before
    assert pass_over(mbox, after)[0] == []


def test_two_messages_of_one_id_are_two_and_two_copies_are_one(path: Path) -> None:
    path.write_text(letter(1) + letter(1, "Another text.") + letter(1) + letter(1, "Another text."))
    mbox = open_(path)
    changes, _ = pass_over(mbox)
    assert sorted(c.text for c in changes if isinstance(c, Item)) == ["Another text.", "Text 1."]
    for item in current(changes).values():
        assert mbox.read(item.ref) == item


def test_it_is_read_only_and_says_what_it_looked_for(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no file"):
        open_(path)
    with pytest.raises(Misconfigured, match="no file"):
        open_(tmp_path)
    path.write_bytes(b"\x00\x01 not mail")
    with pytest.raises(Misconfigured, match="From "):
        open_(path)


def test_a_file_that_is_gone_for_now_removes_nothing(path: Path) -> None:
    path.write_text(letter(1))
    mbox = open_(path)
    _, cursor = pass_over(mbox)
    path.unlink()
    with pytest.raises(Transient):
        list(mbox.changes(cursor))
    with pytest.raises(Transient):
        mbox.read(ItemRef("box", "message", "x"))


PIECES = st.sampled_from(
    [LINE, "From ", "\n", "\n\n", "\r\n", ">From x\n", "Subject: x\n", "Message-ID: <a@b>\n", "text"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES | st.text(max_size=8), max_size=25), st.lists(PIECES, max_size=8))
def test_whatever_it_holds_a_pass_ends_and_the_next_is_empty(
    path: Path, first: list[str], then: list[str]
) -> None:
    content = LINE + "".join(first)
    path.write_bytes(content.encode())
    mbox = open_(path)
    changes, cursor = pass_over(mbox)
    assert pass_over(mbox, cursor)[0] == []
    path.write_bytes((content + "".join(then)).encode())
    more, after = pass_over(mbox, cursor)
    together = current([*changes, *more])
    afresh = current(pass_over(open_(path))[0])
    assert {k: i.hash for k, i in together.items()} == {k: i.hash for k, i in afresh.items()}
    assert pass_over(mbox, after)[0] == []


MEASURE = """
import sys
from pathlib import Path
from deskhand.connectors.mbox import connect
from deskhand.connectors.model import Cursor, Item
mbox = connect(source="box", state=Path("."), place=sys.argv[1])
items = 0
for change in mbox.changes(None):
    if isinstance(change, Item):
        items += 1
        last = change
    else:
        cursor = change
assert mbox.read(last.ref) == last
assert list(mbox.changes(cursor)) == [Cursor(cursor.value, 0, 0)]
# Not ru_maxrss: that one remembers the process this one was forked from.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(items, int(peak.split()[1]) // 1024)
"""


@pytest.mark.long
def test_sixty_megabytes_in_little_memory(path: Path) -> None:
    body = "A line of some length that says nothing at all.\n" * 400
    with path.open("w") as file:
        for n in range(3_150):
            file.write(letter(n, body))
    assert path.stat().st_size > 60_000_000
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True, timeout=250
    )
    items, megabytes = map(int, done.stdout.split())
    assert items == 3_150
    assert megabytes < 80, "what Python takes, and little more"
