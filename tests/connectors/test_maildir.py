"""A Maildir is read by names, written without losing anything, and sends once or not at all."""

from __future__ import annotations

import asyncio
import errno
import itertools
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from contracts import NOW, ConnectorContract, Write, current, pass_over

from deskhand.agent.sample.servers import free_ports
from deskhand.connectors import _smtp
from deskhand.connectors.errors import (
    Exists,
    Misconfigured,
    Missing,
    SourceError,
    Transient,
    Unauthorized,
    Unknown,
    Unsupported,
)
from deskhand.connectors.maildir import Maildir, connect
from deskhand.connectors.model import Content, Cursor, Failed, Item, ItemRef, Removed
from deskhand.connectors.operations import (
    Enclosure,
    Mailbox,
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
)

ANA = "Ana Test <ana@example.org>"
BO = Mailbox(address="bo@example.org", name="Bo Test")
CY = Mailbox(address="cy@example.net")

PLAIN = b"""From: Bo Test <bo@example.org>
To: Ana Test <ana@example.org>
Subject: Budget
Date: Fri, 20 Nov 2026 09:00:00 +0100
Message-ID: <m%d@example.org>

The budget is %d.
"""
WITH_FILE = b"""From: bo@example.org
Subject: Notes
Message-ID: <file@example.org>
Content-Type: multipart/mixed; boundary=b

--b

See the notes.
--b
Content-Type: text/plain; name="notes.txt"
Content-Disposition: attachment

Remember the milk.
--b--
"""


def put(folder: Path, name: str, data: bytes, *, inner: str = "cur") -> Path:
    for each in ("cur", "new", "tmp"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    path = folder / inner / name
    path.write_bytes(data)
    return path


def open_(tmp_path: Path, **options: str) -> Maildir:
    return connect(source="mail", state=tmp_path / "state", place=str(tmp_path / "Mail"), **options)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    mail = tmp_path / "Mail"
    put(mail, "1000.a:2,S", PLAIN % (1, 1))
    put(mail, "1001.b", PLAIN % (2, 2), inner="new")
    put(mail, "1002.c:2,", WITH_FILE)
    put(mail / ".Archive.2026", "900.d:2,RS", PLAIN % (3, 3))
    return mail


def message(native: str) -> ItemRef:
    return ItemRef("mail", "message", native)


class TestMaildir(ConnectorContract):
    @pytest.fixture
    def connector(self, box: Path, tmp_path: Path) -> Iterator[Maildir]:
        maildir = open_(tmp_path, outbox=str(tmp_path / "out"), sender=ANA)
        yield maildir
        maildir.close()

    @pytest.fixture
    def writes(self, connector: Maildir) -> list[Write]:
        a, b, c = (message(f"INBOX/{n}") for n in ("1000.a", "1001.b", "1002.c"))
        return [
            Write(
                MailDraft(source="mail", to=(BO,), subject="s", body="b"),
                MailDraft(source="mail", to=(BO,), subject="s", body="b", answers=message("INBOX/none")),
            ),
            Write(MailSend(source="mail", to=(BO,), bcc=(CY,), subject="s", body="b", answers=a)),
            Write(
                MailFlag(source="mail", ref=a, add=("flagged",), remove=("seen",)),
                MailFlag(source="mail", ref=message("INBOX/none"), add=("seen",)),
            ),
            Write(
                MailMove(source="mail", ref=b, folder="archive/2026"),
                MailMove(source="mail", ref=b, folder="Nowhere"),
            ),
            Write(MailTrash(source="mail", ref=c), MailTrash(source="mail", ref=message("INBOX/none"))),
        ]


# ------------------------------------------------------------------ reading


def test_folders_have_the_names_a_person_would_use(tmp_path: Path) -> None:
    mail = tmp_path / "Mail"
    put(mail / "Work" / "INBOX", "1.a", PLAIN % (1, 1))
    put(mail / "Work" / "INBOX" / ".Sent", "1.b", PLAIN % (2, 2))
    put(mail / "Private", "1.c", PLAIN % (3, 3))
    put(mail / "Private" / ".Lists.Open Source", "1.d", PLAIN % (4, 4))
    (mail / "loop").symlink_to(mail)
    natives = {i.ref.native: i.folder for i in pass_over(open_(tmp_path))[0] if isinstance(i, Item)}
    assert natives == {
        "Work/INBOX/1.a": "Work/INBOX",
        "Work/INBOX/Sent/1.b": "Work/INBOX/Sent",
        "Private/1.c": "Private",
        "Private/Lists/Open Source/1.d": "Private/Lists/Open Source",
    }


def test_two_folders_of_one_name_are_both_read(tmp_path: Path) -> None:
    mail = tmp_path / "Mail"
    put(mail, "1.a", PLAIN % (1, 1))
    put(mail / ".Sent", "1.b", PLAIN % (2, 2))
    put(mail / "Sent", "1.c", PLAIN % (3, 3))
    assert len({i.ref.native for i in pass_over(open_(tmp_path))[0] if isinstance(i, Item)}) == 3


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("x")])
def test_a_place_without_a_maildir_is_refused(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "Mail")
    with pytest.raises(Misconfigured, match=r"Maildir.*cur|cur and new"):
        open_(tmp_path)


