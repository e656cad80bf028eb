"""Goals of a correspondence that goes on: ask again, remind of something, thank for the last mail."""

from __future__ import annotations

import re
from typing import Any

from deskhand.agent.planners.steps import no_mail, ref
from deskhand.agent.planners.words.directory import Named
from deskhand.agent.planners.words.people import listed, nobody, origin, which
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import tidy
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear

_WHOM = re.compile(
    r"(?:chase(?: up)?|nudge|ping|prod|poke|remind|ask|write(?: to)?|mail|e-?mail|send|drop|"
    r"(?:follow[ -]up|check (?:back|in)|chase (?:this )?up)(?: again)?\s+with)\s+",
    re.I,
)
_AGAIN = re.compile(r"[\s,]*\b(?:once (?:more|again)|one more time|again|a second time)\b", re.I)
_ABOUT = re.compile(r"\s*\b(?:about|regarding|concerning|on|re|over)\s+(?P<what>.+)$", re.I)
_FOR = re.compile(r"\s*\b(?P<for>for|of)\s+(?P<what>.+)$", re.I)
_A_NUDGE = re.compile(r"^\s*(?:an?|the|another)?\s*(?:\w+\s+)?(?:reminder|nudge)\b", re.I)
_ASKS_AGAIN = re.compile(r"ask\s+(?:again|once more)\b\s*(?P<rest>.*)$", re.I)
_THIRD = re.compile(r"\b(?:him|her|his|their|them|he|she|they|it|i|me|my|mine|we|us|our)\b", re.I)
_THANKS = re.compile(
    r"(?:say\s+(?:thank you|thanks|thank-you)(?:\s+(?:to|again to))?|thank|"
    r"(?:send|write|drop|give)\s+(?=.+\b(?:thank[ -]you|thanks)\b))\s*",
    re.I,
)
_THANKED = re.compile(
    r"\s*(?:(?:an?|my|our)?\s*(?:\w+\s+)?(?:thank[ -]you|thanks)(?:\s+(?:note|mail|e-?mail|message|reply))?)?"
    r"(?:\s*(?:for|on)\s+(?:(?:his|her|their|the|that|this)\s+)?(?:(?:last|latest|newest)\s+)?"
    r"(?:mail|e-?mail|message|answer|reply|response))?\s*$",
    re.I,
)

_THEN = re.compile(
    r"(?:on|at|in|tomorrow|next|this|tonight|later|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b", re.I
)
_OF_MEETING = re.compile(rf"(?:{LEXICON['meeting']})s?(?:\s+(?:on|at|in))?$", re.I)
_BY = re.compile(r"\b(?:by|until|till|before|after|since|from|of|for)$", re.I)
_THANK_WHOM = Unclear(message="Thank whom?", choices=("thank Bo for the offer",))


def nudge(request: Request) -> Plan | Unclear | None:
    """ "ask Marta again for the figures", "chase Bo about the offer", "remind Bo about the offer"."""
    if request.body:
        return None
    head = request.head
    if m := _ASKS_AGAIN.match(head):
        head = f"ask {m['rest']} again"
        request = Request.of(head, request.known)
        if not request.named:
            return Unclear(
                message="Ask whom again, and about what?", choices=("ask Bo again about the offer",)
            )
    verb = _WHOM.match(head)
    who = _one(request, verb.end()) if verb else None
    if verb is None or who is None:
        return None
    if isinstance(who, Unclear):
        return who
    rest = head[who.span[1] :]
    said = verb.group().lower()
    asks = said.startswith(("ask", "write", "mail", "e", "send", "drop"))
    reminder = _A_NUDGE.match(rest)
    if asks and not _AGAIN.search(rest) and not reminder:
        return None  # "ask Bo about the offer": that is a first mail, and its words are not said
    rest = _AGAIN.sub(" ", rest[reminder.end() :] if reminder else rest)
    what = _what(rest, reminds=said.startswith("remind") or reminder is not None)
    if what is None:
        return None
    if (question := _when(request, who.span[1])) is not None:
        return question
    place = request.known.place("mail.send")
    if place is None:
        return no_mail("mail.send")
    about, words = what
    box = who.mailbox.model_dump()
    args: dict[str, Any] = {"person": box["address"], "name": box["name"], "source": place.alias}
    args |= {n: v for n, v in (("about", about), ("what", words)) if v}
    parts = {n: ref("words", n) for n in ("subject", "body", "answers")}
    return Plan(
        request=request.original,
        objective=f"Ask {who.words} again{f' about “{about}”' if about else ''}, below your last mail.",
        steps=(
            Step(
                id="words", op="mail.nudge", args=args, purpose="write it below the last mail",
                origins={"source": "assistant", "name": origin(request, [box])},
            ),
            Step(
                id="mail", op="mail.send", args={"source": place.alias, "to": [box], **parts},
                origins={"source": "assistant", "to": origin(request, [box])},
                notes=Ref(ref="words", path="notes"), purpose="ask again",
            ),
        ),
    )  # fmt: skip


