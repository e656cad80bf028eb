"""What Graph promises of changes, row by row: links, empty pages, what left or is too old, ids that stay."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from contracts import current, pass_over
from fakes.graph.world import Refused as Says
from fakes.proxy import says
from graph_givens import Microsoft, account, mail
from outlook_givens import filled, mailbox, messages

from deskhand.connectors._outlook_known import Known
from deskhand.connectors.errors import Misconfigured, Transient, Unauthorized
from deskhand.connectors.model import Cursor, Failed, Flagged, Item, Removed
from deskhand.connectors.outlook import Outlook, connect


@pytest.fixture
def ana(microsoft: Microsoft, tmp_path: Path) -> Outlook:
    filled(microsoft)
    return mailbox(microsoft, tmp_path / "state")


def names(changes: Any) -> list[str]:
    """What a pass yielded, in words."""
    return [
        f"{'-' if isinstance(c, Removed) else '!' if isinstance(c, Failed) else ''}"
        f"{c.title if isinstance(c, Item) else c.ref.kind}"
        for c in changes
    ]


def fetched(microsoft: Microsoft) -> int:
    """How many messages' bytes were asked for since that was last forgotten."""
    found = sum(p.endswith("/$value") for _, p in microsoft.world.calls)
    microsoft.world.calls.clear()
    return found


def test_a_message_is_what_its_bytes_and_outlook_say(microsoft: Microsoft, ana: Outlook) -> None:
    letter = microsoft.world.arrives("ana", mail("Offer", "See below.", files=(("offer.txt", "12 euros"),)))
    letter.categories, letter.flag, letter.read = ["Red category", "Work"], "flagged", True
    found = current(pass_over(ana)[0])
    (item,) = (i for i in found.values() if i.title == "Offer")
    assert (item.folder, item.flags, item.text) == ("INBOX", ("flagged", "seen"), "See below.")
    assert item.data["labels"] == ["Red category", "Work"]
    assert item.data["thread"] == letter.conversation
    assert item.link.startswith("https://outlook.office365.com/owa/")
    (file,) = (i for i in found.values() if i.title == "offer.txt")
    assert (file.text.strip(), file.relations[0].target) == ("12 euros", item.ref.native)
    assert b"See below." in ana.content(item.ref, item.version).data


def test_folders_are_called_by_what_they_are_for(microsoft: Microsoft, ana: Outlook) -> None:
    world = microsoft.world
    inner = world.folder("ana", "Projets/2026", inside="archive")
    world.keep(microsoft.ana, mail("In archive", number=31), inner.id)
    for use in ("sentitems", "drafts", "deleteditems", "junkemail"):
        sender = "ana@example.org" if use != "junkemail" else "spam@example.com"
        world.keep(microsoft.ana, mail(f"In {use}", sender=sender, number=40), microsoft.ana.folders[use].id,
                   draft=use == "drafts")  # fmt: skip
    found = {t: (i.folder, i.flags, i.label.trust, i.data.get("sent")) for t, i in messages(ana).items()}
    assert found["In archive"] == ("Archive/Projets∕2026", (), "untrusted", None)
    assert found["In sentitems"] == ("Sent", (), "user", True)
    assert found["In drafts"] == ("Drafts", ("draft",), "user", None)
    assert found["In deleteditems"][:2] == ("Trash", ("trashed",))
    assert "In junkemail" not in found


def test_only_what_changed_is_fetched(microsoft: Microsoft, ana: Outlook) -> None:
    _, cursor = pass_over(ana)
    microsoft.world.arrives("ana", mail("New"))
    microsoft.world.calls.clear()
    changes, cursor = pass_over(ana, cursor)
    assert names(changes) == ["New"]
    assert fetched(microsoft) == 1
    microsoft.front.seen.clear()
    assert pass_over(ana, cursor)[0] == []
    assert len(microsoft.front.seen) == 2, "the folders, and what changed in all of them"
    assert fetched(microsoft) == 0


