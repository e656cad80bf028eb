"""What a pass over an IMAP server tells, whatever the server can do; counted and looked at on a real one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from contracts import NOW, current, pass_over
from fakes.dovecot import PASSWORD, Server
from fakes.line import Line
from imap_givens import PLAIN, WITH_FILE, messages, open_

from deskhand.connectors.errors import Misconfigured
from deskhand.connectors.imap import Imap, connect
from deskhand.connectors.model import Change, Cursor, Failed, Flagged, Item, Removed
from deskhand.connectors.operations import MailMove

CAN_LESS = {
    "everything": (),
    "no QRESYNC": ("QRESYNC",),
    "no CONDSTORE": ("QRESYNC", "CONDSTORE"),
    "IMAP4rev1 alone": (
        "QRESYNC", "CONDSTORE", "LIST-STATUS", "ESEARCH", "SPECIAL-USE", "MOVE", "ENABLE", "LIST-EXTENDED",
    ),
}  # fmt: skip
"""What servers do without."""


@pytest.fixture
def imap(dovecot: Server, line: Line, user: str, tmp_path: Path) -> Iterator[Imap]:
    """The mailbox of `user`, by the line."""
    made = open_(dovecot, user, tmp_path, port=line.port)
    yield made
    made.close()


def told(changes: list[Change]) -> list[tuple[str, str, tuple[str, ...]]]:
    """What a pass says of messages, in short."""
    return sorted(
        (type(c).__name__, name_of(c) if isinstance(c, Item) else c.ref.native, getattr(c, "flags", ()))
        for c in changes
        if not isinstance(c, Cursor) and c.ref.kind == "message"
    )  # fmt: skip


def name_of(item: Item) -> str:
    return str(item.data["message_id"])


def test_body_peek_never_sets_seen(dovecot: Server, user: str, imap: Imap) -> None:
    """BODY.PEEK, in folders opened by EXAMINE."""
    before = dovecot.flags(user, "INBOX")
    items = current(pass_over(imap)[0])
    for item in items.values():
        imap.read(item.ref)
        imap.content(item.ref, item.version)
    assert dovecot.flags(user, "INBOX") == before
    assert not any("\\Seen" in flags for flags in before.values())


def test_the_key_is_folder_uidvalidity_and_uid(imap: Imap, dovecot: Server, user: str) -> None:
    with dovecot.program(user) as program:
        validity = program.select_folder("Archive.2026", readonly=True)[b"UIDVALIDITY"]
        (uid,) = program.search()
    item = imap.read(messages(imap)["m3"])
    assert item is not None
    assert item.ref.native == f"Archive/2026/{validity}.{uid}"
    assert (item.folder, item.flags, item.author) == ("Archive/2026", ("answered", "seen"), "Bo Test")
    assert item.label.trust == "untrusted"


def test_a_sync_without_changes_costs_five_requests_and_one_more_each_time(imap: Imap, line: Line) -> None:
    """Signing in included; counted between client and server, over seven folders."""
    _, cursor = pass_over(imap)
    imap.close()
    imap._folders._spaces = None  # as another process
    line.restart()
    assert pass_over(imap, cursor) == ([], Cursor(cursor.value, 0, 0))
    assert line.commands == ["CAPABILITY", "AUTHENTICATE", "ENABLE", "NAMESPACE", "LIST"]
    assert messages(imap)  # leaves a folder open
    assert pass_over(imap, cursor)[0] == []
    line.restart()
    assert pass_over(imap, cursor)[0] == []
    assert line.commands == ["LIST"]


def test_how_full_a_mailbox_is_costs_nothing_where_nothing_changed(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    """RFC 9208; also another process knows it that finds nothing changed."""
    assert imap.quota() == []
    _, cursor = pass_over(imap)
    storage, count = imap.quota()
    assert (storage.used, storage.limit, storage.of) == (0, 2147, "MB of the mailbox")
    assert (count.used, count.limit, count.of) == (4, 200_000, "messages of the mailbox")
    again = connect(
        source="mail", state=imap._reading._contents.parent, place=user, host="127.0.0.1", port=line.port,
        security="none", password=PASSWORD,
    )  # fmt: skip
    line.heard.clear()
    changes, same = pass_over(again, cursor)
    assert (changes, same.value) == ([], cursor.value)
    assert again.quota() == [storage, count]
    assert b"QUOTA" not in line.heard
    dovecot.put(user, "INBOX", PLAIN % (9, 9))
    pass_over(again, cursor)
    assert [q.used for q in again.quota()] == [0, 5]
    again.close()


def test_a_server_that_tells_no_quota_is_asked_for_none(imap: Imap, line: Line) -> None:
    line.without = ("QUOTA",)
    pass_over(imap)
    assert imap.quota() == []
    assert b"GETQUOTAROOT" not in line.heard


@pytest.mark.parametrize("without", CAN_LESS.values(), ids=list(CAN_LESS))
def test_qresync_vanished_or_without_it_uid_lists_tell_what_changed(
    imap: Imap, line: Line, dovecot: Server, user: str, without: tuple[str, ...]
) -> None:
    """CONDSTORE CHANGEDSINCE and QRESYNC VANISHED, or the lists compared: the same is told."""
    line.without = without
    dovecot.put(user, "INBOX", PLAIN % (4, 4), PLAIN % (5, 5))
    _, cursor = pass_over(imap)
    known = messages(imap)
    with dovecot.program(user) as program:
        program.select_folder("INBOX")
        uids = {name: int(ref.native.rpartition(".")[2]) for name, ref in known.items()}
        program.add_flags([uids["m1"]], [b"\\Flagged"])
        program.add_flags([uids["m4"]], [b"$Mine"])  # a flag that says nothing to us
        program.delete_messages([uids["m2"], uids["file"]])
        program.uid_expunge([uids["m2"], uids["file"]])
        program.append("INBOX", PLAIN % (6, 6), [b"\\Seen"])
    line.restart()
    changes, after = pass_over(imap, cursor)
    assert told(changes) == [
        ("Flagged", known["m1"].native, ("flagged",)),
        ("Item", "<m6@example.org>", ("seen",)),
        ("Removed", known["m2"].native, ()),
        ("Removed", known["file"].native, ()),
    ]
    assert f"mail:attachment:{known['file'].native}#1" in {
        str(c.ref) for c in changes if isinstance(c, Removed)
    }
    assert "QRESYNC" not in without or b"QRESYNC" not in line.heard
    assert without or "UID SEARCH" not in line.commands, "VANISHED says it"
    assert pass_over(imap, after)[0] == []


@pytest.mark.parametrize("without", CAN_LESS.values(), ids=list(CAN_LESS))
def test_condstore_changedsince_or_without_it_the_flags_tell_what_changed(
    imap: Imap, line: Line, dovecot: Server, user: str, without: tuple[str, ...]
) -> None:
    """Neither a count nor a next number tells of it."""
    line.without = without
    _, cursor = pass_over(imap)
    with dovecot.program(user) as program:
        program.select_folder("Archive.2026")
        program.remove_flags(program.search(), [b"\\Seen"])
    changes, after = pass_over(imap, cursor)
    assert told(changes) == [("Flagged", messages(imap)["m3"].native, ("answered",))]
    assert pass_over(imap, after)[0] == []


def test_to_mark_a_mailbox_as_read_fetches_no_message(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    _, cursor = pass_over(imap)
    with dovecot.program(user) as program:
        program.select_folder("INBOX")
        program.add_flags(program.search(), [b"\\Seen"])
    line.heard.clear()
    changes, _ = pass_over(imap, cursor)
    assert {(type(c), getattr(c, "flags", ())) for c in changes if not isinstance(c, Cursor)} == {
        (Flagged, ("seen",))
    }
    assert b"RFC822.SIZE" in line.heard
    assert b"BODY" not in line.heard


@pytest.mark.parametrize("without", CAN_LESS.values(), ids=list(CAN_LESS))
def test_a_message_that_moves_keeps_its_history(
    imap: Imap, line: Line, dovecot: Server, user: str, without: tuple[str, ...]
) -> None:
    line.without = without
    _, cursor = pass_over(imap)
    was = messages(imap)["file"]
    with dovecot.program(user) as program:
        program.select_folder("INBOX")
        program.move([int(was.native.rpartition(".")[2])], "Archive.2026")
    changes, after = pass_over(imap, cursor)
    assert [(str(c.was), c.folder) for c in changes if isinstance(c, Item)] == [
        (str(was), "Archive/2026"),
        (f"mail:attachment:{was.native}#1", "Archive/2026"),
    ]
    assert not [c for c in changes if isinstance(c, Removed)]
    assert pass_over(imap, after)[0] == []


def renumber(dovecot: Server, user: str, folder: str, *kept: bytes) -> None:
    """A folder is made anew, with other numbers: what a restored backup looks like."""
    with dovecot.program(user) as program:
        before = program.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"]
        program.delete_folder(folder)
        while True:
            program.create_folder(folder)
            if program.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"] != before:
                break
            program.delete_folder(folder)
        for message in kept:
            program.append(folder, message)


def test_uidvalidity_changed_is_a_resync_that_compares_contents(
    imap: Imap, dovecot: Server, user: str
) -> None:
    dovecot.put(user, "Work", PLAIN % (7, 7), WITH_FILE.replace(b"<file@", b"<file2@"), PLAIN % (8, 8))
    _, cursor = pass_over(imap)
    known = messages(imap)
    renumber(dovecot, user, "Work", PLAIN % (9, 9), PLAIN % (7, 7), WITH_FILE.replace(b"<file@", b"<file2@"))
    changes, after = pass_over(imap, cursor)
    now = {c.data["message_id"]: c.was for c in changes if isinstance(c, Item) and c.ref.kind == "message"}
    assert now == {
        "<m7@example.org>": known["m7"],
        "<file2@example.org>": known["file2"],
        "<m9@example.org>": None,
    }
    assert [c.ref for c in changes if isinstance(c, Removed)] == [known["m8"]]
    assert isinstance(changes[-1], Removed), "what is gone is told after all was listed"
    assert pass_over(imap, after)[0] == []


def test_a_folder_that_goes_takes_its_messages_along(imap: Imap, dovecot: Server, user: str) -> None:
    _, cursor = pass_over(imap)
    gone = messages(imap)["m3"]
    with dovecot.program(user) as program:
        program.delete_folder("Archive.2026")
    assert pass_over(imap, cursor)[0] == [Removed(gone)]


def test_a_folder_that_is_out_of_sight_for_a_while_is_not_gone(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    """It is told as removed at the end of a pass alone; one that was cut off before had not told it."""
    _, cursor = pass_over(imap)
    with dovecot.program(user) as program:
        for n in range(201):
            program.append("INBOX", PLAIN % (n + 100, n))
    hidden = rb"\* LIST \([^)]*\) \S+ Archive[^\r]*\r\n(\* STATUS Archive[^\r]*\r\n)?"
    line.edits["server"] = [(hidden, b"")]
    page = list(islice(imap.changes(cursor), 201))
    assert isinstance(page[-1], Cursor)
    line.edits["server"] = []
    rest, after = pass_over(imap, page[-1])
    assert not [c for c in rest if isinstance(c, Removed)]
    (back,) = (c.ref.native for c in rest if isinstance(c, Flagged))
    assert back.startswith("Archive/2026/"), "it is as it was, and so is not fetched"
    assert pass_over(imap, after)[0] == []


def test_a_connection_that_ended_while_nobody_asked_is_opened_anew(imap: Imap, line: Line) -> None:
    """As servers do after half an hour."""
    known = messages(imap)
    line.break_at(rb"LIST", of="client", reset=False)
    op = MailMove(source="mail", ref=known["m1"], folder="Archive/2026")
    fresh = imap.perform(op, key="k", now=NOW)
    assert fresh.detail["was"] == "INBOX"
    _, cursor = pass_over(imap)
    assert pass_over(imap, cursor)[0] == []
    assert line.connections == 2


def test_a_folder_that_is_renamed_takes_its_history_along(imap: Imap, dovecot: Server, user: str) -> None:
    _, cursor = pass_over(imap)
    was = messages(imap)["m3"]
    with dovecot.program(user) as program:
        program.rename_folder("Archive.2026", "Änderungen & mehr")
    (change,) = pass_over(imap, cursor)[0]
    assert isinstance(change, Item)
    assert (change.was, change.folder) == (was, "Änderungen & mehr")
    assert imap.read(change.ref) is not None


def test_newest_come_first_in_pages_that_can_be_taken_up(dovecot: Server, tmp_path: Path) -> None:
    user = dovecot.user()
    dovecot.fill(user, [PLAIN % (n, n) for n in range(450)])
    imap = open_(dovecot, user, tmp_path)
    whole = list(imap.changes(None))
    cursors = [n for n, c in enumerate(whole) if isinstance(c, Cursor)]
    assert [n for n in cursors] == [200, 401, 452]
    found = [c.data["message_id"] for c in whole if isinstance(c, Item)]
    assert found == [f"<m{n}@example.org>" for n in range(449, -1, -1)]
    half = whole[200]
    assert isinstance(half, Cursor)
    assert (half.done, half.expected) == (200, 450)
    assert len(pass_over(imap, half)[0]) == 250
    dovecot.put(user, "INBOX", PLAIN % (1000, 1000))
    rest, last = pass_over(imap, half)
    assert len(rest) == 251
    assert pass_over(imap, last)[0] == []
    imap.close()


def test_folders_are_read_in_turns(dovecot: Server, tmp_path: Path) -> None:
    """The newest of a small folder does not wait for the oldest of a large one."""
    user = dovecot.user()
    dovecot.fill(user, [PLAIN % (n, n) for n in range(450)])
    dovecot.put(user, "Work", PLAIN % (1000, 1000))
    imap = open_(dovecot, user, tmp_path)
    folders = [c.folder for c in imap.changes(None) if isinstance(c, Item)]
    assert folders.index("Work") == 200
    imap.close()


def test_special_use_folders_are_those_the_server_says(imap: Imap, dovecot: Server, user: str) -> None:
    """RFC 6154: junk is not read, and what lies among the sent is the owner's."""
    mine = (PLAIN % (1, 1)).replace(b"From: Bo Test <bo@example.org>", f"From: {user}".encode())
    dovecot.put(user, "Sent Messages", mine.replace(b"<m1@", b"<mine@"), PLAIN % (11, 11))
    dovecot.put(user, "Spam", PLAIN % (12, 12))
    dovecot.put(user, "INBOX", mine.replace(b"<m1@", b"<forged@"))
    items = {
        i.data["message_id"]: i for i in pass_over(imap)[0] if isinstance(i, Item) and i.ref.kind == "message"
    }
    assert "<m12@example.org>" not in items
    assert items["<mine@example.org>"].label.trust == "user"
    assert items["<mine@example.org>"].data["sent"] is True
    assert {items[f"<{n}@example.org>"].label.trust for n in ("m11", "forged")} == {"untrusted"}


