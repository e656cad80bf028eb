"""Goals about mail: draft, send, reply, forward. Nothing is written that the person did not say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from deskhand.agent.planners.goals.digests import digest_plan
from deskhand.agent.planners.steps import no_mail, ref
from deskhand.agent.planners.words.hearing import THIRD, Hearer
from deskhand.agent.planners.words.messages import message
from deskhand.agent.planners.words.people import Listed, copies, listed, mailboxes, names, origin, whole
from deskhand.agent.planners.words.questions import asks
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import sentence, shorter, strip_politeness, tidy
from deskhand.agent.planners.words.unsent import unsent
from deskhand.agent.planners.words.writing import reported, requested, unclear_whom
from deskhand.agent.plans.language import Plan, Step, Unclear

__all__ = ["digest_plan", "forward", "reply", "write"]

_DRAFT = re.compile(r"\b(?:draft|prepare|compose|write(?! back| to))\b", re.I)
_WRITES = re.compile(
    r"(?:just\s+|quickly\s+)?write\s+(?!(?:me|us|up|an?|the|my|this|that|something)\b)", re.I
)
"""To write somebody words is to send them; a mail that is written may be a draft."""
_OPENING = re.compile(
    r"(?:draft|write|compose|prepare|send|e-?mail|mail|message|drop|shoot|ping|text|tell|let|ask|remind|"
    r"inform|notify|thank)"
    r"(?: off| out| me| up)?\b\s*"
    r"(?:(?:an?|the|my|another)?\s*(?:\w+\s+)??(?:e-?mail|mail|message|note|letter|line|memo|word|reply|"
    r"update|draft)s?\b\s*)?"
    r"(?:to|for)?\b\s*",
    re.I,
)
_FOR_ME = re.compile(
    r"(?:tell|ask|remind|inform|notify|let|text|ping|send|e-?mail|mail|write|message)\s+(?:me|us)\b", re.I
)
_REPLIED = re.compile(
    r",?\s+that\s+((?:i|we|it|he|she|they|the|my|our|this|that|there|you|all|both|"
    r"[A-Z]\w+)\b.+)$",
    re.I,
)
"""What a reply says, where it is reported: "reply to Ann that we agree"."""
_ASKED_FOR = re.compile(
    r"\s*for\s+((?:the|an?|some|his|her|their|our|my)\s+(?!hand\b|help\b|favou?r\b|word\b|moment\b).+)",
    re.I | re.S,
)
_SOMEBODY = re.compile(r"\b(?:he|she|him|her|his|hers|himself|herself)\b", re.I)
_OF_THINGS = re.compile(r"(?:send|write|draft|compose|prepare|drop|shoot)\b", re.I)
_TO = re.compile(r"\bto\s+", re.I)
_SAYS = re.compile(r"[\s,]*(?:and\s+)?(?:just\s+)?say(?:ing)?\b(?!\s*[:“\"«])", re.I)
_THAT = re.compile(
    r"\s*(?:(?:an?|the|another)?\s*(?:\w+\s+)??(?:e-?mail|mail|message|note|letter|line|memo|word|"
    r"update)\b)?\s*"
    r"\b(?:know\s+(?:that\s+)?|that\s+|of the fact that\s+)(.+)$",
    re.I,
)
_TOLD = re.compile(
    r"\s*(?!(?:about|regarding|of|on|how|when|where|why|who|what|if|whether|to)\b)(\w.+)$", re.I
)
_POLITELY = re.compile(r"(?:\w+[\s,!]+){0,2}?(?:can|could|would|will)\s+(?:you|u|ya)\b", re.I)
_POINTS = re.compile(
    r"(?:the|those|these|that|our|all|both)\s+(?:of\s+)?(?:[\w-]+\s+){0,2}?(?:options?|times?|slots?|dates?|lists?|"
    r"results?|answers?|details|news|outcome|findings|numbers?|names?|choices|openings|days?|files?|mails?)\W*$",
    re.I,
)
"""What would be told is only pointed at: "tell her the options" says none."""
_ASKED = re.compile(r"\s*to\s+(.+)$", re.I)
_THANKED = re.compile(r"\s*(for\s+.+)$", re.I)
_SUBJECT = re.compile(
    r"\b(?:about|regarding|concerning|re|(?:with (?:the )?)?subject(?: line)?|on the (?:topic|subject) "
    r"of|titled)\b"
    r":?\s+",
    re.I,
)
_QUOTED_SUBJECT = re.compile(
    r"[\s,]*\b(?:with\s+)?(?:the\s+)?subject(?:\s+line)?\s+(?:“(?P<one>[^”]+)”|\"(?P<two>[^\"]+)\")[\s,]*",
    re.I,
)
_ON = re.compile(r"\bon\s+(?=the\b|our\b|my\b)", re.I)
_ALL = re.compile(r"\b(?:reply|respond|answer|response)(?:\s+to)?[\s-]+(?:all|everyone|everybody)\b", re.I)
_EVERY = re.compile(
    r"\b(?:every|all(?!\s+(?:to|on|in))|each|any)\s+(?:\w+\s+){0,3}?(?:(?:e-?)?mails?|messages?|"
    r"threads?)\b",
    re.I,
)
_SEND_ON = re.compile(r"\b(?:on |along |over )?to\s+", re.I)


def write(request: Request) -> Plan | Unclear | None:
    """ "draft a mail to Ann about the offer: ...", "mail Bo: ...", "tell Ann that ..."."""
    request, held = unsent(request)
    request, titled = _titled(request)
    opening = _OPENING.match(request.head)
    if opening is None or _FOR_ME.match(request.head):
        return None
    cc = copies(request)
    to = listed(request, opening.end())
    if not to.people:
        later = _later(request, opening.end())
        # "send the price list ...": what stands behind these verbs may be a thing.
        name = to.unknown is not None and (request.body or not _OF_THINGS.match(request.head))
        to = later or (to if name else Listed((), (opening.end(), opening.end())))
    boxes = mailboxes(request, [to])
    if isinstance(boxes, Unclear):
        return boxes
    beside = mailboxes(request, cc)
    if isinstance(beside, Unclear):
        return beside
    if not boxes:
        if not request.has("mail", "message", "note", "letter", "mails"):
            return None
        return Unclear(
            lacking=True,
            message="To whom? Name somebody you have corresponded with, or write an address.",
            choices=("draft a mail to ann@example.org about the offer",),
        )
    writes = bool(body_said(request)) and _WRITES.match(request.head) is not None
    drafting = held or (_DRAFT.match(request.head) is not None and not writes)
    op = "mail.draft" if drafting else "mail.send"
    place = request.known.place(op)
    if place is None:
        return no_mail(op, request.known)
    closed = [(opening.start(), opening.end()), to.span, *(whole(request, c) for c in cc)]
    said = _said(request, boxes)
    body = said or (request.quotes[-1] if request.quotes else _words(request, to.span[1], boxes))
    subject = titled or _subject(request, closed, body)
    if not body and not drafting:
        about = f" about {subject}" if subject else ""
        whom = ", ".join(str(b["address"]) for b in boxes)
        if who := unclear_whom(request.head[to.span[1] :]):
            return Unclear(
                lacking=True,
                message=f"Who is “{who}” in “{request.head[to.span[1] :].strip(' ,;')}”? Nothing was "
                f"sent. Name who it is, or put the words behind a colon, as {names(boxes)} shall read them.",
                choices=(f"draft a mail to {whom}{about}",),
            )
        return Unclear(
            lacking=True,
            message=f"What shall I write to {names(boxes)}? Put the words behind a colon, or draft it first.",
            choices=(f"draft a mail to {whom}{about}",),
        )
    args: dict[str, Any] = {"source": place.alias, "to": boxes, "subject": subject, "body": _paragraph(body)}
    origins = {"source": "assistant", "to": origin(request, boxes)}
    if beside:
        args["cc"], origins["cc"] = beside, origin(request, beside)
    return Plan(
        request=request.original,
        objective=f"{'Draft' if drafting else 'Send'} a mail to {names([*boxes, *beside])}.",
        steps=(Step(id="mail", op=op, args=args, origins=origins, purpose="write the mail"),),
    )


def body_said(request: Request) -> str:
    """The words that are to be written, as they were said; "" where they are only spoken of."""
    return request.body or (request.quotes[-1] if request.quotes else "")


def reply(request: Request) -> Plan | Unclear | None:
    """ "reply to the last mail from Bo: thanks", "draft a reply to the thread about the budget: ..."."""
    if _EVERY.search(request.head):
        return Unclear(
            message="I answer one message at a time, not all there are; nothing was sent. Say whose it is, "
            "or what it is about.",
            choices=("reply to the last mail from Bo: thanks",),
        )
    request, held = unsent(request)
    body = request.body or (request.quotes[-1] if request.quotes else "")
    if not body and (m := _REPLIED.search(request.head)) is not None:
        if _SOMEBODY.search(m[1]):
            return Unclear(
                message=f"Say it word for word, behind a colon: “{m[1]}” would be sent as it stands.",
                choices=(f"{request.head[: m.start()]}: {m[1]}",),
            )
        request, body = replace(request, head=request.head[: m.start()]), m[1]
    drafting = held or _DRAFT.match(request.head) is not None or not body
    op = "mail.draft" if drafting else "mail.send"
    place = request.known.place(op)
    if place is None:
        return no_mail(op, request.known)
    find = message(request, end=len(request.head), quoted=bool(request.body))
    if isinstance(find, Unclear):
        return find
    args = {"body": _paragraph(body), "everybody": _ALL.search(request.head) is not None}
    return _answering(request, op, place.alias, find, "mail.compose_reply", args)


def forward(request: Request) -> Plan | Unclear | None:
    """ "forward the last mail from Bo to Ann: please have a look"."""
    op = "mail.send"
    place = request.known.place(op)
    if place is None:
        return no_mail(op, request.known)
    if _EVERY.search(request.head):
        return Unclear(
            message="I forward one message at a time, not all there are; nothing was sent. Say whose it is, "
            "or what it is about.",
            choices=("forward the last mail from Bo to Ann",),
        )
    verb = len(request.head) - len(request.head.split(maxsplit=1)[-1])
    first = listed(request, verb)  # "forward Ann the last mail from Bo"
    if first.people:
        to, end = first, len(request.head)
        begin = first.span[1]
    else:
        behind = [(m, listed(request, m.end())) for m in _SEND_ON.finditer(request.head)]
        behind = [(m, one) for m, one in behind if one.people or one.unknown]
        if not behind:
            return Unclear(message="Forward it to whom?", choices=(f"{request.head} to ann@example.org",))
        (m, to), begin = behind[-1], verb
        end = m.start()
    boxes = mailboxes(request, [to])
    if isinstance(boxes, Unclear):
        return boxes
    find = message(request, begin=begin, end=end, quoted=bool(request.body))
    if isinstance(find, Unclear):
        return find
    args = {"to": boxes, "body": _paragraph(request.body)}
    return _answering(request, op, place.alias, find, "mail.compose_forward", args)


def _answering(
    request: Request, op: str, source: str, find: dict[str, Any], compose: str, args: dict[str, Any]
) -> Plan:
    tied = ("answers",) if compose.endswith("reply") else ("answers", "forwards")
    parts = {n: ref("text", n) for n in ("to", "cc", "subject", "body", *tied, "attachments")}
    verb = {"mail.draft": "Draft", "mail.send": "Send"}[op]
    what = "a reply to" if compose.endswith("reply") else "on"
    which = f"about “{find['about']}”" if find["about"] else f"from {find['person']}"
    return Plan(
        request=request.original,
        objective=f"{verb} {what} the message {which}.",
        steps=(
            Step(id="found", op="item.find", args=find, purpose="find the message"),
            Step(id="text", op=compose, args={"message": ref("found"), **args}, purpose="put it together"),
            Step(
                id="mail", op=op, args={"source": source, **parts}, origins={"source": "assistant"},
                purpose=f"{verb.lower()} it",
            ),
        ),
    )  # fmt: skip


def _later(request: Request, start: int) -> Listed | None:
    """Those behind a "to" further on: "send a mail about the offer to Ann"."""
    for m in _TO.finditer(request.head, start):
        one = listed(request, m.end())
        if one.people or (one.unknown and request.has("mail", "message", "note", "letter")):
            return Listed(one.people, (m.start(), one.span[1]), one.unknown)
    return None


def _words(request: Request, end: int, boxes: list[dict[str, Any]]) -> str:
    """What is to be said, out of reported speech behind the people ("that I am late"); "" if unclear."""
    rest = request.head[end:]
    verb = request.said.split(" ", 1)[0]
    hearer = _hearer(request, rest, boxes)
    if _POLITELY.match(request.original):
        rest = rest.rstrip("? ")  # it asks whether it may be asked for, and is no part of the text
    if m := _THAT.match(rest):
        return "" if _POINTS.match(m.group(1)) else reported(m.group(1), hearer)
    if verb in ("tell", "inform", "notify") and (m := _TOLD.match(rest)):
        return "" if _POINTS.match(m.group(1)) else reported(m.group(1), hearer)
    if verb == "ask" and asks(rest):
        return requested(rest, hearer)
    if verb == "ask" and (m := _ASKED_FOR.match(rest)):
        return f"Could I have {what}, please?" if (what := reported(m.group(1), hearer)) else ""
    if verb in ("ask", "remind", "tell") and (m := _ASKED.match(rest)):
        return requested(m.group(1), hearer)
    if verb == "thank" and (m := _THANKED.match(rest)):
        thanked = replace(hearer, asked=True) if hearer is not None else None
        return f"Thank you {words}." if (words := reported(m.group(1), thanked)) else ""
    return ""


def _said(request: Request, boxes: list[dict[str, Any]]) -> str:
    """The text that the wish brings along; of "and say he can come" the one who is "he" is whom it is for."""
    if not _SAYS.match(request.tail) or THIRD.search(request.body) is None:
        return request.body
    if request.directory.named(request.body):
        return request.body  # it may be somebody else who is "he"
    return reported(request.body, Hearer(several=len(boxes) > 1)) or request.body


def _titled(request: Request) -> tuple[Request, str]:
    """The wish without the subject that is quoted in it, and that: "..., subject “Lease”, that we sign"."""
    m = _QUOTED_SUBJECT.search(request.head)
    if m is None:
        return request, ""
    words = f"{request.head[: m.start()]} {request.head[m.end() :]}".strip()
    return replace(request, head=words), (m["one"] or m["two"]).strip()


def _hearer(request: Request, rest: str, boxes: list[dict[str, Any]]) -> Hearer | None:
    """Who "he" is in what is written; None where somebody else is named in it, or was spoken of before it."""
    first = strip_politeness(request.original).casefold().split(maxsplit=1)[:1]
    if request.directory.named(rest) or first != request.head.casefold().split(maxsplit=1)[:1]:
        return None
    return Hearer(several=len(boxes) > 1)


def _subject(request: Request, closed: list[tuple[int, int]], body: str) -> str:
    """The subject that was said, else the first words of the text."""
    if request.quotes and request.quotes[0] != body:
        return request.quotes[0]
    for pattern in (_SUBJECT, _ON):
        if m := pattern.search(request.head):
            spans = [s for s in closed if s[0] >= m.end()]
            text = request.head[m.end() :]
            for first, last in sorted(spans, reverse=True):
                text = text[: first - m.end()] + text[last - m.end() :]
            reported_in = bool(body) and THIRD.search(text)  # "that it is about his contract"
            if (said := tidy(text)) and said not in body and not reported_in:
                return sentence(said)
    return sentence(shorter(body))


def _paragraph(text: str) -> str:
    return f"{sentence(text)}\n" if text else ""
