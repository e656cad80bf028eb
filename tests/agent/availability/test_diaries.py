"""Whose time is known how far, from real files: unknown is never free, and what is taken stays taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskhand.agent.app import App
from deskhand.agent.availability.diaries import Diary, blind, diaries, remarks, rooms_for, taken, there
from deskhand.agent.slots import Availability, Proposal, SlotRequest, find_slots
from deskhand.connectors.errors import Transient
from deskhand.connectors.memory import Memory
from deskhand.connectors.model import Busy, FreeBusy

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LISBON = ZoneInfo("Europe/Lisbon")
ME, ANN, BO = "noor@example.org", "ann@example.org", "bo@example.org"
WINDOW = (datetime(2026, 11, 23, tzinfo=LISBON), datetime(2026, 11, 28, tzinfo=LISBON))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LISBON)


def event(uid: str, start: str, end: str, *more: str, title: str = "Meet") -> str:
    """Times as `20261123T100000` in Lisbon, or dates."""
    kind = ";VALUE=DATE" if len(start) == 8 else ";TZID=Europe/Lisbon"
    lines = [f"UID:{uid}", "DTSTAMP:20261101T000000Z", f"DTSTART{kind}:{start}", f"DTEND{kind}:{end}"]
    return "\n".join(["BEGIN:VEVENT", *lines, f"SUMMARY:{title}", *more, "END:VEVENT"])


def calendar(*events: str, zone: str = "") -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", *([f"X-WR-TIMEZONE:{zone}"] if zone else [])]
    return "\n".join([*head, *events, "END:VCALENDAR", ""]).replace("\n", "\r\n").encode()


def published(of: str, until: str, *, by: str) -> bytes:
    lines = ["BEGIN:VFREEBUSY", "UID:f", "DTSTAMP:20261101T000000Z", f"DTSTART:{of}T000000Z"]
    lines += [f"DTEND:{until}T000000Z", f"ORGANIZER:mailto:{by}", "END:VFREEBUSY"]
    return calendar("\n".join(lines))


MINE = event("m", "20261123T100000", "20261123T110000", title="Plan")
HERS = event("a", "20261123T140000", "20261123T150000", title="Secret of Ann")


class Failing(Memory):
    """An account that cannot be asked for anybody's time."""

    def free_busy(
        self, addresses: Sequence[str], *, start: datetime, end: datetime
    ) -> Mapping[str, FreeBusy]:
        raise Transient("The server does not answer.")


