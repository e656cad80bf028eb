"""What a meeting must keep to: the rules of a request and its people, in the order that `Conflict` states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deskhand.agent.slots.asked import rules_of_the_request
from deskhand.agent.slots.barring import Cut, Rule, closed, giving, leave, nothing, starting, thinned
from deskhand.agent.slots.ground import Ground
from deskhand.agent.slots.model import Availability, SlotRequest, Week
from deskhand.agent.slots.phrases import clock, day_of_year, few, in_words, series
from deskhand.agent.slots.spans import EVER, Spans, ceil_minute, outside, united, without

__all__ = [
    "Cut",
    "Rule",
    "clock",
    "free_room",
    "in_words",
    "leave",
    "rules_of",
    "rules_of_person",
    "series",
    "thinned",
]


def rules_of(people: Sequence[Availability], request: SlotRequest, ground: Ground) -> list[Rule]:
    """Every rule of a request over a window that is not empty. Optional people make none."""
    made = list(rules_of_the_request(request, ground))
    for person in people:
        if person.required:
            made += rules_of_person(person, request, ground)
            made += _must_confirm(person, ground)
    if request.rooms:
        made.append(_room(request, ground))
    return made


def rules_of_person(person: Availability, request: SlotRequest, ground: Ground) -> Iterator[Rule]:
    """What keeps a person away, as far as is known; or a room. Whether they are required is not asked."""
    called = person.called
    if person.hours is not None:
        yield Rule(
            f"{person.owns('working hours')}{_hours_words(person)}",
            closed(ground.off(person)),
            # A little at both ends of a working day, never into the night or a day off.
            giving(
                f"if it may lie outside {person.owns('working hours')}",
                lambda give: ground.off(person, give=give),
            ),
            person,
        )
    if person.days_off and (off := ground.dates(person.zone, (day for day, _ in person.days_off))):
        yield _days_off(person, off, ground)
    if taken := ground.taken(person):
        yield Rule(person.owns("calendar"), closed(taken), (), person)
        if person.buffer:
            others = "your other meetings" if called == "you" else f"other meetings of {called}"
            keeps = "you keep" if called == "you" else f"{called} keeps"
            yield Rule(
                f"the {person.buffer} minutes that {keeps} free around other meetings",
                closed(_margins(taken, person.buffer)),
                (
                    (
                        f"if {person.buffer // 2} minutes around other meetings are enough for {called}",
                        lambda minutes: Cut(_margins(taken, person.buffer // 2), minutes - 1),
                    ),
                    (f"if it may lie right next to {others}", nothing),
                ),
                person,
            )
    if person.most_a_day is not None and (full := ground.full_days(person, person.most_a_day)):
        most = person.most_a_day
        yield Rule(
            f"at most {most} {'meeting' if most == 1 else 'meetings'} a day for {called}",
            starting(full),
            (
                (
                    f"if {called} may have {most + 1} meetings on a day",
                    lambda _minutes: Cut(ground.full_days(person, most + 1)),
                ),
                (f"if {called} may have any number of meetings on a day", nothing),
            ),
            person,
        )
    if person.keep_lunch:
        yield Rule(
            person.owns("lunch"),
            closed(ground.lunch(person, request.prefer.lunch_span)),
            ((f"if it may touch {person.owns('lunch')}", nothing),),
            person,
        )
    if person.notice > ground.notice:
        yield Rule(
            f"{in_words(person.notice)} of notice for {called}",
            starting([(-EVER, ceil_minute(ground.now + person.notice))]),
            ((f"if {called} may be told less than {in_words(person.notice)} ahead", nothing),),
            person,
        )


def free_room(room: Availability, request: SlotRequest, ground: Ground, minutes: int) -> Spans:
    """The starts at which a room is free for so many minutes, and known to be."""
    rules = [*rules_of_person(room, request, ground), *_known(room, ground)]
    return leave(rules, ground.within, minutes)


def _days_off(person: Availability, off: Spans, ground: Ground) -> Rule:
    days = [(d, why) for d, why in sorted(person.days_off) if ground.dates(person.zone, [d])]
    named = [f"{why} on {day_of_year(day)}" if why else day_of_year(day) for day, why in days]
    works = "you work" if person.called == "you" else f"{person.called} works"
    ways = [
        (words, closed(ground.dates(person.zone, (d for d, _ in days if d != day))))
        for words, (day, _) in zip(named, days, strict=True)
    ]
    what = "day off" if len(days) == 1 else "days off"
    return Rule(
        f"{person.owns(what)} ({series(few(named))})",
        closed(off),
        tuple((f"if {works} on {words}", bars) for words, bars in ways),
        person,
    )


def _known(person: Availability, ground: Ground) -> Iterator[Rule]:
    """Not after what is known of the calendar."""
    known = ground.known_until(person)
    if known < ground.within[1]:
        what = person.owns(f"{'not yet known' if known > ground.within[0] else 'unknown'} calendar")
        way = (f"if it need not be confirmed with {person.called}", nothing)
        yield Rule(what, closed([(known, ground.within[1])]), (way,), person)


def _must_confirm(person: Availability, ground: Ground) -> Iterator[Rule]:
    if person.must_confirm:
        yield from _known(person, ground)


def _room(request: SlotRequest, ground: Ground) -> Rule:
    def bars(minutes: int) -> Cut:
        free = united(s for room in request.rooms for s in free_room(room, request, ground, minutes))
        return Cut(outside(free, within=ground.within))

    return Rule("a free room", bars, (("if it needs no room", nothing),))


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
