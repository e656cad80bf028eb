"""The rules of one person, or of one room, in the order that `Conflict` states."""

from __future__ import annotations

from collections.abc import Iterator

from deskhand.agent.slots.constraints.rule import Cut, Rule, Ways, closed, giving, nothing, starting
from deskhand.agent.slots.intervals.minutes import ceil_minute
from deskhand.agent.slots.intervals.spans import EVER, Spans, united, without
from deskhand.agent.slots.intervals.window import Window
from deskhand.agent.slots.model import Availability, SlotRequest, Week
from deskhand.agent.slots.phrases import clock, day_of_year, few, in_words, listed, minutes_in_words


def rules_of_person(person: Availability, request: SlotRequest, window: Window) -> Iterator[Rule]:
    """What keeps a person away, as far as is known; or a room. Whether they are required is not asked."""
    called = person.called
    if person.hours is not None:
        yield Rule(
            f"{person.owns('working hours')}{_hours_words(person)}",
            closed(window.off(person)),
            # A little at both ends of a working day, never into the night or a day off.
            giving(
                f"if it may lie outside {person.owns('working hours')}",
                lambda give: window.off(person, give=give),
            ),
            person,
        )
    if person.days_off and (off := window.dates(person.zone, (day for day, _ in person.days_off))):
        yield _days_off(person, off, window)
    if taken := window.taken(person):
        yield Rule(person.owns("calendar"), closed(taken), (), person)
        if person.buffer:
            others = "your other meetings" if called == "you" else f"other meetings of {called}"
            keeps = "you keep" if called == "you" else f"{called} keeps"
            yield Rule(
                f"the {minutes_in_words(person.buffer)} that {keeps} free around other meetings",
                closed(_margins(taken, person.buffer)),
                (*_half(person, taken), (f"if it may lie right next to {others}", nothing)),
                person,
            )
    if person.most_a_day is not None and (full := window.full_days(person, person.most_a_day)):
        most = person.most_a_day
        yield Rule(
            f"at most {most} {'meeting' if most == 1 else 'meetings'} a day for {called}",
            starting(full),
            (
                (
                    f"if {called} may have {most + 1} meetings on a day",
                    lambda _minutes: Cut(window.full_days(person, most + 1)),
                ),
                (f"if {called} may have any number of meetings on a day", nothing),
            ),
            person,
        )
    if person.keep_lunch:
        yield Rule(
            person.owns("lunch"),
            closed(window.lunch(person, request.prefer.lunch_span)),
            ((f"if it may touch {person.owns('lunch')}", nothing),),
            person,
        )
    if person.notice > window.notice:
        yield Rule(
            f"{in_words(person.notice)} of notice for {called}",
            starting([(-EVER, ceil_minute(window.now + person.notice))]),
            ((f"if {called} may be told less than {in_words(person.notice)} ahead", nothing),),
            person,
        )


def _days_off(person: Availability, off: Spans, window: Window) -> Rule:
    days = [(d, why) for d, why in sorted(person.days_off) if window.dates(person.zone, [d])]
    named = [f"{why} on {day_of_year(day)}" if why else day_of_year(day) for day, why in days]
    works = "you work" if person.called == "you" else f"{person.called} works"
    ways = [
        (words, closed(window.dates(person.zone, (d for d, _ in days if d != day))))
        for words, (day, _) in zip(named, days, strict=True)
    ]
    what = "day off" if len(days) == 1 else "days off"
    return Rule(
        f"{person.owns(what)} ({listed(few(named))})",
        closed(off),
        tuple((f"if {works} on {words}", bars) for words, bars in ways),
        person,
    )


def unknown_time(person: Availability, window: Window) -> Iterator[Rule]:
    """Not after what is known of the calendar."""
    known = window.known_until(person)
    if known < window.within[1]:
        what = person.owns(f"{'not yet known' if known > window.within[0] else 'unknown'} calendar")
        way = (f"if it need not be confirmed with {person.called}", nothing)
        yield Rule(what, closed([(known, window.within[1])]), (way,), person)


def _half(person: Availability, taken: Spans) -> Ways:
    """Half as wide a buffer, if that is any."""
    if not (half := person.buffer // 2):
        return ()
    enough = f"{minutes_in_words(half)} around other meetings {'is' if half == 1 else 'are'} enough"
    return ((f"if {enough} for {person.called}", lambda n: Cut(_margins(taken, half), n - 1)),)


def _margins(taken: Spans, buffer: int) -> Spans:
    """The minutes around these stretches, without the stretches."""
    return without(united((a - buffer, b + buffer) for a, b in taken), taken)


def _hours_words(person: Availability) -> str:
    """ " (09:00-17:00 Europe/Lisbon)", where the same hours hold on every working day."""
    week: Week = person.hours or ()
    days = {day for day in week if day}
    if len(days) != 1:
        return f" ({person.zone})" if days else ""
    return f" ({', '.join(f'{clock(a)}-{clock(b)}' for a, b in days.pop())} {person.zone})"