def test_what_others_can_fill_is_nobodys_sent(imap: Imap, line: Line, dovecot: Server, user: str) -> None:
    """NAMESPACE (RFC 2342): a folder that is shared is not the one where what the owner wrote lies."""
    line.edits["server"] = [
        (rb'(\* NAMESPACE \(\("" "\."\)\)) NIL NIL', rb'\1 NIL (("Team." "."))'),
        (rb"(LIST \()", rb"\1X"),
        (rb"\(X([^)]*)\\Sent([^)]*\))", rb"(X\1\2"),
        (rb'\(X([^)]*\) "\." "?Team\.Sent)', rb"(\\Sent \1"),
        (rb"\(X", rb"("),
    ]
    mine = (PLAIN % (1, 1)).replace(b"From: Bo Test <bo@example.org>", f"From: {user}".encode())
    dovecot.put(user, "Team.Sent", mine.replace(b"<m1@", b"<forged@"))
    found = {name_of(i): i for i in pass_over(imap)[0] if isinstance(i, Item) and i.ref.kind == "message"}
    assert found["<forged@example.org>"].folder == "Team/Sent"
    assert found["<forged@example.org>"].label.trust == "untrusted"
    assert "sent" not in found["<forged@example.org>"].data
    assert imap._folders.name_of("Sent") == "Sent Messages"