def thank(request: Request) -> Plan | Unclear | None:
    """ "thank Marta", "say thank you to Bo": a reply to their newest mail. With a reason it is a new mail."""
    if request.head.lower() == "say" and "thank" in request.original.lower():
        return _THANK_WHOM  # the courtesy at its end was taken off
    verb = _THANKS.match(request.head)
    if verb is None or request.body:
        return None
    who = _one(request, verb.end())
    if who is None:
        alone = not request.head[verb.end() :].strip(" .!")
        return _THANK_WHOM if alone else None
    if isinstance(who, Unclear) or not _THANKED.fullmatch(request.head, who.span[1]):
        return who if isinstance(who, Unclear) else None
    place = request.known.place("mail.send")
    if place is None:
        return no_mail("mail.send")
    parts = {n: ref("text", n) for n in ("to", "cc", "subject", "body", "answers", "attachments")}
    find = {"kinds": ["message"], "received": True, "person": who.key}
    return Plan(
        request=request.original,
        objective=f"Thank {who.words}, in answer to the last mail.",
        steps=(
            Step(id="found", op="item.find", args=find, purpose="find the last mail"),
            Step(
                id="text", op="mail.compose_reply", args={"message": ref("found"), "body": "Thank you.\n"},
                origins={"body": "assistant"}, purpose="put it together",
            ),
            Step(
                id="mail", op="mail.send", args={"source": place.alias, **parts},
                origins={"source": "assistant"}, purpose="send it",
            ),
        ),
    )  # fmt: skip


def _when(request: Request, start: int) -> Unclear | None:
    """The question whether it is written now or then: "remind Marta about the budget on Thursday morning".

    Not where the day is that of a meeting: "remind Marta of the meeting on Thursday".
    """
    for time in request.times:
        if time.kind not in ("instant", "interval") or time.span[0] < start or time.start is None:
            continue
        if time.start <= request.known.now or not _THEN.match(request.head, time.span[0]):
            continue
        before = request.head[start : time.span[0]].rstrip()
        if _OF_MEETING.search(before) or _BY.search(before):
            continue
        rest = f"{request.head[: time.span[0]].rstrip()} {request.head[time.span[1] :].strip()}".strip()
        return Unclear(
            message=f"Shall it be written now, or {time.text}? I write at once, and what repeats on a "
            "schedule, but nothing once at a later time; nothing was sent. For a mail now leave out "
            f"“{time.text}”, or put what it is about in quotation marks.",
            choices=(re.sub(r"\s+(?:on|at|in)$", "", rest),),
        )
    return None


def _one(request: Request, at: int) -> Named | Unclear | None:
    """The one person named at a place; None where nobody is."""
    there = listed(request, at)
    if there.unknown is not None:
        return nobody(request, there.unknown)
    if len(there.people) != 1:
        return None
    (who,) = there.people
    return who if who.clear else which(request, who)


def _what(rest: str, *, reminds: bool) -> tuple[str, str] | None:
    """What it is about, and how that stands in the sentence; None where more is said than can be kept."""
    rest = rest.strip(" .,!")
    if not rest:
        return "", ""
    if m := _ABOUT.fullmatch(rest):
        about = tidy(m["what"])
        words = f"of the {about}" if reminds else f"about the {about}"
        words = words if re.match(r"(?:the|our|your)\s", m["what"], re.I) else words.replace(" the ", " ", 1)
    elif m := _FOR.fullmatch(rest):
        about, words = tidy(m["what"]), f"{m['for'].lower()} {m['what'].strip()}"
    else:
        return None
    return None if _THIRD.search(words) else (about, words)
