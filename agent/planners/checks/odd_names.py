"""What may stand in a name: a name ends where a sentence begins, and one that holds a sentence took too much.

Looked at from outside, for all goals alike: what an event, a mail or a document is called by, a title, a
place, a folder. A name may begin as a question does ("what we owe the bank"), and may be quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deskhand.agent.planners.checks.asking import amiss
from deskhand.agent.planners.checks.plan_names import names_in
from deskhand.agent.planners.words.phrases import words
from deskhand.agent.planners.words.request import Request
from deskhand.agent.planners.words.verbs import FIRST
from deskhand.agent.plans.language import Plan, Step, Unclear

_ASKS = re.compile(r"(?:how|what|why|whether|where|when|who|which|if)\b", re.I)
_SPEAKS = re.compile(
    r"(?<![\w’'-])(?:(?-i:I)|i(?:['’](?:m|ve|ll|d))|i|you|he|she|we|they|(?-i:it|It|us|Us)|me|him|them|"
    r"there['’]s|"
    r"(?:you|he|she|we|they|it|that|what)['’](?:s|re|ve|ll|d)|em)(?![\w’'-])",
    re.I,
)
"""Who speaks, and of whom: a name speaks of nobody so."""
_SAYS = re.compile(
    r"(?<![\w’'-])(?:is|are|was|were|has|have|had|should|must|would|could|can|cannot|did|does|do|don['’]t|"
    r"doesn['’]t|"
    r"didn['’]t|can['’]t|won['’]t|isn['’]t|aren['’]t|please)(?![\w’'-])|\bwill\s+(?:be|have|not|need)\b",
    re.I,
)
"""The verbs of a sentence."""
_ENDED = re.compile(
    r"[?!;]\s|[?!;]$|[^\W\d_]{2}\.\s+[^\W\d_]|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day['’]s$", re.I
)
"""Where a sentence ends inside it, or a name ends in what is to have a noun."""
_TWO = re.compile(r"\band\s+(?:the|my|our)\s", re.I)
"""Between two names, each with an article of its own."""
_ALL = re.compile(r"(?:everything|anything|whatever|something|nothing|stuff|anyone|someone)\b", re.I)
_NO_NAME = words(
    """
    yes no ok okay sure nope yep yeah maybe left sent seeing pull list read unread invitation invitations
    invite invites invited as well too also instead either should would fine good enough
    will could might two three four five six seven eight nine ten date meant one ones longer shorter better
    later earlier sooner excluded not but else cc bcc only still room space first last
    """
)
"""Words that are no name by themselves, however many stand together."""
_TIMELY = re.compile(
    r"\b(?:(?:today|tomorrow|yesterday|tonight)['’]?s?|(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b", re.I
)
"""Words of time that a name would keep a plan from heeding."""
_JOINS = re.compile(
    r"^(?:vs\.?|versus|re|compared|than|against|because|if|unless|while)\b(?!-)|\b(?:vs\.?|versus|compared|"
    r"than|because|if|"
    r"unless|while)$",
    re.I,
)
_SET_APART = re.compile(
    r"\b(?:except(?:ing)?|excluding|apart\s+from|other\s+than|besides|unless|otherwise|instead(?:\s+of)?|"
    r"rather\s+than|but\s+not|not\s+the|b?cc)\b|^(?:fewest|most|busiest|longest|shortest|else|also|or|"
    r"and)\b|\s,|"
    r"^(?:duplicates?|cop(?:y|ies)|rest|remainder|start|end|beginning|(?:first|second|other)\s+half)\s+of\b|"
    r"\S\s+(?:(?:e-?)?mails?|messages?|invitations?|invites?)\b|^(?:(?:e-?)?mails|messages|invit\w+)\s|"
    r"\b(?:need|have|want|wish)s?\s+to\b",
    re.I,
)
"""What a name leaves out, or chooses by: the plan would look for it word for word. Before a comma no name has
a space: something was cut out there."""
_ORDINAL = re.compile(
    r"(?:second|third|fourth|fifth|2nd|3rd|4th|5th)(?:(?:\s+to)?\s+last)?"
    r"(?!-|\s+(?:quarter|party|opinion|hand|floor|class|year|term|street|avenue|grade|half|division|team))\b",
    re.I,
)
"""Which of several: a plan has the last of them, and no other."""
_KIND = re.compile(
    r"(?:attachments?|attached\s+files?)(?:\s+(?:of|from|in|to)\b.*)?|(?:documents?|files?)\s+(?:and|about|"
    r"from)\b.*",
    re.I,
)
"""What something is, and not what it is called."""
_EVENTS = frozenset({"event.find", "event.list", "event.create", "invitation.find"})
_LOOKED_FOR = frozenset({"event.find", "event.list", "invitation.find", "calendar.agenda"})
_WHEN = re.compile(
    r"(?<![\w.:/-])(?:\d{4}-\d\d-\d\d|(?:[01]?\d|2[0-3])[.:][0-5]\d|(?:[12]?\d|3[01])[./](?:0?[1-9]|1[0-2])|"
    r"(?:1[0-2]|[1-9])\s?[ap]\.?m\.?|(?:[01]?\d|2[0-3])h(?:[0-5]\d)?)(?![\w:/-]|\.\d)",
    re.I,
)
"""A number that looks like a date or a clock: of an event it says when, and is no part of its name."""
_CHOOSES = re.compile(
    r"(?:week|month|day|weekend|who|both|past|all|any|every|each|same|this|that|these|those|more|less|most|"
    r"least)$|"
    r"(?:before|after|over|under|above|below|past|until|till|from|around|within|longer|shorter|more|less|"
    r"fewer)\s+"
    r"(?:\d|an?\b|one|two|three|half|noon|lunch$|than)|"
    r"(?:(?:the\s+)?(?:\d+|two|three|four|five|six|ten)\s+)?(?:longest|shortest|biggest|busiest|oldest|"
    r"newest|most|least)\b|"
    r"(?:past|upcoming|remaining|external|internal|overlapping|conflicting|clashing|duplicate|unimportant|"
    r"cancelled)$|"
    r"(?:how|what|why|whether|where|when|who|which)(?:['’]s|\s+(?:is|are|was|were|do|does|did|has|have|had|"
    r"many|much|long|often))\b",
    re.I,
)
"""What chooses among events by their hours, their length or their sort, or asks: none is called so."""
_TOOK_MORE = re.compile(
    r"^(?:but|with|without|keep(?:ing)?(?= (?!free\b))|(?:attendance|acceptance|participation|presence|place|"
    r"seat|spot|rsvp|part|booking) "
    r"(?:at|in|of|on|to|for))\b|"
    r"(?:['’]s|\binstead|\btentative|\bprovisional)$|^\w+iest$|^(?:copying|cc|bcc)\b|['’]s and [\w-]+['’]s\b|"
    r"\b(?:every|each) (?:day|week|month|year|\w+day)\b|\bsome ?time$|\bany ?time$|^over (?:an?|some)\b|"
    r"\b(?:that|which) (?:the|my|our|his|her|their|a|an|this)\b|"
    r"\bwith (?:(?:my|many|our|kind|best|deep|much|great) )*(?:regrets?|thanks|apolog\w+|pleasure|regards|"
    r"compliments|love)\b|"
    r"\bwith (?:the|my|our|his|her|their) (?:last|previous|old|new|other|latest|final|first)\b|\b(?:to|"
    r"with)$|"
    r",? (?:politely|kindly|nicely|gently|firmly|quietly|briefly|formally|asap)$",
    re.I,
)
"""How something is done, or what else there is: no part of what it is called."""
_COUNTED = re.compile(
    r"(?:all|both|two|three|four|five|six|several|these|those)\b(?! (?:hands|staff)\b)", re.I
)
"""Of mails and documents one is found."""
_PLACE = re.compile(r"(?:meeting |conference )?room (?:[A-Z]\w*|\d[\w.-]*)$", re.I)
_ORDERS = re.compile(rf"(?:{FIRST.pattern})\s+(?:the|my|our|his|her|their|that|this|all)\s", re.I)
"""A name does not begin as a wish does: "forget the gym"."""


_STATES = words("inbox mailbox missed new news important urgent unread week month")


def odd_name(request: Request, made: Plan) -> Unclear | None:
    """The question about a plan that takes a sentence, or a word that says how, for a name."""
    quoted = [q.casefold() for q in request.quotes]
    for step in made.steps:
        for key, name in _names(step):
            if not any(name.casefold() in q or q in name.casefold() for q in quoted) and (
                is_odd(name)
                or (step.op in _EVENTS and key in ("about", "title") and _WHEN.search(name))
                or (step.op in _LOOKED_FOR and key == "about" and _CHOOSES.match(name))
                or (key in ("about", "title") and _TOOK_MORE.search(name))
                or (key == "title" and _PLACE.match(name))
                or (step.op == "item.find" and key == "about" and _is_nothing(request, name))
            ):
                return amiss(
                    f"I would take “{name}” for a name",
                    "it in other words, or put it in quotation marks if it is a name",
                )
    return None


def _is_nothing(request: Request, name: str) -> bool:
    """Whether a mail or document would be called as somebody is, or by what became of it.

    Who is named has no article: "the quagga" is none of those who are called so.
    """
    a_thing = re.search(rf"\b(?:the|my|our|this|that|an?)\s+{re.escape(name)}\b", request.original, re.I)
    return (
        _COUNTED.match(name) is not None
        or name.casefold() in _STATES
        or (a_thing is None and any(name.casefold() == n.words.casefold() for n in request.named))
    )


def is_odd(name: str) -> bool:
    """Whether words hold what no name does: who speaks, a verb in a sentence, its end."""
    if re.fullmatch(r"\d{1,2}", name.strip()):
        return True  # "the last 5 mails"
    if all(word.strip(".,'’").casefold() in _NO_NAME for word in name.split()) or _ENDED.search(name):
        return True
    if _ORDERS.match(name) or _JOINS.search(name) or _TIMELY.search(name) or _SET_APART.search(name):
        return True
    if _ORDINAL.match(name) or _KIND.fullmatch(name):
        return True
    return (not _ASKS.match(name) and any(p.search(name) for p in (_SPEAKS, _SAYS, _TWO))) or _ALL.match(
        name
    ) is not None


def _names(step: Step) -> Iterator[tuple[str, str]]:
    """Subjects and texts are the person's words, and may be sentences."""
    yield from ((key, name) for key, name in names_in(step) if key != "subject")
    for one in step.args.get("stays", ()) if isinstance(step.args.get("stays"), list) else ():
        if isinstance(one, dict) and one.get("about"):
            yield "about", str(one["about"])
