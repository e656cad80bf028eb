"""Splits a message's text into what is new, what it quotes, and its signature.

Every line ends up in exactly one of the three, and in doubt a line is new: text that is indexed twice
costs a little, a sentence the author wrote and nobody finds costs trust. Linear in time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

_LONG = 1000
"""A line longer than this is prose: no pattern is tried on it, so none can be slow."""

_REST = re.compile(
    r"-{2,} ?(?:original message|forwarded message|forwarded by .{1,80}"
    r"|(?:urspr(?:ü|ue)ngliche|weitergeleitete|original) ?nachricht"
    r"|message (?:d['’]origine|transféré|original)"
    r"|mensaje (?:original|reenviado)|messaggio (?:originale|inoltrato)|mensagem (?:original|encaminhada)"
    r"|oorspronkelijk bericht|doorgestuurd bericht) ?-{2,}$"
    r"|begin forwarded message ?:$|anfang der weitergeleiteten (?:nachricht|e-mail) ?:$"
    r"|début du message (?:transféré|réexpédié) ?:$|inicio del mensaje reenviado ?:$"
    r"|inizio messaggio inoltrato ?:$|início da mensagem (?:reencaminhada|encaminhada) ?:$"
    r"|begin doorgestuurd bericht ?:$",
    re.I,
)
_DATED = re.compile(
    r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|@|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}\b",
    re.I,
)
_NAMED = re.compile(
    r"(?!(?:as|i|like|what|you|we|and|but)\b)[\w.'\"-]+(?: [\w.'\"-]+){0,3}(?: <[^<>]+>)?"
    r" (?:wrote|writes|said):$"
    r"|.{0,80}\d{4}.{0,80}<[^<>\s]+@[^<>\s]+>:$|.{0,200}<[^<>\s]+@[^<>\s]+> (?:wrote|writes):$",
    re.I,
)
_FROM = "from|von|de|da|van|fra|från"
_SUBJECT = "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|emne|ämne"
_OTHERS = (
    "sent|date|to|cc|bcc|importance|reply-to|attachments|gesendet|datum|an|antwort an|anlagen"
    "|envoyé|à|pièces jointes|enviado|fecha|para|inviato|data|a|verzonden|aan|sendt|til|skickat|till"
)
_LABEL = re.compile(rf"[*_ ]*({_FROM}|{_SUBJECT}|{_OTHERS}) ?:", re.I)
_FROMS, _SUBJECTS = frozenset(_FROM.split("|")), frozenset(_SUBJECT.split("|"))
_MOST_HEADERS = 20
_RULE = re.compile(r"[_=-]{5,}$")

_MOST_SIGNED = 20
"""Lines below a signature's beginning; more is no signature."""
_FOOTER = re.compile(
    r"(?:sent from my |sent from (?:mail|outlook|yahoo|proton)|get outlook for ).{0,80}$", re.I
)
_LIST_FOOTER = re.compile(r"_{30,}$")
_CLOSING = re.compile(
    r"(?:(?:many |kind |best |warm |with )*(?:regards|wishes|thanks|greetings)"
    r"|thank you|thanks(?: again| a lot)?|best|cheers"
    r"|sincerely|yours(?: sincerely| faithfully| truly)?|all the best|take care)[,.!]?$",
    re.I,
)
_CONTACT = re.compile(r"[@|]|https?:|www\.|\+?\d[\d ()/-]{5,}")


@dataclass(frozen=True, slots=True)
class Parts:
    """A message's text, taken apart. Each keeps the order of its lines."""

    new: str
    quoted: str
    signature: str
    passed_on: bool = False
    """What is new is another's text, passed on without a word."""


def split(text: str, *, author: str = "") -> Parts:
    """Take a plain text apart; lines end with `\\n`. Quotes are marked with `>` or follow a separator.

    Of a message that only passes another on, without a word, that other one is what is new.
    `author` is the sender's name: a closing ("Best regards,") counts as signature only above it.
    """
    lines = text.split("\n")
    marks = _quotes(lines)
    names = {w for w in re.findall(r"\w{2,}", author[:200].casefold())}
    rest = _separator(lines, marks)
    _sign(lines, marks, names, len(lines) if rest is None else rest)
    own = any(m == "n" and lines[n].strip() for n, m in enumerate(marks[:rest]))
    if rest is not None and own:
        marks[rest:] = "q" * (len(lines) - rest)
    new, quoted, signature = (_joined(lines, marks, kind) for kind in "nqs")
    return Parts(new, quoted, signature, rest is not None and not own)


def foreign(text: str) -> tuple[int, int] | None:
    """Where somebody else's message begins in a text though no `>` marks it, and where it does below its
    marks and headers, as numbers of lines; None where there is none."""
    lines = text.split("\n")
    first = _separator(lines, _quotes(lines))
    if first is None:
        return None
    end = below = first
    for n in range(first, min(first + _MOST_HEADERS, len(lines))):
        line = lines[n].strip()
        if not line or (below > first and lines[n][0].isspace()):
            continue  # between them, or a long header that goes on
        if len(line) > _LONG or not (_REST.match(line) or _RULE.match(line) or _LABEL.match(lines[n])):
            break
        below = n + 1
    return first, max(below, end)


