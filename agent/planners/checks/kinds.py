"""What a wish is about against what its plan would change: a mail is no event, and an event no mail.

One rule over the object of a wish, the noun that its lookup was left with, and the kind of the writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.connectors.operations import OPERATIONS

_MAIL = "mail|message|thread|conversation|newsletter|correspondence|inbox|draft"
_PAPER = "document|doc|file|folder|attachment|pdf|spreadsheet"
_EVENT = "meeting|event|appointment"
_OTHER = re.compile(rf"(?:e-?mails?|(?:{_MAIL}|{_PAPER})s?|inboxes|correspondence)", re.I)
_MAILS = re.compile(rf"(?:e-?mails?|(?:{_MAIL})s?|inboxes)", re.I)
_EVENTS = re.compile(rf"(?:{_EVENT})s?", re.I)
_ANY_MAIL = re.compile(rf"\b(?:e-?mails?|(?:{_MAIL}|invitation|invite|reply|note)s?|answer)\b", re.I)
_ENDS = re.compile(
    r"\s+(?:from|by|of|about|regarding|concerning|re|on|with|for|to|in|at|that|which|who|and|or|i|he|she|"
    r"they)\b.*$",
    re.I,
)
_FINDS_EVENTS = frozenset({"event.find", "event.list", "invitation.find", "invitation.list"})
_FINDS_MAIL = frozenset({"item.find", "message.list"})
_REMOVES = re.compile(
    r"(?:please\s+)?(?:delete|remove|clear|trash|erase|bin|get\s+rid|throw|scrap|discard|drop)\b", re.I
)


def other_kind(request: Request, made: Plan) -> Unclear | None:
    """The question about a plan that would change another kind of thing than the wish names.

    What stands in quotation marks is a name, of whatever: it is not looked at.
    """
    writes = {s.op for s in made.steps if s.op in OPERATIONS}
    for step in made.steps:
        for about in _abouts(step):
            if any(about.casefold() in q.casefold() for q in request.quotes):
                continue
            noun = _ENDS.sub("", about).split()[-1:]
            if not noun:
                continue
            if step.op in _FINDS_EVENTS and _scheduled(request, about) and _changes(writes, "event."):
                return Unclear(
                    lacking=True,
                    message=f"“{about}” is a schedule of mine, and I would have to change your calendar "
                    f"for it, so nothing was done. "
                    f"Say “pause {about}”, or delete it and say anew when it shall be.",
                )
            if step.op in _FINDS_EVENTS and _OTHER.fullmatch(noun[0]) and _changes(writes, "event."):
                return _no_event(request, noun[0])
            if (
                step.op in _FINDS_MAIL
                and _EVENTS.fullmatch(noun[0])
                and _changes(writes, "mail.")
                and not _ANY_MAIL.search(re.sub(r"^\s*\S+", "", request.head))
            ):
                return _no_mail(request, noun[0])
    return None


def _scheduled(request: Request, about: str) -> bool:
    """Whether an event is called just as something that runs on a schedule."""
    names = {re.sub(r"[\W_]+", " ", name.casefold()) for name in request.known.schedules}
    return re.sub(r"[\W_]+", " ", about.casefold()).removeprefix("the ").removeprefix("my ").strip() in names


def _changes(writes: set[str], kind: str) -> bool:
    return any(op.startswith(kind) for op in writes)


def _abouts(step: Step) -> Iterator[str]:
    about = step.args.get("about")
    if isinstance(about, str) and about.strip():
        yield about.strip()


def _no_event(request: Request, noun: str) -> Unclear:
    head = request.head
    if not _MAILS.fullmatch(noun):
        return Unclear(
            message=f"“{head}” is about “{noun}”, and I would have to change your calendar for "
            "it, so nothing "
            "was done. I do not delete or move documents; an event is meant by its name, in quotation marks "
            f"where it is called like a {_one(noun)}."
        )
    who = next((n for n in request.named if n.clear), None)
    choices: tuple[str, ...] = ()
    if who is not None and request.known.place("mail.trash") is not None and _REMOVES.match(head):
        last = re.search(r"\b(?:last|latest|newest|most recent)\b", head, re.I) is not None
        plural = noun.lower().endswith("s")
        topic = re.search(r"\babout\s+(?:the\s+|my\s+|our\s+)?(?P<what>[\w -]{2,60})$", head, re.I)
        about = f" about {topic['what'].strip()}" if topic else ""
        if last and not plural and not about:
            choices = (f"move the last mail from {who.key} to the trash",)
        else:
            choices = (f"move the mails from {who.key}{about} to the trash",)
    return Unclear(
        message=f"“{head}” is about mail, and I would have to change your calendar for it, so nothing "
        "was done. I "
        "delete no mail; I can move it to the trash, where it can be had back:",
        choices=choices,
    )


def _no_mail(request: Request, noun: str) -> Unclear:
    return Unclear(
        message=f"“{request.head}” is about “{noun}”, and I would have to take some mail for it, "
        "so nothing was "
        "done. Name the mail (“the last mail from Bo”, “the mail about the budget”) or say what shall "
        "become of "
        f"the {_one(noun)}: accept, decline, move or cancel it, invite somebody, mail those who are in it."
    )


def _one(noun: str) -> str:
    low = noun.lower()
    return low[:-1] if low.endswith("s") and not low.endswith("ss") else low
