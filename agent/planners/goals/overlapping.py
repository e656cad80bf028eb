"""The goal of declining, or cancelling, what overlaps an event, and of offering others another time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from deskhand.agent.planners.goals.changing import described, event_meant, template
from deskhand.agent.planners.goals.several import answers, cancelling
from deskhand.agent.planners.steps import no_calendar, no_mail, ref
from deskhand.agent.planners.when import limits
from deskhand.agent.planners.when.narrowing import leftover, narrowed
from deskhand.agent.planners.words.people import which
from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import without_ends, without_words
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear

_VERB = re.compile(
    r"(?:(?P<no>decline|turn down|reject|refuse|say no to|answer no to)|"
    r"(?P<off>cancel|call off|delete|remove|drop|scrap|clear)|"
    r"(?P<move>move|shift|push|reschedule|postpone))\s+(?!(?:it|this|that)\b)",
    re.I,
)
_BETWEEN = (
    r"(?:(?:that|which|is|are|am|would|will|lies?|falls?|happens?|takes?|place|in|runs?|partly|in\s+part|also|"
    r"directly|currently)\s+)*"
)
_LAP = re.compile(
    rf"\s*\b{_BETWEEN}(?:"
    r"(?:overlap|clash|conflict|collide|coincide|interfer|compete?)(?:e?s|ed|ing|e)?(?:\s+with)?|"
    r"runs?\s+into|running\s+into|at the same time as|during|(?:while|when)\s+i(?:['’]m|\s+am)\s+(?:in|at)|"
    r"in the way of)\s+",
    re.I,
)
_ENDS = words(
    """
    all everything anything whatever what any every each of the a an my our those these other others
    invitation invitations invite invites meeting meetings event events thing things appointment appointments
    i i'm i’m am are have been invited invited to on in at with from for that which else and stuff
    """
)
_CLEARS = r"(?:decline|turn down|reject|refuse|say no to|cancel|call off|drop)"
_LAPS = r"(?:overlaps?|clash(?:es)?|conflicts?|collides?|runs? into|is on during)(?:\s+with)?"
_IF = re.compile(
    r"if\s+(?:some|any)(?:thing|\s+(?:meetings?|events?|invitations?))?(?:\s+else)?\s+"
    rf"(?P<lap>{_LAPS})\s+(?P<event>.+?)[\s,;:]+(?:then\s+)?(?:please\s+)?(?P<verb>{_CLEARS})\s+"
    r"(?:it|them|that|those)\b",
    re.I,
)
_AT = (
    r"(?:(?:i|we)(?:['’](?:m|ll|ve)|\s+(?:am|will|have|must|need|should|want|got))?(?:\s+(?:to|got|going))*\s+)?"
    r"(?:be\s+(?:at|in)|attend|go\s+to|going\s+to|at|in)"
)
_FIRST = re.compile(
    rf"(?:{_AT}\s+(?P<a>(?:the|my|our)\s[^,;:]+)|(?P<b>(?:the|my|our)\s[^,;:]+?)\s+(?:has priority|"
    r"comes first|goes first|is more important|matters more|must stay))\s*[,;:.]\s*(?:and\s+|so\s+)*"
    rf"(?:please\s+)?(?={_CLEARS}\b)",
    re.I,
)
_TO_EACH = re.compile(
    r"\b(?P<verb>offer|propose|suggest|give|send)\s+(?P<what>(?:my|the|a|an)\s+[^,;.]+?)\s+to\s+"
    r"(?P<whom>(?:them|(?:each|every|all|both|the)\b[\w ]*))(?=\W*$)",
    re.I,
)
_THEN = re.compile(
    r"\s+(?:else\s+)?(?:(?:that|which)\s+)?(?:is|are|lies|happens|takes place)\s+(?:on\s+)?"
    r"(?:then|at that time)\b",
    re.I,
)
_IT = re.compile(rf"\b({_LAPS})\s+(?:it|that|this)\b", re.I)
_OFFER = re.compile(
    r"[\s,;.]*(?:\b(?:and|then|also|but|plus)\b[\s,]*)*\b(?:offer|propose|suggest|give|send|let|tell|ask)\b\s*"
    r"(?:to\s+)?(?P<whom>(?:(?:each|every|all|both|of|the|their|them|those|its|his|her|respective|other|single|"
    r"organi[sz]ers?|hosts?|people|everyone|everybody|inviters?|senders?|who|invited|called|me|know)\s+)*)"
    r"(?P<when>.*)$",
    re.I,
)
_GAP = re.compile(
    r"^(?:with\s+)?(?:(?:when i(?:['’]m|\s+am)\s+(?:next\s+)?free(?:\s+next)?)|"
    r"(?:(?:my|the|a|an|another|next|first|free|open|new|other|different|possible|alternative|available|best|"
    r"earliest)\s+)*(?:gap|slot|opening|time|hole|window|date)\b"
    r"(?:\s+(?:(?:that|when|where|in which)\s+)?(?:i(?:['’]m|\s+am|\s+have|['’]ve)?(?:\s+(?:got|free|"
    r"available|have))*|is free|free|in my (?:calendar|diary|agenda|schedule)|of mine|to meet|for it|"
    r"that works|"
    r"that suits me))*)(?:\s*instead)?",
    re.I,
)
_MORE = re.compile(
    r"\b(?:two|three|four|five|some|several|a few|couple|\d)\b.*\b(?:gap|slot|time|opening)s\b", re.I
)


def clearing(request: Request) -> Plan | Unclear | None:
    """ "decline what overlaps the board meeting and offer each organiser the next gap I have"."""
    said = f"{request.head}{request.tail}".strip()
    whole = replace(request, head=_plainly(said), tail="", body="")
    head = whole.head
    verb = _VERB.match(head)
    lap = _LAP.search(head, verb.end() - 1) if verb and not whole.closed(verb.end(), verb.end()) else None
    if verb is None or lap is None or whole.closed(lap.start(), lap.end()):
        return None
    offer = _OFFER.search(head, lap.end())
    end = offer.start() if offer else len(head)
    if offer and not offer["whom"] and not _GAP.match(offer["when"].strip(" ,;.")) and verb["off"]:
        offer, end = None, len(head)
    which_ones = _which(whole, verb.end(), lap.start())
    if isinstance(which_ones, Unclear):
        return which_ones
    narrower, said = which_ones
    if verb["move"]:
        return Unclear(
            message="I move all of a day or of a part of it, not what overlaps an event. Say when, and to "
            "which day: “move everything on Thursday afternoon to Friday”, or move them one by one."
        )
    named = Request.of(f"cancel {head[lap.end() : end].strip(' ,;.')} {said}".strip(), request.known)
    find = event_meant(named, len(named.head))
    if isinstance(find, Unclear):
        return find
    find["template"] = template(head[: lap.end()].strip(), find, head[end:].strip(" ,;"))
    listed: dict[str, Any] = {
        "start": ref("anchor", "start"),
        "end": ref("anchor", "end"),
        "overlapping": ref("anchor"),
    }
    listed |= {"what": "decline" if verb["no"] else "cancel", **narrower}
    steps = [
        Step(id="anchor", op="event.find", args=find, purpose="find the event that is kept"),
        Step(id="found", op="event.list", args=listed, purpose="see what overlaps it"),
    ]
    event = f"that overlaps the event {described(find)}"
    if verb["off"]:
        return _cancelled(request, steps, offer, event)
    what = f"Decline what others called {event}"
    if offer is None:
        if (question := _no_answer(request)) is not None:
            return question
        steps += answers(request, Ref(ref="found", path="invited"), answer="declined", notes=True)
        return Plan(request=request.original, steps=tuple(steps), objective=f"{what}; your own is told.")
    looked = _gaps(whole, offer)
    if isinstance(looked, Unclear):
        return looked
    if request.known.place("mail.send") is None:
        return no_mail("mail.send")
    gaps = {"events": ref("found", "invited"), "start": ref("anchor", "end"), **looked}
    steps += [
        Step(id="gaps", op="slots.instead", args=gaps, purpose="find each another time"),
        *answers(request, Ref(ref="gaps", path="offers"), answer="declined", notes=True, instead=True),
    ]  # fmt: skip
    after = "" if "start" in looked else " after it"
    return Plan(
        request=request.original, steps=tuple(steps),
        objective=f"{what}, and offer each organizer the next gap you have{after}, no two the same; your own "
        "is told.",
    )  # fmt: skip


def _plainly(said: str) -> str:
    """ "I have to be at the walk, so decline what else is on then": the event is said where "it" stands."""
    said = _TO_EACH.sub(r"\g<verb> \g<whom> \g<what>", said)
    if m := _IF.match(said):
        return f"{m['verb']} anything that {m['lap']} {m['event']} {said[m.end() :]}"
    m = _FIRST.match(said)
    if m is None:
        return said
    rest = said[m.end() :]
    event = m["a"] or m["b"]
    rest = _THEN.sub(lambda _: f" overlaps {event}", rest, count=1)
    return _IT.sub(lambda it: f"{it[1]} {event}", rest, count=1)


def _cancelled(
    request: Request, steps: list[Step], offer: re.Match[str] | None, event: str
) -> Plan | Unclear:
    if offer is not None and _GAP.match(offer["when"].strip(" ,;.")):
        return Unclear(
            message="I offer another time where an invitation is declined, not for what is cancelled."
        )
    if request.known.place("event.cancel") is None:
        return no_calendar(request.known)
    steps = [*steps, *cancelling(request, quiet=False)]
    return Plan(
        request=request.original, steps=tuple(steps),
        objective=f"Cancel what is yours {event}, and tell those invited; what others called is declined.",
    )  # fmt: skip


def _no_answer(request: Request) -> Unclear | None:
    known = request.known
    able = known.place("event.respond") or known.place("mail.send")
    return None if able else no_mail("mail.send")


def _which(whole: Request, begin: int, end: int) -> tuple[dict[str, str], str] | Unclear:
    """Which of those that overlap are meant, and the times said there, which are those of the event."""
    who = next((n for n in whole.named if begin <= n.span[0] < end), None)
    if who is not None and not who.clear:
        return which(whole, who)
    times = [t for t in whole.times_in(begin, end) if t.start and not t.negated]
    spans = [t.span for t in times] + ([who.span] if who else [])
    text = re.sub(r"^\s*['’]s?(?=\s)", " ", without_words(whole.head, begin, end, spans))
    about = without_ends(text, _ENDS)
    made = {"about": about} if about else {}
    made |= {"person": who.key} if who else {}
    return made, " ".join(f"on {t.text}" if t.grain == "day" and " " not in t.text else t.text for t in times)


def _gaps(whole: Request, offer: re.Match[str]) -> dict[str, Any] | Unclear:
    """What is said of the times to offer: arguments of `slots.instead`."""
    said = offer["when"].strip(" ,;.")
    if m := _MORE.search(said):
        return Unclear(
            message=f"“{m.group()}”: I offer each organizer one time. Say “the next gap I have”.",
            choices=(f"{whole.head[: offer.start('when')]}the next gap I have",),
        )
    unclear = Unclear(
        message=f"What shall I offer them? I do not understand “{said}”. Say “the next gap I have”, and "
        "when: “the next gap I have on Friday afternoon”."
    )
    asked = Request.of(f"find {said}", whole.known)
    long = next((t for t in asked.times if t.kind == "duration" and t.seconds), None)
    if long is not None:  # "the next free half hour" is a gap of that length
        asked = replace(asked, head=f"{asked.head[: long.span[0]]} gap {asked.head[long.span[1] :]}")
        said = re.sub(
            r"\bgap(?:\s+(?:of\s+)?(?:gap|slot|opening|time))+\b|\b(?:gap|slot|time|opening)\s+of\s+gap\b",
            "gap",
            " ".join(asked.head.split()).removeprefix("find "),
        )
    minutes = round(long.seconds / 60) if long and long.seconds else 0
    if (gap := _GAP.match(said)) is None:
        return unclear
    rest, kept_to = limits.taken(Request.of(f"find a time {said[gap.end() :]}", whole.known))
    if kept_to.optional or rest.named or leftover(rest) is not None:
        return unclear
    kept = narrowed(rest, kept_to, minutes=minutes or 30, otherwise=timedelta(days=1))
    if isinstance(kept, Unclear):
        return kept
    window = any(t.start or t.end for t in rest.times)
    args = {**kept_to.args, **{n: v for n, v in kept.items() if window or n not in ("start", "end")}}
    strange = args.keys() & {"room", "by_moving", "beside", "events", "at"}
    if strange or rest.cut(len("find"), len(rest.head)).lower() not in ("", "time"):
        return unclear
    return args | ({"minutes": minutes} if minutes else {})
