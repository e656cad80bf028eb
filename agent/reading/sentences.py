"""Sentences, and what kind of statement each one is: decision, question, ask, date, number.

Cues are words people use for it, in English and the commonest forms of some neighbours; a sentence
without a cue is just a sentence. No cue ever changes what is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from deskhand.agent.reading.blocks import Block, BlockKind, blocks
from deskhand.agent.reading.dates import dates_in, may_hold_date

Cue = Literal["decision", "question", "ask", "date", "number"]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Possessive, and only at the start of a run: a megabyte of question marks is read once.
_END = re.compile(r"""(?<![.!?…])[.!?…]++["'”’»)\]]*+(?=\s)|[。！？｡]++[」』”’）]*+|[؟।]++(?=\s)""")
_ABBREVIATIONS = _set(
    """
    mr mrs ms dr prof st jr sr vs no nr nos vol fig ca cf al ed eds approx appt dept est inc incl
    excl ext ltd co corp gen gov hon rep rev sen tel min max hr hrs sec sek mio mrd bzw usw evtl ggf
    inkl zzgl str abs art z.b d.h u.a i.d.r o.ä v.a m mm mme mlle sra e.g i.e a.k.a p.s n.b w.r.t
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun resp pp p
    """
)
_MAY_END = _set("etc inc ltd co corp a.m p.m am pm no usw jan feb mar apr jun jul aug sep oct nov dec")
_MONTH = re.compile(
    r"(?i)(januar|febr|märz|mars|april|mai|jun|jul|august|sept|okt|oct|nov|dez|dec|janv|"
    r"févr|avril|juin|août|déc)"
)
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, its white space cleaned, and where it stands."""

    text: str
    kind: BlockKind = "prose"
    heading: str = ""


def split(text: str) -> list[Sentence]:
    """All sentences, list items, table rows and headings of a text, in order."""
    return list(sentences(blocks(text)))


def sentences(found: Iterable[Block]) -> Iterator[Sentence]:
    """The sentences of some blocks, in order."""
    for block in found:
        if block.kind in {"prose", "item"}:
            for part in _parts(block.text):
                yield Sentence(part, block.kind, block.heading)
        else:
            yield Sentence(block.text, block.kind, block.heading)


def _parts(text: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(text):
        if match.end() - start > 1 and _breaks(text, match):
            yield _whole(text[start : match.end()].strip())
            start = match.end()
    if rest := text[start:].strip():
        yield _whole(rest)


def _whole(part: str) -> str:
    """A sentence without a bracket that encloses several: what is left stands in the text still."""
    if _PAIRS.get(part[0], part) not in part:
        part = part[1:].lstrip() or part
    if (last := _LAST.search(part)) and next(o for o, c in _PAIRS.items() if c == last[1]) not in part:
        part = part[: last.start(1)]
    return part


_PAIRS = {"(": ")", "[": "]"}
_LAST = re.compile(r"""[.!?…]["'”’“»«]?([)\]])\Z""")


def _breaks(text: str, match: re.Match[str]) -> bool:
    if match[0][0] != ".":
        return match[0][0] != "…" or not text[match.end() + 1 : match.end() + 2].islower()
    following = text[match.end() + 1 : match.end() + 20]
    before = text[max(0, match.start() - 24) : match.start()].rsplit(" ", 1)[-1].lstrip("(\"'“„«[")
    lower = before.casefold()
    if match[0].startswith(".."):
        return not following[:1].islower()
    if lower in _ABBREVIATIONS or (lower in _MAY_END and not following[:1].isupper()):
        return lower in _MAY_END and following[:1].isupper()
    if len(before) == 1 and before.isalpha() and before != "I":
        return before.isupper() and following[:1].islower()  # else an initial: "J. Ek"
    if before.isdigit() and (_MONTH.match(following) or following[:1].islower() or match.start() < 3):
        return False  # "17. November", "1. Scope"
    # People who write no capitals still end sentences; abbreviations are short.
    return not following[:1].islower() or (len(before) > 2 and "." not in before)


