"""The reference connector keeps the contract it is the reference for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from contracts import NOW, ConnectorContract, Write

from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Busy, Content, FreeBusy, Item, ItemRef, Participant
from deskhand.connectors.operations import (
    Enclosure,
    EventAnswered,
    EventCancel,
    EventCreate,
    EventReceive,
    EventRespond,
    EventRestore,
    EventUpdate,
    FileCopy,
    FileCreate,
    FileReplace,
    FileRestore,
    FileTrash,
    Mailbox,
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
)

PLAN = """\
BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:plan@example.com
DTSTAMP:20261101T120000Z
DTSTART:20261201T090000Z
DTEND:20261201T100000Z
SUMMARY:Plan
ORGANIZER:mailto:bo@example.com
ATTENDEE:mailto:ana@example.org
END:VEVENT
END:VCALENDAR
"""

COPIED = Enclosure(ref=ItemRef("mail", "attachment", "INBOX/1.a#1"), version="m-1")


class TestMemory(ConnectorContract):
    @pytest.fixture
    def connector(self) -> Memory:
        memory = Memory()
        memory.add("document", "a.txt", title="A", text="hello", at=NOW)
        memory.add("document", "b.txt", title="B", text="there", at=NOW)
        memory.add("document", "c.txt", title="C", text="gone soon", at=NOW)
        memory.add("message", "m", title="Hi", text="hi", at=NOW)
        bo = (Participant("attendee", "bo@example.org"),)
        for uid in ("e", "f", "g"):
            memory.add(
                "event",
                uid,
                title="Meet",
                text="",
                at=NOW,
                start=NOW,
                end=NOW + timedelta(hours=1),
                people=bo,
            )
        gone = memory.add("event", "gone", title="Gone", text="", at=NOW, start=NOW, end=NOW)
        memory.remove(gone.ref)
        memory.remove(memory.add("document", "lost.txt", title="Lost", text="lost", at=NOW).ref)
        lunch = Busy(NOW + timedelta(hours=4), NOW + timedelta(hours=5))
        memory.diaries["ann@example.org"] = FreeBusy("ann@example.org", (lunch,), zone="Europe/Paris")
        return memory

    @pytest.fixture
    def acquaintances(self) -> list[str]:
        return ["ann@example.org"]

    @pytest.fixture
    def writes(self, connector: Memory) -> list[Write]:
        def at(kind: str, native: str) -> Item:
            return connector.items[ItemRef.parse(f"memory:{kind}:{native}")]

        bo = (Mailbox(address="bo@example.org"),)
        a, c, e, f, g = (
            at("document", "a.txt"),
            at("document", "c.txt"),
            at("event", "e"),
            at("event", "f"),
            at("event", "g"),
        )
        gone, lost = (
            next(i for (ref, _), i in connector.kept.items() if ref.native == n) for n in ("gone", "lost.txt")
        )
        s = connector.source
        return [
            Write(MailDraft(source=s, to=bo, subject="s", body="b")),
            Write(MailSend(source=s, to=bo, subject="s", body="b")),
            Write(MailTrash(source=s, ref=ItemRef(s, "message", "m"))),
            Write(EventCreate(source=s, title="t", start=NOW, end=NOW + timedelta(hours=1), zone="UTC")),
            Write(
                EventUpdate(source=s, ref=e.ref, version=e.version, title="new"),
                EventUpdate(source=s, ref=e.ref, version="0", title="new"),
            ),
            Write(
                EventUpdate(
                    source=s,
                    ref=g.ref,
                    version=g.version,
                    occurrence=NOW + timedelta(days=7),
                    following=True,
                    title="new",
                ),
                EventUpdate(source=s, ref=g.ref, version="0", occurrence=NOW, following=True),
            ),
            *(
                Write(op, op.model_copy(update={"version": "0"}))
                for op in (
                    EventAnswered(
                        source=s,
                        ref=f.ref,
                        version=f.version,
                        address="bo@example.org",
                        status="accepted",
                        sequence=0,
                    ),
                    EventRespond(
                        source=s, ref=f.ref, version=f.version, address="bo@example.org", status="declined"
                    ),
                )
            ),
            Write(
                EventReceive(
                    source=s,
                    ref=ItemRef(s, "event", "plan@example.com"),
                    version="",
                    message=ItemRef(s, "message", "m"),
                    ics=PLAN,
                ),
                EventReceive(source=s, ref=f.ref, version="0", message=ItemRef(s, "message", "m"), ics=PLAN),
            ),
            Write(EventRestore(source=s, ref=gone.ref, version="", ics=gone.version, revised=True)),
            Write(
                EventRestore(source=s, ref=gone.ref, version="", ics=gone.version),
                EventRestore(source=s, ref=f.ref, version="", ics=f.version),
            ),
            Write(
                EventCancel(source=s, ref=f.ref, version=f.version),
                EventCancel(source=s, ref=f.ref, version="0"),
            ),
            Write(
                FileCreate(source=s, path="new.txt", text="x"), FileCreate(source=s, path="a.txt", text="x")
            ),
            Write(
                FileCopy(source=s, folder="in", called="copy.txt", content=COPIED),
                FileCopy(source=s, called="a.txt", content=COPIED),
                {COPIED.ref: Content("copy.txt", "text/plain", b"x")},
            ),
            Write(
                FileReplace(source=s, ref=a.ref, version=a.version, text="x"),
                FileReplace(source=s, ref=a.ref, version="0", text="x"),
            ),
            Write(FileTrash(source=s, ref=c.ref, version=c.version)),
            Write(MailFlag(source=s, ref=ItemRef(s, "message", "m"), add=("flagged",))),
            Write(MailMove(source=s, ref=ItemRef(s, "message", "m"), folder="Archive")),
            Write(
                FileRestore(source=s, ref=lost.ref, version="", hash=lost.hash),
                FileRestore(source=s, ref=lost.ref, version="0", hash=lost.hash),
            ),
        ]


def test_guests_and_rooms_change_without_each_other() -> None:
    memory = Memory()
    blue, red, bo = (Mailbox(address=f"{name}@example.org") for name in ("blue", "red", "bo"))
    made = EventCreate(
        source="memory", title="Plan", start=NOW, end=NOW + timedelta(hours=1), zone="UTC", attendees=(bo,),
        rooms=(blue,), location="Blue",
    )  # fmt: skip
    receipt = memory.perform(made, key="a", now=NOW)

    def now(**change: object) -> list[tuple[str, str]]:
        item = memory.items[receipt.ref]
        if change:
            op = EventUpdate.model_validate(
                {"source": "memory", "ref": item.ref, "version": item.version, **change}
            )
            memory.perform(op, key=str(change), now=NOW)
        return [(p.role, p.address) for p in memory.items[receipt.ref].people]

    assert now() == [("attendee", bo.address), ("resource", blue.address)]
    assert now(rooms=(red,), location="Red") == [("attendee", bo.address), ("resource", red.address)]
    assert now(attendees=()) == [("resource", red.address)]
    assert memory.items[receipt.ref].data["location"] == "Red"


def test_what_is_put_in_is_labelled_as_a_real_source_labels_it() -> None:
    memory = Memory(me="me@example.org")
    told = {"subject": "s", "text": "t", "at": NOW}
    theirs = memory.mail("a", sender=("Ann", "Ann@example.org"), to=["me@example.org"], **told)
    mine = memory.mail("b", sender="me@example.org", to=["ann@example.org"], **told)
    assert (theirs.label.trust, theirs.folder, theirs.data["sent"]) == ("untrusted", "INBOX", False)
    assert theirs.label.readers == ("ann@example.org", "me@example.org")
    assert (mine.label.trust, mine.folder, mine.data["sent"]) == ("user", "Sent", True)
    event = {"title": "e", "start": NOW, "end": NOW + timedelta(hours=1), "at": NOW}
    assert memory.event("own", **event).label.trust == "user"
    assert memory.event("theirs", organizer="ann@example.org", **event).label.trust == "untrusted"
    assert memory.document("d", title="d", text="t", at=NOW).label.trust == "untrusted"


def test_a_mail_is_filed_marked_and_put_back() -> None:
    memory = Memory(me="me@example.org")
    mail = memory.mail("a", sender="ann@example.org", to=["me@example.org"], subject="s", text="t", at=NOW)
    moved = MailMove(source="memory", ref=mail.ref, folder="Archive")
    receipt = memory.perform(moved, key="1", now=NOW)
    assert memory.items[mail.ref].folder == "Archive"
    back = memory.inverse(moved, receipt)
    assert back is not None
    memory.perform(back, key="2", now=NOW)
    flag = MailFlag(source="memory", ref=mail.ref, add=("flagged",))
    receipt = memory.perform(flag, key="3", now=NOW)
    assert (memory.items[mail.ref].folder, memory.items[mail.ref].flags) == ("INBOX", ("flagged",))
    back = memory.inverse(flag, receipt)
    assert back is not None
    memory.perform(back, key="4", now=NOW)
    assert memory.items[mail.ref].flags == ()
