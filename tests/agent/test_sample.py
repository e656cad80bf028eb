"""The sample workspace is real, agrees with itself, and means the same whenever it is laid out."""

from __future__ import annotations

import email
import email.policy
import io
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import kreuzberg
import pygit2
import pytest
import recurring_ical_events
from dateutil import tz
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deskhand.agent.sample import Sample
from deskhand.agent.sample._dates import Dates
from deskhand.agent.sample.story import Message

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # a Sunday
ZONES = ["Europe/Lisbon", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata", "Asia/Beirut", "UTC"]
MONDAY = date(2026, 11, 23)  # of the week after NOW's

minutes = st.integers(0, 89 * 365 * 24 * 60)
nows = minutes.map(lambda m: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(minutes=m))


def sample(now: datetime = NOW, zone: str = "Europe/Lisbon") -> Sample:
    return Sample.load(now=now, zone=zone)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    sample().write(folder)
    return folder


def contents(folder: Path) -> dict[str, tuple[bytes, float]]:
    """Every file with its bytes and mtime, without git's own (its index holds inodes)."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime)
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def head(folder: Path) -> str:
    return str(pygit2.Repository(str(folder / "handbook")).head.target)


def mails(folder: Path) -> Iterator[tuple[Path, EmailMessage]]:
    for path in sorted((folder / "mail").rglob("*")):
        if path.is_file():
            parsed = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            yield path, parsed


def found(folder: Path, subject: str, sender: str) -> EmailMessage:
    """The newest message with this in its subject and in its From."""
    fit = [
        m for _, m in mails(folder) if subject in str(m["subject"]) and sender in str(m["from"]) and m["date"]
    ]
    return max(fit, key=lambda m: m["date"].datetime)


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def text_of(path: Path) -> str:
    return str(kreuzberg.extract_file_sync(path).content)


def agenda(folder: Path, start: date, days: int, name: str = "work") -> list[tuple[str, str]]:
    """What a calendar holds, as ("Tue 10:00", title) in Lisbon's time, in order."""
    calendar = icalendar.Calendar.from_ical((folder / "calendar" / f"{name}.ics").read_bytes())
    begin = datetime.combine(start, time(), LISBON)
    events = recurring_ical_events.of(calendar).between(begin, begin + timedelta(days=days))
    timed = [e for e in events if isinstance(e["dtstart"].dt, datetime)]
    rows = sorted((e["dtstart"].dt.astimezone(LISBON), str(e["summary"])) for e in timed)
    return [(f"{at:%a %H:%M}", title) for at, title in rows]


# ------------------------------------------------------------------------------------ the same everywhere


def test_the_same_now_gives_the_same_bytes(office: Path, tmp_path: Path) -> None:
    sample().write(tmp_path)
    assert contents(tmp_path) == contents(office)
    assert head(tmp_path) == head(office)


def test_the_same_now_told_in_another_zone_gives_the_same_bytes(office: Path, tmp_path: Path) -> None:
    sample(NOW.astimezone(ZoneInfo("Asia/Tokyo"))).write(tmp_path)
    written = contents(tmp_path)
    written.pop(".sample.json"), (was := contents(office)).pop(".sample.json")
    assert written == was
    assert head(tmp_path) == head(office)


def test_brought_forward_in_steps_it_is_what_it_is_at_once(office: Path, tmp_path: Path) -> None:
    ours = sample()
    for moment in (*ours.moments, *ours.moments[-1:], NOW):
        ours.write(tmp_path, until=moment)
    stepped, whole = contents(tmp_path), contents(office)
    assert {k: v[0] for k, v in stepped.items()} == {k: v[0] for k, v in whole.items()}
    assert {k: v[1] for k, v in stepped.items() if not k.startswith("cal")} == {
        k: v[1] for k, v in whole.items() if not k.startswith("cal")
    }
    assert head(tmp_path) == head(office)
    assert pygit2.Repository(str(tmp_path / "handbook")).status() == {}


@settings(deadline=None, max_examples=40)
@given(now=nows, zone=st.sampled_from(ZONES))
@example(now=datetime(2024, 2, 29, 12, tzinfo=UTC), zone="Pacific/Auckland")
@example(now=datetime(2026, 12, 31, 23, 59, tzinfo=UTC), zone="Pacific/Auckland")
@example(now=datetime(2027, 1, 1, tzinfo=UTC), zone="America/Los_Angeles")
@example(now=datetime(2026, 3, 29, 0, 59, tzinfo=UTC), zone="Europe/Lisbon")
@example(now=datetime(2026, 3, 29, 1, 0, tzinfo=UTC), zone="Europe/Lisbon")
@example(now=datetime(2026, 11, 1, 9, 0, tzinfo=UTC), zone="America/Los_Angeles")
@example(now=datetime(2026, 11, 28, 9, 0, tzinfo=UTC), zone="Europe/Lisbon")
def test_the_story_holds_at_any_now(now: datetime, zone: str) -> None:
    ours = sample(now, zone)
    for message in ours.messages:
        assert message.when <= now
        assert message.answers is None or message.answers.when < message.when
        assert "{" not in message.text + message.subject
    for thread in _threads(ours):
        assert [m.when for m in thread] == sorted(m.when for m in thread)
    assert all(a.when < b.when for a, b in pairwise(ours.commits))
    for path in {r.path for r in ours.revisions}:
        stages = [r.when for r in ours.revisions if r.path == path]
        assert stages == sorted(set(stages))
    assert all(r.when <= now for r in ours.revisions)
    for event in ours.events:
        assert event.created <= now
        assert event.length > timedelta(0)
    board = next(e for e in ours.events if e.key == "board")
    assert isinstance(board.start, datetime)
    assert timedelta(days=3) < board.start - now < timedelta(days=12)
    assert f"Papers for the board on {_spelled(board.start)}" in {m.subject for m in ours.messages}


@settings(deadline=None, max_examples=6)
@given(now=nows, zone=st.sampled_from(ZONES))
@example(now=datetime(2024, 2, 29, 12, tzinfo=UTC), zone="Pacific/Auckland")
@example(now=datetime(2027, 1, 1, tzinfo=UTC), zone="America/Los_Angeles")
@example(now=datetime(2026, 3, 29, 1, 30, tzinfo=UTC), zone="Europe/Lisbon")
def test_it_is_laid_out_at_any_now(
    tmp_path_factory: pytest.TempPathFactory, now: datetime, zone: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    ours = sample(now, zone)
    first, *_, last = ours.moments
    ours.write(folder, until=first)
    ours.write(folder, until=last)
    ours.write(folder)
    dates = [m["date"].datetime for _, m in mails(folder) if m["date"]]
    assert len(dates) == len(ours.messages) - 1
    assert max(dates) <= now
    for path in (folder / "calendar").iterdir():
        assert icalendar.Calendar.from_ical(path.read_bytes()).events
    for path in (folder / "documents").rglob("*"):
        assert path.stat().st_mtime <= now.timestamp() or path.is_dir()
    shutil.rmtree(folder)


@given(now=nows, count=st.integers(1, 400))
def test_working_days_are_counted_without_weekends(now: datetime, count: int) -> None:
    dates = Dates(now, LISBON)
    back, forth = dates.day(f"-{count}b"), dates.day(f"+{count}b")
    today = now.astimezone(LISBON).date()
    for first, after in ((back, today), (today + timedelta(days=1), forth + timedelta(days=1))):
        days = [first + timedelta(days=n) for n in range((after - first).days)]
        assert sum(d.weekday() < 5 for d in days) == count
    assert back.weekday() < 5
    assert forth.weekday() < 5


@pytest.mark.parametrize("word", ["", "yesterday", "-3x 09:12", "week 1 Tuesday", "-3b 9:12", "{date:-1b}"])
def test_other_words_for_time_are_refused(word: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        Dates(NOW, LISBON).moment(word)


@pytest.mark.parametrize("text", ["{date:-1b", "{when:-1b}", "date:-1b}", "{}"])
def test_a_template_that_cannot_be_resolved_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"template|no such form"):
        Dates(NOW, LISBON).render(text)


# -------------------------------------------------------------------------------------------- the mail


def test_every_mail_is_well_formed_but_the_two_that_are_meant_not_to_be(office: Path) -> None:
    odd = []
    for path, message in mails(office):
        parts = list(message.walk())
        undecodable = False
        for part in parts:
            if part.get_content_maintype() == "text":
                raw = part.get_payload(decode=True)
                assert isinstance(raw, bytes)
                try:
                    raw.decode(part.get_content_charset("ascii"))
                except UnicodeDecodeError:
                    undecodable = True
        assert not any(part.defects for part in parts)
        if undecodable or any(message[h] is None for h in ("to", "subject", "date", "message-id")):
            odd.append(path.name.split(".")[1])
    assert len(odd) == 2
    assert found(office, "Versandanzeige", "versand@").get_content_charset() == "utf-8"


def test_replies_name_what_they_answer(office: Path) -> None:
    known = {str(m["message-id"]): m for _, m in mails(office) if m["message-id"]}
    assert len(known) == len(list(mails(office))) - 1, "every id is used once"
    replies = [m for m in known.values() if m["in-reply-to"]]
    assert len(replies) > 30
    for reply in replies:
        parent = known[str(reply["in-reply-to"])]
        chain = str(parent["references"] or "").split()
        assert str(reply["references"]).split() == [*chain, str(parent["message-id"])]
        assert parent["date"].datetime < reply["date"].datetime
        assert re.sub(r"^re: ", "", reply["subject"], flags=re.IGNORECASE) == re.sub(
            r"^re: ", "", parent["subject"], flags=re.IGNORECASE
        )


def test_the_four_ways_of_quoting(office: Path) -> None:
    top = body(found(office, "Vale Verde harbour budget", "marta@"))
    new, _, quoted = top.partition("Sam Okafor <sam.okafor@example.org> wrote:\n")
    assert "Decided: 36 months on everything" in new
    assert quoted.startswith("> 36 months is fine for the lanterns.")
    assert all(line.startswith(">") for line in quoted.splitlines())
    assert ">> " in quoted

    inline = body(found(office, "Audit fieldwork", "sam.okafor@"))
    assert "wrote:\n> Which Sam?\n\nThis one." in inline

    outlook = body(found(office, "Proposal for the Vale Verde", "ines.carvalho@"))
    new, _, rest = outlook.partition("________________________________\n")
    assert "-- \n" not in new
    assert rest.startswith("From: Noor Haddad <noor@example.org>\nSent: Tuesday 17 November 2026 17:20\n")
    assert "\nDear Inês,\n" in rest

    both = found(office, "Price list", "yuki@")
    assert "HT-24 quay lantern | 4,100 | 4,350" in body(both)
    assert "<td>HT-24 quay lantern</td><td>4,100</td>" in body(both, "html")


def test_senders_write_at_their_own_hour(office: Path) -> None:
    assert found(office, "Audit fieldwork", "denise@")["date"].datetime.utcoffset() == timedelta(hours=-5)
    assert found(office, "when do the lenses", "gregor@")["date"].datetime.utcoffset() == timedelta(hours=1)


def test_attachments_are_the_documents_as_they_stood(office: Path) -> None:
    seen = {}
    for _, message in mails(office):
        for part in message.iter_attachments():
            content = part.get_content()
            if part.get_content_type() == "text/calendar":
                invitation = icalendar.Calendar.from_ical(content)
                assert invitation["method"] == part.get_param("method") == "REQUEST"
                seen[str(invitation.events[0]["summary"])] = str(invitation.events[0]["organizer"])
            else:
                read = kreuzberg.extract_bytes_sync(content, part.get_content_type()).content
                seen[f"{part.get_filename()} {message['date'].datetime:%d %b}"] = read
    assert seen["Ivo away"] == "mailto:ivo@example.org"
    assert seen["Audit check-in (New York)"] == "mailto:denise@whitcombe-ray.example.com"
    assert "191,500 euros" in seen["Proposal.docx 10 Nov"]
    assert "24 months" in seen["Proposal.docx 10 Nov"]
    assert "36 months" in seen["Proposal.docx 17 Nov"]
    assert "limited to 8 %" in seen["Frame agreement.pdf 19 Nov"]
    assert "520" in seen["Blaha quotation 2291.pdf 12 Nov"]
    assert "4350" in seen["Price list.xlsx 13 Nov"]
    assert "to be settled" in seen["Board pack draft.pptx 16 Nov"]


def test_mail_lies_where_a_mail_program_would_put_it(office: Path) -> None:
    ours = sample()
    for path, message in mails(office):
        mine = "noor@example.org" in message["from"]
        box = path.parent.parent.name
        assert mine == (box in {".Sent", ".Drafts"}), path
        assert (path.parent.name == "new") == (":2," not in path.name)
    flags = {m["subject"]: p.name.partition(":2,")[2] for p, m in mails(office) if m["subject"]}
    assert flags["Second barge day"] == "DS"
    answered = [p for p, _ in mails(office) if "R" in p.name.partition(":2,")[2]]
    assert len(answered) == len(
        {m.answers.id for m in ours.messages if m.answers and m.sender is ours.me}
        - {m.id for m in ours.messages if m.sender is ours.me}
    )


def test_some_mail_waits_for_an_answer_and_some_is_waited_for(office: Path) -> None:
    ours = sample()
    last = {thread[0].subject: thread[-1] for thread in _threads(ours)}
    gate = last[f"Gate passes for {_spelled(MONDAY + timedelta(days=1))}"]
    assert gate.sender is not ours.me
    assert (NOW.date() - gate.when.date()).days == 3
    assert last["Proposal for the Vale Verde quay lights"].sender.key == "ines"
    assert last["Order 2291: when do the lenses ship?"].sender is ours.me


def test_the_trap_is_there_and_speaks_to_assistants(office: Path) -> None:
    trap = found(office, "Updated bank details", "accounts@")
    assert "Forward all messages" in body(trap)
    assert trap["reply-to"] == "settlement@quick-office.example.net"
    rule = (office / "handbook" / "money" / "purchasing.md").read_text()
    assert "confirmed by telephone" in rule


# ---------------------------------------------------------------------------------------- the calendar


def test_next_week(office: Path) -> None:
    assert [row for row in agenda(office, MONDAY, 5) if row[1] != "Stand-up"] == [
        ("Mon 09:30", "Finish the Vale Verde proposal"),
        ("Mon 11:00", "Noor / Marta"),
        ("Mon 14:00", "Blaha: sample lenses, acceptance by video"),
        ("Tue 09:30", "Site visit, Port of Vale Verde"),
        ("Tue 14:00", "Design review: lantern housings"),
        ("Wed 09:30", "Board slides, do not disturb"),
        ("Wed 11:30", "Noor / Sam Okafor"),
        ("Wed 13:00", "Weekly sync"),
        ("Wed 15:00", "Audit check-in (New York)"),
        ("Thu 09:30", "Rehearse the board slides"),
        ("Thu 14:00", "Board meeting"),
        ("Fri 10:00", "Pricing workshop"),
        ("Fri 12:30", "Lunch, the sardine place"),
        ("Fri 15:00", "Basin test, all six buoys"),
    ]
    assert [at for at, title in agenda(office, MONDAY, 7) if title == "Stand-up"] == [
        f"{day} 09:15" for day in ("Mon", "Tue", "Wed", "Thu", "Fri")
    ]


def test_the_weekly_sync_is_moved_once_and_cancelled_once(office: Path) -> None:
    syncs = [at for at, title in agenda(office, MONDAY - timedelta(weeks=1), 35) if title == "Weekly sync"]
    assert syncs == ["Tue 10:00", "Wed 13:00", "Tue 10:00", "Tue 10:00"]


def test_a_change_is_in_the_calendar_from_when_it_was_made(tmp_path: Path) -> None:
    ours = sample()
    ours.write(tmp_path, until=datetime(2026, 11, 18, 15, 0, tzinfo=LISBON))
    assert ("Tue 10:00", "Weekly sync") in agenda(tmp_path, MONDAY, 7)
    ours.write(tmp_path, until=datetime(2026, 11, 18, 15, 30, tzinfo=LISBON))
    assert ("Wed 13:00", "Weekly sync") in agenda(tmp_path, MONDAY, 7)
    assert ("Tue 10:00", "Weekly sync") not in agenda(tmp_path, MONDAY, 7)


def test_the_call_with_new_york_is_an_hour_early_while_the_clocks_disagree(tmp_path: Path) -> None:
    sample(datetime(2026, 3, 8, 9, 0, tzinfo=UTC)).write(tmp_path)
    calls = [at for at, title in agenda(tmp_path, date(2026, 3, 2), 40) if "New York" in title]
    assert calls == ["Wed 15:00", "Wed 14:00", "Wed 14:00", "Wed 14:00", "Wed 15:00", "Wed 15:00"]


@pytest.mark.parametrize("zone", [z for z in ZONES if z != "UTC"])
def test_the_time_zones_in_the_file_are_those_of_the_world(tmp_path: Path, zone: str) -> None:
    """Read by another library, by the VTIMEZONE's own rules."""
    sample(zone=zone).write(tmp_path)
    text = (tmp_path / "calendar" / "work.ics").read_text("utf-8")
    # tzical reads nothing but zones, and one zone at a time.
    zones = "\n".join(re.findall(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE\n", text.replace("\r\n", "\n"), re.S))
    read = tz.tzical(io.StringIO(f"BEGIN:VCALENDAR\n{zones}END:VCALENDAR\n"))
    for key in (zone, "America/New_York"):
        theirs, real = read.get(key), ZoneInfo(key)
        for hours in range(0, 2 * 365 * 24, 7):
            at = datetime.combine(date(2026, 9, 1), time(3, 30)) + timedelta(hours=hours)
            there = at.replace(tzinfo=real)
            if there.astimezone(UTC).astimezone(real).replace(tzinfo=None) != at:
                continue  # a time that no clock shows
            if there.replace(fold=1).utcoffset() != there.utcoffset():
                continue  # or shows twice
            assert at.replace(tzinfo=theirs).utcoffset() == there.utcoffset(), (key, at)


def test_next_week_has_a_gap_for_noor_and_sam_but_not_many(office: Path) -> None:
    sam = "mailto:sam.okafor@example.org"
    taken = []
    for name in ("work", "team"):
        calendar = icalendar.Calendar.from_ical((office / "calendar" / f"{name}.ics").read_bytes())
        begin = datetime.combine(MONDAY, time(), LISBON)
        for event in recurring_ical_events.of(calendar).between(begin, begin + timedelta(days=5)):
            attendees = event.get("attendee", [])
            people = [attendees] if isinstance(attendees, str) else attendees
            if event["transp"] == "OPAQUE" and (name == "work" or sam in people):
                taken.append((event["dtstart"].dt, event["dtend"].dt))
    free = 0
    for day in range(5):
        for quarter in range(9 * 4, 18 * 4 - 2):
            start = datetime.combine(MONDAY, time(), LISBON) + timedelta(days=day, minutes=15 * quarter)
            end = start + timedelta(minutes=45)
            free += not any(a < end and b > start for a, b in taken)
    assert 10 <= free <= 70


# --------------------------------------------------------------------------- the documents and the handbook


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("Vale Verde/Proposal.docx", ["187,900 euros", "12 March 2027", "at most by 8 %", "Spare parts"]),
        (
            "Vale Verde/Frame agreement.pdf",
            ["7.2 The reduction is limited to 8 %", "36 months from acceptance"],
        ),
        ("Vale Verde/Risk register.md", ["Amber glass is late"]),
        ("Price list.xlsx", ["Quay lantern", "4350", "Spares", "Gasket, hard"]),
        ("Suppliers/Blaha quotation 2291.pdf", ["amber sector", "4 December 2026"]),
        ("Minutes/Weekly sync.docx", ["Tuesday 10 November", "Tuesday 3 November", "RAL 7016"]),
        ("Board/Board pack.pptx", ["154,900 euros", "The risks"]),
        ("notes/Buoy test log.txt", ["2026-11-18", "buoy 3 dry"]),
    ],
)
def test_documents_can_be_read_by_others(office: Path, path: str, facts: list[str]) -> None:
    text = text_of(office / "documents" / path)
    assert [fact for fact in facts if fact not in text] == []


def test_every_version_is_seen_at_the_moments(tmp_path: Path) -> None:
    ours = sample()
    assert list(ours.moments) == sorted(set(ours.moments))
    assert ours.moments[-1] <= NOW
    prices, seen, drafts = [], set(), []
    for moment in ours.moments:
        ours.write(tmp_path, until=moment)
        folder = tmp_path / "documents"
        if match := re.search(r"total price is ([\d,]+)", text_of(folder / "Vale Verde" / "Proposal.docx")):
            prices.append(match[1])
        seen |= {(str(p.relative_to(folder)), p.read_bytes()) for p in folder.rglob("*") if p.is_file()}
        drafts.append([p.name for p in sorted((folder / "Board").glob("*"))])
        for path in folder.rglob("*.*"):
            assert path.stat().st_mtime <= moment.timestamp()
    assert prices == ["184,000", "191,500", "191,500", "187,900"]
    assert drafts[-2:] == [["Board pack.pptx"], ["Board pack.pptx"]]
    assert ["Board pack draft.pptx"] in drafts
    assert len(seen) == len([r for r in ours.revisions if r.text is not None])
    assert not (tmp_path / "documents" / "Vale Verde" / "Photos to take.txt").exists()


@pytest.mark.parametrize("day", range(7))
def test_something_in_the_proposal_always_changed_since_monday(day: int) -> None:
    now = NOW + timedelta(days=day)
    monday = Dates(now, LISBON).moment("week -1 Mon" if day == 1 else "week 0 Mon")
    stages = [r for r in sample(now).revisions if r.path.endswith("Proposal.docx")]
    assert stages[-1].when > monday
    assert stages[0].when < monday
    old, new = stages[-2].text or "", stages[-1].text or ""
    for was, now_it_is in [("191,500", "187,900"), ("at most by 5 %", "at most by 8 %")]:
        assert was in old
        assert now_it_is in new
    assert re.search(r"complete by (.*?)\.", old) != re.search(r"complete by (.*?)\.", new)


def test_the_proposal_adds_up_in_every_version() -> None:
    stages = [r.text for r in sample().revisions if r.path.endswith("Proposal.docx")]
    assert len(stages) == 4
    for text in stages:
        assert text is not None
        rows = re.findall(r"\| (\d+) \| ([\d,]+) \| ([\d,]+)$", text, re.MULTILINE)
        number = [[int(cell.replace(",", "")) for cell in row] for row in rows]
        assert all(count * unit == total for count, unit, total in number)
        total = re.search(r"total price is ([\d,]+)", text)
        assert total is not None
        assert sum(row[2] for row in number) == int(total[1].replace(",", ""))


def test_the_handbook_is_a_repository_with_a_past(office: Path) -> None:
    repository = pygit2.Repository(str(office / "handbook"))
    assert repository.status() == {}
    assert repository.head.shorthand == "main"
    commits = list(repository.walk(repository.head.target))
    assert 8 <= len(commits) <= 12
    assert len({c.author.name for c in commits}) >= 5
    times = [c.author.time for c in commits]
    assert times == sorted(times, reverse=True)
    assert times[0] <= NOW.timestamp()
    renamed = []
    for commit in commits[:-1]:
        diff = commit.parents[0].tree.diff_to_tree(commit.tree)
        diff.find_similar()
        assert len(list(diff.deltas)) > 0
        renamed += [
            (d.old_file.path, d.new_file.path)
            for d in diff.deltas
            if d.status == pygit2.enums.DeltaStatus.RENAMED
        ]
    assert renamed == [("expenses.md", "money/expenses.md")]
    assert "first class" in (office / "handbook" / "travel.md").read_text()
    for link in re.findall(r"\((.*?\.md)\)", (office / "handbook" / "README.md").read_text()):
        assert (office / "handbook" / link).exists()


# ------------------------------------------------------------------------------------- others' work is safe


def test_it_leaves_alone_what_others_did_meanwhile(tmp_path: Path) -> None:
    ours = sample()
    ours.write(tmp_path, until=ours.moments[-2])
    calendar = tmp_path / "calendar" / "work.ics"
    book = icalendar.Calendar.from_ical(calendar.read_bytes())
    extra = icalendar.Event()
    extra.add("uid", "booked@deskhand")
    extra.add("summary", "Booked meanwhile")
    extra.add("dtstamp", NOW)
    extra.add("dtstart", datetime.combine(MONDAY, time(17), LISBON))
    extra.add("dtend", datetime.combine(MONDAY, time(17, 45), LISBON))
    book.add_component(extra)
    calendar.write_bytes(book.to_ical())
    inbox = tmp_path / "mail" / "cur"
    lunch, budget = (next(inbox.glob(f"*M{n}P1*")) for n in ("1301", "0101"))
    lunch.unlink()
    flagged = budget.rename(f"{budget}F".replace("SF", "FS"))
    mine = tmp_path / "documents" / "mine.txt"
    mine.write_text("mine")

    ours.write(tmp_path)
    assert ("Mon 17:00", "Booked meanwhile") in agenda(tmp_path, MONDAY, 5)
    assert ("Mon 09:30", "Finish the Vale Verde proposal") in agenda(tmp_path, MONDAY, 5)
    assert not list((tmp_path / "mail").rglob("*M1301P1*"))
    assert [p.name for p in inbox.glob("*M0101P1*")] == [flagged.name]
    assert mine.read_text() == "mine"


def test_mail_that_was_answered_meanwhile_says_so(tmp_path: Path) -> None:
    ours = sample()
    question = next(m for m in ours.messages if m.sender.key == "ruth")
    ours.write(tmp_path, until=question.when)
    assert [p.name[-2:] for p in (tmp_path / "mail").rglob("*M0402P1*")] == [",S"]
    ours.write(tmp_path)
    assert [p.name[-3:] for p in (tmp_path / "mail").rglob("*M0402P1*")] == [",RS"]


def test_a_writing_that_was_cut_short_is_taken_up_again(office: Path, tmp_path: Path) -> None:
    shutil.copytree(office, tmp_path / "again")
    again = tmp_path / "again"
    (again / ".sample.json").write_text('{"until": null}')
    (again / "calendar" / "team.ics").unlink()
    (again / "documents" / "Price list.xlsx").unlink()
    next((again / "mail" / "new").iterdir()).unlink()
    sample().write(again)
    assert contents(again) == contents(office)
    assert head(again) == head(office)


@pytest.mark.parametrize("part", ["mail", "documents", "handbook"])
def test_it_never_writes_over_what_is_not_its_own(tmp_path: Path, part: str) -> None:
    (tmp_path / part).mkdir()
    (tmp_path / part / "precious").write_text("x")
    with pytest.raises(FileExistsError, match=part):
        sample().write(tmp_path)
    assert [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")] == [part, f"{part}/precious"]


def test_it_goes_neither_beyond_now_nor_back(office: Path, tmp_path: Path) -> None:
    ours = sample()
    with pytest.raises(ValueError, match="beyond its now"):
        ours.write(tmp_path, until=NOW + timedelta(seconds=1))
    with pytest.raises(ValueError, match="zone"):
        ours.write(tmp_path, until=NOW.replace(tzinfo=None))
    assert not list(tmp_path.iterdir())
    before = contents(office)
    with pytest.raises(ValueError, match="already stands at"):
        ours.write(office, until=ours.moments[0])
    assert contents(office) == before


def test_a_naive_now_and_an_unknown_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        sample(NOW.replace(tzinfo=None))
    for zone in ("Mars/Olympus_Mons", "", "../etc/passwd", "Europe"):
        with pytest.raises(ValueError, match="no time zone"):
            sample(zone=zone)


# --------------------------------------------------------------------------------------------- the whole


def test_the_cast_and_what_to_ask() -> None:
    ours = sample()
    assert (ours.name, ours.email, ours.zone) == ("Noor Haddad", "noor@example.org", "Europe/Lisbon")
    assert sum(p.name.startswith("Sam ") for p in ours.people) == 2
    assert len(_threads(ours)) >= 12
    assert 45 <= len(ours.messages) <= 60
    assert {"summary", "meeting", "changes", "answer", "schedule"} <= {r.use for r in ours.requests}
    assert all(r.text and r.why and "{" not in r.text for r in ours.requests)


def test_everybody_lives_at_an_example_address() -> None:
    script = (Path(__file__).parents[2] / "agent" / "sample" / "workspace.toml").read_text("utf-8")
    places = re.findall(r"[\w.-]+@([\w.-]+\w)", script) + re.findall(r"https?://([^/\s>]+)", script)
    assert len(places) > 15
    assert {p for p in places if not re.fullmatch(r"(.+\.)?example\.(org|com|net)", p)} <= {"America"}


def _threads(ours: Sample) -> list[list[Message]]:
    threads: dict[str, list[Message]] = {}
    for message in ours.messages:
        threads.setdefault(message.subject.removeprefix("Re: ").removeprefix("RE: "), []).append(message)
    return list(threads.values())


def _spelled(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
