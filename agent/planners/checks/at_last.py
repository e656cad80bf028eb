"""The last look: the plan against the wish as it was said, whoever read it and however it was reworded.

What a wish counts, leaves out or names must be in its plan. Whether it is, is seen without knowing how the
plan was made: a name must stand in the wish as it is called, and a word that limits or counts must matter,
so that the plan is another one where the word is taken out of the wish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

from deskhand.agent.planners.checks.asking import amiss, left_out
from deskhand.agent.planners.checks.plan_names import names_in
from deskhand.agent.planners.checks.plan_shown import Again, same, shown, texts
from deskhand.agent.planners.likeness.turned import forbids
from deskhand.agent.planners.parts.conjunctions import NOTHING
from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import LONGEST, Request
from deskhand.agent.plans.language import Plan, Unclear

_KEPT_AS_SAID = frozenset({"question.answer", "schedule.add"})
_WORD = re.compile(r"[^\W_]+")
_LED = re.compile(r"^(?:Kept:|Meeting\b|Call\b|Keep free).*")
"""What an event is called whose name the plan made."""
_BETWEEN = words("a an the my our your on at in from to for with of by this that next last it")
"""What may stand between the words of a name, beside times and people that were cut out of it."""
_NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "twice": 2, "double": 2, "couple": 2,
}  # fmt: skip
_TRIED = 3
"""So many words are tried: each takes the time of a plan."""
_COUNTS = "two|three|four|five|six|seven|eight|nine|ten|twelve|twice|double|couple|dozen"
_IN_LANGUAGE = "in (?:english|french|german|spanish|portuguese|italian|dutch|polish|swedish)"
_MATTERS = re.compile(
    rf"\b(?:{_COUNTS}|second|third|fourth|fifth|except(?:ing)?|excluding|apart|besides|unless|otherwise|each|"
    r"separate(?:ly)?|(?:whole|entire|complete) series|unread|flagged|"
    r"starred|attachments?|attached|attaching|fewest|busiest|longest|shortest|"
    rf"oldest|biggest|largest|{_IN_LANGUAGE}|other(?: than)?|optional(?:ly)?|"
    r"(?<![:.,/-])\d+(?![:.,/-]?\d|[:.,/-]\w))\b",
    re.I,
)
"""Words of which a wish has none without a reason: a plan that is the same without them missed it."""
_ALL = re.compile(r"\b(?:all|every|everything|both)\b", re.I)
"""Where one thing is found: more than that is meant."""
_PART_OF_DAY = re.compile(r"(?<=day )(?:morning|afternoon|evening|night)\b", re.I)
"""Where several events keep their hours: it would be lost."""
_AN_HOUR = re.compile(
    r"(?<!half )\b(?:(?:free|full|whole|good|the|one|1) hour|two hours|an hour)\b"
    r"(?!\s+(?:of|and|into|ahead|later|earlier|(?:or (?:more|less|so) )?(?:before|after))\b)",
    re.I,
)
"""A length that is not the usual one."""
_LOOKS_BACK = re.compile(r"\bhow often\b|^(?:when|where|how long|how many times) did\b", re.I)
"""What has been is not looked for among the free times."""
_BESIDE = re.compile(
    r"\b(?:before|after) (?:it|that|(?:the|my|our) "
    r"(?!end\b|\d|weekend|new year|holidays?|week|month)[a-z]\w+)",
    re.I,
)
"""What a time is found beside: an event that has to be looked up."""
_AND = re.compile(r"\s*(?:,|and|&|plus|as well as)\s*", re.I)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|should|must|may|might|do|does|did|needs?|wants?|"
    r"works?|starts?|begins?|ends?|moved|came|comes?|left|goes|go)\b|['’](?:s|ll|re|ve|d|t)\b(?!\s\w+\W*$)|\w{2}ed\b",
    re.I,
)
"""The verb of a sentence: a text to somebody has one, or says thanks."""
_THING = re.compile(r"(?:the|my|our|an?|about|[\w-]+['’]s)\s", re.I)
_TO_ALL = re.compile(
    r"\b(?:team|leads|reports|everyone|everybody|all|them|him|her|know|both|group|others|people)\W*$", re.I
)
_OF_NOTHING = re.compile(r"thank you for (?:it|that|this|them)$", re.I)
"""What it is for stands in another part of the wish."""
_MANNER = re.compile(
    r",? (?:politely|kindly|nicely|gently|firmly|formally|briefly|quickly|asap)(?:, please\??)?$", re.I
)
"""How something is to be said is no part of the text."""
_HIM = re.compile(r"\b(?:he|she|him|her|his)\b|^their\b", re.I)
_SAYS_LITTLE = re.compile(
    r"\b(?:(?:two|three|four|five|couple(?: of)?|\d+)(?: or (?:two|three|four|\d+))? "
    r"(?:short |brief |quick )?(?:sentences?|lines?|words?|bullets?(?: points?)?|paragraphs?|points?)|"
    r"until i say otherwise|first\b.*\bsecond|(?:the )?(?:two|three|four) of (?:us|you|them)|each other|"
    r"other (?:words|days?|times?|hand|dates?|slots?|meetings?|events?)|"
    r"not (?:two|three|four|\d+))\b",
    re.I,
)
"""What is said so, is said of how something is told, or of nothing."""
_WAS = re.compile(r"\b(?:instead of|rather than|and not) $", re.I)
"""How long an event was, which is made longer or shorter."""
_LEAVING_OUT = ("except", "excluding", "apart")
_TEXT = re.compile(r":(?=\s)|[“\"«]")
"""Where a text begins that is written word for word."""


def glued(request: Request, made: Plan) -> Unclear | None:
    """The question about a name whose words stand apart in the wish: "price list the frame agreement"."""
    said = _words(request.original)
    cut = {w for t in request.readings for w in _words(t.text)} | {
        w for n in request.named for w in _words(n.words)
    }
    for step in made.steps:
        for key, name in names_in(step):
            called = _words(_LED.sub("", name))
            if key == "subject" or len(called) < 2 or not set(called) <= set(said):
                continue
            if not _runs(called, said, cut | _BETWEEN):
                return amiss(
                    f"I would take “{name}” for one name",
                    "it as two wishes, or put it in quotation marks if it is a name",
                )
    return None


def _runs(called: Sequence[str], said: Sequence[str], between: set[str] | frozenset[str]) -> bool:
    """Whether words stand one behind the other, with nothing but these between them."""
    return any(_run(called, said[n:], between) for n, word in enumerate(said) if word == called[0])


def _run(called: Sequence[str], said: Sequence[str], between: set[str] | frozenset[str]) -> bool:
    at = 0
    for word in said:
        if at < len(called) and word == called[at]:
            at += 1
        elif at == len(called):
            break
        elif word not in between:
            return False
    return at == len(called)


def idle(request: Request, made: Plan, again: Again) -> Unclear | None:
    """The question about a word that counts or limits, and without which the plan would be the same.

    :param again: the plan of other words.
    """
    if any(s.op in _KEPT_AS_SAID for s in made.steps) or len(request.original) > LONGEST:
        return None
    for m in islice(_telling(request, made), _TRIED):
        if same(again, made, f"{request.original[: m.start()]} {request.original[m.end() :]}"):
            return left_out(_with_next(request.original, m))
    return None


def one_of_two_days(request: Request, made: Plan) -> Unclear | None:
    """The question about two days on which the same is to be done to an event, and a plan of one of them."""
    finds = [s for s in made.steps if s.op == "event.find"]
    if len(finds) != 1 or not any(s.op in ("event.cancel", "event.update") for s in made.steps):
        return None
    for one, two in pairwise(request.readings):
        days = all(t.start is not None and t.grain in ("day", "part", "week") for t in (one, two))
        if days and _AND.fullmatch(request.head, one.span[1], two.span[0]):
            return amiss(
                f"“{one.text}” and “{two.text}” are two events, and I would change one of them",
                "it as two wishes",
            )
    return None


def beside_the_time(request: Request, made: Plan) -> Unclear | None:
    """The question about an hour, an event or a day that a plan which looks for a time or news leaves out."""
    ops, text = {s.op for s in made.steps}, request.original
    lost: re.Match[str] | None = None
    if "slots.find" in ops and _TEXT.search(text) is None:
        usual = all(s.args.get("minutes") in (30, None) for s in made.steps if s.op == "slots.find")
        lost = _LOOKS_BACK.search(text) or (_AN_HOUR.search(text) if usual else None)
        if lost is None and not ops & {"event.find", "event.list", "invitation.find"}:
            lost = next((m for m in _BESIDE.finditer(text) if not _said_before(m, made)), None)
        if lost is not None and any(lost.group().casefold() in v.casefold() for v in texts(made)):
            lost = None
    elif ops <= {"digest.compose", "digest.told", "mail.send", "file.create"} and "digest.compose" in ops:
        now = request.known.now.astimezone(request.known.owner.tz).date()
        past = (t for t in request.times if t.start is not None and t.start.date() != now)
        lost = next((m for t in past if (m := re.search(re.escape(t.text), text, re.I))), None)
    if (
        lost is None
        and forbids(text)
        and ops <= {"digest.compose", "digest.told", "calendar.agenda", "message.list"}
    ):
        lost = re.match(r".*", text)
    if lost is None:
        return None
    return left_out(lost.group().strip())


def _said_before(beside: re.Match[str], made: Plan) -> bool:
    """Whether "after that" is the one hour the plan keeps to: "I teach until 10, so book Bo after that"."""
    if beside.group().casefold() not in ("after it", "after that"):
        return False
    (found, *others) = (s.args for s in made.steps if s.op == "slots.find")
    return not others and bool(found.get("not_before"))


def no_text(request: Request, made: Plan) -> Unclear | None:
    """The question about a mail whose text is none: a thing that was to be sent, or "him" to himself.

    What stands behind a colon or in quotation marks is written as it is.
    """
    if ":" in request.original or request.quotes:
        return None
    for step in made.steps:
        body = str(step.args.get("body", "")).strip(" .\n") if isinstance(step.args.get("body"), str) else ""
        if not body or ":" in body or not step.op.startswith("mail."):
            continue
        at = request.original.casefold().rfind(body.casefold())
        front = request.original[:at].rstrip() if at >= 0 else ""
        to = _TO_ALL.search(front) is not None or any(
            front.casefold().endswith(n.words.casefold()) for n in request.named
        )
        thing = _THING.match(body) is not None and _FINITE.search(body) is None
        him = _HIM.search(body)
        if him is not None and request.directory.named(body[: him.start()], ()):
            him = None  # "Bo is ill so he stays at home"
        odd = re.match(rf"{_IN_LANGUAGE}\b", body, re.I) or _MANNER.search(body) or _OF_NOTHING.match(body)
        if odd or him or (thing and (to or body.casefold().startswith("about "))):
            return amiss(
                f"I would write “{body}” as it stands",
                "it word for word behind a colon, or say what is to be sent: “forward the mail about ...”",
            )
    return None


def _telling(request: Request, made: Plan) -> Iterator[re.Match[str]]:
    """The words that have to matter, and that no text, name, number or time of the plan shows."""
    text = request.original
    stop = m.start() if (m := _TEXT.search(text)) else len(text)
    aside = [m.span() for m in _SAYS_LITTLE.finditer(text)]
    times = " ".join(t.text for t in request.readings).casefold()
    told = shown(made)
    alone = any(s.op == "invitation.find" for s in made.steps) and not any(
        s.op.endswith(".list") for s in made.steps
    )
    if alone and (every := _ALL.search(text, 0, stop)) is not None:
        yield every
    if any(s.op == "event.shift" for s in made.steps):
        parts = [*_PART_OF_DAY.finditer(text, 0, stop)]
        said = [m.group().casefold() for m in parts]
        yield from (m for m in parts if said.count(m.group().casefold()) == 1)  # from afternoon to afternoon
    for m in _MATTERS.finditer(text, 0, stop):
        word = m.group().casefold()
        if any(a <= m.start() < b for a, b in aside) or _counted(word, made):
            continue
        if _WAS.search(text, 0, m.start()) and any(
            "minutes" in s.args for s in made.steps if s.op == "event.shift"
        ):
            continue
        if word == "otherwise" and NOTHING.fullmatch(text[m.end() :].strip(" ,.!")):
            continue
        if not re.search(rf"\b{re.escape(word)}\b", f"{times} {told}"):
            yield m


def _counted(word: str, made: Plan) -> bool:
    """Whether a plan has as many of something as a word says, or is itself of what the word says."""
    if word.startswith("attach"):
        return any(
            s.op.startswith("attachments.") or s.args.get("attachments") or s.args.get("newest")
            for s in made.steps
        )
    if word.startswith(_LEAVING_OUT) and any(s.args.get("stays") for s in made.steps):
        return True  # what stays is named in no other way, so it is found without the word too
    if word == "three" and any(s.op == "offer.compose" or s.args.get("tell") for s in made.steps):
        return True  # so many are offered and shown where nothing else is said
    many = _NUMBERS.get(word) or (int(word) if word.isdigit() else None)
    return many is not None and any(many in (v, n) for s in made.steps for n, v in _sizes(s.args))


def _sizes(value: Any) -> Iterator[tuple[int, Any]]:
    """Of each argument how many it holds, and what it is."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _sizes(inner)
    elif isinstance(value, (list, tuple)):
        yield len(value), None
        for inner in value:
            yield from _sizes(inner)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield 0, value


def _with_next(text: str, m: re.Match[str]) -> str:
    """A word with the one behind it."""
    behind = re.match(r"[\s-]+[\w’'-]+", text[m.end() :])
    return m.group() + (behind.group() if behind else "")


def _words(text: str) -> list[str]:
    return _WORD.findall(re.sub(r"['’]s\b", "", text.casefold()))