def test_marking_as_read_fetches_nothing(microsoft: Microsoft, ana: Outlook) -> None:
    before = messages(ana)["Plan"]
    _, cursor = pass_over(ana)
    (letter,) = (m for m in microsoft.ana.mail.values() if m.message_id == "<plan@example.org>")
    letter.read, letter.flag = True, "flagged"
    microsoft.world.touched(microsoft.ana, letter)
    microsoft.world.calls.clear()
    changes, cursor = pass_over(ana, cursor)
    assert changes == [Flagged(before.ref, ("flagged", "seen"))]
    assert fetched(microsoft) == 0
    letter.data = letter.data.replace(b"The plan is here.", b"The plan was here.")
    microsoft.world.touched(microsoft.ana, letter)
    (item,), cursor = pass_over(ana, cursor)
    assert isinstance(item, Item)
    assert (item.text, item.flags) == ("The plan was here.", ("flagged", "seen"))
    letter.read, letter.categories = False, ["Work"]
    microsoft.world.touched(microsoft.ana, letter)
    (item,), cursor = pass_over(ana, cursor)
    assert isinstance(item, Item)
    assert item.data["labels"] == ["Work"]
    assert pass_over(ana, cursor)[0] == []


def test_messages_without_attachments_are_fetched_together(microsoft: Microsoft, tmp_path: Path) -> None:
    for n in range(45):
        microsoft.world.arrives("ana", mail(f"Mail {n}", number=n + 1))
    ana = mailbox(microsoft, tmp_path / "state")
    assert len(messages(ana)) == 45
    assert len([p for _, p in microsoft.front.seen if p.endswith("/$batch")]) == 2 + 3
    assert microsoft.ana.most <= 4


def test_a_link_that_is_another_one_each_time_is_no_change(microsoft: Microsoft, ana: Outlook) -> None:
    microsoft.world.restless = True
    _, cursor = pass_over(ana)
    changes, again = pass_over(ana, cursor)
    assert (changes, again) == ([], Cursor(cursor.value, 0, 0))


@pytest.mark.parametrize("way", ["empty_pages", "duplicates"])
def test_pages_may_be_empty_and_come_twice(microsoft: Microsoft, ana: Outlook, way: str) -> None:
    expected = pass_over(ana)[0]
    setattr(microsoft.world, way, True)
    microsoft.world.calls.clear()
    changes, cursor = pass_over(ana)
    assert changes == expected
    assert fetched(microsoft) == 3
    microsoft.world.arrives("ana", mail("New"))
    assert names(pass_over(ana, cursor)[0]) == ["New"]


def test_a_message_that_moved_stays_what_it_was(microsoft: Microsoft, ana: Outlook) -> None:
    before = messages(ana)["Plan"]
    _, cursor = pass_over(ana)
    (letter,) = (m for m in microsoft.ana.mail.values() if m.message_id == "<plan@example.org>")
    for to in ("archive", "inbox"):  # a folder that is asked for later, and one that is asked for earlier
        microsoft.world.moved(microsoft.ana, letter, microsoft.ana.folders[to].id)
        changes, cursor = pass_over(ana, cursor)
        (moved,) = changes
        assert isinstance(moved, Item)
        assert (moved.ref, moved.version) == (before.ref, before.version)
        assert moved.folder == {"archive": "Archive", "inbox": "INBOX"}[to]


def test_what_left_a_folder_and_came_back_while_its_pages_were_read_is_not_gone(
    microsoft: Microsoft, tmp_path: Path
) -> None:
    filled(microsoft)
    inbox = mailbox(microsoft, tmp_path / "state", folders="INBOX")
    _, cursor = pass_over(inbox)
    world, folders = microsoft.world, microsoft.ana.folders
    (letter,) = (m for m in microsoft.ana.mail.values() if m.message_id == "<plan@example.org>")
    world.moved(microsoft.ana, letter, folders["archive"].id)
    world.duplicates = True  # so that it is told of on a second page, by when it is back
    asked = list[str]()

    def back(method: str, path: str) -> None:
        asked.append(path)
        if sum("/messages/delta" in p for p in asked) == 2:
            world.moved(microsoft.ana, letter, folders["inbox"].id)

    world.refusing = back
    changes, cursor = pass_over(inbox, cursor)
    assert not [c for c in changes if isinstance(c, Removed)]
    world.refusing, world.duplicates = lambda method, path: None, False
    assert not [c for c in pass_over(inbox, cursor)[0] if isinstance(c, Removed)]


