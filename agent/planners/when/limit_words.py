"""How limits and likes of a time are said: the patterns that `limits` reads with.

Each begins with the comma or joining word in front, so that nothing is left behind when it is cut out.
"""

from __future__ import annotations

import re

DAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|"
    r"sun(?:day)?)s?"
)
PART = r"(?:morning|afternoon|evening)s?"
_DAYS = "|".join(rf"{one}(?:\s*(?:,|\bor\b|\band\b)+\s*{one})*" for one in (DAY, PART))
"""Days, or parts of the day: "on Tuesday, mornings only" is said of that Tuesday."""
_LEAD = r"[\s,;(]*\b(?:(?:and|but)\s+)?"
_ON = r"(?:on\s+|in\s+|at\s+|during\s+|for\s+)?(?:the\s+|any\s+|a\s+)?"
_CLOCK = (
    r"(?:\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|a\.m\.|p\.m\.|o'?clock|h)?|noon|midday)\b"
    r"(?!\s*(?:min|hour|day|week|month|year|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|"
    r"st\b|nd\b|rd\b|th\b|%))(?![/-]\d|:\d)"
)
_LENGTH = r"min(?:ute)?s?|hours?|hrs?|h"

JOINT = re.compile(rf"\s*(?:,|/|&|\b(?:or|and|nor)\b)+\s*(?:not\s+)?{_ON}", re.I)
ITEM = re.compile(rf"(?:(?P<day>{DAY})(?:\s+(?P<of>{PART}))?|(?P<part>{PART}))\b(?!\s+(?:at\b|\d))", re.I)
"""A weekday, a part of the day, or both."""

