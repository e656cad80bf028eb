"""What a wish chooses by and a plan does nothing of: "unread", "with external people", "but at Ann's office".

Seen from outside: the words stand in the wish, and no argument of the plan says the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deskhand.agent.planners.checks.accounting import timed
from deskhand.agent.planners.checks.asking import left_out
from deskhand.agent.planners.checks.plan_shown import Again, same, shown
from deskhand.agent.planners.words.common import stem
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Unclear

_AGENDA = frozenset({"calendar.agenda"})
_MAILS = frozenset({"threads.waiting", "message.list", "item.find"})
_LOOKS = _AGENDA | _MAILS | {"document.changes", "item.summarise"}
_NUDGES = frozenset({"mail.nudge"})
_FILES = frozenset({"mail.trash", "mail.move", "mail.flag"})
_CHANGES = frozenset({"event.cancel", "event.update"})


@dataclass(frozen=True, slots=True)
class _Choice:
    """Words by which a wish chooses, and the plans that would do nothing of them."""

    words: re.Pattern[str]
    in_plan: Callable[[Plan, frozenset[str]], bool]
    """Given a plan and its operations, whether it is one of those."""
    unless: tuple[str, ...] = ()
    """Arguments that heed the words, however they are said; else the words themselves have to show."""


_CHOICES = (
    _Choice(
        re.compile(
            r"\b(?:unread|unopened|unseen|(?:have|has|had)(?:n['’]?t| not) (?:yet |even )?(?:read|opened|"
            r"seen|looked at)|"
            r"(?:not|never) (?:yet )?(?:read|opened|seen|looked at)|yet to (?:read|open))\b",
            re.I,
        ),
        lambda _, ops: ops <= _MAILS,
        ("unread",),
    ),
    _Choice(
        re.compile(
            r"\b(?:external|internal|outside people|clients? only|optional|mandatory|recurring|repeating|"
            r"one-off|online|virtual|remote|"
            r"in[- ]person|(?:not|un)confirmed|tentative|private|double[- ]booked|(?:no|without(?: an?)?|"
            r"have an?|has an?) (?:agenda|room|link)|"
            r"longest|shortest|biggest|(?:more|fewer|less) than|(?:i|we) (?:organi[sz]e|accepted|declined|"
            r"could skip|can skip)|"
            r"important)\b",
            re.I,
        ),
        lambda _, ops: ops <= _AGENDA,
    ),
    _Choice(
        re.compile(
            r"\b(?:shorter|longer|smaller|bigger|briefer|earlier|later|differently|less often|more often|"
            r"not so (?:long|often)|"
            r"leave out|leaving out|without|instead|other (?:format|time))\b",
            re.I,
        ),
        lambda _, ops: "digest.compose" in ops,
        ("",),
    ),
    _Choice(
        re.compile(r"\bat (?:the|its) (?:front|beginning|start)\b", re.I),
        lambda made, _: any("longer" in s.args for s in made.steps),
        ("",),
    ),
    _Choice(
        re.compile(r"\b(?:tentative(?:ly)?|provisional(?:ly)?)\b", re.I),
        lambda _, ops: "event.create" in ops,
        ("tentative",),
    ),
    _Choice(
        re.compile(r"\b(?:nicely|politely|kindly)\b(?=\W*$)", re.I),
        lambda _, ops: "invitation.reply" in ops,
        ("",),
    ),
    _Choice(
        re.compile(r"\b(?:invitations?|invites?)\b", re.I),
        lambda _, ops: ops <= {"threads.waiting"},
    ),
    _Choice(
        re.compile(r"\b(?:against|with|to|versus|vs) (?:the )?(?:last|previous)\b", re.I),
        lambda made, ops: "document.changes" in ops and any(s.args.get("until") for s in made.steps),
        ("",),
    ),
    _Choice(
        re.compile(r"\b(?:copying|in (?:copy|cc)|on (?:copy|cc)|b?cc)\b", re.I),
        lambda made, ops: "mail.send" in ops and not any("cc" in s.args for s in made.steps),
        ("",),
    ),
    _Choice(
        re.compile(
            r"\b(?:everything|already (?:told|said|shown|seen|know)|(?:told|showed) me already)\b", re.I
        ),
        lambda _, ops: "digest.compose" in ops,
        ("everything",),
    ),
    _Choice(
        re.compile(r"\b(?:(?:the )?next thing|what(?:['’]s| is) (?:next|first|last))\b", re.I),
        lambda _, ops: bool(ops & _AGENDA),
        ("first", "last"),
    ),
    _Choice(
        re.compile(r"\b(?:how many hours|how much time|in total|altogether|in sum)\b", re.I),
        lambda _, ops: ops <= _AGENDA,
        ("total",),
    ),
    _Choice(
        re.compile(r"\b(?:morning|afternoon|evening|night)(?=s\b)", re.I),
        lambda made, _: any(
            s.op == "slots.find" and not s.args.keys() & {"at", "within"} for s in made.steps
        ),
    ),
    _Choice(
        re.compile(
            r"\b(?:old|older|oldest|recent|newer|big|bigger|large|larger|certain|irrelevant|useless|unimportant|"
            r"boring|duplicate|promotional) (?:e-?mails?|mails?|messages?|ones?|newsletters?|stuff)\b|"
            r"\b(?:some|most|half) of\b",
            re.I,
        ),
        lambda _, ops: bool(ops & _FILES) and "message.list" in ops,
    ),
    _Choice(
        re.compile(r"\bdigests?\b(?! (?:the|this|that|my|all|what)\b)", re.I),
        lambda _, ops: not any(op.startswith(("digest.", "schedule.")) for op in ops),
    ),
    _Choice(
        re.compile(
            r"\b(?:until further notice|for (?:good|ever|now|the time being|the foreseeable future)|"
            r"indefinitely)\b",
            re.I,
        ),
        lambda _, ops: bool(ops & _CHANGES),
        ("series", "following"),
    ),
    _Choice(
        re.compile(r"\b(?:without|with no|that ha(?:s|ve) no|lacking) (?:an?|any|the)\s+\w+", re.I),
        lambda made, _: any(s.args.get("stays") for s in made.steps),
        ("",),
    ),
    _Choice(
        re.compile(
            r"\b(?:accepting|declining|agreeing|refusing|confirming|apologi[sz]ing|thanking|asking|politely|"
            r"nicely|"
            r"congratulating)\b",
            re.I,
        ),
        lambda made, _: any(s.op == "mail.compose_reply" and not s.args.get("body") for s in made.steps),
        ("",),
    ),
    _Choice(
        re.compile(
            r"\b(?:at|in) [\w’'-]+?['’]s (?:office|place|house|desk|flat|home|room|studio|shop)\b", re.I
        ),
        lambda _, ops: any(op.startswith(("event.", "slots.")) for op in ops),
    ),
)
_ABOUT = re.compile(
    r"\b(?:about|regarding|concerning) (?:(?:the|my|our|his|her|their|a|an|any|that|this) )*"
    r"(?P<what>(?!(?:it|them|that|this|him|her|me|us|in|on|at|an?|half)\b|\d)[\w’'-]+(?: [\w’'-]+)?)",
    re.I,
)
_BESIDE = re.compile(
    r"\bthe (?:week|month|weekend|year|day) (?:after|before)\b(?=\W*$| (?:please|thanks))", re.I
)
_NOT_THAT = re.compile(
    r"\b(?:(?:that|which|who)(?: (?:is|are|was|were|do|does|did|has|have|had|can|could|will|"
    r"would))?(?:n['’]?t| not)|"
    r"that['’]s not|who['’]s not)\b(?! (?:on |a |an )?(?:mon|tues?|wed|thu|fri|sat|sun|morning|afternoon|"
    r"evening))",
    re.I,
)
"""A day that is ruled out so is read as a limit."""
_LIMITS = re.compile(
    r"\b(?:(?<!week )(?<!month )(?<!weekend )(?:before|after)|except|without|not|only|but|unless|instead|"
    r"rather|excluding|besides|yet|"
    r"other than)\b",
    re.I,
)
_BUT = re.compile(
    r"[,;]\s*(?:and )?but\b(?! (?:if|when|do ?n['’]?t|do not|nothing|\w+ no(?:thing)?)\b).*$", re.I | re.S
)
_TEXT = re.compile(r":(?=\s)|[“\"«]|\b(?:saying|say)\b", re.I)


def left_aside(request: Request, made: Plan, again: Again) -> Unclear | None:
    """The question about what a wish chooses by, where the plan takes it all, or any.

    :param again: the plan of other words.
    """
    ops = frozenset(s.op for s in made.steps)
    if "question.answer" in ops:
        return None
    text = request.original
    if "schedule.add" in ops:
        return _question(_unkept(text, made))
    front = text[: m.start()] if (m := _TEXT.search(text)) else text
    said = shown(made)
    lost = next(_unheeded(front, made, ops, said), None)
    if (
        lost is None and timed(made) and (m := _NOT_THAT.search(front))
        and same(again, made, f"{text[: m.start()]}that is{text[m.end() :]}")
    ):  # fmt: skip
        lost = text[m.start() :]
    if lost is None and not any(op.startswith("mail.") for op in ops) and (m := _BUT.search(front)):
        lost = m.group(0) if same(again, made, text[: m.start()]) else None
    if lost is None and (m := _BESIDE.search(front)) and m.group().casefold() not in said:
        lost = None if any(a <= m.start() < b for a, b in (t.span for t in request.readings)) else m.group()
    return _question(lost)


def _unheeded(front: str, made: Plan, ops: frozenset[str], said: str) -> Iterator[str]:
    """Words by which a wish chooses, and that show nowhere in its plan."""
    for choice in _CHOICES:
        if choice.in_plan(made, ops) and (m := choice.words.search(front)):
            heeds = choice.unless or (m.group().casefold(),)
            if not any(word and word in said for word in heeds):
                yield m.group()
    if (ops <= _LOOKS or ops & _NUDGES) and (m := _ABOUT.search(front)) and not _shows(m["what"], said):
        yield m.group()


def _question(lost: str | None) -> Unclear | None:
    if lost is None:
        return None
    return left_out(lost.strip(" ,;"))


def _shows(words: str, said: str) -> bool:
    """Whether a plan shows one of the words that say what something is about."""
    return any(stem(w) in said for w in words.casefold().split()) or all(len(w) <= 2 for w in words.split())


def _unkept(text: str, made: Plan) -> str | None:
    """A word that limits, and stands neither in what a schedule does nor in how often."""
    if any(s.args.get("omits") for s in made.steps):
        return None
    kept = " ".join(f"{s.args.get('request')} {s.args.get('words')}" for s in made.steps).casefold()
    found = (m.group() for m in _LIMITS.finditer(text))
    return next((w for w in found if not re.search(rf"\b{w.casefold()}\b", kept)), None)
