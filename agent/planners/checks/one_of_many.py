"""How many a wish is about against how many its plan takes: "all her mails" is not the last of them.

A plan that looks for one event or one mail takes the nearest. Where the wish says all of them or several,
that is asked; so is one event for what is said of several ("block my lunch breaks").
"""

from __future__ import annotations

import json
import re
from itertools import pairwise

from deskhand.agent.planners.checks.asking import amiss
from deskhand.agent.planners.words.request import Request
from deskhand.agent.plans.language import Plan, Step, Unclear
from deskhand.connectors.operations import OPERATIONS

_THINGS = (
    r"meetings?|events?|appointments?|calls?|e-?mails?|mails?|messages?|invitations?|invites?|notes?|"
    r"letters?|sessions?|"
    r"reviews?|ones?|syncs?|one-on-ones?|1:1s?|answers?|repl(?:y|ies)|bookings?|entries|of (?:these|those|"
    r"my|the|our|\w+['’]s)"
)
_ALL = re.compile(
    rf"(?<!-)(?<!reply )(?<!reply to )\b(?:(?:all|both|each|every)(?: (?:of )?(?:my|the|our|his|her|their|"
    rf"\w+['’]s|\w+day['’]s|other|single|last|"
    rf"two|three|four|\d+))*(?: [\w’'-]+){{0,2}}? (?:{_THINGS})\b|both of\b(?! (?:them|us|you)\b)|"
    rf"everything\b)",
    re.I,
)
"""All there is, said of things that a plan can look for."""
_WHOEVER = re.compile(
    r"\b(?:everyone|everybody|all|anyone|anybody|those|people|each person) (?:who|that)\b|"
    r"\bwhoever\b(?! (?:sent|wrote)\b)",
    re.I,
)
"""People who are known by what they did."""
_MAILS = re.compile(
    r"\b(?:forward|repl(?:y|ying) to|answer|respond to|pass on)\b[^,;.]*\b(?P<what>(?:e-?mails|mails|"
    r"messages|letters))\b(?! of)",
    re.I,
)
_IN_ALL = re.compile(
    r"\b(?:in|of|at|to) (?:all |each of |any of )?(?:(?:my|the|our|[\w-]+['’]s|today['’]?s|tomorrow['’]?s) )+"
    r"(?:meetings|events|appointments|calls)\b",
    re.I,
)
_OF_A_DAY = re.compile(
    r"\b(?:(?:to-?day|tomorrow|\w+day|morning|afternoon|week)['’]s|\w+day (?:morning|"
    r"afternoon)?) ?(?:meetings|events|appointments|calls)\b",
    re.I,
)
_ONE_WITH = re.compile(r"\band (?:one|another(?: one)?) with\b", re.I)
_PLURAL = re.compile(
    r"(?:^|\s)(?:meetings|events|appointments|one-on-ones|1:1s|1-on-1s|stand-?ups|syncs|interviews|lessons|"
    r"sessions|catch-ups|"
    r"check-ins|workshops|lunches|visits|trainings|calls|reviews)$",
    re.I,
)
_FINDS = frozenset({"event.find", "item.find", "invitation.find"})
_LISTS = frozenset({
    "event.list", "invitation.list", "message.list", "threads.waiting", "calendar.agenda", "slots.together",
    "document.askers", "event.people", "digest.compose",
})  # fmt: skip
_ANSWERS = frozenset({"mail.compose_reply", "mail.compose_forward"})
_TEXT = re.compile(r":(?=\s)|[“\"«]|\b(?:that|saying)\b", re.I)
_TIMES = re.compile(
    r"(?:^|\s)(?:breaks|blocks|slots|sessions|lunches|meetings|calls|hours|mornings|afternoons|evenings|"
    r"visits|workouts|"
    r"appointments|interviews|walks|runs)$",
    re.I,
)
"""What an event of its own is not called."""


