"""What a cursor knows of a mailbox is small, says all there is to say, and is read from old cursors too."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from contracts import pass_over
from fakes.dovecot import Server
from fakes.line import Line
from hypothesis import given
from hypothesis import strategies as st
from imap_givens import PLAIN, messages, open_

from deskhand.connectors import _imap_contents, imap
from deskhand.connectors._imap_known import Folder, Known
from deskhand.connectors._imap_marks import Mark, Marks
from deskhand.connectors._imap_uids import LARGEST, Growing, Uids, chunks, of_text, text_of
from deskhand.connectors.model import Cursor, Item, Removed

uids = st.one_of(st.integers(1, 30), st.integers(LARGEST - 5, LARGEST))
sets = st.sets(uids, max_size=20)
marks = st.builds(Mark, st.booleans(), st.sampled_from(["", "sn", "fdsn", "sn~0a1b2c3d"]), st.integers(0, 3))


@given(sets, sets, st.integers(0, 25))
def test_a_set_of_uids_is_a_set(one: set[int], other: set[int], count: int) -> None:
    a, b = Uids.of(one), Uids.of(other)
    assert list(a) == sorted(one)
    assert (len(a), bool(a)) == (len(one), bool(one))
    assert list(a & b) == sorted(one & other)
    assert list(a | b) == sorted(one | other)
    assert list(a - b) == sorted(one - other)
    assert all((uid in a) == (uid in one) for uid in one | other)
    newest, rest = a.newest(count)
    assert newest == sorted(one, reverse=True)[:count]
    assert rest == Uids.of(one - set(newest))
    assert of_text(text_of(a)) == a


@given(st.lists(uids, max_size=40))
def test_a_set_grows_one_by_one_in_any_order(some: list[int]) -> None:
    grown = Growing()
    for uid in some:
        grown.add(uid)
    assert grown.uids() == Uids.of(some)
    assert ",".join(chunks(grown.uids())) == text_of(sorted(some))


@pytest.mark.parametrize("ranges", [[(0, 3)], [(3, 2)], [(1, LARGEST + 1)]])
def test_what_can_be_no_uid_is_said(ranges: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="no UIDs"):
        Uids(ranges)


@given(st.lists(st.tuples(uids, st.integers(0, 6), st.one_of(marks, st.none()))), sets)
def test_marks_are_a_table(changes: Sequence[tuple[int, int, Mark | None]], some: set[int]) -> None:
    """Whatever is put and dropped in whichever order, and it is written and read without a loss."""
    table: dict[int, Mark] = {}
    packed = Marks()
    for first, more, mark in changes:
        last = min(first + more, LARGEST)
        for uid in range(first, last + 1):
            table.pop(uid, None)
            if mark is not None:
                table[uid] = mark
        if mark is None:
            packed.drop(first, last)
        else:
            packed.put_run(first, last, mark)
    assert says(packed) == table
    assert says(Marks.of(json.loads(json.dumps(packed.plain())))) == table
    anew = Marks()
    for uid in sorted(table, reverse=True):
        anew.put(uid, table[uid])
    assert anew.plain() == packed.plain(), "equal knowledge is written alike"
    assert {u for a, b, _ in packed.take(Uids.of(some)) for u in range(a, b + 1)} == some & table.keys()
    assert says(packed) == {u: m for u, m in table.items() if u not in some}


def says(packed: Marks) -> dict[int, Mark]:
    found = {uid: mark for first, last, mark in packed.runs() for uid in range(first, last + 1)}
    assert len(packed) == len(found)
    assert found == {uid: packed.get(uid) for uid in packed.uids()}
    return found


def test_a_mailbox_of_a_hundred_thousand_is_some_hundred_bytes() -> None:
    """And less than a byte a message, where nothing is the same for two neighbours."""
    even, mixed = Folder(1), Folder(1)
    even.marks.put_run(1, 100_000, Mark(True, "sn"))
    for uid in range(1, 100_001):
        mixed.marks.put(uid + uid // 10, Mark(True, "sn" if uid % 7 else "", uid * uid % 11 % 3))
    assert len(Known({"INBOX": even}).text()) < 200
    assert len(Known({"INBOX": mixed}).text()) < 100_000


# ------------------------------------------------------------------ on a server


def as_it_was(value: str, contents: dict[tuple[str, int], str]) -> str:
    """A cursor as it was written until November 2026: a digest, flags and attachments for each message."""
    known, plain = Known.of(value), json.loads(value)

    def old(place: str, found: Marks) -> dict[str, str]:
        each = [(u, found.get(u) or Mark(False, "")) for u in found.uids()]
        packed = [
            f"{contents[place, u] if m.read else ''}.{m.state}.{m.attached or ''}" for u, m in each
        ]  # fmt: skip
        return {"u": text_of(u for u, _ in each), "k": ",".join(packed)}

    for name, folder in known.folders.items():
        rest = {k: v for k, v in plain["f"][name].items() if k not in "tr"}
        plain["f"][name] = rest | old(f"{name}/{folder.validity}", folder.marks)
    return json.dumps(plain)


@pytest.fixture
def mailbox(dovecot: Server, line: Line, user: str, tmp_path: Path) -> Iterator[imap.Imap]:
    made = open_(dovecot, user, tmp_path, port=line.port)
    yield made
    made.close()


def test_an_old_cursor_is_read(mailbox: imap.Imap, dovecot: Server, user: str, tmp_path: Path) -> None:
    """Nothing is read again because of it, and what moves after it keeps its history."""
    first, cursor = pass_over(mailbox)
    contents = {}
    for item in first:
        if isinstance(item, Item) and item.ref.kind == "message":
            place, _, uid = item.ref.native.rpartition(".")
            contents[place, int(uid)] = item.hash[:12]
    old = replace(cursor, value=as_it_was(cursor.value, contents))
    assert old.value != cursor.value
    (tmp_path / "contents.db").unlink()
    changes, again = pass_over(mailbox, old)
    assert (changes, again.value) == ([], cursor.value)
    was = messages(mailbox)["m1"]
    (tmp_path / "contents.db").unlink()
    with dovecot.program(user) as program:
        program.select_folder("INBOX")
        program.move([int(was.native.rpartition(".")[2])], "Archive.2026")
    (change,) = pass_over(mailbox, old)[0]
    assert isinstance(change, Item)
    assert change.was == was


@pytest.mark.parametrize("broken", ["missing", "no database", "a folder"])
def test_what_lies_beside_the_cursor_may_be_lost(
    mailbox: imap.Imap, dovecot: Server, user: str, tmp_path: Path, broken: str
) -> None:
    """What moved is told as gone and as new then, with all that came with it."""
    _, cursor = pass_over(mailbox)
    was = messages(mailbox)["file"]
    there = tmp_path / "contents.db"
    there.unlink()
    if broken == "no database":
        there.write_bytes(b"This is no database at all." * 100)
    elif broken == "a folder":
        there.mkdir()
    with dovecot.program(user) as program:
        program.select_folder("INBOX")
        program.move([int(was.native.rpartition(".")[2])], "Archive.2026")
    changes, _ = pass_over(mailbox, cursor)
    assert [c.was for c in changes if isinstance(c, Item)] == [None, None]
    assert [str(c.ref) for c in changes if isinstance(c, Removed)] == [
        str(was), f"mail:attachment:{was.native}#1"
    ]  # fmt: skip


def test_a_move_is_known_as_one_however_often_its_pass_is_cut_off(
    mailbox: imap.Imap, dovecot: Server, user: str
) -> None:
    """What is gone is forgotten only once the cursor is safe that says so."""
    _, cursor = pass_over(mailbox)
    was = messages(mailbox)["m1"]
    with dovecot.program(user) as program:
        program.select_folder("INBOX")
        program.move([int(was.native.rpartition(".")[2])], "Archive.2026")
    for _ in range(2):
        for change in mailbox.changes(cursor):
            if isinstance(change, Cursor):
                break  # it was not stored
            assert isinstance(change, Item)
            assert change.was == was


def test_of_what_is_gone_nothing_is_kept(
    mailbox: imap.Imap, dovecot: Server, user: str, tmp_path: Path
) -> None:
    _, cursor = pass_over(mailbox)
    assert kept(tmp_path) == 4
    with dovecot.program(user) as program:
        program.delete_folder("Archive.2026")
        program.select_folder("INBOX")
        program.delete_messages(program.search()[:1])
        program.expunge()
    pass_over(mailbox, cursor)
    assert kept(tmp_path) == 2


def kept(folder: Path) -> int:
    database = _imap_contents._open(folder / "contents.db")
    try:
        return int(database.execute("select count(*) from read").fetchone()[0])
    finally:
        database.close()


def test_the_cursor_of_a_large_mailbox_is_small(dovecot: Server, tmp_path: Path) -> None:
    user = dovecot.user()
    dovecot.fill(user, [PLAIN % (n, n) for n in range(450)])
    made = open_(dovecot, user, tmp_path)
    cursors = [c.value for c in made.changes(None) if isinstance(c, Cursor)]
    made.close()
    assert len(cursors) == 3
    assert all(len(value) < 700 for value in cursors), "it is stored with every page"
