"""Sending a document to whoever asked for it: "send the newest version of the proposal to all who asked"."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from deskhand.agent.planners.steps import no_mail, ref
from deskhand.agent.planners.words.mails_meant import MORE, between, past
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import sentence, tidy
from deskhand.agent.plans.language import Plan, Ref, Step, Unclear

_GIVE = r"(?:send|share|give|forward|e-?mail|mail|pass|distribute|provide|get|hand)"
_ASKED = (
    r"(?:(?:['’]ve\s+|have\s+|had\s+|has\s+)?(?:been\s+)?(?:asked|asking|requested|requesting|wanted|inquired)"
    r"(?:\s+(?:me|us))?(?:\s+(?:for|about))?)"
)
_WHO = (
    r"(?:who(?:ever)?|that|everyone|everybody|all|anyone|anybody|those|people|folks|others|somebody|someone)"
)
_ASKERS = re.compile(rf"\b{_WHO}\s*{_ASKED}\b|\bwho\s+{_ASKED}\b", re.I)
_DOCUMENT = (
    re.compile(rf"\b{_ASKED}\s+(?P<doc>.+?)(?=\s+(?:should|shall|must|gets?|to get)\b|\s*[.,:;?!]|$)", re.I),
    re.compile(
        rf"\b{_GIVE}\s+(?:out\s+|round\s+|around\s+)?(?P<doc>.+?)\s+(?:out\s+)?(?:to|with)\s+(?:{_WHO}|the)\b",
        re.I,
    ),
    re.compile(r"\bpromised\s+(?P<doc>.+?)\s+to\b", re.I),
)
_VERSION = re.compile(
    r"\b(?:the\s+)?(?:newest|latest|last|current|most recent|recent|new|final|up[- ]to[- ]date)\b"
    r"(?:\s+(?:version|copy|one|edition|revision|draft|state)\b)?(?:\s+of\b)?|\b(?:a\s+)?copy of\b",
    re.I,
)
_NO_NAME = frozenset(
    {"it", "this", "that", "one", "them", "these", "for", "me", "us", "copy", "version", "draft"}
)
_ASKED_ABOUT = re.compile(r"\b(?:asked|asking|requested|inquired)(?:\s+(?:me|us))?\s+about\b", re.I)
_TO_COME = re.compile(r"\b(?:should|shall|will|must|now)\b|:", re.I)
"""Words that speak of what is to come; when they asked is over."""
_SENDS = re.compile(rf"\b(?:{_GIVE}|should get|gets?)\b", re.I)
_BACK = timedelta(days=90)
"""Who asked longer ago than this is not meant where no time is said."""


def send(request: Request) -> Plan | Unclear | None:
    """The newest version goes to each who asked for it, in a mail of its own that is asked about."""
    text = request.text
    if not _ASKERS.search(text) or not _SENDS.search(text):
        return None
    if MORE.search(text):
        return None
    about = _document(request, text)
    if about is None:
        return None
    if not about:
        return Unclear(
            message="Which document shall I send to those who asked?",
            choices=("send the newest version of the proposal to everybody who asked for it this month",),
        )
    place = request.known.place("mail.send")
    if place is None:
        return no_mail("mail.send")
    called = _sent(request, text) or about
    part = Request.of(f"what was asked {_TO_COME.sub(' ', text)}", request.known)
    when = between(part, past(part))
    since = when or {"since": (request.known.now - _BACK).isoformat()}
    told = "" if when else ", in the last 90 days"
    find = {"about": called, "kinds": ["document"]}
    mails: dict[str, Any] = {"about": about, "direction": "in", **since}
    asked = {
        "item": ref("document"), "messages": ref("mails", "messages"), "count": ref("mails", "count"),
        "about": about,
    }  # fmt: skip
    mail = {
        "source": place.alias, "to": ref("each", "to"), "subject": sentence(called),
        "body": f"Here is the newest version of the {called}, as you asked.\n",
        "attachments": [{"ref": ref("document", "ref"), "version": ref("document", "version")}],
    }  # fmt: skip
    return Plan(
        request=request.original,
        objective=f"Send the newest version of “{called}” to each who asked for it{told}.",
        steps=(
            Step(id="document", op="item.find", args=find, purpose="find the document"),
            Step(id="mails", op="message.list", args=mails, purpose="find the mails about it"),
            Step(id="asked", op="document.askers", args=asked, purpose="see who asked for it"),
            Step(
                id="mail", op="mail.send", args=mail, for_each=Ref(ref="asked", path="askers"),
                notes=Ref(ref="each", path="notes"), purpose="send it",
                origins={"source": "assistant", "body": "assistant", "attachments": "assistant"},
            ),
        ),
    )  # fmt: skip


def _sent(request: Request, text: str) -> str:
    """The document that is sent, where it is called otherwise than what they asked about; else ""."""
    m = _DOCUMENT[1].search(text) if _ASKED_ABOUT.search(text) else None
    part = Request.of(m["doc"], request.known) if m else None
    return "" if part is None else part.quotes[0] if part.quotes else named_so(part)


def _document(request: Request, text: str) -> str | None:
    """What is to be sent, as the person calls it; None where nothing is said of it, "" where unclear."""
    found = False
    for pattern in _DOCUMENT:
        for m in pattern.finditer(text):
            found = True
            part = Request.of(m["doc"], request.known)
            name = part.quotes[0] if part.quotes else named_so(part)
            if name:
                return name
    return "" if found else None


def named_so(part: Request) -> str:
    """What a document is called, without which version of it, and when that was."""
    head = part.head
    for time in sorted(past(part), key=lambda t: -t.span[0]):
        head = f"{head[: time.span[0]]} {head[time.span[1] :]}"
    words = tidy(_VERSION.sub(" ", head)).split()
    while words and words[0].lower() in _NO_NAME:
        words.pop(0)
    while words and words[-1].lower() in _NO_NAME:
        words.pop()
    return tidy(" ".join(words))
