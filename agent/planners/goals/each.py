"""The goal of a meeting with each of several people: "half an hour with each of Ann, Bo and Cy next week"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from deskhand.agent.availability.rooms import asked_by_mail
from deskhand.agent.planners.steps import asking_room, no_calendar, ref
from deskhand.agent.planners.when import anchors
from deskhand.agent.planners.when.limits import taken as limits_of
from deskhand.agent.planners.when.limits import without
from deskhand.agent.planners.when.narrowing import leftover, narrowed
from deskhand.agent.planners.words.people import mailboxes, named_after, names, origin
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear

_EACH = re.compile(
    r"\beach\s+(?:of\s+)?(?:with\s+)?|\b(?:separately|individually|one by one|one at a time)\b", re.I
)
APART = re.compile(
    r"[\s,;]*\b(?:and\s+|but\s+)?(?:no two|none(?: of them)?|not two|never two)\s+"
    r"(?:of them\s+)?(?:on|in)\s+(?:the same|one|a)\s+day\b|"
    r"[\s,;]*\b(?:all\s+)?on (?:different|separate) days\b",
    re.I,
)
_TITLE = re.compile(r"\b(?:about|regarding)\s+(.+)$", re.I)
_CHAIN = re.compile(
    r"[\s,]*(?:\b(?P<side>before|after)\s+(?:i\s+|we\s+)?(?:meet(?:ing)?|see(?:ing)?|"
    r"(?:talk|speak)(?:ing)?|(?:the )?one)(?:\s+(?:to|with))?\s+|"
    r"\b(?:and\s+)?(?:then|after that|afterwards)\s+(?:(?:i\s+)?(?:meet|see)\s+|with\s+)?)",
    re.I,
)
_BOTH = re.compile(r"[\s,]*\b(?:both|all)(?:\s+of (?:them|these))?\b(?=\s|$)", re.I)
_FIRST = re.compile(r"\b(?:first\s+(?:with\s+)?|the\s+first\s+with\s+)", re.I)
_LEFT = frozenset({"by_moving", "at"})
"""What cannot be kept to where several are looked for at once."""
_FINDING = re.compile(
    r"(?:find|look for|search for|suggest|propose|when|show|give|see|check|is there|are there)\b", re.I
)
_SEE = re.compile(r"see\s+", re.I)
_AND_BOOK = re.compile(r"\b(?:and|to) (?:then )?(?:book|schedule|reserve|invite|send)\b", re.I)
AHEAD = timedelta(days=14)
USUAL = 30


def chain(request: Request) -> Plan | Unclear | None:
    """ "meet Ann before I meet Bo, both next week": two meetings, in that order."""
    people = [n for n in request.named if not n.possessive]
    for m in _CHAIN.finditer(request.head):
        before = [n for n in people if n.span[1] == m.start()]
        after = [n for n in people if n.span[0] == m.end()]
        if before and after:
            one, two = (request.head[n.span[0] : n.span[1]] for n in (before[-1], after[0]))
            one, two = (two, one) if (m["side"] or "").lower() == "after" else (one, two)
            head = f"{request.head[: before[-1].span[0]]}{one} and {two}{request.head[after[0].span[1] :]}"
            head = _FIRST.sub(" ", _BOTH.sub(" ", head))
            return each(replace(request, head=" ".join(head.split())), in_order=True)
    return None


def each(request: Request, *, in_order: bool = False) -> Plan | Unclear | None:
    """A meeting with everybody named, one by one; each is booked and invited to by itself.

    `in_order`: one after the other, as they are named.
    """
    place = request.known.place("event.create")
    if place is None:
        return no_calendar()
    apart = APART.search(request.head)
    asked = without(request, apart.span()) if apart else request
    asked = replace(asked, head=" ".join(_EACH.sub(" with ", asked.head).split()))
    asked = replace(asked, head=re.sub(r"\bwith(?: with)+\b", "with", asked.head))
    asked, hung = anchors.taken(asked)
    asked, limits = limits_of(asked, hangs=bool(hung))
    people = mailboxes(asked, named_after(asked, "with", "meet", "see", "talk to", "speak to"))
    if isinstance(people, Unclear):
        return people
    if len(people) < 2:
        return None
    length = asked.time("duration")
    minutes = limits.minutes or (round(length.seconds / 60) if length and length.seconds else USUAL)
    kept = narrowed(asked, limits, minutes=minutes, otherwise=AHEAD)
    if isinstance(kept, Unclear):
        return kept
    if (question := leftover(asked)) is not None:
        return question
    about = _TITLE.search(asked.cut(0, len(asked.head)))
    title = f"{about[1][:1].upper()}{about[1][1:]} with {{}}" if about else "Meeting with {}"
    find: dict[str, Any] = {
        "people": people, "minutes": minutes, "title": title, "apart": apart is not None,
        "in_order": in_order, **limits.args, **kept,
    }  # fmt: skip
    find = hung.window(find, minutes=minutes)
    if find.keys() & _LEFT or limits.optional:
        told = [*hung.said, *limits.said, *(f"{n.words} if possible" for n in limits.optional)]
        return Unclear(
            message="Of several meetings at once I cannot keep to all of this yet: "
            f"“{'; '.join(told)}”. Book them one by one, or say it without.",
        )
    days = ", no two on one day" if apart else ""
    order = (
        f", {' before '.join(str(p['name'] or p['address']).split(' ')[0] for p in people)}"
        if in_order
        else ""
    )
    told = [*hung.said, *limits.said]
    said = f" ({'; '.join(told)})" if told else ""
    what = f"{minutes} minutes with each of {names(people)}{days}{order}{said}."
    met = _SEE.match(request.head)  # "see Ann and Bo separately" is to meet them
    finds = _FINDING.match(request.head) and not (met and any(n.span[0] == met.end() for n in request.named))
    if finds and not _AND_BOOK.search(request.head):
        step = Step(
            id="times", op="slots.together", args=find | {"tell": True},
            origins={"people": origin(asked, people)}, purpose="find a time for each",
        )  # fmt: skip
        return Plan(request=request.original, objective=f"Find {what}", steps=(*hung.steps(), step))
    over = Ref(ref="times", path="meetings")
    event = {n: ref("each", n) for n in ("start", "end", "title", "attendees")}
    if find.get("room"):
        event |= {n: ref("each", n) for n in ("location", "rooms")}
    steps = [
        *hung.steps(),
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
        if find.get("room") and any(asked_by_mail(r) for r in request.known.owner.rooms):
            steps.append(asking_room(mail.alias, for_each=over))
    return Plan(request=request.original, objective=f"Book {what}", steps=tuple(steps))
