"""Ways of speaking that say nothing of the wish: fillers in its midst, "at 10 hours", "need 45 with Ann".

They are written as everybody writes them before anything is read; what somebody is to be told stays as it is.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

LONGEST = 400
"""Characters of a wish that is looked at."""

_TOLD = re.compile(
    r"\W*(?:tell|ask|text|message|msg|inform|notify|warn|remind|let|write|mail|e-?mail|ping|reply|respond|"
    r"answer|draft|send|thank|say|forward|advise|convey|drop|shoot)\b",
    re.I,
)
"""How a wish begins that may hold the words of a mail."""
_FILLER = re.compile(
    r"\s*\b(?:real quick|super quick|really quickly|kindly|basically|perchance|by any chance|"
    r"if it (?:isn['’]?t|is not|['’]s not) too much (?:trouble|bother)|if you(?:['’]d| would) be so kind|"
    r"(?<!if )please|um+|uh+|erm|if i may(?: ask)?|as it were|so to speak|or what|like i said|you know)\b",
    re.I,
)
_COMMAS = re.compile(r"(?:\s*,)+(?:\s+|$)")
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_LONG = (
    r"(?:(?:about |roughly |another )?(?:half an hour|an hour|one hour|two hours|three hours|"
    r"a quarter of an hour|"
    r"three quarters of an hour|(?:fifteen|twenty|thirty|forty|forty-five|ninety) min(?:ute)?s|"
    r"\d+(?:\.\d+)? ?(?:min(?:ute)?s?|hours?|hrs?|h)\b))"
)
_SOON = rf"(?:{_DAY}|mon|tue|wed|thu|fri|sat|sun|today|tomorrow|tonight|tmrw)"
_WITHOUT_ME = (
    r"[\s,;.]+(?:and |but )?(?:the others?|they|it|everyone(?: else)?|everybody(?: else)?|the rest) "
    r"(?:can|should|may|will|could) (?:just |still )?(?:go ahead|go on|meet|start|carry on|continue|manage|"
    r"do it|"
    r"happen|take place)(?: fine)? without me$"
)
_ALIKE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"^(?:cancel|drop|call off|scrap)\b(?! every\w*\b)(.*?){_WITHOUT_ME}", re.I), r"skip\1"),
    (re.compile(r"^((?:skip|count me out|leave me out|excuse me|(?:i )?(?:won['’]?t|can['’]?t|cannot|will "
                r"not))\b"
                rf".*?){_WITHOUT_ME}", re.I), r"\1"),
    (re.compile(r"\bat (?:the )?(\d{1,2}) (?:hours?|hrs?|h)\b(?!\s+(?:before|after|later|earlier))", re.I),
     r"at \1:00"),
    (re.compile(r"\bat (\d{1,2})h(\d\d)\b", re.I), r"at \1:\2"),
    (re.compile(r"(?<![\d:.–-])\b(?:at )?([01]\d|2[0-3])([0-5]\d) ?(?:hrs|hours)\b", re.I), r"at \1:\2"),
    (re.compile(r"(?<![\d:.–-])\b(?:from )?([7-9]|1\d|2[0-3])h? ?[-–] ?([89]|1\d|2[0-4])h\b", re.I),
     r"from \1:00 to \2:00"),
    (re.compile(r"^(block|hold|reserve|keep)((?: out| off| me)*) "
                r"(?=\d{1,2}(?::\d\d)? ?(?:-|–|to|till|until) ?\d)", re.I),
     r"\1\2 from "),
    (re.compile(rf"\b(free|available|(?:^can .*\b(?:make|do|manage))) (\d{{1,2}}(?:[:.]\d\d)?)"
                rf"(?= (?:on|this|next) |,? {_SOON}\b|[?.]?$)", re.I), r"\1 at \2"),
    (re.compile(r"\b(all (?:of )?my|all the|my) (morning|afternoon|evening) "
                rf"(meetings|appointments|calls|events) (?:on )?({_SOON})\b", re.I), r"\1 \3 on \4 \2"),
    (re.compile(r"\bat (\d{1,2}) (?=\d+ ?(?:min|hour|hr))", re.I), r"at \1, "),
    (re.compile(rf"\b(to|from|until|till|at|before|after|instead of|not|and|or|my|the|our|{_SOON})(,? "
                rf"(?:at )?)"
                r"(1\d|2[0-3])h\b"
                r"(?! (?:later|earlier|long|before|after|with|for)\b)", re.I), r"\1\2\3:00"),
    (re.compile(r"(?<![\d:.–-])(?<!from )(?<!and )(?<!to )(?<!until )"
                r"\b([6-9]|1\d|2[0-3])h([0-5]\d)\b", re.I), r"at \1:\2"),
    (re.compile(r"(?<!at )(?<![\d:.–-])\b(\d(?:\.\d)?) ?h\b", re.I), r"\1 hours"),
    (re.compile(r"\b(?:at )?([7-9]|1\d|2[0-3]) hours? (?:and )?thirty\b", re.I), r"at \1:30"),
    (re.compile(rf"\b({_SOON}|\d{{1,2}}/\d{{1,2}}),? "
                r"([01]?\d|2[0-3])([0-5]\d)\b(?!\d|[-–/:.,]\d)", re.I), r"\1 at \2:\3"),
    (re.compile(rf"\b(?:(?:on|for|in|at) )?the ({_DAY})(?=\s*(?:$|[,.?!;]|at\b|morning|afternoon|evening|"
                r"from\b|between\b|\d))", re.I), r"on \1"),
    (re.compile(r"^((?:i )?(?:need|book|get|want|give|grab|schedule|find|fix|take|set up|squeeze "
        r"in)(?: me| us)?"
                r"(?: in)?) (5|10|15|20|25|30|40|45|50|60|75|90)(?= with\b)", re.I), r"\1 \2 minutes"),
    (re.compile(r"\b(want|need|have|would like) (make|book|arrange|schedule|move|cancel)\b", re.I), r"\2"),
    (re.compile(r"^i (make|book|arrange|schedule|move|cancel)\b(?! it)", re.I), r"\1"),
    (re.compile(r"\b(\d+ ?(?:min(?:ute)?s?|hours?)|half an hour|an hour) (?:max|tops|"
        r"maximum)\b", re.I), r"\1"),
    (re.compile(r"[\s,]+so (?:that )?(?:i|we) (?:can|could|may|have time to|get to|am able to) (?:(?!\d|"
        r"day\b|noon)[^,;])*$",
                re.I), ""),
    (re.compile(r"^grab (?=\S+(?: \S+)? for (?:an?|half|\d+|five|ten|fifteen|twenty|thirty|forty|"
                r"forty-five|sixty|one|two)\b)", re.I), "book "),
    (re.compile(r"\s+(?:asap|a\.s\.a\.p\.?),\s*(.+)$", re.I), r", \1 as soon as possible"),
    (re.compile(r"^.*?\b(?:till|until|finish(?:es)? at|ends? at|over at|done at) "
                r"(?P<at>\d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)?)"
                r"[\s,;.]+(?:and )?so (?P<wish>.*?)\bafter that$", re.I), r"\g<wish>after \g<at>"),
    (re.compile(r"^(block|reserve|keep)\b(.*?),? (?:(?:because |as |since )?it['’]?s|it is) (?:my|our) "
                r"((?:[\w'’]+ )?(?:birthday|wedding|anniversary|graduation|funeral|holiday))$", re.I),
     r"\1\2 for \3"),
    (re.compile(r"^((?:decline|reject|refuse|turn|say no|accept)\b.*?)[\s,]+(?:politely|nicely|gracefully|"
                r"gladly|happily|with "
                r"(?:thanks|regrets?|pleasure))$", re.I), r"\1"),
    (re.compile(r"(?<=\S )(?:as soon as|the moment|once) (the|my|our) ((?:[\w'’-]+ ){1,4}?)(?:is over|ends|"
                r"is done|finishes|"
                r"has ended|is finished|has finished)\b", re.I), r"right after \1 \2"),
    (re.compile(r"^((?:find|get|look for)\b.*?)[\s,;]+and (?:then )?(?:put|pencil|enter|add) (?:it|"
                r"that)(?: in| down)?"
                r"(?: (?:in |into |to )?(?:my|the|our) (?:calendar|diary|agenda)| for us)?$", re.I), r"\1 "
                r"and book it"),
    (re.compile(r"^((?:book|pencil|put|pop|schedule)\b.*?), tentatively$", re.I), r"tentatively \1"),
    (re.compile(r"^(?=(?:yes|no) to \w)", re.I), "say "),
    (re.compile(r"\b(my|the|our|that) (?!earliest|first|last|latest|next|only|same)((?:[\w-]+ )?[\w-]+) "
                r"thing\b(?! is)", re.I), r"\1 \2"),
    (re.compile(r"\bw(?:ith)?/ ?", re.I), "with "),
    (re.compile(r"\b(?:a|one) free (?=hour\b)", re.I), "an "),
    (re.compile(r"\b(by|for) (?:an? )?(?:extra |additional |further |free )*"
        r"(?=hour\b(?! (?:before|after|later|earlier|of)))", re.I), r"\1 an "),
    (re.compile(rf"\b({_DAY}|today|tomorrow|tonight),? (\d{{1,2}})[.:](\d\d)\b(?!\d|"
        rf"[-–])", re.I), r"\1 at \2:\3"),
    (re.compile(rf"\b({_DAY}|today|tomorrow),? (\d{{1,2}}) ?[-–] ?(\d{{1,2}})\b(?![\d:.]|[-–/])", re.I),
     r"\1 from \2 to \3"),
    (re.compile(rf"\b({_DAY}|today|tomorrow|tonight) at (\d{{1,2}})(?= (?:i['’]m|i am|we['’]re|i['’]ve|"
        rf"i have)\b)", re.I),
     r"\1 at \2,"),
    (re.compile(rf"\b((?:half )?an hour|\d+ (?:minutes?|mins?|hours?)) (before|after) (?=(?:next |"
        rf"this )?{_DAY})", re.I),
     r"\1, \2 "),
    (re.compile(r"^((?:cancel|move|skip|postpone|reschedule|shorten|push|drop|scrap|call off|decline|"
        r"delete)\b[^,;]*)"
                r"[,;] (?:my|i|i['’]m|we|we['’]re|it['’]s|he|she|the|they) (?:(?!\d|day\b|\bit\b|"
                r"\btell\b|\bbook\b)[^,;])+$", re.I), r"\1"),
    (re.compile(r"\s+[-–—]\s+"), ", "),
    (re.compile(r"^(?:see|check) if there(?:['’]?s| is| are)\b", re.I), "is there"),
    (re.compile(r"^i['’]?m afraid (?:that )?", re.I), ""),
    (re.compile(r"\bn (?=me\b)", re.I), "and "),
    (re.compile(r"\b(book|schedule|reserve|block(?: off| out)?|arrange|keep|hold|get me) the (?="
                r"(?:half[ -])?hour\b(?! (?:of|from|between)))",
                re.I), r"\1 an "),
    (re.compile(r"\ban (?=half[ -]hour\b)", re.I), "a "),
    (re.compile(r"\b(?:some ?time|somewhere|at some point|some day)\s+(?=(?:this|next|during|tomorrow|"
                r"today|between|in the|on|over the)\b)",
                re.I), ""),
    (re.compile(r"[\s,;.]+(?:and )?(?:please )?(?:send|get)(?: out| off)? (?:the |an |them (?:the |an )?)?"
                r"(?:calendar )?"
                r"(?:invites?|invitations?)(?: out)?(?: to (?:them|everyone|everybody|all(?: of them)?))?"
                r"(?=[.?!]*$)", re.I), ""),
    (re.compile(r"\bthe (?:two|three|four|five|six|\d) of us\s*[-–—,(:]+\s*((?:[\w .]+, ?)*[\w .]+ and "
                r"[\w .]+?)\s*(?:[-–—,]\s|\)\s*)", re.I), r"\1 "),
    (re.compile(r"[,;.]\s*(?:and\s+)?(\w+(?: [A-Z]\w+)?) (?:can|could|may|might) (?:join|come)(?: us| in| "
                r"along| too)* if "
                r"(?:he|she|they)(?:['’]s|['’]re| is| are) (?:free|available|around)(?=[.?!]*$)", re.I),
     r", \1 optional"),
    (re.compile(r"[,;.]?\s*(?:and |but )?(?:not more than|no more than|at most|only|max(?:imum)?)? ?(?:one|"
                r"1)(?: of them)? "
                r"(?:per|a|each|every) day(?:,? at (?:the )?most|,? max(?:imum)?| only)?(?=[.?!]*$)", re.I),
     ", no two on the same day"),
    (re.compile(r"[,;.]?\s*\b(?:diff|different|separate) days?(?=[.?!]*$)", re.I),
     ", no two on the same day"),
    (re.compile(r"[,;.]\s*(?:and |but )?(?:there['’]?s |there is )?(?:no need to|do ?n['’]?t|do not) "
                r"(?:suggest|offer|propose|"
                r"give|find) "
                r"(?:them )?(?:any )?(?:other|another|new|alternative|different) (?:times?|dates?|slots?)"
                r"(?=[.?!]*$)", re.I), ""),
    (re.compile(r"[,;.]\s*(?:and |but )?the (?:other )?(?:one|ones)(?: (?:on|of|at|in) [^,;.]+?)? "
                r"(?:stays?|remains?|can stay|"
                r"(?:is|are) (?:fine|okay|ok)|keeps?)(?: (?:put|on|in|there|as (?:it|they) (?:is|are)))?"
                r"(?=[.?!]*$)", re.I), ""),
    (re.compile(r"\s*,\s*(?:(?:in|into|on|to) )?(?:(?:my|the) )?(?:cal(?:endar)?|diary)(?=\s*(?:,|$))", re.I),
     ""),
    (re.compile(r"\bif yes\b,?", re.I), "if so"),
    (re.compile(rf"[\s,;]*\bbut (?:i|we|she|he|they) (?:can['’]?t|cannot|can not) (?:do|make|manage) (?="
                rf"(?:on )?{_DAY}|mornings?|afternoons?)",
                re.I), ", not on "),
    (re.compile(r"[\s,]*\b(?:whenever|any ?time|any day),? but (?=before|after|by|until|not)\b", re.I), " "),
    (re.compile(r"^share (?:the|my|our) (?!.*\b(?:e-?mails?|mails?|messages?|threads?|calendar|news)\b)"
                r"((?:[\w-]+ ){0,3}[\w-]+) with ([A-Z][\w-]+(?: [A-Z][\w-]+)?)(?=[.!]*$)", re.I),
     r"send \2 the \1"),
    (re.compile(
        rf"[\s,]*\b(?:that|which)(?: is|['’]s)?(?:n['’]?t|"
        rf" not) (?=(?:(?:on )?(?:a )?)?{_DAY})", re.I), ", not "),
    (re.compile(r"\bwith (?:every|each) (direct report|lead)\b", re.I), r"with each of my \1s"),
    (re.compile(r"\bper (direct report|lead)\b", re.I), r"with each of my \1s"),
    (re.compile(r"\ba (?:separate|single|individual) (half(?: an)? hour|hour) with (?:all|each|every one) "
                r"of my (?:direct )?reports\b", re.I),
     r"\1 with each of my direct reports"),
    (re.compile(r"^half hour\b", re.I), "half an hour"),
    (re.compile(r"^hour with\b", re.I), "an hour with"),
    (re.compile(r"\barvo(s?)\b", re.I), r"afternoon\1"),
    (re.compile(r"\b(my next free (?:time|slot|gap)|the next gap i have|my next opening) instead"
                r"(?=[.?!]*$)", re.I), r"\1"),
    (re.compile(r"\bmy next free (?:time|slot|gap|hour)\b", re.I), "the next gap I have"),
    (re.compile(r"\bwhen i['’]?m free next\b|\bwhen i am free next\b", re.I), "the next gap I have"),
    (re.compile(rf"^((?:cancel|scrap|drop|delete|call off|remove|skip|move|reschedule|postpone|push|shift|"
                rf"delay|bring|"
                r"shorten|extend|rename|change|make|end)\b.*?)\b(?:the|my|our) "
                rf"(dinner|lunch|breakfast|brunch|supper) (?:on )?((?:next |this )?(?:today|tomorrow|"
                rf"tonight|{_DAY}))\b"
                r"(?! (?:at|from|night|morning|evening|afternoon))", re.I), r"\1\3's \2"),
    (re.compile(r"([,;.?]\s*)(?:(?:and|but) )?if no\b,?", re.I), r"\1otherwise"),
    (re.compile(r"\b(?:of|with) em\b", re.I), "of them"),
    (re.compile(r"[\s,;]+(?:and |but )?(?:best of all|best|most of all|pref(?:s|\.|erred)?|"
                r"for preference),? (?=(?:on|in) )", re.I),
     ", ideally "),
    (re.compile(rf"\b(?:an?|some|the) (?:buffer|break|cushion|window|slot|block|stretch|spot|"
                rf"gap) of (?={_LONG})", re.I), ""),
    (re.compile(r"[\s,]*\b(?:any ?time|any day|any slot|whenever)?(?: is (?:fine|ok|okay|good))?,? ?(?:as|"
                r"so) long as "
                r"(?:it['’]?s|it is|that['’]?s|that is) (?=before|after|not|in the|on|by|within)", re.I),
     ", "),
    (re.compile(rf"[\s,;]+(?:and )?(?:it|that|this|which)(?:['’]?ll| will| should| would|['’]d| may| might)? "
                rf"(?:takes?|lasts?|needs?|be|runs?)(?: for| about| roughly| around)* (?={_LONG}\W*$)", re.I),
     " for "),
    (re.compile(rf"[\s,]+(?:time-?box(?:ed)?(?: to| at)?|duration|length) (?={_LONG})", re.I), " for "),
    (re.compile(r"\b(mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun),? (\d{1,2})[.:](\d\d)\b(?!\d|\s?[-–])", re.I),
     r"\1 at \2:\3"),
    (re.compile(r"\bme cal(?:endar)?\b", re.I), "my calendar"),
    (re.compile(r"\bwhat did she (?:write|send|mail)(?: me| us)? last\b", re.I), "summarise her last mail"),
    (re.compile(r"\bwhat did he (?:write|send|mail)(?: me| us)? last\b", re.I), "summarise his last mail"),
    (re.compile(r"\bahead of (?=the|my|our)", re.I), "before "),
    (re.compile(r"(?:,? *(?:and )?(?:that|which) (?:leaves?|keeps?|spares?)|"
                r",? *(?:and )?(?:keeping|leaving|sparing|without touching|do ?n['’]?t touch)|"
                r", *(?:and )?(?:keep|leave|spare)) (?:my |the )?lunch(?: ?time| break| hour)?s?\b"
                r"(?! with)(?: (?:alone|free|intact|clear|untouched))?", re.I), ", not over lunch"),
    (re.compile(r"\b(forward|send|mail|file|flag|archive|trash) the "
                r"(?:e-?mail|mail|message|thread|document|file) itself\b", re.I), r"\1 it"),
    (re.compile(r"^((?:is there|are there|any|got any|find|get|do i have|have i)\b[^?]*)\? *"
                r"(?:if so,? |then |please )*(?:book|do|take|grab) (?:it|that|one)(?: in)?$", re.I),
     r"\1 and book it"),
)  # fmt: skip
"""Other spellings of one thing."""
_WILLS = re.compile(r"\bwill['’]s (?=(?:last|latest|newest|most recent|mail|e-?mail|message|invit))")
"""A name that is a word as well, in whatever is said of his mail."""
_WILL_DOES = re.compile(
    r"\bwill(?= (?:wrote|sent|asked|said|mailed|emailed|called|rang|told|wants|needs|invited|promised)\b)|"
    r"(?<=^tell )will(?= )|(?<=^ask )will(?= )|(?<=^mail )will(?= )|(?<=^send )will(?= )|(?<=^give "
    r")will(?= )|"
    r"(?<=^thank )will(?= )|(?<=^remind )will(?= )|(?<=^offer )will(?= )|(?<= with )will(?=[\s,.?!]|$)|"
    r"^will(?= (?:has|is|was|just|owes|and i)\b)",
    re.I,
)
"""The same, before a verb that "will" never stands before."""


_DAY_AND_NUMBER = re.compile(
    rf"\b(?P<day>{_DAY}),? (?P<hour>[1-9]|1\d)(?=\s*(?:$|[,;.?!](?!\d)|"
    r"(?:just|then|so|please|with|for|if|otherwise|instead|tell|book|ok|and|at|in|re|"
    r"about|works|suits)\b))",
    re.I,
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NEAR = 45
"""Days within which "Tuesday 8" may be a date."""
_SATURDAY = re.compile(
    r"(?<!\bhe )(?<!\bwe )(?<!\bi )(?<!\bshe )(?<!\bhave )(?<!\bhas )(?<!\bthey )\bsat(?= (?:at )?\d|"
    r" (?:am|pm|morning|afternoon|evening|night)\b|\s*[?!.]*$)",
    re.I,
)


def with_hours(head: str, now: datetime) -> str:
    """ "Thursday 11" as "Thursday at 11", where that Thursday is not the 11th of a month."""

    def said(m: re.Match[str]) -> str:
        days = (now + timedelta(days=n) for n in range(_NEAR))
        day, number = m["day"].lower(), int(m["hour"])
        is_date = any(_WEEKDAYS[d.weekday()] == day and d.day == number for d in days)
        return m[0] if is_date else f"{m['day']} at {number}"

    if len(head) > LONGEST or _TOLD.match(head):
        return head
    return _DAY_AND_NUMBER.sub(said, _SATURDAY.sub("saturday", head))


_CLOCK = r"(?:\d{1,2}(?:[:.]\d\d)?(?:\s?[ap]\.?m\.?)?|noon|midday|midnight)"
_INSTEAD = re.compile(
    rf"^(?P<front>.*?)(?P<new>\b{_CLOCK}(?:\s?(?:min(?:ute)?s?|hours?|hrs?))?),? "
    rf"(?:instead of|rather than|and not|not) (?:at |the )?(?P<old>{_CLOCK})"
    r"(?:\s?(?:min(?:ute)?s?|hours?|hrs?))?$",
    re.I,
)
_DATED = re.compile(
    rf"\b(?:on )?(?:(?:next |this )?{_DAY}|today|tomorrow)\b(?!['’:])(?! (?:at|from|between|after|before)\b)",
    re.I,
)


def _without_the_old(head: str) -> str:
    """ "At 15:00 instead of 14:00": what it was says which of a day is meant, no part of the new time."""
    m = _INSTEAD.match(head)
    if m is None:
        return head
    front, day = m["front"], _DATED.search(m["front"])
    if day is not None and re.fullmatch(_CLOCK, m["new"]) and re.search(r"[:.apn]", m["old"], re.I):
        front = f"{front[: day.end()]} at {m['old']}{front[day.end() :]}"
    return f"{front}{m['new']}"


def with_will(text: str) -> str:
    """A text with the name Will in a capital, where the word can be nothing else: "will asked about"."""
    return _WILL_DOES.sub("Will", _WILLS.sub("Will's ", text))


def without_colloquial(head: str) -> str:
    """The wish as everybody would write it."""
    head = with_will(head)
    if len(head) > LONGEST or _TOLD.match(head) or re.search(r"[“”\"«]", head):
        return head
    text = _COMMAS.sub(", ", _FILLER.sub("", head))
    for pattern, plain in _ALIKE:
        text = pattern.sub(plain, text)
    text = _without_the_old(text)
    return " ".join(text.split()).strip(" ,") if text != head else head
