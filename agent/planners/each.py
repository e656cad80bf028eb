"""The goal of a meeting with each of several people: "half an hour with each of Ann, Bo and Cy next week"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from deskhand.agent.model import Plan, Ref, Step, Unclear
from deskhand.agent.planners.limits import taken as limits_of
from deskhand.agent.planners.limits import without
from deskhand.agent.planners.people import mailboxes, named_after, names, origin
from deskhand.agent.planners.request import Request
from deskhand.agent.planners.steps import no_calendar, ref
from deskhand.agent.planners.windows import window

_EACH = re.compile(
    r"\beach\s+(?:of\s+)?(?:with\s+)?|\b(?:separately|individually|one by one|one at a time)\b", re.I
)
_APART = re.compile(
    r"[\s,;]*\b(?:and\s+|but\s+)?(?:no two|none(?: of them)?|not two|never two)\s+"
    r"(?:of them\s+)?(?:on|in)\s+(?:the same|one|a)\s+day\b|"
    r"[\s,;]*\b(?:all\s+)?on (?:different|separate) days\b",
    re.I,
)
_TITLE = re.compile(r"\b(?:about|regarding)\s+(.+)$", re.I)
_KEPT = ("not_before", "not_after", "not_on", "parts", "not_parts")
AHEAD = timedelta(days=14)
USUAL = 30


def each(request: Request) -> Plan | Unclear | None:
    """A meeting with everybody named, one by one; each is booked and invited to by itself."""
    place = request.known.place("event.create")
    if place is None:
        return no_calendar()
    apart = _APART.search(request.head)
    asked = without(request, apart.span()) if apart else request
    asked = replace(asked, head=" ".join(_EACH.sub(" with ", asked.head).split()))
    asked = replace(asked, head=re.sub(r"\bwith(?: with)+\b", "with", asked.head))
    asked, limits = limits_of(asked)
    people = mailboxes(asked, named_after(asked, "with", "meet"))
    if isinstance(people, Unclear):
        return people
    if len(people) < 2:
        return None
    length = asked.time("duration")
    minutes = limits.minutes or (round(length.seconds / 60) if length and length.seconds else USUAL)
    start, end = window(asked, otherwise=AHEAD)
    about = _TITLE.search(asked.cut(0, len(asked.head)))
    title = f"{about[1][:1].upper()}{about[1][1:]} with {{}}" if about else "Meeting with {}"
    find: dict[str, Any] = {
        "people": people, "minutes": minutes, "start": max(start, request.known.now).isoformat(),
        "end": end.isoformat(), "title": title, "apart": apart is not None,
        **{n: v for n, v in limits.args.items() if n in _KEPT},
    }  # fmt: skip
    if limits.args.keys() - {*_KEPT} or limits.optional:
        return Unclear(
            message="Of several meetings at once I cannot keep to all of this yet: "
            f"{'; '.join(limits.said)}. Book them one by one, or say it without."
        )
    over = Ref(ref="times", path="meetings")
    event = {n: ref("each", n) for n in ("start", "end", "title", "attendees")}
    steps = [
        Step(
            id="times", op="slots.together", args=find, origins={"people": origin(asked, people)},
            purpose="find a time for each",
        ),
        Step(
            id="event", op="event.create", for_each=over, notes=Ref(ref="each", path="notes"),
            args={"source": place.alias, "zone": request.known.owner.zone, **event},
            origins={"source": "assistant", "zone": "assistant"}, purpose="book them",
        ),
    ]  # fmt: skip
    mail = request.known.place("mail.send")
    if mail is not None:
        parts = {n: ref("invitation", n) for n in ("subject", "body", "calendar")}
        steps += [
            Step(
                id="invitation", op="event.invitation", args={"event": ref("event")}, for_each=over,
                purpose="write the invitations",
            ),
            Step(
                id="invite", op="mail.send", for_each=over, origins={"source": "assistant"},
                args={"source": mail.alias, "to": ref("each", "attendees"), **parts}, purpose="invite them",
            ),
        ]  # fmt: skip
    days = ", no two on one day" if apart else ""
    objective = f"Book {minutes} minutes with each of {names(people)}{days}."
    return Plan(request=request.original, objective=objective, steps=tuple(steps))
