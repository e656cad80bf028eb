"""Which messages a wish means: the arguments of `message.list` out of its words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from deskhand.agent.planners.words.people import listed, nobody, which
from deskhand.agent.planners.words.phrases import COUNTS, words
from deskhand.agent.planners.words.request import PAST, Request
from deskhand.agent.planners.words.tidying import tidy
from deskhand.agent.plans.language import Unclear
from deskhand.agent.times import Reading

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "last|this|next|yesterday|today|20\\d\\d|q[1-4]"
)
_OF_A_TIME = re.compile(rf"\bof\s+(?=(?:{_MONTHS})\b)", re.I)
_NEWEST = re.compile(
    r"\b(?:last|latest|newest|most recent)\s+(?=(?:e-?mail|mail|message|one|note|letter)\b)", re.I
)
_NEWEST_OF = re.compile(
    rf"\b(?:last|latest|newest|most recent)\s+(?P<n>{'|'.join(COUNTS)}|[1-9]\d?)\s+(?=(?:e-?mails|mails|"
    rf"messages|ones|notes|letters)\b)",
    re.I,
)
_OUT = re.compile(r"\bi(?:['’]ve| have)?\s+(?:sent|wrote|mailed|e-?mailed|written|forwarded)\b", re.I)
_TO = re.compile(r"\bto\s+$", re.I)
_FOLDER = re.compile(
    r"\b(?:in|from|of)\s+(?:the|my)\s+(?:folder\s+(?P<one>\w+)|(?P<two>\w+)\s+folder)\b", re.I
)
_FROM = re.compile(r"\b(?:from|by)\s+(?=[^\W\d_a-z])")
MORE = re.compile(
    r"(?:\b(?:and|then|but)|[,;.])\s+(?:then\s+|also\s+|please\s+)*(?:book|schedule|arrange|move|cancel|"
    r"decline|"
    r"accept|tell|let|inform|remind|ask|call|file|save|put|draft|reply|answer|thank|forward|summari[sz]e|"
    r"find|"
    r"delete|trash|hold|block|pause)\b",
    re.I,
)
"""Another wish behind the first: who takes a whole sentence leaves this one to those who take it apart."""
_UNREAD = re.compile(
    r"\b(?:unread|unseen|unopened)\b|\b(?:that\s+|which\s+)?i\s+(?:have(?:n['’]t|\s+not)|did(?:n['’]t|"
    r"\s+not))\s+"
    r"(?:yet\s+)?(?:read|open(?:ed)?|seen|look(?:ed)?\s+at)(?:\s+yet)?\b",
    re.I,
)
_NOISE = words(
    """
    the a an all every each any some of from by in on to with within about regarding concerning that which who
    whatever everything anything was were is are be been has have had attached attachment attachments enclosed
    mail mails email emails e-mail e-mails message messages note notes letter letters sent send got get
    received receive came come arrived wrote written me us i my our you your out and for it them this these
    those did do there last latest newest recent most between thread threads conversation file files one ones
    old new only spam junk containing contain contains mentioning mention mentions says say please into under
    """
)


def meant(text: str, request: Request, *, direction: str = "in") -> dict[str, Any] | Unclear:
    """What is said of messages in a part of a wish: by whom, about what, since when, in which folder.

    What is left when people, times and words for mail are taken out is what they are about. Empty where
    nothing tells one from another.
    """
    part = Request.of(_OF_A_TIME.sub("in ", text), request.known)
    args: dict[str, Any] = {}
    spans: list[tuple[int, int]] = []
    if part.named:
        who = part.named[0]
        if not who.clear:
            return which(request, next((n for n in request.named if n.words == who.words), who))
        args["person"] = who.key
        spans += [n.span for n in part.named]
        if not who.possessive and _TO.search(part.head, 0, who.span[0]):
            direction = "out"
    else:
        for m in _FROM.finditer(part.head):
            unknown = listed(part, m.end()).unknown
            if unknown is not None and not any(t.span[0] <= unknown[0] < t.span[1] for t in past(part)):
                name = part.head[slice(*unknown)]
                at = request.head.find(name)
                return nobody(request, (at, at + len(name)) if at >= 0 else (0, 0))
    if folder := _FOLDER.search(part.head):
        args["folder"] = folder["one"] or folder["two"]
        spans.append(folder.span())
    if _OUT.search(part.head):
        direction = "out"
    if direction:
        args["direction"] = direction
    times = past(part)
    args |= between(part, times)
    spans += [t.span for t in times]
    unread = next((m for m in _UNREAD.finditer(part.head) if not part.closed(*m.span())), None)
    if unread is not None:
        args["unread"] = True
        spans.append(unread.span())
    if newest := _NEWEST.search(part.head):
        args["newest"] = 1
        spans.append(newest.span())
    elif several := _NEWEST_OF.search(part.head):
        args["newest"] = COUNTS.get(several["n"].lower()) or int(several["n"])
        spans.append(several.span())
    about = part.quotes[0] if part.quotes else _left(part.head, spans)
    if about:
        args["about"] = about
    return args


def past(part: Request) -> tuple[Reading, ...]:
    """The times of words that look back."""
    found = part.times_in(0, len(part.head), lead=PAST)
    return tuple(t for t in found if t.kind in ("interval", "instant") and t.start)


def between(part: Request, times: tuple[Reading, ...]) -> dict[str, Any]:
    """`since` and `until` of the first time; one that goes on until now has no end."""
    now = part.known.now
    time = next((t for t in times if t.start and t.start <= now), None)
    if time is None or time.start is None:
        return {}
    args: dict[str, Any] = {"since": time.start.isoformat()}
    if time.end is not None and time.end < now:
        args["until"] = time.end.isoformat()
    return args


def described(args: dict[str, Any]) -> str:
    """Which messages they are, in words."""
    said = ["that are unread"] if args.get("unread") else []
    if args.get("about"):
        said.append(f"about “{args['about']}”")
    if args.get("person"):
        said.append(f"{'to' if args.get('direction') == 'out' else 'from'} {args['person']}")
    if "since" in args:
        first = datetime.fromisoformat(args["since"])
        last = datetime.fromisoformat(args["until"]) - timedelta(days=1) if "until" in args else None
        if last is None:
            said.append(f"since {first:%d %b %Y}")
        else:
            said.append(f"of {first:%d %b %Y}" + (f" to {last:%d %b %Y}" if last > first else ""))
    if args.get("folder"):
        said.append(f"in {args['folder']}")
    return " ".join(said)


def tells(args: dict[str, Any]) -> bool:
    """Whether something tells the messages that are meant from any others."""
    return bool(args.keys() & {"person", "about", "since", "newest", "folder", "unread"})


def _left(head: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        head = f"{head[:start]} {head[end:]}"
    kept = [w for w in head.split() if w.lower().strip(".,;:!?'’\"“”()") not in _NOISE]
    return tidy(" ".join(w for w in kept if w.lower() not in ("'s", "’s")))
