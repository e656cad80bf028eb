"""Goals that answer invitations: accept, decline, perhaps, another time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from deskhand.agent.planners.goals.several import cancel_all
from deskhand.agent.planners.steps import no_mail, ref
from deskhand.agent.planners.words.people import which
from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import without_ends, without_words
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear
from deskhand.agent.times import Reading

_VERB = re.compile(
    r"(?:(?P<maybe>tentatively\s+accept|accept\s+tentatively|tentatively\s+say yes to|"
    r"say maybe to|answer maybe to|rsvp maybe(?:\s+to)?)|"
    r"(?P<no>decline|turn down|reject|refuse|say no to|answer no to|rsvp no(?:\s+to)?)|"
    r"(?P<yes>accept|confirm|say yes to|answer yes to|rsvp(?: yes)?(?:\s+to)?))\b\s*",
    re.I,
)
_MAYBE = re.compile(r"[\s,]*\b(?:tentatively|provisionally|as tentative)\b", re.I)
_ANOTHER = re.compile(
    r"(?:propose|suggest|offer|counter(?:[- ]propose)?|ask for|request)\s+(?:\S+\s+){0,2}?"
    r"(?:(?:another|a different|a new|an alternative|other|a later|an earlier)\s+"
    r"(?:time|date|day|slot))\b|counter(?:[- ]propose)?\b|(?:propose|suggest|offer)\b(?=.*\b(?:for|to)\b)",
    re.I,
)
_ENDS = words(
    """
    the a an my our his her their this that invitation invitations invite invites meeting request event
    from by to for of with on at about called titled named and instead please it them all
    """
)
_ALL = re.compile(r"\b(?:all|everything|every)\b", re.I)
_ANSWERS = {"yes": "accepted", "no": "declined", "maybe": "tentative"}
_OBJECTIVES = {"accepted": "Accept", "declined": "Decline", "tentative": "Tentatively accept"}

_MEAL = re.compile(r"\b(?:the|that|this|my|our)\s+(lunch|dinner|breakfast|brunch)\b", re.I)
"""What is also a time of the day: "accept the lunch tomorrow" is of what is called so."""


def answer(request: Request) -> Plan | Unclear | None:
    """ "accept the invitation from Bo", "decline the budget review on Thursday"."""
    verb = _VERB.match(request.head)
    if verb is None or verb.lastgroup is None:
        return None
    if verb.lastgroup == "no" and _ALL.search(request.head) and request.time("interval", "instant"):
        return cancel_all(request)  # it only declines, as its verb says
    said = _ANSWERS[verb.lastgroup]
    if _MAYBE.search(request.head, verb.end()):
        request, said = replace(request, head=_MAYBE.sub("", request.head)), "tentative"
        verb = _VERB.match(request.head) or verb
    if request.known.place("mail.send") is None and request.known.place("event.respond") is None:
        return no_mail("mail.send", request.known)
    found = _invitation(request, verb.end(), len(request.head))
    if isinstance(found, Unclear):
        return found
    mine = Ref(ref="invitation", path="mine")
    steps = [Step(id="invitation", op="invitation.find", args=found, purpose="find the invitation")]
    steps += _reply(request, {"answer": said})
    if request.known.place("event.respond") is not None:
        noted: dict[str, Any] = {n: ref("each", n) for n in ("source", "ref", "version", "occurrence")}
        steps.append(
            Step(
                id="respond", op="event.respond", args=noted | {"status": said}, for_each=mine,
                needs=("answer",) if any(s.id == "answer" for s in steps) else (),
                purpose="note it in your calendar",
            )
        )  # fmt: skip
    if said != "declined" and request.known.place("event.receive") is not None:
        put: dict[str, Any] = {
            n: ref("each", n) for n in ("source", "ref", "version", "message", "ics", "address")
        }
        steps.append(
            Step(
                id="receive", op="event.receive", args=put | {"status": said},
                for_each=Ref(ref="invitation", path="received"),
                needs=("answer",) if any(s.id == "answer" for s in steps) else (),
                purpose="put it into your calendar",
            )
        )  # fmt: skip
    objective = f"{_OBJECTIVES[said]} {_described(found)}."
    return Plan(request=request.original, objective=objective, steps=tuple(steps))


def another(request: Request) -> Plan | Unclear | None:
    """ "propose another time for the budget review: Thursday at 3"."""
    whole = replace(request, head=f"{request.head} {request.tail.lstrip(' :,')}".strip(), tail="", body="")
    verb = _ANOTHER.match(whole.head)
    if verb is None:
        return None
    if request.known.place("mail.send") is None:
        return no_mail("mail.send", request.known)
    times = [t for t in whole.times if t.kind in ("instant", "interval") and t.start]
    new = next((t for t in reversed(times) if t.kind == "instant" or t.grain in ("hour", "minute")), None)
    if new is None or new.start is None:
        return Unclear(
            message="Propose which time? Say a day and an hour.",
            choices=(f"{whole.head.rstrip(' ?.')}: tomorrow at 15:00",),
        )
    if new.start < request.known.now:
        return Unclear(message=f"“{new.text}” is in the past.")
    # The event is named on either side of the new time.
    before, after = (verb.end(), new.span[0]), (new.span[1], len(whole.head))
    found = _invitation(whole, *before)
    if isinstance(found, Unclear) or found.keys() == {"template"}:
        found = _invitation(whole, *after)
    if isinstance(found, Unclear):
        return found
    found["template"] = f"propose another time for {{}}: {new.text}"
    args: dict[str, Any] = {"answer": "another", "start": new.start.isoformat()}
    if new.end is not None:
        args["end"] = new.end.isoformat()
    steps = [Step(id="invitation", op="invitation.find", args=found, purpose="find the invitation")]
    steps += _reply(request, args)
    objective = f"Propose another time for {_described(found)}."
    return Plan(request=request.original, objective=objective, steps=tuple(steps))


def _reply(request: Request, args: dict[str, Any]) -> list[Step]:
    mail = request.known.place("mail.send")
    if mail is None:
        return []
    parts = {n: ref("reply", n) for n in ("to", "subject", "body", "calendar", "answers")}
    return [
        Step(
            id="reply", op="invitation.reply", args={"invitation": ref("invitation"), **args},
            purpose="write the answer",
        ),
        Step(
            id="answer", op="mail.send", args={"source": mail.alias, **parts},
            origins={"source": "assistant"}, purpose="answer the organizer",
        ),
    ]  # fmt: skip


def _invitation(request: Request, begin: int, end: int) -> dict[str, Any] | Unclear:
    """The arguments of `invitation.find` out of `head[begin:end]`."""
    times = [t for t in request.times_in(begin, end) if t.kind in ("instant", "interval") and t.start]
    who = next((n for n in request.named if begin <= n.span[0] < end), None)
    if who is not None and not who.clear:
        return which(request, who)
    spans = [t.span for t in times] + ([who.span] if who else [])
    quoted = next((q for q in request.quotes if q in request.head[begin:end]), "")
    about = quoted or without_ends(without_words(request.head, begin, end, spans), _ENDS)
    meal = _MEAL.search(request.head, begin, end) if not about and who is None else None
    if meal is not None:
        about = meal[1]
    find: dict[str, Any] = {"about": about} if about else {}
    if who is not None:
        find["person"] = who.key
    if times:
        find |= _day(request, times[0]) if meal else _when(times[0])
    gap = request.head[:begin].replace("{", " ").replace("}", " ")
    rest = request.head[end:].replace("{", " ").replace("}", " ")
    return find | {"template": f"{gap}{{}}{' ' if rest and not rest.startswith(' ') else ''}{rest}"}


def _day(request: Request, time: Reading) -> dict[str, Any]:
    """The whole day of a time, where its hours were those of a meal that is the name."""
    if time.start is None:
        return {}
    first = time.start.astimezone(request.known.owner.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"start": first.isoformat(), "end": (first + timedelta(days=1)).isoformat()}


def _when(time: Reading) -> dict[str, Any]:
    if time.start is None:
        return {}
    if time.kind == "instant" or time.grain in ("hour", "minute"):
        return {"start": time.start.isoformat(), "at": True}
    over = time.end or time.start + timedelta(days=1)
    return {"start": time.start.isoformat(), "end": over.isoformat()}


def _described(find: dict[str, Any]) -> str:
    about = f" “{find['about']}”" if find.get("about") else ""
    return f"the invitation{about}" + (f" from {find['person']}" if "person" in find else "")
