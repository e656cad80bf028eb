"""What a wish borrows from the reason in front of it: whom it is with, on which day, and of what.

"Bo is ill, so cancel our call" is the call with Bo, "I fly on Friday at 3, so block 1 to 2" is on Friday,
"Ann mailed me about the roof, forward it to Will" is her mail about the roof. Nothing is borrowed where the
reason leaves a choice: None says that whoever asks should not guess.
"""

from __future__ import annotations

import re

from deskhand.agent.planners.parts.elliptic import DAY
from deskhand.agent.planners.words.directory import Named
from deskhand.agent.planners.words.request import Request

_KIND = (
    r"(?:meeting|meet|(?:phone |video )?call|appointment|1[:-]1|one[- ](?:on|to)[- ]one|lunch|coffee|dinner|"
    r"breakfast|brunch|tea|drinks?|sync|catch[- ]?up|chat|session|review|talk|get-together|debrief|interview|"
    r"sit-down|slot|time)"
)
_LENGTH = (
    r"(?:half(?: an)? hour|(?:an )?hour|\d+ ?(?:min(?:ute)?s?|hours?|hrs?)|"
    r"(?:fifteen|twenty|thirty|forty) minutes)"
)
_OUR = re.compile(
    rf"\bour (?P<what>(?:(?!with\b)[\w-]+ ){{0,2}}?{_KIND})s?\b(?!['’])(?! with\b)|"
    rf"\bour (?P<long>{_LENGTH})\b(?! with\b)",
    re.I,
)
"""What two have together: with whom, the reason says."""
_NEW = re.compile(
    rf"^(?P<verb>(?:book|put in|set up|schedule|arrange|find|grab|get|fix|plan|organi[sz]e)\b(?: me)?) "
    rf"(?P<what>(?:an? |some )?(?:quick |short |brief )?(?:{_LENGTH}|{_KIND}))\b(?! (?:with|for)\b)",
    re.I,
)
_OWED = re.compile(
    r"\b(?:promised|owe|owes me)\b|"
    r"\b(?:wants?|wanted|needs?|would like|['’]d like|asked|has|have)(?: me)? to (?:talk|speak|meet|see|"
    r"chat|catch up|sit down)\b|"
    r"\b(?:asked|asks|asking) (?:me |us )?for (?:an?|some)\b",
    re.I,
)
"""A reason that says with whom somebody will sit down."""
_THEM = re.compile(
    r"\b(?:(?P<all>both|each|all|every one|the (?:two|three|four)|all (?P<many>three|four)) of (?:them|those)"
    r"(?: (?:both|all))?|them (?:both|all))\b",
    re.I,
)
_TWO = re.compile(r"\bboth\b|\bthe two\b", re.I)
_MANY = {"three": 3, "four": 4}
_BLOCKS = re.compile(r"^(?:block|hold|keep|reserve|book)\b|\bblocked\W*$", re.I)
_HOUR = r"\d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)?"
_KEPT = re.compile(
    rf"^(?:(?P<verb>block|hold|keep|reserve)(?: off| out)? )?(?:from )?(?P<from>{_HOUR}) ?(?:to|till|until|"
    rf"-|–) ?(?P<to>{_HOUR})"
    r"\b(?(verb)|\s+(?:blocked|kept free|kept clear|reserved)(?: out| off)?\b)(?P<rest>.*)$",
    re.I,
)
"""Hours of a day that are kept."""
_ALL = re.compile(r"\b(?:everything|all (?:of )?my (?:meetings|appointments|calls|events|stuff))\b", re.I)
_CLOCK = frozenset({"hour", "minute"})
_OFF = re.compile(
    r"(?:can['’]?t|cannot|can not|couldn['’]?t|won['’]?t|unable|not (?:free|available|around|in)|away|off|"
    r"out|busy|ill|sick)\b",
    re.I,
)
_MOVES = re.compile(r"^(?:move|shift|push|reschedule|postpone|bring|put|rebook)\b", re.I)
_SENT = re.compile(
    r"^\s*(?:has |have )?(?:just )?(?:sent|mailed|emailed|forwarded|gave)(?: me| us)? (?:an?|another|this|"
    r"that) "
    r"(?P<what>invitation|invite|meeting request|mail|e-?mail|message)(?P<rest>(?: (?:for|about|on|"
    r"regarding|re) [^,;:]+)?)\W*$",
    re.I,
)
_WROTE = re.compile(
    r"^\s*(?:has |have |just |was )*(?:asked|wrote|written|mailed|emailed|asking|messaged|enquired)(?: "
    r"to)?(?: me| us)? "
    r"(?:about|regarding|re) (?P<topic>[^,;:]+?)\W*$",
    re.I,
)
_IT = re.compile(r"\b(?:it|that|this)\b", re.I)
_ANSWERS = re.compile(
    r"^(?P<verb>reply|answer|respond|write back)(?: back)? (?:to )?(?:him|her|them)\b", re.I
)
_TURNS_DOWN = re.compile(r"^turn (?:it|that|this) down(?: politely| nicely| kindly)?\b", re.I)
_GIST = re.compile(
    r"^(?:(?:what(?:['’]s| is| are)|give me|tell me|just|i (?:need|want)|can i have|so) )*(?:the |its |a "
    r")?(?:short |brief |"
    r"quick )?(?:main points?|key points?|gist|summary|short version|bottom line|takeaways?|essentials?|"
    r"upshot|highlights)"
    r"(?: (?:please|of it))?\W*$|^what does it say\W*$|^what(?:['’]s| is) in it\W*$|^sum(?:marise|marize)? "
    r"it(?: up)?\W*$",
    re.I,
)
_VAGUE = re.compile(r"^(?:the|my|our|this|that) (?:whole|entire|\w+)$", re.I)


