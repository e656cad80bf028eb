"""What is written to Outlook happens once or not at all, whatever fails on the way; counted at the server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from contracts import NOW
from fakes.proxy import Does, cut, done_but, passed, reset, says, torn
from graph_givens import READS, Microsoft, account, mail
from outlook_givens import BO, CY, filled, mailbox, messages

from deskhand.connectors._graph import Graph
from deskhand.connectors._outlook_mailbox import Mailbox
from deskhand.connectors.errors import (
    Changed,
    Missing,
    Transient,
    Unauthorized,
    Unknown,
    Unsupported,
)
from deskhand.connectors.model import Content, ItemRef
from deskhand.connectors.operations import (
    Enclosure,
    MailDraft,
    MailFlag,
    MailMove,
    MailSend,
    MailTrash,
    Operation,
)
from deskhand.connectors.outlook import Outlook, opened_with

KEY = "ab" * 16
SENT = ("send", "reply", "forward")
BEFORE: dict[str, Does] = {
    "429": says(429, Retry_After="1"), "500": says(500), "502": says(502, b"<html>Bad gateway</html>"),
    "503": says(503, Retry_After="5"), "torn": torn,
}  # fmt: skip
AFTER: dict[str, Does] = {
    "504 after it was done": done_but(says(504)), "torn after it was done": done_but(torn),
    "cut": cut, "reset": reset,
}  # fmt: skip


@pytest.fixture
def ana(microsoft: Microsoft, tmp_path: Path) -> Outlook:
    filled(microsoft)
    return mailbox(microsoft, tmp_path / "state")


def operations(outlook: Outlook) -> dict[str, Operation]:
    known = messages(outlook)
    ref = known["Budget"].ref
    return {
        "draft": MailDraft(source="mail", to=(BO,), subject="Draft", body="Hello."),
        "send": MailSend(source="mail", to=(BO,), bcc=(CY,), subject="Sent", body="Hello."),
        "reply": MailSend(source="mail", to=(BO,), subject="Re: Budget", body="Fine.", answers=ref),
        "forward": MailSend(source="mail", to=(BO,), subject="Fwd: Budget", body="See below.", forwards=ref),
        "flag": MailFlag(source="mail", ref=ref, add=("flagged", "seen")),
        "move": MailMove(source="mail", ref=ref, folder="Archive"),
        "trash": MailTrash(source="mail", ref=ref),
    }


def happened(microsoft: Microsoft, name: str) -> int:
    """How often an effect is there, as the server has it."""
    mail = microsoft.ana.mail.values()
    budget = next(m for m in mail if m.message_id == "<budget@example.org>")
    match name:
        case "draft":
            return sum(m.draft for m in mail)
        case "send" | "reply" | "forward":
            sent = [m for m in mail if m.folder == microsoft.ana.folders["sentitems"].id]
            assert len(microsoft.world.posted) == len(sent)
            assert not any(m.draft for m in mail) or not sent
            return len(sent)
        case "flag":
            return int(budget.read and budget.flag == "flagged")
        case "move":
            return int(budget.folder == microsoft.ana.folders["archive"].id)
    return int(budget.folder == microsoft.ana.folders["deleteditems"].id)


def steps(name: str) -> range:
    """The writes that an operation takes."""
    return range(2 if name in SENT else 1)


EVERY = [
    (name, step)
    for name in ("draft", "send", "reply", "forward", "flag", "move", "trash")
    for step in steps(name)
]


def failing_at(microsoft: Microsoft, step: int, fault: Does) -> None:
    """The writes from the first one on go well, up to one; reads do, too."""
    through: Does = lambda request: request.say(*request.forward())  # noqa: E731
    for method in ("POST /me/", "PATCH /me/"):
        microsoft.front.faults += [*[(method, through)] * step, (method, fault)]


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
@pytest.mark.parametrize(("name", "step"), EVERY)
def test_each_fault_at_each_step(
    microsoft: Microsoft, ana: Outlook, tmp_path: Path, name: str, step: int, fault: str
) -> None:
    operation = operations(ana)[name]
    failing_at(microsoft, step, (BEFORE | AFTER)[fault])
    try:
        receipt = ana.perform(operation, key=KEY, now=NOW)
    except Transient:
        assert happened(microsoft, name) == 0
        microsoft.front.faults.clear()
        again = mailbox(microsoft, tmp_path / "state")
        assert again.find(operation, key=KEY) is None
        receipt = again.perform(operation, key=KEY, now=NOW)
    else:
        assert fault in AFTER, "what was refused was not done"
    assert happened(microsoft, name) == 1
    read = ana.read(receipt.ref)
    assert read is not None
    assert read.version == receipt.version


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("name", "step"), EVERY)
def test_killed_at_each_step(
    microsoft: Microsoft, ana: Outlook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, step: int,
    when: str,
) -> None:  # fmt: skip
    operation = operations(ana)[name]
    whole, left = Graph.write, iter(range(step + 1))

    def write(self: Graph, *args: Any, **rest: Any) -> Any:
        last = next(left) == step
        if last and when == "before":
            raise Killed
        made = whole(self, *args, **rest)
        if last:
            raise Killed
        return made

    with monkeypatch.context() as patch:
        patch.setattr(Graph, "write", write)
        with pytest.raises(Killed):
            ana.perform(operation, key=KEY, now=NOW)
    again = mailbox(microsoft, tmp_path / "state")
    found = again.find(operation, key=KEY)
    assert (found is not None) == (happened(microsoft, name) == 1)
    receipt = again.perform(operation, key=KEY, now=NOW)
    assert found is None or found.ref == receipt.ref
    assert happened(microsoft, name) == 1


def test_what_is_sent_is_what_was_written(microsoft: Microsoft, ana: Outlook, tmp_path: Path) -> None:
    microsoft.world.arrives("ana", mail("Question", "How much?"))
    asked = messages(ana)["Question"]
    plan = Content("plan.txt", "text/plain", b"Ask Cy.")
    notes = ItemRef("files", "document", "plan.txt")
    receipt = ana.perform(
        MailSend(
            source="mail", to=(BO,), bcc=(CY,), subject="Re: Question", body="Twelve – or so.",
            answers=asked.ref, attachments=(Enclosure(ref=notes, version="1"),),
        ),
        key=KEY, now=NOW, contents={notes: plan},
    )  # fmt: skip
    ((who, to, data),) = microsoft.world.posted
    assert (who, to) == ("ana", ["bo@example.org", "cy@example.org"])
    sent = messages(ana)["Re: Question"]
    assert (sent.ref, sent.folder, sent.data["sent"]) == (receipt.ref, "Sent", True)
    assert sent.data["thread"] == asked.data["thread"]
    assert receipt.detail["message_id"] == f"<deskhand.{KEY}@example.org>"
    bo = messages(mailbox(microsoft, tmp_path / "bo", "bo", write=False))["Re: Question"]
    assert "Twelve – or so." in bo.text
    assert [a["name"] for a in bo.data["attachments"]] == ["plan.txt"]
    assert not [p for p in bo.people if p.role == "bcc"]
    assert b"Twelve" in data


def test_an_answer_is_tied_to_what_it_answers(microsoft: Microsoft, ana: Outlook) -> None:
    operation = operations(ana)["reply"]
    ana.perform(operation, key=KEY, now=NOW)
    assert any("createReply" in p for _, p in microsoft.world.calls)
    (sent,) = (m for m in microsoft.ana.mail.values() if m.answers)
    assert microsoft.ana.mail[sent.answers].message_id == "<budget@example.org>"


def passing_on(outlook: Outlook, *, files: bool) -> MailSend:
    """Passes on the message that has a file; with it, or without."""
    ref = messages(outlook)["Notes"].ref
    along = (ItemRef("mail", "attachment", f"{ref.native}#1"),) if files else ()
    return MailSend(
        source="mail", to=(BO,), subject="Fwd: Notes", body="See below.", forwards=ref, attachments=along
    )


def files_sent(microsoft: Microsoft) -> list[str | None]:
    """The files of the one message that went out."""
    ((_, _, data),) = microsoft.world.posted
    assert b"See below." in data
    return [p.get_filename() for p in message_from_bytes(data).walk() if p.get_filename()]


def shown(microsoft: Microsoft) -> dict[str, str]:
    """What Outlook shows of messages: that they were answered, or forwarded."""
    return {m.message_id: m.shown for m in microsoft.ana.mail.values() if m.shown}


@pytest.mark.parametrize("takes_along", [False, True])
@pytest.mark.parametrize("files", [False, True])
def test_what_is_passed_on_is_shown_as_forwarded_and_goes_with_what_was_agreed_to(
    microsoft: Microsoft, ana: Outlook, files: bool, takes_along: bool
) -> None:
    microsoft.world.takes_along = takes_along
    ana.perform(passing_on(ana, files=files), key=KEY, now=NOW)
    assert any("createForward" in p for _, p in microsoft.world.calls)
    assert files_sent(microsoft) == ["notes.txt"] * files
    assert shown(microsoft) == {"<notes@example.org>": "forwarded"}


@pytest.mark.parametrize("when", ["before", "after", "503", "torn after it was done"])
def test_a_file_that_nobody_agreed_to_never_goes_along(
    microsoft: Microsoft, ana: Outlook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    microsoft.world.takes_along = True
    operation, whole = passing_on(ana, files=False), Graph.write

    def write(self: Graph, method: str, *args: Any, **rest: Any) -> Any:
        if method == "DELETE" and when == "before":
            raise Killed
        made = whole(self, method, *args, **rest)
        if method == "DELETE" and when == "after":
            raise Killed
        return made

    if fault := (BEFORE | AFTER).get(when):
        microsoft.front.faults.append(("DELETE /v1.0/me/", fault))
    with monkeypatch.context() as patch, suppress(Killed, Transient):
        patch.setattr(Graph, "write", write)
        ana.perform(operation, key=KEY, now=NOW)
    assert not microsoft.front.faults
    again = mailbox(microsoft, tmp_path / "state")
    again.perform(operation, key=KEY, now=NOW)
    assert files_sent(microsoft) == []
    assert shown(microsoft) == {"<notes@example.org>": "forwarded"}


def test_a_draft_with_files_that_cannot_be_told_apart_is_not_sent(
    microsoft: Microsoft, ana: Outlook, monkeypatch: pytest.MonkeyPatch
) -> None:
    microsoft.world.takes_along = True
    operation = passing_on(ana, files=True)
    monkeypatch.setattr("deskhand.connectors._outlook_posting.named", lambda _: ["renamed.txt"])
    with pytest.raises(Transient, match="other files than it should have; nothing was sent"):
        ana.perform(operation, key=KEY, now=NOW)
    assert microsoft.world.posted == []


def test_a_message_that_passes_nothing_on_does_not_say_so(ana: Outlook) -> None:
    """What was asked before there could be any keeps its key and its signature."""
    send, forward = operations(ana)["send"], operations(ana)["forward"]
    assert "forwards" not in send.arguments()
    assert forward.arguments()["forwards"] == str(messages(ana)["Budget"].ref)
    with pytest.raises(ValueError, match="not both"):
        MailSend.model_validate(forward.arguments() | {"answers": forward.arguments()["forwards"]})


def test_what_passes_on_a_message_that_is_gone_goes_out_all_the_same(
    microsoft: Microsoft, ana: Outlook
) -> None:
    operation = passing_on(ana, files=False)
    gone = next(m for m in microsoft.ana.mail.values() if m.message_id == "<notes@example.org>")
    microsoft.world.removed(microsoft.ana, gone)
    ana.perform(operation, key=KEY, now=NOW)
    assert files_sent(microsoft) == []


def test_what_lies_in_another_mailbox_is_passed_on_without_a_mark(microsoft: Microsoft, ana: Outlook) -> None:
    there = ItemRef("elsewhere", "message", messages(ana)["Notes"].ref.native)
    other = passing_on(ana, files=False).model_copy(update={"forwards": there})
    ana.perform(other, key=KEY, now=NOW)
    assert shown(microsoft) == {}


def test_a_draft_that_was_changed_meanwhile_is_not_sent(
    microsoft: Microsoft, ana: Outlook, tmp_path: Path
) -> None:
    operation = operations(ana)["send"]
    failing_at(microsoft, 1, says(503))
    with pytest.raises(Transient):
        ana.perform(operation, key=KEY, now=NOW)
    (draft,) = (m for m in microsoft.ana.mail.values() if m.draft)
    microsoft.world.touched(microsoft.ana, draft)
    again = mailbox(microsoft, tmp_path / "state")
    with pytest.raises(Changed, match="nothing was sent"):
        again.perform(operation, key=KEY, now=NOW)
    assert microsoft.world.posted == []


def test_what_nobody_can_tell_is_not_sent_again(microsoft: Microsoft, ana: Outlook, tmp_path: Path) -> None:
    operation = operations(ana)["send"]

    def lost(request: Any) -> None:
        request.forward()
        for letter in list(microsoft.ana.mail.values()):
            if letter.message_id.startswith("<deskhand."):
                microsoft.world.removed(microsoft.ana, letter)
        request.say(504)

    failing_at(microsoft, 1, lost)
    with pytest.raises(Unknown):
        ana.perform(operation, key=KEY, now=NOW)
    again = mailbox(microsoft, tmp_path / "state")
    for ask in (again.find, lambda op, key: again.perform(op, key=key, now=NOW)):
        with pytest.raises(Unknown):
            ask(operation, key=KEY)
    assert len(microsoft.world.posted) == 1
    assert KEY in again.where(operation, key=KEY)


@pytest.mark.parametrize("fault", [done_but(torn), passed], ids=["lost", "answered"])
@pytest.mark.parametrize("name", ["draft", "send"])
def test_what_was_done_and_cannot_be_looked_at_is_put_to_the_person(
    microsoft: Microsoft, ana: Outlook, name: str, fault: Does
) -> None:
    operation = operations(ana)[name]

    def silent(request: Any) -> None:
        microsoft.front.always["GET"] = says(503)
        fault(request)

    failing_at(microsoft, steps(name)[-1], silent)
    with pytest.raises(Unknown):
        ana.perform(operation, key=KEY, now=NOW)
    microsoft.front.always.clear()
    assert ana.find(operation, key=KEY) is not None
    assert happened(microsoft, name) == 1


def test_what_was_done_and_answered_with_what_is_not_read_is_looked_at(
    microsoft: Microsoft, ana: Outlook
) -> None:
    send = MailSend(source="mail", to=(BO,), subject="Hi", body="Hello.")
    packed = done_but(says(202, b"", Content_Encoding="gzip"))
    microsoft.front.faults += [("POST /v1.0/me/messages/", packed)]
    assert ana.perform(send, key="cd" * 16, now=NOW).ref
    assert not microsoft.front.faults
    assert len(microsoft.world.posted) == 1


def test_a_draft_that_the_search_does_not_know_yet_is_waited_for(
    microsoft: Microsoft, ana: Outlook, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, known = list[str](), Mailbox.searched
    monkeypatch.setattr(
        Mailbox, "searched", lambda self, i: known(self, i) if (asked.append(i) or len(asked) > 3) else []
    )
    microsoft.front.faults += [("POST /v1.0/me/messages", done_but(torn))]
    ana.perform(MailDraft(source="mail", to=(BO,), subject="Hi", body="x"), key="cd" * 16, now=NOW)
    assert len([m for m in microsoft.ana.mail.values() if m.draft and "Hi" in m.data.decode()]) == 1


def test_a_send_that_takes_its_time_is_waited_for(
    microsoft: Microsoft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Graph takes a draft and sends it after that: for a moment it is a draft still."""
    late: list[Any] = []
    waits = Waiting(lambda: late and late.pop()())
    filled(microsoft)
    ana = mailbox(microsoft, tmp_path / "state", waits=waits)
    operation = operations(ana)["send"]

    def taken(request: Any) -> None:
        late.append(request.forward)
        request.say(504)

    failing_at(microsoft, 1, taken)
    assert ana.perform(operation, key=KEY, now=NOW).detail["folder"] == "Sent"
    assert happened(microsoft, "send") == 1


