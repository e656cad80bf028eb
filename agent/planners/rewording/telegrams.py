"""Wishes in the manner of telegrams, said in full: "appt: marta, wed, 30 min", "tyre change -> sat 9am".

A label in front, an arrow in the middle or a bare verb at the end ("..., book it") says what is to be done
with all the rest. What is made of it is read as any wish is (`reworded`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deskhand.agent.planners.words.phrases import LEXICON
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.tidying import strip_politeness, strip_thanks

LONGEST = 240
"""Characters of a wish that is looked at: a telegram is short."""

_NAME = 6
"""Words that a name has at most."""
_MAIL = r"(?:e-?mails?|mails?|messages?|msgs?|threads?|letters?|notes?)"
_LABEL = re.compile(
    r"(?:new\s+)?(?P<label>cal(?:endar)?|diary|appt|appointment|meeting|mtg|event|sum(?:mary)?|gist|tl;?dr|recap|"
    r"to-?do)\s*(?::|[-–—>]+\s)\s*(?P<rest>\S.*)",
    re.I | re.S,
)
_ABBREVIATED = {
    "del": "cancel", "rm": "cancel", "mv": "move", "resched": "move", "new": "book", "add": "book",
    "blk": "block",
    "canc": "cancel", "bk": "book", "fwd": "forward", "rsvp": "rsvp",
}  # fmt: skip
_PLAIN = frozenset({"add", "new"})
"""What is no abbreviation where no label stands before it."""
_VERB = re.compile(rf"(?P<verb>{'|'.join(_ABBREVIATED)})\b\.?\s+(?P<rest>\S.*)", re.I | re.S)
_RE = re.compile(
    r"(?:re|reply|answer|response|ans)\s*[:,]?\s+(?:to\s+)?(?P<who>[^:,]{2,40}?)(?:['’]s\s+(?:last\s+|"
    r"latest\s+)?(?:mail|e-?mail|one|message))?"
    r"\s*(?::|\s[-–—]+\s)\s*(?P<text>\S.*)",
    re.I | re.S,
)
_TO = re.compile(
    rf"(?:(?:a\s+|quick\s+|short\s+)*(?:one|word|line|{_MAIL})\s*)?(?:->|>+|to|for|"
    rf"2)\s+(?P<who>[^:]{{2,60}}?)"
    r"(?:\s+(?:pls|plz|please))?\s*(?P<mark>:|\s[-–—]+\s)\s*(?P<text>\S.*)",
    re.I | re.S,
)
_HEADERS = re.compile(r"(?:^|(?<=[.;,\n])\s*)\b(?P<name>subject|to|cc|text|"
                      r"body)\s*:\s*(?P<value>[^\n]*?)(?=[.;,]\s*(?:subject|to|cc|text|"
                      r"body)\s*:|[.;\n]\s|$)", re.I)  # fmt: skip
_ARROW = re.compile(r"\s*(?:-+>|=+>|→|>>+)\s*")
_FORWARDS = re.compile(r"(?:fwd|forward|pass(?:\s+on)?|send(?:\s+on)?)\s+(?:it\s+|on\s+)*to\s+", re.I)
_ENDS = re.compile(
    r"(?P<front>\S.*?\S)\s*(?:[,;.:!?]|\s[-–—]+\s)+\s*(?:(?:and|so|just|only|then|please|pls|plz|"
    r"could\s+you|would\s+you|can\s+you|"
    r"will\s+you|kindly)\s+)*"
    r"(?:(?P<book>(?:book|block|reserve|schedule|arrange|add|note|enter)(?:\s+(?:it|that|this|one|"
    r"me))?(?:\s+(?:in|for\s+me|please))?"
    r"(?:\s*(?:into|in|on|to)\s+(?:my|the)\s+(?:cal\w*|diary|agenda|planner))?|make\s+(?:the\s+|"
    r"a\s+)?(?:booking|appointment)|"
    r"(?:put|stick|pop|get|write)\s+(?:it|that|this)\s+(?:down|in|on|into)(?:\s+(?:my|the)\s+(?:cal\w*|"
    r"diary|agenda|planner))?)"
    r"|(?P<cancel>(?:cancel|bin|scrap|kill|drop|delete|ditch|axe|scrub|remove)(?:\s+(?:it|that|this))?|"
    r"(?:take|get)\s+(?:it|that|this)\s+(?:out|off)(?:\s+(?:of\s+)?(?:my|the)\s+(?:cal\w*|diary|agenda|"
    r"planner))?)"
    r"|(?P<decline>(?:decline|reject|say\s+no|turn\s+(?:it|that)\s+down)(?:\s+(?:to\s+)?(?:it|that|"
    r"the\s+invitation))?)"
    r"|(?P<sort>(?:sort|fix|do|make)\s+(?:it|that|this)(?:\s+out)?)"
    r"|(?P<show>show\s+(?:them|it|me)|list\s+them|check|let\s+me\s+know|tell\s+me)"
    r")\W*",
    re.I | re.S,
)
_FORWARDED = re.compile(
    rf"(?P<front>\S.*?\b{_MAIL}\b.*?)\s*(?:[,;.:!?]|\s[-–—]+\s)+\s*(?:(?:and|so|just|then|please|pls|"
    rf"could\s+you|would\s+you|can\s+you|"
    r"kindly)\s+)*(?:forward|fwd|pass|send)\s+(?:it|this|that)\s+(?:on\s+|over\s+|"
    r"along\s+)?to\s+(?P<who>[^,.;!?]+?)\W*",
    re.I | re.S,
)
_SHOULD_SEE = re.compile(
    rf"(?P<who>[^,;:]{{2,50}}?)\s+(?:to|should|must|needs?\s+to|has\s+to|ought\s+to|wants?\s+to|"
    rf"would\s+like\s+to)\s+(?:also\s+)?"
    rf"(?:see|read|have|get|look\s+at|"
    rf"know\s+about)\s+(?P<item>[^,;]*\b{_MAIL}\b[^,;]*?)\s*[,;.–-]+\s*(?:(?:so|please|just|could\s+you|"
    r"would\s+you|can\s+you)\s+)*(?:forward|fwd|pass|send)\s+(?:it|this|that)(?:\s+on)?\W*",
    re.I | re.S,
)
_DAYS = {d[:3]: d for d in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}
_DAY = re.compile(r"\b(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)\b(?!['’])", re.I)
_WANTED = re.compile(
    r"(?:i|we|she|he|they)\s*(?:['’]d\s+(?:like|love)|(?:would|will)\s+(?:like|need|want)|(?:am|is|are|"
    r"['’]m|['’]s)\s+needing|"
    r"needs?|wants?|have(?:\s+got)?|has|['’]ve\s+got|got)\s+(?:to\s+(?:have|see|book)\s+)?",
    re.I,
)
_OFF = re.compile(
    r"(?:(?:i|we)\s+)?(?:forget(?:\s+about)?|no\s+more|no|won['’]?t\s+(?:make|do|be\s+at)|"
    r"can['’]?t\s+(?:make|do|be\s+at)|cannot\s+make|"
    r"(?:do\s+not|don['’]?t)\s+(?:want|need)|am\s+not\s+coming\s+to|['’]m\s+not\s+(?:coming|going)\s+to|"
    r"missing)\s+(?P<thing>\S.*?)"
    r"(?:\s+(?:any\s?more|any\s+longer|this\s+time|after\s+all))?",
    re.I | re.S,
)
_NOT_ON = re.compile(
    r"(?P<thing>(?:the|my|our|that)?\s*\S.*?)\s+(?:won['’]?t|isn['’]?t|ain['’]?t|is\s+not|can['’]?t|"
    r"cannot|will\s+not|doesn['’]?t|does\s+not)"
    r"\s+(?:meet|happen(?:ing)?|be\s+held|take\s+place|go\s+ahead|going\s+ahead|work|on|be\s+needed|"
    r"needed)\b(?P<when>.*?)"
    r"(?:\s+(?:any\s?more|this\s+time|after\s+all))?",
    re.I | re.S,
)
_NOT_TO = re.compile(
    r"(?:(?:i|we|she|he)\s+)?(?:can['’]?t|cannot|can\s+not|won['’]?t|will\s+not|am\s+not\s+able\s+to)\s+"
    r"(?:can\s+|be\s+able\s+to\s+)?(?:make\s+it\s+to|make|"
    r"come\s+to|attend|join|get\s+to|go\s+to|be\s+at|do)\s+(?P<thing>\S.*)",
    re.I | re.S,
)
_NO_NAME = re.compile(r"\b(?:i|we|he|she|they|it|has|have|was|were|had)\b|[“”\"«»:]", re.I)
_WHERE = re.compile(r"\s*[,;]?\s*where\s+(?:are|is)\s+(?:they|it|that)\W*$", re.I)
_SURE = re.compile(
    r"(?:are|r)\s+(?:you|u|ya)\s+(?:sure|certain)\s+(?:that\s+)?|(?:is\s+it\s+(?:true|right)\s+that|"
    r"pretty\s+sure)\s+",
    re.I,
)
_MY = re.compile(r"\b(?:im|i['’]m|i\s+am)\s+(?=free|busy|available)", re.I)
_READ = re.compile(r"(?:what|when|who|where|which|how|is|are|am|do|does|did|has|have|was|can)\b", re.I)
_THE_MAIL = re.compile(
    rf"(?:(?:the|that|my|his|her)\s+)?(?:last\s+|latest\s+|newest\s+)?(?:{_MAIL}|one)\s+(?:i\s+(?:got|had|"
    rf"received|have)\s+from|from|about|on|regarding|re|"
    rf"with|that|by)\b.*|(?:[^\s,;]+['’]s)\s+.*?\b{_MAIL}\b.*|(?:the|that)\s+(?:[\w-]+\s+){{1,5}}{_MAIL}\b.*",
    re.I | re.S,
)


def in_full(request: Request) -> list[str]:
    """The wishes that a telegram may be, said in full; none where it is no telegram."""
    raw = strip_thanks(request.original).strip()
    if not raw or len(raw) > LONGEST or "\n" in raw:
        return []
    found: dict[str, None] = {}
    for text in dict.fromkeys((raw, strip_politeness(raw).strip())):
        for way in (_labelled, _written_to, _arrow, _at_the_end, _passed_on):
            found |= dict.fromkeys(way(text, request))
    return [said for said in found if said.casefold() != raw.casefold()]


def _labelled(text: str, request: Request) -> Iterator[str]:
    """A label and a colon: what kind of wish the rest is."""
    m = _LABEL.fullmatch(text)
    rest = m["rest"].strip() if m else text
    verb = _VERB.fullmatch(rest)
    if verb is not None and (m is not None or verb["verb"].lower() not in _PLAIN):
        yield f"{_ABBREVIATED[verb['verb'].lower()]} {_plain_list(verb['rest'])}"
        return
    if m is None:
        return
    label = m["label"].lower()
    if label.startswith(("sum", "gist", "tl", "recap")):
        yield _gist(rest, request)
    elif label.startswith(("appt", "appointment", "meeting", "mtg", "event")):
        yield _booked(rest, request)
    elif re.match(rf"(?:{LEXICON['cancel']}|move|book|add|block|skip|shift|push)\b", rest, re.I):
        yield rest


def _gist(rest: str, request: Request) -> str:
    """ "will, last mail" is his."""
    who, _, behind = (piece.strip() for piece in rest.partition(","))
    if _is_person(who, request) and re.fullmatch(rf"(?:last|latest|newest)\s+{_MAIL}", behind, re.I):
        return f"summarise the last mail from {_name(who)}"
    return f"summarise {rest}"


def _booked(rest: str, request: Request) -> str:
    """What is booked, from a list of who, when and how long."""
    said = Request(rest, rest, "", "", request.known)
    leads = said.named and said.named[0].span[0] == 0
    return f"book {'a meeting with ' if leads else ''}{_plain_list(rest)}"


def _plain_list(rest: str) -> str:
    """A list as words in a row: "wed 25/11, 1715, 30 min"."""
    text = _DAY.sub(lambda m: _DAYS[m[0].lower()[:3]], re.sub(r",\s+(?=\d{4}\b)", " at ", rest))
    text = re.sub(r"\bat ([01]\d|2[0-3])([0-5]\d)\b", r"at \1:\2", text)
    return re.sub(
        r"\s*,\s*(?=(?:\d|an?\b|half\b|mon|tue|wed|thu|fri|sat|sun|today|tomorrow|tmr))",
        " ",
        text,
        flags=re.I,
    )


def _written_to(text: str, request: Request) -> Iterator[str]:
    """Whom it is for and what it says, and no verb: "to Yuki, cc Marta: ...", "re ann: ..."."""
    named = {m["name"].lower(): m["value"].strip(" .") for m in _HEADERS.finditer(text)}
    if "to" in named and len(named) > 1:
        last = list(_HEADERS.finditer(text))[-1]
        body = named.get("text") or named.get("body") or text[last.end() :].strip(" .;\n")
        copies = f", cc {named['cc']}," if "cc" in named else ""
        subject = f" with the subject “{named['subject']}”" if named.get("subject") else ""
        if body:
            yield f"mail {named['to']}{copies}{subject}: {body}"
        return
    if (m := _RE.fullmatch(text)) is not None and _is_person(m["who"], request):
        yield f"reply to {_name(m['who'])}'s last mail: {m['text']}"
    elif (m := _TO.fullmatch(text)) is not None and _is_person(m["who"].split(",")[0], request):
        yield f"mail {m['who'].strip()}: {m['text']}"


def _arrow(text: str, request: Request) -> Iterator[str]:
    """Something, an arrow, and where it goes to: another time, or somebody."""
    pieces = _ARROW.split(text, maxsplit=1)
    if len(pieces) != 2 or not all(p.strip() for p in pieces) or ":" in pieces[0]:
        return
    thing, to = (p.strip(" ,") for p in pieces)
    mail = re.search(rf"\b{_MAIL}\b", thing, re.I) is not None
    forwards = _FORWARDS.match(to)
    whom = to[forwards.end() :] if forwards else to
    if re.match(r"(?:fwd|forward)\s", thing, re.I) and _is_person(re.split(r"[,:]", to)[0], request):
        item = re.sub(r"^(?:fwd|forward)\s+", "", thing, flags=re.I)
        yield f"forward {_name(item)}{'' if mail else ' mail'} to {to}"
    elif (mail or forwards) and _is_person(re.split(r"[,:]", whom)[0], request):
        yield f"forward {thing} to {whom}"
    elif (times := Request(to, to, "", "", request.known).times) and times[0].span[0] <= 3:
        yield f"move {thing} to {to}"


def _at_the_end(text: str, request: Request) -> Iterator[str]:
    """What is to be done stands at the end, and is done with all that stands in front of it."""
    m = _ENDS.fullmatch(text)
    if m is None:
        return
    front = m["front"].strip(" ,;.")
    if m["book"] or m["sort"]:
        wanted = _WANTED.match(front)
        said = front[wanted.end() :] if wanted else front
        people = Request(said, said, "", "", request.known).named
        if m["book"] or wanted:
            lead = "a meeting with " if people and people[0].span[0] == 0 and not people[0].possessive else ""
            yield f"book {lead}{said}"
            times = [
                t
                for t in Request(said, said, "", "", request.known).times
                if t.kind in ("instant", "interval")
            ]
            what = said
            for time in times:
                what = what.replace(time.text, " ")
            what = " ".join(what.split()).strip(" ,")
            if (
                m["book"]
                and times
                and what
                and not people
                and len(what.split()) <= _NAME
                and not _NO_NAME.search(what)
            ):
                yield f"add “{what}” to my calendar {' '.join(t.text for t in times)}"
    elif m["cancel"]:
        if (off := _OFF.fullmatch(front) or _NOT_ON.fullmatch(front)) is not None:
            when = off.groupdict().get("when") or ""
            thing = f"{off['thing'].strip()} {when.strip()}".strip()
            schedules = {re.sub(r"\W+", " ", name.casefold()) for name in request.known.schedules}
            if re.sub(r"^(?:the|my)\s+", "", thing.casefold()) in schedules:
                yield f"delete the schedule {thing}"
            elif not _NO_NAME.search(thing):
                yield f"cancel {thing}"
    elif m["decline"]:
        if (off := _NOT_TO.fullmatch(front)) is not None and not _NO_NAME.search(off["thing"]):
            yield f"decline {off['thing'].strip()}"
    elif m["show"]:
        asked = _SURE.sub("", _WHERE.sub("", front))
        asked = _MY.sub("am I ", asked)
        yield asked if _READ.match(asked) else f"list {asked}"


def _passed_on(text: str, request: Request) -> Iterator[str]:
    """A mail is spoken of, and then it is to be passed on."""
    if (m := _SHOULD_SEE.fullmatch(text)) is not None and _is_person(m["who"], request):
        yield f"forward {m['item'].strip(' ,')} to {_name(m['who'])}"
        return
    m = _FORWARDED.fullmatch(text)
    mail = _THE_MAIL.search(m["front"]) if m else None
    if m is None or mail is None:
        return
    who = m["who"].strip()
    front = m["front"][: mail.start()]
    if re.fullmatch(r"him|her|them", who, re.I):
        named = Request(front, front, "", "", request.known).named
        if len({n.key for n in named}) != 1:
            return
        who = _name(named[0].words)
    item = re.sub(r"\bi\s+(?:got|had|received|have)\s+(?=from\b)", "", mail.group(), flags=re.I)
    yield f"forward {item.strip(' ,;.')} to {who}"


def _is_person(words: str, request: Request) -> bool:
    text = _name(words.strip(" ,"))
    named = Request(text, text, "", "", request.known).named
    return bool(named) and named[0].span[0] == 0


def _name(words: str) -> str:
    return words.strip().title() if words.islower() else words.strip()