def test_a_message_carries_its_flags_and_people(box: Path, tmp_path: Path) -> None:
    item = open_(tmp_path).read(message("Archive/2026/900.d"))
    assert item is not None
    assert item.flags == ("answered", "seen")
    assert (item.author, item.title, item.text) == ("Bo Test", "Budget", "The budget is 3.")
    assert item.label.trust == "untrusted"
    assert item.label.readers == ("ana@example.org", "bo@example.org")


def test_a_second_pass_opens_nothing(box: Path, tmp_path: Path) -> None:
    """Files that cannot be read any more would show it."""
    maildir = open_(tmp_path)
    _, cursor = pass_over(maildir)
    for path in box.rglob("*.*"):
        if path.is_file():
            path.write_bytes(b"")
    assert pass_over(maildir, cursor) == ([], Cursor(cursor.value, 0, 0))


def test_flags_that_change_yield_the_message_again_and_nothing_else(box: Path, tmp_path: Path) -> None:
    maildir = open_(tmp_path)
    first, cursor = pass_over(maildir)
    (box / "cur" / "1000.a:2,S").rename(box / "cur" / "1000.a:2,FS")
    (box / "new" / "1001.b").rename(box / "cur" / "1001.b:2,")
    changes, after = pass_over(maildir, cursor)
    assert [(c.ref.native, c.flags) for c in changes if isinstance(c, Item)] == [
        ("INBOX/1000.a", ("flagged", "seen"))
    ]
    assert len(changes) == 1
    before = current(first)["mail:message:INBOX/1000.a"]
    now = current(changes)["mail:message:INBOX/1000.a"]
    assert (before.version, before.hash) == (now.version, now.hash)
    assert pass_over(maildir, after)[0] == []


def test_a_message_that_moves_says_where_it_was(box: Path, tmp_path: Path) -> None:
    maildir = open_(tmp_path)
    _, cursor = pass_over(maildir)
    (box / "cur" / "1002.c:2,").rename(box / ".Archive.2026" / "cur" / "1002.c:2,S")
    changes, after = pass_over(maildir, cursor)
    assert {str(c.ref): str(c.was) for c in changes if isinstance(c, Item)} == {
        "mail:message:Archive/2026/1002.c": "mail:message:INBOX/1002.c",
        "mail:attachment:Archive/2026/1002.c#1": "mail:attachment:INBOX/1002.c#1",
    }
    assert not [c for c in changes if isinstance(c, Removed)]
    assert pass_over(maildir, after)[0] == []


def test_a_message_that_goes_takes_its_attachments_along(box: Path, tmp_path: Path) -> None:
    maildir = open_(tmp_path)
    _, cursor = pass_over(maildir)
    (box / "cur" / "1002.c:2,").unlink()
    changes, after = pass_over(maildir, cursor)
    assert changes == [
        Removed(message("INBOX/1002.c")),
        Removed(ItemRef("mail", "attachment", "INBOX/1002.c#1")),
    ]
    assert pass_over(maildir, after)[0] == []


def test_what_cannot_be_read_is_a_failure_once_until_it_changes(box: Path, tmp_path: Path) -> None:
    empty = put(box, "1003.e:2,", b"")
    large = put(box, "1004.f:2,", b"")
    with large.open("wb") as file:
        file.truncate(101_000_000)
    (box / "cur" / "1005.link").symlink_to("/etc/hostname")
    os.mkfifo(box / "cur" / "1006.fifo")
    maildir = open_(tmp_path)
    changes, cursor = pass_over(maildir)
    reasons = {c.ref.native: c.reason for c in changes if isinstance(c, Failed)}
    assert reasons == {"INBOX/1003.e": "The file is empty.", "INBOX/1004.f": "It has more than 100 MB."}
    assert maildir.read(message("INBOX/1003.e")) is None
    assert pass_over(maildir, cursor)[0] == []
    empty.write_bytes(PLAIN % (5, 5))
    changes, after = pass_over(maildir, cursor)
    assert [c.ref.native for c in changes if isinstance(c, Item)] == ["INBOX/1003.e"]
    assert pass_over(maildir, after)[0] == []


