"""Words that look like times and are none: "May I ask", "version 3", "a minute", "at 5 people"."""

from __future__ import annotations

from collections.abc import Sequence

from deskhand.agent.times.events import EVENTS
from deskhand.agent.times.feasts import FEASTS
from deskhand.agent.times.lex import Token
from deskhand.agent.times.lexicon import FOLLOWERS, MEALS, named
from deskhand.agent.times.terms import At, Either, Hours, Length, Now, Open, Part, Repeat, Term, Window

_TIMELY = frozenset(
    {"WEEKDAY", "SHIFT", "PART", "WHICH", "MONTH", "ZONE", "HALF", "OFTEN", "WEEKDAYS", "TIME", "YMD"}
)
_NUMBERS = frozenset({"INT", "SMALL", "TENS", "TIME", "DOTTED", "MILITARY", "DEC", "ORD"})
_CLOSERS = frozenset(".,;:!?)]}\"'”’»¶…|")
_RARELY_MONTH = frozenset(
    {"may", "march", "mar", "april", "apr", "june", "jun", "august", "aug", "jan", "sep", "dec"}
)
_RARELY_DAY = frozenset({"sun", "sat", "wed", "mon", "fri"})
_COUNTED = named(
    "scale rate rated rating score scored page pages chapter chapters version versions item items "
    "step steps row rows line lines number numbers count room rooms section question questions figure "
    "table level grade age aged ages children kids part bus gate platform flight floor no"
)
_CHANGED = named(
    "increase increased increases reduce reduced reduces rose fell grew up down divided multiplied "
    "cut drop dropped lower lowered raise raised extend shrink shrunk off"
)
_GROWN = _CHANGED - named("up down off extend")
# What makes a name of the word that follows: "ask April", "Ruby Tuesday", "John 3:16", "Henry the 8th".
_ADDRESSED = named("ask tell call meet invite mail email thank dear hi hey hello")
_NAMESAKES = named(
    "black ruby man girl casual freaky super ash palm maundy shrove fat cyber giving bloody bowl"
)
_BOOKS = named(
    "genesis exodus leviticus deuteronomy joshua judges samuel kings chronicles job psalm psalms proverbs "
    "isaiah jeremiah ezekiel daniel hosea amos micah matthew mark luke john acts romans corinthians "
    "galatians ephesians philippians colossians thessalonians timothy titus hebrews james peter jude "
    "revelation sura surah quran"
)
# What a day or a feast makes a name with: "Sunday Times", "Easter eggs", "Christmas Island".
_NAMED_BY = named(
    "island islands agreement lights eggs egg bunny tree carol carols card cards jumper pudding "
    "resolution resolutions warrior warriors"
)
_KINGS = named("henry charles louis edward george william james richard elizabeth john pius friedrich philip")
_PREPOSITIONS = named("in by until till since before after from during every each")
_PEOPLE = named("we he she they i you who it the people everyone all a")
_MODALS = named(
    "will shall should shouldn't would can could to must may might didn't don't doesn't won't usually they"
)
_LATER = named("this today tomorrow in on next that")
_ASKED = named("my me our us all the any everything what whatever it them this those today's tomorrow's")
_BOOKKEEPING = named("fiscal school financial tax academic model")
_ASKING = named("does is about for plan in over how's what's how block clear free during look")
_FIRST_OF_FEASTS = frozenset(name.split()[0] for name in FEASTS)
_CALENDARS = named(
    "orthodox coptic greek russian serbian ethiopian jewish hebrew persian iranian thai tamil "
    "balinese vietnamese korean tibetan assyrian bengali"
)
_LAST_OF_FEASTS = frozenset(name.split()[-1] for name in FEASTS)
_MOVES = named("move shift push reschedule bring change postpone delay moving")
_SLOTS = named("slot slots time times appointment appointments")


