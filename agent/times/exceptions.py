"""What is ruled out: "not Monday", "Friday doesn't work", "weekdays at 8 except Fridays and holidays".

A time after a word of refusal is ruled out; right after a recurrence it is what that leaves out. There
an open day means every such day: "except Friday" each Friday, "except in December" every December.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from deskhand.agent.times.feasts import FEASTS, Counted, Fixed
from deskhand.agent.times.lex import Token
from deskhand.agent.times.lexicon import named
from deskhand.agent.times.terms import (
    At,
    AtEvent,
    Clock,
    Date,
    Holiday,
    Hours,
    Length,
    Month,
    Not,
    Nth,
    Open,
    Part,
    Range,
    Repeat,
    Term,
    Unit,
    Weekday,
    Without,
)

_Found = tuple[int, int, Term]

# Recurrences with exceptions in a text: it must not take long.
_MOST = 100
_REFUSALS = (
    "not", "no", "never", "nor", "except", "excepting", "excluding", "avoid", "avoiding", "skip", "skipping",
    "minus", "without", "can't", "cannot", "busy", "unavailable", "not available", "not free", "not meet",
    "not around", "no meetings", "no calls", "no time",
    "except for", "apart from", "aside from", "other than", "rather than", "instead of", "but not",
    "can't do", "can't make", "cannot do", "cannot make", "can not do", "won't do", "don't want", "no more",
    "any day but", "any other day but", "any day next week but", "any time but", "anytime but",
    "anything but", "is away", "is travelling", "is traveling",
    *(f"{who} {how}" for who in ("i'm", "i am", "we're", "we are", "i'll be", "i will be", "we'll be")
      for how in ("out", "away", "off", "travelling", "traveling", "out of office", "out of the office",
                  "on leave", "on vacation", "on holiday")),
)  # fmt: skip
_REFUSED = tuple(sorted((tuple(words.split()) for words in _REFUSALS), key=len, reverse=True))
_REFUSED_BY_LAST = {
    last: tuple(phrase for phrase in _REFUSED if phrase[-1] == last) for last in {p[-1] for p in _REFUSED}
}
# What may stand between a refusal and the time it refuses.
_FILLERS = named("on in at the any for during a this around about please")
# "If not Monday", "why not Monday" and "not only Monday" refuse nothing; "isn't it"
_OPENERS = named("if why whether or unless")
_FAILS = named("doesn't don't isn't aren't won't wouldn't can't cannot")
_WORKS = named("work suit fit good possible great ideal convenient happen be an ok okay best")
_OUT = named("out bad full impossible taken blocked off busy unavailable hopeless")
_EXCLUDED = named("excluded excepted")
_LINKS = (["or"], ["and"], ["nor"], ["or", "on"], ["and", "on"])
_JOINTS = (*_LINKS, [","], [",", "or"], [",", "and"], ["/"], ["&"])
# Behind a day and a comma these begin hours that are not just those of the day.
_OF_THEIR_OWN = named("not no never between before after only")
_FEASTS = named("holiday holidays")
_FEAST_WORDS = named("public bank national federal statutory legal state religious")
_ONLY = named("but only though preferably ideally except just not")
# What may stand between a day and the hours it works: "Tuesday works for me, but only".
_VERDICT = named(
    "works work working is fine ok okay good great suits suit me us for would be possible free i'm i am it "
    "that's , - also any time in on the"
)


def excepted(words: Sequence[Token], found: list[_Found]) -> list[_Found]:
    """The times that were found, with those that are ruled out and what recurrences leave out."""
    found = _split(words, _on_that_day(words, found))
    # The "from" of "apart from Fridays" belongs to the refusal.
    found = [_apart(words, one) for one in found]
    made: list[_Found] = []
    place = joined = 0
    while place < len(found):
        start, end, term = found[place]
        if isinstance(term, Repeat) and joined < _MOST:
            whole, place, found = _without(words, found, place)
            made.append(whole)
            joined += isinstance(whole[2], Without)
            continue
        last = _refused(words, found, place)
        if last is not None and words[start].word in ("until", "till", "til"):
            made.append((start, end, _from(term)))
            place += 1
            continue
        if last is not None:
            made += [(begin, finish, Not(_whole(one))) for begin, finish, one in found[place : last + 1]]
            place = last + 1
            continue
        made.append((start, end, Not(_whole(term)) if _fails(words, found[place]) else term))
        place += 1
    return made


def _split(words: Sequence[Token], found: list[_Found]) -> list[_Found]:
    """ "Next week, Monday excluded": the week, and a day of it that is ruled out."""
    made: list[_Found] = []
    for start, end, term in found:
        day = term.day if isinstance(term, At) and term.time is None else None
        comma = end - 2 > start and words[end - 2].word in (",", "-")
        if comma and isinstance(day, Weekday) and day.week and _fails(words, (start, end, term)):
            made += [(start, end - 2, day.week), (end - 1, end, term)]
        else:
            made.append((start, end, term))
    return made


def _apart(words: Sequence[Token], one: _Found) -> _Found:
    start, end, term = one
    if not start or words[start].word != "from" or words[start - 1].word not in ("apart", "aside"):
        return one
    return start + 1, end, term.term if isinstance(term, Open) else term


def _on_that_day(words: Sequence[Token], found: list[_Found]) -> list[_Found]:
    """ "Tuesday works, but after 3", "next week, just not Friday": those hours and days are within."""
    shared = list(found)
    for index in range(len(shared) - 1):
        start, end, one = shared[index]
        later, finish, other = shared[index + 1]
        between = [word.word for word in words[end:later]]
        same = words[start].sentence == words[later].sentence
        if not (same and isinstance(other, At) and _ONLY.intersection(between)):
            continue
        if not _VERDICT.union(_ONLY).issuperset(between):
            continue
        if isinstance(one, Unit) and one.unit == "week" and isinstance(other.day, Weekday):
            if not other.day.which and other.day.week is None:
                shared[index + 1] = (later, finish, replace(other, day=replace(other.day, week=one)))
        elif isinstance(one, At) and one.day is not None and one.time is None and other.day is None:
            refused = {"not", "except"}.intersection(between)
            if isinstance(other.time, Hours) or (isinstance(other.time, Clock | Part) and refused):
                shared[index + 1] = (later, finish, At(one.day, other.time))
    return shared


def _refused(words: Sequence[Token], found: list[_Found], place: int) -> int | None:
    """The last of the times that are ruled out together with this one; None: it is not ruled out."""
    start, _, term = found[place]
    if isinstance(term, Length) or _refusal(words, start, found[place - 1][1] if place else 0) is None:
        return None
    return _list(words, found, place)


def _refusal(words: Sequence[Token], start: int, floor: int) -> int | None:
    """Where the refusal begins that stands before this place, after the floor."""
    place = start
    while place > floor and words[place - 1].word in _FILLERS:
        place -= 1
    before = [word.word for word in words[floor:place]]
    for phrase in _REFUSED_BY_LAST.get(before[-1], ()) if before else ():
        if tuple(before[-len(phrase) :]) == phrase and words[place - 1].sentence == words[start].sentence:
            begin = place - len(phrase)
            if begin and words[begin - 1].word in _OPENERS and phrase[0] in ("not", "no"):
                return None
            return begin
    return None


def _list(words: Sequence[Token], found: list[_Found], place: int) -> int:
    """The last time of a list that begins here: "Monday, Tuesday or Friday". A comma alone ends it."""
    last = end = place
    while end + 1 < len(found):
        between = [word.word for word in words[found[end][1] : found[end + 1][0]]]
        if between not in _JOINTS or isinstance(found[end + 1][2], Length):
            break
        end += 1
        if between != [","]:
            last = end
    after = [word.word for word in words[found[last][1] : found[last][1] + 2]]
    works = after[:1] in (["works"], ["suits"]) or (
        after[:1] == ["is"] and after[-1] in ("fine", "ok", "good")
    )
    return place if works else last


def _fails(words: Sequence[Token], one: _Found) -> bool:
    """Whether what follows rules the time out: "Monday doesn't work", "Friday is out"."""
    start, end, term = one
    after = [word.word for word in words[end : end + 4] if word.sentence == words[start].sentence]
    if not isinstance(term, At | Unit | Month | Range) or not after:
        return False
    if after[0] in _EXCLUDED or (words[end - 1].word.endswith("'s") and after[0] in _OUT):
        return True  # "Monday excluded", "Monday's out"
    if len(after) < 2:
        return False
    if start and words[start - 1].word in _OPENERS | {"when", "report", "it"}:
        return False
    if after[0] in ("does", "is", "will", "do", "are") and after[1] == "not":
        return len(after) > 2 and after[2] in _WORKS
    if after[0] in _FAILS:
        return after[1] in _WORKS
    return after[0] in ("is", "are", "looks") and (after[1] in _OUT or after[1:3] == ["no", "good"])


def _from(term: Term) -> Term:
    """ "Not until Tuesday" is from Tuesday on."""
    if isinstance(term, Open):
        return Open("from", term.term)
    if isinstance(term, At) and isinstance(term.time, Hours) and term.time.start is None:
        return replace(term, time=Hours(term.time.end, None))
    return Not(term)


def _whole(term: Term) -> Term:
    """ "Except mornings": a part of the day of no day is that part of every day."""
    if isinstance(term, At) and term.day is None and isinstance(term.time, Part):
        return Repeat("DAILY", time=term.time)
    return term


def _without(words: Sequence[Token], found: list[_Found], place: int) -> tuple[_Found, int, list[_Found]]:
    """A recurrence with what it leaves out, the place after it, and all times with those told apart.

    Ruled out itself after a refusal.
    """
    start, end, term = found[place]
    if not isinstance(term, Repeat):
        raise TypeError("only a recurrence has exceptions")
    floor = found[place - 1][1] if place else 0
    if _refusal(words, start, floor) is not None:
        return (start, end, Not(term)), place + 1, found
    if _fails(words, (start, end, At())):
        return (start, end, Not(term)), place + 1, found
    repeat, finish, after = term, end, place + 1
    excludes: list[tuple[tuple[int, int], Term]] = []
    feasts = False
    while True:
        if (feast := _feast(words, finish, joined=bool(excludes) or feasts)) is not None:
            feasts, finish = True, feast
            continue
        if after >= len(found):
            break
        begin, until, other = found[after]
        if isinstance(other, At) and other.day is None and begin == finish > end and repeat.time is None:
            # "Weekdays except holidays at 8"
            repeat, finish, after = replace(repeat, time=other.time), until, after + 1
            continue
        between = [word.word for word in words[finish:begin] if word.word not in (",", "-", "(")]
        linked = (bool(excludes) or feasts) and between in _LINKS
        if isinstance(other, Length | AtEvent) or not (linked or _only_refusal(between)):
            break
        last = _list(words, found, after)
        found = _hours_apart(words, found, after, last)
        for begin, until, other in found[after : last + 1]:
            clock = other.time if isinstance(other, At) and other.day is not None else None
            if isinstance(other, At) and isinstance(clock, Clock | Hours) and repeat.time is None:
                # "Weekdays except Friday at 8": the eight o'clock of the weekdays
                repeat, other = replace(repeat, time=clock), replace(other, time=None)
            elif isinstance(other, Repeat) and isinstance(other.time, Clock | Hours) and repeat.time is None:
                # "Weekdays except Fridays at 8", "every day except weekends at 9"
                repeat, other = replace(repeat, time=other.time), replace(other, time=None)
            if isinstance(other, Repeat) and _bounded(other) and not _bounded(repeat):
                # "Weekdays except Fridays until June": the end of the weekdays
                repeat = replace(repeat, until=other.until, length=other.length, count=other.count)
                other = replace(other, until=None, length=None, count=0)
            excludes.append(((words[begin].start, words[until - 1].end), _every(other, repeat)))
            finish, after = until, after + 1
    if not excludes and not feasts:
        return (start, end, term), place + 1, found
    return (start, finish, Without(repeat, tuple(excludes), feasts)), after, found


def _bounded(repeat: Repeat) -> bool:
    """Whether it is said when it ends, or after how long."""
    return bool(repeat.until or repeat.length or repeat.count)


def _hours_apart(words: Sequence[Token], found: list[_Found], first: int, last: int) -> list[_Found]:
    """ "Except 8 December, not before 9": all of that day, and hours that say something of their own."""
    start, end, term = found[last]
    hours = term.time if isinstance(term, At) and term.day is not None else None
    if not isinstance(hours, Hours):
        return found
    commas = [n for n in range(start, end - 1) if words[n].word == ","]
    if not commas or words[commas[-1] + 1].word not in _OF_THEIR_OWN:
        return found
    comma = commas[-1]
    days = [
        (
            begin,
            min(until, comma),
            replace(one, time=None) if isinstance(one, At) and one.time == hours else one,
        )
        for begin, until, one in found[first : last + 1]
    ]
    return [*found[:first], *days, (comma + 1, end, At(None, hours)), *found[last + 1 :]]


def _only_refusal(between: list[str]) -> bool:
    bare = [word for word in between if word not in _FILLERS]
    # "Every day but Sunday"; "but" alone refuses only here.
    return bare == ["but"] or tuple(bare) in _REFUSED


def _feast(words: Sequence[Token], place: int, *, joined: bool) -> int | None:
    """The end of "except on public holidays" from here on."""
    begin = place
    while place < len(words) and words[place].word in (",", "-", "("):
        place += 1
    refused = False
    for phrase in (*_REFUSED, ("but",)):
        if tuple(word.word for word in words[place : place + len(phrase)]) == phrase:
            place, refused = place + len(phrase), True
            break
    if not refused and not (joined and place < len(words) and words[place].word in ("or", "and", "nor")):
        return None
    place += not refused
    while place < len(words) and words[place].word in _FILLERS | _FEAST_WORDS:
        place += 1
    if place >= len(words) or words[place].sentence != words[begin].sentence:
        return None
    return place + 1 if words[place].word in _FEASTS else None


def _every(term: Term, repeat: Repeat) -> Term:
    """An exception as often as it comes back, where its words name no year and no week."""
    time = term.time if isinstance(term, At) else None
    day = term.day if isinstance(term, At) else term
    match day:
        case None if isinstance(time, Part | Clock | Hours):
            return Repeat("DAILY", time=time)
        case Weekday(number, "", None):
            return Repeat("WEEKLY", days=((number, 0),), time=time)
        case Date(None, month, int(number), None):
            if isinstance(day, Date) and day.missing:
                return term
            freq = "MONTHLY" if month is None else "YEARLY"
            return Repeat(freq, month=month, month_days=(number,), time=time)
        case Holiday(name, None, None, None):
            feast = FEASTS[name]
            if isinstance(feast, Fixed):
                return Repeat("YEARLY", month=feast.month, month_days=(feast.day,), time=time)
            if isinstance(feast, Counted) and not feast.after:
                return Repeat("YEARLY", month=feast.month, days=((feast.weekday, feast.nth),), time=time)
        case Month(number, None, None, None):
            return Repeat("DAILY", month=number)
        case Nth(nth, weekday, Unit("month", 0)):
            if weekday is None and nth > 0 and len(repeat.days) == 1 and not repeat.days[0][1]:
                weekday = repeat.days[0][0]  # "every Tuesday except the first of the month"
            if weekday is None:
                return Repeat("MONTHLY", month_days=(nth,), time=time)
            if weekday < 7:
                return Repeat("MONTHLY", days=((weekday, nth),), time=time)
    return term
