"""What is written to an IMAP server is written once, whatever became of its answer, and nothing else is."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path

import pytest
from contracts import NOW, pass_over
from fakes.dovecot import Server, token
from fakes.line import Line
from imap_givens import BO, CY, PLAIN, Sink, messages, open_

from deskhand.connectors.errors import Missing, SourceError, Transient, Unauthorized, Unknown, Unsupported
from deskhand.connectors.imap import Imap
from deskhand.connectors.model import Item, ItemRef
from deskhand.connectors.operations import MailDraft, MailFlag, MailMove, MailSend, MailTrash

ONE_WAY = {"MOVE": (), "UIDPLUS": ("MOVE",)}
"""How a message is moved, by what the server does without."""


@pytest.fixture
def imap(dovecot: Server, line: Line, user: str, tmp_path: Path, sink: tuple[Sink, int]) -> Iterator[Imap]:
    made = open_(dovecot, user, tmp_path, port=line.port, smtp=f"smtp://127.0.0.1:{sink[1]}")
    yield made
    made.close()


@pytest.fixture
def anew(
    dovecot: Server, line: Line, user: str, tmp_path: Path, sink: tuple[Sink, int]
) -> Iterator[Callable[..., Imap]]:
    """The same mailbox, as a process opens it that was started again."""
    made: list[Imap] = []

    def open_one(**options: object) -> Imap:
        given = {"port": line.port, "smtp": f"smtp://127.0.0.1:{sink[1]}", **options}
        made.append(open_(dovecot, user, tmp_path, **given))
        return made[-1]

    yield open_one
    for one in made:
        one.close()


DRAFT = MailDraft(source="mail", to=(BO,), bcc=(CY,), subject="Grüße", body="Schön.\n")
SEND = MailSend(source="mail", to=(BO,), bcc=(CY,), subject="Hi", body="Hello")

# ------------------------------------------------------------------ passing on


def test_what_is_passed_on_is_marked_as_forwarded_and_what_cannot_be_is_no_harm(
    imap: Imap,
) -> None:
    ref = next(iter(messages(imap).values()))
    before = imap.read(ref)
    for n, one in enumerate((ref, ItemRef("mail", "message", "INBOX/1/999"))):
        assert imap.perform(SEND.model_copy(update={"forwards": one}), key=f"p{n}", now=NOW).ref
    after = imap.read(ref)
    assert before is not None
    assert after is not None
    assert {*after.flags} - {*before.flags} == {"passed"}
    assert after.version == before.version


# ------------------------------------------------------------------ drafts


def test_a_draft_lies_in_drafts_and_is_taken_back_into_the_trash(
    imap: Imap, dovecot: Server, user: str
) -> None:
    receipt = imap.perform(DRAFT, key="k1", now=NOW)
    item = imap.read(receipt.ref)
    assert item is not None
    assert (item.folder, item.flags, item.title, item.text) == (
        "Drafts",
        ("draft", "seen"),
        "Grüße",
        "Schön.",
    )
    assert item.person("bcc") is not None
    assert imap.where(DRAFT, key="k1") == "in the folder Drafts, Message-ID <deskhand.k1@example.org>"
    back = imap.inverse(DRAFT, receipt)
    assert isinstance(back, MailTrash)
    gone = imap.perform(back, key="k2", now=NOW)
    assert dict(gone.detail) == {"folder": "Bin", "was": "Drafts"}
    assert imap.find(DRAFT, key="k1") is not None, "a draft that was thrown away is not written again"
    assert dovecot.ids(user, "Drafts") == []


@pytest.mark.parametrize("seen", [rb"APPENDUID", rb"\+ OK", rb"\+ "])
def test_a_draft_whose_answer_is_lost_is_there_once(
    imap: Imap, line: Line, dovecot: Server, user: str, seen: bytes
) -> None:
    """APPEND: look, then act, then look. Broken before the message, or after the server took it."""
    imap.check()
    line.break_at(seen)
    with suppress(Transient):
        imap.perform(DRAFT, key="k1", now=NOW)
    imap.perform(DRAFT, key="k1", now=NOW)
    assert dovecot.ids(user, "Drafts") == ["<deskhand.k1@example.org>"]


def test_a_draft_of_which_nobody_can_tell_is_put_to_the_person(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    def gone(found: re.Match[bytes]) -> bytes:
        line.answers[rb"."] = b"* BYE closed\r\n"
        return found[0]

    imap.check()
    line.edits["server"].append((rb"APPENDUID", gone))
    line.break_at(rb"APPENDUID")
    with pytest.raises(Unknown, match="not known"):
        imap.perform(DRAFT, key="k1", now=NOW)
    assert dovecot.ids(user, "Drafts") == ["<deskhand.k1@example.org>"]


def test_a_draft_of_which_no_note_is_left_is_found_by_its_message_id(
    imap: Imap, dovecot: Server, user: str, anew: Callable[..., Imap]
) -> None:
    receipt = imap.perform(DRAFT, key="k1", now=NOW)
    for note in Path(imap._notes.folder).iterdir():  # a home that was restored without them
        note.unlink()
    assert anew().perform(DRAFT, key="k1", now=NOW) == receipt
    assert dovecot.ids(user, "Drafts") == ["<deskhand.k1@example.org>"]


def test_a_draft_that_the_server_took_and_does_not_show_is_not_put_there_again(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    """Some search what came a while later, and not all say where they put it (UIDPLUS)."""
    line.edits["server"] = [(rb"\[APPENDUID [^\]]*\] ", b"")]
    line.answers[rb"SEARCH"] = b'* ESEARCH (TAG "x") UID\r\nTAG OK done\r\n'
    for _ in range(2):
        with pytest.raises(Unknown, match="does not show it"):
            imap.perform(DRAFT, key="k1", now=NOW)
    line.answers.clear()
    imap.perform(DRAFT, key="k1", now=NOW)
    assert dovecot.ids(user, "Drafts") == ["<deskhand.k1@example.org>"]


def test_a_server_that_is_full_says_so_and_nothing_is_there(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    line.answers[rb"APPEND"] = b"TAG NO [OVERQUOTA] no room\r\n"
    with pytest.raises(Transient, match="no room"):
        imap.perform(DRAFT, key="k1", now=NOW)
    line.answers[rb"APPEND"] = b"TAG NO [NOPERM] not yours\r\n"
    with pytest.raises(Unsupported, match="takes no message"):
        imap.perform(DRAFT, key="k1", now=NOW)
    line.answers.clear()
    assert imap.find(DRAFT, key="k1") is None
    assert dovecot.ids(user, "Drafts") == []


# ------------------------------------------------------------------ flags


def test_flags_come_back_as_they_were_and_foreign_ones_stay(imap: Imap, dovecot: Server, user: str) -> None:
    ref = messages(imap)["m1"]
    uid = int(ref.native.rpartition(".")[2])
    with dovecot.program(user) as program:
        program.select_folder("INBOX")
        program.add_flags([uid], [b"\\Answered", b"$Mine"])
    op = MailFlag(source="mail", ref=ref, add=("answered", "flagged"), remove=("seen",))
    receipt = imap.perform(op, key="k", now=NOW)
    assert dict(receipt.detail) == {"added": ["flagged"], "removed": []}
    assert dovecot.flags(user, "INBOX")[uid] == {"\\Answered", "\\Flagged", "$Mine"}
    back = imap.inverse(op, receipt)
    assert back == MailFlag(source="mail", ref=ref, remove=("flagged",))
    imap.perform(back, key="l", now=NOW)
    assert dovecot.flags(user, "INBOX")[uid] == {"\\Answered", "$Mine"}
    for flag in ("blue", "trashed"):
        with pytest.raises(Unsupported, match="flag"):
            imap.perform(MailFlag(source="mail", ref=ref, add=(flag,)), key="m", now=NOW)


def test_flags_that_cannot_be_looked_at_again_are_put_to_the_person(imap: Imap, line: Line) -> None:
    def gone(found: re.Match[bytes]) -> bytes:
        line.answers[rb"."] = b"* BYE closed\r\n"
        return found[0]

    ref = messages(imap)["m1"]
    line.edits["server"].append((rb"Store completed", gone))
    with pytest.raises(Unknown, match="was done"):
        imap.perform(MailFlag(source="mail", ref=ref, add=("flagged",)), key="k1", now=NOW)


def test_flags_of_which_the_answer_is_lost_still_come_back_as_they_were(
    imap: Imap, line: Line, anew: Callable[..., Imap]
) -> None:
    ref = messages(imap)["m1"]
    op = MailFlag(source="mail", ref=ref, add=("flagged", "seen"))
    line.break_at(rb"STORE", of="client")
    with suppress(Transient):
        imap.perform(op, key="k", now=NOW)
    receipt = anew().perform(op, key="k", now=NOW)
    assert dict(receipt.detail) == {"added": ["flagged", "seen"], "removed": []}


# ------------------------------------------------------------------ moving


@pytest.mark.parametrize("without", ONE_WAY.values(), ids=list(ONE_WAY))
def test_a_move_takes_one_message_along_and_expunges_no_other(
    imap: Imap, line: Line, dovecot: Server, user: str, without: tuple[str, ...]
) -> None:
    line.without = without
    known = messages(imap)
    with dovecot.program(user) as program:  # somebody marked it, and may yet think better of it
        program.select_folder("INBOX")
        program.add_flags([int(known["m2"].native.rpartition(".")[2])], [b"\\Deleted"])
    _, cursor = pass_over(imap)
    op = MailMove(source="mail", ref=known["m1"], folder="archive/2026")
    assert imap.find(op, key="k") is None
    receipt = imap.perform(op, key="k", now=NOW)
    assert dict(receipt.detail) == {"folder": "Archive/2026", "was": "INBOX"}
    assert dovecot.ids(user, "INBOX") == ["<m2@example.org>", "<file@example.org>"]
    assert dovecot.ids(user, "Archive.2026") == ["<m3@example.org>", "<m1@example.org>"]
    assert "\\Deleted" not in str(dovecot.flags(user, "Archive.2026"))
    moved = [c for c in pass_over(imap, cursor)[0] if isinstance(c, Item)]
    assert [(c.ref, c.was) for c in moved] == [(receipt.ref, known["m1"])]
    back = imap.inverse(op, receipt)
    assert back is not None
    imap.perform(back, key="l", now=NOW)
    assert sorted(dovecot.ids(user, "INBOX")) == [
        "<file@example.org>",
        "<m1@example.org>",
        "<m2@example.org>",
    ]


@pytest.mark.parametrize("without", ONE_WAY.values(), ids=list(ONE_WAY))
@pytest.mark.parametrize("asked", [rb"UID (MOVE|COPY)", rb"UID STORE", rb"UID EXPUNGE"])
@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
def test_a_move_that_is_cut_off_anywhere_ends_in_one_message(
    imap: Imap, line: Line, dovecot: Server, user: str, anew: Callable[..., Imap],
    without: tuple[str, ...], asked: bytes, taken: bool,
) -> None:  # fmt: skip
    """Broken off after each command, or before it: in the end it is in the right folder, once."""
    line.without = without
    ref = messages(imap)["m1"]
    op = MailMove(source="mail", ref=ref, folder="Archive/2026")
    if taken:
        line.break_at(asked, of="client")
    else:
        line.answers[asked] = b"* BYE gone\r\n"
    with suppress(SourceError):
        imap.perform(op, key="k", now=NOW)
    line.answers.clear()
    receipt = anew().perform(op, key="k", now=NOW)
    assert dovecot.ids(user, "INBOX") == ["<m2@example.org>", "<file@example.org>"]
    assert dovecot.ids(user, "Archive.2026") == ["<m3@example.org>", "<m1@example.org>"]
    assert receipt.detail["was"] == "INBOX"
    assert anew().find(op, key="k") == receipt


def test_a_server_that_cannot_move_one_message_is_left_alone(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    line.without = ("MOVE", "UIDPLUS")
    ref = messages(imap)["m1"]
    with pytest.raises(Unsupported, match="neither MOVE nor UIDPLUS"):
        imap.perform(MailTrash(source="mail", ref=ref), key="k", now=NOW)
    assert len(dovecot.ids(user, "INBOX")) == 3
    assert dovecot.ids(user, "Bin") == []
    assert not {"UID STORE", "UID COPY", "EXPUNGE", "CLOSE"} & set(line.commands)


def test_a_message_that_has_to_stay_is_not_there_twice(
    imap: Imap, line: Line, dovecot: Server, user: str
) -> None:
    """Copied first, since there is no MOVE; then the server says that nothing goes from there."""
    line.without = ("MOVE",)
    ref = messages(imap)["m1"]
    uid = ref.native.rpartition(".")[2].encode()
    line.answers[rb"UID STORE " + uid + rb" \+FLAGS"] = b"TAG NO [NOPERM] Not you.\r\n"
    with pytest.raises(Unsupported, match="INBOX lets nothing go"):
        imap.perform(MailMove(source="mail", ref=ref, folder="Archive/2026"), key="k", now=NOW)
    assert dovecot.ids(user, "Archive.2026") == ["<m3@example.org>"]
    assert len(dovecot.ids(user, "INBOX")) == 3


def test_the_trash_is_the_folder_the_server_says(imap: Imap, dovecot: Server, user: str) -> None:
    dovecot.put(user, "Trash", PLAIN % (9, 9))  # an ordinary folder of that name
    imap.perform(MailTrash(source="mail", ref=messages(imap)["m1"]), key="k", now=NOW)
    assert dovecot.ids(user, "Bin") == ["<m1@example.org>"]


def test_a_write_to_a_folder_that_was_numbered_anew_is_refused(
    imap: Imap, dovecot: Server, user: str
) -> None:
    """The same number is another message then."""
    ref = messages(imap)["m3"]
    folder, _, number = ref.native.rpartition("/")
    validity, _, uid = number.partition(".")
    other = ItemRef("mail", "message", f"{folder}/{int(validity) + 1}.{uid}")
    for op in (
        MailFlag(source="mail", ref=other, add=("flagged",)),
        MailMove(source="mail", ref=other, folder="INBOX"),
        MailTrash(source="mail", ref=other),
    ):
        with pytest.raises(Missing):
            imap.perform(op, key=op.name, now=NOW)
    assert dovecot.ids(user, "Archive.2026") == ["<m3@example.org>"]


# ------------------------------------------------------------------ sending


def test_a_mail_is_sent_with_a_copy_in_sent_and_nobody_sees_the_bcc(
    imap: Imap, dovecot: Server, user: str, sink: tuple[Sink, int]
) -> None:
    receipt = imap.perform(SEND, key="k1", now=NOW)
    ((recipients, data),) = sink[0].got
    assert recipients == ["bo@example.org", "cy@example.net"]
    assert b"cy@example.net" not in data
    assert message_from_bytes(data)["Message-ID"] == "<deskhand.k1@example.org>"
    copy = imap.read(receipt.ref)
    assert copy is not None
    assert (copy.folder, copy.flags, copy.label.trust) == ("Sent Messages", ("seen",), "user")
    assert copy.person("bcc") is not None
    assert copy.data["sent"] is True
    assert imap.inverse(SEND, receipt) is None


def test_recipients_that_are_refused_are_shown(imap: Imap, sink: tuple[Sink, int]) -> None:
    sink[0].refused = {"cy@example.net"}
    receipt = imap.perform(SEND, key="k1", now=NOW)
    assert receipt.detail["refused"] == {"cy@example.net": "550 no such user"}
    assert sink[0].got[0][0] == ["bo@example.org"]


def test_a_mail_of_which_the_answer_is_lost_is_never_sent_again_by_itself(
    imap: Imap, dovecot: Server, user: str, sink: tuple[Sink, int], anew: Callable[..., Imap]
) -> None:
    sink[0].then = "drop"
    for mailbox in (imap, anew()):
        with pytest.raises(Unknown):
            mailbox.perform(SEND, key="k1", now=NOW)
        assert mailbox.find(SEND, key="k1") is None
    assert len(sink[0].got) == 1
    assert dovecot.ids(user, "Sent Messages") == []
    # The copy of another program, or of the server, shows that it went out.
    dovecot.put(user, "Sent Messages", sink[0].got[0][1])
    receipt = anew().perform(SEND, key="k1", now=NOW)
    assert receipt.detail["folder"] == "Sent Messages"
    assert len(sink[0].got) == 1


@pytest.mark.parametrize("gone", [True, False], ids=["then it is gone", "then it is back"])
@pytest.mark.parametrize("seen", [rb"APPENDUID", rb"\+ OK"])
def test_a_copy_that_could_not_be_put_into_sent_is_put_there_later_once(
    imap: Imap, line: Line, dovecot: Server, user: str, sink: tuple[Sink, int],
    anew: Callable[..., Imap], seen: bytes, gone: bool,
) -> None:  # fmt: skip
    imap.check()
    line.break_at(seen)
    if gone:
        line.answers[rb"CAPABILITY"] = b"* BYE closed\r\n"
    with suppress(Unknown):
        imap.perform(SEND, key="k1", now=NOW)
    line.answers.clear()
    found = anew().find(SEND, key="k1")
    assert found is not None
    assert anew().perform(SEND, key="k1", now=NOW) == found
    assert dovecot.ids(user, "Sent Messages") == ["<deskhand.k1@example.org>"]
    assert len(sink[0].got) == 1


def test_where_the_mailbox_cannot_be_reached_nothing_is_sent(
    imap: Imap, line: Line, sink: tuple[Sink, int]
) -> None:
    """The copy could not be kept, and whether it went out before could not be looked up."""
    line.answers[rb"CAPABILITY"] = b"* BYE closed\r\n"
    with pytest.raises(Transient):
        imap.perform(SEND, key="k1", now=NOW)
    assert sink[0].got == []


def test_where_the_server_keeps_the_copy_none_is_put_there(
    dovecot: Server, user: str, sink: tuple[Sink, int], anew: Callable[..., Imap]
) -> None:
    imap = anew(sent="server")
    with pytest.raises(Unknown, match="not in Sent"):
        imap.perform(SEND, key="k1", now=NOW)
    assert dovecot.ids(user, "Sent Messages") == []
    dovecot.put(user, "Sent Messages", sink[0].got[0][1])
    assert imap.perform(SEND, key="k1", now=NOW).detail["refused"] == {}
    assert len(sink[0].got) == 1


def test_a_token_signs_in_for_sending_too(
    user: str, sink: tuple[Sink, int], anew: Callable[..., Imap]
) -> None:
    """XOAUTH2; what is refused is a matter of signing in, and nothing is sent."""
    good = token(user)
    imap = anew(password="", token=good, smtp=f"smtp://ana%40example.org@127.0.0.1:{sink[1]}")
    with pytest.raises(Unauthorized) as refused:
        imap.perform(SEND, key="k1", now=NOW)
    assert good not in str(refused.value)
    assert sink[0].got == []
    sink[0].tokens.add(good)
    imap.perform(SEND, key="k1", now=NOW)
    assert len(sink[0].got) == 1
    assert sink[0].signed[-1] == f"user=ana@example.org\1auth=Bearer {good}\1\1"


def test_where_nothing_can_be_noted_nothing_is_done(
    imap: Imap, dovecot: Server, user: str, sink: tuple[Sink, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full: after a crash nobody could tell what was done."""
    known = messages(imap)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    for op in (
        DRAFT, SEND, MailFlag(source="mail", ref=known["m1"], add=("seen",)),
        MailMove(source="mail", ref=known["m1"], folder="Archive/2026"),
    ):  # fmt: skip
        with pytest.raises(Transient, match="No space left"):
            imap.perform(op, key=op.name, now=NOW)
    assert (sink[0].got, dovecot.ids(user, "Drafts"), len(dovecot.ids(user, "INBOX"))) == ([], [], 3)
    assert not any("\\Seen" in flags for flags in dovecot.flags(user, "INBOX").values())
