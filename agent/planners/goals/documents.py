"""Sending a document to people who are named: "send Ann the floor plan", "email the lease to Bo, cc Marta".

The newest version that is found is attached to a mail, which is asked about like any other. What is said to
be a mail is forwarded (`mail.forward`), and so is what is said to be forwarded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from deskhand.agent.planners.goals.askers import named_so
from deskhand.agent.planners.steps import no_mail, ref
from deskhand.agent.planners.words.people import Listed, copies, listed, mailboxes, names, origin, whole
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import sentence
from deskhand.agent.plans.language import Plan, Step, Unclear

_VERB = re.compile(r"(?:send|e-?mail|mail|share|shoot|get|give)\s+(?:over\s+|across\s+)?", re.I)
_ATTACH = re.compile(
    r"(?:attach|add|put)\s+(?P<what>.+?)\s+(?:to|in|into)\s+an?\s+(?:new\s+)?(?:e-?mail|mail|message)\s+(?:to|for)\s+",
    re.I,
)
_AND = re.compile(r"[\s,]+(?:and)?\s*$", re.I)
_TO = re.compile(r"\s+(?:over\s+|across\s+|on\s+)?(?:to|with)\s+", re.I)
_PAPER = "|".join(
    w for w in LEXICON["paper"].split("|") if w not in ("note", "offer", "page", "minutes", "quote")
)
_DOCUMENT = re.compile(rf"\b(?:{_PAPER}|attachment|copy)s?\b", re.I)
_DEFINITE = re.compile(r"(?:the|our|\S+['’]s)\s|(?:newest|latest|final|current)\s", re.I)
_ANY = re.compile(r"(?:document|doc|file|paper|attachment|version|copy|pdf|page|plan|report|offer)s?", re.I)
"""What names no document by itself."""
_NO_DOCUMENT = re.compile(
    r"\b(?:e-?mails?|mails?|messages?|threads?|notes?|letters?|newsletters?|repl(?:y|ies)|answers?|conversation|"
    r"invit\w+|calendar|agenda|schedule|digest|briefing|summar\w+|recap|overview|gist|times?|slots?|dates?|options?|"
    r"reminders?|thanks?|thank|apolog\w+|regards|greetings|wishes|love|address|number|link|details|results?|updates?|"
    r"news|outcome|changes|differences|same|attachments?|it|this|that|them|one|ones|what|who|whom|which|when|where|how|"
    r"why|if|i|we|he|she|they|you|is|are|was|were|has|have|last|all|everything|list|lists|from|about)\b",
    re.I,
)
"""What is no document, or is found in another way."""
_ON = re.compile(r"\b(?:forward\w*|fwd|pass|(?:e-?)?mails?\s+(?:from|about)|threads?)\b", re.I)
_LIST = re.compile(
    r"\b(?:price|check|guest|packing|parts|stock|reading|to-do)[\s-]?lists?\b|\bone-pager\b", re.I
)
_WORDS = 5
"""Words that the name of a document has at most."""


def send(request: Request) -> Plan | Unclear | None:
    """The newest version goes to each who is named, attached to one mail."""
    found = None if request.quotes else _taken(request)  # what is quoted is a text
    if found is None:
        return None
    what, to, cc = found
    part = Request.of(what, request.known)
    name = named_so(part)
    if not name or _ANY.fullmatch(name) or len(name.split()) > _WORDS or any(t.start for t in part.times):
        return None
    boxes = mailboxes(request, [to])
    if isinstance(boxes, Unclear):
        return boxes
    beside = mailboxes(request, cc)
    if isinstance(beside, Unclear):
        return beside
    place = request.known.place("mail.send")
    if place is None or not boxes:
        return no_mail("mail.send", request.known) if boxes else None
    text = request.body or f"Here is the newest version of the {name}."
    find: dict[str, Any] = {"about": name, "kinds": ["document"]}
    args: dict[str, Any] = {
        "source": place.alias, "to": boxes, "subject": sentence(name), "body": f"{sentence(text)}\n",
        "attachments": [{"ref": ref("document", "ref"), "version": ref("document", "version")}],
    }  # fmt: skip
    origins = {"source": "assistant", "to": origin(request, boxes), "attachments": "assistant"}
    origins |= {} if request.body else {"body": "assistant"}
    if beside:
        args["cc"], origins["cc"] = beside, origin(request, beside)
    return Plan(
        request=request.original,
        objective=f"Send the newest version of “{name}” to {names([*boxes, *beside])}.",
        steps=(
            Step(id="document", op="item.find", args=find, purpose="find the document"),
            Step(id="mail", op="mail.send", args=args, origins=origins, purpose="send it"),
        ),
    )


def is_document(what: str) -> bool:
    """Whether words call something by a name that a document has: "the lease", "our price list"."""
    rest = _LIST.sub(" ", what.strip())
    if _NO_DOCUMENT.search(re.sub(r"^(?:this|that)\s", "", rest, flags=re.I)):
        return False
    return (
        _DOCUMENT.search(rest) is not None
        or rest != what.strip()
        or _DEFINITE.match(what.strip()) is not None
    )


def sent(plain: str, slots: Sequence[tuple[str, str]], words: str) -> str:
    """What was taken for something to be forwarded, as a document that is sent; "" where it is a mail."""
    item = next((text for name, text in slots if name == "item"), "")
    if not item or _ON.search(words) or not is_document(item):
        return ""
    return re.sub(r"^forward\b", "send", plain)


def _taken(request: Request) -> tuple[str, Listed, list[Listed]] | None:
    """What is sent, to whom, and who gets a copy; None where it is no document that is sent."""
    head, cc = request.head, copies(request)
    end = min((whole(request, one)[0] for one in cc), default=len(head))
    if m := _ATTACH.match(head):
        to = listed(request, m.end())
        return (m["what"], to, cc) if to.people and not _AND.sub("", head[to.span[1] : end]) else None
    verb = _VERB.match(head)
    if verb is None:
        return None
    first = listed(request, verb.end())
    if first.people:
        what, to = _AND.sub("", head[first.span[1] : end]).strip(" ,"), first
    else:
        behind = [(m, listed(request, m.end())) for m in _TO.finditer(head, verb.end(), end)]
        behind = [(m, one) for m, one in behind if one.people or one.unknown]
        if not behind:
            return None
        at, to = behind[0]
        what = head[verb.end() : at.start()].strip(" ,")
        if _AND.sub("", head[to.span[1] : end]):
            return None
    return (what, to, cc) if what and is_document(what) else None
