"""Goals for the people of an event: "tell whoever is in my ten o'clock that I am ten minutes late"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.planners.goals.changing import PART_OF, event_meant
from deskhand.agent.planners.steps import no_mail, ref
from deskhand.agent.planners.words.hearing import Hearer
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import sentence, shorter
from deskhand.agent.planners.words.writing import reported, requested, unclear_whom
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.agent.times import read

_NOTE = r"(?:an?\s+)?(?:short\s+|quick\s+)?(?:notes?|e-?mail|mail|message|line|word)"
_VERB = (
    r"(?:tell|let|inform|notify|warn|message|mail|e-?mail|ping|write(?: to)?|text|ask|remind|apologi[sz]e to|"
    rf"(?:send|drop|write|draft)\s+{_NOTE}\s+to|send|drop)"
)
_ALL = (
    r"(?:who(?:so)?ever(?:['’]s)?|everyone|everybody|anyone|anybody|all(?: those)?|those|they|them|"
    r"the (?:other )?people|"
    r"the (?:others?|rest|participants|attendees|guests|invitees)|(?:all )?(?:the )?(?:participants|"
    r"attendees|guests|invitees|people))"
)
_IN = (
    r"(?:(?:who|that)(?:['’](?:s|re))?\s+)?(?:(?:is|are|will be)\s+)?(?:else\s+)?(?:in|at|of|on|"
    r"attending|joining|invited to|coming to|going to|booked (?:for|in)|with me in|there (?:in|at))"
)
_WHO = re.compile(
    rf"(?P<verb>{_VERB})\s+(?:{_ALL}\s+{_IN}\s+|(?=(?:my|our)\s+(?:next\s|\d|(?:one|two|three|four|five|six|"
    r"seven|eight|nine|ten|eleven|twelve|noon|midday)\b)))(?P<event>.+)$",
    re.I,
)
_FIRST = re.compile(
    r"(?P<said>(?:i|im|running)\b.{2,60}?\b(?:make|miss|attend|join|come to|be at|get to|late (?:for|"
    r"to))\s+(?P<event>.+?))"
    r"\s*[,;.]?\s+(?:and\s+|so\s+|please\s+)*(?:let|tell|inform|notify|warn)\s+"
    rf"{_ALL}(?:\s+(?:who are\s+|else\s+)?(?:in|at|of)\s+(?:it|that|there)|"
    r"\s+(?:there|involved|concerned|else))?"
    r"(?:\s+know|\s+so|\s+about\s+it)?$",
    re.I,
)
_I = re.compile(r"^i(?=['’ ])")
_A_NOTE = re.compile(rf"\s+{_NOTE}$", re.I)
_NOTE_THAT = re.compile(rf"\s+{_NOTE}\s+(?=that\b|to\s+say\b)", re.I)
_SAID = re.compile(
    r",?\s+and\s+(?:say|tell them)(?:\s+that)?\s+|"
    r",?\s+(?:know(?:\s+that|,)?|(?:about the fact )?that)\s+|,?\s+(?P<to>to)\s+(?=[a-z])|"
    r",?\s+(?=(?:i|i['’](?:m|ll|ve|d)|im|we|we['’](?:re|ll|ve))\s)",
    re.I,
)
_BUT = re.compile(
    r"(?:\b(?:except|excluding|without|minus|sans|(?:apart|aside)\s+from|other\s+than|save\s+for|but|bar|"
    r"not)\b)"
    r"\s+(?:for\s+)?.+$",
    re.I,
)
"""Whom a wish to all leaves out."""
_NEXT = re.compile(r"\b(?:my|our|the)\s+next\s+", re.I)
_MEETING = re.compile(r"(?:my|our|the)\s+next\s+(?:meeting|call|appointment|event|one|thing)", re.I)
_LATE = timedelta(hours=2)
"""So long after its beginning a clock time without a day still means today's."""


def tell(request: Request) -> Plan | Unclear | None:
    """Everybody in one event is written what was said; who that is, is found out when it is done."""
    m = _WHO.match(request.head)
    if m is None:
        return None
    return _told(request, *_apart(request, m), draft=m["verb"].lower().startswith("draft"))


