"""Messages that are larger than Graph takes in one request: whole, and sent once, whatever fails."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest
from contracts import NOW
from fakes.proxy import Does, cut, done_but, reset, says, torn
from graph_givens import Microsoft
from outlook_givens import BO, mailbox, messages

from deskhand.connectors._outlook_large import AT_ONCE, PART, parted
from deskhand.connectors.errors import Transient
from deskhand.connectors.model import Content, ItemRef
from deskhand.connectors.operations import Enclosure, MailDraft, MailSend
from deskhand.connectors.outlook import Outlook

KEY = "ab" * 16
PLAN = bytes(range(256)) * 15_000
"""3.8 MB: two parts."""
NOTES = b"Ask Cy."
SESSION, PUT = "/attachments/createUploadSession", "PUT https://outlook.office.com"
FILES = {
    ItemRef("papers", "document", "plan.bin"): Content("plan.bin", "application/octet-stream", PLAN),
    ItemRef("papers", "document", "Nötes.txt"): Content("Nötes.txt", "text/plain", NOTES),
}
ALONG = tuple(Enclosure(ref=ref, version="1") for ref in FILES)
OPERATION = MailSend(source="mail", to=(BO,), subject="The plan", body="Here it is.", attachments=ALONG)


@pytest.fixture
def ana(microsoft: Microsoft, tmp_path: Path) -> Outlook:
    return mailbox(microsoft, tmp_path / "state")


def arrived(microsoft: Microsoft) -> dict[str, bytes]:
    """The files of the one message that went out, by name."""
    ((who, to, data),) = microsoft.world.posted
    assert (who, to) == ("ana", ["bo@example.org"])
    return files(data)


def files(data: bytes) -> dict[str, bytes]:
    parts = [p for p in message_from_bytes(data).walk() if p.get_content_disposition() == "attachment"]
    named = [str(p.get_filename()) for p in parts]
    assert len(set(named)) == len(named), "each once"
    return {n: p.get_payload(decode=True) for n, p in zip(named, parts, strict=True)}  # type: ignore[misc]


def test_its_files_go_in_parts_and_it_is_sent_as_a_whole(microsoft: Microsoft, ana: Outlook) -> None:
    receipt = ana.perform(OPERATION, key=KEY, now=NOW, contents=FILES)
    assert {len(d) for d in arrived(microsoft).values()} == {len(PLAN), len(NOTES)}
    assert PLAN in arrived(microsoft).values()
    assert [m.endswith(SESSION) for method, m in microsoft.world.calls if method == "POST"] == [
        False,
        True,
        False,
    ]  # fmt: skip - the small one went with the message
    assert not microsoft.world.uploads
    read = ana.read(receipt.ref)
    assert read is not None
    assert "Here it is." in read.text


def test_two_files_of_one_name_both_go(microsoft: Microsoft, ana: Outlook) -> None:
    large, small = ItemRef("papers", "document", "a"), ItemRef("papers", "document", "b")
    contents = {
        large: Content("invoice.pdf", "application/pdf", PLAN),
        small: Content("invoice.pdf", "application/pdf", NOTES),
    }
    both = (Enclosure(ref=large, version="1"), Enclosure(ref=small, version="1"))
    operation = MailSend(source="mail", to=(BO,), subject="Both", body="Here.", attachments=both)
    ana.perform(operation, key=KEY, now=NOW, contents=contents)
    ((_, _, data),) = microsoft.world.posted
    parts = [p for p in message_from_bytes(data).walk() if p.get_content_disposition() == "attachment"]
    sizes = [len(p.get_payload(decode=True)) for p in parts]
    assert sorted(sizes) == [len(NOTES), len(PLAN)]


def test_it_is_found_again_and_neither_brought_nor_sent_twice(microsoft: Microsoft, ana: Outlook) -> None:
    first = ana.perform(OPERATION, key=KEY, now=NOW, contents=FILES)
    assert ana.perform(OPERATION, key=KEY, now=NOW, contents=FILES) == first
    assert len(microsoft.world.posted) == 1


@pytest.mark.parametrize(
    "fault", [says(503, Retry_After="1"), torn, cut, reset, done_but(says(504)), done_but(torn)]
)
@pytest.mark.parametrize("at", [0, 1])
def test_whatever_fails_with_a_part_every_file_is_there_once(
    microsoft: Microsoft, ana: Outlook, tmp_path: Path, at: int, fault: Does
) -> None:
    through: Does = lambda request: request.say(*request.forward())  # noqa: E731
    microsoft.front.faults += [*[("PUT /api", through)] * at, ("PUT /api", fault)]
    try:
        ana.perform(OPERATION, key=KEY, now=NOW, contents=FILES)
    except Transient:
        assert not microsoft.world.posted
        again = mailbox(microsoft, tmp_path / "state")
        assert again.find(OPERATION, key=KEY) is None, "what lacks a file is not the message"
        again.perform(OPERATION, key=KEY, now=NOW, contents=FILES)
    assert {len(d) for d in arrived(microsoft).values()} == {len(PLAN), len(NOTES)}
    assert not [m for m in microsoft.ana.mail.values() if m.draft]


def test_a_draft_of_which_a_file_is_missing_is_completed_and_not_made_again(
    microsoft: Microsoft, ana: Outlook, tmp_path: Path
) -> None:
    drafted = MailDraft(source="mail", to=(BO,), subject="The plan", body="Here.", attachments=ALONG)
    microsoft.front.always["PUT /api"] = says(403, b'{"error": {"code": "Forbidden"}}')
    with pytest.raises(Exception, match="Outlook"):
        ana.perform(drafted, key=KEY, now=NOW, contents=FILES)
    microsoft.front.always.clear()
    again = mailbox(microsoft, tmp_path / "state")
    assert again.find(drafted, key=KEY) is None
    again.perform(drafted, key=KEY, now=NOW, contents=FILES)
    (draft,) = [m for m in microsoft.ana.mail.values() if m.draft]
    assert {len(d) for d in files(draft.data).values()} == {len(PLAN), len(NOTES)}


def test_a_message_with_a_large_file_is_forwarded_with_it(microsoft: Microsoft, ana: Outlook) -> None:
    came = EmailMessage()
    came["From"], came["To"], came["Subject"] = "cy@example.org", "ana@example.org", "Large"
    came["Message-ID"] = "<large@example.org>"
    came.set_content("See the file.")
    came.add_attachment(PLAN, maintype="application", subtype="octet-stream", filename="plan.bin")
    microsoft.world.arrives("ana", came.as_bytes())
    ref = messages(ana)["Large"].ref
    part = ItemRef("mail", "attachment", f"{ref.native}#1")
    ana.perform(
        MailSend(source="mail", to=(BO,), subject="Fwd: Large", body="See below.", attachments=(part,)),
        key=KEY, now=NOW,
    )  # fmt: skip
    assert arrived(microsoft) == {"plan.bin": PLAN}


def test_a_small_message_stays_as_it_is_and_a_large_one_loses_only_what_it_must() -> None:
    made = EmailMessage()
    made["Subject"] = "x"
    made.set_content("Hello.")
    made.add_attachment(b"a" * PART, maintype="a", subtype="b", filename="large")
    made.add_attachment(b"b", maintype="a", subtype="b", filename="small")
    data = made.as_bytes().replace(b"\n", b"\r\n")
    rest, away, _ = parted(data)
    assert [(f.name, f.data) for f in away] == [("large", b"a" * PART)]
    assert len(rest) < AT_ONCE
    assert b"small" in rest
    assert parted(rest) == (rest, [], [])