def allowed(tokens: Sequence[Token], start: int, end: int, term: Term) -> bool:
    """Whether the tokens from start to end, read as the term, are a time in the company they keep."""
    first, last = tokens[start], tokens[end - 1]
    before = tokens[start - 1] if start else None
    after = tokens[end] if end < len(tokens) else None
    if any(token.sentence != first.sentence for token in tokens[start : end - 1]):
        return False
    if _glued(tokens, start, end):
        return False
    if _counts(tokens, start, end) and not _ends_here(tokens, end):
        return False
    if isinstance(term, Window) and first.word == "last" and before is not None and before.word in _MODALS:
        return False  # "it will last two hours"
    if last.word == "may" and "this" in (token.word for token in tokens[start:end]) and not last.capital:
        return False
    if last.word == "later" and after is not None and after.word in _LATER:
        return False  # "30 minutes later this week"
    if _named_after(tokens, start, end, before, after):
        return False
    if first.word in ("by", "x") and before is not None and before.tags.keys() & {"INT", "SMALL"}:
        return end - start > 2  # "four by four"
    repeated = "PARTS" in first.tags or first.word in ("weekends", "weekend")
    if repeated and before is not None and before.tags.keys() & {"INT", "SMALL"}:
        return False  # "two nights"
    if first.word in ("year", "quarter") and before is not None and before.word in _BOOKKEEPING:
        return False  # whose years start when they like
    if first.word == "my" and (before is None or before.word not in _ASKING):
        return False  # "you made my day"
    if last.word in ("after", "before") and isinstance(term, At) and event_before(tokens, start):
        return False  # "the board meeting, the day after"
    if _other_calendar(before, first):
        return False
    if last.word in ("after", "before") and isinstance(term, At) and after is not None:
        return after.word in _CLOSERS  # "the day after", of what comes next
    if "SEASON" in last.tags and end - start < 4 and after is not None and after.word == "of":
        return False  # "in the fall of Rome"
    if (
        end - start == 2
        and "DOTTED" in last.tags
        and first.word in ("from", "since", "before", "after", "by")
    ):
        return False  # "from 18.04 to 22.04", "since 3.10"
    if "DAYDOT" in first.tags and end - start == 1 and (before is None or before.word not in _PREPOSITIONS):
        return False  # "7.1." may be a version, or a heading
    if isinstance(term, At) and isinstance(term.time, Hours) and moved(tokens, start):
        return False  # "move my 3pm to 4"
    if isinstance(term, Either):
        return _follows(last, after)  # "any week is fine", not "any weekend trip"
    if isinstance(term, Length):
        return _length(tokens, start, end, term, before)
    if isinstance(term, Now):
        return before is None or before.word not in ("for", "by")
    if isinstance(term, Repeat) and "OFTEN" in last.tags and _adverb(tokens[start:end]):
        free = before is None or before.word not in ("the", "our", "my", "your", "their", "this", "that", "-")
        return free and (_follows(last, after) or (before is not None and before.word in ("a", "an")))
    if isinstance(term, At) and isinstance(term.time, Part) and term.day is None and "PART" in last.tags:
        return _part(tokens, start, end, before, after)
    if isinstance(term, At | Open) and _bare_count(tokens, start, end, term):
        return False
    return _day_or_month(tokens, start, end, before, after)


def event_before(tokens: Sequence[Token], start: int) -> bool:
    """Whether an event is named right in front of this place: "the board meeting, and" ."""
    while start and tokens[start - 1].word in (",", "-", "and", "or", "on", "but"):
        start -= 1
    return start > 1 and tokens[start - 1].word in EVENTS


def _other_calendar(before: Token | None, first: Token) -> bool:
    """ "Orthodox Easter", "Jewish New Year": not the days that have those names alone."""
    feast = first.word in _FIRST_OF_FEASTS and not first.tags
    return feast and before is not None and before.word in _CALENDARS


def moved(tokens: Sequence[Token], start: int) -> bool:
    """Whether what starts here names something that is to be moved: "move my 3pm to 4"."""
    owned = start > 0 and tokens[start - 1].word in ("the", "my", "our", "that", "their")
    return owned and any(token.word in _MOVES for token in tokens[max(0, start - 4) : start])


def _named_after(
    tokens: Sequence[Token], start: int, end: int, before: Token | None, after: Token | None
) -> bool:
    """Names and sayings made of time words: "Friday's child", "Ruby Tuesday", "the morning after"."""
    first, last = tokens[start], tokens[end - 1]
    said = [token.word for token in tokens[start:end]]
    if after is not None and "PART" in last.tags and after.word in ("after", "before"):
        return end - start <= 2 and said[0] in ("the", last.word)  # that of an event, not the next one
    if after is not None and last.word == "friday's" and after.word == "child":
        return True
    if after is not None and (after.word in _NAMED_BY or (said == ["now"] and after.word in ("and", "that"))):
        return True
    title = [token.word for token in tokens[end : end + 2] if token.capital]
    if title[-1:] in (["times"], ["live"]) or (
        after is not None and tokens[end + 1 : end + 2] and after.word == "night"
    ):
        return "WEEKDAY" in first.tags  # "Sunday Times", "Saturday Night Live", "Friday night lights"
    if said == ["midnight"] and not _follows(last, after):
        return after is not None and after.word not in _SLOTS and after.word != "deadline"
    if said[-3:] in (["end", "of", "day"], ["of", "the", "day"]) and after is not None and after.word == ",":
        opening = tokens[max(0, start - 3) : start]  # "At the end of the day, it is money"
        return [token.word for token in opening if token.sentence == first.sentence] in ([], ["at", "the"])
    if said[-1] == "quarter" and after is not None and after.word in ("mile", "pounder"):
        return True
    if said == ["wed"] and after is not None and after.word == "to":
        return end + 1 < len(tokens) and tokens[end + 1].word in ("the", "a", "his", "her")
    if before is None:
        return False
    if "WEEKDAY" in first.tags and before.word in _NAMESAKES:
        return True
    if said[-2:] == ["the", "day"] and before.word == "back":
        return True
    if "MONTH" in first.tags and end - start == 1 and before.word in _ADDRESSED:
        return True
    if "TIME" in first.tags and before.capital and before.word in _BOOKS:
        return True
    return said[0] == "the" and "ORD" in last.tags and before.capital and before.word in _KINGS