class Home:
    """Calendar files and settings, opened as an App when they are first looked at."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self.root, self._stack = root, stack
        self.config = f'[person]\nname = "Noor Haddad"\nemail = "{ME}"\nzone = "Europe/Lisbon"\n'
        self._app: App | None = None
        self.put("mine", calendar(MINE, zone="Europe/Lisbon"))

    def put(self, alias: str, data: bytes, *, owner: str = "", name: str = "c.ics") -> Path:
        """A folder of calendar files as a source; the same alias again adds a file."""
        place = self.root / alias
        if not place.exists():
            place.mkdir()
            self.config += f'[sources.{alias}]\nkind = "ics"\nplace = "{place}"\n'
            self.config += f'owner = "{owner}"\n' if owner else ""
        (place / name).write_bytes(data)
        return place / name

    def set(self, text: str) -> Home:
        self.config += text + "\n"
        return self

    @property
    def app(self) -> App:
        if self._app is None:
            (self.root / "home").mkdir(mode=0o700)
            (self.root / "home/config.toml").write_text(self.config, "utf-8")
            environ = {"DESKHAND_ENGINE__KIND": "memory"}
            self._app = self._stack.enter_context(App.open(self.root / "home", now=NOW, environ=environ))
        return self._app

    def sync(self) -> Home:
        self.app.sync(embed=0)
        return self

    @property
    def context(self) -> Any:
        return self.app.runs_room.context()

    def diaries(self, *addresses: str, **given: Any) -> list[Diary]:
        return diaries(self.context, addresses, *WINDOW, **given)

    def own(self, **given: Any) -> Availability:
        return self.diaries(**given)[0].who

    def of(self, address: str, **given: Any) -> Diary:
        return self.diaries(address, **given)[1]

    def find(self, *addresses: str, **given: Any) -> Proposal:
        request = SlotRequest(minutes=30, start=WINDOW[0], end=WINDOW[1], zone="Europe/Lisbon", **given)
        return find_slots([d.who for d in self.diaries(*addresses)], request, now=NOW, limit=40)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with ExitStack() as stack:
        yield Home(tmp_path, stack)


def spans(who: Availability) -> list[tuple[datetime, datetime]]:
    return [(i.start.astimezone(LISBON), i.end.astimezone(LISBON)) for i in who.busy or ()]


def known_in_window(who: Availability) -> bool:
    return who.busy is not None and (who.known_until is None or who.known_until >= WINDOW[1])


def known_nowhere(who: Availability) -> bool:
    return who.known_until is not None and who.known_until <= WINDOW[0]


class TestUnknownIsNeverFree:
    """Each case by name. The person is unconfirmed at every time, never free."""

    def test_what_is_read_whole_is_known(self, home: Home) -> None:
        home.put("ann", calendar(HERS, zone="Europe/Lisbon"), owner=ANN)
        for who in [d.who for d in home.sync().diaries(ANN)]:
            assert known_in_window(who)
        assert not any(s.unconfirmed for s in home.find(ANN).slots)

    def test_my_calendar_was_never_read(self, home: Home) -> None:
        assert known_nowhere(home.own())

    def test_my_calendar_went_away(self, home: Home) -> None:
        home.sync()
        (home.root / "mine").rename(home.root / "gone")
        mine = home.sync().own()
        assert known_nowhere(mine)
        assert spans(mine) == [(at(23, 10), at(23, 11))]  # what was known to be taken stays taken
        assert all("you" in s.unconfirmed for s in home.find().slots)
        assert not any(s.start == at(23, 10) for s in home.find().slots)

    def test_my_calendar_is_cut_short(self, home: Home) -> None:
        home.put("mine", calendar(MINE)[:-20], name="d.ics")
        mine = home.sync().own()
        assert known_nowhere(mine)
        assert spans(mine) == [(at(23, 10), at(23, 11))]

    def test_no_calendar_of_mine_is_connected(self, home: Home) -> None:
        home.config = home.config.replace("[sources.mine]", f'[sources.mine]\nowner = "{ANN}"')
        mine = home.sync().diaries()[0]
        assert known_nowhere(mine.who)
        assert remarks([mine]) == ["It is not certain that you are free: no calendar of yours is connected."]
        assert all("you" in s.unconfirmed for s in home.find().slots)

    def test_an_event_of_mine_cannot_be_read(self, home: Home) -> None:
        home.put("mine", calendar(MINE.replace("Europe/Lisbon", "Nowhere")), name="d.ics")
        assert known_nowhere(home.sync().own())

    def test_something_of_mine_repeats_too_often_to_be_followed(self, home: Home) -> None:
        tick = event("t", "20261123T000000", "20261123T000001", "RRULE:FREQ=MINUTELY")
        home.put("mine", calendar(tick), name="d.ics")
        mine = home.sync().own()
        assert mine.known_until is not None
        assert mine.known_until < WINDOW[1]

    def test_one_of_them_that_is_cancelled_hides_nothing_of_that(self, home: Home) -> None:
        tick = event("t", "20261123T000000", "20261123T000001", "RRULE:FREQ=MINUTELY")
        gone = event(
            "t", "20261123T000100", "20261123T000101", "RECURRENCE-ID:20261123T000100Z\r\nSTATUS:CANCELLED"
        )
        home.put("mine", calendar(tick, gone), name="d.ics")
        mine = home.sync().own()
        assert mine.known_until is not None
        assert mine.known_until < WINDOW[1]

    def test_nobody_tells(self, home: Home) -> None:
        ann = home.sync().of(ANN)
        assert ann.who.busy is None
        assert ann.untold
        assert all(s.unconfirmed == (ANN,) for s in home.find(ANN).slots)
        assert f"No connected calendar tells when {ANN} is free." in remarks([ann])

    def test_nobody_tells_but_we_meet(self, home: Home) -> None:
        invited = (f"ORGANIZER:mailto:{ME}", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANN}")
        home.put("mine", calendar(event("w", "20261124T100000", "20261124T110000", *invited)), name="w.ics")
        ann = home.sync().of(ANN).who
        assert spans(ann) == [(at(24, 10), at(24, 11))]
        assert known_nowhere(ann)
        assert [i.name for i in ann.busy or ()] == [""]

    def test_her_calendar_is_cut_short(self, home: Home) -> None:
        home.put("ann", calendar(HERS, zone="Europe/Lisbon"), owner=ANN)
        home.put("ann", calendar(HERS)[:-20], name="d.ics")
        ann = home.sync().of(ANN)
        assert known_nowhere(ann.who)
        assert spans(ann.who) == [(at(23, 14), at(23, 15))]
        assert "d.ics is cut short" in ann.notes[0]

    def test_her_calendar_went_away(self, home: Home) -> None:
        home.put("ann", calendar(HERS), owner=ANN)
        home.sync()
        (home.root / "ann").rename(home.root / "gone")
        assert known_nowhere(home.of(ANN).who)

    def test_her_calendar_was_never_there(self, home: Home) -> None:
        home.set(f'[sources.ann]\nkind = "ics"\nplace = "{home.root}/nothing"\nowner = "{ANN}"')
        ann = home.sync().of(ANN)
        assert ann.who.busy is None
        assert "There is no file or folder" in ann.notes[0]
        assert known_in_window(home.own())  # mine is not the worse for it

    def test_one_of_her_two_calendars_cannot_be_read(self, home: Home) -> None:
        home.put("ann", calendar(HERS), owner=ANN)
        home.put("more", calendar(HERS)[:-20], owner=ANN)
        ann = home.sync().of(ANN).who
        assert known_nowhere(ann)
        assert spans(ann) == [(at(23, 14), at(23, 15))]

    def test_her_two_calendars_are_one_person(self, home: Home) -> None:
        home.put("ann", calendar(HERS), owner=ANN)
        home.put("more", calendar(event("b", "20261124T140000", "20261124T150000")), owner=ANN)
        ann = home.sync().of(ANN).who
        assert spans(ann) == [(at(23, 14), at(23, 15)), (at(24, 14), at(24, 15))]
        assert known_in_window(ann)

    def test_the_window_goes_beyond_what_was_published(self, home: Home) -> None:
        home.put("mine", published("20261101", "20261125", by=BO), name="bo.ifb")
        bo = home.sync().of(BO)
        assert bo.who.known_until == at(25, 0)
        assert bo.notes == (f"The calendar of {BO} is known only until Wed 25 Nov, 00:00.",)
        for slot in home.find(BO).slots:
            assert (slot.end > at(25, 0)) == bool(slot.unconfirmed)

    def test_an_account_that_does_not_answer_makes_unknown_whom_it_may_know(self, home: Home) -> None:
        home.put("ann", calendar(HERS), owner=ANN)
        failing = Failing("account")
        failing.diaries[BO] = FreeBusy(BO)
        home.app.plug(failing)
        ann, bo = home.sync().diaries(ANN, BO)[1:]
        assert known_in_window(ann.who)  # her own calendar tells
        assert bo.who.busy is None
        assert "account could not be asked: The server does not answer." in bo.notes[0]

    def test_an_answer_with_a_reason_why_not(self, home: Home) -> None:
        memory = Memory("account")
        busy = (Busy(at(24, 9), at(24, 10)),)
        memory.diaries[BO] = FreeBusy(BO, busy, error="He does not share it.")
        home.app.plug(memory)
        bo = home.sync().of(BO)
        assert known_nowhere(bo.who)
        assert spans(bo.who) == [(at(24, 9), at(24, 10))]
        assert "He does not share it." in bo.notes[0]

    def test_who_must_be_confirmed_is_not_met_unconfirmed(self, home: Home) -> None:
        home.set(f'[people."{ANN}"]\nmust_confirm = true')
        found = home.sync().find(ANN)
        assert found.slots == ()
        assert found.conflict is not None

    def test_who_is_optional_need_not_be_confirmed(self, home: Home) -> None:
        home.set(f'[people."{ANN}"]\nmust_confirm = true')
        assert not home.sync().of(ANN, optional=[ANN]).who.must_confirm

    def test_a_room_whose_calendar_is_not_known_is_never_taken(self, home: Home) -> None:
        home.set("[rooms.Board]\nseats = 4")
        (room,) = rooms_for(home.sync().context, home.app.owner.rooms, *WINDOW)
        assert room.who.busy is None
        assert home.find(rooms=(room.who,)).slots == ()


class TestSomebodyElsesCalendar:
    """It is that person's time, and never the owner's meetings."""

    @pytest.fixture
    def both(self, home: Home) -> Home:
        home.put("ann", calendar(HERS, zone="Europe/Paris"), owner=ANN)
        return home.sync()

    def test_it_takes_her_time_and_not_mine(self, both: Home) -> None:
        mine, ann = both.diaries(ANN)
        assert spans(mine.who) == [(at(23, 10), at(23, 11))]
        assert spans(ann.who) == [(at(23, 14), at(23, 15))]
        assert [o.title for o in taken(both.context, *WINDOW)] == ["Plan"]

    def test_it_is_neither_in_the_agenda_nor_in_the_digest(self, both: Home) -> None:
        assert [o.title for o in there(both.context, *WINDOW)] == ["Plan"]
        for request in ("what is on my calendar tomorrow", "am I free tomorrow at 14:00?"):
            assert "Secret" not in both.app.ask(request, fresh=False).answer
        assert "Secret" not in both.app.digest().answer

    def test_it_cannot_be_moved_as_if_it_were_mine(self, both: Home) -> None:
        run = both.app.ask("move the secret of Ann to Friday at 10", fresh=False, approve=True)
        assert run.effects == ()

    def test_new_meetings_go_into_my_own(self, home: Home) -> None:
        home.config = home.config.replace("[sources.mine]", "[sources.zzz]")
        home.put("ann", calendar(HERS), owner=ANN)
        run = home.sync().app.ask("book an hour tomorrow at 16:00", fresh=False, approve=True)
        assert [e.source for e in run.effects] == ["zzz"]

    def test_when_it_cannot_be_read_mine_still_can(self, both: Home) -> None:
        (both.root / "ann").rename(both.root / "gone")
        both.sync()
        assert blind(both.context) == []
        assert "could not be read" not in both.app.ask("what is on my calendar tomorrow", fresh=False).answer

    def test_a_calendar_declared_later_is_hers_at_once(self, home: Home) -> None:
        """Nothing of it is read anew then."""
        home.put("ann", calendar(HERS))
        assert len(spans(home.sync().own())) == 2
        home.app.close()
        home.config = home.config.replace(f'{home.root}/ann"\n', f'{home.root}/ann"\nowner = "{ANN}"\n')
        (home.root / "home/config.toml").write_text(home.config, "utf-8")
        with App.open(home.root / "home", now=NOW, environ={}) as app:
            mine = diaries(app.runs_room.context(), [], *WINDOW)[0].who
            assert len(spans(mine)) == 1

    def test_one_account_may_hold_calendars_of_several(self, home: Home) -> None:
        account = Memory("account")
        given = {"text": "", "at": NOW, "start": at(24, 9), "end": at(24, 10), "until": at(24, 10)}
        account.add("event", "hers", title="Hers", data={"owner": ANN}, **given)
        account.add("event", "mine", title="Mine", data={"owner": ME}, **given)
        home.app.plug(account)
        assert [o.title for o in there(home.sync().context, *WINDOW)] == ["Plan", "Mine"]

    def test_an_owner_who_is_me_under_another_address_is_me(self, home: Home) -> None:
        home.config = home.config.replace("zone =", 'aliases = ["n@example.net"]\nzone =')
        home.put("private", calendar(HERS), owner="N@example.net")
        assert len(spans(home.sync().own())) == 2
        place = next(p for p in home.context.places if p.alias == "private")
        assert "event.create" in place.operations


class TestZonesAndHours:
    def test_the_calendar_tells_the_zone(self, home: Home) -> None:
        home.put("ann", calendar(HERS, zone="Asia/Kolkata"), owner=ANN)
        ann = home.sync().of(ANN)
        assert (ann.zone, ann.who.zone, ann.who.hours) == ("Asia/Kolkata", "Asia/Kolkata", None)

    def test_settings_know_better(self, home: Home) -> None:
        home.put("ann", calendar(HERS, zone="Asia/Kolkata"), owner=ANN)
        home.set(f'[people."{ANN}"]\nname = "Ann Ruiz"\nzone = "America/New_York"\nhours = "08:00-16:00"')
        ann = home.sync().of(ANN)
        assert (ann.who.name, ann.zone, ann.hours_from) == ("Ann Ruiz", "America/New_York", "settings")
        assert ann.who.hours is not None
        assert ann.who.hours[0] == ((480, 960),)

    def test_a_zone_nobody_knows_is_not_ours_in_silence(self, home: Home) -> None:
        home.set(f'[people."{ANN}"]\nname = "Ann Ruiz"\nhours = "08:00-16:00"')
        ann = home.sync().of(ANN)
        assert (ann.zone, ann.who.hours) == ("", None)  # hours on a clock nobody knows rule nothing out
        assert any("Their zone is not known" in r and "Ann Ruiz" in r for r in remarks([ann]))
        assert not ann.who.clock_counts  # nor is a time early or late on it

    def test_her_zone_is_looked_at_though_nobody_knows_her_hours(self, home: Home) -> None:
        home.put("ann", calendar(HERS), owner=ANN)
        home.set(f'[people."{ANN}"]\nname = "Ann"\nzone = "America/New_York"')
        best = home.sync().find(ANN).slots[0]
        assert best.start.astimezone(ZoneInfo("America/New_York")).hour >= 9
        assert f"{best.start.astimezone(ZoneInfo('America/New_York')):%H:%M} for Ann" in best.why

    def test_no_hour_is_held_against_a_zone_nobody_knows(self, home: Home) -> None:
        home.put("ann", calendar(HERS), owner=ANN)
        home.config += f'[people."{ANN}"]\nname = "Ann"\n'
        home.config += '[meetings.weights]\ncore = "12:00-13:00"\n'
        prefer = home.sync().context.owner.habits.prefer
        assert prefer.core == (720, 780)
        slots = home.find(ANN, prefer=prefer).slots
        assert {s.why.partition("outside 12:00-13:00 for ")[2].partition(";")[0] for s in slots} == {
            "you",
            "",
        }

    def test_an_hour_that_was_asked_for_is_not_held_against_me(self, home: Home) -> None:
        assert home.sync().own().clock_counts
        assert not home.own(any_hour=True).clock_counts
        assert not home.own(exact=True).clock_counts

    def test_a_source_may_tell_hours(self, home: Home) -> None:
        memory = Memory("account")
        week = (((600, 900),),) * 5 + ((), ())
        memory.diaries[BO] = FreeBusy(BO, zone="Europe/Paris", hours=week)
        home.app.plug(memory)
        bo = home.sync().of(BO)
        assert (bo.who.hours, bo.hours_from) == (week, "calendar")

    def test_whole_days_of_hers_lie_in_her_zone(self, home: Home) -> None:
        home.put("ann", calendar(event("v", "20261124", "20261125", title="Vacation")), owner=ANN)
        home.set(f'[people."{ANN}"]\nzone = "America/New_York"')
        assert spans(home.sync().of(ANN).who) == [(at(24, 5), at(25, 5))]


class TestDaysOff:
    def test_public_holidays_of_each_ones_country_by_name(self, home: Home) -> None:
        home.config = home.config.replace("zone =", 'country = "PT"\ndays_off = ["2026-11-27"]\nzone =')
        home.set(f'[people."{ANN}"]\ncountry = "US"\nzone = "America/New_York"')
        mine, ann = (d.who for d in home.sync().diaries(ANN))
        assert (date(2026, 12, 1), "Restoration of Independence Day") in mine.days_off
        assert (date(2026, 11, 27), "a day off") in mine.days_off
        assert (date(2026, 11, 26), "Thanksgiving Day") in ann.days_off
        assert not any(
            s.start.date() in {date(2026, 11, 26), date(2026, 11, 27)} for s in home.find(ANN).slots
        )

    def test_none_are_known_where_no_country_is_set(self, home: Home) -> None:
        assert home.sync().own().days_off == ()


class TestHabits:
    def test_settings_reach_the_solver(self, home: Home) -> None:
        home.set(
            '[meetings]\nnotice = 120\nbuffer = 10\nlunch = "12:30-13:30"\nkeep_lunch = true\n'
            'most_a_day = 4\nlikes = "10:00-12:00"\nlikes_days = ["monday"]\n'
            'focus = { tuesday = "09:00-11:00" }'
        )
        mine = home.sync().own()
        assert (mine.notice, mine.buffer, mine.most_a_day) == (timedelta(hours=2), 10, 4)
        assert (mine.lunch, mine.keep_lunch) == ((750, 810), True)
        assert (mine.likes, mine.likes_days) == (((600, 720),), frozenset({0}))
        assert (at(24, 9), at(24, 11)) in [(f.start, f.end) for f in mine.focus]

    def test_one_exact_time_that_was_said_stands_above_all_habits(self, home: Home) -> None:
        home.set(
            '[meetings]\nbuffer = 10\nkeep_lunch = true\nmost_a_day = 1\nfocus = { monday = "09:00-17:00" }'
        )
        mine = home.sync().own(exact=True)
        assert (mine.buffer, mine.keep_lunch, mine.most_a_day, mine.focus, mine.hours) == (
            0,
            False,
            None,
            (),
            None,
        )
        assert spans(mine) == [(at(23, 10), at(23, 11))]

    def test_the_way_to_a_meeting_elsewhere(self, home: Home) -> None:
        trip = event("t", "20261124T100000", "20261124T110000", "LOCATION:City Hall")
        home.put("mine", calendar(trip), name="t.ics")
        home.set("[meetings]\ntravel = 30")
        mine = home.sync().own()
        assert sorted(spans(mine))[1:] == [
            (at(24, 9, 30), at(24, 10)), (at(24, 10), at(24, 11)), (at(24, 11), at(24, 11, 30)),
        ]  # fmt: skip
        ways = [i for i in mine.busy or () if not i.meeting]
        assert [w.name for w in ways] == ["the way to City Hall", "the way from City Hall"]


class TestRooms:
    def test_a_calendar_that_is_the_rooms(self, home: Home) -> None:
        home.put("board", calendar(HERS))
        home.set('[rooms.Board]\nsource = "board"\nseats = 4')
        (room,) = rooms_for(home.sync().context, home.app.owner.rooms, *WINDOW)
        assert spans(room.who) == [(at(23, 14), at(23, 15))]
        assert spans(home.own()) == [(at(23, 10), at(23, 11))]  # its bookings are not my meetings

    def test_a_free_one_is_put_into_an_event_and_a_taken_one_is_not(self, home: Home) -> None:
        board = event("b", "20261125T100000", "20261125T110000", title="Board meeting")
        home.put("mine", calendar(board), name="b.ics")
        home.put("board", calendar(HERS))
        home.set('[rooms.Den]\nsource = "board"\nseats = 4')
        app = home.sync().app
        assert app.ask("book a room for the board meeting", approve=True, fresh=False).status == "done"
        assert "LOCATION:Den" in (home.root / "mine/b.ics").read_text()
        demo = event("t", "20261123T143000", "20261123T153000", title="Demo")
        taken_ = home.put("mine", calendar(demo), name="t.ics")
        home.sync()
        run = app.ask("book a room for the demo", fresh=False)
        assert "No room is free Mon 23 Nov, 14:30–15:30: Den is taken." in " ".join(run.answer.split())
        assert "LOCATION" not in taken_.read_text()

    def test_my_meetings_in_it_take_it_too(self, home: Home) -> None:
        there_ = event("r", "20261125T100000", "20261125T110000", "LOCATION:Board")
        home.put("mine", calendar(there_), name="r.ics")
        home.put("board", calendar(), owner="board@example.org")
        home.set('[rooms.Board]\naddress = "board@example.org"')
        (room,) = rooms_for(home.sync().context, home.app.owner.rooms, *WINDOW)
        assert spans(room.who) == [(at(25, 10), at(25, 11))]