def test_a_file_name_that_is_no_utf8_is_still_a_message(box: Path, tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(box), b"cur", b"1007.\xff\xfe:2,S")
    with open(path, "wb") as file:
        file.write(PLAIN % (7, 7))
    maildir = open_(tmp_path)
    (found,) = [i for i in pass_over(maildir)[0] if isinstance(i, Item) and "1007" in i.ref.native]
    found.ref.native.encode()
    assert maildir.read(found.ref) == found


def test_newest_come_first_in_pages_that_can_be_taken_up(tmp_path: Path) -> None:
    for n in range(450):
        put(tmp_path / "Mail", f"{n + 1000}.x:2,", PLAIN % (n, n))
    maildir = open_(tmp_path)
    whole = list(maildir.changes(None))
    cursors = [n for n, c in enumerate(whole) if isinstance(c, Cursor)]
    assert len(cursors) == 3
    natives = [c.ref.native for c in whole if isinstance(c, Item)]
    assert natives == [f"INBOX/{n + 1000}.x" for n in range(449, -1, -1)]
    half = whole[cursors[0]]
    assert isinstance(half, Cursor)
    assert (half.done, half.expected) == (200, 450)
    rest, last = pass_over(maildir, half)
    assert len(rest) == 250
    assert last.value == whole[-1].value  # type: ignore[union-attr]


def test_a_folder_that_vanished_for_now_removes_nothing(box: Path, tmp_path: Path) -> None:
    maildir = open_(tmp_path)
    _, cursor = pass_over(maildir)
    box.rename(tmp_path / "unplugged")
    with pytest.raises(Transient):
        list(maildir.changes(cursor))


def test_only_the_owners_own_new_words_are_trusted(box: Path, tmp_path: Path) -> None:
    mine = (PLAIN % (1, 1)).replace(b"From: Bo Test <bo@example.org>", b"From: ana@example.org")
    put(box / ".Sent", "1.mine", mine)
    put(box / ".Sent", "1.answer", mine.replace(b"Subject: ", b"In-Reply-To: <x@y>\nSubject: Re: "))
    put(box / ".Sent", "1.other", PLAIN % (1, 1))
    put(box, "1.forged", mine)
    maildir = open_(tmp_path, sender=ANA)
    trust = {i.ref.native: i.label.trust for i in pass_over(maildir)[0] if isinstance(i, Item)}
    assert trust["Sent/1.mine"] == "user"
    assert {trust[n] for n in ("Sent/1.answer", "Sent/1.other", "INBOX/1.forged")} == {"untrusted"}


@pytest.mark.long
def test_ten_thousand_messages(tmp_path: Path) -> None:
    folder = tmp_path / "Mail"
    put(folder, "0.x:2,", PLAIN % (0, 0))
    for n in range(1, 10_000):
        (folder / "cur" / f"{n}.x:2,S").write_bytes(PLAIN % (n, n))
    maildir = open_(tmp_path)
    began = time.process_time()
    _, cursor = pass_over(maildir)
    first = time.process_time() - began
    began = time.process_time()
    assert pass_over(maildir, cursor)[0] == []
    assert first < 30
    assert time.process_time() - began < 20  # seconds of CPU: it ends, and is not quadratic


# ------------------------------------------------------------------ writing


def test_what_it_can_do_depends_on_how_it_is_set_up(box: Path, tmp_path: Path) -> None:
    assert set(open_(tmp_path).operations) == {MailFlag, MailMove, MailTrash}
    assert set(open_(tmp_path, sender=ANA).operations) == {MailFlag, MailMove, MailTrash, MailDraft}
    assert MailSend not in open_(tmp_path, outbox=str(tmp_path / "o")).operations
    with pytest.raises(Unsupported, match="outbox or smtp"):
        open_(tmp_path, sender=ANA).perform(MailSend(source="mail", to=(BO,)), key="k", now=NOW)