def _adverb(phrase: Sequence[Token]) -> bool:
    """ "Weekly" or "bi-weekly", without more."""
    return all(token.word in ("bi", "semi", "-") for token in phrase[:-1])


def _glued(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Part of a longer name: "monday.com", "ABC-3pm"."""
    if end + 1 < len(tokens):
        joint, other = tokens[end], tokens[end + 1]
        long = joint.word == "-" and other.word in ("long", "plus")  # "an hour-long call"
        if not joint.apart and joint.word in "./_-@\\" and not other.apart and _name(other) and not long:
            return True
    if start > 1:
        joint, other = tokens[start - 1], tokens[start - 2]
        if not tokens[start].apart and joint.word in "./_-@\\" and not joint.apart and _name(other):
            return True
    neighbour = tokens[end] if end < len(tokens) else None
    return neighbour is not None and not neighbour.apart and neighbour.word[0].isalnum()


def _name(token: Token) -> bool:
    return token.word.isalnum() and not token.tags


def _follows(last: Token, after: Token | None) -> bool:
    """Whether a number may end here; otherwise it counts what comes next."""
    if after is None or after.sentence != last.sentence or after.word in _CLOSERS or after.word in FOLLOWERS:
        return True
    if after.word in ("-", "&", "(", "@"):
        return after.apart or after.word == "("
    return any(tag in _TIMELY for tag in after.tags)


def _ends_here(tokens: Sequence[Token], end: int) -> bool:
    """Whether a number ends before this place, or what it is joined to does: not in "3 or 4 people"."""
    for _ in range(3):
        joined = tokens[end : end + 2]
        if len(joined) < 2 or joined[0].word not in ("or", "to", "-"):
            break
        if not joined[1].tags.keys() & {"INT", "SMALL"}:
            break
        end += 2
    after = tokens[end : end + 2]
    if len(after) == 2 and _bids(after[0], after[1]) and tokens[end - 2 : end - 1]:
        return tokens[end - 2].word in ("at", "by", "until", "till")
    if after and "PART" in after[0].tags and after[0].word not in MEALS:
        return False  # "at 2 morning sessions"
    return _follows(tokens[end - 1], after[0] if after else None)


def _bids(verb: Token, what: Token) -> bool:
    """Whether two words ask for something: "at 9 summarise my inbox" (not: "at 5 hotels")."""
    if verb.tags or verb.word in FOLLOWERS or verb.word == "of" or verb.word.endswith("s"):
        return False
    return verb.word.isalpha() and what.word in _ASKED


def _counts(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether the phrase ends in a number that may be a count of something."""
    last = tokens[end - 1]
    if "UNIT" in last.tags and last.word in ("second",):
        return True
    if not last.tags.keys() & {
        "INT",
        "SMALL",
        "ORD",
        "TENS",
        "DOTTED",
        "NUMERIC",
        "DAYFIRST",
        "FRACTION",
        "YEAR",
    }:
        return False
    if "YEAR" in last.tags and end - start > 1 and _named(tokens[end - 2]):
        return False  # "Q3 2026 results", "Thanksgiving 2026 off"
    if "INT" in last.tags and end - start > 1 and tokens[end - 2].word == "week":
        return False
    months = [token for token in tokens[start:end] if "MONTH" in token.tags]
    return not months or (months[0].word in ("may", "march", "mar") and "YEAR" not in last.tags)


def _named(token: Token) -> bool:
    """A quarter, a season, a month or a holiday: what a year belongs to."""
    return (
        bool(token.tags.keys() & {"QUARTER", "HALFYEAR", "SEASON", "MONTH"}) or token.word in _LAST_OF_FEASTS
    )


def _length(tokens: Sequence[Token], start: int, end: int, term: Length, before: Token | None) -> bool:
    """A length of time, not an idiom: "a minute", "a second thought", "quarter"."""
    words = [token.word for token in tokens[start:end]]
    units = {unit for _, unit in term.parts}
    if any(token.tags.keys() & {"SPELL", "SPAN"} for token in tokens[start:end]):
        return True
    if "second" in words and words[-2:-1] not in (["-"], ["one"]) and not _digits(tokens[end - 2]):
        return False
    if "quarter" in units or (words[0] == "some" and "for" not in words):
        return False
    lone = words[-2] if len(words) > 1 else ""
    if (lone in ("a", "an", "one") and term.parts[0][0] == 1 and len(term.parts) == 1) or len(words) == 1:
        if units & {"second", "minute"}:
            return False
        if words[0] not in ("for", "by") and units & {"day", "week", "month", "year", "fortnight", "decade"}:
            return False
    return before is None or before.word not in ("$", "#")


def _digits(token: Token) -> bool:
    return bool(token.tags.keys() & {"INT", "DEC"})


def _part(tokens: Sequence[Token], start: int, end: int, before: Token | None, after: Token | None) -> bool:
    """Morning and evening alone: not a greeting, and not "morning sessions"."""
    if end - start > 1:
        return True
    word = tokens[start].word
    if before is None and after is not None and after.word in ("!", ",", "all", "everyone", "team", "folks"):
        return False  # "Morning! ..."
    if word == "night" or word in MEALS or (before is not None and before.word in ("good", "of", "per")):
        return False
    return _follows(tokens[end - 1], after) or (after is not None and after.word in _SLOTS)


def _bare_count(tokens: Sequence[Token], start: int, end: int, term: At | Open) -> bool:
    """Numbers after "from" or "by" that are no hours: "rate it from 1 to 10", "reduce it by 5"."""
    phrase = tokens[start:end]
    if any(
        token.tags.keys() & {"TIME", "HALF", "WEEKDAY", "SHIFT", "MONTH", "PART", "NOON", "EOD"}
        for token in phrase
    ):
        named = bool(phrase[0].tags.keys() & _NUMBERS)  # "room 5pm", but "the room tomorrow at 5pm"
        return named and any(token.word in _COUNTED for token in tokens[max(0, start - 1) : start])
    time = term.time if isinstance(term, At) else None
    company = [
        token.word for token in tokens[max(0, start - 4) : start] if token.sentence == phrase[0].sentence
    ]
    if phrase[0].word == "by" and any(word in _CHANGED for word in company):
        return True
    if phrase[0].word == "from" and any(word in _GROWN for word in company):
        return True
    return (isinstance(time, Hours) or phrase[0].word == "from") and any(word in _COUNTED for word in company)


def _day_or_month(
    tokens: Sequence[Token], start: int, end: int, before: Token | None, after: Token | None
) -> bool:
    first = tokens[start]
    if "MONTH" in first.tags and before is not None and before.tags.keys() & {"INT", "ORD"}:
        return False  # "31 February"
    if end - start == 1:
        if "MONTH" in first.tags and after is not None and after.tags.keys() & {"INT", "ORD"}:
            return False  # "Feb 30"
        if "MONTH" in first.tags and first.word in _RARELY_MONTH:
            named = first.capital and len(first.word) > 4 and first.word != "march" and before is not None
            pointed = before is not None and before.word in _PREPOSITIONS
            return (pointed and first.capital) or (
                named and before is not None and before.word not in _CLOSERS and _follows(first, after)
            )
        if "WEEKDAY" in first.tags and first.word in _RARELY_DAY:
            joined = after is not None and after.word in "/&,-" and end + 1 < len(tokens)
            listed = joined and "WEEKDAY" in tokens[end + 1].tags  # "Wed/Thu"
            follows = listed or _follows(first, after)
            return first.capital and (before is None or before.word != "the") and follows
        if first.tags.keys() & {"NUMERIC", "DAYFIRST"}:
            return before is None or before.word not in _COUNTED
        if "YEAR" in first.tags:
            return False
    if first.word in ("sat", "sun", "wed") and not first.capital and before is not None:
        return before.word not in _PEOPLE
    if end - start == 2 and first.word in ("the", "on") and "ORD" in tokens[end - 1].tags:
        if not tokens[end - 1].word[0].isdigit():  # "the first", "the second"
            return False
        return before is None or before.word not in ("of", "is", "was")
    return True