def test_on_gmail_all_mail_is_read_once_with_labels_and_threads(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    """X-GM-EXT-1, put on over the real server: a label is no folder, and another label no other message."""
    labels = {b"1": rb'"\\Inbox" Work', b"2": rb'"\\Sent" "&AMQ-rger"'}

    def with_labels(found: re.Match[bytes]) -> bytes:
        return found[1] + b"X-GM-THRID 99 X-GM-LABELS (" + labels[found[2]] + b") "

    line.edits["server"] = [
        (rb"(CAPABILITY IMAP4rev1)", rb"\1 X-GM-EXT-1"),
        (rb'LIST \(([^)]*)\) "\." "?All', rb'LIST (\1 \\All) "." All'),
        (rb"(\* \d+ FETCH \(UID (\d+) )(?=FLAGS)", with_labels),
    ]
    line.edits["client"] = [(rb" X-GM-LABELS( X-GM-THRID)?", b"")]
    mine = (PLAIN % (2, 2)).replace(b"From: Bo Test <bo@example.org>", f"From: {user}".encode())
    dovecot.put(user, "All", PLAIN % (1, 1), mine)
    changes, cursor = pass_over(imap)
    items = {name_of(i): i for i in changes if isinstance(i, Item)}
    assert {i.folder for i in items.values()} == {"All"}
    one, two = items["<m1@example.org>"], items["<m2@example.org>"]
    assert (one.data["labels"], one.data["thread"]) == (["Work", "\\Inbox"], "99")
    assert two.data["labels"] == ["\\Sent", "Ärger"]
    assert (two.data["sent"], two.label.trust) == (True, "user")
    assert "sent" not in one.data
    labels[b"1"] = b"Work"
    with dovecot.program(user) as program:  # as Gmail does, this raises the HIGHESTMODSEQ
        program.select_folder("All")
        program.add_flags([1], [b"$Label"])
    changes, after = pass_over(imap, cursor)
    ((again),) = (c for c in changes if isinstance(c, Item))
    assert (again.ref, again.version, again.data["labels"]) == (one.ref, one.version, ["Work"])
    assert pass_over(imap, after)[0] == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"INBOX", "Archive/2026", "Work/A"}),
        ({"folders": "inbox, work/*"}, {"INBOX", "Work/A"}),
        ({"exclude": "Archive*"}, {"INBOX", "Work/A"}),
        ({"folders": "Spam"}, {"Spam"}),
    ],
)
def test_folders_are_chosen_and_left_out(
    dovecot: Server, user: str, tmp_path: Path, options: dict[str, str], expected: set[str]
) -> None:
    dovecot.put(user, "Work.A", PLAIN % (20, 20))
    dovecot.put(user, "Spam", PLAIN % (21, 21))
    imap = open_(dovecot, user, tmp_path, **options)
    assert {c.folder for c in pass_over(imap)[0] if isinstance(c, Item)} == expected
    imap.close()