SOFTLY = re.compile(rf"{_LEAD}(?:preferabl[ey]|ideally|if possible),?\s", re.I)
LEAD_OF_HOURS = re.compile(
    r"[\s,;(]*\b(?:(?:and|but|or|only|just|any|some|one|at|in|on|the|a|during|sometime|anytime|not|never|no|"
    r"except|outside(?: of)?)\b[\s,]*)+$|[\s,;(]+$",
    re.I,
)
TRAIL_OF_HOURS = re.compile(r"\s*\bonly\b\)?|\)", re.I)
REFUSED_BEHIND = re.compile(
    r"(?:['’]s)?\s+(?:(?:(?:is|are|looks)\s+)?(?:out|off|bad|full|impossible|taken|blocked|busy|unavailable|hopeless|excluded|"
    r"excepted|no\s+good)|(?:(?:is|are|does|do|will)\s+not|doesn['’]t|don['’]t|isn['’]t|aren['’]t|won['’]t|wouldn['’]t)\s+"
    r"(?:(?:be\s+)?(?:an?\s+)?(?:good|possible|great|ideal|convenient|ok|okay|best)|work|suit|fit|happen)"
    r"(?:\s+for)?(?:\s+(?:me|us|him|her|them)\b)?)(?=\W|$)",
    re.I,
)
"""What rules a time out from behind: left standing, it would rule out the time in front of it."""
NOT = re.compile(
    rf"{_LEAD}(?:(?:just|preferabl[ey]|ideally|if possible),?\s+)?(?:not|never|except(?: for)?|excluding|"
    rf"avoid(?:ing)?|any ?(?:day|time) but|no|without|other than|outside(?: of)?)\s+(?:ever\s+)?{_ON}(?=\S)",
    re.I,
)
LEAVE = re.compile(
    rf"{_LEAD}(?:please\s+)?(?:leav(?:e|ing)|keep(?:ing)?|spar(?:e|ing))\s+(?:(?:all|my|our|the|of)\s+)*"
    rf"(?=(?:{DAY}|{PART})\b)",
    re.I,
)
ALONE = re.compile(
    r"\s+(?:alone|free|out(?:\s+of\s+(?:it|this))?|clear|open|untouched|empty|as\s+(?:is|they\s+are|it\s+is))\b"
    r"(?=\W*$|\s*[,;.])",
    re.I,
)
"""Behind days that are left alone, as "not on Fridays" has them in front."""
NOT_BETWEEN = re.compile(rf"(?:between|from)\s+({_CLOCK})\s+(?:and|to|-|–)\s+({_CLOCK})", re.I)
LUNCH = re.compile(
    r"(?:over\s+|during\s+)?(?:the\s+|my\s+)?lunch(?:\s?time|\s+hour|\s+break)?s?\b(?!\s+with)", re.I
)
ONLY = (
    re.compile(rf"{_LEAD}(?:only|just)\s+{_ON}(?=(?:{DAY}|{PART})\b)", re.I),
    re.compile(rf"{_LEAD}{_ON}({_DAYS})\s+only\b\)?", re.I),
)
ONLY_BEHIND = re.compile(r"\s+only\b", re.I)
EARLIEST = re.compile(
    rf"{_LEAD}(?:(?:only\s+)?(?:any ?time\s+|some ?time\s+)?(?<!not\s)(?<!never\s)after|"
    r"(?:not|never) (?:before|earlier than)|"
    rf"no earlier than|(?:starting|beginning) (?:after|from)|from (?={_CLOCK}\s+on)|at the earliest at)\s+"
    rf"({_CLOCK})(?:\s+on(?:wards?)?\b(?!\s+(?!only\b)\w)|\s+or later|\s+at the earliest)?(?:\s+only\b)?\)?",
    re.I,
)
LATEST = re.compile(
    rf"{_LEAD}(?:(?:any ?time\s+|some ?time\s+)?(?<!not\s)(?<!never\s)before|"
    r"(?:not|never) (?:after|later than)|no later than|"
    rf"(?:over|done|finished|ending) (?:by|before)|(?<!\S)(?:until|till)|by)\s+({_CLOCK})"
    r"(?:\s+at the latest)?(?:\s+only\b)?\)?",
    re.I,
)
LENGTHS = re.compile(
    rf"\b(?:between\s+)?(?P<low>\d{{1,3}}|an?|one|half an)\s*(?P<unit>{_LENGTH})?\s*(?:to|or|-|–|and)\s*"
    rf"(?P<high>\d{{1,3}}|an|one|two|three)[\s-]*(?P<of>{_LENGTH})\b",
    re.I,
)
LIKE = re.compile(
    rf"{_LEAD}(?:ideally|preferabl[ey]|i(?:'d|’d| would) (?:prefer|like)|prefer(?:ring|ably)?|best)\s+"
    rf"(?:it\s+)?{_ON}(?=(?:{DAY}|{PART})\b)",
    re.I,
)
LIKED = re.compile(
    rf"{_LEAD}{_ON}({_DAYS})\s+(?:if (?:at all )?possible|"
    rf"(?:is |are |would be )?(?:preferred|preferable|best|ideal))\b\)?",
    re.I,
)
LIKED_LAST = re.compile(rf"{_LEAD}{_ON}({_DAYS})$", re.I)
"""With "if possible" behind it, which is taken off as courtesy before."""
SOON = re.compile(
    rf"{_LEAD}(?:as (?:early|soon) as (?:possible|you can)|the (?:sooner|earlier) the better|"
    rf"at the earliest opportunity|the earliest (?:possible )?(?:slot|time)?)(?=\W|$)",
    re.I,
)
SPACED = re.compile(
    rf"{_LEAD}(?:(?:no|not|avoid(?:ing)?|without|never)\s+(?:any\s+)?back[ -]?to[ -]?backs?(?: meetings?)?|"
    rf"(?:with|leave|leaving)\s+(?:an?\s+)?(?:(?P<n>\d{{1,2}})[ -]?min(?:ute)?s?\s+(?:of\s+)?)?"
    rf"(?:break|pause|buffer|gap|breather)s?"
    rf"(?:\s+(?:before and after|before|after|around|on both sides)(?: it)?)?|"
    rf"(?:at least\s+|with\s+)?(?P<far>\d{{1,2}})[ -]?min(?:ute)?s?\s+(?:away\s+|apart\s+|clear\s+)?from\s+"
    rf"(?:(?:all|any|my|the)\s+)*(?:other\s+)?(?:meetings|events|appointments))(?=\W|$)\)?",
    re.I,
)
ROOM = re.compile(
    rf"{_LEAD}(?:including\s+)?(?:(?:with|in|needs?|get|book(?:ing)?|reserve)\s+)(?:us\s+)?"
    rf"(?:(?:a|any|some)\s+(?:free\s+|meeting\s+|conference\s+)?room\b(?!-)|"
    rf"(?:the\s+)?room\s+(?P<name>[^\W_][\w.-]*))\)?",
    re.I,
)
BEFORE_NAME = re.compile(
    r"(?:[\s,;(]*\b(?:and|plus|also|with)\b)*[\s,;(]*\b(?:optionally|maybe|possibly|perhaps|ideally|"
    r"preferably|optional:?)\s+(?:with\s+|also\s+)?$",
    re.I,
)
AFTER_NAME = re.compile(
    r"\s*,?\s*(?:\(?\s*(?:is |as )?optional(?:ly)?\s*\)?|\(?if (?:at all )?(?:possible|available|free)\)?|"
    r"if (?:he|she|they) (?:can|is|are|has|have)\b(?: (?:free|available|time|make it|come|join))*)(?=\W|$)",
    re.I,
)
WITH = re.compile(r"[\s,;(]*(?:\b(?:and|plus|also|with)\b[\s,]*)*$", re.I)
ASAP = re.compile(r"\basap\b(?=\W*(?:(?:please|thanks|thank you)\W*)?$)", re.I)
IF_POSSIBLE = re.compile(r"\bif (?:at all )?(?:possible|available)\W*$", re.I)

BLOCKS = re.compile(r"(?:block|reserve|hold|keep)\b", re.I)
"""A time is blocked as it was said."""
MOVING = re.compile(
    rf"{_LEAD}(?:even (?:if|when) "
    r"(?:something|anything|(?:some)?one|it|i|we|other (?:things|meetings)|others)\b"
    r"[^,;.]*?\bmov(?:e|es|ed)\b(?: for it| something| anything)?|"
    r"(?:mov(?:e|ing)|shift(?:ing)?) (?:something|anything|things|others?|whatever)(?: else)?(?: around)?"
    r"(?: (?:to make room|out of the way|if (?:needed|necessary|need be|i must|it must be)))*|"
    r"mak(?:e|ing) room(?: for it)?(?: if (?:needed|necessary|need be))?)(?=\W|$)",
    re.I,
)
"""Own meetings may move for it."""