def test_a_message_within_a_message_and_what_is_only_linked_to_are_read_with_it(
    microsoft: Microsoft, ana: Outlook
) -> None:
    """An item attachment is a part of the bytes, a reference attachment a link in the text (Outlook's)."""
    inner = message_from_bytes(mail("Inner", "The inner words."), policy=policy.default)
    outer = EmailMessage()
    outer["From"], outer["Subject"], outer["Message-ID"] = "bo@example.org", "Outer", "<outer@example.org>"
    outer.set_content("It is at https://example.sharepoint.com/plan.docx too.")
    outer.add_attachment(inner)
    letter = microsoft.world.arrives("ana", outer.as_bytes())
    letter.references.append({
        "@odata.type": "#microsoft.graph.referenceAttachment", "id": "REF1", "name": "plan.docx",
        "lastModifiedDateTime": "2026-11-20T09:00:00Z", "contentType": None, "size": 100, "isInline": False,
    })  # fmt: skip
    found = current(pass_over(ana)[0]).values()
    (item,) = (i for i in found if i.title == "Outer")
    assert "https://example.sharepoint.com/plan.docx" in item.text
    (within,) = (i for i in found if i.ref.kind == "attachment" and i.ref.native.startswith(item.ref.native))
    assert "The inner words." in within.text


def test_what_is_gone_goes_with_its_attachments(microsoft: Microsoft, ana: Outlook) -> None:
    _, cursor = pass_over(ana)
    for letter in list(microsoft.ana.mail.values()):
        if letter.message_id == "<notes@example.org>":
            microsoft.world.removed(microsoft.ana, letter)
    changes, cursor = pass_over(ana, cursor)
    assert names(changes) == ["-message", "-attachment"]
    assert pass_over(ana, cursor)[0] == []


@pytest.mark.parametrize("status", [410, 400])
def test_a_folder_whose_link_is_too_old_is_compared(microsoft: Microsoft, ana: Outlook, status: int) -> None:
    _, cursor = pass_over(ana)
    for letter in list(microsoft.ana.mail.values()):
        if letter.message_id == "<plan@example.org>":
            microsoft.world.removed(microsoft.ana, letter)
    microsoft.world.arrives("ana", mail("New"))
    microsoft.world.forget()
    microsoft.world.lost_as = status
    microsoft.world.calls.clear()
    changes, cursor = pass_over(ana, cursor)
    assert names(changes) == ["New", "-message"]
    assert fetched(microsoft) == 1
    assert pass_over(ana, cursor)[0] == []