def tell_first(request: Request) -> Plan | Unclear | None:
    """ "I won't make the nine o'clock, let the others in it know": what they are told is said first."""
    m = None if request.body else _FIRST.match(request.head)
    return _told(request, m["event"], sentence(reported(m["said"]))) if m else None


def _told(request: Request, event: str, body: str, *, draft: bool = False) -> Plan | Unclear:
    op = "mail.draft" if draft else "mail.send"
    place = request.known.place(op)
    if place is None:
        return no_mail(op)
    if not body and (who := unclear_whom(request.head)):
        return Unclear(
            lacking=True,
            message=f"Who is “{who}” in what I shall tell the people in {event}? Nothing was sent. Put "
            "the words behind a colon, as they are to be read.",
            choices=(f"tell everybody in {event}: I am ten minutes late",),
        )
    if not body:
        return Unclear(
            lacking=True,
            message=f"What shall I tell the people in {event}? Put the words behind a colon, as they are to "
            "be read.",
            choices=(f"tell everybody in {event}: I am ten minutes late",),
        )
    if (but := _BUT.search(event)) is not None:
        return Unclear(
            message=f"“{but.group().strip()}”: I write to all who are in an event, so nothing was sent. "
            "Name those who shall be told."
        )
    find = _meant(request, event)
    if isinstance(find, Unclear):
        return find
    find["template"] = f"tell everybody in {{}}: {body.replace('{', ' ').replace('}', ' ')}"
    body = _I.sub("I", body)
    verb = "Draft" if op == "mail.draft" else "Send"
    args = {"source": place.alias, "to": ref("people", "to"), "subject": shorter(body), "body": f"{body}\n"}
    return Plan(
        request=request.original,
        objective=f"{verb} a mail to everybody in {event}.",
        steps=(
            Step(id="event", op="event.find", args=find, purpose="find the event"),
            Step(id="people", op="event.people", args={"event": ref("event")}, purpose="who is in it"),
            Step(id="mail", op=op, args=args, origins={"source": "assistant"}, purpose="tell them"),
        ),
    )  # fmt: skip


def _apart(request: Request, m: re.Match[str]) -> tuple[str, str]:
    """The words for the event, and what is to be said in the person's own voice ("": not clear)."""
    event = _A_NOTE.sub("", m["event"]) if request.body else _NOTE_THAT.sub(" ", m["event"], count=1)
    if request.body:
        plain = re.sub(r"\s+know$|,$", "", event).strip()
        return plain, sentence(request.body)
    said = _SAID.search(event)
    if said is None:
        return event, ""
    words = event[said.end() :]
    asks = m["verb"].lower() in ("ask", "remind")
    if (said["to"] is not None) != asks:
        return event[: said.start()], ""
    everybody = None if request.directory.named(words) else Hearer(several=True)
    body = requested(words, everybody) if asks else reported(words, everybody)
    if body and m["verb"].lower().startswith("apolog"):
        body = f"Sorry, {body}"
    return event[: said.start()], sentence(body)


def _meant(request: Request, event: str) -> dict[str, Any] | Unclear:
    """The arguments of `event.find`. "My next meeting" is the next one with somebody else in it."""
    if _MEETING.fullmatch(event.strip()):
        return {"soonest": True}
    event = PART_OF.sub("", event)  # "the first 20 minutes of the workshop"
    asked = Request.of(f"cancel {event}", request.known)
    find = event_meant(asked, len(asked.head))
    if isinstance(find, Unclear):
        return Unclear(message="Whose meeting? Name the event, its time or somebody in it.")
    if _NEXT.search(event):
        find["soonest"] = True
    if find.get("at"):
        find["start"] = _begun(asked, datetime.fromisoformat(find["start"])).isoformat()
    return find


def _begun(asked: Request, start: datetime) -> datetime:
    """ "My ten o'clock", said at three minutes past ten by somebody who is late: the one that has begun."""
    now, owner = asked.known.now, asked.known.owner
    before = read(asked.head, now=now - _LATE, zone=owner.zone, locale=owner.locale)
    begun = next((t.start for t in before if t.kind == "instant" and t.start), None)
    return begun if begun is not None and now - _LATE <= begun < now else start