@pytest.mark.parametrize(
    "options",
    [
        {"sender": "nobody"},
        {"sender": "a@example.org, b@example.org"},
        {"smtp": "http://x"},
        {"smtp": "smtp://a:secret@mail.example.org"},
        {"smtp": "smtp://x:port"},
        {"smtp": "smtp://x", "outbox": "o"},
        {"outbox": __file__},
    ],
)
def test_options_that_cannot_work_are_refused_in_words(
    box: Path, tmp_path: Path, options: dict[str, str]
) -> None:
    with pytest.raises(Misconfigured) as refused:
        open_(tmp_path, **options)
    assert "secret" not in str(refused.value)


def test_a_draft_lies_in_drafts_and_is_taken_back_into_the_trash(box: Path, tmp_path: Path) -> None:
    maildir = open_(tmp_path, sender=ANA)
    op = MailDraft(source="mail", to=(BO,), bcc=(CY,), subject="Grüße", body="Schön.\n")
    receipt = maildir.perform(op, key="k1", now=NOW)
    item = maildir.read(receipt.ref)
    assert item is not None
    assert (item.folder, item.flags, item.title, item.text) == (
        "Drafts",
        ("draft", "seen"),
        "Grüße",
        "Schön.",
    )
    assert {(p.role, p.address) for p in item.people} == {
        ("from", "ana@example.org"), ("to", "bo@example.org"), ("bcc", "cy@example.net"),
    }  # fmt: skip
    assert (box / ".Drafts" / "cur").is_dir()
    back = maildir.inverse(op, receipt)
    assert isinstance(back, MailTrash)
    gone = maildir.perform(back, key="k2", now=NOW)
    assert gone.detail["folder"] == "Trash"
    assert maildir.find(op, key="k1") is not None, "a draft that was thrown away is not written again"


def test_special_folders_that_exist_are_used_whatever_they_are_called(box: Path, tmp_path: Path) -> None:
    put(box / ".sent items", "1.x", PLAIN % (1, 1))
    put(box / "Other" / "Deleted Items", "1.x", PLAIN % (1, 1))
    maildir = open_(tmp_path, sender=ANA, outbox=str(tmp_path / "out"))
    sent = maildir.perform(MailSend(source="mail", to=(BO,), body="x"), key="k", now=NOW)
    assert sent.ref.native.startswith("sent items/")
    trashed = maildir.perform(MailTrash(source="mail", ref=message("INBOX/1000.a")), key="l", now=NOW)
    assert trashed.ref.native == "Other/Deleted Items/1000.a"


def test_flags_come_back_as_they_were_and_foreign_letters_stay(box: Path, tmp_path: Path) -> None:
    (box / "cur" / "1000.a:2,S").rename(box / "cur" / "1000.a:2,Sab")
    maildir = open_(tmp_path)
    op = MailFlag(source="mail", ref=message("INBOX/1000.a"), add=("seen", "flagged"), remove=("answered",))
    receipt = maildir.perform(op, key="k", now=NOW)
    assert (box / "cur" / "1000.a:2,FSab").exists()
    assert dict(receipt.detail) == {"added": ["flagged"], "removed": []}
    assert maildir.find(op, key="k") == receipt
    back = maildir.inverse(op, receipt)
    assert back == MailFlag(source="mail", ref=receipt.ref, remove=("flagged",))
    maildir.perform(back, key="l", now=NOW)
    assert (box / "cur" / "1000.a:2,Sab").exists()
    with pytest.raises(Unsupported, match="flag"):
        maildir.perform(MailFlag(source="mail", ref=receipt.ref, add=("blue",)), key="m", now=NOW)


def test_a_move_and_its_way_back(box: Path, tmp_path: Path) -> None:
    maildir = open_(tmp_path)
    op = MailMove(source="mail", ref=message("INBOX/1000.a"), folder="Archive/2026")
    receipt = maildir.perform(op, key="k", now=NOW)
    assert receipt.ref.native == "Archive/2026/1000.a"
    back = maildir.inverse(op, receipt)
    assert back is not None
    assert maildir.perform(back, key="l", now=NOW).ref == message("INBOX/1000.a")
    assert (box / "cur" / "1000.a:2,S").exists()
    put(box / ".Archive.2026", "1000.a:2,", PLAIN % (9, 9))
    with pytest.raises(Exists):
        maildir.perform(op, key="m", now=NOW)
    assert (box / "cur" / "1000.a:2,S").exists()