def test_a_pass_that_was_cut_off_goes_on_at_its_last_page(
    microsoft: Microsoft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(30):
        microsoft.world.arrives("ana", mail(f"Mail {n}", number=n + 1))
    for part in ("_outlook_mailbox", "_outlook_read"):
        monkeypatch.setattr(f"deskhand.connectors.{part}.PAGE", 10)
    first = mailbox(microsoft, tmp_path / "a")
    seen = []
    for change in first.changes(None):
        seen.append(change)
        if isinstance(change, Cursor):
            break
    assert len(seen) == 11
    microsoft.world.calls.clear()
    rest, cursor = pass_over(mailbox(microsoft, tmp_path / "b"), seen[-1])
    assert len(rest) == 20
    assert fetched(microsoft) == 20
    assert len({str(c.ref) for c in [*seen[:-1], *rest] if isinstance(c, Item)}) == 30
    assert cursor.done == cursor.expected


def test_a_listing_that_was_cut_off_and_whose_rest_is_gone_comes_to_its_end(
    microsoft: Microsoft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = [microsoft.world.arrives("ana", mail(f"Mail {n}", number=n)) for n in range(1, 12)]
    for part in ("_outlook_mailbox", "_outlook_read"):
        monkeypatch.setattr(f"deskhand.connectors.{part}.PAGE", 10)
    ana = mailbox(microsoft, tmp_path / "state")
    cursor = next(c for c in ana.changes(None) if isinstance(c, Cursor))
    microsoft.world.removed(microsoft.ana, letters[0])  # the oldest, and alone on the last page
    changes, cursor = pass_over(ana, cursor)
    assert changes == []
    microsoft.world.arrives("ana", mail("New"))
    assert names(pass_over(ana, cursor)[0]) == ["New"]


def test_a_message_that_moved_and_went_before_it_could_be_read_is_gone(
    microsoft: Microsoft, ana: Outlook
) -> None:
    changes, cursor = pass_over(ana)
    notes = next(m for m in microsoft.ana.mail.values() if m.message_id == "<notes@example.org>")
    microsoft.world.moved(microsoft.ana, notes, microsoft.ana.folders["archive"].id)
    microsoft.world.refusing = lambda method, path: (
        Says(404, "ErrorItemNotFound", "No.") if path.endswith("/$value") else None
    )
    changes, cursor = pass_over(ana, cursor)
    microsoft.world.removed(microsoft.ana, notes)
    later, _ = pass_over(ana, cursor)
    assert names([*changes, *later]) == ["-message", "-attachment"]


def test_a_listing_anew_that_was_cut_off_still_knows_what_is_gone(
    microsoft: Microsoft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(30):
        microsoft.world.arrives("ana", mail(f"Mail {n}", number=n + 1))
    for part in ("_outlook_mailbox", "_outlook_read"):
        monkeypatch.setattr(f"deskhand.connectors.{part}.PAGE", 10)
    ana = mailbox(microsoft, tmp_path / "a")
    _, cursor = pass_over(ana)
    for letter in sorted(microsoft.ana.mail.values(), key=lambda m: m.key)[5:7]:
        microsoft.world.removed(microsoft.ana, letter)
    microsoft.world.forget()
    half = next(c for c in ana.changes(cursor) if isinstance(c, Cursor))
    assert json.loads(half.value)["unseen"]
    changes, _ = pass_over(mailbox(microsoft, tmp_path / "b"), half)
    assert names(changes) == ["-message", "-message"]


def test_a_folder_that_is_there_no_more_takes_its_messages_along(
    microsoft: Microsoft, tmp_path: Path
) -> None:
    inner = microsoft.world.folder("ana", "Old")
    microsoft.world.keep(microsoft.ana, mail("Old", number=7), inner.id)
    microsoft.world.arrives("ana", mail("New", number=8))
    ana = mailbox(microsoft, tmp_path / "a")
    _, cursor = pass_over(ana)
    del microsoft.ana.folders[inner.id]
    microsoft.ana.mail = {k: m for k, m in microsoft.ana.mail.items() if m.folder != inner.id}
    changes, cursor = pass_over(ana, cursor)
    assert names(changes) == ["-message"]
    assert pass_over(ana, cursor)[0] == []


def test_what_was_received_and_lies_among_drafts_is_nobodys_own_word(
    microsoft: Microsoft, ana: Outlook
) -> None:
    drafts = microsoft.ana.folders["drafts"].id
    microsoft.world.keep(microsoft.ana, mail("Mine", sender="ana@example.org"), drafts, draft=True)
    microsoft.world.keep(microsoft.ana, mail("Forged", sender="ana@example.org"), drafts)
    found = messages(ana)
    assert (found["Mine"].label.trust, found["Forged"].label.trust) == ("user", "untrusted")


def test_one_message_that_graph_does_not_give_stops_nobody(microsoft: Microsoft, ana: Outlook) -> None:
    bad = microsoft.world.arrives("ana", mail("Bad"))
    microsoft.world.refusing = lambda method, path: (
        Says(400, "ErrorInvalidMimeContent", "No.") if f"{bad.key:08d}" in path else None
    )
    changes, cursor = pass_over(ana)
    assert names(changes).count("!message") == 1
    assert len(names(changes)) == 1 + 4
    assert pass_over(ana, cursor)[0] == []


@pytest.mark.parametrize("files", [(), (("a.txt", "a"),)], ids=["in a batch", "fetched alone"])
def test_one_message_that_never_comes_stops_nobody_and_is_asked_for_again(
    microsoft: Microsoft, ana: Outlook, files: Any
) -> None:
    """A server of Microsoft's that stumbles over one message does so each time."""
    bad = microsoft.world.arrives("ana", mail("Bad", files=files))
    microsoft.world.refusing = lambda _, path: (
        Says(500, "ErrorInternalServerError") if f"{bad.key:08d}" in path else None
    )
    changes, cursor = pass_over(ana)
    assert sorted(names(changes)) == ["!message", "Budget", "Notes", "Plan", "notes.txt"]
    (failed,) = (c for c in changes if isinstance(c, Failed))
    assert failed.reason == "Outlook answered 500."

    microsoft.world.arrives("ana", mail("New"))
    changes, cursor = pass_over(ana, cursor)
    assert names(changes) == ["New", "!message"]
    microsoft.world.refusing = lambda _, path: (
        Says(503, "ServiceUnavailable") if path.endswith(f"{bad.key:08d}AA=/$value") else None
    )
    assert names(pass_over(ana, cursor)[0]) == ["!message"]

    microsoft.world.refusing = lambda *_: None
    changes, cursor = pass_over(ana, cursor)
    assert names(changes) == ["Bad", *("a.txt" for _ in files)]
    assert pass_over(ana, cursor) == ([], cursor)


def test_a_message_that_never_came_and_went_is_asked_for_no_more(microsoft: Microsoft, ana: Outlook) -> None:
    bad = microsoft.world.arrives("ana", mail("Bad"))
    microsoft.world.refusing = lambda _, path: Says(500, "odd") if f"{bad.key:08d}" in path else None
    _, cursor = pass_over(ana)
    microsoft.world.removed(microsoft.ana, bad)
    microsoft.world.refusing = lambda *_: None
    changes, cursor = pass_over(ana, cursor)
    assert names(changes) == ["-message"]
    microsoft.world.calls.clear()
    pass_over(ana, cursor)
    assert not any(f"{bad.key:08d}" in path for _, path in microsoft.world.calls)


def test_where_nothing_comes_the_pass_ends(microsoft: Microsoft, ana: Outlook) -> None:
    _, cursor = pass_over(ana)
    microsoft.world.arrives("ana", mail("New"))
    microsoft.world.refusing = lambda _, path: (
        Says(503, "odd") if path.endswith(("/$value", "/inbox")) else None
    )
    with pytest.raises(Transient, match="answered 503"):
        pass_over(ana, cursor)
    microsoft.world.refusing = lambda *_: None
    assert names(pass_over(ana, cursor)[0]) == ["New"]


def test_a_folder_that_never_comes_keeps_nobody_from_the_others(microsoft: Microsoft, ana: Outlook) -> None:
    microsoft.world.arrives("ana", mail("In archive"), folder="archive")
    microsoft.world.arrives("ana", mail("Also there"), folder="archive")
    microsoft.world.largest = 1
    shut = microsoft.ana.folders["inbox"].id
    microsoft.world.refusing = lambda _, path: Says(500, "odd") if f"/{shut}/messages/delta" in path else None
    changes, cursor = pass_over(ana)
    assert sorted(names(changes)) == ["!message", "Also there", "In archive"]
    (failed,) = (c for c in changes if isinstance(c, Failed))
    assert failed.reason == "The folder INBOX could not be read: Outlook answered 500."
    microsoft.world.refusing = lambda *_: None
    assert {"-message", "Notes", "Plan", "Budget"} < {*names(pass_over(ana, cursor)[0])}


@pytest.mark.parametrize(
    ("options", "there"),
    [
        ({"folders": "Arch*"}, {"In archive"}), ({"exclude": "inbox"}, {"In archive", "In drafts"}),
        ({"folders": "spam"}, {"In junkemail"}), ({"since": "2026-11-23"}, set()),
    ],
)  # fmt: skip
def test_what_is_read_can_be_chosen(
    microsoft: Microsoft, tmp_path: Path, options: dict[str, str], there: set[str]
) -> None:
    for use in ("inbox", "archive", "drafts", "junkemail"):
        microsoft.world.keep(microsoft.ana, mail(f"In {use}"), microsoft.ana.folders[use].id)
    assert messages(mailbox(microsoft, tmp_path, **options)).keys() == there


def test_another_choice_counts_from_the_next_sync_on(microsoft: Microsoft, tmp_path: Path) -> None:
    world = microsoft.world
    for use in ("inbox", "archive"):
        old = world.keep(microsoft.ana, mail(f"Old {use}"), microsoft.ana.folders[use].id)
        old.received = old.received.replace(year=2025)
        world.keep(microsoft.ana, mail(f"New {use}"), microsoft.ana.folders[use].id)
    cursor: Cursor | None = None
    told = []
    for options in (
        {},
        {"since": "2026-01-01"},
        {"since": "2026-01-01", "exclude": "Archive"},
        {"since": "2024-01-01"},
    ):
        changes, cursor = pass_over(mailbox(microsoft, tmp_path, **options), cursor)
        told.append(sorted(names(changes)))
    assert told == [
        ["New archive", "New inbox", "Old archive", "Old inbox"], ["-message", "-message"], ["-message"],
        ["New archive", "Old archive", "Old inbox"],
    ]  # fmt: skip


def test_what_is_too_large_is_told(microsoft: Microsoft, tmp_path: Path) -> None:
    microsoft.world.arrives("ana", mail("Large", "x" * 5000))
    (failed,), cursor = pass_over(mailbox(microsoft, tmp_path, max_size=1000))
    assert isinstance(failed, Failed)
    assert "max_size" in failed.reason
    assert pass_over(mailbox(microsoft, tmp_path, max_size=1000), cursor)[0] == []


def test_a_pass_that_cannot_go_on_says_why_and_loses_nothing(microsoft: Microsoft, ana: Outlook) -> None:
    _, cursor = pass_over(ana)
    microsoft.world.arrives("ana", mail("New"))
    microsoft.front.always["*"] = says(503)
    with pytest.raises(Transient):
        pass_over(ana, cursor)
    del microsoft.front.always["*"]
    assert names(pass_over(ana, cursor)[0]) == ["New"]


def test_a_sign_in_that_was_taken_away_says_what_to_do(microsoft: Microsoft, ana: Outlook) -> None:
    microsoft.world.tokens.clear()
    microsoft.world.refresh_tokens.clear()
    with pytest.raises(Unauthorized, match="deskhand signin mail"):
        pass_over(ana)


def test_nothing_is_asked_before_something_is(microsoft: Microsoft, tmp_path: Path) -> None:
    made = account(microsoft)
    given = {"source": "mail", "state": tmp_path, "place": made.address, "token": "{}"}
    with pytest.raises(Misconfigured):
        connect(**given)  # type: ignore[arg-type]
    mailbox(microsoft, tmp_path)
    assert microsoft.front.seen == []


def test_a_cursor_of_many_messages_is_small_and_one_of_before_is_read(
    microsoft: Microsoft, ana: Outlook
) -> None:
    _, cursor = pass_over(ana)
    plain = Known.of(cursor)
    assert cursor.value.startswith("{"), "of few it stays as it is"
    for n in range(2_000):
        plain.marks[f"AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A{'x' * 60}{n:012d}"] = f"0~{n:08x}~aabbccdd~s~0"
    written = plain.text()
    whole = json.dumps({"marks": plain.marks})
    assert len(written) < len(whole) / 4
    assert Known.of(Cursor(written)) == plain
    assert Known.of(Cursor(whole)).marks == plain.marks
