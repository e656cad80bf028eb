"""Goals that change many events at once: clear an afternoon, cancel all with somebody, move a day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from deskhand.agent.planners.goals.excluding import excepted
from deskhand.agent.planners.steps import no_calendar, ref, telling
from deskhand.agent.planners.when.targets import by_how_long
from deskhand.agent.planners.words.people import which
from deskhand.agent.planners.words.phrases import LEXICON, words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import without_ends, without_words
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear
from deskhand.agent.times import Reading

_VERB = re.compile(
    r"(?:clear|empty|wipe|blank|free|cancel|delete|remove|drop|call|scrap|move|shift|push|postpone|reschedule|"
    r"bring|pull|decline|turn down|reject|refuse|say no to|answer no to|"
    r"get rid of|take)\b(?: (?:up|out|off|back)\b)?\s*",
    re.I,
)
_TO = re.compile(r"\b(?:to|onto|until)\s+(?:(?:the\s+)?same (?:time|hour)s?\s+(?:on\s+)?)?", re.I)
TELL = re.compile(
    r"[\s,;]*\b(?:and|but|then)?\s*(?:please\s+)?(?:(?:do(?:n['’]t| not)\s+)?"
    r"(?:tell|inform|notify|let|warn)\b.*)$",
    re.I,
)
_QUIET = re.compile(r"\b(?:do(?:n['’]t| not)|without)\s+(?:tell|inform|notify)", re.I)
_ENDS = words(
    """
    all everything every my the our of on in for with from at to meeting meetings event events
    appointment appointments calendar schedule diary agenda planner out off up whole entire have got
    i've i that is are there rest remaining stuff things and any anything each other others what me
    time's booked scheduled planned call calls and then also back forward only just
    invitation invitations invite invites requests
    """
) | frozenset(LEXICON["calendar"].split("|"))
_AFTER = re.compile(r"\b(?:following|after(?:wards)?|(?:the\s+)?next\s+week|later)\b", re.I)
_FROM_THEN = re.compile(
    r"the\s+(?:(?:next|following)\s+(?P<next>day|week)|(?P<unit>day|week)\s+after(?:wards)?)\s*$", re.I
)
_WEEKDAY = re.compile(r"(?:on\s+)?(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?", re.I)
_AND = re.compile(r"\s*(?:[,;&/]|\b(?:and|or|plus|also|on)\b|\s)*", re.I)
_MADE = r"(?:sent|organi[sz]ed|called|made|created|arranged|set\s+up|asked\s+for|proposed|wrote|initiated)"
_BY_WHOM = re.compile(
    rf"\b(?:that|which)\s+(?!(?:i|we)\b)[^\s,;]+(?:\s+[^\s,;]+)?\s+(?:(?:has|have|had)\s+)?{_MADE}\b|"
    rf"\b{_MADE}\s+by\b.*",
    re.I,
)
"""By who made them: which is not who is in them."""
_CLAUSE = re.compile(
    r"\s*\b(?:that|which)\s+(?:(?:i|we)\s+)?(?:was|were|had|have|has)\b(?:\s+been\b)?(?:\s+invited\s+to\b)?",
    re.I,
)
_TO_WHICH_DAY = Unclear(
    message="Move them to which day, or by how long? On another day each keeps its time of day.",
    choices=("move everything on Friday to the same time on Monday", "move everything on Friday by an hour"),
)


def cancel_all(request: Request) -> Plan | Unclear | None:
    """ "cancel everything on Friday and tell them", "clear my Thursday afternoon"."""
    if request.has("series", "todo", "list", "cache") or request.quotes:
        return None
    place = request.known.place("event.cancel")
    if place is None:
        return no_calendar()
    quiet = _QUIET.search(request.head) is not None
    request = _without_telling(request)
    kept = excepted(request, until=_TO if _moves(request) else None)
    if isinstance(kept, Unclear):
        return kept
    request, stays = kept
    if _moves(request):  # never read as to cancel them
        return _move_all(request, stays)
    only = re.match(r"(?:decline|turn down|say no|answer no|reject|refuse)\b", request.head, re.I) is not None
    what = "decline" if only else "cancel"
    listed = _listed(request, len(request.head), what)
    if not isinstance(listed, dict):
        return _which_day(what, stays) if stays and listed in (None, *_no_day(request, what)) else listed
    listed |= {"stays": stays} if stays else {}
    steps = [Step(id="found", op="event.list", args=listed, purpose="see what there is")]
    invited = Ref(ref="found", path="invited")
    if only:
        steps += answers(request, invited, answer="declined", notes=True)
        return Plan(
            request=request.original, steps=tuple(steps),
            objective=f"{request.head[:1].upper()}{request.head[1:]}: what others invited you to.",
        )  # fmt: skip
    steps += cancelling(request, quiet=quiet)
    told = "nobody is told" if quiet else "those invited are told"
    return Plan(
        request=request.original, steps=tuple(steps),
        objective=f"{request.head[:1].upper()}{request.head[1:]}: your own events are cancelled and {told}; "
        "those of others are declined.",
    )  # fmt: skip


def cancelling(request: Request, *, quiet: bool) -> list[Step]:
    """Cancel the own ones of what the step "found" has, tell those invited, and decline those of others."""
    own = Ref(ref="found", path="own")
    change: dict[str, Any] = {n: ref("each", n) for n in ("source", "ref", "version", "occurrence")}
    mail = request.known.place("mail.send")
    sender = None if quiet or mail is None else mail.alias
    return [
        Step(
            id="change", op="event.cancel", args=change, for_each=own, notes=Ref(ref="each", path="notes"),
            purpose="cancel them",
        ),
        *telling(sender, event=ref("each"), what="cancelled", for_each=own),
        *answers(request, Ref(ref="found", path="invited"), answer="declined", notes=True),
    ]  # fmt: skip


def cancel_series(request: Request) -> Plan | Unclear | None:
    """ "cancel every “Stand-up” next week": all occurrences of what is called so."""
    place = request.known.place("event.cancel")
    if place is None:
        return no_calendar()
    asked = _without_telling(request)
    called = f"“{asked.quotes[0]}”"
    named = re.search(rf"\b(?:every|all)\s+{re.escape(called)}", asked.head, re.I)
    if named is None:
        return None
    # Without the name in between "every ... Tuesday" would repeat.
    bare = replace(asked, head=" ".join(f"{asked.head[: named.start()]} {asked.head[named.end() :]}".split()))
    listed = _listed(bare, len(bare.head), "cancel")
    if not isinstance(listed, dict):
        return listed or Unclear(
            message=f"Which of {called}: those of a day or a week, or the whole series?",
            choices=(f"cancel every {called} next week", f"cancel the whole series of {called}"),
        )
    listed |= {"about": asked.quotes[0], "called": True}
    return Plan(
        request=request.original,
        steps=(
            Step(id="found", op="event.list", args=listed, purpose="see what there is"),
            *cancelling(request, quiet=_QUIET.search(request.head) is not None),
        ),
        objective=f"Cancel every “{asked.quotes[0]}” there; those invited are told.",
    )


def answers(
    request: Request, over: Ref, *, answer: str, notes: bool = False, instead: bool = False
) -> list[Step]:
    """Answer each invitation of a list: the mail to its organizer, then the own calendar.

    `instead`: each has a time that is offered beside the answer.
    """
    mail = request.known.place("mail.send")
    steps: list[Step] = []
    if mail is not None:
        args: dict[str, Any] = {"invitation": ref("each"), "answer": answer}
        args |= {"instead": ref("each", "instead")} if instead else {}
        steps.append(
            Step(id="reply", op="invitation.reply", args=args, for_each=over, purpose="write the answers")
        )
        parts = {n: ref("reply", n) for n in ("to", "subject", "body", "calendar", "answers")}
        steps.append(
            Step(
                id="answer", op="mail.send", args={"source": mail.alias, **parts}, for_each=over,
                origins={"source": "assistant"}, notes=Ref(ref="each", path="notes") if notes else None,
                purpose="answer the organizers",
            )
        )  # fmt: skip
    if request.known.place("event.respond") is not None:
        noted: dict[str, Any] = {n: ref("each", n) for n in ("source", "ref", "version", "occurrence")}
        steps.append(
            Step(
                id="respond", op="event.respond", args=noted | {"status": answer}, for_each=over,
                needs=("answer",) if mail is not None else (), purpose="note it in your calendar",
            )
        )  # fmt: skip
    return steps


def _move_all(request: Request, stays: list[dict[str, str]]) -> Plan | Unclear | None:
    """ "move everything I have on Thursday afternoon to the same time on Friday"."""
    if request.known.place("event.update") is None:
        return no_calendar()
    to = next((m for m in _TO.finditer(request.head) if request.times_in(m.end(), len(request.head))), None)
    far = by_how_long(request) if to is None else None
    end = to.start() if to else far.start if far else None
    if end is None:
        return _to_which_day(stays) if stays else None
    listed = _listed(request, end, "move")
    if not isinstance(listed, dict):
        return _to_which_day(stays) if stays and listed in (None, *_no_day(request, "move")) else listed
    listed |= {"stays": stays} if stays else {}
    by = _days(request, to.end(), listed["start"]) if to else far.target if far else {}
    if isinstance(by, Unclear):
        return by
    mail = request.known.place("mail.send")
    own = Ref(ref="found", path="own")
    change: dict[str, Any] = {n: ref("each", n) for n in ("source", "ref", "version", "occurrence")}
    change |= {n: ref("times", n) for n in ("start", "end")}
    steps = [
        Step(id="found", op="event.list", args=listed, purpose="see what there is"),
        Step(
            id="times", op="event.shift", args={"event": ref("each"), **by}, for_each=own,
            purpose="work out the new times",
        ),
        Step(
            id="change", op="event.update", args=change, for_each=own, notes=Ref(ref="each", path="notes"),
            purpose="move them",
        ),
        *telling(mail.alias if mail else None, event=ref("each"), what="moved", for_each=own),
    ]  # fmt: skip
    days = by.get("days", 0)
    much, unit = (days, "day") if days else (by["seconds"] // 60, "minute")
    many = f"{abs(much)} {unit}{'s' if abs(much) > 1 else ''}"
    side = "later" if much > 0 else "earlier"
    kept = ", each at its time of day" if days else ""
    return Plan(
        request=request.original, steps=tuple(steps),
        objective=f"Move your own events there {many} {side}{kept}, and tell those invited.",
    )  # fmt: skip


def _days(request: Request, at: int, since: str) -> dict[str, Any] | Unclear:
    """By how many days it is from the day that begins `since` to the one said behind `at`."""
    if (m := _FROM_THEN.match(request.head, at)) is not None:
        return {"days": 7 if (m["next"] or m["unit"]).lower() == "week" else 1}
    tz = request.known.owner.tz
    new = next((t for t in request.times_in(at, len(request.head)) if t.start), None)
    if new is None or new.start is None or new.grain not in ("day", "week", "part"):
        return _TO_WHICH_DAY
    days = (new.start.astimezone(tz).date() - datetime.fromisoformat(since).astimezone(tz).date()).days
    if days <= 0 and _AFTER.search(request.head, at):
        days += 7 * (-days // 7 + 1)  # "my Friday meetings to the following Monday"
    if days < -1 and _WEEKDAY.fullmatch(new.text.strip()):
        return _before_or_after(request, at, new.start.astimezone(tz).date())
    if days == 0:
        return Unclear(message="They would stay where they are: the days are the same.")
    return {"days": days}


def _before_or_after(request: Request, at: int, day: date) -> Unclear:
    """ "Everything on Friday to Monday": which Monday."""
    first, later = request.head[:at].strip(), day + timedelta(days=7)
    return Unclear(
        message=f"To {day:%A %-d %B}, which is before it, or to {later:%A %-d %B}, after it?",
        choices=tuple(f"{first} {d:%-d %B}" for d in (day, later)),
    )


def _moves(request: Request) -> bool:
    return re.match(r"(?:move|shift|push|postpone|reschedule|bring|pull)\b", request.head, re.I) is not None


def _without_telling(request: Request) -> Request:
    return replace(request, head=TELL.sub("", request.head).rstrip(" ,;"), tail="", body="")


def _which_day(what: str, stays: list[dict[str, str]]) -> Unclear:
    """The question where no day was said: no other goal may take a wish that leaves things out."""
    but = f"except {_named(stays)}"
    return Unclear(message="Of which day or week?", choices=(f"{what} everything on Friday {but}",))


def _to_which_day(stays: list[dict[str, str]]) -> Unclear:
    """The question from which day to which; its choices leave out what the wish leaves out."""
    choices = (f"move everything tomorrow except {_named(stays)} to the day after tomorrow",)
    return _TO_WHICH_DAY.model_copy(update={"choices": choices})


def _named(stays: list[dict[str, str]]) -> str:
    """What stays, as it is said: "the review and lunch with ann@example.org"."""
    said = [
        " with ".join(
            filter(None, (f"the {one['about']}" if one.get("about") else "", one.get("person", "")))
        )
        for one in stays
    ]
    return " and ".join(said)


def _no_day(request: Request, what: str) -> tuple[Unclear, ...]:
    """The questions of which day, for nobody and for each who is named."""
    people = [None, *(n.words for n in request.named)]
    return tuple(_of_which_day(what, who) for who in people)


def _of_which_day(what: str, who: str | None) -> Unclear:
    day = "on Friday" if who is None else "next week"
    whom = f"all my meetings with {who}" if who else "everything"
    return Unclear(message="Of which day or week?", choices=(f"{what} {whom} {day}",))


def _listed(request: Request, end: int, what: str) -> dict[str, Any] | Unclear | None:
    """The arguments of `event.list` out of `head[:end]`."""
    verb = _VERB.match(request.head)
    begin = verb.end() if verb else 0
    if (by := _BY_WHOM.search(request.head, begin, end)) is not None:
        return Unclear(
            message=f"“{by.group().strip()}”: I take all of a day, or those with somebody in them, not those "
            "that somebody made or sent; nothing was done. Name them one by one, or say with whom they are."
        )
    clause = _CLAUSE.search(request.head, begin, end)
    # Its verb looks back, and the day in front of it does not: "on Friday that I was invited to".
    read = request.times_in(begin, clause.start() if clause else end)
    read += request.times_in(clause.end(), end) if clause else ()
    times = [t for t in read if t.kind in ("interval", "instant") and t.start]
    who = next((n for n in request.named if begin <= n.span[0] < end), None)
    if who is not None and not who.clear:
        return which(request, who)
    spans = [t.span for t in times] + ([who.span] if who else []) + ([clause.span()] if clause else [])
    about = without_ends(without_words(request.head, begin, end, spans), _ENDS)
    if not times:
        return None if about else _of_which_day(what, who.words if who else None)
    start, over = times[0].start, times[0].end
    for time in times[1:]:
        until = time.end or (_end(time.start, time.grain, request.known.owner.tz) if time.start else None)
        if not (start and over and time.start and until):
            continue
        if start <= time.start and until <= over:  # "next week, on Tuesday"
            start, over = time.start, until
        elif time.start <= over and start <= until:  # "Thursday and Friday"
            start, over = min(start, time.start), max(over, until)
        else:  # what lies between them is not meant
            return _one_at_a_time(request, times)
    if start is None:
        return None
    now = request.known.now
    if over is not None and over <= now:
        return Unclear(message=f"“{times[0].text}” is over.")
    args: dict[str, Any] = {
        "start": max(start, now).isoformat() if start < now else start.isoformat(),
        "end": (over or _end(start, times[0].grain, request.known.owner.tz)).isoformat(),
        "what": what,
    }  # fmt: skip
    if about:
        args["about"] = about
    if who is not None:
        args["person"] = who.key
    return args


def _one_at_a_time(request: Request, times: list[Reading]) -> Unclear:
    """The question about days with others between them: "Monday and Friday"."""
    first, last = times[0].span[0], times[-1].span[1]
    said = request.head[first:last]
    joined = all(_AND.fullmatch(request.head, a.span[1], b.span[0]) for a, b in pairwise(times))
    once = joined and request.original.count(said) == 1
    on = "on " if said.lower().startswith("on ") else ""
    each = [t.text.strip() if t.text.lower().startswith(on) else f"{on}{t.text.strip()}" for t in times]
    return Unclear(
        message=f"“{said}”: I take one day at a time here, or days that follow each other, so nothing was "
        "done. Which one first?",
        choices=tuple(request.original.replace(said, one) for one in each if once),
    )


def _end(start: datetime, grain: str, zone: tzinfo) -> datetime:
    """The end of a time that says only when it begins: that of its day, else an hour later."""
    if grain == "day":
        return start.astimezone(zone) + timedelta(days=1)
    return start + timedelta(hours=1)