_NOT = re.compile(
    r"(?i)\b(not|n't|never|nothing|nobody|if|unless|until|once|before|whether|yet to|"
    r"still to|to be|needs? to|should|"
    r"could|would|cannot|nicht|noch|pas|ne|no se)\b|n['’]t\b"
)
_DECISION = re.compile(
    r"""(?ix)\b(
      (we|i|they|the\ (board|team|committee|group|council))(['’]ve|\ have|\ has|\ all|\ both|\ then|\ now|
      \ just|\ already)*\s
        (agreed|decided|chose|approved|settled|resolved|confirmed|concluded|signed\ off)
      | (it\ (is|was)|it['’]s|that['’]s|is|are|was|were|been)\ (now\ |hereby\ |all\ |finally\ )?(agreed|
      decided|approved|settled|confirmed|accepted|rejected)
      | agreed\b(?=[\s,.:!–-]|$) | decided\b | decision\s*: | approved\b | confirmed\b | signed\ off\b
      | let['’]?s\ (go\ (with|for|ahead)|do|use|take|keep|stick|settle|book|start|choose|pick|postpone|
      drop|meet|say|make\ it)
      | we['’]?(ll|\ will|re\ going\ to|\ are\ going\ to)\ (go\ (with|for|ahead)|use|take|keep|stick|
      postpone|drop|choose)
      | (i|we)\ (hereby\ )?approve\b | go\ ahead\ with | final\ decision | green\ light | it['’]s\ a\ deal
      | beschlossen | vereinbart | genehmigt | bestätigt | wir\ nehmen | einigen\ uns
      | avons\ (décidé|convenu) | approuvé | validé | d['’]accord\ pour | hemos\ (decidido|acordado) |
      acordamos | aprobado
    )"""
)
_ASK = re.compile(
    r"""(?ix)
      \b(could|can|would|will)\ (you|someone|somebody|anyone|anybody)\b
    | \bplease\ (?!(find|note|see|be\ aware|don['’]t\ hesitate|feel\ free|ignore|
    let\ me\ know\ if\ you\ have\ any\ questions))\w+
    | \bplease[.!]?$ | \bkindly\ \w+
    | \b(need|needs)\ (?!to\b)\w+\b.{0,200}\b(by|before|until|asap|today|tomorrow)\b
    | \b(i|we)\ need\ (you|your)\b | \byou\ need\ to\b
    | \b(action|to\ ?do|action\ item|ai)\s*[:(] | (^|\s)@\w+
    | \b(would|do)\ you\ mind\b | \bi['’]?(d|\ would)\ appreciate\b | \bwe['’]?(d|\ would)\ appreciate\b
    | \blet\ (me|us)\ know\ (?!if\ you\ have\ any|if\ anything|should\ you) | \bget\ back\ to\ (me|us)\b |
    \bawaiting\ your\b
    | \bwaiting\ for\ your\b | \bremember\ to\b | \bdon['’]t\ forget\ to\b
    | \bbitte\ \w+ | \b(kannst\ du|könntest\ du|könnten\ sie|können\ sie)\b | \b(pourriez|pouvez)-vous\b |
    \b(peux|pourrais)-tu\b
    | \bmerci\ de\b | \bveuillez\b | \b(podrías|podría|puedes|puede\ usted)\b | \bpor\ favor\b
    """
)
_QUESTION = re.compile(
    r"""(?ix)^(\W*(so|and|but|also|or|hm+|one\ more\ thing|question)[,:]?\ )*
      (can\ we|could\ we|do\ we|does\ (anyone|anybody)|shall\ we|should\ we|is\ there|are\ we|any\ idea|
       who\ (will|can|is)|what\ about|how\ about|open\ question)\b
    | \bi\ (was|am)?\ ?wonder(ing)?\ (if|whether) | \bopen\ (question|point)s?\s*: | \b(tbd|tbc)\b
    | \bto\ be\ (decided|confirmed|discussed)\b | \bstill\ open\b
    """
)
_OPENS_QUESTION = re.compile(
    r"(?i)^\W*(so |and |but |also )?(can|could|do|does|shall|should|who|what|how|is|are|any)\b"
)
_RHETORICAL = re.compile(
    r"""(?ix)^\W*(how\ are\ (you|things)|how['’]?s\ (it\ going|everything|life)|how\ was\ your\ .*|
    how\ do\ you\ do|
      right|ok|okay|you\ know|really|no|yes|huh|eh|what['’]s\ up|who\ knows|why\ not|guess\ what|
      are\ you\ kidding.*|
      what['’]s\ not\ to\ (like|love)|isn['’]?t\ (it|that)\ (great|nice|funny).*|remember|and\ why|
      who\ cares|so\ what|
      hope\ (you|all).*|ready)\W*\?$
    | \bhow\ (cool|great|nice)\ is\ (that|this)\b
    """
)
_AMOUNT = re.compile(
    r"(?i)[€$£¥₹]\s?\d|\d\s?(€|\$|£|%|percent|eur|usd|gbp|chf|sek|k\b|m\b|bn\b|kg|km|hours?|days?|people)"
)
_NUMBER = re.compile(r"(?<![\w.:/-])[-+]?\d[\d.,]*\b(?![:/-]\d)")


def kinds_of(sentence: str, *, at: datetime | None = None, zone: str = "UTC") -> set[Cue]:
    """What a sentence holds, by its cues; empty for plain talk.

    `at` is when it was written: with it a date counts only if it can be resolved to a day. An ask
    put as a question ("Could you send ...?") is an ask, not a question.
    """
    text = sentence[:_LONGEST].replace("’", "'")
    kinds: set[Cue] = set()
    asks_back = text.rstrip("\"'”») ").endswith(("?", "？", "؟", ";?"))
    if _ASK.search(text):
        kinds.add("ask")
    elif (asks_back and not _RHETORICAL.search(text) and any(map(str.isalpha, text))) or (
        not asks_back and not text.endswith("!") and _asks_without_mark(text)
    ):
        kinds.add("question")
    if not asks_back and any(
        not _NOT.search(text[max(0, m.start() - 40) : m.end()]) for m in _DECISION.finditer(text)
    ):
        kinds.add("decision")
    if may_hold_date(text) and (at is None or dates_in(text, at=at, zone=zone)):
        kinds.add("date")
    if _AMOUNT.search(text) or _NUMBER.search(text):
        kinds.add("number")
    return kinds


def _asks_without_mark(text: str) -> bool:
    found = _QUESTION.search(text)
    if found is None:
        return False
    # "What about the rest is unclear" is no question; "Can we meet on Monday" is.
    return found.start() > 0 or not text.endswith(".") or not _OPENS_QUESTION.match(text) or len(text) < 120
