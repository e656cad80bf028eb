"""One person with an account at work, one at home and a calendar file: one agenda, one list of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from agent_givens import ENVIRONMENT, NOW

from deskhand.agent.app import App
from deskhand.agent.model import Run
from deskhand.config.change import set_value
from deskhand.connectors.model import ItemRef

WORK, HOME = "noor@work.example", "noor.h@home.example"
MASTER = "DTSTART;TZID=Europe/Lisbon:20261124T100000\nDTEND;TZID=Europe/Lisbon:20261124T110000\n"
LATER = MASTER.replace("T10", "T15").replace("T11", "T16")
ORGANIZED = f"ORGANIZER:mailto:{WORK}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@example.org\n"
INVITED = "ORGANIZER;CN=Bo Berg:mailto:bo@example.org\n"
OPAQUE_ID = "040000008200E00074C5B7101A82E008{day}0000000000000000000000000000000010000000{data}"
"""A Global Object ID as Outlook makes them, with the day of an occurrence."""


def asked(address: str, status: str = "NEEDS-ACTION") -> str:
    return f"{INVITED}ATTENDEE;PARTSTAT={status}:mailto:{address}\n"


def event(
    title: str = "Budget review", *, uid: str = "m@example.org", times: str = MASTER, more: str = "",
    stamp: str = "20261101T000000Z",
) -> str:  # fmt: skip
    head = f"BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20261101T000000Z\nLAST-MODIFIED:{stamp}\nSUMMARY:{title}\n"
    return f"{head}{times}{more}END:VEVENT\n"


class House:
    """A home with calendars of several accounts, each a file that its `me` is invited in."""

    def __init__(self, root: Path, accounts: Mapping[str, tuple[str, str]]) -> None:
        self.root = root
        self.app = App.open(root / "home", now=NOW, environ=ENVIRONMENT)
        for alias, (address, events) in accounts.items():
            self.write(alias, events)
            options = {"me": address} if address else {}
            self.app.add("ics", str(self.file(alias)), alias=alias, options=options)
        self.sync()

    def file(self, alias: str) -> Path:
        return self.root / f"{alias}.ics"

    def write(self, alias: str, events: str) -> None:
        text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{events}END:VCALENDAR\n"
        self.file(alias).write_bytes(text.replace("\n", "\r\n").encode())

    def only_read(self, alias: str) -> None:
        """From now on this calendar takes no writes."""
        self.file(alias).chmod(0o400)

    def mailbox(self, alias: str, address: str) -> Path:
        """Connect a mailbox that sends from this address; the folder that what is sent is put into."""
        outbox = self.root / f"{alias}-outbox"
        for made in (outbox, *(self.root / alias / part for part in ("cur", "new", "tmp"))):
            made.mkdir(parents=True)
        options = {"sender": f"Noor Haddad <{address}>", "outbox": str(outbox)}
        self.app.add("maildir", str(self.root / alias), alias=alias, options=options)
        return outbox

    def receive(self, alias: str, text: str) -> None:
        name = f"{len(list((self.root / alias / 'new').iterdir()))}.{alias}"
        (self.root / alias / "new" / name).write_bytes(text.replace("\n", "\r\n").encode())

    def sync(self) -> None:
        assert not [p.error for p in self.app.sync(embed=0).passes if p.error]

    def told(self, wish: str = "what is on my calendar on 24 November") -> list[str]:
        """The lines of an agenda."""
        run = self.app.ask(wish)
        assert run.status == "done", run.answer
        assert run.brief is not None
        return [p.text for s in run.brief.sections for p in s.passages]

    def ask(self, wish: str) -> Run:
        return self.app.ask(wish, approve=True)

    def changed(self) -> list[tuple[str, ItemRef]]:
        """What was done to events: operation, and which."""
        effects = self.app.runs_room.records.effects()
        return [
            (e.operation, ItemRef.parse((e.receipt or {})["ref"]))
            for e in effects if e.state == "done" and e.operation.startswith("event.")
        ]  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    made: list[House] = []

    def of(**accounts: tuple[str, str]) -> House:
        made.append(House(tmp_path, accounts))
        return made[-1]

    yield of
    for one in made:
        one.app.close()


Houses = Callable[..., House]


class TestOneAgenda:
    def test_a_meeting_in_three_calendars_is_one_and_says_in_which(self, house: Houses) -> None:
        given = house(work=(WORK, event()), home=(HOME, event()), paper=("", event()))
        (line,) = given.told()
        assert "Budget review" in line
        assert "in work, home and paper" in line

    def test_so_is_each_occurrence_of_a_series_also_where_one_of_them_was_moved_in_both(
        self, house: Houses
    ) -> None:
        series = event(more="RRULE:FREQ=DAILY;COUNT=3\n")
        moved = event(times=LATER.replace("1124", "1125"), more="RECURRENCE-ID:20261125T100000Z\n")
        given = house(work=(WORK, series + moved), home=(HOME, series + moved))
        lines = given.told("what is on my calendar from 24 to 26 November")
        assert [line.partition("–")[0] for line in lines] == [
            "Tue 24 Nov, 10:00", "Wed 25 Nov, 15:00", "Thu 26 Nov, 10:00",
        ]  # fmt: skip

    @pytest.mark.parametrize("order", [("work", "home"), ("home", "work")])
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("SEQUENCE:0\n", "SEQUENCE:1\n"),
            ("", ""),  # neither says how often it was changed: what was changed last counts
        ],
    )
    def test_a_copy_that_was_left_behind_at_the_old_time_is_not_told_beside_the_new(
        self, house: Houses, order: tuple[str, str], old: str, new: str
    ) -> None:
        copies = {
            order[0]: (WORK, event(more=asked(WORK) + old, stamp="20261102T000000Z")),
            order[1]: (HOME, event(more=asked(WORK) + new, times=LATER, stamp="20261103T000000Z")),
        }
        given = house(**copies)
        (line,) = given.told()
        assert line.startswith("Tue 24 Nov, 15:00")

    def test_also_where_it_was_moved_out_of_the_day(self, house: Houses) -> None:
        later = event(times=MASTER.replace("1124", "1203"), more="SEQUENCE:2\n")
        given = house(work=(WORK, event(more="SEQUENCE:1\n")), home=(HOME, later))
        assert given.told() == ["Nothing is in your calendar, Tue 24 Nov."]

    def test_a_series_that_was_moved_as_a_whole_is_not_told_at_both_times(self, house: Houses) -> None:
        rule = "RRULE:FREQ=DAILY;COUNT=3\n"
        moved = event(times=LATER, more=rule, stamp="20261103T000000Z")
        given = house(work=(WORK, event(more=rule)), home=(HOME, moved))
        lines = given.told("what is on my calendar from 24 to 26 November")
        assert [line.partition("–")[0] for line in lines] == [
            f"{day} Nov, 15:00" for day in ("Tue 24", "Wed 25", "Thu 26")
        ]

    def test_what_the_organizers_own_calendar_says_counts_whatever_the_other_says(
        self, house: Houses
    ) -> None:
        mine = event(more=f"{ORGANIZED}SEQUENCE:0\n")
        copy = event(times=LATER, more=f"{ORGANIZED}SEQUENCE:7\n", stamp="20261120T000000Z")
        given = house(home=(HOME, copy), work=(WORK, mine))
        (line,) = given.told()
        assert line.startswith("Tue 24 Nov, 10:00")

    def test_outlooks_way_of_writing_a_uid_is_the_same_uid(self, house: Houses) -> None:
        written = f"7643616C2D55696401000000{b'm@example.org'.hex()}00"
        given = house(
            work=(WORK, event(uid=OPAQUE_ID.format(day="00000000", data=written))), home=(HOME, event())
        )
        assert len(given.told()) == 1
        own = (OPAQUE_ID.format(day=day, data="1122334455667788") for day in ("00000000", "07EA0B18"))
        for alias, uid in zip(("work", "home"), own, strict=True):
            given.write(alias, event(uid=uid))
        given.sync()
        assert len(given.told()) == 1

    def test_two_meetings_of_one_name_and_time_are_two(self, house: Houses) -> None:
        given = house(work=(WORK, event()), home=(HOME, event(uid="other@example.org")))
        assert len(given.told()) == 2


class TestFreeAndBusy:
    def test_a_meeting_in_two_calendars_is_counted_once(self, house: Houses) -> None:
        """Two a day are enough: with one in two calendars there is room for another."""
        given = house(work=(WORK, event()), home=(HOME, event()))
        set_value(given.app.home.config_file, ("meetings", "most_a_day"), "2")
        given.app.reload()
        assert given.told("find an hour on 24 November")[0].startswith("Tue 24 Nov")

    def test_a_no_in_the_account_that_was_invited_frees_the_time(self, house: Houses) -> None:
        given = house(home=(HOME, event(more=asked(WORK))), work=(WORK, event(more=asked(WORK, "DECLINED"))))
        assert given.told("am I free on 24 November")[0] == "Yes, you are free: Tue 24 Nov, 09:00–17:00."

    def test_it_takes_time_where_one_of_the_calendars_says_so(self, house: Houses) -> None:
        given = house(work=(WORK, event(more="TRANSP:TRANSPARENT\n")), home=(HOME, event()))
        assert (
            given.told("am I free on 24 November")[0]
            == "You are free: Tue 24 Nov, 09:00–10:00; Tue 24 Nov, 11:00–17:00."
        )

    def test_time_is_taken_by_every_account_and_unknown_where_one_cannot_be_read(self, house: Houses) -> None:
        at_home = event("Dentist", uid="d@example.org", times=LATER)
        given = house(work=(WORK, event()), home=(HOME, at_home))
        free = "You are free: Tue 24 Nov, 09:00–10:00; Tue 24 Nov, 11:00–15:00; Tue 24 Nov, 16:00–17:00."
        assert given.told("am I free on 24 November")[0] == free
        given.file("home").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "utf-8")
        given.app.sync(embed=0)
        run = given.app.ask("find an hour on 25 November")
        assert run.brief is not None
        assert "It is not certain that you are free: home could not be read." in str(run.brief)


class TestActingOnce:
    @pytest.mark.parametrize("order", [("work", "home"), ("home", "work")])
    def test_a_move_is_made_where_the_organizer_is(self, house: Houses, order: tuple[str, str]) -> None:
        addresses = {"work": WORK, "home": HOME}
        given = house(**{a: (addresses[a], event(more=ORGANIZED)) for a in order})
        run = given.ask("move the budget review to 24 November at 15:00")
        assert run.status in ("done", "partial"), run.answer
        assert given.changed() == [("event.update", ItemRef("work", "event", "m@example.org"))]
        given.sync()
        (line,) = given.told()
        assert line.startswith("Tue 24 Nov, 15:00"), "the copy that was not touched does not show up again"

    def test_where_that_calendar_is_only_read_another_is_written(self, house: Houses) -> None:
        given = house(paper=("", event()), home=(HOME, event()))
        given.only_read("paper")
        run = given.ask("move the budget review to 24 November at 15:00")
        assert run.status == "done", run.answer
        assert given.changed() == [("event.update", ItemRef("home", "event", "m@example.org"))]

    @pytest.mark.parametrize("order", [("work", "home"), ("home", "work")])
    def test_a_no_is_noted_once_and_where_the_owner_was_invited(
        self, house: Houses, order: tuple[str, str]
    ) -> None:
        addresses = {"work": WORK, "home": HOME}
        given = house(**{a: (addresses[a], event(more=asked(HOME))) for a in order})
        run = given.ask("decline the budget review")
        assert run.status == "done", run.answer
        assert given.changed() == [("event.respond", ItemRef("home", "event", "m@example.org"))]
        given.sync()
        assert given.told("am I free on 24 November")[0] == "Yes, you are free: Tue 24 Nov, 09:00–17:00."

    def test_a_series_of_which_one_day_was_answered_elsewhere_is_still_one(self, house: Houses) -> None:
        rule = "RRULE:FREQ=DAILY;COUNT=3\n"
        one = event(
            times=MASTER.replace("1124", "1125"),
            more=f"RECURRENCE-ID;TZID=Europe/Lisbon:20261125T100000\n{asked(WORK, 'ACCEPTED')}",
        )
        given = house(
            home=(HOME, event(more=asked(WORK) + rule) + one), work=(WORK, event(more=asked(WORK) + rule))
        )
        run = given.ask("decline the invitation from bo@example.org")
        assert run.status == "done", run.answer
        assert given.changed() == [("event.respond", ItemRef("work", "event", "m@example.org"))]


def test_somebody_who_is_known_by_two_addresses_is_one_where_that_was_said(house: Houses) -> None:
    others = "".join(
        f"ATTENDEE;CN=Cy Lee;PARTSTAT=ACCEPTED:mailto:{a}\n" for a in ("cy@one.org", "cy@two.org")
    )
    mine = event(more=f"ORGANIZER:mailto:{WORK}\n{others}")
    given = house(work=(WORK, mine), home=(HOME, mine))
    assert {d.person.addresses for d in given.app.people("cy")} == {("cy@one.org",), ("cy@two.org",)}
    config = given.app.home.config_file
    config.write_text(
        f'{config.read_text("utf-8")}\n[people."cy@one.org"]\naliases = ["Cy@Two.org"]\n', "utf-8"
    )
    given.app.reload()
    (cy,) = given.app.people("cy")
    assert sorted(cy.person.addresses) == ["cy@one.org", "cy@two.org"]
    assert cy.person.written == 2


def test_the_addresses_of_all_accounts_are_the_owners(house: Houses) -> None:
    given = house(work=(WORK, event(more=ORGANIZED)), home=(HOME, event("Choir", uid="c", more=asked(HOME))))
    assert given.app.owner.addresses == {ENVIRONMENT["DESKHAND_PERSON__EMAIL"], WORK, HOME}
    assert [d.person.addresses for d in given.app.people()] == [("bo@example.org",)]


class TestMails:
    @pytest.mark.parametrize("invited_as", [WORK, HOME])
    def test_an_answer_goes_from_the_address_that_was_invited(
        self, house: Houses, tmp_path: Path, invited_as: str
    ) -> None:
        """The organizer's program takes it from nobody else (RFC 5546 3.2.3)."""
        copy = event(more=asked(invited_as))
        given = house(work=(WORK, copy), home=(HOME, copy))
        outboxes = {a: given.mailbox(f"{n}-mail", a) for n, a in (("work", WORK), ("home", HOME))}
        given.sync()
        run = given.ask("decline the budget review")
        assert run.status == "done", run.answer
        (sent,) = [f for box in outboxes.values() for f in box.glob("*.eml")]
        assert sent.parent == outboxes[invited_as]
        assert f"From: Noor Haddad <{invited_as}>" in sent.read_text("utf-8")

    def test_those_invited_are_told_by_the_account_that_called_the_meeting(self, house: Houses) -> None:
        given = house(home=(HOME, event(more=ORGANIZED)), work=(WORK, event(more=ORGANIZED)))
        outbox = {a: given.mailbox(f"{n}-mail", a) for n, a in (("home", HOME), ("work", WORK))}[WORK]
        given.sync()
        run = given.ask("move the budget review to 24 November at 15:00")
        assert run.status == "done", run.answer
        assert len(list(outbox.glob("*.eml"))) == 1

    def test_and_invited_by_the_account_whose_calendar_it_is_booked_in(self, house: Houses) -> None:
        given = house(work=(WORK, event()))
        outbox = {a: given.mailbox(f"{n}-mail", a) for n, a in (("home", HOME), ("work", WORK))}[WORK]
        given.sync()
        run = given.ask("book an hour with bo@example.org on 25 November at 15:00 about the boat")
        assert run.status == "done", run.answer
        assert len(list(outbox.glob("*.eml"))) == 1

    def test_what_an_organizer_changed_is_put_once_though_it_came_to_two_mailboxes(
        self, house: Houses
    ) -> None:
        given = house(work=(WORK, event(more=f"{asked(WORK)}SEQUENCE:0\n")))
        for name, address in (("home", HOME), ("work", WORK)):
            given.mailbox(f"{name}-mail", address)
        given.sync()
        given.told()  # whoever never asked for anything waits for nothing
        given.app.sync(embed=0, follow=True)
        moved = event(times=LATER, more=f"{asked(WORK)}SEQUENCE:1\n", stamp="20261121T000000Z")
        calendar = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//EN\nMETHOD:REQUEST\n{moved}END:VCALENDAR\n"
        for alias in ("home-mail", "work-mail"):
            given.receive(
                alias,
                f"From: Bo Berg <bo@example.org>\nTo: {WORK}, {HOME}\nSubject: Changed\n"
                "Message-ID: <c@example.org>\nDate: Sun, 22 Nov 2026 07:00:00 +0000\nMIME-Version: 1.0\n"
                f'Content-Type: text/calendar; method=REQUEST; charset="utf-8"\n\n{calendar}',
            )
        given.app.sync(embed=0, follow=True)
        assert len([r for r in given.app.runs() if r.id.startswith("revision-")]) == 1