def _joined(lines: list[str], marks: list[str], kind: str) -> str:
    """The lines of one kind, a blank one between blocks."""
    blocks: list[str] = []
    for mark, block in groupby(zip(marks, lines, strict=True), key=lambda pair: pair[0]):
        if mark == kind and (whole := "\n".join(line for _, line in block).strip("\n")).strip():
            blocks.append(whole.rstrip())
    return "\n\n".join(blocks)


def _quotes(lines: list[str]) -> list[str]:
    """Mark lines that begin with `>`, and the attribution right above them."""
    marks = ["q" if line.lstrip().startswith(">") else "n" for line in lines]
    for n, line in enumerate(lines):
        if marks[n] == "n" and line.strip() and (end := _attribution(lines, n)) is not None:
            below = _next(lines, end)
            if below is not None and lines[below].lstrip().startswith(">"):
                marks[n:below] = "q" * (below - n)
    return marks


def _attribution(lines: list[str], n: int) -> int | None:
    """The index after the attribution that begins at line `n` ("On ... wrote:", perhaps wrapped)."""
    line = lines[n].strip()
    if len(line) > _LONG:
        return None
    if not line.lower().startswith("on "):
        return n + 1 if line.endswith(":") and _NAMED.match(line) else None
    whole = ""
    for end in range(n, min(n + 4, len(lines))):
        part = lines[end].strip()
        if not part or len(part) > _LONG or part.startswith(">"):
            return None
        whole = f"{whole} {part}"
        if part.lower().endswith("wrote:"):
            return end + 1 if _DATED.search(whole) else None
    return None


def _separator(lines: list[str], marks: list[str]) -> int | None:
    """From where on everything is somebody else's, though no `>` marks it."""
    marked = max((n for n, mark in enumerate(marks) if mark == "q"), default=-1)
    for n, line in enumerate(lines):
        stripped = line.strip()
        if marks[n] == "q" or not stripped or len(line) > _LONG:
            continue
        if _REST.match(stripped) or _outlook(lines, n):
            above = n - 1
            while above >= 0 and not lines[above].strip():
                above -= 1
            return above if above >= 0 and _RULE.match(lines[above].strip()[:_LONG]) else n
        elif marked < n and stripped[:3].lower() == "on " and _attribution(lines, n) is not None:
            return n
    return None


def _outlook(lines: list[str], n: int) -> bool:
    """Whether a header block begins here: From, and Subject, in a few lines."""
    if not (first := _LABEL.match(lines[n])) or first[1].lower() not in _FROMS:
        return False
    for line in lines[n + 1 : n + 14]:
        if label := _LABEL.match(line[:_LONG]):
            if label[1].lower() in _SUBJECTS:
                return True
        elif line.strip() and not line[0].isspace():
            break
    return False


def _next(lines: list[str], n: int) -> int | None:
    """The first line from `n` on that is not blank, at most two blank lines away."""
    return next((i for i in range(n, min(n + 3, len(lines))) if lines[i].strip()), None)


def _sign(lines: list[str], marks: list[str], names: set[str], stop: int) -> None:
    """Mark the signature at the end of each run of new lines before `stop`."""
    n = 0
    for mark, run in groupby(marks[:stop]):
        end = n + sum(1 for _ in run)
        if mark == "n" and (start := _signature(lines, n, end, names)) is not None:
            marks[start:end] = "s" * (end - start)
        n = end


def _signature(lines: list[str], begin: int, end: int, names: set[str]) -> int | None:
    """Where the signature of `lines[begin:end]` begins."""
    start: int | None = None
    below: list[str] = []
    for n in range(end - 1, begin - 1, -1):
        line = lines[n]
        stripped = line.strip()
        if not stripped:
            continue
        if len(below) > _MOST_SIGNED:
            break
        if len(line) <= _LONG and _begins_signature(line, stripped, below, names, start is not None):
            start = n
        below.append(stripped)
    return start


def _begins_signature(line: str, stripped: str, below: list[str], names: set[str], inside: bool) -> bool:
    """Whether a line opens a signature, given the lines below it, last first."""
    if line == "-- ":  # RFC 3676 4.3
        return True
    if line == "--":  # the same after a program took its trailing space; or just a divider
        return all(map(_is_contact, below))
    if _LIST_FOOTER.match(stripped):
        return len(below) <= 8
    if _FOOTER.match(stripped):
        return not below or inside
    if _CLOSING.match(stripped) and below and len(below) <= 7:
        name = below[-1]
        return bool(names & {*re.findall(r"\w{2,}", name[:200].casefold())}) and all(map(_is_contact, below))
    return False


def _is_contact(line: str) -> bool:
    """A name, a title, a company, an address: nothing that could be a sentence."""
    if len(line) > 100 or line[-1] in ".?!:":
        return False
    if _CONTACT.search(line) or _FOOTER.match(line):
        return len(line.split()) <= 10
    words = line.split()
    return len(words) <= 5 and all(w[0].isupper() or not w[0].isalpha() or len(w) <= 3 for w in words)