@pytest.mark.parametrize("name", ["../../x", "/etc", ".", "", "Archive/../../x"])
def test_a_move_cannot_leave_the_mailbox(box: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(Missing):
        open_(tmp_path).perform(
            MailMove(source="mail", ref=message("INBOX/1000.a"), folder=name), key="k", now=NOW
        )


# ------------------------------------------------------------------ sending


def test_the_outbox_gets_the_message_and_nobody_sees_the_bcc(box: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    maildir = open_(tmp_path, outbox=str(out), sender=ANA)
    op = MailSend(source="mail", to=(BO,), bcc=(CY,), subject="Hi", body="Hello")
    receipt = maildir.perform(op, key="k1", now=NOW)
    assert sorted(p.name for p in out.iterdir()) == ["k1.eml", "k1.envelope.json"]
    assert b"cy@example.net" not in (out / "k1.eml").read_bytes()
    envelope = json.loads((out / "k1.envelope.json").read_bytes())
    assert envelope == {"from": "ana@example.org", "to": ["bo@example.org", "cy@example.net"]}
    copy = maildir.read(receipt.ref)
    assert copy is not None
    assert copy.person("bcc") is not None, "the sender's own copy says who else got it"
    assert receipt.detail["message_id"] == copy.data["message_id"] == "<deskhand.k1@example.org>"
    assert maildir.inverse(op, receipt) is None


def test_sending_is_once_wherever_it_was_cut_off(box: Path, tmp_path: Path) -> None:
    """The states a crash can leave behind, in order, made by hand."""
    out = tmp_path / "out"
    op = MailSend(source="mail", to=(BO,), subject="Hi", body="Hello")
    maildir = open_(tmp_path, outbox=str(out), sender=ANA)
    # Written, but neither copied nor released: it is done now.
    out.mkdir()
    (out / ".k1.tmp").write_bytes(b"half")
    assert maildir.find(op, key="k1") is None
    receipt = maildir.perform(op, key="k1", now=NOW)
    assert message_from_bytes((out / "k1.eml").read_bytes())["Subject"] == "Hi"
    # Copied, but not released.
    (out / "k1.eml").rename(out / ".k1.tmp")
    assert maildir.find(op, key="k1") is None
    assert maildir.perform(op, key="k1", now=NOW).ref == receipt.ref
    assert (out / "k1.eml").exists()
    # Released, and taken by the other program: it is not written a second time.
    for path in out.iterdir():
        path.unlink()
    assert maildir.perform(op, key="k1", now=NOW) == receipt
    assert list(out.iterdir()) == []
    assert len(list((box / ".Sent" / "cur").iterdir())) == 1


def _faulty(patch: pytest.MonkeyPatch, fails: Callable[[int], bool], *, after: Callable[..., None]) -> None:
    """Have the changes of files fail whose number says so; `after` is told of renames that went well."""
    numbers = itertools.count()

    def faulty(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **given: Any) -> Any:
            if name == "open" and not args[1] & (os.O_WRONLY | os.O_RDWR):
                return real(*args, **given)
            if fails(next(numbers)):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            made = real(*args, **given)
            if name == "replace":
                after(Path(args[1]))
            return made

        return call

    for name in ("open", "replace", "unlink", "mkdir", "fsync"):
        patch.setattr(os, name, faulty(name, getattr(os, name)))


@pytest.mark.parametrize("taken", [False, True], ids=["it lies there", "it is taken at once"])
@pytest.mark.parametrize("lasts", [1, 1000], ids=["once", "from then on"])
def test_where_a_change_of_a_file_fails_it_is_sent_once_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasts: int, taken: bool
) -> None:
    """Each change in turn: Sent never shows what was not sent, what is said is so, and it is sent once."""
    op, outcomes = MailSend(source="mail", to=(BO,), subject="Hi", body="Hello"), list[str]()
    for first in itertools.count():
        home = tmp_path / str(first)
        put(home / "Mail", "1000.a:2,S", PLAIN % (1, 1))
        out, sent = home / "out", home / "Mail" / ".Sent" / "cur"
        left, failed = list[Path](), list[int]()

        def appeared(target: Path, out: Path = out, left: list[Path] = left) -> None:
            if target == out / "k1.eml":
                left.append(target)
                if taken:
                    target.rename(out.parent / "taken.eml")

        def fails(n: int, first: int = first, failed: list[int] = failed) -> bool:
            failed.extend([n] * (first <= n < first + lasts))
            return first <= n < first + lasts

        def copies(sent: Path = sent) -> int:
            return len(list(sent.iterdir())) if sent.exists() else 0

        maildir = open_(home, outbox=str(out), sender=ANA)
        with monkeypatch.context() as patch:
            _faulty(patch, fails, after=appeared)
            try:
                maildir.perform(op, key="k1", now=NOW)
                outcomes.append("sent")
            except Transient:
                outcomes.append("not sent")
            except Unknown:
                outcomes.append("not known")
        states = {"sent": (1, 1), "not sent": (0, 0), "not known": (1, 0)}
        assert (len(left), copies()) == states[outcomes[-1]], (first, outcomes[-1])
        # Looked for, once all is well: what is out is found, with its copy, and nothing else is.
        found = maildir.find(op, key="k1")
        assert ((found is not None), copies()) == (bool(left), len(left)), (first, outcomes[-1])
        with monkeypatch.context() as patch:
            _faulty(patch, lambda _: False, after=appeared)
            maildir.perform(op, key="k1", now=NOW)
        assert (len(left), copies()) == (1, 1), (first, outcomes[-1])
        assert not [p for p in out.iterdir() if p.name.startswith(".")]
        assert not list((home / "state").rglob("*.eml")), "no copy waits any more"
        if not failed:
            assert {*outcomes} == {"sent", "not sent", "not known"}
            return


class Sink:
    """What a real server got, and faults to switch on."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.refuse: dict[str, str] = {}
        self.answer = "250 OK"
        self.hang_up = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _: Any) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.got.append(SimpleNamespace(to=list(envelope.rcpt_tos), data=envelope.content))
        if self.hang_up:
            server.transport.abort()
            await asyncio.sleep(0)
        return self.answer


class NoLookup(Controller):
    """aiosmtpd asks for the machine's full name otherwise, which can take seconds."""

    def factory(self) -> Any:
        self.SMTP_kwargs["hostname"] = "localhost"
        return super().factory()


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def server(sink: Sink) -> Iterator[str]:
    def right(*args: Any) -> AuthResult:
        given = args[4]
        known = isinstance(given, LoginPassword) and given.password == b"right"
        return AuthResult(success=known, handled=False)

    (port,) = free_ports(1)
    controller = NoLookup(sink, hostname="127.0.0.1", port=port, authenticator=right, auth_require_tls=False)
    controller.start()
    yield f"smtp://ana@127.0.0.1:{port}"
    controller.stop()


def test_what_is_passed_on_stays_as_it_is(box: Path, tmp_path: Path) -> None:
    maildir = open_(tmp_path, outbox=str(tmp_path / "out"), sender=ANA)
    refs = [message("INBOX/1000.a"), message("INBOX/none")]
    for n, ref in enumerate(refs):
        op = MailSend(source="mail", to=(BO,), subject="Fwd", body="See below.", forwards=ref)
        assert maildir.perform(op, key=f"k{n}", now=NOW).ref
    item = maildir.read(refs[0])
    assert item is not None
    assert "passed" not in item.flags


HELLO = MailSend(source="mail", to=(BO,), bcc=(CY,), subject="Hi", body=".\n.hidden dot\nGrüße")


def test_smtp_sends_to_all_and_shows_the_bcc_to_none(
    box: Path, tmp_path: Path, server: str, sink: Sink
) -> None:
    maildir = open_(tmp_path, smtp=server, sender=ANA, password="right")
    receipt = maildir.perform(HELLO, key="k1", now=NOW)
    assert maildir.perform(HELLO, key="k1", now=NOW) == receipt
    (got,) = sink.got
    assert got.to == ["bo@example.org", "cy@example.net"]
    sent = message_from_bytes(got.data)
    assert sent["Bcc"] is None
    assert sent["Message-ID"] == "<deskhand.k1@example.org>"
    payload = sent.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().split() == [".", ".hidden", "dot", "Grüße"]
    assert receipt.ref.native.startswith("Sent/")
    assert receipt.detail["refused"] == {}


def test_refused_recipients_are_named(box: Path, tmp_path: Path, server: str, sink: Sink) -> None:
    sink.refuse = {"cy@example.net": "550 no such user"}
    maildir = open_(tmp_path, smtp=server, sender=ANA, password="right")
    receipt = maildir.perform(HELLO, key="k1", now=NOW)
    assert receipt.detail["refused"] == {"cy@example.net": "550 no such user"}
    assert maildir.find(HELLO, key="k1") == receipt
    assert sink.got[0].to == ["bo@example.org"]


@pytest.mark.parametrize(
    ("refuse", "answer", "error"),
    [
        ({"bo@example.org": "550 no", "cy@example.net": "550 no"}, "250 OK", SourceError),
        ({"bo@example.org": "451 later", "cy@example.net": "451 later"}, "250 OK", Transient),
        ({}, "554 spam", SourceError),
        ({}, "452 disk full", Transient),
    ],
)
def test_a_refusal_leaves_the_way_free_for_another_attempt(
    box: Path,
    tmp_path: Path,
    server: str,
    sink: Sink,
    refuse: dict[str, str],
    answer: str,
    error: type[Exception],
) -> None:
    sink.refuse, sink.answer = refuse, answer
    maildir = open_(tmp_path, smtp=server, sender=ANA, password="right")
    with pytest.raises(error, match="refused"):
        maildir.perform(HELLO, key="k1", now=NOW)
    assert not [p for p in (box / ".Sent").rglob("*") if p.is_file()]
    sink.refuse, sink.answer = {}, "250 OK"
    maildir.perform(HELLO, key="k1", now=NOW)
    assert len(sink.got) == 1


def test_a_lost_answer_is_unknown_and_never_sent_again(
    box: Path, tmp_path: Path, server: str, sink: Sink
) -> None:
    sink.hang_up = True
    maildir = open_(tmp_path, smtp=server, sender=ANA, password="right")
    with pytest.raises(Unknown):
        maildir.perform(HELLO, key="k1", now=NOW)
    sink.hang_up = False
    for again in (maildir, open_(tmp_path, smtp=server, sender=ANA, password="right")):
        assert again.find(HELLO, key="k1") is None
        with pytest.raises(Unknown):
            again.perform(HELLO, key="k1", now=NOW)
    assert len(sink.got) == 1


def test_a_crash_after_the_server_took_it_only_leaves_the_copy_to_do(
    box: Path, tmp_path: Path, server: str, sink: Sink
) -> None:
    maildir = open_(tmp_path, smtp=server, sender=ANA, password="right")
    maildir.perform(HELLO, key="k1", now=NOW)
    for copy in (box / ".Sent" / "cur").iterdir():
        copy.unlink()
    assert maildir.find(HELLO, key="k1") is None
    maildir.perform(HELLO, key="k1", now=NOW)
    assert len(list((box / ".Sent" / "cur").iterdir())) == 1
    assert len(sink.got) == 1


def test_where_no_copy_can_be_kept_nothing_is_sent(
    box: Path, tmp_path: Path, server: str, sink: Sink
) -> None:
    (box / ".Sent").write_text("in the way")
    maildir = open_(tmp_path, smtp=server, sender=ANA, password="right")
    with pytest.raises(Transient, match="could not be written"):
        maildir.perform(HELLO, key="k1", now=NOW)
    assert sink.got == []
    (box / ".Sent").unlink()
    maildir.perform(HELLO, key="k1", now=NOW)
    assert (len(sink.got), len(list((box / ".Sent" / "cur").iterdir()))) == (1, 1)


def test_a_copy_that_cannot_be_kept_does_not_make_it_unsent(
    box: Path, tmp_path: Path, server: str, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has it: whoever is told that it failed sends it again."""
    sends = _smtp.send

    def and_then_it_goes(*args: Any, **more: Any) -> Any:
        refused = sends(*args, **more)
        (box / ".Sent").rename(box / "away")
        (box / ".Sent").write_text("in the way")
        return refused

    monkeypatch.setattr(_smtp, "send", and_then_it_goes)
    maildir = open_(tmp_path, smtp=server, sender=ANA, password="right")
    with pytest.raises(Unknown, match=r"127.0.0.1 took the message, but its copy could not be put into Sent"):
        maildir.perform(HELLO, key="k1", now=NOW)
    with pytest.raises(Unknown, match="It was sent"):
        maildir.find(HELLO, key="k1")
    (box / ".Sent").unlink()
    (box / "away").rename(box / ".Sent")
    found = open_(tmp_path, smtp=server, sender=ANA).find(HELLO, key="k1")
    assert found is not None
    maildir.perform(HELLO, key="k1", now=NOW)
    assert (len(sink.got), len(list((box / ".Sent" / "cur").iterdir()))) == (1, 1)


def test_a_wrong_password_is_unauthorized_and_told_to_nobody(
    box: Path, tmp_path: Path, server: str, sink: Sink
) -> None:
    maildir = open_(tmp_path, smtp=server, sender=ANA, password="hunter2")
    with pytest.raises(Unauthorized) as refused:
        maildir.perform(HELLO, key="k1", now=NOW)
    assert "hunter2" not in f"{refused.value!r}{refused.value.__cause__!r}{vars(maildir)!r}"
    assert sink.got == []


def test_no_server_is_transient(box: Path, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with pytest.raises(Transient):
        open_(tmp_path, smtp=f"smtp://127.0.0.1:{port}", sender=ANA).perform(HELLO, key="k1", now=NOW)


def test_an_answer_names_what_it_answers_and_carries_what_it_should(box: Path, tmp_path: Path) -> None:
    put(box, "1.r", (PLAIN % (5, 5)).replace(b"Subject", b"References: <r1@x> <r2@x>\nSubject"))
    maildir = open_(tmp_path, sender=ANA)
    op = MailDraft(
        source="mail",
        to=(BO,),
        subject="Re: Budget",
        body="Fine.",
        answers=message("INBOX/1.r"),
        attachments=(ItemRef("mail", "attachment", "INBOX/1002.c#1"), message("INBOX/1000.a")),
        calendar="BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n",
    )
    receipt = maildir.perform(op, key="k", now=NOW)
    item = maildir.read(receipt.ref)
    assert item is not None
    assert item.data["in_reply_to"] == "<m5@example.org>"
    assert item.data["references"] == ["<r1@x>", "<r2@x>", "<m5@example.org>"]
    assert item.data["calendar_method"] == "REQUEST"
    assert [a["name"] for a in item.data["attachments"]] == ["notes.txt", "message.eml", "invite.ics"]
    notes = maildir.read(ItemRef("mail", "attachment", f"{receipt.ref.native}#1"))
    assert notes is not None
    assert notes.text.strip() == "Remember the milk."
    own = Enclosure(ref=notes.ref, version=notes.version, name="milk.txt")
    sheet = Enclosure(ref=ItemRef("docs", "document", "a/sheet.pdf"), version="v1")
    along = {
        own.ref: maildir.content(own.ref, own.version),
        sheet.ref: Content("sheet.pdf", "application/pdf", b"%PDF\r\n\0\xff"),
    }
    again = MailDraft(source="mail", attachments=(own, sheet))
    receipt = maildir.perform(again, key="n", now=NOW, contents=along)
    item = maildir.read(receipt.ref)
    assert item is not None
    assert [(a["name"], a["mime"]) for a in item.data["attachments"]] == [
        ("milk.txt", "text/plain"), ("sheet.pdf", "application/pdf"),
    ]  # fmt: skip
    second = ItemRef("mail", "attachment", f"{receipt.ref.native}#2")
    read = maildir.read(second)
    assert read is not None
    assert maildir.content(second, read.version).data == b"%PDF\r\n\0\xff"
    lost = ItemRef("mail", "attachment", "INBOX/1002.c#2")
    with pytest.raises(Missing):
        maildir.perform(MailDraft(source="mail", attachments=(lost,)), key="l", now=NOW)


def test_an_exchange_with_a_mail_server_that_comes_to_no_end_is_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says a line again and again, each in time: nothing was sent, and it is said so."""
    monkeypatch.setattr(_smtp, "ALTOGETHER", 0.3)

    def serve() -> None:
        client, _ = listening.accept()
        with client, suppress(OSError):
            for _ in range(200):
                client.sendall(b"220-still there\r\n")
                time.sleep(0.01)
            client.sendall(b"220 ready\r\n")
            while client.recv(1000):
                client.sendall(b"250 ok\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        server = _smtp.Server.of(f"smtp://127.0.0.1:{listening.getsockname()[1]}", "")
        with pytest.raises(Transient, match="cannot be reached"):
            _smtp.send(b"x", server=server, sender="a@b.test", recipients=["c@d.test"], before_data=list)


def test_a_mail_server_that_is_not_there_is_told_without_numbers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    server = _smtp.Server.of(f"smtp://127.0.0.1:{port}", "")
    with pytest.raises(Transient, match=f"^127.0.0.1:{port} cannot be reached: Connection refused"):
        _smtp.send(b"x", server=server, sender="a@b.test", recipients=["c@d.test"], before_data=list)