def letter(
    text: str = "Can you confirm the mooring by Tuesday?", *, to: str = f"{WORK}, {HOME}", day: int = 20
) -> str:
    return (
        f"From: Bo Berg <bo@example.org>\nTo: {to}\nSubject: Boat\nMessage-ID: <boat@example.org>\n"
        f"Date: Fri, {day} Nov 2026 09:00:00 +0000\n\n{text}\n"
    )


class TestOneMail:
    """The same mail in two mailboxes: one in lists, digests and search, and it is said where else it lies."""

    @pytest.fixture
    def both(self, house: Houses) -> House:
        given = house(work=(WORK, ""), home=(HOME, ""))
        for alias, address in (("post", HOME), ("office", WORK)):
            given.mailbox(alias, address)
        return given

    def refs(self, given: House) -> list[str]:
        return sorted(str(m.ref) for m in given.app.archive.find(kinds=["message"]))

    def test_it_is_one_and_says_where_else_it_lies(self, both: House) -> None:
        for alias in ("post", "office"):
            both.receive(alias, letter(to=WORK))
        both.sync()
        office, post = self.refs(both)
        for wish in ("list the mails about the boat", "digest", "what is waiting for my answer"):
            run = both.ask(wish)
            assert run.brief is not None
            cited = [c for c in run.brief.citations() if c.title == "Boat"]
            assert [(str(c.ref), [*map(str, c.also)]) for c in cited] == [(office, [post])], wish
            assert f"also {post}" in " ".join(run.answer.split())
        (hit,) = both.app.search("mooring").hits
        assert (hit.ref, hit.copies) == (office, (post,))

    def test_so_is_what_is_attached_to_it(self, both: House) -> None:
        files = letter().replace("\n\n", (
            '\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nSee the sheet.\n--b\n'
            'Content-Type: text/plain; name="moorings.txt"\n'
            'Content-Disposition: attachment; filename="moorings.txt"\n\nBerth 12.\n--b--\n'
        ), 1)  # fmt: skip
        for alias in ("office", "post"):
            both.receive(alias, files)
        both.sync()
        (hit,) = [h for h in both.app.search("berth 12").hits if h.kind == "attachment"]
        assert len(hit.copies) == 1

    def test_a_search_gives_as_many_as_were_asked_for(self, both: House) -> None:
        for alias in ("post", "office"):
            both.receive(alias, letter())
            both.receive(alias, letter("The boat leaves.").replace("boat@", "other@").replace("Boat", "Bye"))
        both.sync()
        assert sorted(h.title for h in both.app.search("boat", limit=2).hits) == ["Boat", "Bye"]

    def test_another_mail_under_its_message_id_hides_nothing(self, both: House) -> None:
        both.receive("office", letter())
        both.receive("post", letter("All is settled, never mind.", day=21))
        both.sync()
        told = " ".join(both.ask("list the mails about the boat").answer.split())
        assert "also " not in told
        assert all(ref in told for ref in self.refs(both))
        assert len(both.app.search("Boat").hits) == 2

    def test_what_was_seen_in_one_mailbox_was_seen(self, both: House) -> None:
        both.receive("office", letter())
        both.receive("post", letter())
        (new,) = (both.root / "post" / "new").iterdir()
        new.rename(both.root / "post" / "cur" / f"{new.name}:2,S")
        both.sync()
        assert "No message fits that" in both.ask("list my unread mails").answer