def test_what_arrived_before_a_day_is_left_out(dovecot: Server, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    user = dovecot.user()
    with dovecot.program(user) as program:
        for n, year in enumerate((2019, 2023, 2026)):
            program.append("INBOX", PLAIN % (n, n), (), datetime(year, 6, 1, tzinfo=UTC))
    imap = open_(dovecot, user, tmp_path, since="2023-01-01")
    _, cursor = pass_over(imap)
    assert set(messages(imap)) == {"m1", "m2"}
    with dovecot.program(user) as program:
        program.select_folder("INBOX")
        program.add_flags(program.search(), [b"\\Flagged"])
        program.append("INBOX", PLAIN % (3, 3), (), datetime(2018, 6, 1, tzinfo=UTC))
    changes, after = pass_over(imap, cursor)
    there = sorted(r.native for r in messages(imap).values())
    assert told(changes) == [("Flagged", native, ("flagged",)) for native in there]
    assert pass_over(imap, after)[0] == []
    imap.close()


def test_what_cannot_be_read_is_a_failure_and_the_rest_goes_on(dovecot: Server, tmp_path: Path) -> None:
    """Too large, empty, in no encoding, nested without end, without any header."""
    user = dovecot.user()
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1000)
    )
    dovecot.put(
        user, "INBOX", PLAIN % (1, 1), PLAIN % (2, 2) + b"x" * 200_000, b"\r\n\r\n", b"\xff\xfe\x00\x80" * 50,
        b"Message-ID: <deep@example.org>\r\n" + nested,
        b"Subject: =?utf-8?q?=FF=FE?=\r\nMessage-ID: <\xe9@x>\r\n"
        b"Content-Type: text/plain; charset=nonsense\r\n\r\n\x81\xff",
    )  # fmt: skip
    imap = open_(dovecot, user, tmp_path, max_size="100000")
    changes, cursor = pass_over(imap)
    reasons = sorted(c.reason for c in changes if isinstance(c, Failed))
    assert reasons == ["It has 0.2 MB; up to 0.1 MB are read (option max_size).", "It is empty."]
    items = [c for c in changes if isinstance(c, Item) and c.ref.kind == "message"]
    assert len(items) == 4
    for item in items:
        f"{item.title}{item.text}{item.data}".encode()
    assert pass_over(imap, cursor)[0] == []
    imap.close()


@pytest.mark.parametrize(
    "options",
    [
        {"host": ""}, {"host": "a/b"}, {"port": "many"}, {"port": "99999"}, {"security": "some"},
        {"security": "none", "host": "mail.example.org"}, {"password": "x", "token": "y"},
        {"since": "yesterday"},
        {"max_size": "all"}, {"max_size": "-1"}, {"sent": "twice"}, {"ca": "/nowhere.pem"}, {"place": "noor"},
        {"smtp": "http://x"}, {"sender": "nobody"},
    ],
)  # fmt: skip
def test_options_that_cannot_work_are_refused_in_words(tmp_path: Path, options: dict[str, str]) -> None:
    given = {"place": "noor@example.org", "host": "imap.example.org", "password": "wordpass", **options}
    with pytest.raises(Misconfigured) as refused:
        connect(source="mail", state=tmp_path, **given)  # type: ignore[arg-type]
    assert "wordpass" not in str(refused.value)