def test_what_was_sent_and_cannot_be_noted_was_sent(
    microsoft: Microsoft, ana: Outlook, tmp_path: Path
) -> None:
    operation = operations(ana)["send"]

    def full(request: Any) -> None:
        passed(request)
        (note,) = (tmp_path / "state" / "effects").glob("*.json")
        note.with_name(f".{note.stem}.tmp").mkdir()

    failing_at(microsoft, 1, full)
    assert ana.perform(operation, key=KEY, now=NOW).detail["folder"] == "Sent"
    assert happened(microsoft, "send") == 1


class Waiting(list[float]):
    """Waits, during which something happens."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self._happens = happens

    def append(self, seconds: float) -> None:
        self._happens()


def test_what_was_sent_and_thrown_away_was_sent(microsoft: Microsoft, ana: Outlook) -> None:
    operation = operations(ana)["send"]
    receipt = ana.perform(operation, key=KEY, now=NOW)
    for letter in list(microsoft.ana.mail.values()):
        if letter.message_id.startswith("<deskhand."):
            microsoft.world.removed(microsoft.ana, letter)
    again = ana.perform(operation, key=KEY, now=NOW)
    assert (again.ref, again.version) == (receipt.ref, "")
    assert len(microsoft.world.posted) == 1


def test_what_was_sent_is_found_without_our_notes(microsoft: Microsoft, ana: Outlook, tmp_path: Path) -> None:
    operation = operations(ana)["send"]
    receipt = ana.perform(operation, key=KEY, now=NOW)
    elsewhere = mailbox(microsoft, tmp_path / "another")
    found = elsewhere.find(operation, key=KEY)
    assert found is not None
    assert found.ref == receipt.ref


def test_all_is_taken_back(microsoft: Microsoft, ana: Outlook) -> None:
    before = {t: (i.folder, i.flags) for t, i in messages(ana).items()}
    for n, (name, operation) in enumerate(operations(ana).items()):
        if name in SENT:
            assert ana.inverse(operation, ana.perform(operation, key=f"{n:032d}", now=NOW)) is None
            continue
        inverse = ana.inverse(operation, ana.perform(operation, key=f"{n:032d}", now=NOW))
        assert inverse is not None
        ana.perform(inverse, key=f"{n + 50:032d}", now=NOW)
    after = {t: (i.folder, i.flags) for t, i in messages(ana).items()}
    assert {t: after[t] for t in before} == before
    assert after["Draft"] == ("Trash", ("draft", "seen", "trashed"))


def test_an_answer_that_says_too_little_is_a_lost_one(microsoft: Microsoft, ana: Outlook) -> None:
    """What was made is looked for, and sent once."""
    operation = MailSend(source="mail", to=(BO,), subject="Sent", body="Hello.")
    microsoft.front.faults.append(("POST /v1.0/me/messages", done_but(says(201, b"{}"))))
    ana.perform(operation, key=KEY, now=NOW)
    assert happened(microsoft, "send") == 1


def test_what_is_larger_than_graph_takes_is_said(microsoft: Microsoft, ana: Outlook) -> None:
    operation = MailSend(source="mail", to=(BO,), subject="Large", body="x" * 3_500_000)
    with pytest.raises(Unsupported, match="larger than Outlook takes"):
        ana.perform(operation, key=KEY, now=NOW)
    assert microsoft.world.posted == []


@pytest.mark.parametrize("flag", ["answered", "draft"])
def test_a_flag_that_outlook_has_not_is_named(ana: Outlook, flag: str) -> None:
    ref = messages(ana)["Budget"].ref
    with pytest.raises(Unsupported, match="flagged, seen"):
        ana.perform(MailFlag(source="mail", ref=ref, add=(flag,)), key=KEY, now=NOW)


def test_a_folder_that_is_not_there_is_named(ana: Outlook) -> None:
    ref = messages(ana)["Budget"].ref
    with pytest.raises(Missing, match="there are"):
        ana.perform(MailMove(source="mail", ref=ref, folder="Nowhere"), key=KEY, now=NOW)


def test_nothing_is_written_before_that_is_switched_on(microsoft: Microsoft, tmp_path: Path) -> None:
    reader = mailbox(microsoft, tmp_path / "a", write=False)
    assert reader.operations == ()
    with pytest.raises(Unsupported, match="deskhand signin mail --write"):
        reader.perform(MailSend(source="mail", to=(BO,), subject="s"), key=KEY, now=NOW)
    narrow = account(microsoft, allowed=READS)
    with pytest.raises(Unauthorized):
        opened_with(narrow, source="mail", state=tmp_path / "b").check()