def with_people(wish: str, reason: str, people: list[Named]) -> str | None:
    """The wish with those whom the reason names; None where it says "both of them" of others than two."""
    names = [n.words.title() if n.words.islower() else n.words for n in people]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    if (m := _THEM.search(wish)) is not None:
        count = 2 if _TWO.search(m[0]) else _MANY.get((m["many"] or "").lower(), len(names))
        if len(names) < 2 or count != len(names):
            return None
        each = "each of " if (m["all"] or "").lower() in ("each", "every one") else ""
        return f"{wish[: m.start()]}{each}{listed}{wish[m.end() :]}"
    if not names:
        return wish
    if (own := ours(wish, listed)) != wish:
        return own
    if _OWED.search(reason) and (m := _NEW.match(wish)) is not None:
        return f"{wish[: m.end()]} with {listed}{wish[m.end() :]}"
    return wish


def ours(wish: str, people: str) -> str:
    """ "Our call" as "our call with Ann and Bo"; the wish itself where it speaks of nothing of theirs."""
    m = _OUR.search(wish)
    if m is None:
        return wish
    own = f"our {m['what']}" if m["what"] else m["long"]
    return f"{wish[: m.start()]}{own} with {people}{wish[m.end() :]}"


def on_day(wish: str, why: Request) -> str:
    """The wish with the one day of the reason, where it says hours of a day and no day, or "everything"."""
    days = {m[0].casefold(): m[0] for m in DAY.finditer(why.head)}
    if len(days) != 1:
        return wish
    (day,) = days.values()
    day = (
        day if day.lower() in ("today", "tomorrow") else f"on {re.sub(r'^(?:on|the) ', '', day, flags=re.I)}"
    )
    if (kept := _KEPT.match(wish)) is not None:
        return f"{kept['verb'] or 'block'} {day} from {kept['from']} to {kept['to']}{kept['rest']}"
    said = Request(wish, wish, "", "", why.known)
    times = [t for t in said.times if t.kind in ("instant", "interval")]
    if DAY.search(wish) is not None or any(t.grain not in _CLOCK for t in times):
        return _from_its_day(wish, why, day)
    if times and _BLOCKS.search(wish):
        return f"{wish[: times[-1].span[1]]} {day}{wish[times[-1].span[1] :]}"
    if not times and (m := _ALL.search(wish)) is not None:
        return f"{wish[: m.end()]} {day}{wish[m.end() :]}"
    return wish


def _from_its_day(wish: str, why: Request, day: str) -> str:
    """ "Bo can't do Tuesday, so move our call to Friday": the one on Tuesday."""
    m = _OUR.search(wish)
    if m is None or not _MOVES.match(wish) or not _OFF.search(why.head):
        return wish
    return wish if DAY.match(wish[m.end() :].lstrip()) else f"{wish[: m.end()]} {day}{wish[m.end() :]}"


def of_thing(wish: str, why: Request, subject: str | None) -> str:
    """The wish with the mail, or the thing, that the reason is about."""
    who = why.named[0] if why.named and why.named[0].span[0] == 0 and not why.named[0].possessive else None
    if who is not None:
        said, behind = who.words.title() if who.words.islower() else who.words, why.head[who.span[1] :]
        if (m := _SENT.match(behind)) is not None:
            invites = "inv" in m["what"].lower() or "request" in m["what"].lower()
            thing = f"the {'invitation' if invites else 'mail'} from {said}{m['rest']}"
            return _IT.sub(lambda _: thing, _TURNS_DOWN.sub("decline it", wish), count=1)
        if (m := _WROTE.match(behind)) is not None:
            if (reply := _ANSWERS.match(wish)) is not None:
                to = "answer" if reply["verb"].lower() == "answer" else "reply to"
                return f"{to} {said}'s mail about {m['topic']}{wish[reply.end() :]}"
            return _IT.sub(lambda _: f"{said}'s mail about {m['topic']}", wish, count=1)
    if (
        subject is not None
        and _GIST.match(wish)
        and why.head.startswith(subject)
        and not _VAGUE.match(subject)
    ):
        return f"summarise {subject}"
    return wish
