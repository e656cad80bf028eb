"""A wish in a sentence of its own behind what led to it: "The vet rang, so ...", "..., could you".

What is wished is read by itself, with what it calls "it", "her" or "that day" put in its place. It is taken
only where nothing of the rest can be part of it: no other wish stands there, and nobody and no time is lost
that the wish would need. Else the question about the whole stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from deskhand.agent.planners.parts.borrowed import of_thing, on_day, with_people
from deskhand.agent.planners.rewording.colloquial import with_will
from deskhand.agent.planners.rewording.reasons import thing_of
from deskhand.agent.planners.second import writes
from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import strip_politeness
from deskhand.agent.plans.language import Plan, Unclear

LONGEST = 300
"""Characters of a wish that is looked at."""
_FEWEST = 2
_JOINT = re.compile(
    r"\s*(?:[,;!]|[:.](?=\s)|\s[-–—]|\.\.\.)\s*(?:(?:and\s+)?so\s+(?:that\s+)?|and\s+so\s+|therefore\s+|"
    r"hence\s+)?"
    r"(?=(?P<ask>(?:could|would|can|will)\s+you|please|pls|let['’]?s|just|kindly|so\b)?)|"
    r"\s+so\s+(?=(?P<so>please|just|"
    r"could|can|let['’]?s|turn|cancel|move|book|keep|set|pls|block|shift|push|postpone|reschedule|reserve|"
    r"hold|"
    r"decline|skip|i\s+(?:need|want)|i['’]d\s+like|(?:the|my|our)\s+[^,;]*?\b(?:has|needs|ought|must|"
    r"should))\b)",
    re.I,
)
_WISHES = re.compile(
    r"\b(?:please|pls|plz|could\s+you|would\s+you|can\s+you|will\s+you|i\s+need|i\s+want|i['’]d\s+like|"
    r"i\s+would\s+like|"
    r"let['’]?s|should|(?:must|has\s+to|have\s+to|needs?\s+to)(?!\s+(?:be|go|leave|pick|fly|drive|collect|"
    r"run|work|stay|"
    r"travel|catch|attend|teach|visit|wait)\b)|if|unless|whether|otherwise|except|every|each|"
    r"don['’]?t\s+(?!like|know|have|feel|work)\w+|do\s+not)\b|[“”\"«»]",
    re.I,
)
"""What a reason does not say: a wish, a condition, a limit."""
_IMPERATIVE = re.compile(
    r"(?:move|reschedule|postpone|shift|push|bring|put|pull|change|shorten|lengthen|extend|cancel|call|"
    r"scrap|delete|"
    r"remove|drop|take|clear|skip|decline|accept|book|schedule|arrange|set|find|block|hold|reserve|make|"
    r"summari[sz]e|"
    r"sum|forward|fwd|send|reply|respond|answer|draft|write|tell|ask|mail|e-?mail|message|text|ping|let|"
    r"pause|resume|"
    r"stop|show|give|list|get|propose|suggest|offer|add|remind|notify|inform|invite|archive|trash|flag|mark|"
    r"file|save|"
    r"what|who|when|where|which|how|is|are|am|do|does|did|has|have|can|on|at|in|for|with|an?|half|\d|no|yes|"
    r"not|never)\b",
    re.I,
)
"""How a wish begins, and what would be a part of one."""
_TALE = re.compile(
    r"(?:,|;|\s[-–—])\s*(?:(?:i|we|he|she|they|it)\s*(?:['’]?(?:m|s|re|ve|ll|d)\b|\s+(?:am|is|are|was|have|"
    r"has|had|only|just|do|"
    r"don['’]?t|can|can['’]?t|will|need|want|promised|keep|keeps|never|always)\b)|not\s+feeling\b|im\b|"
    r"hes\b|shes\b|theyre\b|"
    r"because\b|since\s+i\b|as\s+i\b|(?:nobody|no\s+one|everyone|everybody)\s+(?:ever\s+|is\s+|has\s+|"
    r"really\s+)*"
    r"(?:read|need|use|want|like|look|come|attend|show)\w*\b)(?P<rest>[^:;\"“]*)$",
    re.I,
)
"""A sentence about the speaker, or somebody, behind a wish."""
_LIMITS = re.compile(
    r"\b(?:not?|never|only|except|but|before|after|until|instead|must|should|if|unless|with|at|on|free|busy|"
    r"prefer|"
    r"rather|mornings?|afternoons?|evenings?|early|late|it|him|her|them|that)\b",
    re.I,
)
_TELLS_OF = re.compile(
    r"^(?:tell|ask|mail|e-?mail|message|text|inform|notify|warn|remind|let|write|reply|answer|"
    r"respond)\b.*?\b(?:that|know|to|if|whether)\b"
    r".*\b(?:he|she|they|his|him|their|them|hers?)\b",
    re.I,
)
"""What somebody is told of one who was spoken of in the reason: it would not be known who that is."""
_OF_IT = re.compile(r"^(?:\s+(?:at|to))?\s+(?:it|them)(?:\s+(?:any\s?more|anyway|any\s+longer))?\W*$", re.I)
"""The thing of the wish: "nobody reads it"."""
_HER = re.compile(
    r"\b(?:(?P<own>his|her|their)(?=\s+(?:last|latest|newest|mail|e-?mail|message|invit\w+|calendar|"
    r"offer)\b)|"
    r"(?:to\s+)?(?P<who>him|her|them))\b",
    re.I,
)
_IT = re.compile(
    r"\b(?:it|this|that)\b(?!['’]|\s+(?:it|i|we|he|she|they|you|the|my|our|there|all|is|was|does|day|week|"
    r"time|morning|afternoon)\b)",
    re.I,
)
_SENTENCE = re.compile(
    r"^(?:i|we|he|she|they|it|there)\s+[a-z]|['’](?:s|m|re|ve|d|ll)\b|n['’]?t\b|\b(?:is|are|was|were|am|im|"
    r"has|have|had|will|would|can|could|may|"
    r"might|do|does|did|"
    r"got|came|come|comes|said|says|asked|asks|wants|wanted|wrote|sent|rang|rings|called|told|knows?|like|"
    r"likes|hate|love|"
    r"think|wonder|wondering|hope|feel|seem|need|needs|clash\w*|keeps?|leaves|arrives|lands|starts|ends|"
    r"closes|opens|takes|goes|owe|owes|"
    r"lost|left|forgot|gonna|gotta|cannot|\w{3,}ed)\b",
    re.I,
)
"""A reason is a sentence: "the agency thread - main points" has none."""
_BARE_GIST = re.compile(
    rf"(?:(?:give|gimme|get|show|tell|send|read|i need|i want)\s+)?(?:me\s+)?(?:(?:the|a|an|some|just|"
    rf"only|its)\s+)*"
    rf"(?:{LEXICON['gist']})s?\W*$",
    re.I,
)
"""Of what, the reason says."""
_KIND = re.compile(rf"(?:(?:the|our|my) )?(?:{LEXICON['meeting']})?", re.I)
"""A meeting by its kind only: with whom, the reason may say."""
_ABOUT = re.compile(r"\b(?:about|regarding|concerning|re)\b", re.I)
_IF_SO = re.compile(r"\bif\s+(?:so|not|yes)\b", re.I)
_THAT_DAY = re.compile(r"\b(?:on\s+)?(?:that|the\s+same)\s+day\b|(?:\bsince\s+)?\bthen\W*$|\bsince\W*$", re.I)
_OPEN = re.compile(
    r"\b(?:him|her|he|she|them|they|his|their|it|its|that|this|there|then|since|one)\W*$|\b(?:him|her|them|"
    r"it)\b",
    re.I,
)
_NEEDS_PEOPLE = frozenset({"event.create", "slots.find", "slots.together", "calendar.free"})
_OF_CHANGES = frozenset({"document.changes", "document.changed"})
_TEXTS = frozenset({"mail.send", "mail.draft"})


@dataclass(frozen=True, slots=True)
class Preface:
    """A wish without what led to it."""

    wish: str
    reason: str
    behind: bool = False
    """The reason stands behind the wish."""


def prefaced(request: Request) -> list[Preface]:
    """The wishes that a request may be, without what leads to them; the longest reason first."""
    text = with_will(request.original)
    if len(text) > LONGEST:
        return []
    found: list[Preface] = []
    for m in _JOINT.finditer(text):
        reason, wish = text[: m.start()].strip(), strip_politeness(text[m.end() :]).strip()
        if len(reason.split()) < _FEWEST or len(wish.split()) < _FEWEST or _request_closed(text, m.start()):
            continue
        if _IMPERATIVE.match(reason) or _WISHES.search(reason) or "?" in reason:
            break
        if _IF_SO.search(wish) or not _SENTENCE.search(reason):
            continue
        if (whole := _resolved(wish, reason, request)) is not None:
            found.append(Preface(whole, reason))
    if (
        (tale := _TALE.search(text)) is not None
        and not _LIMITS.search(_OF_IT.sub("", tale["rest"]))
        and ":" not in text
    ):
        found.append(Preface(text[: tale.start()].strip(), text[tale.start() :], behind=True))
    return found[::-1]


def _request_closed(text: str, at: int) -> bool:
    """Whether a place lies in quotation marks."""
    before = text[:at]
    return before.count('"') % 2 == 1 or before.count("“") > before.count("”")


def plan_of(one: Preface, request: Request, read: Callable[[str], Plan | Unclear]) -> Plan | None:
    """The plan of a wish without its reason; None where the reason may hold a part of it."""
    made = read(one.wish)
    if not isinstance(made, Plan) or [s.op for s in made.steps] == ["question.answer"]:
        return None
    said, why = Request.of(one.wish, request.known), Request.of(one.reason, request.known)
    ops = {s.op for s in made.steps}
    here = {n.key for n in said.named}
    vague = any(
        s.op == "event.find" and not s.args.get("person") and _KIND.fullmatch(str(s.args.get("about", "")))
        for s in made.steps
    )
    if {n.key for n in why.named} - here and ((ops & _NEEDS_PEOPLE and not here) or vague):
        return None
    days = [
        t
        for t in why.times
        if t.kind in ("interval", "instant") and t.text.casefold() not in one.wish.casefold()
    ]
    own = [t for t in said.times if t.kind in ("interval", "instant", "recurrence")]
    if days and not own and (writes(made) or ops & _NEEDS_PEOPLE or ops & _OF_CHANGES):
        return None
    if (
        one.behind
        and ops & _TEXTS
        and any(isinstance(s.args.get("body"), str) and s.args["body"] for s in made.steps)
    ):
        return None  # it may be told, too
    if any(t.kind in ("duration", "recurrence") for t in why.times):
        return None
    if "mail.compose_reply" in ops and _ABOUT.search(one.reason) and not _ABOUT.search(one.wish):
        return None
    return made.model_copy(update={"request": request.original})


def _resolved(wish: str, reason: str, request: Request) -> str | None:
    """The wish with what it calls it, her or that day in its place; None where that is not said."""
    why = Request(reason, reason, "", "", request.known)
    people = list({n.key: n.words for n in why.named}.values())
    if _BARE_GIST.match(text := on_day(of_thing(wish, why, thing_of(reason)), why)):
        return None
    named = Request(text, text, "", "", request.known).named
    if not named:
        present = list({n.key: n for n in why.named if not n.possessive}.values())
        if (among := with_people(text, reason, present)) is None:
            return None
        text, named = among, Request(among, among, "", "", request.known).named
    if (m := _HER.search(text)) is not None and not named:
        if len(people) != 1:
            return None
        who = people[0].title() if people[0].islower() else people[0]
        put = f"{who}'s" if m["own"] else f"{'to ' if m[0].lower().startswith('to ') else ''}{who}"
        text = f"{text[: m.start()]}{put}{text[m.end() :]}"
    said = ""
    if (m := _THAT_DAY.search(text)) is not None:
        days = [t for t in why.times if t.kind in ("interval", "instant")]
        if len(days) != 1:
            return None
        day = re.sub(r"^(?:from|on|since)\s+|\s+on(?:wards?)?$", "", days[0].text, flags=re.I)
        said = days[0].text
        since = m[0].lower().startswith("since")
        text = f"{text[: m.start()]}{f'since {day}' if since else day}{text[m.end() :]}"
    if (m := _IT.search(text)) is not None and ":" not in text[: m.start()]:
        thing = thing_of(reason)
        if thing is None:
            return None
        thing = thing.replace(said, " ").strip() if said else thing
        text = f"{text[: m.start()]}{thing}{text[m.end() :]}"
    head = text.partition(":")[0]
    unnamed = _OPEN.search(head) and re.search(r"\b(?:her|him|it|them)\b", head, re.I) and not named
    return None if unnamed or _TELLS_OF.match(text) else text