def one_of_many(request: Request, made: Plan) -> Unclear | None:
    """The question about a plan that takes one thing, where the wish says several."""
    ops = {s.op for s in made.steps}
    text = request.original
    front = text[: m.start()] if (m := _TEXT.search(text)) else text
    lost: str | None = None
    if (
        not ops & _LISTS
        and ops & OPERATIONS.keys()
        and any(_takes_one(s) and (s.op != "item.find" or ops & _ANSWERS) for s in made.steps)
    ):
        lost = m.group() if (m := _ALL.search(front)) and not _named(m.group(), made) else None
        if lost is None and ops & _ANSWERS and (m := _WHOEVER.search(text)):
            lost = m.group()
    if lost is None and ops & _ANSWERS and "message.list" not in ops and (m := _MAILS.search(front)):
        lost = None if _named(m["what"], made) else m["what"]
    if lost is None and "event.find" in ops and not ops & _LISTS:
        lost = next((str(s.args["about"]) for s in made.steps if _takes_one(s) and _is_plural(s)), None)
        lost = lost or (m.group() if (m := _OF_A_DAY.search(front)) and not _named(m.group(), made) else None)
    if lost is None and any(s.op == "event.find" and s.args.get("series") and _of_any(s) for s in made.steps):
        lost = m.group() if (m := _ALL.search(front)) else None
    if lost is None and sum(s.op == "slots.find" for s in made.steps) == 1 and (m := _ONE_WITH.search(front)):
        lost = m.group()
    if lost is None and "event.people" in ops and (m := _IN_ALL.search(front)) and not ops & {"event.list"}:
        lost = m.group()
    if lost is None:
        lost = next((str(s.args["title"]) for s in made.steps if _one_for_several(s, request)), None)
    if lost is None:
        return None
    return amiss(
        f"“{lost.strip()}” is more than one, and I would take only one", "which, or say it of each by itself"
    )


def _takes_one(step: Step) -> bool:
    return step.op in _FINDS and not step.args.get("series") and not step.args.get("following")


def _of_any(step: Step) -> bool:
    """Whether nothing is said of an event that it could be known by."""
    return not step.args.get("about") and not step.args.keys() & {"person", "at"}


def _is_plural(step: Step) -> bool:
    about = step.args.get("about")
    return isinstance(about, str) and _PLURAL.search(about) is not None


def _one_for_several(step: Step, request: Request) -> bool:
    title = step.args.get("title")
    return (
        step.op ==
            "event.create" and isinstance(title, str) and step.for_each is None and not step.args.get("rrule")
        and title.casefold() not in {q.casefold() for q in request.quotes}
        and _TIMES.search(title) is not None
    )  # fmt: skip


def _named(words: str, made: Plan) -> bool:
    """Whether words are part of what something is called, or of a text."""
    low = words.casefold()
    return any(low in str(v).casefold() for s in made.steps for n, v in s.args.items() if n in _CALLED)


_AND = re.compile(r"\s*(?:,?\s*\band\b|&|\+|\bplus\b)\s*(?:on |at )*", re.I)
_OR = re.compile(r"\s*(?:,|/|\bor\b|,\s*or\b)\s*", re.I)
_SAID = frozenset({"mail.send", "mail.draft", "question.answer", "schedule.add"})
_CALLED = frozenset({"about", "title", "subject", "body", "location", "folder"})


def one_of_two_times(request: Request, made: Plan) -> Unclear | None:
    """The question about two hours either of which will do, where a plan holds only one of them, and
    about two both of which are meant."""
    books = any(s.op == "event.create" for s in made.steps)
    either = sum(s.op == "slots.find" and "within" in s.args for s in made.steps) == 1
    for one, two in pairwise(request.readings):
        dated = all(t.start and not t.negated and t.kind != "duration" for t in (one, two))
        if books and either and dated and _AND.fullmatch(request.head, one.span[1], two.span[0]):
            return amiss(
                f"“{one.text}” and “{two.text}” are two, and I would book one of them",
                "it as two wishes, or “or”",
            )
        if one.kind != "instant" or two.kind != "instant" or one.start is None or two.start is None:
            continue
        if not _OR.fullmatch(request.head, one.span[1], two.span[0]) or request.closed(*two.span):
            continue
        shown = json.dumps([s.args for s in made.steps if s.op not in _SAID], default=str)
        clocks = [f"{t.start.astimezone(request.known.owner.tz):%H:%M}" for t in (one, two) if t.start]
        if sum(clock in shown for clock in clocks) == 1:
            return Unclear(
                message=f"“{one.text}” or “{two.text}”: which of them? Nothing was done.",
                choices=tuple(
                    request.put((one.span[0], two.span[1]), said) for said in _each_of(one.text, two.text)
                ),
            )
    return None


def _each_of(one: str, two: str) -> tuple[str, str]:
    """ "At 10", "11 on Thursday": each with the day and the word that are said of both."""
    day = m.group() if (m := re.search(r"\s+(?:on|next|this|tomorrow)\b.*$", two)) else ""
    lead = m.group() if (m := re.match(r"at\s+", one)) else ""
    return f"{one}{day if day and day not in one else ''}", two if two.startswith("at") else f"{lead}{two}"
